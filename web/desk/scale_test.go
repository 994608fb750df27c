package desk_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"sportello/tickets"
)

// With DESK_TICKETS=100000 this measures the pages on a full database.
func TestPagesStayQuickWithManyTickets(t *testing.T) {
	n := 300
	if text := os.Getenv("DESK_TICKETS"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatal(err)
		}
	}
	r := newRoom(t)
	for i := range n {
		k := r.opened(t, mario, func(d *tickets.Draft) { d.Subject = fmt.Sprintf("VPN, caso %d", i) })
		if i%20 != 0 {
			r.did(t, olga, k.Number, func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Finish("Fatto.", s) })
		}
	}
	for _, at := range []string{"/desk?view=open&team=all", "/desk?view=done&team=all", "/desk?q=caso", "/desk/ticket/2026-000001", "/desk/call?caller=mario"} {
		var took []time.Duration
		for range 40 {
			begin := time.Now()
			r.get(t, olga, at, http.StatusOK)
			took = append(took, time.Since(begin))
		}
		slices.Sort(took)
		t.Logf("%d tickets, %s: median %v, slowest %v", n, at, took[20].Round(time.Microsecond*100), took[39].Round(time.Microsecond*100))
		if took[20] > time.Second {
			t.Errorf("%s takes %v", at, took[20])
		}
	}
}
