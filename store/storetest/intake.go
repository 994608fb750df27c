package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"sportello/bot"
	"sportello/internal/fault"
	"sportello/tickets"
	"sportello/tickets/intake"
)

// Mails is an intake.Store beside the stores that its transactions reach into.
type Mails struct {
	intake.Store
	Tickets tickets.Store
	Letters bot.Store
}

// Intake is what every intake.Store promises. open returns empty ones.
func Intake(t *testing.T, open func(t *testing.T) Mails) {
	tests := map[string]func(*testing.T, Mails){
		"a mail that opens a ticket gets the next number, and is seen":             mailOpens,
		"a mail that comes again changes nothing":                                  mailTwice,
		"copies that come side by side make one ticket":                            mailsSideBySide,
		"a mail that joins a ticket which has changed is a conflict and not seen":  mailJoins,
		"a new ticket and the one it is linked to know each other":                 mailLinks,
		"a refusal goes out once a day to one sender, and to each":                 refusedOnce,
		"mails of a sender are counted, without those refused or ignored":          mailsCounted,
		"mails in quarantine are listed from the latest and in pages":              heldListed,
		"a mail leaves the quarantine once, whoever is quicker":                    heldSettledOnce,
		"what may no longer be kept is forgotten, but not that the mail was taken": mailsForgotten,
		"what is not there is not found":                                           heldAbsent,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func opening(t *testing.T, key string) *tickets.Change {
	t.Helper()
	c, err := tickets.Open(draft("Consolle"), "", by(author, 0, "intake:"+key))
	must(t, err)
	return &c
}

func mailOf(t *testing.T, key string) intake.Taken {
	t.Helper()
	return intake.Taken{Key: key, Content: "content of " + key, At: noon, Sender: "s1", Outcome: intake.Opened, Year: 2026, Opens: opening(t, key)}
}

func take(t *testing.T, s Mails, m intake.Taken) tickets.Number {
	t.Helper()
	number, fresh, err := s.Take(t.Context(), m)
	must(t, err)
	same(t, "fresh", fresh, true)
	return number
}

func mailOpens(t *testing.T, s Mails) {
	same(t, "first number", take(t, s, mailOf(t, "a")), tickets.Number("2026-000001"))
	same(t, "second number", take(t, s, mailOf(t, "b")), tickets.Number("2026-000002"))
	content, seen, err := s.Seen(t.Context(), "a")
	must(t, err)
	same(t, "content", content, "content of a")
	same(t, "seen", seen, true)
	_, seen, err = s.Seen(t.Context(), "c")
	must(t, err)
	same(t, "another one seen", seen, false)
	k, err := s.Tickets.ByNumber(t.Context(), "2026-000002")
	must(t, err)
	same(t, "subject", k.Subject, "Consolle")
}

func mailTwice(t *testing.T, s Mails) {
	take(t, s, mailOf(t, "a"))
	again := mailOf(t, "a")
	again.Letter = &intake.Letter{ID: "l", To: "x@giustizia.it"}
	again.Held = &intake.HeldMail{ID: "h", Status: intake.Waiting}
	number, fresh, err := s.Take(t.Context(), again)
	must(t, err)
	same(t, "fresh", fresh, false)
	same(t, "number", number, tickets.Number(""))
	feed, err := s.Tickets.Happenings(t.Context(), 0, 10)
	must(t, err)
	same(t, "happenings", len(feed), 1)
	letters, err := s.Letters.Due(t.Context(), bot.MailChannel, noon, 10)
	must(t, err)
	held, err := s.Quarantined(t.Context(), "", 10)
	must(t, err)
	same(t, "letters and mails held", len(letters)+len(held), 0)
}

func mailsSideBySide(t *testing.T, s Mails) {
	var all sync.WaitGroup
	for i := range 40 {
		m := mailOf(t, fmt.Sprint(i%10))
		all.Go(func() {
			if _, _, err := s.Take(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, err := s.Tickets.Of(t.Context(), author.ID, tickets.Filter{})
	must(t, err)
	same(t, "tickets", len(list), 10)
}

func mailJoins(t *testing.T, s Mails) {
	k := opened(t, s.Tickets, draft("Consolle"), "open")
	said, err := k.Say(tickets.Message{Text: "per posta"}, by(author, 1, "intake:m"))
	must(t, err)
	other, err := k.Say(tickets.Message{Text: "intanto"}, by(author, 1, "meanwhile"))
	must(t, err)
	must(t, s.Tickets.Save(t.Context(), other))
	m := intake.Taken{Key: "m", Content: "c", At: noon, Outcome: intake.Joined, Joins: &said}
	_, _, err = s.Take(t.Context(), m)
	wantFault(t, err, fault.Conflict)
	_, seen, err := s.Seen(t.Context(), "m")
	must(t, err)
	same(t, "seen", seen, false)

	again, err := other.Ticket.Say(tickets.Message{Text: "per posta"}, by(author, 2, "intake:m"))
	must(t, err)
	m.Joins = &again
	same(t, "number", take(t, s, m), k.Number)
	now, err := s.Tickets.Ticket(t.Context(), k.ID)
	must(t, err)
	same(t, "ticket", now, again.Ticket)
}

func mailLinks(t *testing.T, s Mails) {
	old := opened(t, s.Tickets, draft("Vecchio"), "old")
	m := mailOf(t, "new")
	m.Opens.Ticket.Links = []tickets.Link{{Kind: tickets.Related, To: old.Number}}
	linked := old
	linked.Version++
	linked.Links = []tickets.Link{{Kind: tickets.Related}}
	m.Linked = &tickets.Change{Key: "linked", Ticket: linked, Happened: []tickets.Event{
		{Ticket: old.ID, Kind: tickets.KindLinked, At: noon, Field: string(tickets.Related)},
	}}
	number := take(t, s, m)
	now, err := s.Tickets.Ticket(t.Context(), old.ID)
	must(t, err)
	same(t, "link back", now.Links, []tickets.Link{{Kind: tickets.Related, To: number}})
	history, err := s.Tickets.History(t.Context(), old.ID)
	must(t, err)
	same(t, "told in the history", history[len(history)-1].New, string(number))
	same(t, "the change is untouched", m.Linked.Ticket.Links[0].To, tickets.Number(""))
}

func refusal(key, sender string, after time.Duration) intake.Taken {
	return intake.Taken{
		Key: key, Content: key, At: noon.Add(after), Sender: sender, Outcome: intake.Refused, Reason: intake.Outside,
		Letter: &intake.Letter{ID: key, To: sender + "@example.it", Subject: "Oggetto", Markdown: "testo"},
	}
}

func refusedOnce(t *testing.T, s Mails) {
	for key, one := range map[string]intake.Taken{
		"1": refusal("1", "anna", 0), "other": refusal("other", "bruno", time.Hour),
	} {
		same(t, "number of "+key, take(t, s, one), tickets.Number(""))
	}
	take(t, s, refusal("2", "anna", 23*time.Hour))
	take(t, s, refusal("3", "anna", 24*time.Hour))
	take(t, s, refusal("4", "anna", 25*time.Hour))
	var sent []string
	for range 4 {
		letters, err := s.Letters.Due(t.Context(), bot.MailChannel, noon.Add(48*time.Hour), 10)
		must(t, err)
		for _, l := range letters {
			sent = append(sent, l.ID)
			must(t, s.Letters.Delivered(t.Context(), l.ID, "p", noon))
		}
	}
	count := map[string]int{}
	for _, id := range sent {
		count[id]++
	}
	same(t, "letters", count, map[string]int{"1": 1, "other": 1, "3": 1})
}

func mailsCounted(t *testing.T, s Mails) {
	take(t, s, mailOf(t, "a"))
	take(t, s, mailOf(t, "b"))
	take(t, s, intake.Taken{Key: "c", At: noon.Add(time.Minute), Sender: "s1", Outcome: intake.Held, Reason: intake.Many,
		Held: &intake.HeldMail{ID: "h", At: noon, Status: intake.Waiting}})
	take(t, s, refusal("d", "s1", 0))
	take(t, s, intake.Taken{Key: "e", At: noon, Outcome: intake.Ignored})
	taken, many, err := s.Count(t.Context(), "s1", noon.Add(-time.Hour))
	must(t, err)
	same(t, "taken", taken, 3)
	same(t, "many", many, 1)
	taken, _, err = s.Count(t.Context(), "s1", noon)
	must(t, err)
	same(t, "since noon", taken, 1)
	taken, _, err = s.Count(t.Context(), "", noon.Add(-time.Hour))
	must(t, err)
	same(t, "of nobody", taken, 0)
}

func held(t *testing.T, s Mails, id string, minutes int) intake.HeldMail {
	t.Helper()
	m := intake.HeldMail{
		ID: id, At: noon.Add(time.Duration(minutes) * time.Minute), Reason: intake.Unauthenticated,
		From: "anna@giustizia.it", Subject: "Oggetto", Bytes: 100, Raw: "raw-" + id, Status: intake.Waiting,
	}
	take(t, s, intake.Taken{Key: id, At: m.At, Sender: "s1", Outcome: intake.Held, Reason: m.Reason, Held: &m})
	return m
}

func heldListed(t *testing.T, s Mails) {
	one, two, three := held(t, s, "1", 1), held(t, s, "2", 2), held(t, s, "3", 3)
	list, err := s.Quarantined(t.Context(), "", 2)
	must(t, err)
	same(t, "first page", list, []intake.HeldMail{three, two})
	list, err = s.Quarantined(t.Context(), "2", 2)
	must(t, err)
	same(t, "second page", list, []intake.HeldMail{one})
	bytes, err := s.HeldBytes(t.Context())
	must(t, err)
	same(t, "bytes", bytes, int64(300))
}

func heldSettledOnce(t *testing.T, s Mails) {
	held(t, s, "1", 1)
	var all sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 10 {
		as := intake.Settlement{ID: "1", As: intake.Discarded, By: "operator", At: noon}
		if i%2 == 0 {
			as.As, as.Year, as.Opens = intake.Released, 2026, opening(t, fmt.Sprint("held", i))
		}
		all.Go(func() {
			_, err := s.Settle(t.Context(), as)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case !fault.Is(err, fault.Conflict):
				t.Error(err)
			}
		})
	}
	all.Wait()
	same(t, "who settled it", won, 1)
	m, err := s.HeldMail(t.Context(), "1")
	must(t, err)
	feed, err := s.Tickets.Happenings(t.Context(), 0, 10)
	must(t, err)
	same(t, "a ticket was opened if it was released", len(feed) == 1, m.Status == intake.Released)
	same(t, "its number is there if it was released", m.Ticket != "", m.Status == intake.Released)
	same(t, "who", m.By, "operator")
	list, err := s.Quarantined(t.Context(), "", 10)
	must(t, err)
	same(t, "mails that wait", len(list), 0)
}

func mailsForgotten(t *testing.T, s Mails) {
	gone := held(t, s, "1", 0)
	stays := held(t, s, "2", 60)
	forgotten, err := s.Expire(t.Context(), noon.Add(time.Minute), noon.Add(time.Minute))
	must(t, err)
	same(t, "forgotten", forgotten, []intake.HeldMail{gone})
	list, err := s.Quarantined(t.Context(), "", 10)
	must(t, err)
	same(t, "left", list, []intake.HeldMail{stays})
	_, seen, err := s.Seen(t.Context(), "1")
	must(t, err)
	same(t, "taken once", seen, true)
	take(t, s, refusal("x", "anna", 0))
	_, err = s.Expire(t.Context(), noon.Add(-time.Hour), noon.Add(time.Minute))
	must(t, err)
	take(t, s, refusal("y", "anna", time.Hour)) // who was told what is forgotten as well
	letters, err := s.Letters.Due(t.Context(), bot.MailChannel, noon.Add(2*time.Hour), 10)
	must(t, err)
	same(t, "letter due", letters[0].ID, "x")
}

func heldAbsent(t *testing.T, s Mails) {
	_, err := s.HeldMail(t.Context(), "none")
	wantFault(t, err, fault.NotFound)
	_, err = s.Settle(t.Context(), intake.Settlement{ID: "none", As: intake.Discarded})
	wantFault(t, err, fault.Conflict)
	list, err := s.Quarantined(t.Context(), "", 10)
	must(t, err)
	bytes, err := s.HeldBytes(t.Context())
	must(t, err)
	same(t, "mails and bytes", int64(len(list))+bytes, int64(0))
}
