package portal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/net/html"

	"sportello/account"
	"sportello/contacts"
	kept "sportello/files"
	"sportello/store"
	"sportello/tickets"
	"sportello/web/portal"
)

// The people of these tests.
var (
	mario    = account.Person{ID: "mario", Email: "mario.rossi@giustizia.it", Name: "Mario Rossi", Office: "Tribunale di Bari", Area: "sud", Lang: "it", Roles: []account.Role{account.User}}
	anna     = account.Person{ID: "anna", Email: "anna.bianchi@giustizia.it", Name: "Anna Bianchi", Lang: "it", Roles: []account.Role{account.User}}
	ugo      = account.Person{ID: "ugo", Email: "ugo.verdi@giustizia.it", Name: "Ugo Verdi", Lang: "it", Roles: []account.Role{account.User}}
	stranger = account.Person{ID: "sara", Email: "sara.neri@giustizia.it", Name: "Sara Neri", Lang: "it", Roles: []account.Role{account.User}}
	manager  = account.Person{ID: "marta", Email: "marta.gialli@giustizia.it", Name: "Marta Gialli", Lang: "it", Roles: []account.Role{account.User, account.Manager, account.Administrator, account.Editor, account.Reviewer}}
	olga     = account.Person{ID: "olga", Email: "olga.operatore@giustizia.it", Name: "Olga Operatore", Lang: "it", Roles: []account.Role{account.User, account.Operator}}
)

var everybody = []account.Person{mario, anna, ugo, stranger, manager, olga}

// desk is a site with tickets, on a real database.
type desk struct {
	*site
	t       testing.TB
	desk    *tickets.Desk
	tickets *store.Tickets
	people  *store.Account
	cabinet *kept.Cabinet
	feed    *tickets.Feed

	mu       sync.Mutex
	clock    time.Time
	out      map[account.PersonID]bool // signed out everywhere
	signOut  []account.PersonID
	unlinked []account.Identity // chats
}

// asCookie says who somebody is in these tests.
const asCookie = "as"

func newDesk(t testing.TB) *desk {
	t.Helper()
	db, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	folder, err := kept.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, tickets: store.NewTickets(db), people: store.NewAccount(db), clock: noon, out: map[account.PersonID]bool{}}
	d.cabinet = kept.New(folder, kept.Limits{MaxBytes: 64 << 10, MaxCount: 2}, nil)
	for _, p := range everybody {
		p.CreatedAt = noon
		if err := d.people.Apply(t.Context(), account.Change{Person: &p}); err != nil {
			t.Fatal(err)
		}
	}
	book, err := contacts.Read(content)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := tickets.ReadCatalogue(content)
	if err != nil {
		t.Fatal(err)
	}
	terms, err := tickets.ReadTerms(content, book, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	d.site = newSite(t, func(_ *portal.Config, deps *portal.Deps) {
		d.feed = &tickets.Feed{Store: d.tickets, Log: deps.Log, Every: 20 * time.Millisecond}
		d.desk = &tickets.Desk{Store: d.tickets, Accounts: d.people, Catalogue: catalogue, Terms: terms, Now: d.now, Changed: d.feed.Nudge}
		deps.Tickets, deps.Feed, deps.Accounts, deps.Files, deps.Now, deps.Person = d.desk, d.feed, d.people, d.cabinet, d.now, d.person
		deps.Domains = account.Domains{Employee: []string{"giustizia.it"}, External: true}
		deps.Own = portal.Own{
			Reads: d.tickets,
			SignOut: func(_ context.Context, id account.PersonID) error {
				d.mu.Lock()
				defer d.mu.Unlock()
				d.out[id] = true
				d.signOut = append(d.signOut, id)
				return nil
			},
			Unlinked: func(_ context.Context, i account.Identity) error {
				d.mu.Lock()
				defer d.mu.Unlock()
				d.unlinked = append(d.unlinked, i)
				return nil
			},
			Export: func(_ context.Context, p account.Person) ([]byte, error) {
				return json.Marshal(map[string]string{"email": p.Email})
			},
		}
	})
	routes := d.site.Handler
	r := chi.NewRouter()
	r.Get("/as/{id}", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: asCookie, Value: chi.URLParam(r, "id"), Path: "/"})
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusSeeOther)
	})
	r.Mount("/", routes)
	d.site.Handler = r
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { d.feed.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clock
}

func (d *desk) wait(more time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock = d.clock.Add(more)
}

func (d *desk) person(r *http.Request) *account.Person {
	cookie, err := r.Cookie(asCookie)
	if err != nil {
		return nil
	}
	d.mu.Lock()
	out := d.out[account.PersonID(cookie.Value)]
	d.mu.Unlock()
	p, err := d.people.Person(r.Context(), account.PersonID(cookie.Value))
	if err != nil || out {
		return nil
	}
	return &p
}

// opened is a ticket of Mario's, as a draft tells it.
func (d *desk) opened(draft tickets.Draft) tickets.Ticket {
	d.t.Helper()
	if draft.Subject == "" {
		draft.Subject = "Stampante, stampa in coda"
	}
	if draft.Body == "" {
		draft.Body = "La stampante della stanza 12 è accesa,\nma le stampe restano in coda."
	}
	if draft.Channel == "" {
		draft.Channel = "portal"
	}
	t, err := d.desk.Open(d.t.Context(), mario, draft, "")
	if err != nil {
		d.t.Fatal(err)
	}
	return t
}

func (d *desk) do(by account.Person, t tickets.Ticket, rule func(tickets.Ticket, tickets.Stamp) (tickets.Change, error)) tickets.Ticket {
	d.t.Helper()
	d.wait(time.Minute)
	t, err := d.desk.Do(d.t.Context(), by, t.Number, "", rule)
	if err != nil {
		d.t.Fatal(err)
	}
	return t
}

func (d *desk) move(t tickets.Ticket, to tickets.Status, note string) tickets.Ticket {
	d.t.Helper()
	return d.do(olga, t, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Move(to, note, s) })
}

func (d *desk) says(by account.Person, t tickets.Ticket, text string) tickets.Ticket {
	d.t.Helper()
	return d.do(by, t, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Say(tickets.Message{Text: text}, s)
	})
}

// solved leads a ticket to where its people say whether it is.
func (d *desk) solved(t tickets.Ticket) tickets.Ticket {
	d.t.Helper()
	return d.move(d.move(d.move(t, tickets.Taken, ""), tickets.Working, ""), tickets.Solved, "Ho svuotato la coda.")
}

func (d *desk) as(p account.Person, method, path string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, path, body)
	if p.Known() {
		r.AddCookie(&http.Cookie{Name: asCookie, Value: string(p.ID)})
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// page reads a page as somebody.
func (d *desk) page(p account.Person, path string, status int) string {
	d.t.Helper()
	w := d.as(p, "GET", path, nil)
	if w.Code != status {
		d.t.Fatalf("GET %s as %q answers %d, want %d: %.500s", path, p.ID, w.Code, status, w.Body)
	}
	return w.Body.String()
}

// post sends a form as somebody; the fields come in pairs. Without a key it
// gets a new one.
func (d *desk) post(p account.Person, path string, fields ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	if !form.Has("key") {
		form.Set("key", newKey())
	}
	return d.as(p, "POST", path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
}

var lastKey = struct {
	sync.Mutex
	n int
}{}

// newKey has the shape of those that pages make.
func newKey() string {
	lastKey.Lock()
	defer lastKey.Unlock()
	lastKey.n++
	key := []byte("AAAAAAAAAAAAAAAAAAAAAAAAAA")
	for i, n := len(key)-1, lastKey.n; n > 0; i, n = i-1, n/26 {
		key[i] = byte('A' + n%26)
	}
	return string(key)
}

type upload struct{ name, content string }

// send is post with files.
func (d *desk) send(p account.Person, path, key, text string, uploads ...upload) *httptest.ResponseRecorder {
	d.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range map[string]string{"key": key, "text": text} {
		if err := w.WriteField(name, value); err != nil {
			d.t.Fatal(err)
		}
	}
	for _, u := range uploads {
		part, err := w.CreateFormFile("file", u.name)
		if err != nil {
			d.t.Fatal(err)
		}
		_, _ = io.WriteString(part, u.content)
	}
	if err := w.Close(); err != nil {
		d.t.Fatal(err)
	}
	return d.as(p, "POST", path, &body, "Content-Type", w.FormDataContentType())
}

func (d *desk) wantAnswer(what string, w *httptest.ResponseRecorder, status int) {
	d.t.Helper()
	if w.Code != status {
		d.t.Errorf("%s answers %d, want %d: %.600s", what, w.Code, status, w.Body)
	}
}

func (d *desk) ticket(t tickets.Ticket) tickets.Ticket {
	d.t.Helper()
	t, err := d.tickets.ByNumber(d.t.Context(), t.Number)
	if err != nil {
		d.t.Fatal(err)
	}
	return t
}

func (d *desk) history(t tickets.Ticket) []tickets.Event {
	d.t.Helper()
	events, err := d.tickets.History(d.t.Context(), t.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return events
}

func at(t tickets.Ticket) string { return fmt.Sprintf("/ticket/%s", t.Number) }

func hasAttr(name string) func(*html.Node) bool {
	return func(n *html.Node) bool {
		return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name && a.Val != "" })
	}
}
