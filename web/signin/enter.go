package signin

import (
	"net/http"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/web/ui"
)

type enterPage struct {
	ui.Frame
	Problem  string // with the address or the password, in words
	Of       string // form that it is about: "code", "password", or "" for the page
	Email    string
	Return   string
	Cancel   string
	Buttons  []button
	ByCode   bool
	Password bool
	Action   string
	Check    string // where the form with a password goes
	Domains  string
	External bool
}

// button leads to a provider.
type button struct {
	URL, Label, Kind string
}

// enter shows the ways in. Who is in goes on.
func (p *Pages) enter(v *visit) error {
	if p.Person(v.r) != nil {
		return v.go_(v.back(v.r.URL.Query().Get(returnField)))
	}
	return p.showEnter(v, enterPage{}, nil)
}

// back is a way back that can be followed.
func (v *visit) back(wanted string) string {
	if to := local(wanted); to != "" {
		return to
	}
	return paths[v.lang]["home"]
}

// showEnter shows the ways in, with what went wrong before.
func (p *Pages) showEnter(v *visit, page enterPage, wrong error) error {
	wanted := v.r.FormValue(returnField)
	if wanted == "" {
		wanted = v.get(keyReturn)
	}
	page.Return, page.Cancel = local(wanted), v.back(wanted)
	at := map[string]string{}
	for lang, path := range both("enter") {
		at[lang] = path + query(page.Return)
	}
	status := http.StatusOK
	title := p.Phrases.Say(v.lang, "signin.title", nil)
	if wrong != nil {
		if !known(wrong) && !fault.Is(wrong, fault.Unavailable) && !fault.Is(wrong, fault.Forbidden) && !fault.Is(wrong, fault.Unauthenticated) {
			return wrong
		}
		key, values := fault.Public(wrong)
		page.Problem, status = p.Phrases.Say(v.lang, key, values), statusOf(wrong)
		title = p.Phrases.Say(v.lang, "signin.error_title", fault.Values{"Title": title})
	}
	page.Frame = p.frame(v, title, at)
	page.ByCode, page.Password = p.MailBy != "", p.Passwords
	page.Action, page.Check = paths[v.lang]["enter"], paths[v.lang]["password"]
	page.Domains, page.External = strings.Join(p.Domains.Employee, ", "), p.Domains.External
	for _, w := range p.ways {
		page.Buttons = append(page.Buttons, button{URL: w.url(v.lang, page.Return), Label: w.Label.In(v.lang), Kind: w.Button})
	}
	return ui.Show(v.w, status, pages["enter"], page)
}

func statusOf(err error) int {
	switch {
	case fault.Is(err, fault.TooMany):
		return http.StatusTooManyRequests
	case fault.Is(err, fault.Unavailable):
		return http.StatusServiceUnavailable
	case fault.Is(err, fault.Forbidden), fault.Is(err, fault.Unauthenticated):
		return http.StatusForbidden
	}
	return http.StatusUnprocessableEntity
}

// frame is that of a page no search engine needs, without a way in to the way in.
func (p *Pages) frame(v *visit, title string, at map[string]string) ui.Frame {
	f := p.Frame(v.r, v.lang, title, at)
	f.Hidden, f.URL, f.Alternates, f.Account.SignIn = true, "", nil, ""
	return f
}

// personFor returns whoever has an address that was proved, or a new person.
// fresh tells that no store has seen them yet.
func (p *Pages) personFor(v *visit, email string) (person account.Person, fresh bool, err error) {
	person, err = p.Store.PersonByEmail(v.ctx, email)
	if !fault.Is(err, fault.NotFound) {
		return person, false, err
	}
	_, external, err := p.Domains.Decide(email)
	if err != nil {
		return account.Person{}, false, err
	}
	return account.NewPerson(email, external, v.lang, p.Now()), true, nil
}
