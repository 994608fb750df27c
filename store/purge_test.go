package store_test

import (
	"crypto/rand"
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/store"
	"sportello/tickets"
	"sportello/tickets/intake"
	"sportello/tickets/webhook"
)

// house is a database with people, conversations and tickets of several ages.
type house struct {
	*testing.T
	dir     string
	db      *store.DB
	people  *store.Account
	talks   *store.Conversations
	tickets *store.Tickets
	now     time.Time
}

func newHouse(t *testing.T) *house {
	dir := t.TempDir()
	db, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &house{t, dir, db, store.NewAccount(db), store.NewConversations(db), store.NewTickets(db), time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) person(email string) account.Person {
	h.Helper()
	p, err := h.people.Admit(h.Context(), account.NewPerson(email, false, "it", h.now))
	h.ok(err)
	return p
}

// talk is a conversation whose last word was said so many days ago.
func (h *house) talk(name string, days int, person account.PersonID) bot.ConversationID {
	h.Helper()
	who := account.Identity{Channel: "widget", PlatformID: name}
	at := h.now.AddDate(0, 0, -days)
	id, err := h.talks.Start(h.Context(), bot.Record{
		Conversation: bot.Conversation{ID: bot.ConversationID(name), Channel: "widget", Identity: who}, Chat: name, StartedAt: at.AddDate(0, 0, -1),
	}, []bot.Event{{At: at.AddDate(0, 0, -1), Author: bot.Assistant, Act: "disclose"}, {At: at, Author: bot.Assistant, Act: "greet"}})
	h.ok(err)
	if person != "" {
		h.ok(h.people.Apply(h.Context(), account.Change{Link: &account.Link{Identity: who, Person: person, At: at}}))
	}
	return id
}

// ticket is one in a status since so many months.
func (h *house) ticket(author account.Person, status tickets.Status, months int, change ...func(*tickets.Ticket)) tickets.Ticket {
	h.Helper()
	at := h.now.AddDate(0, -months, 0)
	t := tickets.Ticket{
		ID: tickets.ID(rand.Text()), Status: status, RequestType: "posta", Application: "pec", Subject: "Pec piena di Anna", Body: "Sono Anna", Impact: tickets.Me,
		Author: author.ID, Phone: "080 123", Office: "Bari", Area: "sud", Channel: "widget", OpenedAt: at, MovedAt: at, Rating: &tickets.Rating{Score: 4, Suggestion: "Brava Olga", At: at},
		Attachments: []tickets.Attachment{{ID: rand.Text(), Name: "anna.png"}}, Version: 1,
	}
	for _, c := range change {
		c(&t)
	}
	kept, err := h.tickets.Open(h.Context(), at.Year(), tickets.Change{Ticket: t, Happened: []tickets.Event{{Kind: tickets.KindMessage, By: author.ID, At: at, Public: true, Text: "Sono sempre Anna"}}})
	h.ok(err)
	return kept
}

// text is everything that the database file and its log hold in their tables.
func (h *house) holds(word string) []string {
	h.Helper()
	raw, err := sql.Open("sqlite", filepath.Join(h.dir, store.FileName))
	h.ok(err)
	defer func() { _ = raw.Close() }()
	var found []string
	for table, columns := range columnsOf(h.T, raw) {
		for _, c := range columns {
			var n int
			h.ok(raw.QueryRowContext(h.Context(), `SELECT COUNT(*) FROM `+table+` WHERE CAST(`+c+` AS TEXT) LIKE ?`, "%"+word+"%").Scan(&n))
			if n > 0 {
				found = append(found, table+"."+c)
			}
		}
	}
	return found
}

func columnsOf(t *testing.T, raw *sql.DB) map[string][]string {
	t.Helper()
	r, err := raw.QueryContext(t.Context(), `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND m.name NOT LIKE 'ticket_words%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	all := map[string][]string{}
	for r.Next() {
		var table, column string
		if err := r.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		all[table] = append(all[table], column)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func (h *house) purge(terms privacy.Terms, dry bool) map[string]int {
	h.Helper()
	p := &privacy.Purge{Duties: h.db.Duties(), Terms: terms, Now: func() time.Time { return h.now }, Zone: time.UTC, Log: slog.New(slog.DiscardHandler)}
	all, err := p.Once(h.Context(), dry)
	h.ok(err)
	counts := map[string]int{}
	for _, one := range all {
		if one.Count > 0 {
			counts[one.Duty] = one.Count
		}
	}
	return counts
}

func (h *house) there(id bot.ConversationID) bool {
	h.Helper()
	_, err := h.talks.Conversation(h.Context(), id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		h.Fatal(err)
	}
	return err == nil
}

func TestWhatIsTooOldGoesAndTheFiguresStay(t *testing.T) {
	h := newHouse(t)
	anna := h.person("anna@giustizia.it")
	oldTalk, young, linked, unread := h.talk("old", 31, ""), h.talk("young", 29, ""), h.talk("linked", 31, anna.ID), h.talk("unread", 31, "")
	_, _, err := h.talks.Receive(t.Context(), bot.Inbound{Conversation: unread, Channel: "widget", ID: "1"}, bot.Event{At: h.now, Author: bot.User, Text: "ancora"})
	h.ok(err)
	for _, id := range []bot.ConversationID{oldTalk, young} {
		h.ok(h.talks.SetMark(t.Context(), "telegram sent", string(id), "7"))
	}
	for i := range 250 { // more than one batch
		h.talk("many"+strings.Repeat("x", i), 40, "")
	}
	old := h.ticket(anna, tickets.Closed, 25)
	open, recent := h.ticket(anna, tickets.Working, 25), h.ticket(anna, tickets.Closed, 23)
	challenge, _, err := account.NewChallenge(account.Identity{Channel: "widget", PlatformID: "x"}, "mai@visto.it", h.now.AddDate(0, 0, -2), rand.Reader)
	h.ok(err)
	h.ok(h.people.Apply(t.Context(), account.Change{Challenge: &challenge, Nonce: &account.Nonce{Word: "w", Until: h.now.AddDate(0, 0, -2)}}))
	h.ok(h.people.BeginSession(t.Context(), account.Session{Hash: []byte("s"), Data: []byte{}, Until: h.now.AddDate(0, 0, -2)}))
	_, err = h.people.Attempt(t.Context(), "network x", h.now.AddDate(0, 0, -2), h.now)
	h.ok(err)
	h.ok(h.talks.Post(t.Context(), account.Change{}, bot.Outgoing{ID: "sent", Channel: "mail", To: "mai@visto.it"}, bot.Outgoing{ID: "waits", Channel: "mail", To: "due@visto.it"},
		bot.Outgoing{ID: "late", Channel: "mail", To: "tre@visto.it", Secret: true, Markdown: "codice", Expires: h.now.AddDate(0, 0, -22)}))
	h.ok(h.talks.Delivered(t.Context(), "sent", "1", h.now.AddDate(0, 0, -22)))

	forms := store.NewForms(h.db)
	for days, kind := range map[int]string{31: "vpn", 29: "teams"} {
		h.ok(forms.Attach(t.Context(), tickets.Unsent{Person: anna.ID, RequestType: kind, Key: kind, SavedAt: h.now.AddDate(0, 0, -days)}, tickets.Attachment{ID: rand.Text()}, 5))
	}

	want := map[string]int{
		"requests that were not sent": 1, "conversations of nobody known": 251, "closed tickets": 1, "letters": 2, "one-time codes": 1, "sessions that are over": 1, "words that counted once": 1, "attempts to sign in": 1,
	}
	for _, dry := range []bool{true, true, false} {
		got := h.purge(privacy.DefaultTerms(), dry)
		for name, n := range want {
			if got[name] != n {
				t.Errorf("dry %v: %s: %d, want %d", dry, name, got[name], n)
			}
		}
		if len(got) != len(want) {
			t.Errorf("dry %v: %v", dry, got)
		}
	}
	if left, err := forms.AllUnsent(t.Context(), anna.ID); err != nil || len(left) != 1 || left[0].RequestType != "teams" || len(left[0].Attachments) != 1 {
		t.Errorf("unsent are %+v, %v", left, err)
	}
	if again := h.purge(privacy.DefaultTerms(), false); len(again) != 0 {
		t.Errorf("a second time %v goes", again)
	}
	for id, there := range map[bot.ConversationID]bool{oldTalk: false, young: true, linked: true, unread: true} {
		if h.there(id) != there {
			t.Errorf("conversation %s is there: %v", id, !there)
		}
	}
	for id, want := range map[bot.ConversationID]string{oldTalk: "", young: "7"} {
		if mark, err := h.talks.Mark(t.Context(), "telegram sent", string(id)); err != nil || mark != want {
			t.Errorf("of conversation %s a channel remembers %q, %v", id, mark, err)
		}
	}
	now, err := h.tickets.Ticket(t.Context(), old.ID)
	h.ok(err)
	if now.Subject+now.Body+now.Phone+now.Office+string(now.Author)+now.Rating.Suggestion != "" || len(now.Attachments) > 0 || now.RequestType != "posta" || now.Rating.Score != 4 || now.Area != "sud" || !now.OpenedAt.Equal(old.OpenedAt) {
		t.Errorf("what stays of an old ticket is %+v", now)
	}
	events, err := h.tickets.History(t.Context(), old.ID)
	h.ok(err)
	if len(events) != 1 || events[0].Text != "" || events[0].By != "" {
		t.Errorf("and its history %+v", events)
	}
	for _, one := range []tickets.Ticket{open, recent} {
		if kept, err := h.tickets.Ticket(t.Context(), one.ID); err != nil || kept.Subject == "" || kept.Author != anna.ID {
			t.Errorf("%s is %+v, %v", one.Number, kept, err)
		}
	}
	mine, err := h.tickets.Of(t.Context(), anna.ID, tickets.Filter{})
	h.ok(err)
	if len(mine) != 2 {
		t.Errorf("%d tickets are in the list", len(mine))
	}
	if rest := h.purge(privacy.Terms{}, true); len(rest) != 0 {
		t.Errorf("with terms that never end %v goes", rest)
	}
	due, err := h.talks.Due(t.Context(), "mail", h.now, 10)
	h.ok(err)
	if len(due) != 1 || due[0].ID != "waits" {
		t.Errorf("letters to send: %+v", due)
	}
}

func TestAPersonWhoIsErasedIsNowhere(t *testing.T) {
	h := newHouse(t)
	anna, olga := h.person("anna.rarissima@giustizia.it"), h.person("olga@giustizia.it")
	anna.Name = "Anna Rarissima"
	h.ok(h.people.Apply(t.Context(), account.Change{Person: &anna}))
	hers, other := h.talk("hers", 1, anna.ID), h.talk("other", 1, olga.ID)
	_, _, err := h.talks.Receive(t.Context(), bot.Inbound{Conversation: hers, Channel: "widget", ID: "1"}, bot.Event{At: h.now, Author: bot.User, Text: "Sono la Rarissima"})
	h.ok(err)
	challenge, _, err := account.NewChallenge(account.Identity{Channel: "browser", PlatformID: "x"}, anna.Email, h.now, rand.Reader)
	h.ok(err)
	h.ok(h.talks.Post(t.Context(), account.Change{Challenge: &challenge}, bot.Outgoing{ID: "sent", Channel: "mail", To: anna.Email, Subject: "codice"}))
	h.ok(h.people.BeginSession(t.Context(), account.Session{Hash: []byte("s"), Person: anna.ID, Data: []byte{}, Until: h.now.AddDate(1, 0, 0)}))
	token, _, err := account.NewToken(anna.ID, "di Rarissima", []account.Scope{account.TicketsRead}, h.now, 0)
	h.ok(err)
	h.ok(h.people.AddToken(t.Context(), token))
	h.ok(h.people.SaveCredential(t.Context(), account.Credential{Person: anna.ID, Password: "x"}))
	_, err = h.people.Attempt(t.Context(), "account "+anna.Email, h.now, h.now)
	h.ok(err)
	h.ok(h.talks.Returned(t.Context(), "sent", "5.1.1 no such user", true, h.now))
	h.ok(h.talks.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{
		{Notice: bot.Notice{ID: "to her", Person: anna.ID, Text: "per la Rarissima", Due: h.now}},
		{Notice: bot.Notice{ID: "of her", Person: olga.ID, By: "Anna Rarissima", Due: h.now}},
	}}))
	mine := h.ticket(anna, tickets.Working, 1, func(k *tickets.Ticket) { k.Subject, k.Body = "Pec piena", "La casella è piena." })
	forHer := h.ticket(olga, tickets.Working, 1, func(k *tickets.Ticket) {
		k.Beneficiary = tickets.Beneficiary{Name: "Anna Rarissima", Email: anna.Email, Person: anna.ID}
		k.Proposed = tickets.Beneficiary{Name: "Anna Rarissima", Email: anna.Email}
	})

	h.ok(store.NewForms(h.db).Keep(t.Context(), tickets.Unsent{Person: anna.ID, RequestType: "vpn", Key: "k", Values: map[string]string{"f-body": "Sono la Rarissima"}, SavedAt: h.now}))

	h.ok(h.talks.SetMark(t.Context(), "telegram told", string(hers), "rarissima"))

	h.ok(h.people.Erase(t.Context(), anna.ID))
	if err := h.people.Erase(t.Context(), anna.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a second time: %v", err)
	}
	if found := h.holds("rarissima"); len(found) > 0 {
		t.Errorf("she is still in %v", found)
	}
	if h.there(hers) || !h.there(other) {
		t.Error("the wrong conversation is gone")
	}
	for _, k := range []tickets.Ticket{mine, forHer} {
		now, err := h.tickets.Ticket(t.Context(), k.ID)
		h.ok(err)
		if now.Author != k.Author || now.Body != k.Body || now.Version <= k.Version {
			t.Errorf("the work of %s is %+v", k.Number, now)
		}
	}
	if _, err := h.people.Person(t.Context(), olga.ID); err != nil {
		t.Error(err)
	}
}

func TestWhoeverIsErasedTakesNothingOfOthersAlong(t *testing.T) {
	h := newHouse(t)
	gone := h.person("m_rossi@giustizia.it")
	mails := store.NewIntake(h.db)
	for i, sender := range []string{"m_rossi@giustizia.it", `"Mara Rossi" <m_rossi@giustizia.it>`, "a@b.example, m_rossi@giustizia.it", "marim_rossi@giustizia.it", "mxrossi@giustizia.it"} {
		id := string(rune('1' + i))
		_, _, err := mails.Take(t.Context(), intake.Taken{Key: id, Content: id, At: h.now, Outcome: intake.Held, Held: &intake.HeldMail{ID: id, At: h.now, From: sender, Raw: id, Status: intake.Waiting}})
		h.ok(err)
	}
	k := h.ticket(h.person("olga@giustizia.it"), tickets.Working, 1)
	mara, other := tickets.Beneficiary{Name: "Mara Rossi", Email: gone.Email, Person: gone.ID}, tickets.Beneficiary{Name: "Mx Rossi", Email: "mxrossi@giustizia.it"}
	k.Version++
	h.ok(h.tickets.Save(t.Context(), tickets.Change{Ticket: k, Happened: []tickets.Event{
		{Kind: tickets.KindChanged, At: h.now, Public: true, Field: tickets.ChangedBeneficiary, Old: mara.String(), New: other.String()},
	}}))
	h.ok(h.people.Erase(t.Context(), gone.ID))
	left, err := mails.Quarantined(t.Context(), "", 10)
	h.ok(err)
	if len(left) != 2 || left[0].From != "mxrossi@giustizia.it" || left[1].From != "marim_rossi@giustizia.it" {
		t.Errorf("left are %+v", left)
	}
	events, err := h.tickets.History(t.Context(), k.ID)
	h.ok(err)
	if last := events[len(events)-1]; last.Old != "…" || last.New != other.String() {
		t.Errorf("the history tells %q, %q", last.Old, last.New)
	}
}

func TestAFileIsNamedWhereverItsIDStands(t *testing.T) {
	h := newHouse(t)
	attached, mentioned, nowhere := rand.Text(), rand.Text(), rand.Text()
	id := h.talk("one", 1, "")
	h.ok(h.talks.Attach(t.Context(), id, bot.Attachment{ID: attached, Name: "a.png"}))
	k := h.ticket(h.person("anna@giustizia.it"), tickets.Working, 1)
	// A table of tomorrow, whose author did not think of this.
	raw, err := sql.Open("sqlite", filepath.Join(h.dir, store.FileName))
	h.ok(err)
	defer func() { _ = raw.Close() }()
	_, err = raw.ExecContext(t.Context(), `CREATE TABLE held (raw TEXT)`)
	h.ok(err)
	_, err = raw.ExecContext(t.Context(), `INSERT INTO held VALUES (?)`, mentioned)
	h.ok(err)
	named, err := h.db.Named(t.Context(), []string{attached, mentioned, nowhere, k.Attachments[0].ID})
	h.ok(err)
	if len(named) != 3 || named[nowhere] {
		t.Errorf("named are %v", named)
	}
}

func TestDeliveriesOfWebhooksGrowOld(t *testing.T) {
	h := newHouse(t)
	hooks := store.NewWebhooks(h.db)
	hook, err := webhook.New(webhook.Wanted{URL: "https://hooks.example.it/", Active: true}, "", h.now, webhook.Config{})
	h.ok(err)
	_, err = hooks.AddHook(t.Context(), hook, "")
	h.ok(err)
	old := h.now.AddDate(0, 0, -22)
	made := func(seq int64, at time.Time) webhook.Delivery {
		return webhook.Delivery{Hook: hook.ID, Seq: seq, Ticket: "t", Kind: tickets.KindMoved, Payload: []byte(`{"email":"anna@giustizia.it"}`), PlannedAt: at, NextAt: at}
	}
	h.ok(hooks.Plan(t.Context(), 0, 3, []webhook.Delivery{made(1, old), made(2, old), made(3, h.now)}))
	_, err = hooks.Tried(t.Context(), made(1, old), func(d webhook.Delivery, h webhook.Hook) (webhook.Delivery, webhook.Hook) {
		return webhook.After(d, h, webhook.Outcome{At: old, Status: 200}, webhook.Config{})
	})
	h.ok(err)
	h.purge(privacy.DefaultTerms(), false)
	left, err := hooks.Deliveries(t.Context(), hook.ID, 0, 10)
	h.ok(err)
	if len(left) != 2 || left[1].Seq != 2 {
		t.Errorf("left are %d, want those that were not sent yet and the new one", len(left))
	}
}
