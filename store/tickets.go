package store

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

var _ tickets.Store = (*Tickets)(nil)

// Tickets keeps tickets with their history.
type Tickets struct{ db *DB }

// NewTickets returns the ticket store of a database.
func NewTickets(db *DB) *Tickets { return &Tickets{db} }

const ticketColumns = `
	t.id, t.number, t.status, t.request_type, t.application, t.subject, t.body, t.error_text, t.since,
	t.deadline, t.impact, t.fields, t.attachments, t.author_id, t.beneficiary_name, t.beneficiary_email,
	t.beneficiary_id, t.observers, t.phone, t.office, t.area, t.team, t.channel, t.conversation,
	t.opened_at, t.moved_at, t.rating_score, t.rating_suggestion, t.rated_at, t.version`

func scanTicket(row scanner) (tickets.Ticket, error) {
	var t tickets.Ticket
	var rating tickets.Rating
	var fields, attachments, observers string
	var opened, moved, rated int64
	err := row.Scan(
		&t.ID, &t.Number, &t.Status, &t.RequestType, &t.Application, &t.Subject, &t.Body, &t.ErrorText, &t.Since,
		&t.Deadline, &t.Impact, &fields, &attachments, &t.Author, &t.Beneficiary.Name, &t.Beneficiary.Email,
		&t.Beneficiary.Person, &observers, &t.Phone, &t.Office, &t.Area, &t.Team, &t.Channel, &t.Conversation,
		&opened, &moved, &rating.Score, &rating.Suggestion, &rated, &t.Version)
	if err != nil {
		return tickets.Ticket{}, err
	}
	t.OpenedAt, t.MovedAt = fromMillis(opened), fromMillis(moved)
	if rating.At = fromMillis(rated); rating.Score > 0 {
		t.Rating = &rating
	}
	return t, errors.Join(
		json.Unmarshal([]byte(fields), &t.Fields),
		json.Unmarshal([]byte(attachments), &t.Attachments),
		json.Unmarshal([]byte(observers), &t.Observers))
}

// Ticket implements tickets.Store.
func (s *Tickets) Ticket(ctx context.Context, id tickets.ID) (t tickets.Ticket, err error) {
	defer fault.Wrap(&err, "read ticket %s", id)
	t, err = scanTicket(s.db.queryRow(ctx, `SELECT `+ticketColumns+` FROM tickets t WHERE t.id = ?`, id))
	return t, found(err, "ticket.not_found")
}

// ByNumber implements tickets.Store.
func (s *Tickets) ByNumber(ctx context.Context, number tickets.Number) (t tickets.Ticket, err error) {
	defer fault.Wrap(&err, "read ticket %s", number)
	t, err = scanTicket(s.db.queryRow(ctx, `SELECT `+ticketColumns+` FROM tickets t WHERE t.number = ?`, number))
	return t, found(err, "ticket.not_found")
}

const ticketByKey = `
	SELECT ` + ticketColumns + `
	FROM   ticket_changes c JOIN tickets t ON t.id = c.ticket_id
	WHERE  c.key = ?`

// ByKey implements tickets.Store.
func (s *Tickets) ByKey(ctx context.Context, key string) (t tickets.Ticket, err error) {
	defer fault.Wrap(&err, "read ticket changed under a key")
	t, err = scanTicket(s.db.queryRow(ctx, ticketByKey, key))
	return t, found(err, "ticket.not_found")
}

const ticketsOf = `
	SELECT ` + ticketColumns + `
	FROM   ticket_people p JOIN tickets t ON t.id = p.ticket_id
	WHERE  p.person_id = ? AND p.ordinal < ?`

// defaultList is how many tickets a list holds where nobody said.
const defaultList = 50

// Of implements tickets.Store.
func (s *Tickets) Of(ctx context.Context, person account.PersonID, filter tickets.Filter) (list []tickets.Ticket, err error) {
	defer fault.Wrap(&err, "list tickets of %s", person)
	before := int64(1) << 62
	if filter.Before != "" {
		before = filter.Before.Ordinal()
	}
	text, args := ticketsOf, []any{person, before}
	if len(filter.Statuses) > 0 {
		text += ` AND t.status IN (?` + strings.Repeat(`, ?`, len(filter.Statuses)-1) + `)`
		for _, status := range filter.Statuses {
			args = append(args, status)
		}
	}
	limit := filter.Limit
	if limit <= 0 {
		limit = defaultList
	}
	r, err := s.db.query(ctx, text+` ORDER BY p.ordinal DESC LIMIT ?`, append(args, limit)...)
	return rows(r, err, scanTicket)
}

const eventColumns = `e.seq, e.ticket_id, e.kind, e.by_id, e.at, e.public, e.body, e.from_status, e.to_status, e.attachments`

func scanTicketEvent(row scanner) (e tickets.Event, err error) {
	var at int64
	var attachments string
	if err := row.Scan(&e.Seq, &e.Ticket, &e.Kind, &e.By, &at, &e.Public, &e.Text, &e.From, &e.To, &attachments); err != nil {
		return tickets.Event{}, err
	}
	e.At = fromMillis(at)
	return e, json.Unmarshal([]byte(attachments), &e.Attachments)
}

// History implements tickets.Store.
func (s *Tickets) History(ctx context.Context, id tickets.ID) (events []tickets.Event, err error) {
	defer fault.Wrap(&err, "read history of ticket %s", id)
	r, err := s.db.query(ctx, `SELECT `+eventColumns+` FROM ticket_events e WHERE e.ticket_id = ? ORDER BY e.seq`, id)
	return rows(r, err, scanTicketEvent)
}

// Happenings implements tickets.Store.
func (s *Tickets) Happenings(ctx context.Context, after int64, limit int) (events []tickets.Event, err error) {
	defer fault.Wrap(&err, "read happenings after %d", after)
	r, err := s.db.query(ctx, `SELECT `+eventColumns+` FROM ticket_events e WHERE e.seq > ? ORDER BY e.seq LIMIT ?`, after, limit)
	return rows(r, err, scanTicketEvent)
}

// The row of a counter stays locked until the transaction ends, so numbers
// appear in the order in which they were given.
const countOn = `
	INSERT INTO ticket_numbers (name, last) VALUES (?, ?)
	ON CONFLICT (name) DO UPDATE SET last = ticket_numbers.last + excluded.last
	RETURNING last`

// countOn adds n to a counter and returns its last number.
func (t *tx) countOn(ctx context.Context, name string, n int) (last int64, err error) {
	err = t.queryRow(ctx, countOn, name, n).Scan(&last)
	return last, err
}

// NextNumber implements tickets.Store.
func (s *Tickets) NextNumber(ctx context.Context, year int) (number tickets.Number, err error) {
	defer fault.Wrap(&err, "reserve a ticket number of %d", year)
	err = s.db.inTx(ctx, func(tx *tx) error {
		nth, err := tx.countOn(ctx, strconv.Itoa(year), 1)
		number = tickets.NewNumber(year, int(nth))
		return err
	})
	return number, err
}

// Save implements tickets.Store.
func (s *Tickets) Save(ctx context.Context, changes ...tickets.Change) (err error) {
	defer fault.Wrap(&err, "save tickets")
	return s.db.inTx(ctx, func(tx *tx) error {
		for _, c := range changes {
			if err := tx.saveTicket(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// saveTicket makes a change of a ticket part of a larger transaction.
func (t *tx) saveTicket(ctx context.Context, c tickets.Change) error {
	if c.Key != "" {
		n, err := t.exec(ctx, `INSERT INTO ticket_changes (key, ticket_id) VALUES (?, ?) ON CONFLICT (key) DO NOTHING`, c.Key, c.Ticket.ID)
		if err != nil || n == 0 {
			return err // done before
		}
	}
	if err := t.writeTicket(ctx, c.Ticket); err != nil {
		return err
	}
	if err := t.showTicket(ctx, c.Ticket); err != nil {
		return err
	}
	return t.rememberTicket(ctx, c)
}

const insertTicket = `
	INSERT INTO tickets (
		number, status, request_type, application, subject, body, error_text, since,
		deadline, impact, fields, attachments, author_id, beneficiary_name, beneficiary_email,
		beneficiary_id, observers, phone, office, area, team, channel, conversation,
		opened_at, moved_at, rating_score, rating_suggestion, rated_at, version, id)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT DO NOTHING`

const updateTicket = `
	UPDATE tickets SET
		number = ?, status = ?, request_type = ?, application = ?, subject = ?, body = ?, error_text = ?, since = ?,
		deadline = ?, impact = ?, fields = ?, attachments = ?, author_id = ?, beneficiary_name = ?, beneficiary_email = ?,
		beneficiary_id = ?, observers = ?, phone = ?, office = ?, area = ?, team = ?, channel = ?, conversation = ?,
		opened_at = ?, moved_at = ?, rating_score = ?, rating_suggestion = ?, rated_at = ?, version = ?
	WHERE id = ? AND version = ?`

func (t *tx) writeTicket(ctx context.Context, k tickets.Ticket) error {
	fields, err1 := json.Marshal(k.Fields)
	attachments, err2 := json.Marshal(k.Attachments)
	observers, err3 := json.Marshal(k.Observers)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	var rating tickets.Rating
	if k.Rating != nil {
		rating = *k.Rating
	}
	written := []any{
		k.Number, k.Status, k.RequestType, k.Application, k.Subject, k.Body, k.ErrorText, k.Since,
		k.Deadline, k.Impact, string(fields), string(attachments), k.Author, k.Beneficiary.Name, k.Beneficiary.Email,
		k.Beneficiary.Person, string(observers), k.Phone, k.Office, k.Area, k.Team, k.Channel, k.Conversation,
		millis(k.OpenedAt), millis(k.MovedAt), rating.Score, rating.Suggestion, millis(rating.At), k.Version, k.ID,
	}
	write := insertTicket
	if k.Version > 1 {
		write, written = updateTicket, append(written, k.Version-1)
	}
	return t.changeOne(ctx, "ticket.changed", write, written...)
}

// showTicket puts a ticket on the lists of its people. Nobody is taken off:
// no rule lets go of an observer yet.
func (t *tx) showTicket(ctx context.Context, k tickets.Ticket) error {
	const show = `INSERT INTO ticket_people (person_id, ordinal, ticket_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
	for _, person := range k.People() {
		if _, err := t.exec(ctx, show, person, k.Number.Ordinal(), k.ID); err != nil {
			return err
		}
	}
	return nil
}

// happenings is the counter of the feed.
const happenings = "happenings"

const insertTicketEvent = `
	INSERT INTO ticket_events (seq, ticket_id, kind, by_id, at, public, body, from_status, to_status, attachments)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (t *tx) rememberTicket(ctx context.Context, c tickets.Change) error {
	if len(c.Happened) == 0 {
		return nil
	}
	last, err := t.countOn(ctx, happenings, len(c.Happened))
	if err != nil {
		return err
	}
	for i, e := range c.Happened {
		attachments, err := json.Marshal(e.Attachments)
		if err != nil {
			return err
		}
		seq := last - int64(len(c.Happened)-1-i)
		if _, err := t.exec(ctx, insertTicketEvent, seq, c.Ticket.ID, e.Kind, e.By, millis(e.At), boolInt(e.Public), e.Text, e.From, e.To, string(attachments)); err != nil {
			return err
		}
	}
	return nil
}

const (
	listForBeneficiary = `
		INSERT INTO ticket_people (person_id, ordinal, ticket_id)
		SELECT ?, p.ordinal, t.id
		FROM   tickets t JOIN ticket_people p ON p.ticket_id = t.id AND p.person_id = t.author_id
		WHERE  t.beneficiary_email = ? AND t.beneficiary_id = ''
		ON CONFLICT DO NOTHING`
	nameBeneficiary = `
		UPDATE tickets SET beneficiary_id = ?, version = version + 1
		WHERE  beneficiary_email = ? AND beneficiary_id = ''`
)

// giveTickets puts the tickets that were opened for an address, before its
// owner was known, into the owner's list.
func (t *tx) giveTickets(ctx context.Context, p account.Person) error {
	if _, err := t.exec(ctx, listForBeneficiary, p.ID, p.Email); err != nil {
		return err
	}
	_, err := t.exec(ctx, nameBeneficiary, p.ID, p.Email)
	return err
}
