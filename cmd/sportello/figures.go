package main

import (
	"time"

	"sportello/bot"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// figures are what /metrics shows: counts only, nothing of what people say.
type figures struct {
	registry *prometheus.Registry
	turns    prometheus.Histogram
	actions  *prometheus.CounterVec
}

func newFigures() *figures {
	f := &figures{
		registry: prometheus.NewRegistry(),
		turns: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sportello_turn_seconds", Help: "Time from taking up a message to its committed answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
		}),
		actions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sportello_actions_total", Help: "What the assistant did, by word (answer, clarify, abstain, open, …).",
		}, []string{"act"}),
	}
	f.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), f.turns, f.actions)
	return f
}

func (f *figures) observe(events []bot.Event, took time.Duration) {
	f.turns.Observe(took.Seconds())
	for _, e := range events {
		if e.Told() {
			f.actions.WithLabelValues(e.Act).Inc()
		}
	}
}
