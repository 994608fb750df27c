package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"

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
	t.opened_at, t.moved_at, t.rating_score, t.rating_suggestion, t.rated_at, t.version,
	t.urgency, t.priority, t.assignee_id, t.proposed, t.links, t.due_at, t.time_left, t.wake_at`

func scanTicket(row scanner) (tickets.Ticket, error) {
	var t tickets.Ticket
	var rating tickets.Rating
	var fields, attachments, observers, proposed, links string
	var opened, moved, rated, due, wake int64
	err := row.Scan(
		&t.ID, &t.Number, &t.Status, &t.RequestType, &t.Application, &t.Subject, &t.Body, &t.ErrorText, &t.Since,
		&t.Deadline, &t.Impact, &fields, &attachments, &t.Author, &t.Beneficiary.Name, &t.Beneficiary.Email,
		&t.Beneficiary.Person, &observers, &t.Phone, &t.Office, &t.Area, &t.Team, &t.Channel, &t.Conversation,
		&opened, &moved, &rating.Score, &rating.Suggestion, &rated, &t.Version,
		&t.Urgency, &t.Priority, &t.Assignee, &proposed, &links, &due, &t.Left, &wake)
	if err != nil {
		return tickets.Ticket{}, err
	}
	t.OpenedAt, t.MovedAt, t.DueAt, t.WakeAt = fromMillis(opened), fromMillis(moved), fromMillis(due), fromMillis(wake)
	if rating.At = fromMillis(rated); rating.Score > 0 {
		t.Rating = &rating
	}
	return t, errors.Join(
		json.Unmarshal([]byte(fields), &t.Fields),
		json.Unmarshal([]byte(attachments), &t.Attachments),
		json.Unmarshal([]byte(observers), &t.Observers),
		json.Unmarshal([]byte(proposed), &t.Proposed),
		json.Unmarshal([]byte(links), &t.Links))
}

const ticketByID = `SELECT ` + ticketColumns + ` FROM tickets t WHERE t.id = ?`

// Ticket implements tickets.Store.
func (s *Tickets) Ticket(ctx context.Context, id tickets.ID) (t tickets.Ticket, err error) {
	defer fault.Wrap(&err, "read ticket %s", id)
	t, err = scanTicket(s.db.queryRow(ctx, ticketByID, id))
	return t, found(err, "ticket.not_found")
}

// ByNumber implements tickets.Store.
func (s *Tickets) ByNumber(ctx context.Context, number tickets.Number) (t tickets.Ticket, err error) {
	defer fault.Wrap(&err, "read ticket %s", number)
	t, err = scanTicket(s.db.queryRow(ctx, `SELECT `+ticketColumns+` FROM tickets t WHERE t.number = ?`, number))
	return t, found(err, "ticket.not_found")
}

// ByKey implements tickets.Store.
func (s *Tickets) ByKey(ctx context.Context, key string) (t tickets.Ticket, err error) {
	defer fault.Wrap(&err, "read ticket changed under a key")
	done, err := s.Done(ctx, key)
	if err != nil {
		return t, err
	}
	return s.Ticket(ctx, done.Ticket)
}

const doneUnder = `SELECT ticket_id, seq, sum FROM ticket_changes WHERE key = ?`

// Done implements tickets.Store.
func (s *Tickets) Done(ctx context.Context, key string) (r tickets.Receipt, err error) {
	defer fault.Wrap(&err, "look up a key")
	name, sum := tickets.CutKey(key)
	r, err = scanReceipt(s.db.queryRow(ctx, doneUnder, name), sum)
	return r, found(err, "ticket.not_found")
}

func scanReceipt(row scanner, sum string) (r tickets.Receipt, err error) {
	var asked string
	if err := row.Scan(&r.Ticket, &r.Seq, &asked); err != nil {
		return r, err
	}
	if asked != sum {
		return tickets.Receipt{}, tickets.KeyUsed
	}
	return r, nil
}

const eventColumns = `e.seq, e.ticket_id, e.kind, e.by_id, e.at, e.public, e.body, e.from_status, e.to_status, e.attachments,
	e.field, e.old, e.new, e.aside, e.channel`

func scanTicketEvent(row scanner) (e tickets.Event, err error) {
	var at int64
	var attachments string
	if err := row.Scan(&e.Seq, &e.Ticket, &e.Kind, &e.By, &at, &e.Public, &e.Text, &e.From, &e.To, &attachments,
		&e.Field, &e.Old, &e.New, &e.Aside, &e.Channel); err != nil {
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

// LastHappening implements tickets.Store.
func (s *Tickets) LastHappening(ctx context.Context) (last int64, err error) {
	defer fault.Wrap(&err, "read the last happening")
	err = s.db.queryRow(ctx, `SELECT COALESCE(MAX(seq), 0) FROM ticket_events`).Scan(&last)
	return last, err
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

// Open implements tickets.Store.
func (s *Tickets) Open(ctx context.Context, year int, c tickets.Change) (t tickets.Ticket, err error) {
	defer fault.Wrap(&err, "keep a new ticket")
	err = s.db.inTx(ctx, func(tx *tx) error {
		t, err = tx.openTicket(ctx, year, c)
		return err
	})
	return t, err
}

// openTicket gives a new ticket its number and makes it part of a larger
// transaction. Under a key that was seen before nothing is opened, and the
// ticket changed then is returned.
func (t *tx) openTicket(ctx context.Context, year int, c tickets.Change) (tickets.Ticket, error) {
	if c.Key != "" {
		name, sum := tickets.CutKey(c.Key)
		switch done, err := scanReceipt(t.queryRow(ctx, doneUnder, name), sum); {
		case err == nil:
			return scanTicket(t.queryRow(ctx, ticketByID, done.Ticket))
		case !errors.Is(err, sql.ErrNoRows):
			return tickets.Ticket{}, err
		}
	}
	nth, err := t.countOn(ctx, strconv.Itoa(year), 1)
	if err != nil {
		return tickets.Ticket{}, err
	}
	c.Ticket.Number = tickets.NewNumber(year, int(nth))
	return c.Ticket, t.saveTicket(ctx, c)
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
	last, err := t.countOn(ctx, happenings, len(c.Happened))
	if err != nil {
		return err
	}
	first := last - int64(len(c.Happened)) + 1
	if c.Key != "" {
		name, sum := tickets.CutKey(c.Key)
		n, err := t.exec(ctx, noteKey, name, c.Ticket.ID, sum, first)
		if err != nil {
			return err
		}
		if n == 0 { // done before; the numbers of the feed have a gap
			_, err := scanReceipt(t.queryRow(ctx, doneUnder, name), sum)
			return err
		}
	}
	if err := t.keepTicket(ctx, c.Ticket); err != nil {
		return err
	}
	return t.rememberTicket(ctx, c, first)
}

const noteKey = `INSERT INTO ticket_changes (key, ticket_id, sum, seq) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`

const insertTicket = `
	INSERT INTO tickets (
		number, status, request_type, application, subject, body, error_text, since,
		deadline, impact, fields, attachments, author_id, beneficiary_name, beneficiary_email,
		beneficiary_id, observers, phone, office, area, team, channel, conversation,
		opened_at, moved_at, rating_score, rating_suggestion, rated_at, version,
		urgency, priority, assignee_id, proposed, links, due_at, due_rank, time_left, wake_at, is_open, ordinal, words, id)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT DO NOTHING`

const updateTicket = `
	UPDATE tickets SET
		number = ?, status = ?, request_type = ?, application = ?, subject = ?, body = ?, error_text = ?, since = ?,
		deadline = ?, impact = ?, fields = ?, attachments = ?, author_id = ?, beneficiary_name = ?, beneficiary_email = ?,
		beneficiary_id = ?, observers = ?, phone = ?, office = ?, area = ?, team = ?, channel = ?, conversation = ?,
		opened_at = ?, moved_at = ?, rating_score = ?, rating_suggestion = ?, rated_at = ?, version = ?,
		urgency = ?, priority = ?, assignee_id = ?, proposed = ?, links = ?, due_at = ?, due_rank = ?, time_left = ?, wake_at = ?,
		is_open = ?, ordinal = ?, words = ?
	WHERE id = ? AND version = ?`

func (t *tx) writeTicket(ctx context.Context, k tickets.Ticket, words string) error {
	fields, err1 := json.Marshal(k.Fields)
	attachments, err2 := json.Marshal(k.Attachments)
	observers, err3 := json.Marshal(k.Observers)
	proposed, err4 := json.Marshal(k.Proposed)
	links, err5 := json.Marshal(k.Links)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
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
		millis(k.OpenedAt), millis(k.MovedAt), rating.Score, rating.Suggestion, millis(rating.At), k.Version,
		k.Urgency, k.Priority, k.Assignee, string(proposed), string(links), millis(k.DueAt), k.DueRank(), k.Left, millis(k.WakeAt),
		boolInt(k.Status.Open()), k.Number.Ordinal(), words, k.ID,
	}
	write := insertTicket
	if k.Version > 1 {
		write, written = updateTicket, append(written, k.Version-1)
	}
	return t.changeOne(ctx, "ticket.changed", write, written...)
}

// keepTicket writes a ticket, and lets it be found by its words.
func (t *tx) keepTicket(ctx context.Context, k tickets.Ticket) error {
	words, had := " "+k.Words()+" ", ""
	if k.Version > 1 {
		if err := t.queryRow(ctx, `SELECT words FROM tickets WHERE id = ?`, k.ID).Scan(&had); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	if err := t.writeTicket(ctx, k, words); err != nil {
		return err
	}
	if err := t.showTicket(ctx, k); err != nil || words == had {
		return err
	}
	return t.word(ctx, k, words)
}

// word puts a ticket into the index of words.
func (t *tx) word(ctx context.Context, k tickets.Ticket, words string) error {
	const (
		add  = `INSERT INTO ticket_words (rowid, words) VALUES (?, ?)`
		swap = `INSERT OR REPLACE INTO ticket_words (rowid, words) VALUES (?, ?)`
	)
	write := swap
	if k.Version == 1 {
		write = add
	}
	_, err := t.exec(ctx, write, k.Number.Ordinal(), words)
	return err
}

// wordTickets gives words to tickets that were kept before there were any.
func (d *DB) wordTickets(ctx context.Context) error {
	const (
		page    = 200
		without = `SELECT ` + ticketColumns + ` FROM tickets t WHERE t.words = '' LIMIT ?`
		give    = `UPDATE tickets SET words = ? WHERE id = ?`
	)
	for {
		n := 0
		err := d.inTx(ctx, func(tx *tx) error {
			list, err := tx.rows(ctx, without, page)
			if err != nil {
				return err
			}
			n = len(list)
			for _, k := range list {
				words := " " + k.Words() + " "
				if _, err := tx.exec(ctx, give, words, k.ID); err != nil {
					return err
				}
				k.Version++ // it may have been in the index before
				if err := tx.word(ctx, k, words); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < page {
			return err
		}
	}
}

// showTicket puts a ticket on the lists of its people, and takes it off those
// of others.
func (t *tx) showTicket(ctx context.Context, k tickets.Ticket) error {
	const (
		show = `INSERT INTO ticket_people (person_id, ordinal, ticket_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
		hide = `DELETE FROM ticket_people WHERE ticket_id = ? AND person_id NOT IN (SELECT value FROM json_each(?))`
	)
	people := k.People()
	for _, person := range people {
		if _, err := t.exec(ctx, show, person, k.Number.Ordinal(), k.ID); err != nil {
			return err
		}
	}
	if k.Version > 1 {
		listed, err := json.Marshal(people)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, hide, k.ID, string(listed)); err != nil {
			return err
		}
	}
	return nil
}

// happenings is the counter of the feed.
const happenings = "happenings"

const insertTicketEvent = `
	INSERT INTO ticket_events (seq, ticket_id, kind, by_id, at, public, body, from_status, to_status, attachments, field, old, new, aside, channel)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (t *tx) rememberTicket(ctx context.Context, c tickets.Change, first int64) error {
	for i, e := range c.Happened {
		attachments, err := json.Marshal(e.Attachments)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, insertTicketEvent, first+int64(i), c.Ticket.ID, e.Kind, e.By, millis(e.At), boolInt(e.Public), e.Text, e.From, e.To, string(attachments),
			e.Field, e.Old, e.New, e.Aside, e.Channel); err != nil {
			return err
		}
	}
	return nil
}

const ticketsForAddress = `SELECT ` + ticketColumns + ` FROM tickets t WHERE t.beneficiary_email = ? AND t.beneficiary_id = ''`

// giveTickets puts the tickets that were opened for an address, before its
// owner was known, into the owner's list.
func (t *tx) giveTickets(ctx context.Context, p account.Person) error {
	waiting, err := t.rows(ctx, ticketsForAddress, p.Email)
	if err != nil {
		return err
	}
	for _, k := range waiting {
		k.Beneficiary.Person = p.ID
		k.Version++
		if err := t.keepTicket(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// rows reads tickets within the transaction.
func (t *tx) rows(ctx context.Context, text string, args ...any) ([]tickets.Ticket, error) {
	s, err := t.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, args...)
	return rows(r, err, scanTicket)
}
