package desk_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/contacts"
	"sportello/files"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/search"
	"sportello/store"
	"sportello/tickets"
	"sportello/web/desk"
	"sportello/web/ui"
)

var content = os.DirFS("../../content")

// noon is a Tuesday on the help desk's clock.
var noon = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)

// The people of the tests.
var (
	olga  = account.Person{ID: "olga", Email: "olga@giustizia.it", Name: "Olga Operatore", Lang: "it", Roles: []account.Role{account.User, account.Operator}, Teams: []string{"sud"}}
	bruno = account.Person{ID: "bruno", Email: "bruno@giustizia.it", Name: "Bruno Operatore", Lang: "it", Roles: []account.Role{account.User, account.Operator}}
	mario = account.Person{ID: "mario", Email: "mario.rossi@giustizia.it", Name: "Mario Rossi", Office: "Tribunale di Bari", Area: "sud", Phone: "080 555 0101", Lang: "it", Roles: []account.Role{account.User}}
	maria = account.Person{ID: "maria", Email: "maria.rossi@giustizia.it", Name: "Maria Rossi", Lang: "en", Roles: []account.Role{account.User}}
	luca  = account.Person{ID: "luca", Email: "luca.ferri@giustizia.it", Name: "Luca Ferri", Area: "nord", Lang: "it", Roles: []account.Role{account.User}}
)

// people are those of the store, and who of them operates.
type people struct{ *store.Account }

func (p people) Operators(ctx context.Context) ([]account.Person, error) {
	return p.Having(ctx, account.Operator)
}

// searcher knows two articles.
type searcher struct{ asked search.Query }

func (s *searcher) Search(_ context.Context, q search.Query) (search.Result, error) {
	s.asked = q
	return search.Result{Hits: []search.Hit{{ID: "vpn", Lang: "it", Title: "VPN che cade"}, {ID: "rete", Lang: "it", Title: "Rete assente"}}}, nil
}

// quarantine holds mails in memory.
type quarantine struct {
	mu    sync.Mutex
	mails []desk.Mail
	did   []string
}

func (q *quarantine) Quarantined(context.Context, account.Person, string) ([]desk.Mail, error) {
	return q.mails, nil
}

func (q *quarantine) Preview(_ context.Context, _ account.Person, id, _ string) (desk.Mail, error) {
	i := slices.IndexFunc(q.mails, func(m desk.Mail) bool { return m.ID == id })
	if i < 0 {
		return desk.Mail{}, fault.New(fault.NotFound, "error.not_found")
	}
	return q.mails[i], nil
}

func (q *quarantine) take(what string, by account.Person, id string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.mails)
	q.mails = slices.DeleteFunc(q.mails, func(m desk.Mail) bool { return m.ID == id })
	if len(q.mails) == n {
		return fault.New(fault.Conflict, "intake.settled")
	}
	q.did = append(q.did, fmt.Sprint(by.ID, " ", what, " ", id))
	return nil
}

func (q *quarantine) Release(_ context.Context, by account.Person, id string) (tickets.Number, error) {
	return "2026-000001", q.take("release", by, id)
}

func (q *quarantine) Discard(_ context.Context, by account.Person, id string) error {
	return q.take("discard", by, id)
}

type letters []desk.Letter

func (l letters) Undelivered(context.Context, int) ([]desk.Letter, error) { return l, nil }

// room is the desk over a real store.
type room struct {
	http.Handler
	desk       *tickets.Desk
	store      *store.Tickets
	people     people
	search     *searcher
	quarantine *quarantine
	letters    letters
	folder     *files.Folder
	feed       *tickets.Feed
	now        time.Time
}

func newRoom(t testing.TB) *room {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	said, err := phrases.Read(sub(t, "phrases"))
	must(err)
	book, err := contacts.Read(content)
	must(err)
	catalogue, err := tickets.ReadCatalogue(content)
	must(err)
	terms, err := tickets.ReadTerms(content, book, catalogue)
	must(err)
	replies, err := desk.ReadReplies(sub(t, "replies"))
	must(err)
	db, err := store.Open(t.Context(), t.TempDir())
	must(err)
	folder, err := files.OpenFolder(t.TempDir())
	must(err)
	t.Cleanup(func() {
		must(db.Close())
		must(folder.Close())
	})
	r := &room{store: store.NewTickets(db), people: people{store.NewAccount(db)}, search: &searcher{}, folder: folder, now: noon}
	for _, p := range []account.Person{olga, bruno, mario, maria, luca} {
		p.CreatedAt = noon
		must(r.people.Apply(t.Context(), account.Change{Person: &p}))
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	r.feed = &tickets.Feed{Store: r.store, Log: log}
	now := func() time.Time { return r.now }
	r.desk = &tickets.Desk{Store: r.store, Accounts: r.people, Catalogue: catalogue, Terms: terms, Now: now, Changed: r.feed.Nudge}
	r.quarantine = &quarantine{mails: []desk.Mail{
		{ID: "one/1", From: "<script>@evil.example", Subject: "Fattura <b>urgente</b>", Reason: "La firma DMARC manca.", Text: "Apra <script>alert(1)</script>", At: noon},
		{ID: "two", From: "a@b.example", Reason: "Casella condivisa.", Text: "Buongiorno", At: noon},
	}}
	r.letters = letters{{Channel: "email", To: "nessuno@giustizia.it", Subject: "Codice", Attempts: 8, Reason: "550 no such mailbox"}}
	pages := desk.New(desk.Deps{
		Desk: r.desk, Talk: r.store, Feed: r.feed, People: r.people, Domains: account.Domains{Employee: []string{"giustizia.it"}}, Book: book, Searcher: r.search,
		Files: files.New(folder, files.DefaultLimits, nil), Replies: replies, Phrases: said, Base: "https://help.example.it", Now: now, Log: log,
		Frame: func(_ *http.Request, lang, title string, at map[string]string) ui.Frame {
			return ui.Frame{Lang: lang, Title: title, Hidden: true, Home: "/", Owner: ui.Owner{Name: "Help Desk"}, Switch: ui.Link{URL: at[map[string]string{"it": "en", "en": "it"}[lang]], Text: "Lingua"}}.Speaking(said)
		},
		Person: func(q *http.Request) *account.Person {
			id := account.PersonID(q.Header.Get("X-As"))
			if cookie, err := q.Cookie("as"); err == nil {
				id = account.PersonID(cookie.Value)
			}
			p, err := r.people.Person(q.Context(), id)
			if err != nil {
				return nil
			}
			return &p
		},
		Enter: func(_ string, q *http.Request) string {
			return "/accedi?ritorno=" + url.QueryEscape(q.URL.RequestURI())
		},
		Quarantine: r.quarantine, Letters: r.letters,
	})
	mux := chi.NewRouter()
	mux.Handle(ui.Prefix+"*", ui.Assets())
	pages.Routes(mux)
	r.Handler = mux
	return r
}

// opened is a ticket of somebody.
func (r *room) opened(t testing.TB, by account.Person, change ...func(*tickets.Draft)) tickets.Ticket {
	t.Helper()
	d := tickets.Draft{Application: "vpn", Subject: "VPN, cade ogni dieci minuti", Body: "Da casa la VPN cade.", Impact: tickets.Me, ForMe: true, Channel: "portal"}
	for _, c := range change {
		c(&d)
	}
	k, err := r.desk.Open(t.Context(), by, d, "")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// did makes a change to a ticket.
func (r *room) did(t testing.TB, by account.Person, n tickets.Number, rule func(tickets.Ticket, tickets.Stamp) (tickets.Change, error)) tickets.Ticket {
	t.Helper()
	k, err := r.desk.Do(t.Context(), by, n, "", rule)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func said(text string, internal bool) func(tickets.Ticket, tickets.Stamp) (tickets.Change, error) {
	return func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return k.Say(tickets.Message{Text: text, Internal: internal}, s)
	}
}

// at reads a ticket as it is now.
func (r *room) at(t testing.TB, n tickets.Number) tickets.Ticket {
	t.Helper()
	k, err := r.store.ByNumber(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (r *room) history(t testing.TB, k tickets.Ticket) []tickets.Event {
	t.Helper()
	events, err := r.store.History(t.Context(), k.ID)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// answer is what somebody gets.
type answer struct {
	status   int
	body     string
	location string
	header   http.Header
}

func (r *room) do(who account.Person, q *http.Request) answer {
	q.Header.Set("X-As", string(who.ID))
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return answer{w.Code, w.Body.String(), w.Header().Get("Location"), w.Header()}
}

func (r *room) get(t testing.TB, who account.Person, path string, want int) string {
	t.Helper()
	a := r.do(who, httptest.NewRequest(http.MethodGet, path, nil))
	if a.status != want {
		t.Fatalf("%s answers %d, want %d: %.400s", path, a.status, want, text(a.body))
	}
	return a.body
}

// post sends a form as a page would.
func (r *room) post(who account.Person, path string, values url.Values) answer {
	q := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.do(who, q)
}

// form is what a form about a ticket carries besides.
func form(k tickets.Ticket, key string, pairs ...string) url.Values {
	v := url.Values{"key": {(key + "-------")[:8]}, "version": {fmt.Sprint(k.Version)}, "seen": {"0"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func path(k tickets.Ticket, rest string) string { return "/desk/ticket/" + string(k.Number) + rest }

var tags = regexp.MustCompile(`(?s)<[^>]*>`)

// text is what is left of a page without its tags.
func text(page string) string {
	if i := strings.Index(page, "<main"); i >= 0 {
		page = page[i:]
	}
	return strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
}
