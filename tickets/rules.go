package tickets

import (
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
)

// Limits of what a ticket holds, in characters.
const (
	MaxSubject = 80
	MaxBody    = 20_000
	MaxMessage = 20_000
)

// DefaultReopening is how long a solved or closed ticket can be reopened.
const DefaultReopening = 30 * 24 * time.Hour

// Stamp says who does something, when, and under which idempotency key.
type Stamp struct {
	By  account.Person
	At  time.Time
	Key string
}

// Message is what somebody writes on a ticket.
type Message struct {
	Text        string
	Internal    bool // a note for operators
	Attachments []Attachment
	Aside       string // set aside of a mail
	Channel     string // it came by, where it is not the page of the ticket
}

// Open turns a draft into a ticket that has just been received. It checks what
// every ticket needs; what its request type asks for is for Catalogue.Check.
// Secrets are masked in everything but the telephone number and the names of
// people, here and in all rules, whatever way in a text came by.
func Open(d Draft, number Number, s Stamp) (Change, error) {
	if !account.Can(s.By, account.OpenTicket, account.Thing{}) {
		return Change{}, fault.New(fault.Unauthenticated, "ticket.open_unknown")
	}
	if problems := d.check(); len(problems) > 0 {
		return Change{}, problems
	}
	author := s.By.ID
	if d.Author != "" && d.Author != author {
		if !account.Can(s.By, account.RecordFor, account.Thing{}) {
			return Change{}, fault.New(fault.Forbidden, "ticket.record_for")
		}
		author = d.Author
	}
	if author == s.By.ID && strings.EqualFold(d.Beneficiary.Email, s.By.Email) && d.Beneficiary.Email != "" {
		d.Beneficiary = Beneficiary{}
	}
	d = d.masked()
	t := Ticket{
		ID: ID(rand.Text()), Number: number, Status: Received,
		RequestType: d.RequestType, Application: d.Application,
		Subject: cutWords(oneLine(d.Subject), MaxSubject), // a placeholder may be longer than the secret
		Body:    d.Body, ErrorText: d.ErrorText,
		Since: d.Since, Deadline: d.Deadline, Impact: d.Impact, Urgency: d.Urgency, Fields: d.Fields, Attachments: d.Attachments,
		Author: author, Beneficiary: d.Beneficiary, Proposed: d.Proposed, Observers: d.Observers,
		Phone: d.Phone, Office: d.Office, Area: d.Area, Team: d.Team,
		Channel: d.Channel, Conversation: d.Conversation,
		OpenedAt: s.At, MovedAt: s.At,
	}
	return t.change(s, Event{Kind: KindOpened, Public: true, To: Received, Attachments: d.Attachments, Aside: d.Aside, Channel: d.Channel}), nil
}

// Say adds a message. A public one from the person who was asked something
// lets the work go on: the ticket leaves Waiting.
func (t Ticket) Say(m Message, s Stamp) (Change, error) {
	act := account.WriteTicket
	if m.Internal {
		act = account.NoteTicket
	}
	if err := t.allowed(s.By, act); err != nil {
		return Change{}, err
	}
	if t.Status == Cancelled || t.Status == Closed && !m.Internal {
		return Change{}, fault.New(fault.Invalid, "ticket.message_closed", fault.Values{"Number": t.Number})
	}
	m.Text = masked(m.Text)
	if err := m.check(); err != nil {
		return Change{}, err
	}
	said := Event{Kind: KindMessage, Public: !m.Internal, Text: m.Text, Attachments: m.Attachments, Aside: masked(m.Aside), Channel: m.Channel}
	switch {
	case m.Internal:
		said.Kind = KindNote
	case m.Text == "":
		said.Kind = KindAttached
	}
	happened := []Event{said}
	if t.Status == Waiting && !m.Internal && slices.Contains([]account.PersonID{t.Author, t.Beneficiary.Person}, s.By.ID) {
		happened = append(happened, t.move(t.resumed(), s.At))
	}
	return t.change(s, happened...), nil
}

// resumed is where a ticket goes that waited: to the operator who asked, or
// back into the queue.
func (t Ticket) resumed() Status {
	if t.Assignee == "" {
		return Received
	}
	return Working
}

// Move changes the status, for an operator; note is shown with it to everybody
// on the ticket. A move to Waiting needs one: it is the question that has to
// be answered. Who works on a ticket that nobody has is its operator from then
// on.
func (t Ticket) Move(to Status, note string, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.MoveTicket); err != nil {
		return Change{}, err
	}
	if to == Waiting && trimmed(note) == "" {
		return Change{}, fault.New(fault.Invalid, "ticket.waiting_question")
	}
	var taken []Event
	if t.Assignee == "" && slices.Contains([]Status{Taken, Working, Waiting, Solved}, to) {
		taken = append(taken, t.assign(s.By.ID))
	}
	c, err := t.moved(to, note, s)
	if err != nil {
		return Change{}, err
	}
	return c.with(s, taken...), nil
}

// Close ends a ticket, for the people who asked and for operators.
func (t Ticket) Close(note string, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.CloseTicket); err != nil {
		return Change{}, err
	}
	return t.moved(Closed, note, s)
}

// Reopen takes up a solved or closed ticket again, within a window since it
// was solved or closed.
func (t Ticket) Reopen(why string, window time.Duration, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.ReopenTicket); err != nil {
		return Change{}, err
	}
	if t.Status.CanBecome(Reopened) && s.At.Sub(t.MovedAt) > window {
		return Change{}, fault.New(fault.Invalid, "ticket.reopen_late", fault.Values{
			"Number": t.Number, "Count": int(window.Hours() / 24)})
	}
	return t.moved(Reopened, why, s)
}

// Rate keeps what one of the people who asked thinks of the service on a
// solved or closed ticket. Rating again replaces the earlier rating.
func (t Ticket) Rate(score int, suggestion string, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.RateTicket); err != nil {
		return Change{}, err
	}
	if t.Status != Solved && t.Status != Closed {
		return Change{}, fault.New(fault.Invalid, "ticket.rate_open", fault.Values{"Number": t.Number})
	}
	if score < 1 || score > 5 {
		return Change{}, fault.New(fault.Invalid, "ticket.rate_score")
	}
	if suggestion = masked(suggestion); tooLong(suggestion, MaxMessage) {
		return Change{}, tooLongFault("ticket.message_long", MaxMessage)
	}
	t.Rating = &Rating{Score: score, Suggestion: suggestion, At: s.At}
	return t.change(s, Event{Kind: KindRated, Public: true, Text: suggestion}), nil
}

// masked is a text without secrets and without space around it.
func masked(text string) string {
	text, _ = privacy.Mask(text)
	return trimmed(text)
}

// trimmed is a text without space around it; one of which nothing would be
// seen, whatever characters it has, is empty.
func trimmed(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }) {
		return ""
	}
	return strings.TrimSpace(text)
}

func (d Draft) masked() Draft {
	for _, text := range []*string{&d.Subject, &d.Body, &d.ErrorText, &d.Since, &d.Deadline, &d.Office, &d.Aside} {
		*text = masked(*text)
	}
	d.Fields = maps.Clone(d.Fields)
	for id, value := range d.Fields {
		d.Fields[id] = masked(value)
	}
	return d
}

// allowed hides tickets that person may not see: to them there is none.
func (t Ticket) allowed(person account.Person, act account.Act) error {
	switch {
	case account.Can(person, act, t.Thing()):
		return nil
	case account.Can(person, account.ReadTicket, t.Thing()):
		return fault.New(fault.Forbidden, "ticket.not_allowed", fault.Values{"Number": t.Number})
	default:
		return notFound(t.Number)
	}
}

// notFound is told for a ticket that does not exist and for one of others alike.
func notFound(number Number) error {
	return fault.New(fault.NotFound, "ticket.not_found", fault.Values{"Number": number})
}

// moved checks the move and makes it.
func (t Ticket) moved(to Status, note string, s Stamp) (Change, error) {
	if !t.Status.CanBecome(to) {
		return Change{}, fault.New(fault.Invalid, "ticket.move", fault.Values{"Number": t.Number, "From": t.Status, "To": to})
	}
	if note = masked(note); tooLong(note, MaxMessage) {
		return Change{}, tooLongFault("ticket.message_long", MaxMessage)
	}
	move := t.move(to, s.At)
	move.Text = note
	return t.change(s, move), nil
}

// move sets the status and returns the line of history that tells it.
func (t *Ticket) move(to Status, at time.Time) Event {
	e := Event{Kind: KindMoved, Public: true, From: t.Status, To: to}
	t.Status, t.MovedAt = to, at
	return e
}

// with adds what happened besides.
func (c Change) with(s Stamp, happened ...Event) Change {
	for _, e := range happened {
		e.Ticket, e.By, e.At = c.Ticket.ID, s.By.ID, s.At
		c.Happened = append(c.Happened, e)
	}
	return c
}

// change completes what happened and counts the version.
func (t Ticket) change(s Stamp, happened ...Event) Change {
	t.Version++
	return Change{Key: s.Key, Ticket: t}.with(s, happened...)
}
