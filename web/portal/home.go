package portal

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/language"

	"sportello/contacts"
	"sportello/kb"
	"sportello/web/ui"
)

type homePage struct {
	ui.Frame
	Own      []card // tickets of whoever is signed in that are open
	OwnList  string
	Index    string
	Services string // path of the catalogue, empty without one
	Notices  []noticed
	Searches []ui.Link
	Shelves  []shelf
	Number   string
	Dial     string
	Email    string
	Senders  string // domains from which mail is taken
	OneWay   bool
	Status   phoneStatus // of the operators
	Branches []phoneBranch
	Office   string // key after which office telephones are connected
}

type phoneStatus struct {
	Open bool
	Text string
}

type phoneBranch struct {
	Key, Label string
	Hours      string
	Status     phoneStatus
	Branches   []phoneBranch
}

var spoken = language.NewMatcher([]language.Tag{language.Italian, language.English})

// home is the first page. Who comes to "/" with a browser that speaks English
// and not Italian is led to the English one, unless a link asked for Italian.
func (p *Portal) home(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path == "/" {
		w.Header().Add("Vary", "Accept-Language")
		switch r.URL.Query().Get("lang") {
		case "en":
			http.Redirect(w, r, "/en/", http.StatusSeeOther)
			return nil
		case "":
			if prefersEnglish(r.Header.Get("Accept-Language")) {
				http.Redirect(w, r, "/en/", http.StatusSeeOther)
				return nil
			}
		}
	}
	l := lang(r)
	shelves, _, err := p.shelves(r, featured)
	if err != nil {
		return err
	}
	frame := p.frame(r, "home", p.Phrases.Say(l, "web.home_title", nil), p.Phrases.Say(l, "web.home_description", nil), both("home"))
	page := homePage{
		Frame: frame, Index: paths[l]["kb"], Shelves: shelves,
		Number: p.Book.Number, Dial: p.Book.Dial(), Email: p.Book.Email.Address, OneWay: p.Book.Email.OneWay,
		Senders: "@" + strings.Join(p.Book.Email.SenderDomains, ", @"), Office: p.Book.OfficeKey,
		Status: p.phoneStatus(l, p.Book.Operators()),
	}
	if page.Own, err = p.owns(r); err != nil {
		return err
	}
	page.OwnList = paths[l]["tickets"]
	page.Notices = p.noticed(l)
	if p.Tickets != nil {
		page.Services = paths[l]["services"]
	}
	for _, words := range p.Content.Searches[l] {
		page.Searches = append(page.Searches, ui.Link{Text: words, URL: paths[l]["search"] + "?q=" + url.QueryEscape(words)})
	}
	for _, branch := range p.Book.Branches {
		page.Branches = append(page.Branches, p.phoneBranch(l, branch))
	}
	return p.show(w, "home", page)
}

func prefersEnglish(accept string) bool {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return false
	}
	_, index, confidence := spoken.Match(tags...)
	return index == 1 && confidence >= language.High
}

func (p *Portal) phoneBranch(l string, b contacts.Branch) phoneBranch {
	keys := b.Keys()
	told := phoneBranch{Key: keys[len(keys)-1], Label: b.Label(l), Hours: p.Book.Advise(b, l, p.Now()).WeekText(), Status: p.phoneStatus(l, b)}
	for _, next := range b.Branches {
		told.Branches = append(told.Branches, p.phoneBranch(l, next))
	}
	return told
}

func (p *Portal) phoneStatus(l string, b contacts.Branch) phoneStatus {
	advice := p.Book.Advise(b, l, p.Now())
	return phoneStatus{Open: advice.OpenNow, Text: advice.Status(func(key string, values map[string]any) string { return p.Phrases.Say(l, key, values) })}
}

// shelf is a category with its articles, as a page shows them.
type shelf struct {
	ID, Icon, Label string
	Articles        []entry
	More            int // how many more there are than shown
}

// entry leads to an article; Lang is set where it differs from the page's.
type entry struct {
	Title, URL, Lang string
	Updated          time.Time
}

func entryOf(l string, a kb.Article) entry {
	e := entry{Title: a.Title, URL: a.URL(), Updated: a.UpdatedAt}
	if a.Lang != l {
		e.Lang = a.Lang
	}
	return e
}
