package store_test

import (
	"testing"
	"time"

	"sportello/account"
	"sportello/store"
	"sportello/tickets"
)

func TestATicketOpenedForAnAddressIsInTheListOfItsOwnerOnceKnown(t *testing.T) {
	db := opened(t)
	people, desk, now := store.NewAccount(db), store.NewTickets(db), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	mario := account.NewPerson("mario.rossi@giustizia.it", false, "it", now)
	if err := people.Apply(t.Context(), account.Change{Person: &mario}); err != nil {
		t.Fatal(err)
	}
	open, err := tickets.Open(tickets.Draft{Subject: "VPN, nuova abilitazione", Body: "Per una collega.",
		Beneficiary: tickets.Beneficiary{Name: "Anna Bianchi", Email: "anna.bianchi@giustizia.it"}},
		tickets.NewNumber(2026, 1), tickets.Stamp{By: mario, At: now, Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if err := desk.Save(t.Context(), open); err != nil {
		t.Fatal(err)
	}
	anna := account.NewPerson("anna.bianchi@giustizia.it", false, "it", now)
	bruno := account.NewPerson("bruno.verdi@giustizia.it", false, "it", now)
	for _, p := range []account.Person{anna, bruno} {
		if err := people.Apply(t.Context(), account.Change{Person: &p}); err != nil {
			t.Fatal(err)
		}
	}
	for who, want := range map[account.PersonID]int{mario.ID: 1, anna.ID: 1, bruno.ID: 0} {
		list, err := desk.Of(t.Context(), who, tickets.Filter{})
		if err != nil || len(list) != want {
			t.Errorf("a list has %d tickets, want %d (%v)", len(list), want, err)
		}
	}
	one, err := desk.Ticket(t.Context(), open.Ticket.ID)
	if err != nil || !account.Can(anna, account.WriteTicket, one.Thing()) || account.Can(bruno, account.ReadTicket, one.Thing()) {
		t.Errorf("the rights do not follow: %+v (%v)", one.Beneficiary, err)
	}
}
