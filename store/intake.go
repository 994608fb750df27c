package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"sportello/bot"
	"sportello/internal/fault"
	"sportello/tickets"
	"sportello/tickets/intake"
)

var _ intake.Store = (*Intake)(nil)

// Intake keeps what became of mails.
type Intake struct{ db *DB }

// NewIntake returns the intake store of a database.
func NewIntake(db *DB) *Intake { return &Intake{db} }

// Seen implements intake.Store.
func (s *Intake) Seen(ctx context.Context, key string) (content string, seen bool, err error) {
	defer fault.Wrap(&err, "look for a mail")
	err = s.db.queryRow(ctx, `SELECT content FROM intake_mails WHERE key = ?`, key).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return content, err == nil, err
}

const insertMail = `
	INSERT INTO intake_mails (key, content, at, sender, outcome, reason, number)
	VALUES (?, ?, ?, ?, ?, ?, '')
	ON CONFLICT (key) DO NOTHING`

// Take implements intake.Store.
func (s *Intake) Take(ctx context.Context, t intake.Taken) (number tickets.Number, fresh bool, err error) {
	defer fault.Wrap(&err, "keep what follows from a mail")
	err = s.db.inTx(ctx, func(tx *tx) error {
		number, fresh = "", false
		n, err := tx.exec(ctx, insertMail, t.Key, t.Content, millis(t.At), t.Sender, t.Outcome, t.Reason)
		if err != nil || n == 0 {
			return err
		}
		fresh = true
		if number, err = tx.takeTickets(ctx, t); err != nil {
			return err
		}
		if number != "" {
			if _, err := tx.exec(ctx, `UPDATE intake_mails SET number = ? WHERE key = ?`, number, t.Key); err != nil {
				return err
			}
		}
		if t.Held != nil {
			if err := tx.hold(ctx, *t.Held); err != nil {
				return err
			}
		}
		return tx.refuse(ctx, t)
	})
	return number, fresh && err == nil, err
}

// takeTickets opens or changes the tickets of a mail.
func (t *tx) takeTickets(ctx context.Context, taken intake.Taken) (number tickets.Number, err error) {
	if taken.Opens != nil {
		opened, err := t.openTicket(ctx, taken.Year, *taken.Opens)
		if err != nil {
			return "", err
		}
		number = opened.Number
		if taken.Linked != nil {
			if err := t.saveTicket(ctx, linked(*taken.Linked, number)); err != nil {
				return "", err
			}
		}
	}
	if taken.Joins != nil {
		number = taken.Joins.Ticket.Number
		if err := t.saveTicket(ctx, *taken.Joins); err != nil {
			return "", err
		}
	}
	if taken.Remark != nil {
		return number, t.saveTicket(ctx, *taken.Remark)
	}
	return number, nil
}

// linked is the change of a ticket that a new one is linked to, with the new
// one's number. The change itself stays as it is: a transaction may run again.
func linked(c tickets.Change, number tickets.Number) tickets.Change {
	c.Ticket.Links, c.Happened = slices.Clone(c.Ticket.Links), slices.Clone(c.Happened)
	for i := range c.Ticket.Links {
		if c.Ticket.Links[i].To == "" {
			c.Ticket.Links[i].To = number
		}
	}
	for i := range c.Happened {
		if c.Happened[i].Kind == tickets.KindLinked && c.Happened[i].New == "" {
			c.Happened[i].New = string(number)
		}
	}
	return c
}

// once a day at most somebody is told that their mail becomes no ticket
const refuseAgain = 24 * time.Hour

const noteRefusal = `
	INSERT INTO intake_refusals (sender, at) VALUES (?, ?)
	ON CONFLICT (sender) DO UPDATE SET at = excluded.at WHERE intake_refusals.at <= ?`

func (t *tx) refuse(ctx context.Context, taken intake.Taken) error {
	if taken.Letter == nil {
		return nil
	}
	n, err := t.exec(ctx, noteRefusal, taken.Sender, millis(taken.At), millis(taken.At.Add(-refuseAgain)))
	if err != nil || n == 0 {
		return err
	}
	l := *taken.Letter
	return t.addLetters(ctx, []bot.Outgoing{{ID: l.ID, Channel: bot.MailChannel, To: l.To, Subject: l.Subject, Markdown: l.Markdown}})
}

const insertHeld = `
	INSERT INTO intake_held (id, at, reason, sender, subject, bytes, raw, status, by_id, number)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (t *tx) hold(ctx context.Context, m intake.HeldMail) error {
	_, err := t.exec(ctx, insertHeld, m.ID, millis(m.At), m.Reason, m.From, m.Subject, m.Bytes, m.Raw, m.Status, m.By, m.Ticket)
	return err
}

const countMails = `
	SELECT COALESCE(SUM(CASE WHEN outcome IN ('opened', 'joined') THEN 1 ELSE 0 END), 0),
	       COALESCE(SUM(CASE WHEN reason = 'many' THEN 1 ELSE 0 END), 0)
	FROM   intake_mails
	WHERE  sender = ? AND sender <> '' AND at > ?`

// Count implements intake.Store.
func (s *Intake) Count(ctx context.Context, sender string, since time.Time) (taken, many int, err error) {
	defer fault.Wrap(&err, "count mails of a sender")
	err = s.db.queryRow(ctx, countMails, sender, millis(since)).Scan(&taken, &many)
	return taken + many, many, err
}

const heldColumns = `h.id, h.at, h.reason, h.sender, h.subject, h.bytes, h.raw, h.status, h.by_id, h.number`

func scanHeld(row scanner) (m intake.HeldMail, err error) {
	var at int64
	err = row.Scan(&m.ID, &at, &m.Reason, &m.From, &m.Subject, &m.Bytes, &m.Raw, &m.Status, &m.By, &m.Ticket)
	m.At = fromMillis(at)
	return m, err
}

const quarantined = `
	SELECT ` + heldColumns + ` FROM intake_held h
	WHERE  h.status = 'waiting' AND h.id < ?
	ORDER  BY h.id DESC LIMIT ?`

// Quarantined implements intake.Store.
func (s *Intake) Quarantined(ctx context.Context, before string, limit int) (list []intake.HeldMail, err error) {
	defer fault.Wrap(&err, "list mails in quarantine")
	if before == "" {
		before = "~" // after every ID
	}
	r, err := s.db.query(ctx, quarantined, before, limit)
	return rows(r, err, scanHeld)
}

// HeldMail implements intake.Store.
func (s *Intake) HeldMail(ctx context.Context, id string) (m intake.HeldMail, err error) {
	defer fault.Wrap(&err, "read mail %s in quarantine", id)
	m, err = scanHeld(s.db.queryRow(ctx, `SELECT `+heldColumns+` FROM intake_held h WHERE h.id = ?`, id))
	return m, found(err, "intake.held_none")
}

// HeldBytes implements intake.Store.
func (s *Intake) HeldBytes(ctx context.Context) (bytes int64, err error) {
	defer fault.Wrap(&err, "sum mails in quarantine")
	err = s.db.queryRow(ctx, `SELECT COALESCE(SUM(bytes), 0) FROM intake_held WHERE status = 'waiting'`).Scan(&bytes)
	return bytes, err
}

const settleHeld = `UPDATE intake_held SET status = ?, by_id = ?, number = ? WHERE id = ? AND status = 'waiting'`

// Settle implements intake.Store.
func (s *Intake) Settle(ctx context.Context, c intake.Settlement) (number tickets.Number, err error) {
	defer fault.Wrap(&err, "settle mail %s in quarantine", c.ID)
	err = s.db.inTx(ctx, func(tx *tx) error {
		number = ""
		if c.Opens != nil {
			opened, err := tx.openTicket(ctx, c.Year, *c.Opens)
			if err != nil {
				return err
			}
			number = opened.Number
		}
		return tx.changeOne(ctx, "intake.settled", settleHeld, c.As, c.By, number, c.ID)
	})
	return number, err
}

// Expire implements intake.Store.
func (s *Intake) Expire(ctx context.Context, held, traces time.Time) (gone []intake.HeldMail, err error) {
	defer fault.Wrap(&err, "forget mails")
	r, err := s.db.query(ctx, `SELECT `+heldColumns+` FROM intake_held h WHERE h.at < ?`, millis(held))
	if gone, err = rows(r, err, scanHeld); err != nil {
		return nil, err
	}
	err = s.db.inTx(ctx, func(tx *tx) error {
		for _, m := range gone {
			if _, err := tx.exec(ctx, `DELETE FROM intake_held WHERE id = ?`, m.ID); err != nil {
				return err
			}
		}
		if _, err := tx.exec(ctx, `UPDATE intake_mails SET sender = '' WHERE sender <> '' AND at < ?`, millis(traces)); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `DELETE FROM intake_refusals WHERE at < ?`, millis(traces))
		return err
	})
	return gone, err
}
