package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"sportello/search"
)

// A stale index answers from the start, and is renewed while it does; a wish
// for a new index is fulfilled and taken away.
func TestTheServiceRenewsItsIndexInTheBackground(t *testing.T) {
	m, err := readContent(contentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	o := options{config: defaultConfig(), data: t.TempDir(), material: m, log: slog.New(slog.NewTextHandler(io.Discard, nil)), serving: true}
	a, err := open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	cut := errors.New("cut short")
	if err := a.index.Renew(t.Context(), func(search.Derived) error { return cut }); !errors.Is(err, cut) {
		t.Fatal(err)
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	if a, err = open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	}()
	answers := func(when string) {
		t.Helper()
		r, err := a.index.Search(t.Context(), search.Query{Text: "ho dimenticato la password", Lang: "it"})
		if err != nil || r.Decision != search.Answer {
			t.Errorf("%s: %s, %v", when, r.Decision, err)
		}
	}
	if !a.index.Stale() {
		t.Fatal("an index whose renewal was cut short is not stale")
	}
	answers("stale")
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { a.renewals(ctx) })
	defer running.Wait()
	defer stop()
	wait := func(what string, done func() bool) {
		t.Helper()
		for begin := time.Now(); !done(); time.Sleep(10 * time.Millisecond) {
			if time.Since(begin) > time.Minute {
				t.Fatalf("%s: never", what)
			}
		}
	}
	wait("renewed", func() bool { return !a.index.Stale() })
	answers("renewed")
	if err := os.WriteFile(wish(o.data), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wait("wish fulfilled", func() bool {
		_, err := os.Stat(wish(o.data))
		return errors.Is(err, fs.ErrNotExist)
	})
	answers("built again")
}
