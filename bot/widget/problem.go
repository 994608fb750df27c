package widget

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"sportello/internal/fault"
	"sportello/internal/httpstatus"

	"github.com/danielgtaylor/huma/v2"
)

// problem answers a failure as RFC 9457 wants it, in the person's language. A
// failure of ours is logged here, where it is answered.
func (w *Widget) problem(ctx context.Context, lang string, err error) error {
	status := httpstatus.Of(err)
	if status >= 500 {
		w.Log.ErrorContext(ctx, "request failed", "error", err)
	}
	phrase, values := fault.Public(err)
	return &huma.ErrorModel{
		Status: status, Title: http.StatusText(status), Type: "urn:sportello:" + string(fault.KindOf(err)),
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
