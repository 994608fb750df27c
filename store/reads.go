package store

import (
	"context"
	"database/sql"
	"errors"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

var _ tickets.Reads = (*Tickets)(nil)

const readUpTo = `
	INSERT INTO ticket_reads (person_id, ticket_id, seq) VALUES (?, ?, ?)
	ON CONFLICT (person_id, ticket_id) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > ticket_reads.seq`

// Read implements tickets.Reads. Most pages show nothing new, so it looks
// before it writes.
func (s *Tickets) Read(ctx context.Context, person account.PersonID, ticket tickets.ID, seq int64) (err error) {
	defer fault.Wrap(&err, "note what %s read of ticket %s", person, ticket)
	var read int64
	err = s.db.queryRow(ctx, `SELECT seq FROM ticket_reads WHERE person_id = ? AND ticket_id = ?`, person, ticket).Scan(&read)
	if err == nil && read >= seq {
		return nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, readUpTo, person, ticket, seq)
		return err
	})
}

const unread = `
	SELECT e.ticket_id, COUNT(*)
	FROM   ticket_events e LEFT JOIN ticket_reads r ON r.person_id = ? AND r.ticket_id = e.ticket_id
	WHERE  e.public = 1 AND e.by_id <> ? AND e.seq > COALESCE(r.seq, 0) AND `

// Unread implements tickets.Reads.
func (s *Tickets) Unread(ctx context.Context, person account.PersonID, list []tickets.ID) (_ map[tickets.ID]int, err error) {
	defer fault.Wrap(&err, "count what %s has not read", person)
	counted := map[tickets.ID]int{}
	if len(list) == 0 {
		return counted, nil
	}
	condition, args := in(`e.ticket_id`, list)
	r, err := s.db.query(ctx, unread+condition+` GROUP BY e.ticket_id`, append([]any{person, person}, args...)...)
	type count struct {
		ticket tickets.ID
		events int
	}
	counts, err := rows(r, err, func(r scanner) (c count, err error) {
		err = r.Scan(&c.ticket, &c.events)
		return c, err
	})
	for _, c := range counts {
		counted[c.ticket] = c.events
	}
	return counted, err
}
