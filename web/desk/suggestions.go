package desk

import (
	"net/http"
	"slices"

	"sportello/account"
	"sportello/kb"
	"sportello/search"
	"sportello/tickets"
)

// article is one that may answer a ticket.
type article struct {
	ID, Title, URL, Lang string
	Quote                string // what a message says to point to it
}

const (
	articlesShown = 4
	similarShown  = 5
	similarAmong  = 60
	questionChars = 300
)

// articles are those that whoever asked may read and that may help. A search
// that fails takes nothing else with it.
func (v *visit) articles(t tickets.Ticket) []article {
	author, lang := v.known[t.Author], v.langOf(t)
	var audiences []search.Audience
	for _, a := range account.Audiences(&author) {
		audiences = append(audiences, search.Audience(a))
	}
	found, err := v.Searcher.Search(v.r.Context(), search.Query{Text: cut(oneLine(t.Subject+" "+t.Body), questionChars), Lang: lang, Audiences: audiences, Limit: articlesShown})
	if err != nil {
		v.Log.WarnContext(v.r.Context(), "articles not suggested", "ticket", t.ID, "error", err)
		return nil
	}
	var all []article
	for _, h := range found.Hits {
		a := article{ID: h.ID, Title: h.Title, URL: kb.Article{ID: h.ID, Lang: h.Lang}.URL()}
		if h.Lang != v.lang {
			a.Lang = h.Lang
		}
		a.Quote = v.Phrases.Say(lang, "desk.quote", map[string]any{"Title": h.Title, "URL": v.absolute(a.URL)})
		all = append(all, a)
	}
	return all
}

func (v *visit) absolute(path string) string {
	if v.Base != "" {
		return v.Base + path
	}
	scheme := "http://"
	if v.r.TLS != nil {
		scheme = "https://"
	}
	return scheme + v.r.Host + path
}

// similar are open tickets that may be about the same thing: of the same
// application, those that share most words of the subject first.
func (v *visit) similar(t tickets.Ticket) ([]row, error) {
	words := tickets.SearchWords(t.Subject)
	q := tickets.Queue{Open: true, Newest: true, Limit: similarAmong}
	switch {
	case t.Application != "":
		q.Applications = []string{t.Application}
	case len(words) > 0:
		q.Text = slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
	default:
		return nil, nil
	}
	list, err := v.Desk.Queue(v.r.Context(), v.by, q)
	if err != nil {
		return nil, err
	}
	shared := func(other tickets.Ticket) (n int) {
		theirs := tickets.SearchWords(other.Subject)
		for _, w := range words {
			if slices.Contains(theirs, w) {
				n++
			}
		}
		if other.Office == t.Office && t.Office != "" {
			n++
		}
		return n
	}
	list = slices.DeleteFunc(list, func(other tickets.Ticket) bool { return other.ID == t.ID || shared(other) == 0 })
	slices.SortStableFunc(list, func(a, b tickets.Ticket) int { return shared(b) - shared(a) })
	return v.rows(but(list, t, similarShown))
}

// people answers the boxes in which an operator looks for somebody.
func (v *visit) people() error {
	type someone struct {
		ID     account.PersonID `json:"id"`
		Name   string           `json:"name"`
		Email  string           `json:"email"`
		Office string           `json:"office"`
	}
	answer := []someone{}
	text := cut(oneLine(v.r.URL.Query().Get("q")), 100)
	if len([]rune(text)) >= 2 {
		met, err := v.People.Find(v.r.Context(), text, 8)
		if err != nil {
			return err
		}
		for _, p := range met {
			answer = append(answer, someone{p.ID, p.Called(), p.Email, p.Office})
		}
	}
	return v.json(http.StatusOK, answer)
}
