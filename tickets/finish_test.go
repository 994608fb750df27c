package tickets_test

import (
	"testing"

	"sportello/internal/fault"
	"sportello/tickets"
)

func TestAnOpenTicketIsSolvedInOneGoHoweverFarItHadCome(t *testing.T) {
	for _, from := range []tickets.Status{tickets.Received, tickets.Taken, tickets.Working, tickets.Waiting, tickets.Reopened} {
		k := ticket(t, from)
		c, err := k.Finish("Abbiamo sbloccato l'account.", stamp(operator))
		if err != nil || c.Ticket.Status != tickets.Solved || c.Ticket.Assignee != operator.ID || c.Ticket.Version != k.Version+1 {
			t.Errorf("from %s: %+v, %v", from, c.Ticket, err)
			continue
		}
		told, at := 0, from
		for _, e := range c.Happened {
			if e.Kind != tickets.KindMoved {
				continue
			}
			if e.From != at || !e.From.CanBecome(e.To) {
				t.Errorf("from %s: it moved from %s to %s while it was %s", from, e.From, e.To, at)
			}
			at = e.To
			if e.Text != "" {
				told++
			}
		}
		if told != 1 || at != tickets.Solved {
			t.Errorf("from %s: the answer was told %d times, and it ended as %s", from, told, at)
		}
	}
	for _, from := range []tickets.Status{tickets.Solved, tickets.Closed, tickets.Cancelled} {
		if _, err := ticket(t, from).Finish("", stamp(operator)); !fault.Is(err, fault.Invalid) {
			t.Errorf("from %s: %v", from, err)
		}
	}
	if _, err := ticket(t, tickets.Received).Finish("", stamp(anna)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by whom it is not for: %v", err)
	}
}
