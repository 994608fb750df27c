package desk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/tickets"
)

// views are ways to look at the queue, in the order of their tabs.
var views = []string{"todo", "mine", "waiting", "late", "open", "done"}

// found is the view of a search: everything, whatever became of it.
const found = "found"

// choice is what an operator chose to see.
type choice struct {
	View     string
	Team     string // "mine", "all" or a team's ID
	Status   tickets.Status
	Priority tickets.Priority
	App      string
	Type     string
	Channel  string
	Text     string
	Person   account.PersonID
	Newest   bool
	After    string
}

// chosen reads a choice from an address. What makes no sense is left out.
func (v *visit) chosen(q url.Values) choice {
	c := choice{
		View: q.Get("view"), Team: q.Get("team"), Status: tickets.Status(q.Get("status")), App: q.Get("app"), Type: q.Get("type"),
		Channel: q.Get("channel"), Text: cut(oneLine(q.Get("q")), 200), Person: account.PersonID(q.Get("person")), Newest: q.Get("sort") == "newest", After: q.Get("after"),
	}
	if p, err := strconv.Atoi(q.Get("priority")); err == nil && p >= int(tickets.Critical) && p <= int(tickets.Unhurried) {
		c.Priority = tickets.Priority(p)
	}
	if !slices.Contains(tickets.Statuses, c.Status) {
		c.Status = ""
	}
	if c.View != found && !slices.Contains(views, c.View) {
		c.View = views[0]
		if c.Text != "" || c.Person != "" {
			c.View = found
		}
	}
	if _, known := v.Desk.Terms.Team(c.Team); !known && c.Team != "all" && c.Team != "mine" {
		c.Team = "all"
		if len(v.by.Teams) > 0 && c.View != found {
			c.Team = "mine"
		}
	}
	return c
}

// values is the choice as an address has it, but for what is as it would be
// anyway.
func (c choice) values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("view", c.View)
	set("team", c.Team)
	set("status", string(c.Status))
	if c.Priority != 0 {
		set("priority", strconv.Itoa(int(c.Priority)))
	}
	set("app", c.App)
	set("type", c.Type)
	set("channel", c.Channel)
	set("q", c.Text)
	set("person", string(c.Person))
	if c.Newest {
		set("sort", "newest")
	}
	set("after", c.After)
	return q
}

// with is the address of the same choice but for some changes, from its first
// page.
func (c choice) with(change func(*choice)) string {
	c.After = ""
	change(&c)
	return "?" + c.values().Encode()
}

// teams are those whose tickets are chosen, nil for all.
func (v *visit) teams(c choice) []string {
	switch {
	case c.View == "mine", c.Team == "all":
		return nil
	case c.Team == "mine":
		return v.by.Teams
	default:
		return []string{c.Team}
	}
}

// query is what the store is asked for a choice.
func (v *visit) query(c choice) (tickets.Queue, error) {
	q := tickets.Queue{Teams: v.teams(c), Newest: c.Newest, After: c.After, Text: c.Text, Person: c.Person}
	if c.Status != "" {
		q.Statuses = []tickets.Status{c.Status}
	}
	if c.Priority != 0 {
		q.Priorities = []tickets.Priority{c.Priority}
	}
	for value, to := range map[string]*[]string{c.App: &q.Applications, c.Type: &q.RequestTypes, c.Channel: &q.Channels} {
		if value != "" {
			*to = []string{value}
		}
	}
	switch c.View {
	case "todo":
		q.Open, q.Unassigned = true, true
	case "mine":
		q.Open, q.Assignee = true, v.by.ID
	case "waiting":
		q.Open = true
		if c.Status == "" {
			q.Statuses = []tickets.Status{tickets.Waiting}
		}
	case "late":
		q.Open, q.Overdue = true, v.Now()
	case "open":
		q.Open = true
	case "done":
		q.Newest = true
		if c.Status == "" {
			q.Statuses = []tickets.Status{tickets.Solved, tickets.Closed, tickets.Cancelled}
		}
	case found:
		q.Newest = true
	}
	if address, err := account.Address(c.Text); err == nil { // whose address it is has these tickets
		switch person, err := v.People.PersonByEmail(v.r.Context(), address); {
		case err == nil:
			q.Text, q.Person = "", person.ID
		case !missing(err):
			return q, err
		}
	}
	return q, nil
}

func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
}

// cut shortens a text to so many characters.
func cut(text string, longest int) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest])
	}
	return text
}
