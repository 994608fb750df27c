package httpstatus

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sportello/internal/fault"

	"github.com/danielgtaylor/huma/v2"
)

// Problem is a failure as programs read it (RFC 9457), in words for people.
type Problem struct {
	Type   string  `json:"type" example:"urn:sportello:invalid" doc:"What sort of failure it is, for programs"`
	Title  string  `json:"title" example:"Unprocessable Entity"`
	Status int     `json:"status" example:"422"`
	Detail string  `json:"detail" doc:"In the language of Accept-Language"`
	Errors []Wrong `json:"errors,omitempty" doc:"What is wrong with which part of the request"`
}

// Wrong is what is wrong with one part of a request.
type Wrong struct {
	Field  string `json:"field" example:"subject"`
	Detail string `json:"detail"`
}

var (
	_ huma.StatusError       = (*Problem)(nil)
	_ huma.ContentTypeFilter = (*Problem)(nil)
)

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(wanted string) string {
	return strings.Replace(wanted, "application/json", "application/problem+json", 1)
}

// Problems tells failures to programs.
type Problems struct {
	Phrases interface {
		Say(lang, key string, values map[string]any) string
	}
	Log *slog.Logger
}

// Of is the problem of a failure. A failure of ours is logged here, where it
// is answered.
func (p Problems) Of(ctx context.Context, lang string, err error) *Problem {
	status := Of(err)
	if status >= 500 {
		p.Log.ErrorContext(ctx, "request failed", "error", err)
	}
	phrase, values := fault.Public(err)
	return &Problem{
		Status: status, Title: http.StatusText(status), Type: "urn:sportello:" + string(fault.KindOf(err)),
		Detail: p.Phrases.Say(lang, phrase, values),
	}
}

// TooMany asks to come back after so long.
func (p Problems) TooMany(lang string, wait time.Duration) error {
	seconds := int(math.Ceil(wait.Seconds()))
	problem := &Problem{
		Status: http.StatusTooManyRequests, Title: http.StatusText(http.StatusTooManyRequests), Type: "urn:sportello:too_many",
		Detail: p.Phrases.Say(lang, "error.too_many", fault.Values{"Seconds": seconds}),
	}
	return huma.ErrorWithHeaders(problem, http.Header{"Retry-After": {strconv.Itoa(seconds)}})
}
