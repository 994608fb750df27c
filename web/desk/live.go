package desk

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// How streams behave.
const (
	heartbeat  = 20 * time.Second // keeps proxies from closing an idle stream
	patience   = 8 * time.Second  // with a reader that takes nothing
	breather   = time.Second      // between two tellings: many things may happen at once
	typingTick = 5 * time.Second  // until it is seen that somebody stopped
	longest    = 10 * time.Minute // then the page comes back, and is asked again who it is
)

// stream writes server-sent events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (v *visit) stream() (*stream, error) {
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	s := &stream{v.w, http.NewResponseController(v.w)}
	_ = s.control.SetReadDeadline(time.Time{}) // it outlives the server's limit for requests
	return s, s.put("retry: 3000\n\n")
}

func (s *stream) event(name string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.put("event: " + name + "\ndata: " + string(body) + "\n\n")
}

func (s *stream) put(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(patience)) // what has no deadlines has none to outlive
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}

// queueEvents tells that something happened to any ticket; the page then looks
// what that means for its view.
func (v *visit) queueEvents() error {
	if v.r.Method == http.MethodHead {
		return nil
	}
	woken, stop := v.Feed.Watch()
	defer stop()
	s, err := v.stream()
	alive, over := time.NewTicker(heartbeat), time.NewTimer(longest)
	defer alive.Stop()
	defer over.Stop()
	for ctx := v.r.Context(); err == nil; {
		select {
		case <-ctx.Done():
			return nil
		case <-over.C:
			return nil
		case <-woken:
			if err = s.event("tickets", struct{}{}); err == nil {
				wait(ctx.Done(), breather)
			}
		case <-alive.C:
			err = s.put(": alive\n\n")
		}
	}
	return nil // the reader went away
}

// ticketEvents tells that a ticket is no longer the version a page shows, and
// who else looks at it.
func (v *visit) ticketEvents() error {
	ctx := v.r.Context()
	t, err := v.Desk.Ticket(ctx, v.by, v.number())
	if err != nil || v.r.Method == http.MethodHead {
		return err
	}
	told, _ := strconv.Atoi(v.r.URL.Query().Get("version"))
	woken, stop := v.Feed.Watch()
	defer stop()
	moved, leave := v.presence.enter(t.Number, v.by)
	defer leave()
	s, err := v.stream()
	alive, looked, over := time.NewTicker(heartbeat), time.NewTicker(typingTick), time.NewTimer(longest)
	defer alive.Stop()
	defer over.Stop()
	defer looked.Stop()
	company := ""
	for first := true; err == nil; first = false {
		if now := v.company(t.Number); now != company || first {
			company = now
			err = s.event("presence", map[string]string{"text": company})
		}
		if err == nil && t.Version != told {
			told = t.Version
			err = s.event("changed", map[string]int{"version": told})
		}
		if err != nil {
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-over.C:
			return nil
		case <-moved:
		case <-looked.C:
		case <-alive.C:
			err = s.put(": alive\n\n")
		case <-woken:
			wait(ctx.Done(), breather/4)
			if t, err = v.Desk.Ticket(ctx, v.by, t.Number); err != nil && ctx.Err() == nil {
				v.Log.WarnContext(ctx, "stream ended", "ticket", v.number(), "error", err)
			}
		}
	}
	return nil // the reader went away, or comes back
}

func wait(done <-chan struct{}, d time.Duration) {
	pause := time.NewTimer(d)
	defer pause.Stop()
	select {
	case <-done:
	case <-pause.C:
	}
}

// typing notes that the operator writes on a ticket.
func (v *visit) typing() error {
	t, err := v.Desk.Ticket(v.r.Context(), v.by, v.number())
	if err != nil {
		return err
	}
	v.presence.typing(t.Number, v.by.ID, v.Now())
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}
