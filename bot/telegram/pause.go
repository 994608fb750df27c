package telegram

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	tg "github.com/go-telegram/bot"
)

// pause is what grows between tries that fail.
type pause struct{ last time.Duration }

// Pauses between tries.
const (
	shortestPause = 200 * time.Millisecond
	longestPause  = 15 * time.Second
	hopelessPause = time.Minute // nothing will change before somebody does something
)

// after waits after a failure, as long as Telegram wants if it said so. It
// returns false if ctx ended meanwhile.
func (p *pause) after(ctx context.Context, err error) bool {
	p.last = min(max(2*p.last, shortestPause), longestPause)
	wait := p.last/2 + rand.N(p.last)
	if asked, is := retryAfter(err); is {
		wait = asked + rand.N(shortestPause)
	}
	if errors.Is(err, tg.ErrorUnauthorized) || errors.Is(err, tg.ErrorNotFound) {
		wait = hopelessPause/2 + rand.N(hopelessPause)
	}
	return sleep(ctx, wait)
}

// sleep waits, and returns false if ctx ended first.
func sleep(ctx context.Context, wait time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// asides are calls that nobody waits for: whether they succeed changes nothing
// that is stored.
type asides struct {
	mu      sync.Mutex
	running sync.WaitGroup
	under   int
	closed  bool
	all     context.Context
	end     context.CancelFunc
}

// mostAsides are under way at the same time; more are left out.
const mostAsides = 64

// aside runs a call by itself, for at most as long as a call may take.
func (a *asides) aside(call func(context.Context)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.under >= mostAsides {
		return
	}
	if a.all == nil {
		a.all, a.end = context.WithCancel(context.Background())
	}
	a.under++
	a.running.Go(func() {
		ctx, cancel := context.WithTimeout(a.all, callTime)
		defer cancel()
		defer func() {
			a.mu.Lock()
			a.under--
			a.mu.Unlock()
		}()
		call(ctx)
	})
}

// wait lets no more begin, and gives those that are under way a moment to end.
func (a *asides) wait() {
	a.mu.Lock()
	a.closed = true
	if a.end != nil {
		defer time.AfterFunc(grace, a.end).Stop()
	}
	a.mu.Unlock()
	a.running.Wait()
}
