// Package portal holds the public pages: the first page with search, articles
// and telephone numbers, the knowledge base, and the legal texts. They work
// without JavaScript and without cookies; who is not signed in sees what is
// published for everybody.
package portal

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/contacts"
	"sportello/files"
	"sportello/internal/fault"
	"sportello/kb"
	"sportello/search"
	"sportello/tickets"
	"sportello/web/ui"
)

// Library keeps the articles and the votes on them, as kb.Store does.
type Library interface {
	Article(ctx context.Context, key kb.Key) (kb.Article, error)
	Articles(ctx context.Context, f kb.Filter) ([]kb.Article, error)
	LastChange(ctx context.Context) (int64, error)
	RecordVote(ctx context.Context, v kb.Vote) error
}

// Searcher finds articles, as search.Index does.
type Searcher interface {
	Search(ctx context.Context, q search.Query) (search.Result, error)
}

// Config is what whoever runs the service decides.
type Config struct {
	Base    string // address of the site, such as https://help.example.it; empty: as each request names it
	Content Content
	// Enter is where a page leads whoever wants to sign in and come back to it;
	// nil: nobody can. Out is where the form goes that signs out.
	Enter func(lang string, r *http.Request) string
	Out   func(lang string) string
	Desk  string // path of the operators' desk, empty without one
}

// Deps is what the pages need.
type Deps struct {
	Library  Library
	Searcher Searcher
	Book     contacts.Book
	Phrases  ui.Phrases
	Person   func(*http.Request) *account.Person // who is signed in, nil for nobody; may be nil itself
	Tickets  *tickets.Desk
	Feed     *tickets.Feed // wakes open pages
	Accounts account.Store
	Files    *files.Cabinet
	Domains  account.Domains          // whose people may follow a request
	Forms    tickets.Forms            // what people have not sent yet
	Solved   func(requestType string) // counts requests that an article made unnecessary; may be nil
	Own      Own
	Now      func() time.Time
	Log      *slog.Logger
}

// Portal answers for the public pages.
type Portal struct {
	Config
	Deps
	published published
	lively    lively
}

// New returns the portal. It needs every field of deps but Person; without
// Tickets, Feed, Accounts, Files and Forms it has the pages that need no
// account.
func New(config Config, deps Deps) *Portal {
	if deps.Person == nil {
		deps.Person = func(*http.Request) *account.Person { return nil }
	}
	config.Base = strings.TrimSuffix(config.Base, "/")
	return &Portal{Config: config, Deps: deps}
}

//go:embed */*.html
var templates embed.FS

var pages = ui.Pages(templates)

// paths of the pages, by language. What is not here has the language in its path.
var paths = map[string]map[string]string{
	"it": {
		"home": "/", "kb": "/kb/", "search": "/cerca", "services": "/servizi", "tickets": "/ticket", "profile": "/profilo", "sign-in": "/accedi",
		"accessibilita": "/accessibilita", "privacy": "/privacy", "note-legali": "/note-legali",
	},
	"en": {
		"home": "/en/", "kb": "/en/kb/", "search": "/en/search", "services": "/en/services", "tickets": "/en/ticket", "profile": "/en/profile", "sign-in": "/en/sign-in",
		"accessibilita": "/en/accessibility", "privacy": "/en/privacy", "note-legali": "/en/legal-notes",
	},
}

// Routes adds the pages, and answers for every path that nobody else knows.
// Whoever mounts it guards changes against other sites.
func (p *Portal) Routes(r chi.Router) {
	get := func(path string, handle http.HandlerFunc) { // who checks links asks for the head only
		r.Get(path, handle)
		r.Head(path, handle)
	}
	for _, lang := range Languages {
		get(paths[lang]["home"], p.page(lang, p.home))
		get(paths[lang]["kb"], p.page(lang, p.index))
		get(paths[lang]["search"], p.page(lang, p.results))
		for _, name := range texts {
			get(paths[lang][name], p.page(lang, func(w http.ResponseWriter, r *http.Request) error { return p.text(w, r, lang, name) }))
		}
		get("/kb/"+lang, redirect(paths[lang]["kb"]))
		get("/kb/"+lang+"/", redirect(paths[lang]["kb"]))
		get("/kb/"+lang+"/{id}", p.page(lang, p.article))
		r.Post("/kb/"+lang+"/{id}", p.page(lang, p.vote))
		if p.Tickets != nil {
			p.ticketRoutes(r, get, lang)
			p.profileRoutes(r, get, lang)
		}
	}
	if p.Tickets != nil {
		p.requestRoutes(r, get)
	}
	get("/kb", redirect("/kb/"))
	get("/en", redirect("/en/"))
	get("/en/kb", redirect("/en/kb/"))
	get("/robots.txt", p.robots)
	get("/sitemap.xml", p.page("it", p.sitemap))
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		p.page(languageOf(r.URL.Path), func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.NotFound, "error.not_found")
		})(w, r)
	})
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusMovedPermanently) }
}

func languageOf(path string) string {
	if strings.HasPrefix(path, "/en/") || strings.HasPrefix(path, "/kb/en/") {
		return "en"
	}
	return "it"
}

type langKey struct{}

// lang is the language that the path names.
func lang(r *http.Request) string {
	l, _ := r.Context().Value(langKey{}).(string)
	return l
}

// page answers in the language of the path; what goes wrong becomes a page too.
func (p *Portal) page(language string, handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), langKey{}, language))
		if err := handle(w, r); err != nil {
			p.fail(w, r, err)
		}
	}
}

// show renders the page called name with data, whose frame it was given.
func (p *Portal) show(w http.ResponseWriter, name string, data any) error {
	return ui.Show(w, http.StatusOK, pages[name], data)
}

// frame is the frame of a page at a path for each language; a path may be
// empty where there is no translation, and then its switch leads to the first page.
func (p *Portal) frame(r *http.Request, current, title, description string, at map[string]string) ui.Frame {
	language := lang(r)
	here := paths[language]
	f := ui.Frame{Lang: language, Title: title, Description: description, Kind: "website", Home: here["home"], Search: here["search"]}.Speaking(p.Phrases)
	owner := p.Content.Owner
	f.Owner = ui.Owner{Name: owner.Name[language], Tagline: owner.Tagline[language], Parent: owner.Parent, ParentURL: owner.ParentURL}
	menu := []string{"home", "kb"}
	if p.Tickets != nil {
		menu = []string{"home", "services", "tickets", "kb"}
	}
	for _, name := range menu {
		f.Menu = append(f.Menu, ui.Link{Text: f.Say("web.menu_" + name), URL: here[name], Current: current == name})
	}
	f.Menu = append(f.Menu, ui.Link{Text: f.Say("web.menu_contacts"), URL: here["home"] + "#contacts"})
	if owner.AccessibilityForm != "" {
		f.Legal = append(f.Legal, ui.Link{Text: f.Say("web.statement"), URL: owner.AccessibilityForm})
	}
	for _, name := range texts {
		f.Legal = append(f.Legal, ui.Link{Text: f.Say("web.text_" + name), URL: here[name], Current: current == name})
	}
	f.Account = p.account(r, language, current)
	other := Languages[(slices.Index(Languages, language)+1)%len(Languages)]
	f.Switch = ui.Link{Text: p.Phrases.Say(other, "web.language", nil), URL: at[other], Lang: other}
	if at[other] == "" {
		f.Switch.URL = paths[other]["home"]
	}
	if f.Switch.URL == "/" {
		f.Switch.URL = "/?lang=it" // or the browser's wishes would lead straight back
	}
	if at[language] != "" {
		f.URL = p.absolute(r, at[language])
	}
	for _, l := range Languages {
		if at[l] != "" && len(at) > 1 {
			f.Alternates = append(f.Alternates, ui.Alternate{Lang: l, URL: p.absolute(r, at[l])})
		}
	}
	return f
}

// both is the path of a page in every language.
func both(name string) map[string]string {
	at := map[string]string{}
	for _, l := range Languages {
		at[l] = paths[l][name]
	}
	return at
}

func (p *Portal) absolute(r *http.Request, path string) string {
	if p.Base != "" {
		return p.Base + path
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + path
}
