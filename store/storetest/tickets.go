package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// Tickets is what every tickets.Store promises. open returns an empty one.
func Tickets(t *testing.T, open func(t *testing.T) tickets.Store) {
	tests := map[string]func(*testing.T, tickets.Store){
		"a ticket comes back as it was saved":                                  ticketRoundTrip,
		"what is not there is not found":                                       ticketAbsent,
		"a number is never given twice, and each year begins anew":             numbersUnique,
		"the same key again does nothing":                                      keyOnce,
		"a key knows what was asked under it":                                  keyKnows,
		"a ticket changed meanwhile is not overwritten":                        ticketConflict,
		"several changes are kept together or not at all":                      changesWhole,
		"a ticket is in the lists of author, beneficiary and observers":        ticketLists,
		"lists are newest first, filtered by status, and continue":             listPages,
		"lists narrow to a channel and to what one has to do with a ticket":    listParts,
		"history is in order and complete":                                     historyOrder,
		"the feed numbers every happening in order, and a reader misses none":  feedComplete,
		"tickets saved side by side all arrive, each happening under a number": savedSideBySide,
		"a new ticket gets its number as it is kept, once for a key":           openedOnce,
		"the queue lists by due time, by team and by operator, page by page":   queueOrder,
		"the queue narrows by priority, application, request type and channel": queueFilters,
		"tickets are found by words, folded, and by number":                    ticketsFound,
		"a search within somebody's own tickets finds no others":               ownFound,
		"open tickets are counted by team and status":                          ticketsCounted,
		"a ticket wakes at its time":                                           ticketWakes,
		"who no longer observes a ticket no longer has it":                     observerGone,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var (
	author   = account.Person{ID: "author", Email: "author@giustizia.it", Roles: []account.Role{account.User}}
	operator = account.Person{ID: "operator", Roles: []account.Role{account.Operator}}
)

func draft(subject string) tickets.Draft {
	return tickets.Draft{Subject: subject, Body: "La Consolle non scarica i fascicoli."}
}

// opened saves a ticket of the year 2026 and returns it.
func opened(t *testing.T, s tickets.Store, d tickets.Draft, key string) tickets.Ticket {
	t.Helper()
	number, err := s.NextNumber(t.Context(), 2026)
	must(t, err)
	c, err := tickets.Open(d, number, tickets.Stamp{By: author, At: noon, Key: key})
	must(t, err)
	must(t, s.Save(t.Context(), c))
	return c.Ticket
}

func by(p account.Person, minutes int, key string) tickets.Stamp {
	return tickets.Stamp{By: p, At: noon.Add(time.Duration(minutes) * time.Minute), Key: key}
}

func ticketRoundTrip(t *testing.T, s tickets.Store) {
	full := tickets.Draft{
		RequestType: "consolle", Application: "consolle", Subject: "Consolle: fascicoli", Body: "riga\nriga",
		ErrorText: "E0401", Since: "ieri", Deadline: "udienza", Impact: tickets.Office,
		Fields:      map[string]string{"court": "Tribunale di Bari"},
		Attachments: []tickets.Attachment{{ID: "f1", Name: "schermata.png", Type: "image/png", Size: 42}},
		Beneficiary: tickets.Beneficiary{Name: "Anna Bianchi", Email: "anna@giustizia.it", Person: "anna"},
		Observers:   []account.PersonID{"o1", "o2"}, Phone: "080", Office: "Bari", Area: "sud", Team: "sud-1",
		Channel: "widget", Conversation: "c1",
	}
	for name, want := range map[string]tickets.Ticket{
		"full":    opened(t, s, full, "k1"),
		"minimal": opened(t, s, draft("Consolle"), "k2"),
	} {
		got, err := s.Ticket(t.Context(), want.ID)
		must(t, err)
		same(t, name, got, want)
		got, err = s.ByNumber(t.Context(), want.Number)
		must(t, err)
		same(t, name+" by number", got, want)
	}
	got, err := s.ByKey(t.Context(), "k1")
	must(t, err)
	same(t, "by key", got.Subject, full.Subject)

	closed, err := got.Close("", by(author, 1, "k3"))
	must(t, err)
	rated, err := closed.Ticket.Rate(5, "bravi", by(author, 2, "k4"))
	must(t, err)
	must(t, s.Save(t.Context(), closed, rated))
	got, err = s.Ticket(t.Context(), got.ID)
	must(t, err)
	same(t, "closed and rated", got, rated.Ticket)
}

func ticketAbsent(t *testing.T, s tickets.Store) {
	_, err := s.Ticket(t.Context(), "none")
	wantFault(t, err, fault.NotFound)
	_, err = s.ByNumber(t.Context(), "2026-000001")
	wantFault(t, err, fault.NotFound)
	_, err = s.ByKey(t.Context(), "none")
	wantFault(t, err, fault.NotFound)
	list, err := s.Of(t.Context(), "nobody", tickets.Filter{})
	must(t, err)
	history, err := s.History(t.Context(), "none")
	must(t, err)
	same(t, "tickets and events", len(list)+len(history), 0)
}

func numbersUnique(t *testing.T, s tickets.Store) {
	given := map[tickets.Number]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			number, err := s.NextNumber(t.Context(), 2026)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || given[number] {
				t.Errorf("number %q is given again, or %v", number, err)
			}
			given[number] = true
		})
	}
	all.Wait()
	next, err := s.NextNumber(t.Context(), 2026)
	must(t, err)
	same(t, "the next", next, tickets.Number("2026-000021"))
	newYear, err := s.NextNumber(t.Context(), 2027)
	must(t, err)
	same(t, "the first of a year", newYear, tickets.Number("2027-000001"))
}

func keyOnce(t *testing.T, s tickets.Store) {
	k := opened(t, s, draft("Consolle"), "open")
	said, err := k.Say(tickets.Message{Text: "ancora"}, by(author, 1, "say"))
	must(t, err)
	for range 3 {
		must(t, s.Save(t.Context(), said))
	}
	again, err := tickets.Open(draft("Consolle"), "2026-000099", by(author, 2, "open"))
	must(t, err)
	must(t, s.Save(t.Context(), again))
	list, err := s.Of(t.Context(), author.ID, tickets.Filter{})
	must(t, err)
	same(t, "tickets", list, []tickets.Ticket{said.Ticket})
	history, err := s.History(t.Context(), k.ID)
	must(t, err)
	same(t, "lines of history", len(history), 2)
}

func keyKnows(t *testing.T, s tickets.Store) {
	key := tickets.KeyFor("name", "first")
	c, err := tickets.Open(draft("Consolle, primo"), "", by(author, 0, key))
	must(t, err)
	one, err := s.Open(t.Context(), 2026, c)
	must(t, err)
	say := func(key string) error {
		c, err := one.Say(tickets.Message{Text: "Ancora."}, by(author, 1, key))
		must(t, err)
		return s.Save(t.Context(), c)
	}
	must(t, say("said"))
	done, err := s.Done(t.Context(), "said")
	must(t, err)
	history, err := s.History(t.Context(), one.ID)
	must(t, err)
	if done.Ticket != one.ID || done.Seq != history[len(history)-1].Seq {
		t.Errorf("done was %+v, the history ends in %+v", done, history[len(history)-1])
	}
	again, err := s.Open(t.Context(), 2026, c)
	must(t, err)
	if again.ID != one.ID {
		t.Errorf("the same request again opens %s, want %s", again.ID, one.ID)
	}
	other := tickets.KeyFor("name", "second")
	c.Key = other
	_, err = s.Open(t.Context(), 2026, c)
	wantFault(t, err, fault.Invalid)
	_, err = s.ByKey(t.Context(), other)
	wantFault(t, err, fault.Invalid)
	_, err = s.Done(t.Context(), other)
	wantFault(t, err, fault.Invalid)
	wantFault(t, say(other), fault.Invalid)
	_, err = s.Done(t.Context(), tickets.KeyFor("unknown", "first"))
	wantFault(t, err, fault.NotFound)
}

func ticketConflict(t *testing.T, s tickets.Store) {
	k := opened(t, s, draft("Consolle"), "open")
	one, err := k.Say(tickets.Message{Text: "uno"}, by(author, 1, "one"))
	must(t, err)
	two, err := k.Move(tickets.Taken, "", by(operator, 1, "two"))
	must(t, err)
	must(t, s.Save(t.Context(), one))
	wantFault(t, s.Save(t.Context(), two), fault.Conflict)
	now, err := s.Ticket(t.Context(), k.ID)
	must(t, err)
	same(t, "ticket", now, one.Ticket)

	retried, err := now.Move(tickets.Taken, "", by(operator, 1, "two"))
	must(t, err)
	must(t, s.Save(t.Context(), retried)) // the key was not used up
	now, err = s.Ticket(t.Context(), k.ID)
	must(t, err)
	same(t, "status", now.Status, tickets.Taken)
}

func changesWhole(t *testing.T, s tickets.Store) {
	one, two := opened(t, s, draft("Uno"), "one"), opened(t, s, draft("Due"), "two")
	good, err := one.Close("", by(author, 1, "close one"))
	must(t, err)
	stale, err := two.Close("", by(author, 1, "close two"))
	must(t, err)
	stale.Ticket.Version++
	wantFault(t, s.Save(t.Context(), good, stale), fault.Conflict)
	now, err := s.Ticket(t.Context(), one.ID)
	must(t, err)
	same(t, "first ticket", now, one)
}

func ticketLists(t *testing.T, s tickets.Store) {
	d := draft("Consolle")
	d.Beneficiary = tickets.Beneficiary{Name: "Anna", Email: "anna@giustizia.it", Person: "anna"}
	d.Observers = []account.PersonID{"observer", "anna", author.ID}
	k := opened(t, s, d, "open")
	opened(t, s, draft("Altro"), "other")
	for person, want := range map[account.PersonID]int{author.ID: 2, "anna": 1, "observer": 1, "stranger": 0} {
		list, err := s.Of(t.Context(), person, tickets.Filter{})
		must(t, err)
		same(t, fmt.Sprintf("tickets of %s", person), len(list), want)
		if want == 1 {
			same(t, "ticket", list[0], k)
		}
	}
}

func listPages(t *testing.T, s tickets.Store) {
	var all []tickets.Ticket
	for i := range 5 {
		k := opened(t, s, draft(fmt.Sprintf("Numero %d", i)), fmt.Sprintf("open %d", i))
		all = append([]tickets.Ticket{k}, all...)
	}
	closed, err := all[2].Close("", by(author, 1, "close"))
	must(t, err)
	must(t, s.Save(t.Context(), closed))
	all[2] = closed.Ticket

	first, err := s.Of(t.Context(), author.ID, tickets.Filter{Limit: 2})
	must(t, err)
	same(t, "first page", first, all[:2])
	rest, err := s.Of(t.Context(), author.ID, tickets.Filter{Before: first[1].Number})
	must(t, err)
	same(t, "the rest", rest, all[2:])
	done, err := s.Of(t.Context(), author.ID, tickets.Filter{Statuses: []tickets.Status{tickets.Closed, tickets.Solved}})
	must(t, err)
	same(t, "closed ones", done, all[2:3])
}

func historyOrder(t *testing.T, s tickets.Store) {
	k := opened(t, s, draft("Consolle"), "open")
	said, err := k.Say(tickets.Message{Text: "ecco", Attachments: []tickets.Attachment{{ID: "f", Name: "a.pdf"}}}, by(author, 1, "say"))
	must(t, err)
	noted, err := said.Ticket.Say(tickets.Message{Text: "nota", Internal: true}, by(operator, 2, "note"))
	must(t, err)
	taken, err := noted.Ticket.Move(tickets.Taken, "me ne occupo", by(operator, 3, "take"))
	must(t, err)
	must(t, s.Save(t.Context(), said, noted, taken))
	history, err := s.History(t.Context(), k.ID)
	must(t, err)
	var want []tickets.Event
	for _, c := range []tickets.Change{said, noted, taken} {
		want = append(want, c.Happened...)
	}
	same(t, "first line", history[0].Kind, tickets.KindOpened)
	for i := range want {
		want[i].Seq = history[i+1].Seq
	}
	same(t, "the others", history[1:], want)
}

func feedComplete(t *testing.T, s tickets.Store) {
	one, two := opened(t, s, draft("Uno"), "one"), opened(t, s, draft("Due"), "two")
	closed, err := one.Close("", by(author, 1, "close"))
	must(t, err)
	must(t, s.Save(t.Context(), closed))
	var read []tickets.Event
	for after := int64(0); ; {
		page, err := s.Happenings(t.Context(), after, 2)
		must(t, err)
		if len(page) == 0 {
			break
		}
		read, after = append(read, page...), page[len(page)-1].Seq
	}
	var seqs []int64
	var of []tickets.ID
	for _, e := range read {
		seqs, of = append(seqs, e.Seq), append(of, e.Ticket)
	}
	same(t, "numbers", seqs, []int64{1, 2, 3})
	same(t, "tickets", of, []tickets.ID{one.ID, two.ID, one.ID})
}

func savedSideBySide(t *testing.T, s tickets.Store) {
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			c, err := tickets.Open(draft("Insieme"), tickets.NewNumber(2026, i+1), by(author, i, fmt.Sprint(i)))
			if err == nil {
				err = s.Save(t.Context(), c)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	feed, err := s.Happenings(t.Context(), 0, 100)
	must(t, err)
	same(t, "happenings", len(feed), 30)
	same(t, "last number", feed[29].Seq, int64(30))
}

func openedOnce(t *testing.T, s tickets.Store) {
	c, err := tickets.Open(draft("Consolle"), "", by(author, 0, "key"))
	must(t, err)
	first, err := s.Open(t.Context(), 2026, c)
	must(t, err)
	same(t, "number", first.Number, tickets.Number("2026-000001"))
	c, err = tickets.Open(draft("Consolle"), "", by(author, 1, "key"))
	must(t, err)
	again, err := s.Open(t.Context(), 2026, c)
	must(t, err)
	same(t, "again", again, first)
	c.Key = "another"
	next, err := s.Open(t.Context(), 2026, c)
	must(t, err)
	same(t, "the next number", next.Number, tickets.Number("2026-000002"))
	kept, err := s.ByNumber(t.Context(), next.Number)
	must(t, err)
	same(t, "kept", kept, next)
}
