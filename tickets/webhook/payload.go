package webhook

import (
	"encoding/json"
	"time"

	"sportello/account"
	"sportello/tickets"
)

// Payload is what a hook is told.
type Payload struct {
	Type   string    `json:"type" example:"ticket.moved" doc:"ticket. and what sort of thing happened"`
	Seq    int64     `json:"seq" doc:"Its place in the feed of all happenings"`
	At     time.Time `json:"timestamp"`
	Event  Event     `json:"event"`
	Ticket Ticket    `json:"ticket" doc:"As it was when the message was planned, a moment after the happening"`
}

// Event is what happened.
type Event struct {
	Kind        tickets.Kind         `json:"kind"`
	By          *Person              `json:"by,omitempty" doc:"Absent: the service itself"`
	Internal    bool                 `json:"internal,omitempty"`
	Text        string               `json:"text,omitempty"`
	From        tickets.Status       `json:"from,omitempty"`
	To          tickets.Status       `json:"to,omitempty"`
	Field       string               `json:"field,omitempty"`
	Old         string               `json:"old,omitempty"`
	New         string               `json:"new,omitempty"`
	Channel     string               `json:"channel,omitempty"`
	Attachments []tickets.Attachment `json:"attachments,omitempty"`
}

// Person is somebody on a ticket.
type Person struct {
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
}

// Ticket is the request.
type Ticket struct {
	Number      tickets.Number       `json:"number"`
	Status      tickets.Status       `json:"status"`
	RequestType string               `json:"request_type"`
	Application string               `json:"application"`
	Subject     string               `json:"subject"`
	Body        string               `json:"body"`
	Error       string               `json:"error,omitempty"`
	Since       string               `json:"since,omitempty"`
	Deadline    string               `json:"deadline,omitempty"`
	Impact      tickets.Impact       `json:"impact,omitempty"`
	Urgency     tickets.Urgency      `json:"urgency,omitempty"`
	Priority    tickets.Priority     `json:"priority,omitempty"`
	Fields      map[string]string    `json:"fields,omitempty"`
	Attachments []tickets.Attachment `json:"attachments,omitempty"`
	Author      Person               `json:"author"`
	Beneficiary *Person              `json:"beneficiary,omitempty"`
	Observers   []Person             `json:"observers,omitempty"`
	Assignee    *Person              `json:"assignee,omitempty"`
	Phone       string               `json:"phone,omitempty"`
	Office      string               `json:"office,omitempty"`
	Team        string               `json:"team,omitempty"`
	Channel     string               `json:"channel"`
	OpenedAt    time.Time            `json:"opened_at"`
	DueAt       *time.Time           `json:"due_at,omitempty"`
	Rating      *tickets.Rating      `json:"rating,omitempty"`
	Version     int                  `json:"version"`
}

// people knows those who are named.
type people map[account.PersonID]account.Person

// of is somebody as hooks are told of them: empty if there is nobody, as on a
// ticket whose people were forgotten.
func (p people) of(id account.PersonID) Person { return Person{Email: p[id].Email, Name: p[id].Name} }

// show is of where nobody is left out.
func (p people) show(id account.PersonID) *Person {
	if id == "" {
		return nil
	}
	one := p.of(id)
	return &one
}

// personal are fields whose old and new values are people.
func personal(field string) bool {
	return field == tickets.ChangedAssignee || field == tickets.ChangedObserver
}

// payload is a happening as hooks are told it.
func payload(e tickets.Event, t tickets.Ticket, known people) ([]byte, error) {
	told := Payload{Type: "ticket." + string(e.Kind), Seq: e.Seq, At: e.At, Event: Event{
		Kind: e.Kind, By: known.show(e.By), Internal: !e.Public, Text: e.Text, From: e.From, To: e.To,
		Field: e.Field, Old: e.Old, New: e.New, Channel: e.Channel, Attachments: e.Attachments,
	}}
	if personal(e.Field) {
		told.Event.Old, told.Event.New = known[account.PersonID(e.Old)].Email, known[account.PersonID(e.New)].Email
	}
	told.Ticket = Ticket{
		Number: t.Number, Status: t.Status, RequestType: t.RequestType, Application: t.Application, Subject: t.Subject, Body: t.Body,
		Error: t.ErrorText, Since: t.Since, Deadline: t.Deadline, Impact: t.Impact, Urgency: t.Urgency, Priority: t.Priority, Fields: t.Fields,
		Attachments: t.Attachments, Author: known.of(t.Author), Assignee: known.show(t.Assignee), Phone: t.Phone, Office: t.Office,
		Team: t.Team, Channel: t.Channel, OpenedAt: t.OpenedAt, Rating: t.Rating, Version: t.Version,
	}
	if t.Beneficiary.Other() {
		told.Ticket.Beneficiary = &Person{Email: t.Beneficiary.Email, Name: t.Beneficiary.Name}
	}
	for _, o := range t.Observers {
		told.Ticket.Observers = append(told.Ticket.Observers, known.of(o))
	}
	if !t.DueAt.IsZero() {
		told.Ticket.DueAt = &t.DueAt
	}
	return json.Marshal(told)
}

// named lists the people a happening and its ticket name.
func named(e tickets.Event, t tickets.Ticket) []account.PersonID {
	ids := append(t.People(), t.Assignee, e.By)
	if personal(e.Field) {
		ids = append(ids, account.PersonID(e.Old), account.PersonID(e.New))
	}
	return ids
}
