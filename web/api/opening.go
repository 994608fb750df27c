package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"

	"github.com/danielgtaylor/huma/v2"
)

// Channel is what came in by this API.
const Channel = "api"

// Draft is a request to be opened.
type Draft struct {
	RequestType string            `json:"request_type,omitempty" doc:"ID of the catalogue. With one, the ticket must tell what its form asks for; without, it is guessed."`
	Application string            `json:"application,omitempty" doc:"ID of the catalogue"`
	Subject     string            `json:"subject" maxLength:"80" doc:"A few words, beginning with the application"`
	Body        string            `json:"body" maxLength:"20000"`
	Error       string            `json:"error,omitempty" doc:"The exact text of the error"`
	Since       string            `json:"since,omitempty" doc:"When it began"`
	Deadline    string            `json:"deadline,omitempty" doc:"What has to be done by when"`
	Impact      tickets.Impact    `json:"impact,omitempty" enum:"me,office,site"`
	Urgency     tickets.Urgency   `json:"urgency,omitempty" enum:"low,normal,high" doc:"For operators"`
	Fields      map[string]string `json:"fields,omitempty" doc:"The request type's own fields, by ID"`
	Author      string            `json:"author,omitempty" doc:"Address of whose request it is, if not one's own. For operators, with the scope tickets:act-for; the author sees who opened it. Somebody new is made known, if their domain is admitted."`
	Beneficiary *Beneficiary      `json:"beneficiary,omitempty" doc:"Whom help is asked for, if not the author"`
	Observers   []string          `json:"observers,omitempty" maxItems:"20" doc:"Addresses of people who shall follow it"`
	Phone       string            `json:"phone,omitempty"`
	Office      string            `json:"office,omitempty"`
	Team        string            `json:"team,omitempty" doc:"For operators; without it the phone tree decides"`
}

// Beneficiary is whom help is asked for.
type Beneficiary struct {
	Name  string `json:"name" maxLength:"200" example:"Anna Bianchi"`
	Email string `json:"email" example:"anna.bianchi@giustizia.it"`
}

func (k *Requests) registerOpening(api huma.API) {
	serve(k.Door, api, operation{
		id: "open-ticket", method: http.MethodPost, path: ticketsRoot, tag: "tickets", scope: account.TicketsWrite,
		summary: "Open a ticket", status: http.StatusCreated, answers: Ticket{}, example: exampleTicket, body: Draft{}, bodyExample: exampleDraft,
		description: "The ticket is kept when this returns. Passwords, codes and the like are masked before anything is stored. The same `Idempotency-Key` again returns the ticket that was opened under it, as it is then.",
		errors:      []int{http.StatusConflict, http.StatusRequestEntityTooLarge},
	}, k.open)
}

func (k *Requests) open(ctx context.Context, v visitor, in *struct {
	Caller
	Sent
}) (answer, error) {
	var asked Draft
	key, err := in.asked(v, &asked)
	if err != nil {
		return answer{}, err
	}
	draft, known, err := k.draft(ctx, v, asked)
	if err != nil {
		return answer{}, err
	}
	t, err := k.Desk.Open(ctx, v.person, draft, key)
	if err != nil {
		return answer{}, err
	}
	more, err := k.knowMore(ctx, v, t, known)
	return answer{etag: tagOf(t), header: map[string]string{"Location": urlOf(t.Number)}, body: more.ticket(v.person, t)}, err
}

// knowMore reads the people of a new ticket that are not known yet.
func (k *Requests) knowMore(ctx context.Context, v visitor, t tickets.Ticket, known people) (people, error) {
	known[v.person.ID] = v.person
	for _, id := range t.People() {
		if _, there := known[id]; !there {
			return k.know(ctx, v, []tickets.Ticket{t}, nil)
		}
	}
	return known, nil
}

// maxLine is how long a text may be that is one line of a form.
const maxLine = 200

// draft checks what was asked for and finds the people it names.
func (k *Requests) draft(ctx context.Context, v visitor, asked Draft) (d tickets.Draft, known people, err error) {
	var w wrong
	known = people{}
	d = tickets.Draft{
		RequestType: asked.RequestType, Application: asked.Application, Subject: asked.Subject, Body: asked.Body, ErrorText: asked.Error,
		Since: asked.Since, Deadline: asked.Deadline, Impact: asked.Impact, Urgency: asked.Urgency, Fields: asked.Fields,
		ForMe: asked.Beneficiary == nil, Phone: asked.Phone, Office: asked.Office, Team: asked.Team, Channel: Channel,
	}
	k.checkPlain(&w, v, asked)
	if asked.Author != "" && !strings.EqualFold(asked.Author, v.person.Email) {
		if err := v.may(account.TicketsActFor); err != nil {
			return d, nil, err
		}
		if !account.Can(v.person, account.ActFor, account.Thing{}) {
			return d, nil, fault.New(fault.Forbidden, "ticket.record_for")
		}
		author, err := k.admitted(ctx, &w, "author", asked.Author)
		if err != nil {
			return d, nil, err
		}
		d.Author, known[author.ID] = author.ID, author
	}
	if b := asked.Beneficiary; b != nil {
		d.Beneficiary = tickets.Beneficiary{Name: strings.Join(strings.Fields(b.Name), " "), Email: k.addressOf(&w, "beneficiary.email", b.Email)}
		if d.Beneficiary.Name == "" || tooLong(d.Beneficiary.Name, maxLine) {
			w.add("beneficiary.name", "ticket.person_name")
		}
	}
	followers := k.followers(&w, asked.Observers)
	var more tickets.Problems
	if d.RequestType != "" {
		more = k.Desk.Catalogue.Check(d, v.lang)
	}
	if err := append(w, more...).err(); err != nil {
		return d, nil, err
	}
	for _, address := range followers { // who was never here is admitted: the answer tells nobody who has an account
		o, err := k.Accounts.Admit(ctx, account.NewPerson(address, false, "it", k.Now()))
		if err != nil {
			return d, nil, err
		}
		if known[o.ID] = o; !slices.Contains(d.Observers, o.ID) {
			d.Observers = append(d.Observers, o.ID)
		}
	}
	return d, known, nil
}

// followers are the addresses of those who shall follow a ticket: only people
// of the organisation may.
func (k *Requests) followers(w *wrong, addresses []string) (all []string) {
	for _, text := range addresses[:min(len(addresses), tickets.MaxObservers)] {
		address, external, err := k.Domains.Decide(text)
		switch {
		case err != nil:
			phrase, values := fault.Public(err)
			w.add("observers", phrase, values)
		case external:
			w.add("observers", "mine.invite_external", fault.Values{"Domains": "@" + strings.Join(k.Domains.Employee, ", @")})
		default:
			all = append(all, address)
		}
	}
	return all
}

// checkPlain checks what needs no look-up. What the request type asks for is
// for the catalogue.
func (k *Requests) checkPlain(w *wrong, v visitor, asked Draft) {
	for _, line := range []struct {
		field, text string
		most        int
	}{
		{"application", asked.Application, maxLine}, {"since", asked.Since, maxLine}, {"deadline", asked.Deadline, maxLine},
		{"phone", asked.Phone, maxLine}, {"office", asked.Office, maxLine}, {"error", asked.Error, tickets.MaxBody},
	} {
		if tooLong(line.text, line.most) {
			w.add(line.field, "api.field_long", fault.Values{"Max": line.most})
		}
	}
	if asked.Application != "" {
		if _, there := k.Desk.Catalogue.Application(asked.Application); !there {
			w.add("application", "ticket.field_application")
		}
	}
	if asked.Impact != "" && !slices.Contains(tickets.Impacts, asked.Impact) {
		choice(w, "impact", tickets.Impacts)
	}
	operator := account.Can(v.person, account.MoveTicket, account.Thing{})
	switch {
	case asked.Urgency != "" && !operator:
		w.add("urgency", "api.field_operator")
	case asked.Urgency != "" && !slices.Contains(tickets.Urgencies, asked.Urgency):
		choice(w, "urgency", tickets.Urgencies)
	}
	switch _, there := k.Desk.Terms.Team(asked.Team); {
	case asked.Team != "" && !operator:
		w.add("team", "api.field_operator")
	case asked.Team != "" && !there:
		w.add("team", "api.team_unknown")
	}
	if len(asked.Observers) > tickets.MaxObservers {
		w.add("observers", "ticket.observers_many", fault.Values{"Most": tickets.MaxObservers})
	}
	if asked.RequestType == "" && len(asked.Fields) > 0 {
		w.add("request_type", "ticket.request_type_missing") // they belong to it
	}
}

// addressOf normalises an address.
func (k *Requests) addressOf(w *wrong, field, text string) string {
	address, err := account.Address(text)
	if err != nil {
		w.add(field, "account.address_invalid")
	}
	return address
}

// admitted is who has an address, known from now on if they were not.
func (k *Requests) admitted(ctx context.Context, w *wrong, field, text string) (account.Person, error) {
	address, external, err := k.Domains.Decide(text)
	if err != nil {
		phrase, values := fault.Public(err)
		w.add(field, phrase, values)
		return account.Person{}, nil
	}
	p, err := k.Accounts.PersonByEmail(ctx, address)
	if !fault.Is(err, fault.NotFound) {
		return p, err
	}
	return k.Accounts.Admit(ctx, account.NewPerson(address, external, "it", k.Now()))
}

// found are the people with these addresses, each once.
func (k *Requests) found(ctx context.Context, w *wrong, field string, addresses []string) (all []account.Person, err error) {
	for _, text := range addresses[:min(len(addresses), tickets.MaxObservers)] {
		address := k.addressOf(w, field, text)
		if address == "" {
			continue
		}
		p, err := k.Accounts.PersonByEmail(ctx, address)
		switch {
		case fault.Is(err, fault.NotFound):
			w.add(field, "api.person_unknown")
		case err != nil:
			return nil, err
		case !slices.ContainsFunc(all, func(o account.Person) bool { return o.ID == p.ID }):
			all = append(all, p)
		}
	}
	return all, nil
}

func tooLong(text string, most int) bool { return utf8.RuneCountInString(text) > most }
