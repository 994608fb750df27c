package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sportello/search"
	"sportello/search/rank"
	"sportello/search/semantic"
)

// byMeaning opens indexes as people use them where a language model is
// configured, so that it can be judged whether it helps. Every article has its
// vectors before the first question.
func (c *console) byMeaning(config semantic.Config, words rank.Open, calls *calls) rank.Open {
	return func(dir string) (search.Index, error) {
		index, err := words(dir)
		if err != nil {
			return nil, err
		}
		service, err := semantic.Open(config, semantic.Options{
			Dir: filepath.Join(filepath.Dir(dir), vectorsFolder), Observe: calls.count,
			Log: slog.New(slog.NewTextHandler(c.Err, &slog.HandlerOptions{Level: slog.LevelWarn})),
		})
		if err != nil {
			return nil, errors.Join(err, index.Close())
		}
		return judged{service.Index(index), index, service}, nil
	}
}

// judged is an index with its vectors in step.
type judged struct {
	search.Index
	words   search.Index
	service *semantic.Service
}

// Apply implements search.Index.
func (j judged) Apply(ctx context.Context, seq int64, put []search.Document, remove []search.Key) error {
	for _, index := range []search.Derived{j.words, j.service.Vectors} {
		if err := index.Apply(ctx, seq, put, remove); err != nil {
			return err
		}
	}
	defer j.service.Vectors.Measure()
	return j.service.Vectors.Fill(ctx)
}

// Close implements search.Index.
func (j judged) Close() error { return errors.Join(j.Index.Close(), j.service.Close()) }

// calls counts how calls for questions ended.
type calls struct {
	mu  sync.Mutex
	all map[string]int
}

func (c *calls) count(purpose, outcome string, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]int{}
	}
	if purpose == "question" {
		c.all[outcome]++
	}
}

// String lists the outcomes: "ok 120, late 3".
func (c *calls) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var parts []string
	for _, outcome := range slices.Sorted(maps.Keys(c.all)) {
		parts = append(parts, fmt.Sprintf("%s %d", outcome, c.all[outcome]))
	}
	if parts == nil {
		return "no question left, the words were sure of all"
	}
	return strings.Join(parts, ", ")
}
