package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Sender tells hooks what happens. Run it once in a process; several processes
// may run one each.
type Sender struct {
	Store      Store
	Happenings Happenings
	Accounts   People
	Config     Config
	Watch      func() (<-chan struct{}, func()) // of tickets.Feed
	Observe    func(outcome string)             // counts tries: delivered, failed, parked; may be nil
	Log        *slog.Logger
	Now        func() time.Time

	once   sync.Once
	client *http.Client
	nudged chan struct{}
}

// How many messages are under way at once, in all and to one hook, and how
// long a claim lasts beyond the time of a try.
const (
	abreast = 64
	oneSide = 4
	lease   = 30 * time.Second
	idle    = 5 * time.Second
	soon    = 250 * time.Millisecond // what is due may wait for another message or another process
)

func (s *Sender) nudges() chan struct{} {
	s.prepare()
	return s.nudged
}

func (s *Sender) nudge() {
	select {
	case s.nudges() <- struct{}{}:
	default: // it is about to look
	}
}

func (s *Sender) prepare() {
	s.once.Do(func() {
		s.nudged = make(chan struct{}, 1)
		s.client = s.Config.client()
	})
}

// Run plans and sends until ctx is done. What is under way then ends or is
// sent again by the next one.
func (s *Sender) Run(ctx context.Context) {
	happened, stop := s.Watch()
	defer stop()
	var sending sync.WaitGroup
	defer sending.Wait()
	places := make(chan struct{}, abreast)
	for {
		if _, err := s.plan(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "webhooks not planned", "error", err)
		}
		full, err := s.sendDue(ctx, &sending, places)
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "webhooks not sent", "error", err)
		}
		if full { // there may be more, and a place is free
			continue
		}
		wait := time.NewTimer(s.wait(ctx))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-happened:
		case <-s.nudges():
		case <-wait.C:
		}
		wait.Stop()
	}
}

// wait is how long nothing is due.
func (s *Sender) wait(ctx context.Context) time.Duration {
	due, err := s.Store.Due(ctx)
	if err != nil || due.IsZero() {
		return idle
	}
	return min(max(due.Sub(s.Now()), soon), idle)
}

// sendDue sends what is due as far as there are places, and reports whether
// it took all it asked for.
func (s *Sender) sendDue(ctx context.Context, sending *sync.WaitGroup, places chan struct{}) (full bool, err error) {
	free := abreast - len(places)
	if free == 0 {
		select {
		case places <- struct{}{}: // one ends
			<-places
			free = 1
		case <-ctx.Done():
			return false, nil
		}
	}
	now := s.Now()
	due, err := s.Store.Claim(ctx, now, now.Add(s.Config.Timeout+lease), free, oneSide)
	if err != nil {
		return false, err
	}
	for _, d := range due {
		places <- struct{}{}
		sending.Go(func() {
			defer func() {
				<-places
				s.nudge()
			}()
			if err := s.deliver(ctx, d); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "webhook not noted", "hook", d.Hook, "happening", d.Seq, "error", err)
			}
		})
	}
	return len(due) == free, nil
}

// deliver tries one delivery and keeps what came of it.
func (s *Sender) deliver(ctx context.Context, d Delivery) error {
	h, err := s.Store.Hook(ctx, d.Hook)
	if err != nil {
		return err
	}
	outcome := s.try(ctx, h, d)
	if ctx.Err() != nil {
		return ctx.Err() // we broke it off ourselves: no fault of theirs
	}
	state := Planned
	now, err := s.Store.Tried(ctx, d, func(d Delivery, h Hook) (Delivery, Hook) {
		d, h = After(d, h, outcome, s.Config)
		state = d.State
		return d, h
	})
	if err != nil {
		return err
	}
	switch {
	case !outcome.Failed:
		s.observe("delivered")
	case state == Parked:
		s.observe("parked")
		s.Log.WarnContext(ctx, "webhook delivery parked", "hook", d.Hook, "happening", d.Seq, "tries", d.Tries+1, "status", outcome.Status)
	default:
		s.observe("failed")
	}
	if h.Active && !now.Active && now.ID != "" {
		s.Log.WarnContext(ctx, "webhook stopped", "hook", d.Hook, "why", string(now.Stopped), "failing_since", now.Failing)
	}
	return nil
}

func (s *Sender) observe(outcome string) {
	if s.Observe != nil {
		s.Observe(outcome)
	}
}
