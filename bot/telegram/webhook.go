package telegram

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"sportello/internal/fault"
)

// largestUpdate is how many bytes of an update are read.
const largestUpdate = 1 << 20

// secretHeader carries the secret that Telegram was given with our address.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token"

// WebhookPath is where Handler is to be served: nobody guesses it.
func (c *Channel) WebhookPath() string { return "/telegram/" + c.derived("path")[:32] }

// Handler takes updates in that Telegram sends. It answers 200 once an update
// is stored, so that Telegram sends again what we lost, and 403 to whoever does
// not know the secret.
func (c *Channel) Handler() http.Handler { return http.HandlerFunc(c.serve) }

func (c *Channel) serve(w http.ResponseWriter, r *http.Request) {
	given := []byte(r.Header.Get(secretHeader))
	switch {
	case subtle.ConstantTimeCompare(given, []byte(c.WebhookSecret())) != 1:
		c.Log.WarnContext(r.Context(), "webhook with a wrong secret refused")
		w.WriteHeader(http.StatusForbidden)
		return
	case r.Method != http.MethodPost:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case c.Config.Mode != Webhook: // what still comes is asked for
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case c.prepare() != nil || c.me.Load() == nil: // not begun yet: in a group we would not know our name
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestUpdate))
	if err != nil {
		status := http.StatusBadRequest
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			status = http.StatusRequestEntityTooLarge
		}
		w.WriteHeader(status)
		return
	}
	u, err := readUpdate(body)
	if err != nil {
		c.Log.WarnContext(r.Context(), "update passed over", "error", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	// Who hangs up must not undo it: the next update may be taken already, and
	// this one would come after it.
	done := make(chan error, 1)
	c.sequence.arrive(u.ID, func() { c.lanes.add(c.life, u, func(err error) { done <- err }) })
	select {
	case err = <-done:
	case <-r.Context().Done():
		err = r.Context().Err()
	}
	if err != nil {
		c.Log.WarnContext(r.Context(), "update not taken", "update", u.ID, "kind", fault.KindOf(err), "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// WebhookSecret is what Telegram proves itself by.
func (c *Channel) WebhookSecret() string { return c.derived("webhook") }

// Whether Telegram reaches us, only Telegram knows: it is asked now and then.
const (
	watchPause = 2 * time.Minute
	fresh      = 5 * time.Minute // how long its last failure counts
)

// watch notes, until ctx ends, whether Telegram can deliver, and gives it our
// address again if somebody took that away.
func (c *Channel) watch(ctx context.Context) {
	for sleep(ctx, watchPause) {
		c.look(ctx)
	}
}

func (c *Channel) look(ctx context.Context) {
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	info, err := c.api.GetWebhookInfo(call)
	switch {
	case err != nil:
	case info.URL != c.SiteURL+c.WebhookPath():
		c.Log.WarnContext(ctx, "telegram's webhook led elsewhere, and is set again: does another service use the same token?")
		err = c.SetWebhook(call)
	case info.PendingUpdateCount > 0 && c.Now().Sub(time.Unix(int64(info.LastErrorDate), 0)) < fresh:
		err = fmt.Errorf("it cannot deliver: %s", info.LastErrorMessage)
	}
	if ctx.Err() == nil {
		c.note(ctx, "receive", err)
	}
}
