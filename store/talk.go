package store

import (
	"context"

	"sportello/internal/fault"
	"sportello/tickets"
)

var _ tickets.Talk = (*Tickets)(nil)

const lastWords = `
	SELECT ` + eventColumns + `
	FROM   ticket_events e
	WHERE  e.seq IN (
		SELECT MAX(w.seq) FROM ticket_events w
		WHERE  w.public = 1 AND (w.kind IN ('message', 'attached') OR w.kind = 'moved' AND w.body <> '') AND w.`

// LastWords implements tickets.Talk.
func (s *Tickets) LastWords(ctx context.Context, ids []tickets.ID) (_ map[tickets.ID]tickets.Event, err error) {
	defer fault.Wrap(&err, "read the last words on tickets")
	last := map[tickets.ID]tickets.Event{}
	if len(ids) == 0 {
		return last, nil
	}
	condition, args := in(`ticket_id`, ids)
	r, err := s.db.query(ctx, lastWords+condition+` GROUP BY w.ticket_id)`, args...)
	events, err := rows(r, err, scanTicketEvent)
	for _, e := range events {
		last[e.Ticket] = e
	}
	return last, err
}
