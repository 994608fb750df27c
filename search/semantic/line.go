package semantic

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// line is the way to the endpoint for one purpose. After failures it is closed
// for a while, longer each time, so that nobody waits for a server that is
// down; then one call tries whether it is back. The log hears when it closes
// and when it is open again, not of each call.
type line struct {
	purpose string // question, articles, answer
	log     *slog.Logger
	now     func() time.Time
	observe func(purpose, outcome string, took time.Duration)
	free    chan struct{} // one for each call that may be under way

	mu       sync.Mutex
	failures int           // in a row
	pause    time.Duration // the last one
	until    time.Time     // closed until then
	trying   bool          // a call under way tries it out
}

const (
	mostAtOnce    = 4 // calls of one purpose: fewer than turns are taken at the same time
	patience      = 3 // failures in a row that may pass by themselves
	shortestPause = 5 * time.Second
	longestPause  = 5 * time.Minute
)

var (
	errClosed  = errors.New("it failed before and is left alone for a while")
	errCrowded = errors.New("too many calls are under way")
)

func newLine(purpose string, o Options) *line {
	return &line{purpose: purpose, log: o.Log, now: o.Now, observe: o.Observe, free: make(chan struct{}, mostAtOnce)}
}

// call runs one call to the endpoint within its time. It does not even begin
// while the line is closed or crowded.
func (l *line) call(ctx context.Context, within time.Duration, do func(context.Context) error) error {
	select {
	case l.free <- struct{}{}:
		defer func() { <-l.free }()
	default:
		l.tell("crowded", 0)
		return errCrowded
	}
	if !l.open() {
		l.tell("closed", 0)
		return errClosed
	}
	begin := time.Now()
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := do(limited)
	took := time.Since(begin)
	var f *failure
	switch {
	case err == nil:
		l.succeeded(ctx)
		l.tell("ok", took)
	case ctx.Err() != nil: // whoever asked has gone: that says nothing of the server
		l.abandoned()
		l.tell("abandoned", took)
	case errors.As(err, &f):
		l.failed(ctx, f)
		l.tell(f.kind, took)
	default:
		l.failed(ctx, &failure{kind: "unusable", err: err})
		l.tell("unusable", took)
	}
	return err
}

func (l *line) tell(outcome string, took time.Duration) {
	if l.observe != nil {
		l.observe(l.purpose, outcome, took)
	}
}

// open reports whether a call may go out. Of those that come after a pause,
// the first tries the line out and the others stay away.
func (l *line) open() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() {
		return true
	}
	if l.trying || l.now().Before(l.until) {
		return false
	}
	l.trying = true
	return true
}

// wait is how long the line stays closed, zero if it is open.
func (l *line) wait() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() {
		return 0
	}
	return max(0, l.until.Sub(l.now()))
}

func (l *line) succeeded(ctx context.Context) {
	l.mu.Lock()
	was := !l.until.IsZero()
	l.failures, l.pause, l.until, l.trying = 0, 0, time.Time{}, false
	l.mu.Unlock()
	if was {
		l.log.InfoContext(ctx, "semantic endpoint answers again", "purpose", l.purpose)
	}
}

func (l *line) abandoned() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trying = false
}

func (l *line) failed(ctx context.Context, f *failure) {
	l.mu.Lock()
	l.failures++
	tried := l.trying
	closes := tried || l.until.IsZero() && (l.failures >= patience || !f.passing() || f.after > 0)
	first := l.until.IsZero()
	if closes {
		l.pause = min(max(2*l.pause, shortestPause), longestPause)
		l.pause = max(l.pause, f.after)
		l.until, l.trying = l.now().Add(l.pause), false
	}
	pause := l.pause
	l.mu.Unlock()
	switch {
	case closes && first:
		l.log.WarnContext(ctx, "semantic endpoint fails, search and answers go on without it", "purpose", l.purpose, "kind", f.kind, "error", f, "pause", pause)
	default:
		l.log.DebugContext(ctx, "semantic endpoint fails", "purpose", l.purpose, "kind", f.kind, "error", f)
	}
}
