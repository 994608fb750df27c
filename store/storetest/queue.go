package storetest

import (
	"testing"
	"time"

	"sportello/account"
	"sportello/tickets"
)

// queued keeps a ticket of a team that is due so many minutes after noon.
func queued(t *testing.T, s tickets.Store, subject, team string, due int, of account.Person) tickets.Ticket {
	t.Helper()
	d := draft(subject)
	d.Team = team
	c, err := tickets.Open(d, "", by(of, 0, ""))
	must(t, err)
	if due > 0 {
		c.Ticket.DueAt = noon.Add(time.Duration(due) * time.Minute)
	}
	k, err := s.Open(t.Context(), 2026, c)
	must(t, err)
	return k
}

func numbersOf(list []tickets.Ticket) (numbers []tickets.Number) {
	for _, k := range list {
		numbers = append(numbers, k.Number)
	}
	return numbers
}

func wantQueue(t *testing.T, s tickets.Store, what string, q tickets.Queue, want ...tickets.Ticket) {
	t.Helper()
	got, err := s.Queue(t.Context(), q)
	must(t, err)
	same(t, what, numbersOf(got), numbersOf(want))
}

func queueFilters(t *testing.T, s tickets.Store) {
	plain := queued(t, s, "Uno", "sud", 10, author)
	d := draft("Due")
	d.Application, d.RequestType, d.Channel = "sicoge", "malfunzionamento", "phone"
	c, err := tickets.Open(d, "", by(author, 0, ""))
	must(t, err)
	c.Ticket.Priority = tickets.Critical
	other, err := s.Open(t.Context(), 2026, c)
	must(t, err)
	wantQueue(t, s, "priority", tickets.Queue{Priorities: []tickets.Priority{tickets.Critical, 2}}, other)
	wantQueue(t, s, "application", tickets.Queue{Applications: []string{"sicoge"}}, other)
	wantQueue(t, s, "request type", tickets.Queue{RequestTypes: []string{"malfunzionamento"}}, other)
	wantQueue(t, s, "channel", tickets.Queue{Channels: []string{"phone", plain.Channel}}, plain, other)
	wantQueue(t, s, "all of them at once", tickets.Queue{Channels: []string{plain.Channel}, Applications: []string{"sicoge"}})
}

func queueOrder(t *testing.T, s tickets.Store) {
	later := queued(t, s, "Uno", "sud", 60, author)
	never := queued(t, s, "Due", "sud", 0, author)
	soon := queued(t, s, "Tre", "nord", 10, author)
	same10 := queued(t, s, "Quattro", "sud", 10, author)
	wantQueue(t, s, "all", tickets.Queue{}, soon, same10, later, never)
	wantQueue(t, s, "a team", tickets.Queue{Teams: []string{"sud"}, Open: true}, same10, later, never)
	wantQueue(t, s, "overdue", tickets.Queue{Overdue: noon.Add(30 * time.Minute)}, soon, same10)
	wantQueue(t, s, "newest", tickets.Queue{Newest: true, Limit: 2}, same10, soon)
	for _, q := range []tickets.Queue{{Limit: 1}, {Newest: true, Limit: 1}} {
		var got []tickets.Number
		for range 4 {
			page, err := s.Queue(t.Context(), q)
			must(t, err)
			got = append(got, page[0].Number)
			q.After = q.Cursor(page[0])
		}
		want := []tickets.Ticket{soon, same10, later, never}
		if q.Newest {
			want = []tickets.Ticket{same10, soon, never, later}
		}
		same(t, "page by page", got, numbersOf(want))
		end, err := s.Queue(t.Context(), q)
		must(t, err)
		same(t, "after the last page", len(end), 0)
	}
	claimed, err := soon.Claim(by(operator, 1, ""))
	must(t, err)
	closed, err := later.Close("", by(author, 1, ""))
	must(t, err)
	must(t, s.Save(t.Context(), claimed, closed))
	wantQueue(t, s, "an operator's own", tickets.Queue{Assignee: operator.ID}, soon)
	wantQueue(t, s, "nobody's", tickets.Queue{Unassigned: true, Open: true}, same10, never)
	wantQueue(t, s, "by status", tickets.Queue{Statuses: []tickets.Status{tickets.Closed}}, later)
	wantQueue(t, s, "somebody's", tickets.Queue{Person: author.ID, Open: true}, soon, same10, never)
	wantQueue(t, s, "a nobody's", tickets.Queue{Person: "nobody"})
}

func ticketsFound(t *testing.T, s tickets.Store) {
	printer := queued(t, s, "Stampante: perché non stampa più", "sud", 0, author)
	card := queued(t, s, "Smart card: PIN bloccato", "sud", 0, author)
	for text, want := range map[string][]tickets.Ticket{
		"stampanti":           {printer},
		"STÀMPA":              {printer},
		"smart blocc":         {card},
		"fascicoli":           {card, printer}, // both bodies
		"fascicoli stampante": {printer},
		"fattura":             nil,
		string(card.Number):   {card},
		`"card" * ( -`:        {card},
		"la":                  {printer, card}, // no word that counts: no search
	} {
		got, err := s.Queue(t.Context(), tickets.Queue{Text: text})
		must(t, err)
		if text == "la" {
			same(t, text, len(got), 2)
			continue
		}
		same(t, text, numbersOf(got), numbersOf(want))
	}
	described, err := card.Describe("Token: PIN bloccato", "", "", by(operator, 1, ""))
	must(t, err)
	must(t, s.Save(t.Context(), described))
	wantQueue(t, s, "by a word that is gone", tickets.Queue{Text: "card"})
	wantQueue(t, s, "by a new word", tickets.Queue{Text: "token"}, card)
}

func ownFound(t *testing.T, s tickets.Store) {
	other := account.Person{ID: "other", Roles: []account.Role{account.User}}
	mine := queued(t, s, "Stampante guasta", "", 0, author)
	theirs := queued(t, s, "Stampante guasta", "", 0, other)
	got, err := s.Of(t.Context(), author.ID, tickets.Filter{Text: "stampante"})
	must(t, err)
	same(t, "own", numbersOf(got), numbersOf([]tickets.Ticket{mine}))
	got, err = s.Of(t.Context(), author.ID, tickets.Filter{Text: string(theirs.Number)})
	must(t, err)
	same(t, "somebody else's number", len(got), 0)
	got, err = s.Of(t.Context(), author.ID, tickets.Filter{Text: string(mine.Number)})
	must(t, err)
	same(t, "own number", numbersOf(got), numbersOf([]tickets.Ticket{mine}))
	wantQueue(t, s, "somebody's words", tickets.Queue{Text: "stampante", Person: other.ID}, theirs)
}

func ticketsCounted(t *testing.T, s tickets.Store) {
	for range 2 {
		queued(t, s, "Uno", "sud", 0, author)
	}
	one := queued(t, s, "Due", "nord", 0, author)
	claimed, err := one.Claim(by(operator, 1, ""))
	must(t, err)
	gone := queued(t, s, "Tre", "nord", 0, author)
	closed, err := gone.Close("", by(author, 1, ""))
	must(t, err)
	must(t, s.Save(t.Context(), claimed, closed))
	counts, err := s.Counts(t.Context())
	must(t, err)
	same(t, "counts", counts, []tickets.Count{
		{Team: "nord", Status: tickets.Taken, Tickets: 1},
		{Team: "sud", Status: tickets.Received, Unassigned: true, Tickets: 2},
	})
}

func ticketWakes(t *testing.T, s tickets.Store) {
	c, err := tickets.Open(draft("Consolle"), "", by(author, 0, ""))
	must(t, err)
	c.Ticket.WakeAt = noon.Add(time.Hour)
	k, err := s.Open(t.Context(), 2026, c)
	must(t, err)
	queued(t, s, "Altro", "", 0, author)
	for after, want := range map[time.Duration]int{0: 0, time.Hour: 1, 2 * time.Hour: 1} {
		waking, err := s.Waking(t.Context(), noon.Add(after), 10)
		must(t, err)
		same(t, after.String(), len(waking), want)
	}
	closed, err := k.Close("", by(author, 1, ""))
	must(t, err)
	closed.Ticket.WakeAt = time.Time{}
	must(t, s.Save(t.Context(), closed))
	waking, err := s.Waking(t.Context(), noon.Add(2*time.Hour), 10)
	must(t, err)
	same(t, "once it is done", len(waking), 0)
}

func observerGone(t *testing.T, s tickets.Store) {
	watcher := account.Person{ID: "watcher", Roles: []account.Role{account.User}}
	k := queued(t, s, "Stampante", "", 0, author)
	observed, err := k.Observe(watcher, by(author, 1, ""))
	must(t, err)
	must(t, s.Save(t.Context(), observed))
	list, err := s.Of(t.Context(), watcher.ID, tickets.Filter{})
	must(t, err)
	same(t, "while they observe", numbersOf(list), []tickets.Number{k.Number})
	left, err := observed.Ticket.Unobserve(watcher.ID, by(watcher, 2, ""))
	must(t, err)
	must(t, s.Save(t.Context(), left))
	for _, text := range []string{"", "stampante"} {
		list, err = s.Of(t.Context(), watcher.ID, tickets.Filter{Text: text})
		must(t, err)
		same(t, "after they left "+text, len(list), 0)
	}
}
