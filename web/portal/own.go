package portal

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/tickets"
	"sportello/web/ui"
)

// Own is what the pages of whoever is signed in need beside tickets.
type Own struct {
	Reads    tickets.Reads                                         // how far people have read
	Again    func(*http.Request) *account.Person                   // Person for requests that last: it looks anew each time; nil: Person does
	SignOut  func(context.Context, account.PersonID) error         // ends every session of a person; nil: nobody can
	Unlinked func(context.Context, account.Identity) error         // hears of a chat that was taken from its person; nil: nobody listens
	Export   func(context.Context, account.Person) ([]byte, error) // all we have about a person, as JSON; nil: nobody can
}

// stillThere is who is signed in now, for requests that last.
func (p *Portal) stillThere(r *http.Request) *account.Person {
	if p.Own.Again != nil {
		return p.Own.Again(r)
	}
	return p.Person(r)
}

// owned is a page for whoever is signed in. It is theirs alone, so no browser
// keeps it; others are led to the sign-in and back.
func (p *Portal) owned(lang string, handle func(http.ResponseWriter, *http.Request, account.Person) error) http.HandlerFunc {
	return p.page(lang, func(w http.ResponseWriter, r *http.Request) error {
		person := p.Person(r)
		w.Header().Set("Cache-Control", "private, no-store")
		if person == nil || !person.Known() {
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				return fault.New(fault.Unauthenticated, "mine.signed_out")
			}
			http.Redirect(w, r, p.entrance(r, r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		}
		return handle(w, r, *person)
	})
}

// entrance is where to sign in, to come back to a path afterwards.
func (p *Portal) entrance(r *http.Request, back string) string {
	l := lang(r)
	if p.Enter == nil {
		return paths[l]["sign-in"] + "?" + url.Values{"ritorno": {back}}.Encode()
	}
	there := r.Clone(r.Context())
	there.Method = http.MethodGet
	there.URL, there.RequestURI = &url.URL{Path: back}, back
	if u, err := url.Parse(back); err == nil {
		there.URL = u
	}
	return p.Enter(l, there)
}

// moment is a time as people and programs read it.
type moment struct{ ISO, Text string }

func (p *Portal) moment(l string, t time.Time) moment {
	t = t.In(p.Tickets.Terms.Zone())
	return moment{t.Format(time.RFC3339), phrases.DateTime(l, t)}
}

// day is moment without the time of day.
func (p *Portal) day(l string, t time.Time) moment {
	t = t.In(p.Tickets.Terms.Zone())
	return moment{t.Format(time.DateOnly), phrases.Date(l, t)}
}

// tell says a phrase.
func (p *Portal) tell(l, key string, values map[string]any) string {
	return p.Phrases.Say(l, key, values)
}

// showStatus renders a page that tells a failure.
func showStatus(w http.ResponseWriter, status int, name string, data any) error {
	return ui.Show(w, status, pages[name], data)
}

// signedOutPage keeps what somebody wrote in sight whose session is over.
type signedOutPage struct {
	ui.Frame
	Enter string
	Typed string
}
