package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/kb"
	"sportello/tickets"
)

// Talks is a bot.Store with its neighbours: a turn changes them all at once.
type Talks struct {
	bot.Store
	Tickets  tickets.Store
	Accounts account.Store
	Articles kb.Store
}

// Conversations is what every bot.Store promises. open returns an empty one.
func Conversations(t *testing.T, open func(t *testing.T) Talks) {
	tests := map[string]func(*testing.T, Talks){
		"a conversation comes back as it was started":                        talkRoundTrip,
		"what is not there is not found":                                     talkAbsent,
		"one chat has one conversation, however often it is started":         startOnce,
		"every field of an event comes back":                                 eventRoundTrip,
		"events are numbered from 1 without gaps, and continue page by page": eventPages,
		"a message delivered again changes nothing":                          receiveOnce,
		"a message delivered many times side by side is kept once":           receiveOnceSideBySide,
		"messages that arrive side by side get numbers without gaps":         receivedSideBySide,
		"messages are answered in the order in which they came":              unreadOrder,
		"unread are exactly the conversations with unanswered messages":      unreadListed,
		"a message is answered once":                                         answeredOnce,
		"of many turns for one message one is kept":                          answeredOnceSideBySide,
		"an attachment is of its own conversation only":                      attachmentOwn,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
	turns(t, open)
	letters(t, open)
	chats(t, open)
	floor(t, open)
	passages(t, open)
}

// talk is a conversation in the widget, before it is started.
func talk(id string) bot.Record {
	return bot.Record{
		Conversation: bot.Conversation{
			ID: bot.ConversationID(id), Channel: "widget", Lang: "it",
			Identity: account.Identity{Channel: "widget", PlatformID: "visitor of " + id},
		},
		Chat: "chat of " + id, TokenHash: []byte{0, 1, 255}, StartedAt: noon,
	}
}

// started keeps a conversation with one event, the greeting.
func started(t *testing.T, s Talks, id string) bot.ConversationID {
	t.Helper()
	kept, err := s.Start(t.Context(), talk(id), []bot.Event{said("buongiorno")})
	must(t, err)
	return kept
}

func said(text string) bot.Event {
	return bot.Event{At: noon, Author: bot.Assistant, Act: "say", Reply: &bot.Reply{Markdown: text}}
}

func heard(id bot.ConversationID, message string) bot.Inbound {
	return bot.Inbound{Conversation: id, Channel: "widget", ID: message, Text: "testo di " + message}
}

// received keeps a message and returns its seq.
func received(t *testing.T, s Talks, id bot.ConversationID, message string) int64 {
	t.Helper()
	seq, fresh, err := receive(t, s, heard(id, message))
	must(t, err)
	same(t, "fresh "+message, fresh, true)
	return seq
}

func receive(t *testing.T, s Talks, in bot.Inbound) (int64, bool, error) {
	return s.Receive(t.Context(), in, bot.Event{At: noon, Author: bot.User, Inbound: in.ID, Text: in.Text})
}

func events(t *testing.T, s Talks, id bot.ConversationID) []bot.Event {
	t.Helper()
	all, err := s.Events(t.Context(), id, 0, 10_000)
	must(t, err)
	return all
}

// wantNumbered fails the test unless the events are numbered 1, 2, 3 …, and
// there are so many.
func wantNumbered(t *testing.T, all []bot.Event, want int) {
	t.Helper()
	same(t, "events", len(all), want)
	for i, e := range all {
		same(t, "number", e.Seq, int64(i+1))
	}
}

func talkRoundTrip(t *testing.T, s Talks) {
	id := started(t, s, "c1")
	got, err := s.Conversation(t.Context(), id)
	must(t, err)
	same(t, "record", got, talk("c1"))
	same(t, "its Seq: nothing is folded in", got.Seq, int64(0))

	without := talk("c2")
	without.TokenHash = nil
	_, err = s.Start(t.Context(), without, nil)
	must(t, err)
	got, err = s.Conversation(t.Context(), without.ID)
	must(t, err)
	same(t, "record without a key", got, without)
}

func talkAbsent(t *testing.T, s Talks) {
	_, err := s.Conversation(t.Context(), "none")
	wantFault(t, err, fault.NotFound)
	_, err = s.NextUnread(t.Context(), "none")
	wantFault(t, err, fault.NotFound)
	_, err = s.Received(t.Context(), heard("none", "m"))
	wantFault(t, err, fault.NotFound)
	_, err = s.Attachment(t.Context(), "none", "f")
	wantFault(t, err, fault.NotFound)
	_, _, err = receive(t, s, heard("none", "m"))
	wantFault(t, err, fault.NotFound)
	same(t, "events", len(events(t, s, "none")), 0)

	id := started(t, s, "c1")
	_, err = s.NextUnread(t.Context(), id)
	wantFault(t, err, fault.NotFound) // what the assistant said needs no answer
	_, err = s.Received(t.Context(), heard(id, "m"))
	wantFault(t, err, fault.NotFound)
}

func startOnce(t *testing.T, s Talks) {
	var all sync.WaitGroup
	ids := make([]bot.ConversationID, 12)
	for i := range ids {
		all.Go(func() {
			r := talk(fmt.Sprint("c", i))
			r.Chat = "the same chat"
			var err error
			if ids[i], err = s.Start(t.Context(), r, []bot.Event{said("buongiorno")}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	same(t, "conversations", len(slices.Compact(ids)), 1)
	wantNumbered(t, events(t, s, ids[0]), 1)

	elsewhere := talk("elsewhere")
	elsewhere.Chat, elsewhere.Channel = "the same chat", "telegram"
	id, err := s.Start(t.Context(), elsewhere, nil)
	must(t, err)
	same(t, "conversation of the same chat in another channel", id, elsewhere.ID)
}

func eventRoundTrip(t *testing.T, s Talks) {
	file := bot.Attachment{ID: "f1", Name: "schermata.png", Type: "image/png", Size: 42}
	lang, errand, number, human := "en", "ticket", tickets.Number("2026-000001"), true
	form := bot.Form{
		Draft: tickets.Draft{
			RequestType: "consolle", Application: "consolle", Subject: "Consolle: «è» <b>", Body: "riga\nriga", ErrorText: "E0401",
			Since: "ieri", Deadline: "udienza", Impact: tickets.Office, Fields: map[string]string{"court": "Bari"},
			Attachments: []bot.Attachment{file}, ForMe: true, Beneficiary: tickets.Beneficiary{Name: "Anna", Email: "anna@giustizia.it", Person: "anna"},
			Observers: []account.PersonID{"o1"}, Phone: "080", Office: "Bari", Area: "sud", Team: "sud-1", Channel: "widget", Conversation: "c1",
		},
		Done: []string{"subject", "body"}, Warned: true, Third: true, Person: "Anna",
	}
	topic := bot.Topic{
		Question: "come si fa?", Articles: []kb.Key{{ID: "a", Lang: "it"}}, Others: []kb.Key{{ID: "b", Lang: "it"}},
		Step: 2, FailedStep: 1, Failures: 1, Attachments: []bot.Attachment{file},
	}
	want := []bot.Event{
		{At: noon, Author: bot.User, Text: "testo «è» 😀 \u2028 \\u0000 </script>", Choice: "1.x", Inbound: "m1", Attachments: []bot.Attachment{file}, Masked: []string{"password"}},
		{
			At: noon.Add(time.Millisecond), Author: bot.Assistant, Act: "answer", Object: "articolo", Phrase: "bot.answer",
			Reply: &bot.Reply{
				Markdown: "*ciao*\n\n1. uno", Choices: []bot.Choice{{ID: "1.yes", Label: "Sì"}},
				Sources: []bot.Source{{ID: "a", Title: "Titolo", URL: "/kb/a"}}, Ticket: &bot.TicketRef{ID: "t", Number: "2026-000001", Status: "open"},
			},
			Change: &bot.Change{
				Lang: &lang, Topic: &topic, Form: &form, Shelf: &bot.Shelved{Form: form, Topic: topic},
				Asked: &bot.Asked{What: "field", Object: "subject"}, Errand: &errand, Ticket: &number, Human: &human,
			},
		},
		// What is cleared comes back cleared, not as if nothing had been said of it.
		{Author: bot.Operator, Act: "note", Change: &bot.Change{Lang: new(string), Topic: &bot.Topic{}, NoForm: true, Asked: &bot.Asked{}, Errand: new(string), Ticket: new(tickets.Number), Human: new(bool)}},
		{Author: bot.System, Act: "note"},
	}
	id, err := s.Start(t.Context(), talk("c1"), want)
	must(t, err)
	for i := range want {
		want[i].Seq = int64(i + 1)
	}
	same(t, "events", events(t, s, id), want)
}

func eventPages(t *testing.T, s Talks) {
	id := started(t, s, "c1")
	var want []int64
	for i := range 7 {
		want = append(want, received(t, s, id, fmt.Sprint("m", i)))
	}
	same(t, "numbers given", want, []int64{2, 3, 4, 5, 6, 7, 8})
	var read []bot.Event
	for after := int64(0); ; {
		page, err := s.Events(t.Context(), id, after, 3)
		must(t, err)
		if len(page) == 0 {
			break
		}
		read, after = append(read, page...), page[len(page)-1].Seq
	}
	wantNumbered(t, read, 8)
}

func receiveOnce(t *testing.T, s Talks) {
	id, other := started(t, s, "c1"), started(t, s, "c2")
	first := received(t, s, id, "m1")
	for range 3 {
		seq, fresh, err := receive(t, s, heard(id, "m1"))
		must(t, err)
		same(t, "fresh", fresh, false)
		same(t, "seq", seq, first)
	}
	seq, err := s.Received(t.Context(), heard(id, "m1"))
	must(t, err)
	same(t, "seq of the receipt", seq, first)
	wantNumbered(t, events(t, s, id), 2)

	received(t, s, other, "m1") // an ID is unique within its conversation
	elsewhere := heard(id, "m1")
	elsewhere.Channel = "telegram"
	_, fresh, err := receive(t, s, elsewhere)
	must(t, err)
	same(t, "fresh in another channel", fresh, true)
}

func receiveOnceSideBySide(t *testing.T, s Talks) {
	id := started(t, s, "c1")
	var all sync.WaitGroup
	seqs, freshes := make([]int64, 24), make([]bool, 24)
	for i := range seqs {
		all.Go(func() {
			var err error
			if seqs[i], freshes[i], err = receive(t, s, heard(id, fmt.Sprint("m", i%2))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	fresh := 0
	for i := range seqs {
		same(t, "seq of a copy", seqs[i], seqs[i%2])
		if freshes[i] {
			fresh++
		}
	}
	same(t, "fresh ones", fresh, 2)
	wantNumbered(t, events(t, s, id), 3)
}

func receivedSideBySide(t *testing.T, s Talks) {
	ids := []bot.ConversationID{started(t, s, "c1"), started(t, s, "c2")}
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			if _, _, err := receive(t, s, heard(ids[i%2], fmt.Sprint("m", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		wantNumbered(t, events(t, s, id), 31)
	}
}

// answer commits a turn that answers seq with one line.
func answer(t *testing.T, s Talks, id bot.ConversationID, seq int64) ([]bot.Event, error) {
	return s.Commit(t.Context(), bot.Turn{Conversation: id, Handled: seq, Events: []bot.Event{said("risposta")}})
}

func unreadOrder(t *testing.T, s Talks) {
	id := started(t, s, "c1")
	var asked []int64
	for _, m := range []string{"z", "a", "m"} {
		asked = append(asked, received(t, s, id, m))
	}
	for _, want := range asked {
		next, err := s.NextUnread(t.Context(), id)
		must(t, err)
		same(t, "next", next.Seq, want)
		answered, err := answer(t, s, id, want)
		must(t, err)
		same(t, "number of the answer", answered[0].Seq, want+3) // after all that came before it
		record, err := s.Conversation(t.Context(), id)
		must(t, err)
		same(t, "handled", record.Handled, want)
	}
	_, err := s.NextUnread(t.Context(), id)
	wantFault(t, err, fault.NotFound)
	wantNumbered(t, events(t, s, id), 7)
}

func unreadListed(t *testing.T, s Talks) {
	list := func() []bot.ConversationID {
		t.Helper()
		ids, err := s.Unread(t.Context(), "widget")
		must(t, err)
		slices.Sort(ids)
		return ids
	}
	one, two := started(t, s, "c1"), started(t, s, "c2")
	started(t, s, "c3")
	same(t, "unread at first", len(list()), 0)
	defer func() {
		elsewhere, err := s.Unread(t.Context(), "terminal")
		must(t, err)
		same(t, "unread in another channel", len(elsewhere), 0)
	}()
	first, second := received(t, s, one, "m1"), received(t, s, one, "m2")
	other := received(t, s, two, "m1")
	_, _, err := receive(t, s, heard(two, "m1")) // a copy does not count
	must(t, err)
	same(t, "unread", list(), []bot.ConversationID{one, two})
	_, err = answer(t, s, one, first)
	must(t, err)
	_, err = answer(t, s, two, other)
	must(t, err)
	same(t, "unread with one answered", list(), []bot.ConversationID{one})
	_, err = answer(t, s, one, second)
	must(t, err)
	same(t, "unread with all answered", len(list()), 0)
}

func answeredOnce(t *testing.T, s Talks) {
	id := started(t, s, "c1")
	first, second := received(t, s, id, "m1"), received(t, s, id, "m2")
	_, err := answer(t, s, id, first)
	must(t, err)
	_, err = answer(t, s, id, first)
	wantFault(t, err, fault.Conflict)
	next, err := s.NextUnread(t.Context(), id)
	must(t, err)
	same(t, "next", next.Seq, second)
	wantNumbered(t, events(t, s, id), 4)
	_, err = answer(t, s, "none", 1)
	if err == nil {
		t.Fatal("a turn of no conversation was kept")
	}
}

func answeredOnceSideBySide(t *testing.T, s Talks) {
	id := started(t, s, "c1")
	seq := received(t, s, id, "m1")
	var all sync.WaitGroup
	kept := make([]error, 16)
	for i := range kept {
		all.Go(func() { _, kept[i] = answer(t, s, id, seq) })
	}
	all.Wait()
	good := 0
	for _, err := range kept {
		if err == nil {
			good++
			continue
		}
		wantFault(t, err, fault.Conflict)
	}
	same(t, "turns kept", good, 1)
	wantNumbered(t, events(t, s, id), 3)
}

func attachmentOwn(t *testing.T, s Talks) {
	one, two := started(t, s, "c1"), started(t, s, "c2")
	want := bot.Attachment{ID: "f1", Name: "schermata «è».png", Type: "image/png", Size: 1 << 33}
	must(t, s.Attach(t.Context(), one, want))
	got, err := s.Attachment(t.Context(), one, "f1")
	must(t, err)
	same(t, "attachment", got, want)
	must(t, s.Attach(t.Context(), one, bot.Attachment{ID: "f3", Size: 7}))
	for id, want := range map[bot.ConversationID][2]int64{one: {2, 1<<33 + 7}, two: {0, 0}, "none": {0, 0}} {
		files, bytes, err := s.Attached(t.Context(), id)
		must(t, err)
		same(t, "files and bytes", [2]int64{int64(files), bytes}, want)
	}
	for _, other := range []bot.ConversationID{two, "none"} {
		_, err = s.Attachment(t.Context(), other, "f1")
		wantFault(t, err, fault.NotFound)
		if strings.Contains(err.Error(), want.Name) {
			t.Errorf("the failure tells of the file: %v", err)
		}
	}
	if s.Attach(t.Context(), "none", bot.Attachment{ID: "f2"}) == nil {
		t.Error("a file of no conversation was kept")
	}
}
