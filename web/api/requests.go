package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/files"
	"sportello/internal/fault"
	"sportello/tickets"

	"github.com/danielgtaylor/huma/v2"
)

// Accounts knows people; account.Store does.
type Accounts interface {
	PersonByEmail(ctx context.Context, email string) (account.Person, error)
	People(ctx context.Context, ids []account.PersonID) (map[account.PersonID]account.Person, error)
	Find(ctx context.Context, text string, limit int) ([]account.Person, error)
	Admit(ctx context.Context, p account.Person) (account.Person, error)
}

// Requests answers for tickets and for what can be asked for. It is safe for
// concurrent use.
type Requests struct {
	*Door
	Desk     *tickets.Desk
	Accounts Accounts
	Domains  account.Domains
	Files    *files.Cabinet
	Ratings  tickets.Ratings
	Library  Library
}

// Register adds the operations to an API.
func (k *Requests) Register(api huma.API) {
	k.registerLists(api)
	k.registerOpening(api)
	k.registerMoves(api)
	k.registerMessages(api)
	k.registerAttachments(api)
	k.registerRatings(api)
	k.registerCatalogue(api)
	k.registerArticles(api)
}

// Named is a request about one ticket.
type Named struct {
	Number string `path:"number" maxLength:"30" example:"2026-004512"`
}

// ticket reads the ticket that is named. What is no number names none.
func (k *Requests) ticket(ctx context.Context, v visitor, n Named) (tickets.Ticket, error) {
	number, err := n.parsed()
	if err != nil {
		return tickets.Ticket{}, err
	}
	return k.Desk.Ticket(ctx, v.person, number)
}

func (n Named) parsed() (tickets.Number, error) {
	number := tickets.Number(n.Number)
	if read, is := tickets.ParseNumber(n.Number, 0); !is || read != number {
		return "", fault.New(fault.NotFound, "ticket.not_found", fault.Values{"Number": n.Number})
	}
	return number, nil
}

// shown is the answer that holds one ticket.
func (k *Requests) shown(ctx context.Context, v visitor, t tickets.Ticket) (answer, error) {
	one := []tickets.Ticket{t}
	if err := k.untell(ctx, v, one, nil); err != nil {
		return answer{}, err
	}
	known, err := k.know(ctx, v, one, nil)
	return answer{etag: tagOf(t), body: known.ticket(v.person, one[0])}, err
}

// untell takes out of tickets, and out of the history of a single one, into
// which others they were merged, where the reader may not know of those.
func (k *Requests) untell(ctx context.Context, v visitor, list []tickets.Ticket, events []tickets.Event) error {
	for i, t := range list {
		into, merged := t.MergedInto()
		if !merged || works(v.person, t) {
			continue
		}
		_, err := k.Desk.Ticket(ctx, v.person, into)
		if err == nil {
			continue
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		list[i].Links = nil // the others are for operators anyway
		for j, e := range events {
			if e.Field == string(tickets.DuplicateOf) {
				events[j].New = ""
			}
		}
	}
	return nil
}

// ListInput asks for a list of tickets.
type ListInput struct {
	Reader
	Of         string           `query:"of" enum:"mine,all" default:"mine" doc:"One's own, or everybody's (for operators)"`
	Q          string           `query:"q" maxLength:"200" doc:"Words that the ticket holds, the last perhaps unfinished; or its number"`
	Status     []tickets.Status `query:"status" maxItems:"8" doc:"Only with one of these, between commas"`
	Open       bool             `query:"open" doc:"Only those that somebody has to do something about"`
	Team       []string         `query:"team" maxItems:"50" doc:"Of all: only of these teams"`
	Assignee   string           `query:"assignee" maxLength:"254" doc:"Of all: only this operator's, by address"`
	Unassigned bool             `query:"unassigned" doc:"Of all: only those nobody works on"`
	Person     string           `query:"person" maxLength:"254" doc:"Of all: only this person's, by address"`
	Since      string           `query:"since" maxLength:"40" doc:"Of all: only those opened since (RFC 3339)"`
	Order      string           `query:"order" enum:"newest,due" default:"newest" doc:"Of all: the newest first, or those due first; with words always the newest"`
	Cursor     string           `query:"cursor" maxLength:"60" doc:"Where the page before ended"`
	Limit      int              `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// List is a page of tickets.
type List struct {
	Tickets []Ticket `json:"tickets"`
	Next    string   `json:"next,omitempty" doc:"Cursor of the next page, as in the Link header; absent at the end"`
}

func (k *Requests) registerLists(api huma.API) {
	serve(k.Door, api, operation{
		id: "list-tickets", method: http.MethodGet, path: ticketsRoot, tag: "tickets", scope: account.TicketsRead,
		summary: "List tickets", answers: List{}, example: List{Tickets: []Ticket{exampleTicket}, Next: "2026-004512"},
		description: "One's own, whatever channel opened them and whoever one is on them, the newest first; for operators also everybody's. The next page is in the `Link` header (`rel=\"next\"`).",
	}, k.list)
	serve(k.Door, api, operation{
		id: "read-ticket", method: http.MethodGet, path: ticketsRoot + "/{number}", tag: "tickets", scope: account.TicketsRead,
		summary: "Read a ticket", answers: Ticket{}, example: exampleTicket, errors: []int{http.StatusNotFound},
		description: "A ticket that one may not see is told like one that does not exist. `ETag` is its version, for `If-Match`.",
	}, k.read)
	serve(k.Door, api, operation{
		id: "ticket-history", method: http.MethodGet, path: ticketsRoot + "/{number}/history", tag: "tickets", scope: account.TicketsRead,
		summary: "What happened to a ticket", answers: History{}, errors: []int{http.StatusNotFound},
		description: "Every change with who and when, oldest first. Internal lines are for operators.",
	}, k.history)
	serve(k.Door, api, operation{
		id: "export-tickets", method: http.MethodGet, path: ticketsRoot + "/export", tag: "tickets", scope: account.TicketsRead,
		summary:     "Export tickets as CSV or JSON",
		description: "All that the list would give, streamed, the newest first. A cell that a spreadsheet would take for a formula begins with an apostrophe.",
	}, k.export)
	serve(k.Door, api, operation{
		id: "find-people", method: http.MethodGet, path: "/api/v1/people", tag: "people", scope: account.TicketsActFor,
		summary: "Find people by name or address", answers: Directory{},
		description: "For operators who open tickets for others.",
	}, k.people)
}

func (k *Requests) read(ctx context.Context, v visitor, in *struct {
	Reader
	Named
}) (answer, error) {
	t, err := k.ticket(ctx, v, in.Named)
	if err != nil {
		return answer{}, err
	}
	return k.shown(ctx, v, t)
}

// History is what happened to a ticket.
type History struct {
	Events []TicketEvent `json:"events" doc:"Oldest first"`
}

func (k *Requests) history(ctx context.Context, v visitor, in *struct {
	Reader
	Named
	After int64 `query:"after" minimum:"0" doc:"Only what came after the event with this ID"`
}) (answer, error) {
	t, events, known, err := k.happened(ctx, v, in.Named, in.After)
	h := History{Events: []TicketEvent{}}
	for _, e := range events {
		h.Events = append(h.Events, known.event(v.person, t, e))
	}
	return answer{etag: "W/" + tagOf(t), body: h}, err
}

// happened reads what somebody may know of a ticket's history.
func (k *Requests) happened(ctx context.Context, v visitor, n Named, after int64) (t tickets.Ticket, events []tickets.Event, known people, err error) {
	if t, err = k.ticket(ctx, v, n); err != nil {
		return t, nil, nil, err
	}
	if events, err = k.Desk.History(ctx, v.person, t); err != nil {
		return t, nil, nil, err
	}
	events = slices.DeleteFunc(events, func(e tickets.Event) bool { return e.Seq <= after })
	one := []tickets.Ticket{t}
	if err := k.untell(ctx, v, one, events); err != nil {
		return t, nil, nil, err
	}
	known, err = k.know(ctx, v, one, events)
	return one[0], events, known, err
}

// Directory is a list of people.
type Directory struct {
	People []Known `json:"people"`
}

// Known is a person as operators see them.
type Known struct {
	Person
	Office string `json:"office"`
	Area   string `json:"area"`
	Phone  string `json:"phone"`
}

// mostPeople are found at once.
const mostPeople = 20

func (k *Requests) people(ctx context.Context, v visitor, in *struct {
	Reader
	Text string `query:"text" maxLength:"100" doc:"Parts of name or address, at least two characters"`
}) (answer, error) {
	if !account.Can(v.person, account.RecordFor, account.Thing{}) {
		return answer{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	if len(strings.TrimSpace(in.Text)) < 2 {
		var w wrong
		w.add("text", "api.field_wrong")
		return answer{}, w
	}
	found, err := k.Accounts.Find(ctx, in.Text, mostPeople)
	out := Directory{People: []Known{}}
	for _, p := range found {
		out.People = append(out.People, Known{Person{p.Email, p.Name}, p.Office, p.Area, p.Phone})
	}
	return answer{body: out}, err
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
