package storetest

import (
	"testing"

	"sportello/account"
	"sportello/tickets"
)

// Reading is what remembers how far people have read, with the tickets and
// the people that it is about.
type Reading struct {
	tickets.Reads
	Tickets tickets.Store
	People  account.Store
}

// Reads is what every tickets.Reads promises. open returns empty stores.
func Reads(t *testing.T, open func(t *testing.T) Reading) {
	r := open(t)
	for _, p := range []account.Person{author, operator} {
		p.Email = string(p.ID) + "@giustizia.it"
		must(t, r.People.Apply(t.Context(), account.Change{Person: &p}))
	}
	one, two := opened(t, r.Tickets, draft("Uno"), "one"), opened(t, r.Tickets, draft("Due"), "two")
	list := []tickets.ID{one.ID, two.ID}
	unread := func(what string, p account.Person, want map[tickets.ID]int) {
		t.Helper()
		got, err := r.Unread(t.Context(), p.ID, list)
		must(t, err)
		same(t, what, got, want)
	}
	last := func() int64 {
		n, err := r.Tickets.LastHappening(t.Context())
		must(t, err)
		return n
	}
	unread("what one did oneself", author, map[tickets.ID]int{})
	unread("what somebody else did", operator, map[tickets.ID]int{one.ID: 1, two.ID: 1})

	save := func(c tickets.Change, err error) tickets.Ticket {
		t.Helper()
		must(t, err)
		must(t, r.Tickets.Save(t.Context(), c))
		return c.Ticket
	}
	one = save(one.Move(tickets.Taken, "", by(operator, 1, "")))
	one = save(one.Say(tickets.Message{Text: "Sto guardando."}, by(operator, 2, "")))
	one = save(one.Say(tickets.Message{Text: "Nota per la squadra.", Internal: true}, by(operator, 3, "")))
	unread("public events, no notes and nothing inside the service", author, map[tickets.ID]int{one.ID: 2})

	seen := last()
	must(t, r.Read(t.Context(), author.ID, one.ID, seen))
	unread("nothing, once it was read", author, map[tickets.ID]int{})
	unread("still all of it, for somebody else", operator, map[tickets.ID]int{one.ID: 1, two.ID: 1})
	one = save(one.Move(tickets.Working, "", by(operator, 4, "")))
	unread("what came after", author, map[tickets.ID]int{one.ID: 1})
	must(t, r.Read(t.Context(), author.ID, one.ID, last()))
	must(t, r.Read(t.Context(), author.ID, one.ID, seen))
	unread("nothing: a page that was opened earlier takes nothing back", author, map[tickets.ID]int{})
	none, err := r.Unread(t.Context(), author.ID, nil)
	must(t, err)
	same(t, "of no tickets", len(none), 0)
}

func listParts(t *testing.T, s tickets.Store) {
	third := account.Person{ID: "third"}
	kept := func(subject, channel string, beneficiary account.PersonID, observers ...account.PersonID) tickets.Ticket {
		d := draft(subject)
		d.Channel, d.Observers = channel, observers
		if beneficiary != "" {
			d.Beneficiary = tickets.Beneficiary{Name: "Altri", Person: beneficiary}
		}
		return opened(t, s, d, subject)
	}
	own := kept("Uno", "email", "")
	forThird := kept("Due", "portal", third.ID)
	seen := kept("Tre", "email", "", third.ID)
	for what, c := range map[string]struct {
		person account.Person
		filter tickets.Filter
		want   []tickets.Ticket
	}{
		"by a channel":                   {author, tickets.Filter{Channel: "email"}, []tickets.Ticket{seen, own}},
		"by a channel that brought none": {author, tickets.Filter{Channel: "phone"}, nil},
		"as author":                      {author, tickets.Filter{Part: tickets.AsAuthor}, []tickets.Ticket{seen, forThird, own}},
		"not as observer":                {author, tickets.Filter{Part: tickets.AsObserver}, nil},
		"as beneficiary":                 {third, tickets.Filter{Part: tickets.AsBeneficiary}, []tickets.Ticket{forThird}},
		"as observer":                    {third, tickets.Filter{Part: tickets.AsObserver}, []tickets.Ticket{seen}},
		"as observer, by a channel":      {third, tickets.Filter{Part: tickets.AsObserver, Channel: "portal"}, nil},
		"by a word and a channel":        {author, tickets.Filter{Text: "due", Channel: "portal"}, []tickets.Ticket{forThird}},
	} {
		got, err := s.Of(t.Context(), c.person.ID, c.filter)
		must(t, err)
		same(t, what, numbersOf(got), numbersOf(c.want))
	}
}
