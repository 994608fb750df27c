package portal

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"sportello/account"
	"sportello/kb"
	"sportello/web/ui"
)

type indexPage struct {
	ui.Frame
	Shelves  []shelf
	Reserved int // published, but not for this reader
	Count    int
}

// index lists all articles the reader may read, by category.
func (p *Portal) index(w http.ResponseWriter, r *http.Request) error {
	l := lang(r)
	shelves, hidden, err := p.shelves(r, all)
	if err != nil {
		return err
	}
	frame := p.frame(r, "kb", p.Phrases.Say(l, "web.index_title", nil), p.Phrases.Say(l, "web.index_description", nil), both("kb"))
	page := indexPage{Frame: frame, Shelves: shelves, Reserved: hidden}
	for _, s := range shelves {
		page.Count += len(s.Articles)
	}
	return p.show(w, "index", page)
}

// how many articles of a shelf are shown.
type extent bool

const (
	all      extent = false
	featured extent = true
)

// shelves sorts the published articles into categories, those without any left
// out; an article that lacks a translation is offered in the language it has.
// hidden counts articles that are published, but not for this reader.
func (p *Portal) shelves(r *http.Request, show extent) (shelves []shelf, hidden int, err error) {
	articles, err := p.published.list(r.Context(), p.Library)
	if err != nil {
		return nil, 0, err
	}
	l, may := lang(r), account.Audiences(p.Person(r))
	chosen := map[string]kb.Article{}
	for _, a := range articles {
		if known, twice := chosen[a.ID]; !twice || known.Lang != l && a.Lang == l {
			chosen[a.ID] = a
		}
	}
	sorted := make([][]kb.Article, len(p.Content.Categories))
	for _, a := range chosen {
		if !slices.Contains(may, a.Audience) {
			hidden++
			continue
		}
		i := slices.IndexFunc(p.Content.Categories, func(c Category) bool { return c.holds(a) })
		if i < 0 {
			i = len(sorted) - 1
		}
		sorted[i] = append(sorted[i], a)
	}
	for i, category := range p.Content.Categories {
		s := shelf{ID: category.ID, Icon: category.Icon, Label: category.Label[l]}
		slices.SortFunc(sorted[i], func(a, b kb.Article) int { return byTitle(l, a, b) })
		for _, a := range sorted[i] {
			if show == all {
				s.Articles = append(s.Articles, entryOf(l, a))
			}
		}
		if show == featured {
			s.Articles, s.More = feature(l, category, sorted[i], chosen, may)
		}
		if len(s.Articles) > 0 {
			shelves = append(shelves, s)
		}
	}
	return shelves, hidden, nil
}

// feature returns the entries an editor chose, as far as the reader may read
// them, filled up with others of the category.
func feature(l string, c Category, shelf []kb.Article, chosen map[string]kb.Article, may []account.Audience) (entries []entry, more int) {
	const most = 4
	var picked []kb.Article
	for _, id := range c.Featured {
		if a, there := chosen[id]; there && slices.Contains(may, a.Audience) {
			picked = append(picked, a)
		}
	}
	for _, a := range shelf {
		if len(picked) < most && !slices.ContainsFunc(picked, func(b kb.Article) bool { return b.ID == a.ID }) {
			picked = append(picked, a)
		}
	}
	for _, a := range picked {
		entries = append(entries, entryOf(l, a))
	}
	return entries, max(0, len(shelf)-len(picked))
}

// byTitle puts articles in the page's language first.
func byTitle(l string, a, b kb.Article) int {
	own := func(a kb.Article) int {
		if a.Lang == l {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(own(a), own(b)), cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), cmp.Compare(a.ID, b.ID))
}
