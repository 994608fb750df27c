package store

import (
	"context"
	"database/sql"
	"errors"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
)

const selectWaiting = `SELECT id, channel, branch, queued_at FROM conversations WHERE holder = 'queue' AND queued_at > 0 ORDER BY queued_at, id`

// Waiting implements bot.QueueStore.
func (s *Conversations) Waiting(ctx context.Context) (_ []bot.Waiting, err error) {
	defer fault.Wrap(&err, "list who waits for operators")
	r, err := s.db.query(ctx, selectWaiting)
	return rows(r, err, func(r scanner) (w bot.Waiting, err error) {
		var since int64
		err = r.Scan(&w.Conversation, &w.Channel, &w.Branch, &since)
		w.Since = fromMillis(since)
		return w, err
	})
}

// HeldBy implements bot.QueueStore.
func (s *Conversations) HeldBy(ctx context.Context, operator account.PersonID) (_ []bot.ConversationID, err error) {
	defer fault.Wrap(&err, "list conversations that %s has", operator)
	r, err := s.db.query(ctx, `SELECT id FROM conversations WHERE holder = 'operator' AND operator > '' AND (operator = ? OR ? = '') ORDER BY floor_seq, id`, operator, operator)
	return rows(r, err, func(r scanner) (id bot.ConversationID, err error) { return id, r.Scan(&id) })
}

const sameFloor = `SELECT COUNT(*) FROM conversations WHERE id = ? AND floor_seq = ?`

// Operate implements bot.QueueStore. Keys lie with those of messages.
func (s *Conversations) Operate(ctx context.Context, key string, turn bot.Turn) (events []bot.Event, fresh bool, err error) {
	defer fault.Wrap(&err, "keep what an operator did in conversation %s", turn.Conversation)
	err = s.db.inTx(ctx, func(tx *tx) error {
		var first int64
		err := tx.queryRow(ctx, selectInbound, bot.OperatorsChannel, turn.Conversation, key).Scan(&first)
		if err == nil {
			events, fresh = []bot.Event{{Seq: first}}, false
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var same int
		if err := tx.queryRow(ctx, sameFloor, turn.Conversation, turn.Floor).Scan(&same); err != nil {
			return err
		}
		if same == 0 {
			return fault.New(fault.Conflict, "error.conversation")
		}
		fresh = true
		if events, err = tx.addTurn(ctx, turn); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO inbounds (channel, id, conversation, seq) VALUES (?, ?, ?, ?)`,
			bot.OperatorsChannel, key, turn.Conversation, events[0].Seq)
		return err
	})
	return events, fresh, err
}

const changeFloor = `
	UPDATE conversations
	SET    queued_at = CASE WHEN ? <> 'queue' THEN 0 WHEN holder = 'queue' THEN queued_at ELSE ? END,
	       holder = ?, operator = ?, branch = ?, floor_seq = ?
	WHERE  id = ? AND floor_seq = ?`

// keepFloor writes down who has the floor after these events of a turn, unless
// that changed meanwhile, and posts what is news for operators.
func (t *tx) keepFloor(ctx context.Context, turn bot.Turn, events []bot.Event) error {
	known := turn.Floor
	for _, e := range events {
		if e.Change != nil && e.Change.Floor != nil {
			to := *e.Change.Floor
			if err := t.changeOne(ctx, "error.conversation", changeFloor,
				to.HeldBy(), millis(e.At), to.HeldBy(), to.Operator, to.Branch, e.Seq, turn.Conversation, known); err != nil {
				return err
			}
			known = e.Seq
		}
		if e.ForOperators() {
			if err := t.addLetters(ctx, []bot.Outgoing{bot.ToOperators(turn.Conversation, e)}); err != nil {
				return err
			}
		}
	}
	return nil
}
