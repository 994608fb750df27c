package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/search"
	"sportello/store"
	"sportello/tickets"
)

// office is a stage with a desk behind it and an announcer.
type office struct {
	*stage
	announcer *bot.Announcer
	desk      *tickets.Desk
	people    *store.Account
	talks     *store.Conversations
	ada       account.Person
	acts      int
}

var olga = account.Person{ID: "olga", Email: "olga@giustizia.it", Name: "Olga", Roles: []account.Role{account.User, account.Operator}}

func newOffice(t *testing.T) *office {
	o := &office{stage: newStage(t)}
	o.people, o.talks = store.NewAccount(o.db), store.NewConversations(o.db)
	o.engine.Channels = map[string]bot.Traits{"test": {Pushable: true}}
	o.engine.SiteURL = "https://help.example"
	o.desk = &tickets.Desk{Store: o.engine.Tickets, Accounts: o.people, Catalogue: o.engine.Catalogue, Terms: o.engine.Terms, Now: o.engine.Now}
	o.announcer = &bot.Announcer{
		Engine: o.engine, Store: o.talks, Log: slog.New(slog.DiscardHandler), MailAfter: 15 * time.Minute, GroupWithin: 2 * time.Minute,
	}
	o.ada = o.person("ada@giustizia.it")
	o.says("ciao")
	return o
}

func (o *office) person(email string) account.Person {
	o.Helper()
	p, err := o.people.PersonByEmail(o.Context(), email)
	if fault.Is(err, fault.NotFound) {
		p = account.NewPerson(email, false, "it", o.engine.Now())
		err = o.people.Apply(o.Context(), account.Change{Person: &p})
	}
	if err != nil {
		o.Fatal(err)
	}
	return p
}

// prefers changes what Ada wants.
func (o *office) prefers(p account.Preferences) {
	o.Helper()
	o.ada = o.person(o.ada.Email)
	o.ada.Preferences = p
	if err := o.people.Apply(o.Context(), account.Change{Person: &o.ada}); err != nil {
		o.Fatal(err)
	}
}

// opens records a call of Ada's.
func (o *office) opens(subject string, change ...func(*tickets.Draft)) tickets.Ticket {
	o.Helper()
	o.acts++
	d := tickets.Draft{Author: o.ada.ID, Subject: subject, Body: subject, Impact: tickets.Me, ForMe: true, Office: "Bari", Channel: "phone"}
	for _, c := range change {
		c(&d)
	}
	one, err := o.desk.Open(o.Context(), olga, d, fmt.Sprint("open ", o.acts))
	if err != nil {
		o.Fatal(err)
	}
	return one
}

func (o *office) does(one tickets.Ticket, rule func(tickets.Ticket, tickets.Stamp) (tickets.Change, error)) {
	o.Helper()
	o.acts++
	if _, err := o.desk.Do(o.Context(), olga, one.Number, fmt.Sprint("does ", o.acts), rule); err != nil {
		o.Fatal(err)
	}
}

func (o *office) moves(one tickets.Ticket, note string, to ...tickets.Status) {
	o.Helper()
	for _, status := range to {
		o.does(one, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Move(status, note, s) })
	}
}

func (o *office) writes(one tickets.Ticket, text string, internal bool) {
	o.Helper()
	o.does(one, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Say(tickets.Message{Text: text, Internal: internal}, s)
	})
}

// round lets the announcer work.
func (o *office) round() {
	o.Helper()
	if err := o.announcer.Round(o.Context()); err != nil {
		o.Fatal(err)
	}
}

// quiet takes in what happened so far, so that a test begins after it.
func (o *office) quiet() {
	o.Helper()
	o.round()
	o.see()
	o.now.Add(20)
	o.round()
	o.letters()
}

// see says that everything was shown to Ada.
func (o *office) see() {
	o.Helper()
	if err := o.talks.Seen(o.Context(), o.id, 1_000_000); err != nil {
		o.Fatal(err)
	}
}

// told are the notices of the conversation.
func (o *office) told() (all []bot.Event) {
	o.Helper()
	events, err := o.talks.Events(o.Context(), o.id, 0, 1000)
	if err != nil {
		o.Fatal(err)
	}
	return slices.DeleteFunc(events, func(e bot.Event) bool { return e.Act != "notice" })
}

// letters are those to be mailed since the last call.
func (o *office) letters() (all []bot.Outgoing) {
	o.Helper()
	for {
		due, err := o.talks.Due(o.Context(), "mail", o.engine.Now(), 100)
		if err != nil {
			o.Fatal(err)
		}
		if len(due) == 0 {
			return all
		}
		for _, l := range due {
			all = append(all, l)
			if err := o.talks.Delivered(o.Context(), l.ID, "", o.engine.Now()); err != nil {
				o.Fatal(err)
			}
		}
	}
}

func (o *office) wantLetters(want int) []bot.Outgoing {
	o.Helper()
	all := o.letters()
	if len(all) != want {
		o.Fatalf("%d letters, want %d: %+v", len(all), want, all)
	}
	return all
}

func (o *office) wantTold(want int) bot.Event {
	o.Helper()
	all := o.told()
	if len(all) != want {
		o.Fatalf("%d notices in the conversation, want %d", len(all), want)
	}
	if want == 0 {
		return bot.Event{}
	}
	return all[want-1]
}

func wantIn(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
}

func TestAnOperatorsQuestionIsToldInTheConversationAndMailedOnlyIfItStaysUnread(t *testing.T) {
	for name, read := range map[string]func(*office){
		"unread":                       nil,
		"a client showed it":           func(o *office) { o.see() },
		"the person spoke after it":    func(o *office) { o.says("siete aperti?") },
		"the person answered it there": func(o *office) { o.expect("stanza 12", "message 2026-000001") },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			one := o.opens("Il PC non si accende")
			o.moves(one, "", tickets.Taken, tickets.Working)
			o.quiet()
			before := len(o.told())
			o.moves(one, "Quale stanza?", tickets.Waiting)
			o.round()
			e := o.wantTold(before + 1)
			wantIn(t, e.Reply.Markdown, "2026-000001", "in attesa di una Sua risposta", "Quale stanza?")
			o.wantLetters(0)
			if read != nil {
				read(o)
			}
			o.now.Add(14)
			o.round()
			o.wantLetters(0)
			o.now.Add(2)
			o.round()
			o.round()
			o.wantTold(before + 1)
			if read != nil {
				o.wantLetters(0)
				return
			}
			l := o.wantLetters(1)[0]
			wantIn(t, l.Markdown, "Quale stanza?", "https://help.example/ticket/2026-000001")
			if l.To != "ada@giustizia.it" || l.Unsubscribe != "" || l.Thread != "2026-000001" || l.Kind != bot.LetterNotice || l.Lang != "it" {
				t.Errorf("the letter is %+v", l)
			}
			o.now.Add(60)
			o.round()
			o.wantLetters(0)
		})
	}
}

func TestWithoutAConversationNoticesAreMailedTogether(t *testing.T) {
	o := newOffice(t)
	o.engine.Channels = nil
	one := o.opens("Il PC non si accende")
	o.moves(one, "", tickets.Taken, tickets.Working)
	o.round()
	o.wantLetters(0)
	o.now.Add(1)
	o.moves(one, "Cambiato l'alimentatore", tickets.Solved)
	o.round()
	o.wantLetters(0) // what follows soon may go along
	o.now.Add(1)
	o.round()
	l := o.wantLetters(1)[0]
	wantIn(t, l.Subject, "2026-000001", "risolto")
	wantIn(t, l.Markdown, "preso in carico", "in lavorazione", "Cambiato l'alimentatore")
	if !strings.HasPrefix(l.Unsubscribe, "https://help.example"+bot.UnsubscribePath) {
		t.Errorf("the letter can be unsubscribed from by %q", l.Unsubscribe)
	}
	o.wantTold(0)
	o.now.Add(60)
	o.round()
	o.wantLetters(0)
}

func TestAStormOfManyTicketsIsToldTogether(t *testing.T) {
	o := newOffice(t)
	var all []tickets.Ticket
	for i := range 12 {
		all = append(all, o.opens(fmt.Sprint("Stampante ", i)))
	}
	o.quiet()
	before := len(o.told())
	for _, one := range all {
		o.moves(one, "", tickets.Closed)
	}
	o.round()
	e := o.wantTold(before + 1)
	wantIn(t, e.Reply.Markdown, "12 ticket", "2026-000001", "2026-000012")
	o.now.Add(16)
	o.round()
	l := o.wantLetters(1)[0]
	wantIn(t, l.Subject, "12 ticket")
	wantIn(t, l.Markdown, "2026-000001", "2026-000012")
}

func TestWhatIsOptionalCanBeSwitchedOffAndQuestionsCannot(t *testing.T) {
	o := newOffice(t)
	one := o.opens("Il PC non si accende")
	o.quiet()
	before := len(o.told())
	o.prefers(account.Preferences{MailOff: true, ChatOff: true})
	o.moves(one, "", tickets.Taken, tickets.Working)
	o.round()
	o.now.Add(30)
	o.round()
	o.wantTold(before)
	o.wantLetters(0)
	o.moves(one, "Quale stanza?", tickets.Waiting)
	o.round()
	o.wantTold(before + 1)
	o.now.Add(16)
	o.round()
	o.wantLetters(1)
}

func TestQuietHoursHoldNoticesBack(t *testing.T) {
	o := newOffice(t) // at nine UTC, ten in Italy
	one := o.opens("Il PC non si accende")
	o.moves(one, "", tickets.Taken, tickets.Working)
	o.quiet()
	before := len(o.told())
	o.prefers(account.Preferences{QuietFrom: 9 * 60, QuietUntil: 12 * 60})
	o.moves(one, "Quale stanza?", tickets.Waiting)
	o.round()
	o.wantTold(before)
	o.now.Add(30)
	o.round()
	o.wantTold(before)
	o.wantLetters(0)
	o.now.Add(2 * 60)
	o.round()
	wantIn(t, o.wantTold(before+1).Reply.Markdown, "Quale stanza?")
	o.now.Add(16)
	o.round()
	o.wantLetters(1)
}

func TestAConversationThatFellSilentIsToldNothing(t *testing.T) {
	o := newOffice(t)
	o.engine.TrustFor = 12 * time.Hour
	one := o.opens("Il PC non si accende")
	o.quiet()
	before := len(o.told())
	o.now.Add(13 * 60)
	o.moves(one, "", tickets.Taken)
	o.round()
	o.wantTold(before)
	o.now.Add(3)
	o.round()
	o.wantLetters(1)
}

func TestObserversHearLessAndNobodyHearsOfNotes(t *testing.T) {
	o := newOffice(t)
	o.engine.Channels = nil
	bruno, carla := o.person("bruno@giustizia.it"), o.person("carla@giustizia.it")
	one := o.opens("Il PC di Bruno", func(d *tickets.Draft) {
		d.ForMe, d.Beneficiary = false, tickets.Beneficiary{Name: "Bruno", Email: bruno.Email, Person: bruno.ID}
		d.Observers = []account.PersonID{carla.ID}
	})
	to := map[string][]string{}
	post := func() {
		o.Helper()
		clear(to)
		o.round()
		o.now.Add(3)
		o.round()
		for _, l := range o.letters() {
			to[l.To] = append(to[l.To], l.Markdown)
		}
	}
	post()
	if len(to) != 2 || len(to["carla@giustizia.it"]) != 0 {
		t.Errorf("the opening is told to %v", to)
	}
	wantIn(t, to["bruno@giustizia.it"][0], "Per Lei è stato aperto")
	o.moves(one, "", tickets.Taken, tickets.Working)
	o.moves(one, "Quale stanza?", tickets.Waiting)
	post()
	if len(to) != 3 {
		t.Errorf("the question is told to %v", to)
	}
	wantIn(t, to["bruno@giustizia.it"][0], "Quale stanza?")
	wantIn(t, to["ada@giustizia.it"][0], "Quale stanza?")
	if strings.Contains(to["carla@giustizia.it"][0], "Quale stanza?") {
		t.Error("who only follows is asked, too")
	}
	o.writes(one, "forse è la presa", true)
	post()
	if len(to) != 0 {
		t.Errorf("the note is told to %v", to)
	}
	o.acts++
	if _, err := o.desk.Do(t.Context(), bruno, one.Number, "answer", func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return k.Say(tickets.Message{Text: "stanza 12"}, s)
	}); err != nil {
		t.Fatal(err)
	}
	post()
	if len(to) != 2 || len(to["bruno@giustizia.it"]) != 0 {
		t.Errorf("Bruno's answer is told to %v", to)
	}
	wantIn(t, to["ada@giustizia.it"][0], "bruno\\@giustizia.it", "stanza 12")
}

func TestManyAnnouncersTellEverythingOnce(t *testing.T) {
	o := newOffice(t)
	one := o.opens("Il PC non si accende")
	o.quiet()
	before := len(o.told())
	for i := range 20 {
		o.writes(one, fmt.Sprint("messaggio ", i), false)
		if i%5 == 0 {
			o.crowd()
		}
	}
	o.crowd()
	text := ""
	for _, e := range o.told()[before:] {
		text += e.Reply.Markdown + "\n"
	}
	for i := range 20 {
		if n := strings.Count(text, fmt.Sprintf("messaggio %d\n", i)); n != 1 {
			t.Errorf("message %d is told %d times", i, n)
		}
	}
	o.now.Add(16)
	o.crowd()
	o.wantLetters(1)
}

// crowd lets several announcers work at once, as several processes would.
func (o *office) crowd() {
	var all sync.WaitGroup
	for range 4 {
		other := *o.announcer
		all.Go(func() {
			if err := other.Round(o.Context()); err != nil && !fault.Is(err, fault.Conflict) {
				o.Error(err)
			}
		})
	}
	all.Wait()
	o.round()
}

// frail is a store that fails before, or after, it keeps an announcement.
type frail struct {
	bot.NoticeStore
	before, after bool
}

func (f *frail) Announce(ctx context.Context, a bot.Announcement) error {
	if f.before {
		return errors.New("killed before the commit")
	}
	err := f.NoticeStore.Announce(ctx, a)
	if err == nil && f.after {
		return errors.New("killed after the commit")
	}
	return err
}

func TestWhereverAnAnnouncerIsKilledNothingIsLostOrToldTwice(t *testing.T) {
	o := newOffice(t)
	one := o.opens("Il PC non si accende")
	o.quiet()
	before := len(o.told())
	o.moves(one, "", tickets.Taken)
	f := &frail{NoticeStore: o.talks, before: true}
	dying := *o.announcer
	dying.Store = f
	for _, f.before = range []bool{true, false} {
		f.after = !f.before
		if err := dying.Round(t.Context()); err == nil {
			t.Fatal("it did not fail")
		}
	}
	o.wantTold(before + 1)
	o.round()
	o.wantTold(before + 1)
	o.now.Add(16)
	for _, f.before = range []bool{true, false} {
		f.after = !f.before
		if err := dying.Round(t.Context()); err == nil {
			t.Fatal("it did not fail")
		}
	}
	o.round()
	o.wantLetters(1)
}

// interrupting does something while a question is being answered.
type interrupting struct {
	bot.Searcher
	word string
	do   func()
}

func (i *interrupting) Search(ctx context.Context, q search.Query) (search.Result, error) {
	if i.do != nil && strings.Contains(q.Text, i.word) {
		do := i.do
		i.do = nil
		do()
	}
	return i.Searcher.Search(ctx, q)
}

// The fold must not jump over what was stored while a turn was taken.
func TestANoticeThatComesDuringATurnIsNotLost(t *testing.T) {
	o := newOffice(t)
	one := o.opens("Il PC non si accende")
	o.moves(one, "", tickets.Taken, tickets.Working)
	o.quiet()
	o.engine.Search = &interrupting{o.engine.Search, "stampante", func() {
		o.moves(one, "Quale stanza?", tickets.Waiting)
		o.round()
	}}
	if got := o.says("la stampante"); !slices.Contains(got, "answer stampante") {
		t.Fatalf("the question is answered by %q", got)
	}
	conv, err := o.engine.Conversation(t.Context(), o.id)
	if err != nil {
		t.Fatal(err)
	}
	if len(conv.Heard) == 0 || conv.Heard[len(conv.Heard)-1].Kind != bot.NoticeWaiting {
		t.Errorf("the conversation knows of %+v", conv.Heard)
	}
	o.expect("sì", "solved stampante") // it was said last
	if got := o.says("rispondo al ticket"); !slices.Equal(got, []string{"ask message.2026-000001"}) {
		t.Errorf("the notice cannot be answered: %q", got)
	}
}

// What was written before a notice came is no answer to it.
func TestAMessageWrittenBeforeANoticeIsNoAnswerToIt(t *testing.T) {
	o := newOffice(t)
	one := o.opens("Il PC non si accende")
	o.moves(one, "", tickets.Taken, tickets.Working)
	o.quiet()
	o.engine.Search = &interrupting{o.engine.Search, "stampante", func() {
		if _, err := o.engine.Receive(t.Context(), bot.Inbound{Conversation: o.id, Channel: "test", ID: "early", Text: "risolto grazie"}); err != nil {
			t.Error(err)
		}
		o.moves(one, "", tickets.Solved)
		o.round()
	}}
	o.says("la stampante")
	seq, err := o.talks.Received(t.Context(), bot.Inbound{Conversation: o.id, Channel: "test", ID: "early"})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.engine.Wait(t.Context(), o.id, seq); err != nil {
		t.Fatal(err)
	}
	still, err := o.desk.Ticket(t.Context(), o.ada, one.Number)
	if err != nil {
		t.Fatal(err)
	}
	if still.Status != tickets.Solved {
		t.Errorf("the ticket is %s", still.Status)
	}
}

func TestAnOperatorWhoActsAtTheSameMomentMakesTheTurnBeTakenAgain(t *testing.T) {
	o := newOffice(t)
	one := o.opens("Il PC non si accende")
	o.moves(one, "", tickets.Taken, tickets.Working)
	o.moves(one, "Quale stanza?", tickets.Waiting)
	o.quiet()
	o.moves(one, "", tickets.Solved)
	o.round()
	o.engine.Search = &interrupting{o.engine.Search, "righe", func() { o.writes(one, "Ancora una cosa", false) }}
	o.expect("compaiono righe strane", "message 2026-000001")
	history, err := o.desk.Ticket(t.Context(), o.ada, one.Number)
	if err != nil {
		t.Fatal(err)
	}
	events, err := o.engine.Tickets.History(t.Context(), history.ID)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range events {
		if e.Text == "compaiono righe strane" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the message is %d times on the ticket", n)
	}
}

func TestOptionalLettersTellHowToSwitchThemOff(t *testing.T) {
	o := newOffice(t)
	o.engine.Channels = nil
	o.opens("Il PC non si accende")
	o.round()
	o.now.Add(3)
	o.round()
	_, token, _ := strings.Cut(o.wantLetters(1)[0].Unsubscribe, bot.UnsubscribePath)
	key, err := o.talks.Key(t.Context(), bot.UnsubscribeKey)
	if err != nil {
		t.Fatal(err)
	}
	who, kind, err := account.Unsubscribe{Key: key}.Verify(token)
	if err != nil || who != o.ada.ID || kind != account.OptionalMail {
		t.Errorf("the link is for %q and %q, %v", who, kind, err)
	}
}

func TestAnAddressThatIsGoneGetsQuestionsOnly(t *testing.T) {
	o := newOffice(t)
	o.engine.Channels = nil
	one := o.opens("Il PC non si accende")
	o.round()
	o.now.Add(3)
	o.round()
	if err := o.talks.Returned(t.Context(), o.wantLetters(1)[0].ID, "5.1.1", true, o.engine.Now()); err != nil {
		t.Fatal(err)
	}
	o.moves(one, "", tickets.Taken, tickets.Working)
	o.round()
	o.now.Add(3)
	o.round()
	o.wantLetters(0)
	o.moves(one, "Quale stanza?", tickets.Waiting)
	o.round()
	o.now.Add(3)
	o.round()
	o.wantLetters(1)
}

func TestWhatIsOldIsNoNews(t *testing.T) {
	o := newOffice(t)
	past := *o.desk
	past.Now = func() time.Time { return o.engine.Now().Add(-48 * time.Hour) }
	if _, err := past.Open(t.Context(), olga, tickets.Draft{Author: o.ada.ID, Subject: "Vecchio", Body: "x", Impact: tickets.Me, ForMe: true, Office: "Bari", Channel: "api"}, "old"); err != nil {
		t.Fatal(err)
	}
	o.round()
	o.wantTold(0)
}

// Nobody says the year of a ticket, and it is the help desk's: in Rome it is 2027
// while it is still 2026 in London.
func TestATicketIsFoundWithoutItsYear(t *testing.T) {
	o := newOffice(t)
	o.opens("La vpn")
	o.now.Store(int64(time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC).Sub(o.engine.Now()).Minutes()))
	o.expect("a che punto è il ticket 1?", "show 2026-000001")
	ada := o.ada
	o.ada = o.person("bea@giustizia.it")
	o.opens("Di un'altra persona")
	o.ada = ada
	o.expect("ticket 1", "show 2026-000001")
	o.expect("ticket 2027/1", "refuse ticket.not_found")
	o.expect("0000", "abstain")
	o.opens("La stampante")
	o.expect("ticket 2", "show 2027-000002")
	o.expect("e la richiesta n. 3?", "refuse ticket.not_found")
}
