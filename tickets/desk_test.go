package tickets_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// people is the directory of a test.
type people []account.Person

func (p people) Person(_ context.Context, id account.PersonID) (account.Person, error) {
	return p.find(func(one account.Person) bool { return one.ID == id })
}

func (p people) PersonByEmail(_ context.Context, email string) (account.Person, error) {
	return p.find(func(one account.Person) bool { return one.Email == email })
}

func (p people) find(is func(account.Person) bool) (account.Person, error) {
	for _, one := range p {
		if is(one) {
			return one, nil
		}
	}
	return account.Person{}, fault.New(fault.NotFound, "account.not_found")
}

var (
	mario = account.Person{ID: "mario", Email: "mario@giustizia.it", Area: "sud", Roles: []account.Role{account.User}}
	nora  = account.Person{ID: "nora", Email: "nora@giustizia.it", Area: "nord", Roles: []account.Role{account.User}}
	other = account.Person{ID: "other", Roles: []account.Role{account.User}}
)

func openDesk(t *testing.T) *tickets.Desk {
	catalogue, err := tickets.ReadCatalogue(os.DirFS("../content"))
	if err != nil {
		t.Fatal(err)
	}
	return &tickets.Desk{
		Store: newMemory(), Accounts: people{mario, nora, operator, second}, Catalogue: catalogue, Terms: shippedTerms(t),
		Now: func() time.Time { return rome(t, "2026-11-24 09:00") },
	}
}

var vpnDraft = tickets.Draft{Application: "vpn", Subject: "VPN: si stacca", Body: "Ogni cinque minuti.", Channel: "portal"}

func TestTheDeskFillsInWhatFollows(t *testing.T) {
	d := openDesk(t)
	draft := vpnDraft
	draft.Beneficiary = tickets.Beneficiary{Name: "Nora", Email: nora.Email}
	k, err := d.Open(t.Context(), mario, draft, "key")
	if err != nil {
		t.Fatal(err)
	}
	if k.Number != "2026-000001" || k.RequestType != "vpn" || k.Beneficiary.Person != nora.ID || k.Team != "nord" || k.Priority != 3 || k.DueAt.IsZero() {
		t.Errorf("%+v", k)
	}
	again, err := d.Open(t.Context(), mario, draft, "key")
	if err != nil || again.Number != k.Number {
		t.Errorf("the same key again opens %s, %v", again.Number, err)
	}
	if _, err := d.Open(t.Context(), nora, draft, "key"); !fault.Is(err, fault.Conflict) {
		t.Errorf("somebody else's key: %v", err)
	}
	draft.Author = nora.ID
	recorded, err := d.Open(t.Context(), operator, draft, "call")
	if err != nil || recorded.Author != nora.ID || recorded.Beneficiary.Other() || recorded.Team != "nord" {
		t.Errorf("a call of the very person: %+v, %v", recorded, err)
	}
}

func TestTheSubjectTellsTheApplicationWhereNothingElseDoes(t *testing.T) {
	d := openDesk(t)
	for subject, want := range map[string]string{"Consolle: non si apre": "consolle", "SICOGE, utenza scaduta": "sicoge", "Non si apre": ""} {
		k, err := d.Open(t.Context(), mario, tickets.Draft{Subject: subject, Body: "Da ieri."}, "")
		if err != nil || k.Application != want {
			t.Errorf("%q is about %q, %v; want %q", subject, k.Application, err, want)
		}
	}
}

func TestTheDeskShowsNobodyWhatTheyMayNotSee(t *testing.T) {
	d := openDesk(t)
	k, err := d.Open(t.Context(), mario, vpnDraft, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Do(t.Context(), operator, k.Number, "", func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return k.Say(tickets.Message{Text: "nota", Internal: true}, s)
	}); err != nil {
		t.Fatal(err)
	}
	for _, who := range []account.Person{{}, other} {
		_, errRead := d.Ticket(t.Context(), who, k.Number)
		_, errNone := d.Ticket(t.Context(), who, "2026-999999")
		told := func(err error) string { phrase, _ := fault.Public(err); return string(fault.KindOf(err)) + phrase }
		if told(errRead) != told(errNone) || !fault.Is(errRead, fault.NotFound) {
			t.Errorf("%q is told %v of a ticket of others and %v of none", who.ID, errRead, errNone)
		}
		if _, err := d.Queue(t.Context(), who, tickets.Queue{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the queue: %v", err)
		}
	}
	for who, lines := range map[account.PersonID]int{mario.ID: 1, operator.ID: 2} {
		reader, _ := d.Accounts.Person(t.Context(), who)
		history, err := d.History(t.Context(), reader, k)
		if err != nil || len(history) != lines {
			t.Errorf("%s reads %d lines, %v; want %d", who, len(history), err, lines)
		}
	}
}

func TestChangesAtTheSameTimeAreAllMade(t *testing.T) {
	d := openDesk(t)
	k, err := d.Open(t.Context(), mario, vpnDraft, "")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			_, err := d.Do(t.Context(), mario, k.Number, "", func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
				return k.Say(tickets.Message{Text: "ancora"}, s)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	history, err := d.History(t.Context(), mario, k)
	if err != nil || len(history) != 7 {
		t.Errorf("%d lines, %v; want 7", len(history), err)
	}
	_, err = d.Do(t.Context(), operator, k.Number, "", func(now tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		if err := now.Unchanged(k.Version); err != nil {
			return tickets.Change{}, err
		}
		return now.Claim(s)
	})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("what was decided on an old page: %v", err)
	}
}

func TestOfOperatorsWhoClaimAtOnceExactlyOneGetsTheTicket(t *testing.T) {
	d := openDesk(t)
	k, err := d.Open(t.Context(), mario, vpnDraft, "")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	outcomes := map[fault.Kind]int{}
	var all sync.WaitGroup
	for _, who := range []account.Person{operator, second} {
		all.Go(func() {
			_, err := d.Do(t.Context(), who, k.Number, "", func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Claim(s) })
			mu.Lock()
			defer mu.Unlock()
			kind := fault.Kind("")
			if err != nil {
				kind = fault.KindOf(err)
			}
			outcomes[kind]++
		})
	}
	all.Wait()
	if outcomes[""] != 1 || outcomes[fault.Conflict] != 1 {
		t.Errorf("outcomes %v, want one claim and one conflict", outcomes)
	}
}

func TestTheDeskLooksAfterSolvedTicketsOnce(t *testing.T) {
	d := openDesk(t)
	k, err := d.Open(t.Context(), mario, vpnDraft, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []tickets.Status{tickets.Taken, tickets.Working, tickets.Solved} {
		if k, err = d.Do(t.Context(), operator, k.Number, "", func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Move(to, "", s) }); err != nil {
			t.Fatal(err)
		}
	}
	var kinds []tickets.Kind
	for day := range 14 {
		d.Now = func() time.Time { return rome(t, "2026-11-24 09:00").AddDate(0, 0, day) }
		if _, err := d.Keep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	history, err := d.History(t.Context(), mario, k)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range history {
		if e.By == "" {
			kinds = append(kinds, e.Kind)
		}
	}
	if len(kinds) != 2 || kinds[0] != tickets.KindWarned || kinds[1] != tickets.KindMoved {
		t.Errorf("the service did %v, want a warning and the closing, once each", kinds)
	}
}
