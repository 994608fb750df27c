// Package signin lets people in: by a one-time code to their mailbox, by the
// organisation's own provider (OpenID Connect), or by a password and the codes
// of an app where there is neither. What begins is a session in the database;
// the browser holds its secret in one cookie, and only once somebody began to
// sign in.
//
// Who somebody is, and what they may do, is read anew for each request.
package signin

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/internal/ratelimit"
	"sportello/web/ui"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"
)

// Store keeps all that the pages need.
type Store interface {
	account.Store
	account.SessionStore
	account.CredentialStore
	account.ThrottleStore
}

// Post keeps a change of accounts together with the letters that follow from it.
type Post interface {
	Post(ctx context.Context, c account.Change, letters ...bot.Outgoing) error
}

// Config is what whoever runs the service decides.
type Config struct {
	Base      string // address of the site, such as https://help.example.it; empty: as each request names it
	Domains   account.Domains
	MailBy    string // channel that letters go out by; empty: none do, and no code can be sent
	Passwords bool   // people may have a password here
	Idle      time.Duration
	Longest   time.Duration // a session lasts, however busy
	Providers []Provider
}

// Deps is what the pages need.
type Deps struct {
	Store   Store
	Post    Post
	Sent    func() // letters were stored
	Phrases ui.Phrases
	Now     func() time.Time
	Log     *slog.Logger

	// Frame is what a page has around its content, at a path for each language.
	Frame func(r *http.Request, lang, title string, at map[string]string) ui.Frame
	// Fail answers with a page that says what went wrong.
	Fail func(w http.ResponseWriter, r *http.Request, lang string, err error)
}

// Pages are the pages of signing in and out. They are safe for concurrent use.
type Pages struct {
	Config
	Deps
	throttle *account.Throttle
	sessions *scs.SessionManager
	limits   ratelimit.Limits
	ways     []*way
}

// New returns the pages. Frame and Fail may be set later, before the first
// request.
func New(config Config, deps Deps) *Pages {
	config.Base = strings.TrimSuffix(config.Base, "/")
	p := &Pages{Config: config, Deps: deps, throttle: &account.Throttle{Store: deps.Store, Now: deps.Now}}
	p.sessions = newSessions(config, deps.Store)
	for _, one := range config.Providers {
		p.ways = append(p.ways, &way{Provider: one, log: deps.Log})
	}
	return p
}

//go:embed enter code app enrol codes
var templates embed.FS

var pages = ui.Pages(templates)

var paths = map[string]map[string]string{
	"it": {
		"enter": "/accedi", "code": "/accedi/codice", "resend": "/accedi/codice/nuovo", "password": "/accedi/password",
		"app": "/accedi/app", "enrol": "/accedi/app/nuova", "out": "/esci", "home": "/",
	},
	"en": {
		"enter": "/en/sign-in", "code": "/en/sign-in/code", "resend": "/en/sign-in/code/new", "password": "/en/sign-in/password",
		"app": "/en/sign-in/app", "enrol": "/en/sign-in/app/new", "out": "/en/sign-out", "home": "/en/",
	},
}

func both(name string) map[string]string {
	return map[string]string{"it": paths["it"][name], "en": paths["en"][name]}
}

// viaPath is where a provider's button leads; below it, what the provider
// sends people back to.
const viaPath = "/accedi/via/"

// Enter is where a page's head leads to whoever wants to sign in, and to come
// back to the page afterwards.
func Enter(lang string, r *http.Request) string {
	return paths[lang]["enter"] + query(here(r))
}

// Out is where the form that signs out goes.
func Out(lang string) string { return paths[lang]["out"] }

// Routes adds the pages. Whoever mounts them guards changes against other
// sites.
func (p *Pages) Routes(r chi.Router) {
	for lang, at := range paths {
		handle := func(do func(*visit) error) http.HandlerFunc { return p.page(lang, do) }
		r.Get(at["enter"], handle(p.enter))
		r.Post(at["enter"], handle(p.sendCode))
		r.Get(at["code"], handle(p.askCode))
		r.Post(at["code"], handle(p.takeCode))
		r.Post(at["resend"], handle(p.resendCode))
		r.Post(at["password"], handle(p.takePassword))
		r.Get(at["app"], handle(p.askApp))
		r.Post(at["app"], handle(p.takeApp))
		r.Get(at["enrol"], handle(p.showEnrol))
		r.Post(at["enrol"], handle(p.enrol))
		r.Post(at["out"], handle(p.signOut))
	}
	r.Get(viaPath+"{provider}", func(w http.ResponseWriter, r *http.Request) {
		p.page(language(r), p.leave)(w, r)
	})
	r.Get(viaPath+"{provider}/ritorno", func(w http.ResponseWriter, r *http.Request) {
		p.page(language(r), p.arrive)(w, r)
	})
}

// language is that of addresses that are the same in both.
func language(r *http.Request) string {
	if r.URL.Query().Get("lang") == "en" {
		return "en"
	}
	return "it"
}

// page answers in a language, with the visitor's session.
func (p *Pages) page(lang string, do func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
		v, err := p.visit(w, r, lang)
		if err == nil {
			if kept := v.get(keyLang); kept != "" && strings.HasPrefix(r.URL.Path, viaPath) {
				v.lang = kept
			}
			err = do(v)
		}
		if err != nil {
			p.Fail(w, r, lang, err)
		}
	}
}

// network is who is calling, as limits count it: the server's own middleware
// says so.
func network(r *http.Request) string { return "network " + r.Header.Get("X-Sportello-Peer") }

// signOut ends the session, here and in the database.
func (p *Pages) signOut(v *visit) error {
	if err := p.sessions.Destroy(v.ctx); err != nil {
		return err
	}
	p.dropCookie(v.w, v.r)
	return v.go_(paths[v.lang]["home"])
}

// known reports whether a failure is one to show on the page it belongs to.
func known(err error) bool {
	return fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooMany) || fault.Is(err, fault.Conflict)
}
