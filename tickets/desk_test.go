package tickets_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// people finds persons by address.
type people []account.Person

func (p people) PersonByEmail(_ context.Context, email string) (account.Person, error) {
	i := slices.IndexFunc(p, func(one account.Person) bool { return one.Email == email })
	if i < 0 {
		return account.Person{}, fault.New(fault.NotFound, "account.not_found")
	}
	return p[i], nil
}

func desk(t *testing.T) tickets.Desk {
	t.Helper()
	return tickets.Desk{
		Store: newMemory(), People: people{anna, bruno, carla}, Catalogue: shipped(t),
		Now: func() time.Time { return noon },
	}
}

var slowPC = tickets.Draft{
	Application: "pdl", Subject: "PC: lento", Body: "Ci mette mezz'ora ad accendersi.", ForMe: true, Office: "Tribunale di Bari",
	Impact: tickets.Me, Fields: map[string]string{"label": "4711", "room": "12"}, Channel: "portal",
}

func openSlowPC(t *testing.T, d tickets.Desk) tickets.Ticket {
	t.Helper()
	k, err := d.Open(t.Context(), anna, slowPC, "first")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestARequestGoesItsWay(t *testing.T) {
	d := desk(t)
	k := openSlowPC(t, d)
	if k.Number != "2026-000001" || k.RequestType != "pc-guasto" || k.Status != tickets.Received {
		t.Fatalf("opened as %+v", k)
	}
	steps := []struct {
		name string
		do   func() (tickets.Ticket, error)
		want tickets.Status
	}{
		{"taken", func() (tickets.Ticket, error) { return d.Move(t.Context(), operator, k.ID, tickets.Taken, "", "1") }, tickets.Taken},
		{"worked on", func() (tickets.Ticket, error) { return d.Move(t.Context(), operator, k.ID, tickets.Working, "", "2") }, tickets.Working},
		{"a note", func() (tickets.Ticket, error) {
			return d.Say(t.Context(), operator, k.ID, tickets.Message{Text: "disco?", Internal: true}, "3")
		}, tickets.Working},
		{"asked", func() (tickets.Ticket, error) {
			return d.Move(t.Context(), operator, k.ID, tickets.Waiting, "Quanto spazio libero ha il disco?", "4")
		}, tickets.Waiting},
		{"answered", func() (tickets.Ticket, error) {
			return d.Say(t.Context(), anna, k.ID, tickets.Message{Text: "1 GB"}, "5")
		}, tickets.Working},
		{"solved", func() (tickets.Ticket, error) {
			return d.Move(t.Context(), operator, k.ID, tickets.Solved, "Liberato.", "6")
		}, tickets.Solved},
		{"not really", func() (tickets.Ticket, error) {
			return d.Move(t.Context(), anna, k.ID, tickets.Reopened, "Ancora lento.", "7")
		}, tickets.Reopened},
		{"closed", func() (tickets.Ticket, error) { return d.Move(t.Context(), anna, k.ID, tickets.Closed, "", "8") }, tickets.Closed},
		{"rated", func() (tickets.Ticket, error) { return d.Rate(t.Context(), anna, k.ID, 4, "Più veloci.", "9") }, tickets.Closed},
	}
	for _, step := range steps {
		for range 2 { // each comes twice
			if got, err := step.do(); err != nil || got.Status != step.want {
				t.Fatalf("%s: %s, %v", step.name, got.Status, err)
			}
		}
	}
	seen := func(by account.Person) int {
		events, err := d.History(t.Context(), by, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(events)
	}
	if anna, operator := seen(anna), seen(operator); anna != 10 || operator != 11 {
		t.Errorf("Anna sees %d lines, the operator %d", anna, operator)
	}
	if got, err := d.ByNumber(t.Context(), anna, k.Number); err != nil || got.Rating.Score != 4 {
		t.Errorf("by number: %+v, %v", got, err)
	}
}

func TestOthersFindNothing(t *testing.T) {
	d := desk(t)
	k := openSlowPC(t, d)
	_, err1 := d.Ticket(t.Context(), bruno, k.ID)
	_, err2 := d.Ticket(t.Context(), bruno, "none")
	_, err3 := d.ByNumber(t.Context(), stranger, k.Number)
	_, err4 := d.History(t.Context(), bruno, k.ID)
	_, err5 := d.Say(t.Context(), bruno, k.ID, tickets.Message{Text: "x"}, "")
	for i, err := range []error{err1, err2, err3, err4, err5} {
		if phrase, _ := fault.Public(err); !fault.Is(err, fault.NotFound) || phrase != "ticket.not_found" {
			t.Errorf("%d: %v", i+1, err)
		}
	}
	if _, err := d.List(t.Context(), stranger, tickets.Filter{}); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a stranger's list: %v", err)
	}
	if _, err := d.Open(t.Context(), stranger, slowPC, ""); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a stranger opens: %v", err)
	}
}

func TestWhomItIsForSeesTheTicket(t *testing.T) {
	d := desk(t)
	draft := slowPC.With(tickets.FieldBeneficiary, "Bruno Verdi <bruno@giustizia.it>")
	draft.Beneficiary.Person = carla.ID // whoever sends the form does not decide who that is
	k, err := d.Open(t.Context(), anna, draft, "")
	if err != nil {
		t.Fatal(err)
	}
	if k.Beneficiary.Person != bruno.ID {
		t.Errorf("it is for %+v", k.Beneficiary)
	}
	list, err := d.List(t.Context(), bruno, tickets.Filter{})
	if err != nil || len(list) != 1 {
		t.Errorf("Bruno's list: %v, %v", list, err)
	}
}

func TestAKeyIsOfOnePersonAndOneTicket(t *testing.T) {
	d := desk(t)
	first := openSlowPC(t, d)
	again := openSlowPC(t, d)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the second opening (-first +second):\n%s", diff)
	}
	other, err := d.Open(t.Context(), bruno, slowPC, "first")
	if err != nil || other.ID == first.ID {
		t.Errorf("Bruno's key gave Anna's ticket: %v", err)
	}
	for range 2 { // without a key each counts
		if _, err := d.Open(t.Context(), anna, slowPC, ""); err != nil {
			t.Fatal(err)
		}
	}
	if list, _ := d.List(t.Context(), anna, tickets.Filter{}); len(list) != 3 {
		t.Errorf("Anna has %d tickets", len(list))
	}
}

func TestAnIncompleteRequestSaysAllThatIsMissing(t *testing.T) {
	_, err := desk(t).Open(t.Context(), anna, tickets.Draft{RequestType: "pc-guasto", Subject: "PC"}, "")
	problems, told := errors.AsType[tickets.Problems](err)
	if !told || len(problems) != 6 || !fault.Is(err, fault.Invalid) {
		t.Errorf("%d problems: %v", len(problems), err)
	}
}

func TestMessagesSentAtOnceAllArrive(t *testing.T) {
	d := desk(t)
	k := openSlowPC(t, d)
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			if _, err := d.Say(t.Context(), anna, k.ID, tickets.Message{Text: fmt.Sprint(i)}, fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if history, _ := d.History(t.Context(), anna, k.ID); len(history) != 4 {
		t.Errorf("%d lines of history", len(history))
	}
}
