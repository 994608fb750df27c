package tickets

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Feed wakes those who wait for something to happen to tickets: open pages,
// the announcer, the senders of webhooks. It looks into the Store, so it hears
// of other processes, too. Run it once in a process.
type Feed struct {
	Store Store
	Log   *slog.Logger
	Every time.Duration // how often it looks without being nudged, half a second if zero

	mu       sync.Mutex
	last     int64
	watchers map[chan struct{}]bool
	nudged   chan struct{}
	once     sync.Once
}

func (f *Feed) nudges() chan struct{} {
	f.once.Do(func() { f.nudged = make(chan struct{}, 1) })
	return f.nudged
}

// Nudge makes the feed look at once.
func (f *Feed) Nudge() {
	select {
	case f.nudges() <- struct{}{}:
	default: // it is about to look
	}
}

// Watch returns a channel that gets a value after something happened to any
// ticket, and a function that ends the watch. What happened is read from the
// Store; several happenings may be told by one value.
func (f *Feed) Watch() (<-chan struct{}, func()) {
	w := make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watchers == nil {
		f.watchers = map[chan struct{}]bool{}
	}
	f.watchers[w] = true
	return w, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, w)
	}
}

// Run looks until ctx is done.
func (f *Feed) Run(ctx context.Context) {
	every := f.Every
	if every == 0 {
		every = 500 * time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		last, err := f.Store.LastHappening(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			f.Log.ErrorContext(ctx, "happenings not read", "error", err)
		case err == nil && last != f.last:
			f.last = last
			f.wake()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-f.nudges():
		}
	}
}

func (f *Feed) wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.watchers {
		select {
		case w <- struct{}{}:
		default: // it has a value waiting
		}
	}
}
