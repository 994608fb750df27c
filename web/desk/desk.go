// Package desk holds the rooms in which operators work: the queue, the page of
// a ticket with everything that can be done to it, phone calls, mails that were
// not let in, and letters that could not be delivered.
//
// Every page works as plain forms; scripts make it faster. Whoever is not
// signed in is sent to do so; whoever is no operator learns nothing, not even
// which tickets exist. What a form decides on what its page showed carries the
// version it saw: if the ticket changed meanwhile, the page shows what did and
// keeps what was typed. Every form carries a key, so that sending it twice does
// nothing twice.
package desk

import (
	"embed"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/contacts"
	"sportello/files"
	"sportello/internal/fault"
	"sportello/tickets"
	"sportello/web/ui"
)

// Deps is what the rooms need.
type Deps struct {
	Desk     *tickets.Desk
	Talk     tickets.Talk
	Feed     *tickets.Feed
	People   People
	Domains  account.Domains
	Book     contacts.Book
	Searcher Searcher
	Files    *files.Cabinet
	Replies  Replies
	Phrases  ui.Phrases
	Base     string // address of the site, such as https://help.example.it; empty: as each request names it
	Now      func() time.Time
	Log      *slog.Logger

	// Frame is the frame of a page in a language, under a title, at a path for each language.
	Frame func(r *http.Request, lang, title string, at map[string]string) ui.Frame
	// Person says who is signed in, nil for nobody.
	Person func(*http.Request) *account.Person
	// Enter is where to sign in, in a language, and to come back to the page of a request.
	Enter func(lang string, r *http.Request) string

	Quarantine Quarantine // may be nil: there is no mail intake
	Letters    Letters    // may be nil
	Transcript Transcript // may be nil
}

// Pages answers for the rooms of the desk.
type Pages struct {
	Deps
	presence presence
}

// New returns the rooms. It needs every field of deps that is not said to be
// optional.
func New(deps Deps) *Pages {
	deps.Base = strings.TrimSuffix(deps.Base, "/")
	return &Pages{Deps: deps}
}

//go:embed */*.html
var templates embed.FS

var pages = ui.Pages(templates)

// prefixes of the rooms' paths, by language.
var prefixes = map[string]string{"it": "", "en": "/en"}

// languages, the first being that of prefixes without one.
var languages = []string{"it", "en"}

// Routes adds the rooms. Whoever mounts it guards changes against other sites.
func (p *Pages) Routes(r chi.Router) {
	for _, lang := range languages {
		r.Route(prefixes[lang]+"/desk", func(r chi.Router) {
			get := func(path string, handle func(*visit) error) {
				r.Get(path, p.room(lang, handle))
				r.Head(path, p.room(lang, handle))
			}
			post := func(path string, handle func(*visit) error) { r.Post(path, p.room(lang, handle)) }
			get("/", (*visit).queue)
			get("/events", (*visit).queueEvents)
			get("/export.csv", (*visit).export)
			post("/bulk", (*visit).bulk)
			get("/people", (*visit).people)
			get("/ticket/{number}", (*visit).ticket)
			get("/ticket/{number}/events", (*visit).ticketEvents)
			get("/ticket/{number}/merge", (*visit).merge)
			get("/ticket/{number}/file/{file}", (*visit).file)
			post("/ticket/{number}/typing", (*visit).typing)
			post("/ticket/{number}/{move}", (*visit).move)
			get("/call", (*visit).call)
			post("/call", (*visit).record)
			get("/mail", (*visit).mail)
			post("/mail/{id}/{act}", (*visit).judge)
			get("/letters", (*visit).letters)
			r.NotFound(p.room(lang, func(*visit) error { return notFound() }))
			r.MethodNotAllowed(p.room(lang, func(*visit) error { return notFound() }))
		})
	}
}

func notFound() error  { return fault.New(fault.NotFound, "error.not_found") }
func malformed() error { return fault.New(fault.Invalid, "error.malformed") }

// room lets operators in.
func (p *Pages) room(lang string, handle func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Pages: p, w: w, r: r, lang: lang, known: map[account.PersonID]account.Person{}}
		person := p.Person(r)
		reading := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case person == nil && reading && !strings.Contains(r.Header.Get("Accept"), "text/event-stream"):
			http.Redirect(w, r, p.Enter(lang, r), http.StatusSeeOther)
			return
		case person == nil:
			v.fail(fault.New(fault.Unauthenticated, "error.unauthenticated"))
			return
		case !account.Can(*person, account.ListTickets, account.Thing{}):
			v.fail(fault.New(fault.Forbidden, "error.forbidden"))
			return
		}
		v.by = *person
		defer v.tidy()
		if err := handle(v); err != nil {
			v.fail(err)
		}
	}
}
