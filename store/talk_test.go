package store_test

import (
	"os"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/contacts"
	"sportello/store"
	"sportello/tickets"
)

func TestTheLastWordOnATicketIsKnownForManyAtOnce(t *testing.T) {
	s := store.NewTickets(opened(t))
	anna := account.Person{ID: "anna", Roles: []account.Role{account.User}}
	olga := account.Person{ID: "olga", Roles: []account.Role{account.User, account.Operator}}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	files := os.DirFS("../content")
	book, err := contacts.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	terms, err := tickets.ReadTerms(files, book, tickets.Catalogue{})
	if len(terms.Teams) == 0 {
		t.Fatal(err)
	}
	desk := &tickets.Desk{Store: s, Terms: terms, Now: func() time.Time { return at }}
	var ids []tickets.ID
	var numbers []tickets.Number
	for range 3 {
		k, err := desk.Open(t.Context(), anna, tickets.Draft{Subject: "VPN", Body: "Non va."}, "")
		if err != nil {
			t.Fatal(err)
		}
		ids, numbers = append(ids, k.ID), append(numbers, k.Number)
	}
	say := func(by account.Person, n tickets.Number, text string, internal bool) {
		if _, err := desk.Do(t.Context(), by, n, "", func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return k.Say(tickets.Message{Text: text, Internal: internal}, s)
		}); err != nil {
			t.Fatal(err)
		}
	}
	say(olga, numbers[0], "Provi ora.", false)
	say(anna, numbers[0], "Ancora no.", false)
	say(olga, numbers[0], "Sentire la rete.", true)
	say(anna, numbers[1], "Ci siete?", false)
	say(olga, numbers[1], "Sì.", false)
	last, err := s.LastWords(t.Context(), ids)
	if err != nil || len(last) != 2 || last[ids[0]].Text != "Ancora no." || last[ids[1]].Text != "Sì." {
		t.Fatalf("%+v, %v", last, err)
	}
	for i, want := range []bool{true, false, false} {
		k, err := s.Ticket(t.Context(), ids[i])
		if err != nil || k.Unanswered(last[ids[i]]) != want {
			t.Errorf("ticket %d: unanswered is not %v (%v)", i, want, err)
		}
	}
}

func TestLettersThatWereGivenUpAreListedWithoutTheirText(t *testing.T) {
	s := store.NewConversations(opened(t))
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	id, err := s.Start(t.Context(), bot.Record{Conversation: bot.Conversation{ID: "c", Channel: "widget", Lang: "it"}, Chat: "c", StartedAt: now}, nil)
	if err != nil {
		t.Fatal(err)
	}
	seq, _, err := s.Receive(t.Context(), bot.Inbound{Channel: "widget", Conversation: id, ID: "1", Text: "ciao"}, bot.Event{At: now, Author: bot.User, Text: "ciao", Inbound: "1"})
	if err != nil {
		t.Fatal(err)
	}
	letters := []bot.Outgoing{{ID: "one", Conversation: id, Channel: "email", To: "a@b.it", Subject: "Codice", Markdown: "123456", Secret: true}, {ID: "two", Conversation: id, Channel: "email", To: "c@d.it", Subject: "Avviso"}}
	if _, err := s.Commit(t.Context(), bot.Turn{Conversation: id, Handled: seq, Outbox: letters}); err != nil {
		t.Fatal(err)
	}
	if err := s.Failed(t.Context(), "one", "550 no such mailbox", time.Time{}); err != nil {
		t.Fatal(err)
	}
	parked, err := s.Parked(t.Context(), 10)
	if err != nil || len(parked) != 1 || parked[0].To != "a@b.it" || parked[0].Reason != "550 no such mailbox" || parked[0].Markdown != "" {
		t.Errorf("%+v, %v", parked, err)
	}
}
