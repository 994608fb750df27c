// Package unsubscribe holds the page behind the link below optional letters,
// and the address that mail programs switch them off at with one click (RFC
// 8058). Whoever has the link's token may do so without signing in, and may do
// nothing else: the page shows no more than a masked address. Looking at the
// page changes nothing, for programs that check links look at all of them.
package unsubscribe

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/internal/phrases"
	"sportello/web/ui"
)

// Path is where the pages are; a token follows.
const Path = "/unsubscribe/"

// Languages of the page.
var Languages = []string{"it", "en"}

// Subscription is what a token is about.
type Subscription struct {
	Kind  string // of letters
	Email string // masked, see account.Masked
	Lang  string // the person's
}

// Preferences keep who wants which letters.
type Preferences interface {
	// Read says what a token is about. It fails with fault.NotFound for
	// tokens that are not ours, and for those of people who are gone.
	Read(ctx context.Context, token string) (Subscription, error)

	// Stop switches the token's kind of letters off. Doing so again changes
	// nothing and is no failure. It fails as Read does.
	Stop(ctx context.Context, token string) error
}

// Deps is what the pages need.
type Deps struct {
	Preferences Preferences
	Phrases     ui.Phrases
	Frame       func(r *http.Request, lang, title string, at map[string]string) ui.Frame // at: the same page by language
	Log         *slog.Logger
}

// Pages answer for the links below letters.
type Pages struct{ Deps }

// New returns the pages. It needs every field of deps.
func New(deps Deps) *Pages { return &Pages{deps} }

//go:embed choice
var templates embed.FS

var choice = ui.Page(templates, "choice")

// choicePage asks, tells that it is done, or why it is not.
type choicePage struct {
	ui.Frame
	About   Subscription
	Heading string
	Self    string // where the answer goes
	Text    string // of a failure
	Asks    bool
	Done    bool
}

// What tells exactly which letters will stop.
func (p choicePage) What() string {
	if p.About.Kind == account.OptionalMail {
		return p.Say("unsubscribe.optional")
	}
	return p.Say("unsubscribe.other")
}

// Routes implements web.Pages. The answer to a POST is a page, not a redirect,
// which RFC 8058 forbids; asked again it says the same. Requests that other
// programs send carry no cookie that could be abused, only the token.
func (p *Pages) Routes(r chi.Router) {
	r.Get(Path+"{token}", p.page(p.ask))
	r.Head(Path+"{token}", p.page(p.ask))
	r.Post(Path+"{token}", p.page(p.stop))
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	s, err := p.Preferences.Read(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	page := p.new(r, s.Lang, "unsubscribe.question")
	page.About, page.Asks = s, true
	return ui.Show(w, http.StatusOK, choice, page)
}

func (p *Pages) stop(w http.ResponseWriter, r *http.Request) error {
	token := chi.URLParam(r, "token")
	s, err := p.Preferences.Read(r.Context(), token)
	if err != nil {
		return err
	}
	if err := p.Preferences.Stop(r.Context(), token); err != nil {
		return err
	}
	page := p.new(r, s.Lang, "unsubscribe.done")
	page.About, page.Done = s, true
	return ui.Show(w, http.StatusOK, choice, page)
}

// new is a page in the language that its address asks for, or else the
// person's, or the browser's.
func (p *Pages) new(r *http.Request, lang, heading string) choicePage {
	if wanted := r.URL.Query().Get("lang"); slices.Contains(Languages, wanted) {
		lang = wanted
	}
	if !slices.Contains(Languages, lang) {
		lang = Languages[0]
	}
	at := map[string]string{}
	for _, l := range Languages {
		at[l] = r.URL.EscapedPath() + "?lang=" + l
	}
	page := choicePage{Heading: p.Phrases.Say(lang, heading, nil), Self: at[lang]}
	page.Frame = p.Frame(r, lang, page.Heading, at)
	page.Hidden, page.URL, page.Alternates = true, "", nil // the token is in all of them
	return page
}

// page answers; what goes wrong becomes a page too. The token is in the
// address: no other site learns it, and nobody keeps the page.
func (p *Pages) page(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "same-origin")
		w.Header().Set("X-Robots-Tag", "noindex")
		r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
		err := handle(w, r)
		if err == nil {
			return
		}
		status := httpstatus.Of(err)
		heading, lang := "unsubscribe.unknown", preferred(r)
		text, values := fault.Public(err)
		if status >= http.StatusInternalServerError {
			p.Log.ErrorContext(r.Context(), "letters not switched off", "error", err)
			heading, text, values = "unsubscribe.failed", "unsubscribe.failed_text", nil
		}
		page := p.new(r, lang, heading)
		page.Text = p.Phrases.Say(page.Lang, text, values)
		if err := ui.Show(w, status, choice, page); err != nil {
			p.Log.ErrorContext(r.Context(), "page failed", "error", err)
			http.Error(w, page.Text, status)
		}
	}
}

// preferred is the browser's language, for when we do not know the person.
func preferred(r *http.Request) string { return phrases.Preferred(r.Header.Get("Accept-Language")) }
