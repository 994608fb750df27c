// Package ratelimit counts what each sender does of late. The counts live in
// memory: a restart forgives.
package ratelimit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits counts acts by the name of who does them. Its zero value is ready,
// and safe for concurrent use.
type Limits struct {
	mu      sync.Mutex
	senders map[string]*sender
}

type sender struct {
	bucket *rate.Limiter
	seen   time.Time
}

// mostSenders are remembered; the idle ones beyond are forgotten.
const mostSenders = 50_000

// Take counts one act of a sender who may do so many a minute, half of them at
// once, and returns how long to wait if it is one too many.
func (l *Limits) Take(name string, perMinute int, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.senders == nil {
		l.senders = map[string]*sender{}
	}
	s := l.senders[name]
	if s == nil {
		l.makeRoom(now)
		s = &sender{bucket: rate.NewLimiter(rate.Limit(float64(perMinute)/60), max(1, perMinute/2))}
		l.senders[name] = s
	}
	s.seen = now
	turn := s.bucket.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait > 0 {
		turn.CancelAt(now)
	}
	return wait
}

func (l *Limits) makeRoom(now time.Time) {
	if len(l.senders) < mostSenders {
		return
	}
	for old, one := range l.senders {
		if now.Sub(one.seen) > time.Minute {
			delete(l.senders, old)
		}
	}
}
