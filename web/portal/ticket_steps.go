package portal

import (
	"maps"
	"slices"
	"time"

	"sportello/account"
	"sportello/tickets"
)

// step is one of the places on a ticket's way.
type step struct {
	Text    string
	Done    bool
	Current bool
	Skipped bool // the way went past it
	When    moment
}

// steps tells a ticket's way: where it was, is, and will be. A reopened one
// begins anew there.
func (v view) steps(history []tickets.Event) []step {
	reached := map[tickets.Status]time.Time{}
	first := tickets.Received
	for _, e := range history {
		switch {
		case e.Kind == tickets.KindOpened:
			reached[tickets.Received] = e.At
		case e.Kind == tickets.KindMoved && e.To == tickets.Reopened:
			clear(reached)
			first = tickets.Reopened
			reached[first] = e.At
		case e.Kind == tickets.KindMoved:
			reached[e.To] = e.At
		}
	}
	way := []tickets.Status{first, tickets.Taken, tickets.Working, tickets.Solved, tickets.Closed}
	at := slices.Index(way, v.t.Status)
	switch v.t.Status {
	case tickets.Waiting:
		at = 2
	case tickets.Received: // again, after an answer that nobody had asked for by name
		at = 0
	case tickets.Cancelled:
		way = []tickets.Status{first, tickets.Taken, tickets.Working, tickets.Cancelled}
		at = 3
	}
	steps := make([]step, len(way))
	for i, status := range way {
		s := step{Text: v.say(status.Phrase()), Current: i == at}
		when, was := reached[status]
		if status == tickets.Working && v.t.Status == tickets.Waiting {
			s.Text = v.statusText(v.l, v.t, v.by)
			when, was = v.t.MovedAt, true
		}
		s.Done, s.Skipped = i < at && was, i < at && !was
		if was && i <= at {
			s.When = v.moment(v.l, when)
		}
		steps[i] = s
	}
	return steps
}

// next says what happens next, and who has to do it.
func (v view) next(history []tickets.Event) string {
	t := v.t
	concerned := account.Can(v.by, account.WriteTicket, t.Thing())
	until := t.MovedAt.Add(v.Tickets.Terms.Reopening())
	switch t.Status {
	case tickets.Waiting:
		if !concerned {
			return v.say("mine.next_waiting_others")
		}
		return v.say("mine.next_waiting")
	case tickets.Solved:
		if i := slices.IndexFunc(history, func(e tickets.Event) bool { return e.Kind == tickets.KindWarned && e.At.After(t.MovedAt) }); i >= 0 {
			if closing, err := time.Parse(time.RFC3339, history[i].New); err == nil {
				return v.say("mine.next_solved_until", "Date", v.day(v.l, closing).Text)
			}
		}
		return v.say("mine.next_solved")
	case tickets.Closed:
		switch {
		case v.ends():
			return v.say("mine.next_merged")
		case v.Now().After(until):
			return v.say("mine.next_closed")
		}
		return v.say("mine.next_closed_until", "Date", v.day(v.l, until).Text)
	}
	return v.say("mine.next_" + string(t.Status))
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func dayOf(value string) (time.Time, error) { return time.Parse(time.DateOnly, value) }
