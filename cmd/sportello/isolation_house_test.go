package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/kb"
	"sportello/store"
	"sportello/tickets"
	"sportello/tickets/intake"
	"sportello/web/api"

	"github.com/alexedwards/scs/v2"
)

// secrets are words that stand in one place each, with those who may read
// them there.
var secretPlaces = map[string][]string{
	"zqsubject": onTicket, "zqbody": onTicket, "zqsaid": onTicket, "zqfilename": onTicket, "zqfilecontent": onTicket,
	"zqnote": operators, "zqnotefile": operators, "zqnotecontent": operators, "zqheldtext": operators, "zqheldsubject": operators, "zqheldfrom": operators,
	"zqneighbour": append([]string{"neighbour"}, operators...),
	"zqdraft":     {"author"}, "zqdraftfile": {"author"}, "zqdraftcontent": {"author"}, "zqchat": nil, "zqhook": {"administrator"},
	"zqtitle": audience, "zqarticle": audience,
	"zqauthorname": onTicket, "zqoperatorname": operators, "zqneighbourname": append([]string{"neighbour"}, operators...),
}

var (
	operators = []string{"operator", "elsewhere"}
	onTicket  = append([]string{"author", "beneficiary", "observer"}, operators...)
	audience  = append([]string{"editor", "reviewer"}, operators...) // of articles for operators
)

// visitors are all who come to a house: a stranger, one whose session was
// revoked, one with a cookie that never was, and people of every sort.
var visitors = append([]string{"", "revoked", "forged", "neighbour", "elsewhere"}, everybody...)

// out reports whether a visitor is signed in no more than a stranger is.
func out(who string) bool { return who == "" || who == "revoked" || who == "forged" }

// house is an office with secrets in every place, and people who walk in with
// the cookies of their sessions.
type house struct {
	*office
	cookies map[string]string
	later   atomic.Int64 // how much later it is here, so that no limit is met
	db      *sql.DB
	there   things
}

// things are what exists, by what stands in a path for it.
type things struct {
	ticket, other                              tickets.Number
	file, otherFile, noteFile, draftFile       string
	mail, hook, talk, talkToken, person, token string
	requestType                                string
}

// aRequestType has a form that the author left half-written.
const aRequestType = "informazioni"

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{cookies: map[string]string{"forged": rand.Text()}}
	a := testApp(t)
	a.now = func() time.Time { return time.Now().Add(time.Duration(h.later.Load())) }
	h.office = officeOf(t, a)
	for _, name := range []string{"neighbour", "elsewhere", "revoked"} {
		h.people[name] = account.NewPerson(name+"@giustizia.it", false, "it", time.Now())
	}
	for name, p := range h.people {
		if kept, err := a.people.Person(t.Context(), p.ID); err == nil {
			p = kept
		}
		p.Name = "Nome zq" + name + "name"
		switch name {
		case "operator":
			p.Teams = []string{"smistamento", "sud", "centro", "nord"}
		case "elsewhere", "revoked":
			p.Roles, p.Teams = append(p.Roles, account.Operator), []string{"adi"}
		}
		h.check(a.people.Apply(t.Context(), account.Change{Person: &p}))
		kept, err := a.people.Person(t.Context(), p.ID)
		h.check(err)
		h.people[name] = kept
	}
	for name, p := range h.people {
		h.cookies[name] = h.session(p)
	}
	h.check(a.people.SignOut(t.Context(), h.people["revoked"].ID))
	var err error
	h.db, err = sql.Open("sqlite", "file:"+filepath.Join(a.data, store.FileName)+"?mode=ro")
	h.check(err)
	t.Cleanup(func() { _ = h.db.Close() })
	h.furnish()
	return h
}

func (h *house) check(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// session begins one as signing in does, and returns its cookie.
func (h *house) session(p account.Person) string {
	h.Helper()
	secret, until := rand.Text(), time.Now().Add(time.Hour)
	data, err := scs.GobCodec{}.Encode(until, map[string]any{"person": string(p.ID)})
	h.check(err)
	sum := sha256.Sum256([]byte(secret))
	h.check(h.app.people.BeginSession(h.Context(), account.Session{Hash: sum[:], Person: p.ID, Data: data, Until: until}))
	return secret
}

// furnish puts a secret into every place there is.
func (h *house) furnish() {
	h.Helper()
	ctx := h.Context()
	h.there = things{requestType: aRequestType, person: string(h.people["author"].ID)}
	t := h.ticket("zqsubject", "zqbody")
	h.there.ticket, h.there.file = t.Number, h.file("zqfilename.txt", "zqfilecontent")
	h.say(t.Number, "author", tickets.Message{Text: "Ancora zqsaid", Attachments: h.attachment(h.there.file, "zqfilename.txt")})
	h.there.noteFile = h.file("zqnotefile.txt", "zqnotecontent")
	h.say(t.Number, "operator", tickets.Message{Text: "Nota zqnote", Internal: true, Attachments: h.attachment(h.there.noteFile, "zqnotefile.txt")})

	h.there.otherFile = h.file("zqneighbour.txt", "zqneighbour")
	other, err := h.app.desk.Open(ctx, h.people["neighbour"], tickets.Draft{
		Subject: "Consolle zqneighbour", Body: "zqneighbour", ForMe: true, Impact: tickets.Me, Channel: "portal", Attachments: h.attachment(h.there.otherFile, "zqneighbour.txt"),
	}, "")
	h.check(err)
	h.there.other = other.Number

	h.there.draftFile = h.file("zqdraftfile.txt", "zqdraftcontent")
	draft := tickets.Unsent{Person: h.people["author"].ID, RequestType: aRequestType, Key: "portal/" + h.there.person + "/" + rand.Text(), Values: map[string]string{"f-body": "zqdraft"}, SavedAt: time.Now()}
	forms := store.NewForms(h.app.db)
	h.check(forms.Keep(ctx, draft))
	h.check(forms.Attach(ctx, draft, h.attachment(h.there.draftFile, "zqdraftfile.txt")[0], 5))

	in := &intake.Intake{Config: h.app.config.Intake, Store: store.NewIntake(h.app.db), Mails: h.app.folder, Log: h.app.log, Now: h.app.now}
	_, err = in.Hold(ctx, []byte("From: zqheldfrom@giustizia.it\r\nTo: assistenza@giustizia.it\r\nSubject: zqheldsubject\r\nMessage-ID: <a@giustizia.it>\r\n\r\nzqheldtext\r\n"), intake.Envelope{}, intake.Unauthenticated)
	h.check(err)
	held, err := in.Quarantined(ctx, h.people["operator"], "", 10)
	h.check(err)
	h.there.mail = held[0].ID

	talk := decoded[struct{ ID, Token string }](h, h.must(http.StatusCreated, h.ask("", "POST", "/api/v1/conversations", `{"lang":"it"}`)))
	h.there.talk, h.there.talkToken = talk.ID, talk.Token
	h.must(http.StatusAccepted, h.ask(talk.Token, "POST", "/api/v1/conversations/"+talk.ID+"/messages", `{"client_id":"1","text":"zqchat consolle"}`))

	hook := decoded[api.Hook](h, h.must(http.StatusCreated, h.ask("administrator", "POST", "/api/v1/webhooks", `{"name":"zqhook","url":"http://127.0.0.1:1/zqhook"}`)))
	h.there.hook = string(hook.ID)
	_, err = h.app.library.Import(ctx, []kb.Article{{ID: "riservato", Lang: "it", Title: "Consolle zqtitle", Questions: []string{"consolle zqtitle"}, Audience: account.Operators, Status: kb.Published, Body: "La consolle zqarticle."}}, kb.Local)
	h.check(err)
	_, err = h.app.indexer.CatchUp(ctx)
	h.check(err)
	key, err := h.app.talks.Key(ctx, bot.UnsubscribeKey)
	h.check(err)
	h.there.token = account.Unsubscribe{Key: key}.Sign(h.people["author"].ID, account.OptionalMail)
}

// ticket opens one of the author, for the beneficiary, that the observer follows.
func (h *house) ticket(subject, body string) tickets.Ticket {
	h.Helper()
	t, err := h.app.desk.Open(h.Context(), h.people["author"], tickets.Draft{
		Application: "consolle", Subject: "Consolle " + subject, Body: "La consolle " + body, Impact: tickets.Me, Channel: "portal",
		Beneficiary: tickets.Beneficiary{Name: "Bene Ficiario", Email: "beneficiary@giustizia.it"}, Observers: []account.PersonID{h.people["observer"].ID},
	}, "")
	h.check(err)
	return t
}

func (h *house) file(name, content string) string {
	h.Helper()
	f, err := h.app.cabinet.Accept(h.Context(), name, bytes.NewReader([]byte(content)))
	h.check(err)
	return f.ID
}

func (h *house) attachment(id, name string) []tickets.Attachment {
	return []tickets.Attachment{{ID: id, Name: name, Type: "text/plain", Size: 13}}
}

func (h *house) say(n tickets.Number, who string, m tickets.Message) {
	h.Helper()
	_, err := h.app.desk.Do(h.Context(), h.people[who], n, "", func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Say(m, s) })
	h.check(err)
}

// restless tables change by themselves, or by looking: sessions are kept
// longer, attempts counted, what happened is told to others.
var restless = []string{"sessions", "attempts", "challenges", "feed_marks", "notices", "ticket_reads", "webhook_deliveries", "webhook_mark", "webhooks", "kb_feed", "sqlite_sequence"}

// tables is what stands in each table.
func (h *house) tables() map[string]string {
	h.Helper()
	all := map[string]string{}
	names, err := h.db.QueryContext(h.Context(), "select name from sqlite_master where type = 'table'")
	h.check(err)
	for names.Next() {
		var name string
		h.check(names.Scan(&name))
		if !slices.Contains(restless, name) && !strings.HasPrefix(name, "kb_articles") && !strings.HasPrefix(name, "kb_revisions") {
			all[name] = ""
		}
	}
	h.check(names.Err())
	for name := range all {
		all[name] = h.rows(name)
	}
	return all
}

func (h *house) rows(table string) string {
	h.Helper()
	rows, err := h.db.QueryContext(h.Context(), `select * from "`+table+`"`)
	h.check(err)
	defer rows.Close()
	columns, err := rows.Columns()
	h.check(err)
	var out strings.Builder
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		h.check(rows.Scan(into...))
		fmt.Fprintln(&out, values...)
	}
	h.check(rows.Err())
	return out.String()
}

// settled waits until nothing happens in the background, and is what stands
// in each table then.
func (h *house) settled() map[string]string {
	h.Helper()
	before := h.tables()
	for range 100 {
		time.Sleep(150 * time.Millisecond)
		unread, err := h.app.talks.Unread(h.Context(), "widget")
		h.check(err)
		now := h.tables()
		if len(unread) == 0 && len(differing(before, now)) == 0 {
			return now
		}
		before = now
	}
	h.Fatal("the house does not come to rest")
	return nil
}

// differing are the tables that are not the same.
func differing(a, b map[string]string) (names []string) {
	for name := range b {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
