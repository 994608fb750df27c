package tickets_test

import (
	"errors"
	"testing"
	"time"

	"sportello/internal/fault"
	"sportello/tickets"
)

func TestTheClockTellsWorkingTime(t *testing.T) {
	terms := shippedTerms(t)
	friday := time.Date(2026, 11, 27, 16, 0, 0, 0, terms.Zone())
	k := tickets.Ticket{Team: "sud", DueAt: time.Date(2026, 11, 30, 9, 0, 0, 0, terms.Zone())} // Monday
	if c := terms.Clock(k, friday); c.Left != 8*time.Hour || !c.Running {                      // two on Friday, five on Saturday, one on Monday
		t.Errorf("over a weekend: %+v", c)
	}
	if c := terms.Clock(k, k.DueAt.Add(3*time.Hour)); c.Left != -3*time.Hour {
		t.Errorf("three hours late: %+v", c)
	}
	if c := terms.Clock(tickets.Ticket{Team: "sud", Left: 5 * time.Hour}, friday); c.Left != 5*time.Hour || c.Running {
		t.Errorf("while it stands: %+v", c)
	}
	for branch, want := range map[string]string{"1.4": "sud", "3.1": "applicativi-esterni", "2.2": "pct-cassazione", "4": "adi", "1": "smistamento", "": "smistamento"} {
		if got := terms.TeamOf(branch); got != want {
			t.Errorf("branch %q belongs to %s, want %s", branch, got, want)
		}
	}
}

func TestAnExportHasEveryTicketOfTheQueueOnce(t *testing.T) {
	store := newMemory()
	desk := &tickets.Desk{Store: store, Terms: shippedTerms(t), Now: func() time.Time { return noon }}
	for range 450 {
		if _, err := desk.Open(t.Context(), anna, tickets.Draft{Subject: "VPN", Body: "Non va."}, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, newest := range []bool{false, true} {
		seen := map[tickets.Number]int{}
		err := desk.Export(t.Context(), operator, tickets.Queue{Newest: newest, Limit: 7}, func(k tickets.Ticket) error {
			seen[k.Number]++
			return nil
		})
		if err != nil || len(seen) != 450 {
			t.Errorf("%d tickets, %v", len(seen), err)
		}
	}
	broken := errors.New("the reader went away")
	if err := desk.Export(t.Context(), operator, tickets.Queue{}, func(tickets.Ticket) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("an export nobody reads: %v", err)
	}
	if err := desk.Export(t.Context(), anna, tickets.Queue{}, nil); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by whom it is not for: %v", err)
	}
}
