package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sportello/internal/fault"
)

// Block implements bot.Store.
func (s *Conversations) Block(ctx context.Context, channel, chat string, at time.Time) (err error) {
	defer fault.Wrap(&err, "note that a chat refuses us")
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE conversations SET blocked_at = ? WHERE channel = ? AND chat = ?`, millis(at), channel, chat)
		return err
	})
}

// Mark implements bot.Store.
func (s *Conversations) Mark(ctx context.Context, channel, name string) (value string, err error) {
	defer fault.Wrap(&err, "read what channel %s remembers", channel)
	err = s.db.queryRow(ctx, `SELECT value FROM channel_marks WHERE channel = ? AND name = ?`, channel, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// SetMark implements bot.Store.
func (s *Conversations) SetMark(ctx context.Context, channel, name, value string) (err error) {
	defer fault.Wrap(&err, "remember something for channel %s", channel)
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `
			INSERT INTO channel_marks (channel, name, value) VALUES (?, ?, ?)
			ON CONFLICT (channel, name) DO UPDATE SET value = excluded.value`, channel, name, value)
		return err
	})
}
