package store

import (
	"context"

	"sportello/bot"
	"sportello/internal/fault"
)

const parked = `
	SELECT o.id, o.conversation, o.channel, o.recipient, o.subject, o.attempts, COALESCE(o.failure, '')
	FROM   outbox o
	WHERE  o.due_at IS NULL AND o.delivered_at IS NULL
	ORDER  BY o.position DESC LIMIT ?`

// Parked lists the letters that were given up, the newest first, without their
// text: it may hold a code.
func (s *Conversations) Parked(ctx context.Context, limit int) (_ []bot.Parked, err error) {
	defer fault.Wrap(&err, "list parked letters")
	r, err := s.db.query(ctx, parked, limit)
	return rows(r, err, func(r scanner) (l bot.Parked, err error) {
		err = r.Scan(&l.ID, &l.Conversation, &l.Channel, &l.To, &l.Subject, &l.Attempts, &l.Reason)
		return l, err
	})
}
