package api

import (
	"context"
	"strconv"
	"time"

	"sportello/account"
	"sportello/tickets"
)

// Person is somebody, as others may see them.
type Person struct {
	Email string `json:"email,omitempty" example:"mario.rossi@giustizia.it"`
	Name  string `json:"name,omitempty" example:"Mario Rossi"`
}

// File is something attached.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name" example:"errore.png"`
	Type string `json:"type" example:"image/png"`
	Size int64  `json:"size"`
	URL  string `json:"url"`
}

// Rating is what somebody thinks of the service.
type Rating struct {
	Score      int       `json:"score" minimum:"1" maximum:"5"`
	Suggestion string    `json:"suggestion"`
	At         time.Time `json:"at"`
}

// Link leads to another ticket.
type Link struct {
	Kind   tickets.LinkKind `json:"kind" enum:"duplicate_of,duplicated,caused_by,causes,related"`
	Number tickets.Number   `json:"number"`
}

// Ticket is a request, as whoever asks may see it.
type Ticket struct {
	Number      tickets.Number    `json:"number" example:"2026-004512"`
	URL         string            `json:"url" doc:"Of this ticket in the API"`
	Status      tickets.Status    `json:"status" enum:"received,taken,working,waiting,solved,closed,reopened,cancelled"`
	RequestType string            `json:"request_type" doc:"ID of the catalogue"`
	Application string            `json:"application" doc:"ID of the catalogue, may be empty"`
	Subject     string            `json:"subject"`
	Body        string            `json:"body"`
	Error       string            `json:"error" doc:"The exact text of the error"`
	Since       string            `json:"since" doc:"When it began, in the person's words"`
	Deadline    string            `json:"deadline" doc:"What has to be done by when, in the person's words"`
	Impact      tickets.Impact    `json:"impact" enum:"me,office,site,"`
	Fields      map[string]string `json:"fields" doc:"The request type's own fields, by ID"`
	Attachments []File            `json:"attachments" doc:"Of the request; messages have their own"`
	Author      Person            `json:"author"`
	Beneficiary *Person           `json:"beneficiary,omitempty" doc:"Whom help is asked for, if not the author"`
	Observers   []Person          `json:"observers"`
	Phone       string            `json:"phone"`
	Office      string            `json:"office"`
	Team        string            `json:"team" doc:"ID of the team that works on it"`
	Channel     string            `json:"channel" example:"api" doc:"It came in by"`
	OpenedAt    time.Time         `json:"opened_at"`
	MovedAt     time.Time         `json:"moved_at" doc:"Of the last change of status"`
	Rating      *Rating           `json:"rating,omitempty"`
	MergedInto  tickets.Number    `json:"merged_into,omitempty" doc:"The ticket that is worked on in its place"`
	Version     int               `json:"version" doc:"Counts changes; its ETag"`
	Work        *Work             `json:"work,omitempty" doc:"For operators only"`
}

// Work is what operators see of a ticket besides.
type Work struct {
	Urgency  tickets.Urgency  `json:"urgency" enum:"low,normal,high,"`
	Priority tickets.Priority `json:"priority" doc:"1 critical to 4 low; 0 was never weighed"`
	Assignee *Person          `json:"assignee,omitempty" doc:"The operator who works on it"`
	DueAt    *time.Time       `json:"due_at,omitempty" doc:"Absent while the clock stands"`
	Proposed *Person          `json:"proposed_beneficiary,omitempty" doc:"Whom it seems to be about, until an operator decides"`
	Links    []Link           `json:"links"`
}

// TicketEvent is one line of a ticket's history.
type TicketEvent struct {
	ID          int64          `json:"id" doc:"Its place in the feed of all happenings"`
	Kind        tickets.Kind   `json:"kind" enum:"opened,moved,message,note,rated,changed,attached,linked,warned,reminded"`
	At          time.Time      `json:"at"`
	By          *Person        `json:"by,omitempty" doc:"Absent: the service itself. Those who asked see no names of operators."`
	Text        string         `json:"text,omitempty"`
	From        tickets.Status `json:"from,omitempty"`
	To          tickets.Status `json:"to,omitempty"`
	Field       string         `json:"field,omitempty" doc:"That was changed"`
	Old         string         `json:"old,omitempty"`
	New         string         `json:"new,omitempty"`
	Internal    bool           `json:"internal,omitempty" doc:"Seen by operators only"`
	Aside       string         `json:"aside,omitempty" doc:"Set aside of a mail: quotations, signature"`
	Channel     string         `json:"channel,omitempty" doc:"It came in by"`
	Attachments []File         `json:"attachments,omitempty"`
}

// TicketMessage is something said on a ticket.
type TicketMessage struct {
	ID          int64     `json:"id"`
	At          time.Time `json:"at"`
	By          *Person   `json:"by,omitempty"`
	Text        string    `json:"text"`
	Internal    bool      `json:"internal"`
	Channel     string    `json:"channel,omitempty"`
	Attachments []File    `json:"attachments"`
}

// helpDesk is how those who asked see an operator.
var helpDesk = Person{Name: "Help Desk"}

// people knows those who are on tickets.
type people map[account.PersonID]account.Person

// know reads those of these people who are not known yet.
func (k *Requests) know(ctx context.Context, v visitor, list []tickets.Ticket, events []tickets.Event) (people, error) {
	known := people{v.person.ID: v.person}
	var missing []account.PersonID
	want := func(ids ...account.PersonID) {
		for _, id := range ids {
			if _, there := known[id]; !there && id != "" {
				known[id] = account.Person{}
				missing = append(missing, id)
			}
		}
	}
	for _, t := range list {
		want(t.People()...)
		want(t.Assignee)
	}
	for _, e := range events {
		want(e.By)
		if e.Field == tickets.ChangedAssignee || e.Field == tickets.ChangedObserver {
			want(account.PersonID(e.Old), account.PersonID(e.New))
		}
	}
	if len(missing) == 0 {
		return known, nil
	}
	found, err := k.Accounts.People(ctx, missing)
	for id, p := range found {
		known[id] = p
	}
	return known, err
}

func (p people) show(id account.PersonID) Person {
	return Person{Email: p[id].Email, Name: p[id].Name}
}

// moment is a time as it is kept, so that the answer to a change is what is
// read after.
func moment(at time.Time) time.Time { return at.UTC().Truncate(time.Millisecond) }

// works reports whether somebody sees tickets as operators do.
func works(by account.Person, t tickets.Ticket) bool {
	return account.Can(by, account.NoteTicket, t.Thing())
}

const ticketsRoot = "/api/v1/tickets"

func urlOf(number tickets.Number) string { return ticketsRoot + "/" + string(number) }

func filesOf(t tickets.Ticket, attached []tickets.Attachment) []File {
	files := []File{}
	for _, a := range attached {
		files = append(files, File{a.ID, a.Name, a.Type, a.Size, urlOf(t.Number) + "/attachments/" + a.ID})
	}
	return files
}

// tagOf is the entity tag of a ticket: its version.
func tagOf(t tickets.Ticket) string { return `"` + strconv.Itoa(t.Version) + `"` }

// show is a ticket as somebody may see it.
func (p people) ticket(by account.Person, t tickets.Ticket) Ticket {
	shown := Ticket{
		Number: t.Number, URL: urlOf(t.Number), Status: t.Status, RequestType: t.RequestType, Application: t.Application,
		Subject: t.Subject, Body: t.Body, Error: t.ErrorText, Since: t.Since, Deadline: t.Deadline, Impact: t.Impact,
		Fields: t.Fields, Attachments: filesOf(t, t.Attachments), Author: p.show(t.Author), Observers: []Person{},
		Phone: t.Phone, Office: t.Office, Team: t.Team, Channel: t.Channel, OpenedAt: moment(t.OpenedAt), MovedAt: moment(t.MovedAt), Version: t.Version,
	}
	if shown.Fields == nil {
		shown.Fields = map[string]string{}
	}
	if t.Beneficiary.Other() {
		shown.Beneficiary = &Person{Name: t.Beneficiary.Name, Email: t.Beneficiary.Email}
	}
	for _, o := range t.Observers {
		shown.Observers = append(shown.Observers, p.show(o))
	}
	if t.Rating != nil {
		shown.Rating = &Rating{t.Rating.Score, t.Rating.Suggestion, moment(t.Rating.At)}
	}
	if into, merged := t.MergedInto(); merged {
		shown.MergedInto = into
	}
	if works(by, t) {
		shown.Work = p.work(t)
	}
	return shown
}

func (p people) work(t tickets.Ticket) *Work {
	w := &Work{Urgency: t.Urgency, Priority: t.Priority, Links: []Link{}}
	if t.Assignee != "" {
		assignee := p.show(t.Assignee)
		w.Assignee = &assignee
	}
	if !t.DueAt.IsZero() {
		due := moment(t.DueAt)
		w.DueAt = &due
	}
	if t.Proposed.Other() {
		w.Proposed = &Person{Name: t.Proposed.Name, Email: t.Proposed.Email}
	}
	for _, l := range t.Links {
		w.Links = append(w.Links, Link{l.Kind, l.To})
	}
	return w
}

// by is who did something. The people who asked do not learn which operator.
func (p people) by(reader account.Person, t tickets.Ticket, id account.PersonID) *Person {
	if id == "" {
		return nil
	}
	who := p.show(id)
	if !works(reader, t) && !isOn(t, id) {
		who = helpDesk
	}
	return &who
}

func isOn(t tickets.Ticket, id account.PersonID) bool {
	for _, on := range t.People() {
		if on == id {
			return true
		}
	}
	return false
}

// event is a line of history as somebody may see it.
func (p people) event(reader account.Person, t tickets.Ticket, e tickets.Event) TicketEvent {
	shown := TicketEvent{
		ID: e.Seq, Kind: e.Kind, At: e.At, By: p.by(reader, t, e.By), Text: e.Text, From: e.From, To: e.To,
		Field: e.Field, Old: e.Old, New: e.New, Internal: !e.Public, Channel: e.Channel,
	}
	if e.Field == tickets.ChangedAssignee || e.Field == tickets.ChangedObserver {
		shown.Old, shown.New = p[account.PersonID(e.Old)].Email, p[account.PersonID(e.New)].Email
	}
	if works(reader, t) {
		shown.Aside = e.Aside
	}
	if len(e.Attachments) > 0 {
		shown.Attachments = filesOf(t, e.Attachments)
	}
	return shown
}

// isMessage reports whether something was said.
func isMessage(e tickets.Event) bool {
	return e.Kind == tickets.KindMessage || e.Kind == tickets.KindNote || e.Kind == tickets.KindAttached || e.Kind == tickets.KindMoved && e.Text != ""
}

func (p people) message(reader account.Person, t tickets.Ticket, e tickets.Event) TicketMessage {
	return TicketMessage{ID: e.Seq, At: e.At, By: p.by(reader, t, e.By), Text: e.Text, Internal: !e.Public, Channel: e.Channel, Attachments: filesOf(t, e.Attachments)}
}
