package store

import (
	"context"
	"database/sql"
	"errors"

	"sportello/bot"
	"sportello/internal/fault"
)

// Passage implements bot.Store.
func (s *Conversations) Passage(ctx context.Context, hash string) (p bot.Passage, err error) {
	defer fault.Wrap(&err, "look for a code to go on elsewhere")
	var expires int64
	err = s.db.queryRow(ctx, `SELECT hash, source, expires_at, used_in FROM passages WHERE hash = ?`, hash).
		Scan(&p.Hash, &p.From, &expires, &p.UsedIn)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.New(fault.NotFound, "elsewhere.wrong")
	}
	p.ExpiresAt = fromMillis(expires)
	return p, err
}

// addPassage keeps a code in the place of those that nobody used.
func (t *tx) addPassage(ctx context.Context, p *bot.Passage) error {
	if p == nil {
		return nil
	}
	if _, err := t.exec(ctx, `DELETE FROM passages WHERE source = ? AND used_in = ''`, p.From); err != nil {
		return err
	}
	_, err := t.exec(ctx, `INSERT INTO passages (hash, source, expires_at) VALUES (?, ?, ?)`, p.Hash, p.From, millis(p.ExpiresAt))
	return err
}

// cross uses a code up, and tells the conversation that it leads away from.
func (t *tx) cross(ctx context.Context, into bot.ConversationID, c *bot.Crossing) error {
	if c == nil {
		return nil
	}
	changed := fault.New(fault.Conflict, "elsewhere.used")
	if n, err := t.exec(ctx, `UPDATE passages SET used_in = ? WHERE hash = ? AND source = ? AND used_in = ''`, into, c.Hash, c.From); err != nil {
		return err
	} else if n == 0 {
		return changed
	}
	if n, err := t.exec(ctx, `UPDATE conversations SET crossed = crossed + 1 WHERE id = ? AND last = ?`, c.From, c.Seq); err != nil {
		return err
	} else if n == 0 {
		return changed
	}
	_, err := t.addEvents(ctx, c.From, c.Events)
	return err
}
