package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sportello/account"
	"sportello/internal/phrases"
	"sportello/privacy"
	"sportello/search"
	"sportello/tickets"
	"sportello/web/ui"
)

type servicesPage struct {
	ui.Frame
	Self    string
	Notices []noticed
	Asked   []ui.Link // most asked, by this person or by all
	Own     bool      // these are the person's own
	Unsent  []unsentEntry
	Groups  []group

	// What was looked for.
	Wanted   string
	Guess    *offered
	Offers   []offered
	Articles []hit
}

// group is a category of the catalogue.
type group struct {
	ID, Icon, Label string
	Types           []ui.Link
}

// offered is a request type that was found.
type offered struct {
	Label, Category, URL string
}

// unsentEntry is a request that somebody has not sent yet.
type unsentEntry struct {
	Label, URL, Subject, Saved string
}

// mostAsked is how many request types stand above the catalogue.
const mostAsked = 6

// services shows the catalogue, and searches it for who does not know what to
// ask for.
func (p *Portal) services(w http.ResponseWriter, r *http.Request) error {
	l := lang(r)
	catalogue := p.Tickets.Catalogue
	wanted := strings.TrimSpace(strings.ToValidUTF8(r.URL.Query().Get("q"), ""))
	wanted, _ = privacy.Mask(wanted) // it stands in links
	if runes := []rune(wanted); len(runes) > longest {
		wanted = string(runes[:longest])
	}
	frame := p.frame(r, "services", p.Phrases.Say(l, "request.catalogue", nil), p.Phrases.Say(l, "request.catalogue_description", nil), both("services"))
	page := servicesPage{Frame: frame, Self: paths[l]["services"], Wanted: wanted, Notices: p.noticed(l)}
	for _, category := range catalogue.Categories {
		g := group{ID: category.ID, Icon: cmp.Or(p.Content.Offer.Icons[category.ID], "help-circle"), Label: category.Label.In(l)}
		for _, t := range category.Types {
			g.Types = append(g.Types, p.typeLink(l, t))
		}
		page.Groups = append(page.Groups, g)
	}
	if person := p.Person(r); person != nil {
		if err := p.knownServices(r, &page, *person); err != nil {
			return err
		}
	}
	for _, id := range p.Content.Offer.Asked {
		if t, known := catalogue.Request(id); known && len(page.Asked) < mostAsked && !page.Own {
			page.Asked = append(page.Asked, p.typeLink(l, t))
		}
	}
	if wanted == "" {
		return p.show(w, "services", page)
	}
	page.Hidden, page.URL = true, ""
	return p.searchServices(w, r, page)
}

// knownServices fills in what is the person's own.
func (p *Portal) knownServices(r *http.Request, page *servicesPage, person account.Person) error {
	mine, err := p.Tickets.Mine(r.Context(), person, tickets.Filter{Limit: 100})
	if err != nil {
		return err
	}
	times := map[string]int{}
	var asked []tickets.RequestType
	for _, t := range mine {
		if known, is := p.Tickets.Catalogue.Request(t.RequestType); is {
			if times[known.ID]++; times[known.ID] == 1 {
				asked = append(asked, known)
			}
		}
	}
	slices.SortStableFunc(asked, func(a, b tickets.RequestType) int { return times[b.ID] - times[a.ID] })
	for _, t := range asked[:min(len(asked), mostAsked)] {
		page.Asked, page.Own = append(page.Asked, p.typeLink(page.Lang, t)), true
	}
	unsent, err := p.Forms.AllUnsent(r.Context(), person.ID)
	if err != nil {
		return err
	}
	for _, u := range unsent {
		if t, known := p.Tickets.Catalogue.Request(u.RequestType); known && !u.Expired(p.Now(), p.keepDrafts()) {
			link := p.typeLink(page.Lang, t)
			page.Unsent = append(page.Unsent, unsentEntry{link.Text, link.URL, u.Values[inputName(tickets.FieldSubject)], phrases.DateTime(page.Lang, u.SavedAt.In(rome))})
		}
	}
	return nil
}

// searchServices shows what fits the words: the request that is probably
// meant, others, and articles that may solve the problem.
func (p *Portal) searchServices(w http.ResponseWriter, r *http.Request, page servicesPage) error {
	catalogue := p.Tickets.Catalogue
	offers := catalogue.Offer(page.Wanted)
	if t, found := catalogue.Guess(page.Wanted); found {
		one := p.offered(page.Lang, t)
		one.URL += "?" + url.Values{"q": {page.Wanted}}.Encode()
		page.Guess = &one
		offers = slices.DeleteFunc(offers, func(o tickets.RequestType) bool { return o.ID == t.ID })
	}
	const most = 8
	for _, t := range offers[:min(len(offers), most)] {
		page.Offers = append(page.Offers, p.offered(page.Lang, t))
	}
	found, err := p.find(r, page.Wanted, 3)
	if err != nil {
		return err
	}
	page.Articles = found
	return p.show(w, "services", page)
}

// find searches articles for this reader, and returns those that may answer.
func (p *Portal) find(r *http.Request, text string, limit int) ([]hit, error) {
	l := lang(r)
	var audiences []search.Audience
	for _, a := range account.Audiences(p.Person(r)) {
		audiences = append(audiences, search.Audience(a))
	}
	found, err := p.Searcher.Search(r.Context(), search.Query{Text: text, Lang: l, Audiences: audiences, Limit: limit})
	if err != nil || found.Decision == search.Abstain {
		return nil, err
	}
	var hits []hit
	for _, h := range found.Hits[:min(len(found.Hits), limit)] {
		told := hitOf(l, h)
		told.ID = h.ID
		hits = append(hits, told)
	}
	return hits, nil
}

func (p *Portal) typeLink(l string, t tickets.RequestType) ui.Link {
	return ui.Link{Text: t.Label.In(l), URL: paths[l]["services"] + "/" + t.ID}
}

func (p *Portal) offered(l string, t tickets.RequestType) offered {
	return offered{Label: t.Label.In(l), Category: p.categoryLabel(l, t), URL: paths[l]["services"] + "/" + t.ID}
}

func (p *Portal) categoryLabel(l string, t tickets.RequestType) string {
	for _, category := range p.Tickets.Catalogue.Categories {
		if category.ID == t.Category {
			return category.Label.In(l)
		}
	}
	return ""
}
