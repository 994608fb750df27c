package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
	"unicode/utf8"

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

// The names below from are those between from/ and from0, which is the next
// sign after the stroke.
const (
	moveChat = `
	UPDATE conversations SET chat = ? || substr(chat, ?)
	WHERE  channel = ? AND (chat = ? OR chat >= ? AND chat < ?) AND NOT EXISTS (
		SELECT 1 FROM conversations o WHERE o.channel = conversations.channel AND o.chat = ? || substr(conversations.chat, ?))`

	moveLetters = `
	UPDATE outbox SET recipient = ? || substr(recipient, ?)
	WHERE  channel = ? AND due_at IS NOT NULL AND (recipient = ? OR recipient >= ? AND recipient < ?)`
)

// MoveChat implements bot.Store.
func (s *Conversations) MoveChat(ctx context.Context, channel, from, to string) (err error) {
	defer fault.Wrap(&err, "move a chat")
	rest, first, beyond := utf8.RuneCountInString(from)+1, from+"/", from+"0"
	return s.db.inTx(ctx, func(tx *tx) error {
		if _, err := tx.exec(ctx, moveChat, to, rest, channel, from, first, beyond, to, rest); err != nil {
			return err
		}
		_, err := tx.exec(ctx, moveLetters, to, rest, channel, from, first, beyond)
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
