package desk

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// Sizes of what a page shows.
const (
	rowsOnPage   = 50
	counted      = 100 // tabs count so far
	peopleShown  = 6
	shortestName = 3 // characters of a search that may be a name
)

type queuePage struct {
	page
	Choice   choice
	Tabs     []tab
	Teams    []tab
	Statuses []option
	Weights  []option // priorities
	Apps     []option
	Types    []option
	Channels []option
	Sorts    []option
	Filtered bool // by more than view and team
	Clear    string
	Of       *account.Person // whose tickets these are
	Found    []account.Person
	Rows     []row
	Next     string
	First    string
	Export   string
	Events   string
	Query    string // to come back to after a bulk change
	Bulk     bulkForm
}

type tab struct {
	Text, URL, ID string
	Count         string
	Current       bool
	Late          bool
}

// option is one of a form's choices.
type option struct {
	Value, Label string
	Chosen       bool
}

func (v *visit) queue() error {
	c := v.chosen(v.r.URL.Query())
	q, err := v.query(c)
	if err != nil {
		return err
	}
	q.Limit = rowsOnPage + 1
	told, err := v.Desk.Store.LastHappening(v.r.Context()) // before the list: nothing is missed between
	if err != nil {
		return err
	}
	list, err := v.Desk.Queue(v.r.Context(), v.by, q)
	if err != nil {
		return err
	}
	if len(list) == 0 && c.Text != "" && c.After == "" { // perhaps it is somebody's name
		met, err := v.named(c.Text)
		if err != nil {
			return err
		}
		if len(met) == 1 {
			c.Person, c.Text = met[0].ID, ""
			q.Person, q.Text = met[0].ID, ""
			if list, err = v.Desk.Queue(v.r.Context(), v.by, q); err != nil {
				return err
			}
		}
	}
	shown := queuePage{page: v.frame("queue", v.say("desk.view_"+c.View), ""), Choice: c, Events: fmt.Sprint(v.path("/events"), "?after=", told), Clear: v.path("")}
	if len(list) > rowsOnPage {
		list = list[:rowsOnPage]
		next := c
		next.After = q.Cursor(list[rowsOnPage-1])
		shown.Next = "?" + next.values().Encode()
	}
	if c.After != "" {
		shown.First = c.with(func(*choice) {})
	}
	if shown.Rows, err = v.rows(list); err != nil {
		return err
	}
	shown.Export = v.path("/export.csv") + "?" + c.values().Encode()
	shown.Query = c.values().Encode()
	if shown.Tabs, shown.Teams, err = v.tabs(c); err != nil {
		return err
	}
	v.filters(c, &shown)
	if err := v.searched(c, &shown); err != nil {
		return err
	}
	if shown.Bulk, err = v.bulkForm(); err != nil {
		return err
	}
	return v.show(http.StatusOK, "queue", shown)
}

// searched adds the people that a search may have meant.
func (v *visit) searched(c choice, shown *queuePage) error {
	if c.Person != "" {
		if err := v.meet(c.Person); err != nil {
			return err
		}
		if p, known := v.known[c.Person]; known {
			shown.Of = &p
		}
	}
	var err error
	shown.Found, err = v.named(c.Text)
	return err
}

// named are the people whom a search may mean.
func (v *visit) named(text string) ([]account.Person, error) {
	if len([]rune(text)) < shortestName {
		return nil, nil
	}
	if _, number := tickets.ParseNumber(text, v.local(v.Now()).Year()); number {
		return nil, nil
	}
	return v.People.Find(v.r.Context(), text, peopleShown)
}

// tabs are the views and the teams with their counts.
func (v *visit) tabs(c choice) (tabs, teams []tab, err error) {
	counts, err := v.Desk.Store.Counts(v.r.Context())
	if err != nil {
		return nil, nil, err
	}
	chosen := v.teams(choice{View: "open", Team: c.Team})
	in := func(team string) bool { return chosen == nil || slices.Contains(chosen, team) }
	sums, byTeam, all := map[string]int{}, map[string]int{}, 0
	for _, n := range counts {
		all += n.Tickets
		byTeam[n.Team] += n.Tickets
		if !in(n.Team) {
			continue
		}
		sums["open"] += n.Tickets
		if n.Unassigned {
			sums["todo"] += n.Tickets
		}
		if n.Status == tickets.Waiting {
			sums["waiting"] += n.Tickets
		}
	}
	for _, view := range []string{"mine", "late"} {
		q, err := v.query(choice{View: view, Team: c.Team})
		if err != nil {
			return nil, nil, err
		}
		q.Limit = counted
		list, err := v.Desk.Queue(v.r.Context(), v.by, q)
		if err != nil {
			return nil, nil, err
		}
		sums[view] = len(list)
	}
	for _, view := range views {
		t := tab{ID: view, Text: v.say("desk.view_" + view), URL: v.path("") + "?" + choice{View: view, Team: c.Team}.values().Encode(), Current: view == c.View}
		if view != "done" {
			t.Count = count(sums[view], view == "mine" || view == "late")
			t.Late = view == "late" && sums[view] > 0
		}
		tabs = append(tabs, t)
	}
	link := func(id, label string, n int) tab {
		return tab{ID: id, Text: label, Count: strconv.Itoa(n), Current: id == c.Team && c.View != "mine", URL: v.path("") + c.with(func(c *choice) {
			c.Team = id
			if c.View == "mine" {
				c.View = views[0]
			}
		})}
	}
	own := v.by.Teams
	if len(own) > 0 {
		sum := 0
		for _, team := range own {
			sum += byTeam[team]
		}
		teams = append(teams, link("mine", v.say("desk.teams_mine"), sum))
	}
	teams = append(teams, link("all", v.say("desk.teams_all"), all))
	for _, first := range []bool{true, false} { // one's own come first
		for _, team := range v.Desk.Terms.Teams {
			if slices.Contains(own, team.ID) == first {
				teams = append(teams, link(team.ID, team.Label.In(v.lang), byTeam[team.ID]))
			}
		}
	}
	return tabs, teams, nil
}

func count(n int, limited bool) string {
	if limited && n >= counted {
		return strconv.Itoa(counted-1) + "+"
	}
	return strconv.Itoa(n)
}

// filters fills in the choices of the filter form.
func (v *visit) filters(c choice, shown *queuePage) {
	for _, s := range tickets.Statuses {
		shown.Statuses = append(shown.Statuses, option{string(s), v.status(s).Label, s == c.Status})
	}
	for p := tickets.Critical; p <= tickets.Unhurried; p++ {
		shown.Weights = append(shown.Weights, option{strconv.Itoa(int(p)), v.say(p.Phrase()), p == c.Priority})
	}
	shown.Apps = v.applications(c.App)
	shown.Types = v.requestTypes(c.Type)
	for _, name := range channels {
		shown.Channels = append(shown.Channels, option{name, v.channel(name).Label, name == c.Channel})
	}
	for _, sort := range []string{"due", "newest"} {
		shown.Sorts = append(shown.Sorts, option{sort, v.say("desk.sort_" + sort), (sort == "newest") == c.Newest})
	}
	shown.Filtered = c.Status != "" || c.Priority != 0 || c.App != "" || c.Type != "" || c.Channel != "" || c.Newest
}

func (v *visit) applications(chosen string) (all []option) {
	for _, a := range v.Desk.Catalogue.Applications {
		all = append(all, option{a.ID, a.Title(), a.ID == chosen})
	}
	slices.SortFunc(all, func(a, b option) int { return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)) })
	return all
}

func (v *visit) requestTypes(chosen string) (all []option) {
	for _, category := range v.Desk.Catalogue.Categories {
		for _, r := range category.Types {
			all = append(all, option{r.ID, r.Label.In(v.lang), r.ID == chosen})
		}
	}
	return all
}

func missing(err error) bool { return fault.Is(err, fault.NotFound) }
