package webhook

import (
	"context"
	"slices"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// People knows who is named; account.Store does.
type People interface {
	People(ctx context.Context, ids []account.PersonID) (map[account.PersonID]account.Person, error)
}

// planPage is how many happenings are planned in one transaction.
const planPage = 100

// plan plans what the hooks are told of what happened since the last time. It
// returns how many deliveries it planned. Several processes may do so at once.
func (s *Sender) plan(ctx context.Context) (planned int, err error) {
	defer fault.Wrap(&err, "plan what webhooks are told")
	for {
		mark, err := s.Store.Mark(ctx)
		if err != nil {
			return planned, err
		}
		// How far we go is read before who is to hear of it: whoever is there
		// when something happens hears of it.
		to, err := s.Happenings.LastHappening(ctx)
		if err != nil || to <= mark {
			return planned, err
		}
		hooks, err := s.Store.Hooks(ctx)
		if err != nil {
			return planned, err
		}
		var deliveries []Delivery
		more := false
		if anyActive(hooks) {
			events, err := s.Happenings.Happenings(ctx, mark, planPage)
			if err != nil {
				return planned, err
			}
			if more = len(events) == planPage; more {
				to = min(to, events[planPage-1].Seq)
			}
			events = slices.DeleteFunc(events, func(e tickets.Event) bool { return e.Seq > to })
			if deliveries, err = s.tell(ctx, hooks, events); err != nil {
				return planned, err
			}
		}
		switch err := s.Store.Plan(ctx, mark, to, deliveries); {
		case fault.Is(err, fault.Conflict): // another process was faster
			continue
		case err != nil:
			return planned, err
		}
		if planned += len(deliveries); !more {
			return planned, nil
		}
	}
}

func anyActive(hooks []Hook) bool {
	for _, h := range hooks {
		if h.Active {
			return true
		}
	}
	return false
}

// tell makes deliveries of happenings.
func (s *Sender) tell(ctx context.Context, hooks []Hook, events []tickets.Event) (all []Delivery, err error) {
	seen := map[tickets.ID]tickets.Ticket{}
	known := people{"": account.Person{}}
	for _, e := range events {
		var told []byte
		for _, h := range hooks {
			if !h.Hears(e) {
				continue
			}
			if told == nil {
				if told, err = s.payload(ctx, e, seen, known); fault.Is(err, fault.NotFound) {
					break // the ticket is gone: nothing to tell
				} else if err != nil {
					return nil, err
				}
			}
			now := s.Now()
			all = append(all, Delivery{Hook: h.ID, Seq: e.Seq, Ticket: e.Ticket, Kind: e.Kind, Payload: told, State: Planned, PlannedAt: now, NextAt: now})
		}
	}
	return all, nil
}

func (s *Sender) payload(ctx context.Context, e tickets.Event, seen map[tickets.ID]tickets.Ticket, known people) ([]byte, error) {
	t, there := seen[e.Ticket]
	if !there {
		var err error
		if t, err = s.Happenings.Ticket(ctx, e.Ticket); err != nil {
			return nil, err
		}
		seen[e.Ticket] = t
	}
	var missing []account.PersonID
	for _, id := range named(e, t) {
		if _, there := known[id]; !there {
			known[id] = account.Person{}
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		found, err := s.Accounts.People(ctx, missing)
		if err != nil {
			return nil, err
		}
		for id, p := range found {
			known[id] = p
		}
	}
	return payload(e, t, known)
}

// Replay plans one delivery again, whatever came of it.
func (s *Sender) Replay(ctx context.Context, hook HookID, seq int64) (err error) {
	defer fault.Wrap(&err, "replay delivery %d of %s", seq, hook)
	d, err := s.Store.Delivery(ctx, hook, seq)
	if err != nil {
		return err
	}
	if err := s.Store.Replay(ctx, []Delivery{d.again(s.Now())}); err != nil {
		return err
	}
	s.nudge()
	return nil
}

// again is the delivery as it is planned anew.
func (d Delivery) again(now time.Time) Delivery {
	return Delivery{Hook: d.Hook, Seq: d.Seq, Ticket: d.Ticket, Kind: d.Kind, Payload: d.Payload, State: Planned, PlannedAt: now, NextAt: now}
}

// farthest is how many days back a replay reaches: as long as a log may be
// kept.
const farthest = 21

// ReplaySince plans all that a hook hears of since a time: what it was told
// before under the same IDs, and what it missed while it was stopped. It
// returns how many.
func (s *Sender) ReplaySince(ctx context.Context, hook HookID, since time.Time) (planned int, err error) {
	defer fault.Wrap(&err, "replay deliveries of %s", hook)
	if since.Before(s.Now().AddDate(0, 0, -farthest)) || since.After(s.Now()) {
		return 0, fault.New(fault.Invalid, "webhook.since", fault.Values{"Days": farthest})
	}
	h, err := s.Store.Hook(ctx, hook)
	if err != nil {
		return 0, err
	}
	h.Active = true // those that are stopped may hear it when they are woken
	mark, err := s.Store.Mark(ctx)
	if err != nil {
		return 0, err
	}
	first, err := s.Store.FirstSince(ctx, since)
	if err != nil || first == 0 {
		return 0, err
	}
	defer s.nudge()
	for after := first - 1; after < mark; {
		events, err := s.Happenings.Happenings(ctx, after, planPage)
		if err != nil || len(events) == 0 {
			return planned, err
		}
		after = events[len(events)-1].Seq
		for len(events) > 0 && events[len(events)-1].Seq > mark { // those are planned by themselves
			events = events[:len(events)-1]
		}
		deliveries, err := s.tell(ctx, []Hook{h}, events)
		if err != nil {
			return planned, err
		}
		if err := s.Store.Replay(ctx, deliveries); err != nil {
			return planned, err
		}
		planned += len(deliveries)
	}
	return planned, nil
}
