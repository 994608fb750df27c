package widget

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"sportello/internal/fault"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"
)

// Statuses of the kinds of failures (RFC 9110).
var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden, fault.TooLarge: http.StatusRequestEntityTooLarge,
	fault.TooMany: http.StatusTooManyRequests, fault.Unavailable: http.StatusServiceUnavailable,
}

// problem answers a failure as RFC 9457 wants it, in the person's language. A
// failure of ours is logged here, where it is answered.
func (w *Widget) problem(ctx context.Context, lang string, err error) error {
	kind := fault.KindOf(err)
	status, known := statuses[kind]
	if !known {
		status = http.StatusInternalServerError
	}
	if status >= 500 {
		w.Log.ErrorContext(ctx, "request failed", "error", err)
	}
	phrase, values := fault.Public(err)
	return &huma.ErrorModel{
		Status: status, Title: http.StatusText(status), Type: "urn:sportello:" + string(kind),
		Detail: w.Phrases.Say(lang, phrase, values),
	}
}

func (w *Widget) tooMany(lang string, wait time.Duration) error {
	seconds := int(math.Ceil(wait.Seconds()))
	problem := &huma.ErrorModel{
		Status: http.StatusTooManyRequests, Title: http.StatusText(http.StatusTooManyRequests), Type: "urn:sportello:too_many",
		Detail: w.Phrases.Say(lang, "error.too_many", fault.Values{"Seconds": seconds}),
	}
	return huma.ErrorWithHeaders(problem, http.Header{"Retry-After": {strconv.Itoa(seconds)}})
}

// limits count what each sender did of late. They live in memory: a restart
// forgives.
type limits struct {
	mu      sync.Mutex
	senders map[string]*sender
}

type sender struct {
	bucket *rate.Limiter
	seen   time.Time
}

// mostSenders are remembered; the idle ones beyond are forgotten.
const mostSenders = 50_000

// take counts one act of a sender who may do so many a minute, and returns how
// long to wait if it is one too many.
func (l *limits) take(name string, perMinute int, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.senders == nil {
		l.senders = map[string]*sender{}
	}
	s := l.senders[name]
	if s == nil {
		if len(l.senders) >= mostSenders {
			for old, one := range l.senders {
				if now.Sub(one.seen) > time.Minute {
					delete(l.senders, old)
				}
			}
		}
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
