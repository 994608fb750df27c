package tickets

import (
	"slices"
	"time"
)

// Settle works out what follows from a change by the terms: the priority, the
// due time, whether the clock runs, and when the service has to look at the
// ticket again. Whoever makes a Change hands it through here once, before it
// is kept.
func (t Terms) Settle(c Change) Change {
	if len(t.Teams) == 0 {
		return c // no terms were read: a tool that works on single rules
	}
	k := &c.Ticket
	if k.Priority == 0 { // it is new, or was opened before there were priorities
		k.Priority = t.priority(*k)
	}
	for _, e := range c.Happened {
		switch {
		case e.Kind == KindOpened:
			if k.Urgency == "" {
				k.Urgency = t.urgency(*k, e.At)
			}
			k.Priority = t.priority(*k)
			k.DueAt = t.hours(k.Team).AfterWork(e.At, t.budgets[k.Priority])
		case e.Kind == KindMoved:
			t.clock(k, e)
		case e.Kind == KindChanged && (e.Field == ChangedImpact || e.Field == ChangedUrgency):
			t.weigh(k, e.At)
		case e.Kind == KindWarned:
			k.WakeAt = t.closing(*k)
		case e.Kind == KindReminded:
			k.WakeAt = time.Time{}
		}
	}
	return c
}

// clock stops a ticket's clock while it waits for the person who asked, lets
// it run on after, and starts it anew when a ticket is reopened.
func (t Terms) clock(k *Ticket, e Event) {
	k.WakeAt = time.Time{}
	hours := t.hours(k.Team)
	switch {
	case e.To == Waiting:
		t.stop(k, e.At)
		k.WakeAt = hours.AfterDays(e.At, t.remindDays)
	case e.To == Solved:
		t.stop(k, e.At)
		k.WakeAt = hours.AfterDays(e.At, t.closeDays-t.warnDays)
	case e.To == Closed, e.To == Cancelled:
		t.stop(k, e.At)
	case e.To == Reopened:
		k.Left, k.DueAt = 0, hours.AfterWork(e.At, t.budgets[k.Priority])
	case e.From == Waiting:
		k.DueAt = e.At
		if k.Left > 0 {
			k.DueAt = hours.AfterWork(e.At, k.Left)
		}
		k.Left = 0
	}
}

func (t Terms) stop(k *Ticket, at time.Time) {
	if k.DueAt.IsZero() {
		return
	}
	hours := t.hours(k.Team)
	k.Left, k.DueAt = hours.Work(at, k.DueAt)-hours.Work(k.DueAt, at), time.Time{}
}

// weigh gives a ticket the priority of its new impact and urgency; the time it
// had used up stays used.
func (t Terms) weigh(k *Ticket, at time.Time) {
	before := t.budgets[k.Priority]
	k.Priority = t.priority(*k)
	gained := t.budgets[k.Priority] - before
	if k.DueAt.IsZero() {
		k.Left += gained
		return
	}
	t.stop(k, at)
	if k.Left += gained; k.Left > 0 {
		k.DueAt = t.hours(k.Team).AfterWork(at, k.Left)
	} else {
		k.DueAt = at
	}
	k.Left = 0
}

func (t Terms) priority(k Ticket) Priority {
	impact, urgency := k.Impact, k.Urgency
	if !slices.Contains(Impacts, impact) {
		impact = Me
	}
	if !slices.Contains(Urgencies, urgency) {
		urgency = Normal
	}
	return t.matrix[impact][urgency]
}

func (t Terms) urgency(k Ticket, now time.Time) Urgency {
	if u := urgencyOf(k.Deadline, now.In(t.Zone())); u != Normal || !slices.Contains(t.unhurried, k.RequestType) {
		return u
	}
	return Low
}

// closing is when a solved ticket is closed if nobody objects.
func (t Terms) closing(k Ticket) time.Time { return t.hours(k.Team).AfterDays(k.MovedAt, t.closeDays) }

// Wake does what is due about a ticket at its WakeAt: it warns that a solved
// one will be closed, closes it, or reminds of a question without an answer.
// It reports false if nothing is to be done now.
func (t Terms) Wake(k Ticket, s Stamp) (Change, bool) {
	if k.WakeAt.IsZero() || s.At.Before(k.WakeAt) {
		return Change{}, false
	}
	switch {
	case k.Status == Solved && !s.At.Before(t.closing(k)):
		closed := k.move(Closed, s.At)
		return t.Settle(k.change(s, closed)), true
	case k.Status == Solved:
		return t.Settle(k.change(s, Event{Kind: KindWarned, Public: true, New: t.closing(k).Format(time.RFC3339)})), true
	case k.Status == Waiting:
		return t.Settle(k.change(s, Event{Kind: KindReminded, Public: true})), true
	}
	return Change{}, false
}
