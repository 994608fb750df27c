package storetest

import (
	"testing"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/kb"
	"sportello/tickets"
)

// turns is what every bot.Store promises of a turn: all of it, or nothing.
func turns(t *testing.T, open func(t *testing.T) Talks) {
	tests := map[string]func(*testing.T, Talks){
		"a turn is kept whole: events, person, tickets, votes and letters": turnWhole,
		"a turn is undone whole if a ticket has changed":                   turnTicketConflict,
		"a turn is undone whole if a person has changed":                   turnPersonConflict,
		"a vote on an article that is gone does not fail the turn":         turnVoteOnNothing,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// fullTurn answers seq and changes everything that a turn can change.
func fullTurn(t *testing.T, s Talks, id bot.ConversationID, seq int64) bot.Turn {
	t.Helper()
	person := account.NewPerson("nuova@giustizia.it", false, "it", noon)
	change, err := tickets.Open(draft("Consolle"), "2026-000007", by(author, 0, "turn"))
	must(t, err)
	return bot.Turn{
		Conversation: id, Handled: seq, Events: []bot.Event{said("uno"), said("due")},
		Account: account.Change{Person: &person, Link: &account.Link{Identity: talk("c1").Identity, Person: person.ID, At: noon}},
		Tickets: []bot.TicketChange{change},
		Votes:   []bot.Vote{{Article: kb.Key{ID: "articolo", Lang: "it"}, Voter: string(id), Helpful: true, At: noon}},
		Outbox:  []bot.Outgoing{{ID: "l1", Conversation: id, Channel: "mail", To: "nuova@giustizia.it", Subject: "Codice", Markdown: "123456"}},
	}
}

// wantNothing fails the test if anything of fullTurn was kept.
func wantNothing(t *testing.T, s Talks, id bot.ConversationID, seq int64) {
	t.Helper()
	wantNumbered(t, events(t, s, id), 2)
	next, err := s.NextUnread(t.Context(), id)
	must(t, err)
	same(t, "next", next.Seq, seq)
	_, err = s.Accounts.PersonByIdentity(t.Context(), talk("c1").Identity)
	wantFault(t, err, fault.NotFound)
	_, err = s.Tickets.ByNumber(t.Context(), "2026-000007")
	wantFault(t, err, fault.NotFound)
	same(t, "letters", len(due(t, s, "mail", noon)), 0)
}

func turnWhole(t *testing.T, s Talks) {
	must(t, s.Articles.Save(t.Context(), kb.Article{ID: "articolo", Lang: "it", Title: "Titolo", Audience: account.All, Status: kb.Published, UpdatedAt: noon}))
	id := started(t, s, "c1")
	turn := fullTurn(t, s, id, received(t, s, id, "m1"))
	kept, err := s.Commit(t.Context(), turn)
	must(t, err)
	all := events(t, s, id)
	wantNumbered(t, all, 4)
	same(t, "events returned", kept, all[2:])
	person, err := s.Accounts.PersonByIdentity(t.Context(), talk("c1").Identity)
	must(t, err)
	same(t, "person", person.Email, "nuova@giustizia.it")
	ticket, err := s.Tickets.ByNumber(t.Context(), "2026-000007")
	must(t, err)
	same(t, "ticket", ticket, turn.Tickets[0].Ticket)
	votes, err := s.Articles.Votes(t.Context())
	must(t, err)
	same(t, "votes", votes, map[kb.Key]kb.Tally{{ID: "articolo", Lang: "it"}: {Helpful: 1}})
	same(t, "letters", due(t, s, "mail", noon), turn.Outbox)
}

func turnTicketConflict(t *testing.T, s Talks) {
	k := opened(t, s.Tickets, draft("Altro"), "open")
	stale, err := k.Close("", by(author, 1, "close"))
	must(t, err)
	stale.Ticket.Version++
	id := started(t, s, "c1")
	seq := received(t, s, id, "m1")
	turn := fullTurn(t, s, id, seq)
	turn.Tickets = append(turn.Tickets, stale)
	_, err = s.Commit(t.Context(), turn)
	wantFault(t, err, fault.Conflict)
	wantNothing(t, s, id, seq)

	turn.Tickets = turn.Tickets[:1]
	_, err = s.Commit(t.Context(), turn)
	must(t, err) // no key, no number and no name was used up
	_, err = s.Tickets.ByNumber(t.Context(), "2026-000007")
	must(t, err)
}

func turnPersonConflict(t *testing.T, s Talks) {
	p := aPerson(t, s.Accounts, "anna@giustizia.it")
	p.Version++
	id := started(t, s, "c1")
	seq := received(t, s, id, "m1")
	turn := fullTurn(t, s, id, seq)
	turn.Account.Person = &p
	_, err := s.Commit(t.Context(), turn)
	wantFault(t, err, fault.Conflict)
	wantNothing(t, s, id, seq)
}

func turnVoteOnNothing(t *testing.T, s Talks) {
	id := started(t, s, "c1")
	_, err := s.Commit(t.Context(), fullTurn(t, s, id, received(t, s, id, "m1")))
	must(t, err)
	votes, err := s.Articles.Votes(t.Context())
	must(t, err)
	same(t, "votes", len(votes), 0)
	same(t, "letters", len(due(t, s, "mail", noon)), 1)
}
