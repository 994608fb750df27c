package portal

import (
	"net/http"
	"net/url"
	"strings"

	"sportello/account"
	"sportello/kb"
	"sportello/privacy"
	"sportello/search"
	"sportello/web/ui"
)

// longest question that is searched; what follows helps nobody to be found.
const longest = 300

type resultsPage struct {
	ui.Frame
	Index    string
	Read     string // the question with the corrections in it, if there are any
	Exactly  string // where what was typed is searched as it is
	Answer   *hit   // the article we are sure of
	Choices  []hit  // those one of which is probably meant
	Unsure   bool   // there is no reliable answer
	Others   []hit
	Number   string
	Dial     string
	Contacts string
}

type hit struct {
	ID               string // of the article, where a page has to name it
	Title, URL, Lang string
	Section          string
	Snippet          string
}

// results answers a question as the assistant would: with one article, with a
// choice among three, or honestly with none.
func (p *Portal) results(w http.ResponseWriter, r *http.Request) error {
	l := lang(r)
	question := strings.TrimSpace(strings.ToValidUTF8(r.URL.Query().Get("q"), ""))
	question, _ = privacy.Mask(question) // it is shown, and stands in the title
	if runes := []rune(question); len(runes) > longest {
		question = string(runes[:longest])
	}
	title := p.Phrases.Say(l, "web.search_title", nil)
	if question != "" {
		title = p.Phrases.Say(l, "web.search_title_for", map[string]any{"Question": question})
	}
	frame := p.frame(r, "", title, "", nil)
	frame.Hidden, frame.Question = true, question
	other := map[string]string{"it": "en", "en": "it"}[l]
	frame.Switch.URL = paths[other]["search"] + "?" + url.Values{"q": {question}}.Encode()
	page := resultsPage{Frame: frame, Index: paths[l]["kb"], Number: p.Book.Number, Dial: p.Book.Dial(), Contacts: paths[l]["home"] + "#contacts"}
	if question == "" {
		return p.show(w, "results", page)
	}
	var audiences []search.Audience
	for _, a := range account.Audiences(p.Person(r)) {
		audiences = append(audiences, search.Audience(a))
	}
	found, err := p.Searcher.Search(r.Context(), search.Query{Text: question, Lang: l, Audiences: audiences, Limit: 6, Meaning: true, Exact: r.URL.Query().Has("exact")})
	if err != nil {
		return err
	}
	page.Exactly = page.Search + "?" + url.Values{"q": {question}, "exact": {"1"}}.Encode()
	page.decide(l, found)
	return p.show(w, "results", page)
}

// decide lays the hits out as the decision asks.
func (page *resultsPage) decide(l string, found search.Result) {
	var hits []hit
	for _, h := range found.Hits {
		hits = append(hits, hitOf(l, h))
	}
	page.Read = found.Reading
	first := 0
	switch {
	case found.Decision == search.Answer && len(hits) > 0:
		page.Answer, first = &hits[0], 1
	case found.Decision == search.Clarify && len(hits) > 0:
		first = min(3, len(hits))
		page.Choices = hits[:first]
	default:
		page.Unsure = true
	}
	page.Others = hits[first:]
}

func hitOf(l string, h search.Hit) hit {
	told := hit{Title: h.Title, URL: kb.Article{ID: h.ID, Lang: h.Lang}.URL(), Section: h.Section.Heading, Snippet: h.Snippet}
	if h.Section.Anchor != "" {
		told.URL += "#" + h.Section.Anchor
	}
	if h.Lang != l {
		told.Lang = h.Lang
	}
	return told
}
