package desk

import (
	"net/http"
	"strconv"
	"time"

	"sportello/internal/sse"
)

// How streams behave.
const (
	again      = 3 * time.Second  // until a page whose stream broke comes back
	breather   = time.Second      // between two tellings: many things may happen at once
	typingTick = 5 * time.Second  // until it is seen that somebody stopped
	longest    = 10 * time.Minute // then the page comes back, and is asked again who it is
)

// stream begins a stream; tell sends one event on it.
func (v *visit) stream() (*sse.Stream, error) {
	s := sse.Begin(v.w)
	return s, s.Retry(again)
}

func tell(s *sse.Stream, name string, data any) error {
	if err := s.Event(name, 0, data); err != nil {
		return err
	}
	return s.Flush()
}

// queueEvents tells that something happened to any ticket after the page was
// made; the page then looks what that means for its view.
func (v *visit) queueEvents() error {
	if v.r.Method == http.MethodHead {
		return nil
	}
	ctx := v.r.Context()
	woken, stop := v.Feed.Watch()
	defer stop()
	last, err := v.Desk.Store.LastHappening(ctx)
	if err != nil {
		return err
	}
	s, err := v.stream()
	defer s.End()
	if after, bad := strconv.ParseInt(v.r.URL.Query().Get("after"), 10, 64); err == nil && bad == nil && after < last {
		err = tell(s, "tickets", struct{}{})
	}
	alive, over := time.NewTicker(sse.Heartbeat), time.NewTimer(longest)
	defer alive.Stop()
	defer over.Stop()
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-over.C:
			return nil
		case <-woken:
			if err = tell(s, "tickets", struct{}{}); err == nil {
				wait(ctx.Done(), breather)
			}
		case <-alive.C:
			err = s.Alive()
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
	defer s.End()
	alive, looked, over := time.NewTicker(sse.Heartbeat), time.NewTicker(typingTick), time.NewTimer(longest)
	defer alive.Stop()
	defer over.Stop()
	defer looked.Stop()
	company := ""
	for first := true; err == nil; first = false {
		if now := v.company(t.Number); now != company || first {
			company = now
			err = tell(s, "presence", map[string]string{"text": company})
		}
		if err == nil && t.Version != told {
			told = t.Version
			err = tell(s, "changed", map[string]int{"version": told})
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
			err = s.Alive()
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
