package main

import (
	"time"

	"sportello/bot"
	"sportello/tickets"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// figures are what /metrics shows: counts only, nothing of what people say.
type figures struct {
	registry *prometheus.Registry
	turns    prometheus.Histogram
	actions  *prometheus.CounterVec
	solved   *prometheus.CounterVec
	notices  *prometheus.CounterVec
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
		solved: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sportello_requests_solved_total", Help: "Requests that an article made unnecessary before they were sent, by request type.",
		}, []string{"request_type"}),
		notices: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sportello_notices_total", Help: "What people were told of their tickets, by kind (waiting, solved, …) and way (chat, mail).",
		}, []string{"kind", "way"}),
	}
	f.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), f.turns, f.actions, f.notices, f.solved)
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

// channel shows whether a chat platform works.
func (f *figures) channel(name string, health func() error) {
	f.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sportello_channel_up", Help: "1 if the chat platform can be reached and lets us in.", ConstLabels: prometheus.Labels{"channel": name},
	}, func() float64 {
		if health() != nil {
			return 0
		}
		return 1
	}))
}

func (f *figures) noticed(kind bot.NoticeKind, way string) {
	f.notices.WithLabelValues(string(kind), way).Inc()
}

// semantic registers the figures of the calls to a language model and returns
// who counts them. They are there only where such calls are made.
func (f *figures) semantic() func(purpose, outcome string, took time.Duration) {
	calls := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sportello_semantic_calls_total", Help: "Calls to the language model, by purpose (articles, question, answer) and outcome (ok, or why people got what there is without).",
	}, []string{"purpose", "outcome"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sportello_semantic_seconds", Help: "Time that calls to the language model took, by purpose.",
		Buckets: []float64{.005, .01, .025, .05, .1, .2, .3, .5, 1, 2, 4, 10, 30},
	}, []string{"purpose"})
	f.registry.MustRegister(calls, seconds)
	return func(purpose, outcome string, took time.Duration) {
		calls.WithLabelValues(purpose, outcome).Inc()
		if took > 0 {
			seconds.WithLabelValues(purpose).Observe(took.Seconds())
		}
	}
}

// tickets registers what happens to tickets, whatever channel it came by, and
// returns who counts it.
func (f *figures) tickets() func(tickets.Event) {
	opened := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sportello_tickets_opened_total", Help: "Tickets opened since this process started, by the channel they came in by.",
	}, []string{"channel"})
	moved := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sportello_tickets_moved_total", Help: "Changes of status since this process started, by the new status.",
	}, []string{"status"})
	f.registry.MustRegister(opened, moved)
	return func(e tickets.Event) {
		switch e.Kind {
		case tickets.KindOpened:
			opened.WithLabelValues(e.Channel).Inc()
		case tickets.KindMoved:
			moved.WithLabelValues(string(e.To)).Inc()
		}
	}
}

// webhooks registers the tries of webhooks and returns who counts them.
func (f *figures) webhooks() func(outcome string) {
	tries := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sportello_webhook_tries_total", Help: "Messages sent to webhooks, by outcome (delivered, failed, parked: given up after failing).",
	}, []string{"outcome"})
	f.registry.MustRegister(tries)
	return func(outcome string) { tries.WithLabelValues(outcome).Inc() }
}
