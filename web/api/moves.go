package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"

	"github.com/danielgtaylor/huma/v2"
)

// Moves are what is to become of a ticket. What is absent stays as it is.
type Moves struct {
	Status      *tickets.Status    `json:"status,omitempty" enum:"taken,working,waiting,solved,closed,reopened,cancelled,received" doc:"To waiting with a note: the question to be answered. The people on it may close and reopen it, operators make every move."`
	Note        string             `json:"note,omitempty" maxLength:"20000" doc:"Goes with the status, or tells the next team why"`
	Assignee    Maybe[string]      `json:"assignee,omitzero" doc:"Address of the operator who works on it; null: nobody. With If-Match, of two who take it at once one is refused."`
	Team        *string            `json:"team,omitempty" doc:"ID of the team"`
	Impact      *tickets.Impact    `json:"impact,omitempty" enum:"me,office,site"`
	Urgency     *tickets.Urgency   `json:"urgency,omitempty" enum:"low,normal,high"`
	Subject     *string            `json:"subject,omitempty" maxLength:"80"`
	Application *string            `json:"application,omitempty" doc:"ID of the catalogue, empty for none"`
	RequestType *string            `json:"request_type,omitempty" doc:"ID of the catalogue"`
	Observers   *[]string          `json:"observers,omitempty" maxItems:"20" doc:"The addresses of all who shall follow it"`
	Beneficiary Maybe[Beneficiary] `json:"beneficiary,omitzero" doc:"Whom the help is for; null: the author"`
	DuplicateOf *tickets.Number    `json:"duplicate_of,omitempty" doc:"Merge it into this open ticket: it is closed, its people follow that one"`
}

func (k *Requests) registerMoves(api huma.API) {
	working := tickets.Working
	office := tickets.Office
	serve(k.Door, api, operation{
		id: "change-ticket", method: http.MethodPatch, path: ticketsRoot + "/{number}", tag: "tickets", scope: account.TicketsWrite,
		summary: "Change a ticket", answers: Ticket{}, example: exampleTicket, body: Moves{},
		bodyExample: Moves{Status: &working, Assignee: Maybe[string]{Given: true, Value: "olga.operatore@giustizia.it"}, Impact: &office},
		description: "All of it happens or nothing, as one version. With `If-Match`, only if the ticket is still the version that was read (412 otherwise).",
		errors:      []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge},
	}, k.change)
}

func (k *Requests) change(ctx context.Context, v visitor, in *struct {
	Caller
	Sent
	Named
	IfMatch string `header:"If-Match" maxLength:"200" doc:"ETag of the version it was decided on"`
}) (answer, error) {
	number, err := in.parsed()
	if err != nil {
		return answer{}, err
	}
	if _, err := k.Desk.Ticket(ctx, v.person, number); err != nil { // told before anything about the request
		return answer{}, err
	}
	var asked Moves
	key, err := in.asked(v, &asked, []byte(in.IfMatch))
	if err != nil {
		return answer{}, err
	}
	moves, err := k.moves(ctx, v, asked)
	if err != nil {
		return answer{}, err
	}
	t, err := k.Desk.DoAll(ctx, v.person, number, key, func(t tickets.Ticket, s tickets.Stamp) ([]tickets.Change, error) {
		if err := unchanged(t, in.IfMatch); err != nil {
			return nil, err
		}
		return moves.apply(t, s)
	})
	var idle nothing
	if errors.As(err, &idle) {
		t, err = idle.ticket, nil
	}
	if err != nil {
		return answer{}, err
	}
	return k.shown(ctx, v, t)
}

// unchanged fails unless t is one of the versions in If-Match, by the strong
// comparison.
func unchanged(t tickets.Ticket, ifMatch string) error {
	if ifMatch == "" || strings.TrimSpace(ifMatch) == "*" {
		return nil
	}
	for one := range strings.SplitSeq(ifMatch, ",") {
		if strings.TrimSpace(one) == tagOf(t) {
			return nil
		}
	}
	return stale{}
}

// nothing ends a change that changes nothing.
type nothing struct{ ticket tickets.Ticket }

func (nothing) Error() string { return "nothing to change" }

// moves are Moves with the people and tickets they name.
type moves struct {
	Moves
	team      tickets.Team
	assignee  account.Person
	observers []account.Person
	into      tickets.Ticket
	window    time.Duration // in which it may be reopened

	beneficiary account.Person // zero if nobody is known by the address
}

// moves checks what was asked for, as far as it does not depend on the ticket.
func (k *Requests) moves(ctx context.Context, v visitor, asked Moves) (m moves, err error) {
	var w wrong
	m.Moves, m.window = asked, k.Desk.Terms.Reopening()
	if asked.Status != nil && !slices.Contains(tickets.Statuses, *asked.Status) {
		choice(&w, "status", tickets.Statuses)
	}
	if asked.Note != "" && asked.Status == nil && asked.Team == nil {
		w.add("note", "api.field_note")
	}
	if asked.Impact != nil && !slices.Contains(tickets.Impacts, *asked.Impact) {
		choice(&w, "impact", tickets.Impacts)
	}
	if asked.Urgency != nil && !slices.Contains(tickets.Urgencies, *asked.Urgency) {
		choice(&w, "urgency", tickets.Urgencies)
	}
	if asked.Application != nil && *asked.Application != "" {
		if _, there := k.Desk.Catalogue.Application(*asked.Application); !there {
			w.add("application", "ticket.field_application")
		}
	}
	if asked.RequestType != nil {
		if _, there := k.Desk.Catalogue.Request(*asked.RequestType); !there {
			w.add("request_type", "ticket.request_type_unknown")
		}
	}
	if asked.Team != nil {
		there := false
		if m.team, there = k.Desk.Terms.Team(*asked.Team); !there {
			w.add("team", "api.team_unknown")
		}
	}
	if err := k.movePeople(ctx, v, &m, &w); err != nil {
		return m, err
	}
	return m, w.err()
}

// movePeople finds whom and what the moves name.
func (k *Requests) movePeople(ctx context.Context, v visitor, m *moves, w *wrong) (err error) {
	if a := m.Assignee; a.Given && !a.Null {
		found, err := k.found(ctx, w, "assignee", []string{a.Value})
		if err != nil {
			return err
		}
		if len(found) > 0 {
			m.assignee = found[0]
		}
	}
	if m.Observers != nil {
		if len(*m.Observers) > tickets.MaxObservers {
			w.add("observers", "ticket.observers_many", fault.Values{"Most": tickets.MaxObservers})
		}
		if m.observers, err = k.found(ctx, w, "observers", *m.Observers); err != nil {
			return err
		}
	}
	if b := &m.Beneficiary; b.Given && !b.Null {
		b.Value.Email = k.addressOf(w, "beneficiary.email", b.Value.Email)
		if b.Value.Name = strings.Join(strings.Fields(b.Value.Name), " "); b.Value.Name == "" || tooLong(b.Value.Name, maxLine) {
			w.add("beneficiary.name", "ticket.person_name")
		}
		if m.beneficiary, err = k.Accounts.PersonByEmail(ctx, b.Value.Email); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		err = nil
	}
	if m.DuplicateOf != nil {
		m.into, err = k.ticket(ctx, v, Named{string(*m.DuplicateOf)})
		if fault.Is(err, fault.NotFound) {
			w.add("duplicate_of", "api.ticket_unknown")
			err = nil
		}
	}
	return err
}

// apply makes one change of all moves; a merge changes the other ticket, too.
func (m moves) apply(t tickets.Ticket, s tickets.Stamp) ([]tickets.Change, error) {
	var rules []tickets.Rule
	for _, rule := range []tickets.Rule{m.describe(t), m.concern(t), m.weigh(t), m.transfer(t)} {
		if rule != nil {
			rules = append(rules, rule)
		}
	}
	rules = append(rules, m.observe(t)...)
	if m.Assignee.Given && (m.assignee.ID != t.Assignee || m.team.ID != "" && m.team.ID != t.Team) {
		rules = append(rules, m.assign)
	}
	if m.Status != nil {
		rules = append(rules, m.move)
	}
	c, err := tickets.AllOf(rules...)(t, s)
	switch {
	case err != nil:
		return nil, err
	case m.DuplicateOf != nil:
		merging := c.Ticket
		merging.Version = t.Version
		merged, err := merging.MergeInto(m.into, s)
		if err == nil {
			merged[0].Happened = append(c.Happened, merged[0].Happened...)
		}
		return merged, err
	case len(c.Happened) == 0 && s.Key == "":
		return nil, nothing{t}
	}
	return []tickets.Change{c}, nil
}

func (m moves) describe(t tickets.Ticket) tickets.Rule {
	subject, application, kind := t.Subject, t.Application, t.RequestType
	for _, one := range []struct{ to, from *string }{{&subject, m.Subject}, {&application, m.Application}, {&kind, m.RequestType}} {
		if one.from != nil {
			*one.to = *one.from
		}
	}
	if subject == t.Subject && application == t.Application && kind == t.RequestType {
		return nil
	}
	return func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Describe(subject, application, kind, s)
	}
}

func (m moves) concern(t tickets.Ticket) tickets.Rule {
	if !m.Beneficiary.Given {
		return nil
	}
	to := tickets.Beneficiary{Name: m.Beneficiary.Value.Name, Email: m.Beneficiary.Value.Email, Person: m.beneficiary.ID}
	if m.beneficiary.Known() && m.beneficiary.ID == t.Author {
		to = tickets.Beneficiary{}
	}
	if to == t.Beneficiary && !t.Proposed.Other() {
		return nil
	}
	return func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.For(to, s) }
}

func (m moves) weigh(t tickets.Ticket) tickets.Rule {
	impact, urgency := t.Impact, t.Urgency
	if m.Impact != nil {
		impact = *m.Impact
	}
	if m.Urgency != nil {
		urgency = *m.Urgency
	}
	if impact == t.Impact && urgency == t.Urgency {
		return nil
	}
	if impact == "" {
		impact = tickets.Me
	}
	if urgency == "" {
		urgency = tickets.Normal
	}
	return func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Weigh(impact, urgency, s) }
}

func (m moves) transfer(t tickets.Ticket) tickets.Rule {
	if m.Team == nil || m.team.ID == t.Team {
		return nil
	}
	note := m.Note
	if m.Status != nil {
		note = "" // it goes with the status
	}
	return func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Transfer(m.team, note, s) }
}

func (m moves) observe(t tickets.Ticket) (rules []tickets.Rule) {
	if m.Observers == nil {
		return nil
	}
	for _, id := range t.Observers {
		if !slices.ContainsFunc(m.observers, func(p account.Person) bool { return p.ID == id }) {
			rules = append(rules, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Unobserve(id, s) })
		}
	}
	for _, p := range m.observers {
		if !slices.Contains(t.Observers, p.ID) {
			rules = append(rules, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Observe(p, s) })
		}
	}
	return rules
}

func (m moves) assign(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
	switch {
	case m.Assignee.Null && t.Assignee == "":
		return tickets.AllOf()(t, s) // a transfer has taken it away
	case m.Assignee.Null:
		return t.Release(s)
	}
	return t.Assign(m.assignee, s)
}

func (m moves) move(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
	to := *m.Status
	switch {
	case to == t.Status && to == tickets.Waiting && m.Note != "":
		return t.Ask(m.Note, s)
	case to == t.Status:
		return tickets.AllOf()(t, s)
	case to == tickets.Closed:
		return t.Close(m.Note, s)
	case to == tickets.Reopened:
		return t.Reopen(m.Note, m.window, s)
	}
	return t.Move(to, m.Note, s)
}
