package mattermost

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/internal/ratelimit"

	"github.com/go-chi/chi/v5"
)

// How callbacks are taken.
const (
	mostCalls   = 120       // of one user in a minute
	largestCall = 256 << 10 // bytes
)

// Callbacks is what the server calls: taps on buttons, forms that were filled
// in, and the slash command. Nobody guesses where; what a tap or a form carries
// is signed, ends, and is good for one user. What came twice does nothing twice.
type Callbacks struct {
	*Channel
	sign   signer
	limits ratelimit.Limits
}

// Callbacks returns the pages that the server calls.
func (c *Channel) Callbacks(ctx context.Context) (b *Callbacks, err error) {
	defer fault.Wrap(&err, "make ready for callbacks")
	sign, err := c.signer(ctx)
	return &Callbacks{Channel: c, sign: sign}, err
}

// CommandURL is where the slash command is to call us.
func (b *Callbacks) CommandURL() string { return b.Config.CallbackURL + b.sign.path("command") }

// Routes adds the callbacks.
func (b *Callbacks) Routes(r chi.Router) {
	r.Post(b.sign.path("action"), answers(b, b.tapped))
	r.Post(b.sign.path("dialog"), answers(b, b.submitted))
	if b.Config.CommandTokenFile != "" {
		r.Post(b.sign.path("command"), b.command)
	}
}

// answers is a handler of calls in JSON.
func answers[Call, Answer any](b *Callbacks, answer func(context.Context, Call) (Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var call Call
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestCall)).Decode(&call); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		told, err := answer(r.Context(), call)
		b.answer(w, r, told, err)
	}
}

// answer tells the server what came of a call.
func (b *Callbacks) answer(w http.ResponseWriter, r *http.Request, told any, err error) {
	if err != nil {
		status := httpstatus.Of(err)
		if r.Context().Err() == nil {
			b.Log.WarnContext(r.Context(), "callback refused", "status", status, "error", err)
		}
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(told) // the server went away: it calls again
}

// tooMany reports whether a user calls too often, and what to tell them then.
func (b *Callbacks) tooMany(user, lang string) (words string, is bool) {
	wait := b.limits.Take(user, mostCalls, b.Now())
	if wait <= 0 {
		return "", false
	}
	return b.Phrases.Say(lang, "error.too_many", fault.Values{"Seconds": int((wait + time.Second - 1) / time.Second)}), true
}
