package portal

import (
	"context"
	"net/http"
	"strings"

	"sportello/account"
	"sportello/web/ui"
)

// account is the way in, or who is in with what is theirs and the way out.
func (p *Portal) account(r *http.Request, language, current string) ui.Account {
	if p.Enter == nil {
		return ui.Account{}
	}
	person := p.Person(r)
	if person == nil {
		return ui.Account{SignIn: p.Enter(language, r)}
	}
	a := ui.Account{Name: person.Called(), SignOut: p.Out(language)}
	for _, name := range []string{"tickets", "profile"} {
		if path := paths[language][name]; path != "" {
			a.Links = append(a.Links, ui.Link{Text: p.Phrases.Say(language, "web.account_"+name, nil), URL: path, Current: current == name})
		}
	}
	if p.Desk != "" && account.Can(*person, account.WatchQueue, account.Thing{}) {
		a.Links = append(a.Links, ui.Link{Text: p.Phrases.Say(language, "web.account_desk", nil), URL: strings.TrimSuffix(paths[language]["home"], "/") + p.Desk, Current: current == "desk"})
	}
	return a
}

// Frame is what pages of other sets have around them, to look like ours.
func (p *Portal) Frame(r *http.Request, language, title string, at map[string]string) ui.Frame {
	f := p.frame(speaking(r, language), "", title, "", at)
	f.Hidden, f.URL = true, ""
	return f
}

// Fail answers with a page that says what went wrong, for pages of other sets.
func (p *Portal) Fail(w http.ResponseWriter, r *http.Request, language string, err error) {
	p.fail(w, speaking(r, language), err)
}

func speaking(r *http.Request, language string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), langKey{}, language))
}
