package httpstatus

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"sportello/internal/fault"

	"github.com/danielgtaylor/huma/v2"
)

// Problems tells failures to programs as RFC 9457 wants it, in words for people.
type Problems struct {
	Phrases interface {
		Say(lang, key string, values map[string]any) string
	}
	Log *slog.Logger
}

// Of is the problem of a failure. A failure of ours is logged here, where it
// is answered.
func (p Problems) Of(ctx context.Context, lang string, err error) error {
	status := Of(err)
	if status >= 500 {
		p.Log.ErrorContext(ctx, "request failed", "error", err)
	}
	phrase, values := fault.Public(err)
	return &huma.ErrorModel{
		Status: status, Title: http.StatusText(status), Type: "urn:sportello:" + string(fault.KindOf(err)),
		Detail: p.Phrases.Say(lang, phrase, values),
	}
}

// TooMany asks to come back after so long.
func (p Problems) TooMany(lang string, wait time.Duration) error {
	seconds := int(math.Ceil(wait.Seconds()))
	problem := &huma.ErrorModel{
		Status: http.StatusTooManyRequests, Title: http.StatusText(http.StatusTooManyRequests), Type: "urn:sportello:too_many",
		Detail: p.Phrases.Say(lang, "error.too_many", fault.Values{"Seconds": seconds}),
	}
	return huma.ErrorWithHeaders(problem, http.Header{"Retry-After": {strconv.Itoa(seconds)}})
}
