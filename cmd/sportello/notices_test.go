package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/widget"
	"sportello/internal/fault"
	"sportello/store"
	"sportello/tickets"
)

// deskSite is a demonstration whose clock a test moves, with a conversation of
// the demonstration's user in it.
type deskSite struct {
	*testing.T
	app      *app
	url      string
	minutes  *atomic.Int64 // the clock is ahead by
	chat     caller
	user     account.Person
	operator account.Person
	acts     int
}

func newDeskSite(t *testing.T) *deskSite {
	m, err := readContent(contentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	d := &deskSite{T: t, user: demoPeople[0], operator: demoPeople[1], minutes: &atomic.Int64{}}
	settings := defaultConfig()
	settings.SiteURL = "https://help.example"
	settings.Widget = widget.Config{MessagesPerMinute: 10_000, StartsPerMinute: 10_000}
	d.app, err = open(t.Context(), options{
		config: settings, data: t.TempDir(), material: m, memory: true, log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		now: func() time.Time { return time.Now().Add(time.Duration(d.minutes.Load()) * time.Minute) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.app.close(); err != nil {
			t.Error(err)
		}
	})
	d.url = testSite(t, d.app, true).URL
	d.chat = call(t, d.url, "it")
	identity := account.Identity{Channel: widget.Channel, PlatformID: d.chat.id[1:]}
	if err := d.app.confirm(t.Context(), d.user.Email, "it", identity); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *deskSite) say(text string) {
	d.Helper()
	d.acts++
	status, _, body := d.chat.do(http.MethodPost, d.chat.id+"/messages", fmt.Sprintf(`{"client_id":"m%d","text":%q}`, d.acts, text))
	if status != http.StatusAccepted {
		d.Fatalf("%q is answered %d %s", text, status, body)
	}
}

func (d *deskSite) opens(subject string) tickets.Ticket {
	d.Helper()
	one, err := d.app.desk.Open(d.Context(), d.operator, tickets.Draft{
		Author: d.user.ID, Subject: subject, Body: subject, Impact: tickets.Me, ForMe: true, Office: d.user.Office, Channel: "phone",
	}, subject)
	if err != nil {
		d.Fatal(err)
	}
	return one
}

func (d *deskSite) moves(one tickets.Ticket, note string, to ...tickets.Status) {
	d.Helper()
	for _, status := range to {
		d.acts++
		_, err := d.app.desk.Do(d.Context(), d.operator, one.Number, fmt.Sprint("move ", d.acts), func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Move(status, note, s)
		})
		if err != nil {
			d.Fatal(err)
		}
	}
}

// hears waits for a message of the assistant with these words.
func (d *deskSite) hears(words string) widget.Message {
	d.Helper()
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		_, _, body := d.chat.do(http.MethodGet, d.chat.id+"/events", "", "Accept", "application/json")
		var all []widget.Message
		if err := json.Unmarshal([]byte(body), &all); err != nil {
			d.Fatal(err)
		}
		for _, m := range all {
			if m.Author == bot.Assistant && strings.Contains(m.Text, words) {
				return m
			}
		}
	}
	d.Fatalf("nobody said %q", words)
	return widget.Message{}
}

// mailed waits for a letter to the user with these words.
func (d *deskSite) mailed(words string) shownLetter {
	d.Helper()
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		for _, l := range mails(d, d.url, d.user.Email) {
			if strings.Contains(l.Subject+l.Text, words) {
				return l
			}
		}
	}
	d.Fatalf("no letter says %q", words)
	return shownLetter{}
}

func TestAQuestionOfAnOperatorReachesTheChatAndItsAnswerTheTicket(t *testing.T) {
	d := newDeskSite(t)
	d.say("buongiorno")
	one := d.opens("Il PC non si accende")
	d.moves(one, "", tickets.Taken, tickets.Working)
	d.moves(one, "Qual è il numero di inventario?", tickets.Waiting)
	asked := d.hears("Qual è il numero di inventario?")
	if !asked.Notice || !asked.Awaits || len(asked.Choices) == 0 {
		t.Errorf("the notice comes as %+v", asked)
	}
	stranger := d.chat
	stranger.token = "guessed"
	if status, _, _ := stranger.do(http.MethodPost, d.chat.id+"/seen", `{"seq":3}`); status != http.StatusNotFound {
		t.Errorf("a stranger who saw it is answered %d", status)
	}
	if status, _, body := d.chat.do(http.MethodPost, d.chat.id+"/seen", fmt.Sprintf(`{"seq":%d}`, asked.Seq)); status != http.StatusNoContent {
		t.Errorf("who saw it is answered %d %s", status, body)
	}
	d.say("è il 12345")
	d.hears("Ho aggiunto il messaggio")
	now, err := d.app.desk.Ticket(t.Context(), d.user, one.Number)
	if err != nil || now.Status != tickets.Working {
		t.Errorf("the ticket is %s, %v", now.Status, err)
	}
}

func TestWhoHasNoChatIsMailedAndMaySwitchThatOff(t *testing.T) {
	d := newDeskSite(t)
	one := d.opens("Il PC non si accende")
	d.minutes.Store(13 * 60) // the chat has been silent for too long
	d.moves(one, "", tickets.Taken)
	toldUntil(t, d.app.talks, d.app.tickets, bot.ConversationID(d.chat.id[1:])) // from then on its time runs
	d.minutes.Add(3)
	d.mailed("preso in carico")
	key, err := d.app.talks.Key(t.Context(), bot.UnsubscribeKey)
	if err != nil {
		t.Fatal(err)
	}
	link := d.url + bot.UnsubscribePath + account.Unsubscribe{Key: key}.Sign(d.user.ID, account.OptionalMail)
	answer, err := http.Post(link, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	who, err := d.app.people.Person(t.Context(), d.user.ID)
	if err != nil || answer.StatusCode >= 400 || !who.Preferences.MailOff {
		t.Errorf("one click is answered %s: %+v, %v", answer.Status, who.Preferences, err)
	}
}

// Whatever moment the service is killed at, each message of an operator is told
// in the chat, and once.
func TestNoticesOutliveKills(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the service many times")
	}
	s := serve(t)
	db, err := store.Open(t.Context(), s.data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	people, talks, kept := store.NewAccount(db), store.NewConversations(db), store.NewTickets(db)
	chat := call(t, "http://"+s.address, "it")
	id := bot.ConversationID(chat.id[1:])
	user, operator := demoPeople[0], demoPeople[1]
	if err := people.Apply(t.Context(), account.Change{Link: &account.Link{
		Identity: account.Identity{Channel: widget.Channel, PlatformID: string(id)}, Person: user.ID, At: time.Now(),
	}}); err != nil {
		t.Fatal(err)
	}
	m, err := readContent(contentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	desk := &tickets.Desk{Store: kept, Accounts: people, Catalogue: m.catalogue, Terms: m.terms, Now: time.Now}
	one, err := desk.Open(t.Context(), operator, tickets.Draft{
		Author: user.ID, Subject: "Stampante", Body: "Ferma", Impact: tickets.Me, ForMe: true, Office: "Bari", Channel: "phone",
	}, "one")
	if err != nil {
		t.Fatal(err)
	}
	const messages, kills = 60, 10
	for i := range messages {
		_, err := desk.Do(t.Context(), operator, one.Number, fmt.Sprint("say ", i), func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Say(tickets.Message{Text: fmt.Sprintf("messaggio%dfine", i)}, s)
		})
		if err != nil {
			t.Fatal(err)
		}
		if i%(messages/kills) == 0 {
			time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond)
			s.kill()
			s.start(t)
		}
	}
	text := toldUntil(t, talks, kept, id)
	for i := range messages {
		if n := strings.Count(text, fmt.Sprintf("messaggio%dfine", i)); n != 1 {
			t.Errorf("message %d is told %d times", i, n)
		}
	}
}

// toldUntil waits for the announcer to reach the end of the feed, and returns
// what it told in the conversation.
func toldUntil(t *testing.T, talks *store.Conversations, kept *store.Tickets, id bot.ConversationID) (text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		mark, err1 := talks.Announced(ctx)
		last, err2 := kept.LastHappening(ctx)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if mark == last {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	events, err := talks.Events(ctx, id, 0, 1000)
	if err != nil && !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Act == bot.ActNotice {
			text += e.Reply.Markdown + "\n"
		}
	}
	return text
}
