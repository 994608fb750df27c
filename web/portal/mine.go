package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/tickets"
	"sportello/web/ui"
)

// How many tickets are shown at once.
const (
	listed  = 20
	onTop   = 20 // that wait for an answer
	atHome  = 3
	maxText = 200 // characters of a search
)

// channels that tickets come by, in the order of the filter.
var channels = []string{"portal", "widget", "email", "phone", "api", "mattermost", "telegram", "terminal"}

// statusGroups are how people tell tickets apart.
var statusGroups = []struct {
	ID       string
	Statuses []tickets.Status
}{
	{"open", []tickets.Status{tickets.Received, tickets.Taken, tickets.Working, tickets.Waiting, tickets.Reopened}},
	{"waiting", []tickets.Status{tickets.Waiting}},
	{"solved", []tickets.Status{tickets.Solved}},
	{"closed", []tickets.Status{tickets.Closed, tickets.Cancelled}},
}

// option of a select.
type option struct {
	ID, Text string
	Chosen   bool
}

type minePage struct {
	ui.Frame
	Self     string
	Services string
	Events   string // the stream of what happens
	After    int64  // what the page knows of the feed
	Query    string
	Groups   []option
	Parts    []option
	Channels []option
	Filtered bool
	Later    bool // not the first page
	Waiting  []card
	MoreWait string // where the other waiting ones are
	Cards    []card
	Next     string // where the older ones are
	Done     string // what was just done
}

// card is a ticket in a list.
type card struct {
	Number, URL, Subject string
	Status               tickets.Status
	StatusText           string
	Part, Via            string
	Application          string
	Opened, Moved        moment
	News                 string // how much is new, empty if nothing
	Waits                bool   // for whoever reads
}

func (p *Portal) ticketRoutes(r chi.Router, get func(string, http.HandlerFunc), lang string) {
	at := paths[lang]["tickets"]
	get(at, p.owned(lang, p.mine))
	r.Get(at+"/events", p.page(lang, p.happenings))
	get(at+"/{number}", p.owned(lang, p.ticket))
	get(at+"/{number}/file/{id}", p.owned(lang, p.ticketFile))
	for name := range ticketActs {
		r.Post(at+"/{number}/"+name, p.ticketPost(lang, name))
	}
}

// mine lists the tickets somebody has, whatever channel opened them.
func (p *Portal) mine(w http.ResponseWriter, r *http.Request, by account.Person) error {
	l, q := lang(r), r.URL.Query()
	page := minePage{Self: paths[l]["tickets"], Services: paths[l]["services"], Query: cut(strings.TrimSpace(q.Get("q")), maxText)}
	page.Events = page.Self + "/events"
	f := tickets.Filter{Text: page.Query, Limit: listed + 1}
	group := ""
	for _, g := range statusGroups {
		if g.ID == q.Get("status") {
			f.Statuses, group = g.Statuses, g.ID
		}
		page.Groups = append(page.Groups, option{g.ID, p.tell(l, "mine.group_"+g.ID, nil), g.ID == q.Get("status")})
	}
	for _, part := range tickets.Parts {
		if string(part) == q.Get("part") {
			f.Part = part
		}
		page.Parts = append(page.Parts, option{string(part), p.tell(l, "mine.part_"+string(part), nil), string(part) == q.Get("part")})
	}
	for _, c := range channels {
		if c == q.Get("channel") {
			f.Channel = c
		}
		page.Channels = append(page.Channels, option{c, p.tell(l, "mine.channel_"+c, nil), c == q.Get("channel")})
	}
	if n := tickets.Number(q.Get("before")); n.Ordinal() > 0 {
		f.Before, page.Later = n, true
	}
	page.Filtered = f.Text != "" || group != "" || f.Part != "" || f.Channel != ""

	var err error
	if page.After, err = p.Tickets.Store.LastHappening(r.Context()); err != nil { // before the list: nothing is missed between
		return err
	}
	top := map[string]bool{}
	if !page.Filtered && !page.Later {
		if page.Waiting, err = p.waiting(r, by); err != nil {
			return err
		}
		if len(page.Waiting) > onTop {
			page.Waiting, page.MoreWait = page.Waiting[:onTop], page.Self+"?status=waiting"
		}
		for _, c := range page.Waiting {
			top[c.Number] = true
		}
	}
	list, err := p.Tickets.Mine(r.Context(), by, f)
	if err != nil {
		return err
	}
	if len(list) > listed {
		list = list[:listed]
		next := url.Values{}
		for _, name := range []string{"q", "status", "part", "channel"} {
			if v := q.Get(name); v != "" {
				next.Set(name, v)
			}
		}
		next.Set("before", string(list[listed-1].Number))
		page.Next = page.Self + "?" + next.Encode()
	}
	list = slices.DeleteFunc(list, func(t tickets.Ticket) bool { return top[string(t.Number)] })
	if page.Cards, err = p.cards(r, by, list); err != nil {
		return err
	}
	page.Frame = p.frame(r, "tickets", p.tell(l, "web.menu_tickets", nil), "", both("tickets"))
	page.Hidden, page.URL = true, ""
	if number, is := tickets.ParseNumber(q.Get("unfollowed"), p.Now().In(p.Tickets.Terms.Zone()).Year()); is {
		page.Done = p.tell(l, "mine.done_unfollow", map[string]any{"Number": number})
	}
	return p.show(w, "tickets", page)
}

// waiting lists what waits for an answer of the reader; who only follows a
// ticket is asked nothing.
func (p *Portal) waiting(r *http.Request, by account.Person) ([]card, error) {
	list, err := p.Tickets.Mine(r.Context(), by, tickets.Filter{Statuses: []tickets.Status{tickets.Waiting}, Limit: 2 * onTop})
	if err != nil {
		return nil, err
	}
	cards, err := p.cards(r, by, list)
	return slices.DeleteFunc(cards, func(c card) bool { return !c.Waits }), err
}

// cards shows tickets to somebody who has them.
func (p *Portal) cards(r *http.Request, by account.Person, list []tickets.Ticket) ([]card, error) {
	l := lang(r)
	ids, people := []tickets.ID{}, []account.PersonID{}
	for _, t := range list {
		ids, people = append(ids, t.ID), append(people, t.Author, t.Beneficiary.Person)
	}
	unread, err := p.unread(r, by, ids)
	if err != nil {
		return nil, err
	}
	names, err := p.Accounts.People(r.Context(), people)
	if err != nil {
		return nil, err
	}
	cards := make([]card, 0, len(list))
	for _, t := range list {
		c := card{
			Number: string(t.Number), URL: paths[l]["tickets"] + "/" + string(t.Number), Subject: t.Subject,
			Status: t.Status, StatusText: p.statusText(l, t, by), Via: p.tell(l, "mine.via", map[string]any{"Channel": p.channel(l, t.Channel)}),
			Opened: p.day(l, t.OpenedAt), Moved: p.moment(l, t.MovedAt),
			Waits: t.Status == tickets.Waiting && account.Can(by, account.WriteTicket, t.Thing()),
		}
		c.Opened.Text = p.tell(l, "mine.opened_on", map[string]any{"Date": c.Opened.Text})
		c.Moved.Text = p.tell(l, "mine.moved_on", map[string]any{"Date": c.Moved.Text})
		if n := unread[t.ID]; n > 0 {
			c.News = p.tell(l, "mine.unread", map[string]any{"Count": n})
		}
		if a, known := p.Tickets.Catalogue.Application(t.Application); known {
			c.Application = a.Title()
		}
		switch t.PartOf(by.ID) {
		case tickets.AsAuthor:
			c.Part = p.tell(l, "mine.by_you", nil)
			if t.Beneficiary.Other() {
				c.Part = p.tell(l, "mine.by_you_for", map[string]any{"Name": p.beneficiary(l, t, names)})
			}
		case tickets.AsBeneficiary:
			c.Part = p.tell(l, "mine.for_you", map[string]any{"Name": p.called(l, names, t.Author)})
		case tickets.AsObserver:
			c.Part = p.tell(l, "mine.you_follow", map[string]any{"Name": p.called(l, names, t.Author)})
		}
		cards = append(cards, c)
	}
	return cards, nil
}

func (p *Portal) unread(r *http.Request, by account.Person, ids []tickets.ID) (map[tickets.ID]int, error) {
	if p.Own.Reads == nil || len(ids) == 0 {
		return nil, nil
	}
	return p.Own.Reads.Unread(r.Context(), by.ID, ids)
}

// statusText says where a ticket stands; what waits for somebody else is not
// said to wait for the reader.
func (p *Portal) statusText(l string, t tickets.Ticket, by account.Person) string {
	if t.Status == tickets.Waiting && !account.Can(by, account.WriteTicket, t.Thing()) {
		return p.tell(l, "mine.waiting_others", nil)
	}
	return p.tell(l, t.Status.Phrase(), nil)
}

func (p *Portal) channel(l, id string) string {
	if !slices.Contains(channels, id) {
		id = "other"
	}
	return p.tell(l, "mine.channel_"+id, nil)
}

// called names somebody on a ticket.
func (p *Portal) called(l string, names map[account.PersonID]account.Person, id account.PersonID) string {
	if person, known := names[id]; known && person.Called() != "" {
		return person.Called()
	}
	return p.tell(l, "mine.somebody", nil)
}

// beneficiary names whom a ticket is for.
func (p *Portal) beneficiary(l string, t tickets.Ticket, names map[account.PersonID]account.Person) string {
	if t.Beneficiary.Name != "" {
		return t.Beneficiary.Name
	}
	if known := names[t.Beneficiary.Person].Called(); known != "" {
		return known
	}
	return t.Beneficiary.Email
}

// owns are the open tickets for the first page: those that wait for the reader
// before the others.
func (p *Portal) owns(r *http.Request) ([]card, error) {
	by := p.Person(r)
	if p.Tickets == nil || by == nil || !by.Known() {
		return nil, nil
	}
	waiting, err := p.waiting(r, *by)
	if err != nil || len(waiting) >= atHome {
		return waiting[:min(atHome, len(waiting))], err
	}
	list, err := p.Tickets.Mine(r.Context(), *by, tickets.Filter{Statuses: statusGroups[0].Statuses, Limit: 2 * atHome})
	if err != nil {
		return nil, err
	}
	rest, err := p.cards(r, *by, list)
	if err != nil {
		return nil, err
	}
	rest = slices.DeleteFunc(rest, func(c card) bool { return c.Waits })
	return append(waiting, rest[:min(atHome-len(waiting), len(rest))]...), nil
}

// ticketNumber is the number that the path names.
func ticketNumber(r *http.Request) tickets.Number { return tickets.Number(chi.URLParam(r, "number")) }

// cut is a text of at most so many characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}
