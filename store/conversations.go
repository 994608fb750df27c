package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
)

// Conversations keeps conversations, their events and the letters to send.
type Conversations struct{ db *DB }

var _ bot.Store = (*Conversations)(nil)

// NewConversations returns the conversations of a database.
func NewConversations(db *DB) *Conversations { return &Conversations{db} }

const startConversation = `
	INSERT INTO conversations (id, channel, chat, identity, lang, public, sent, token_hash, started_at, last, handled, unread)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)
	ON CONFLICT (channel, chat) DO NOTHING`

// Start implements bot.Store.
func (s *Conversations) Start(ctx context.Context, r bot.Record, first []bot.Event) (id bot.ConversationID, err error) {
	defer fault.Wrap(&err, "start conversation %s", r.ID)
	err = s.db.inTx(ctx, func(tx *tx) error {
		n, err := tx.exec(ctx, startConversation, r.ID, r.Channel, r.Chat, r.Identity.PlatformID, r.Lang,
			boolInt(r.Public), boolInt(r.Sent), r.TokenHash, millis(r.StartedAt))
		if err != nil {
			return err
		}
		if n == 0 {
			return tx.queryRow(ctx, conversationOfChat, r.Channel, r.Chat).Scan(&id)
		}
		id = r.ID
		_, err = tx.addEvents(ctx, r.ID, first)
		return err
	})
	return id, err
}

const conversationOfChat = `SELECT id FROM conversations WHERE channel = ? AND chat = ?`

// Chat implements bot.Store.
func (s *Conversations) Chat(ctx context.Context, channel, chat string) (id bot.ConversationID, err error) {
	defer fault.Wrap(&err, "look for the conversation of a chat")
	err = s.db.queryRow(ctx, conversationOfChat, channel, chat).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.NotFound, "error.conversation")
	}
	return id, err
}

const selectConversation = `
	SELECT id, channel, chat, identity, lang, public, sent, token_hash, started_at, handled
	FROM   conversations
	WHERE  id = ?`

// Conversation implements bot.Store.
func (s *Conversations) Conversation(ctx context.Context, id bot.ConversationID) (r bot.Record, err error) {
	defer fault.Wrap(&err, "read conversation %s", id)
	var started int64
	err = s.db.queryRow(ctx, selectConversation, id).Scan(
		&r.ID, &r.Channel, &r.Chat, &r.Identity.PlatformID, &r.Lang, &r.Public, &r.Sent, &r.TokenHash, &started, &r.Handled)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "error.conversation")
	}
	r.Identity.Channel, r.StartedAt = r.Channel, fromMillis(started)
	return r, err
}

const selectEvents = `
	SELECT seq, at, body FROM events
	WHERE  conversation = ? AND seq > ?
	ORDER  BY seq LIMIT ?`

// Events implements bot.Store.
func (s *Conversations) Events(ctx context.Context, id bot.ConversationID, after int64, limit int) (_ []bot.Event, err error) {
	defer fault.Wrap(&err, "read events of conversation %s", id)
	r, err := s.db.query(ctx, selectEvents, id, after, limit)
	return rows(r, err, scanEvent)
}

func scanEvent(r scanner) (e bot.Event, err error) {
	var at int64
	var body string
	if err := r.Scan(&e.Seq, &at, &body); err != nil {
		return e, err
	}
	err = json.Unmarshal([]byte(body), &e)
	e.At = fromMillis(at)
	return e, err
}

// Receive implements bot.Store.
func (s *Conversations) Receive(ctx context.Context, in bot.Inbound, said bot.Event) (seq int64, fresh bool, err error) {
	defer fault.Wrap(&err, "store message of conversation %s", in.Conversation)
	err = s.db.inTx(ctx, func(tx *tx) error {
		fresh = false
		err := tx.queryRow(ctx, selectInbound, in.Channel, in.Conversation, in.ID).Scan(&seq)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		fresh = true
		numbered, err := tx.addEvents(ctx, in.Conversation, []bot.Event{said})
		if err != nil {
			return err
		}
		seq = numbered[0].Seq
		if _, err := tx.exec(ctx, `INSERT INTO inbounds (channel, id, conversation, seq) VALUES (?, ?, ?, ?)`,
			in.Channel, in.ID, in.Conversation, seq); err != nil {
			return err
		}
		read := seq
		if said.Afresh {
			read = 0
		}
		_, err = tx.exec(ctx, countSaid, millis(said.At), read, read, in.Conversation)
		return err
	})
	return seq, fresh, err
}

// Whoever speaks has read what came before, unless it may be another person:
// then the seq is given as 0.
const countSaid = `UPDATE conversations SET unread = unread + 1, blocked_at = 0, said_at = ?, said = CASE WHEN ? > said THEN ? ELSE said END WHERE id = ?`

const selectInbound = `SELECT seq FROM inbounds WHERE channel = ? AND conversation = ? AND id = ?`

const talksOf = `SELECT id FROM conversations WHERE channel = ? AND identity = ? ORDER BY started_at, id`

// Talks implements bot.Store.
func (s *Conversations) Talks(ctx context.Context, identity account.Identity) (_ []bot.ConversationID, err error) {
	defer fault.Wrap(&err, "list the conversations of an identity")
	r, err := s.db.query(ctx, talksOf, identity.Channel, identity.PlatformID)
	return rows(r, err, func(r scanner) (id bot.ConversationID, err error) { return id, r.Scan(&id) })
}

// Received implements bot.Store.
func (s *Conversations) Received(ctx context.Context, in bot.Inbound) (seq int64, err error) {
	defer fault.Wrap(&err, "look for a message of conversation %s", in.Conversation)
	err = s.db.queryRow(ctx, selectInbound, in.Channel, in.Conversation, in.ID).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fault.New(fault.NotFound, "error.not_found")
	}
	return seq, err
}

const selectNextUnread = `
	SELECT e.seq, e.at, e.body
	FROM   events e JOIN conversations c ON c.id = e.conversation
	WHERE  c.id = ? AND c.unread > 0 AND e.seq > c.handled AND e.act = '' AND e.author = 'user'
	ORDER  BY e.seq LIMIT 1`

// NextUnread implements bot.Store.
func (s *Conversations) NextUnread(ctx context.Context, id bot.ConversationID) (e bot.Event, err error) {
	defer fault.Wrap(&err, "read next message of conversation %s", id)
	e, err = scanEvent(s.db.queryRow(ctx, selectNextUnread, id))
	if errors.Is(err, sql.ErrNoRows) {
		return e, fault.New(fault.NotFound, "error.not_found")
	}
	return e, err
}

// Seen implements bot.Store. What was seen already costs no write.
func (s *Conversations) Seen(ctx context.Context, id bot.ConversationID, seq int64) (err error) {
	defer fault.Wrap(&err, "note what was seen of conversation %s", id)
	var news int
	err = s.db.queryRow(ctx, `SELECT COUNT(*) FROM conversations WHERE id = ? AND seen < ? AND last > seen`, id, seq).Scan(&news)
	if err != nil || news == 0 {
		return err
	}
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE conversations SET seen = CASE WHEN last < ? THEN last ELSE ? END WHERE id = ? AND seen < ?`, seq, seq, id, seq)
		return err
	})
}

// Attach implements bot.Store.
func (s *Conversations) Attach(ctx context.Context, id bot.ConversationID, file bot.Attachment) (err error) {
	defer fault.Wrap(&err, "keep attachment of conversation %s", id)
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `INSERT INTO attachments (id, conversation, name, type, size) VALUES (?, ?, ?, ?, ?)`,
			file.ID, id, file.Name, file.Type, file.Size)
		return err
	})
}

// Attached implements bot.Store.
func (s *Conversations) Attached(ctx context.Context, id bot.ConversationID) (files int, bytes int64, err error) {
	defer fault.Wrap(&err, "count attachments of conversation %s", id)
	err = s.db.queryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(size), 0) FROM attachments WHERE conversation = ?`, id).Scan(&files, &bytes)
	return files, bytes, err
}

// Attachment implements bot.Store.
func (s *Conversations) Attachment(ctx context.Context, id bot.ConversationID, file string) (a bot.Attachment, err error) {
	defer fault.Wrap(&err, "read attachment of conversation %s", id)
	err = s.db.queryRow(ctx, `SELECT id, name, type, size FROM attachments WHERE id = ? AND conversation = ?`, file, id).
		Scan(&a.ID, &a.Name, &a.Type, &a.Size)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.NotFound, "error.not_found")
	}
	return a, err
}

// Not the columns themselves, or the database looks at all conversations, to
// have those of the channel, or their order, instead of the few that are unread.
const unreadOf = `SELECT id FROM conversations WHERE unread > 0 AND channel || '' = ? ORDER BY id || ''`

// Unread implements bot.Store.
func (s *Conversations) Unread(ctx context.Context, channel string) (_ []bot.ConversationID, err error) {
	defer fault.Wrap(&err, "list unread conversations")
	r, err := s.db.query(ctx, unreadOf, channel)
	return rows(r, err, func(r scanner) (id bot.ConversationID, err error) { return id, r.Scan(&id) })
}

const answered = `
	UPDATE conversations SET handled = ?, unread = unread - 1
	WHERE  id = ? AND handled < ? AND unread > 0 AND floor_seq = ? AND crossed = ?`

// Commit implements bot.Store.
func (s *Conversations) Commit(ctx context.Context, turn bot.Turn) (events []bot.Event, err error) {
	defer fault.Wrap(&err, "commit turn %d of conversation %s", turn.Handled, turn.Conversation)
	err = s.db.inTx(ctx, func(tx *tx) error {
		if n, err := tx.exec(ctx, answered, turn.Handled, turn.Conversation, turn.Handled, turn.Floor, turn.Crossed); err != nil {
			return err
		} else if n == 0 {
			return fault.New(fault.Conflict, "error.conversation")
		}
		events, err = tx.addTurn(ctx, turn)
		return err
	})
	return events, err
}

// Append implements bot.Store.
func (s *Conversations) Append(ctx context.Context, turn bot.Turn) (events []bot.Event, err error) {
	defer fault.Wrap(&err, "append to conversation %s", turn.Conversation)
	err = s.db.inTx(ctx, func(tx *tx) (err error) {
		events, err = tx.addTurn(ctx, turn)
		return err
	})
	return events, err
}

// addTurn keeps all that follows from a message.
func (t *tx) addTurn(ctx context.Context, turn bot.Turn) ([]bot.Event, error) {
	events, err := t.addEvents(ctx, turn.Conversation, turn.Events)
	if err != nil {
		return nil, err
	}
	if err := t.applyAccount(ctx, turn.Account); err != nil {
		return nil, err
	}
	for _, c := range turn.Tickets {
		if err := t.saveTicket(ctx, c); err != nil {
			return nil, err
		}
	}
	for _, v := range turn.Votes {
		if err := t.recordVote(ctx, v); err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	if err := t.keepFloor(ctx, turn, events); err != nil {
		return nil, err
	}
	if err := t.addPassage(ctx, turn.Passage); err != nil {
		return nil, err
	}
	if err := t.cross(ctx, turn.Conversation, turn.Crossing); err != nil {
		return nil, err
	}
	return events, t.addLetters(ctx, turn.Outbox)
}

// addEvents numbers events after the last one of the conversation. Where they
// must be sent, each gets a letter.
func (t *tx) addEvents(ctx context.Context, id bot.ConversationID, events []bot.Event) ([]bot.Event, error) {
	var last int64
	var sent bool
	letter := bot.Outgoing{Conversation: id}
	err := t.queryRow(ctx, `UPDATE conversations SET last = last + ? WHERE id = ? RETURNING last, sent, channel, chat, lang`, len(events), id).
		Scan(&last, &sent, &letter.Channel, &letter.To, &letter.Lang)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "error.conversation")
	}
	if err != nil {
		return nil, err
	}
	numbered := make([]bot.Event, len(events))
	for i, e := range events {
		e.Seq = last - int64(len(events)) + int64(i) + 1
		body, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		if _, err := t.exec(ctx, `INSERT INTO events (conversation, seq, at, author, act, object, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			id, e.Seq, millis(e.At), e.Author, e.Act, e.Object, string(body)); err != nil {
			return nil, err
		}
		numbered[i] = e
		if sent && e.Posted() {
			letter.ID, letter.Seq, letter.Expires = fmt.Sprintf("%s/%d", id, e.Seq), e.Seq, e.At.Add(bot.PostedWithin)
			if err := t.addLetters(ctx, []bot.Outgoing{letter}); err != nil {
				return nil, err
			}
		}
	}
	return numbered, nil
}

// Post keeps a change of accounts together with the letters that follow from
// it, for whoever is no conversation.
func (s *Conversations) Post(ctx context.Context, c account.Change, letters ...bot.Outgoing) (err error) {
	defer fault.Wrap(&err, "store letters")
	return s.db.inTx(ctx, func(tx *tx) error {
		if err := tx.applyAccount(ctx, c); err != nil {
			return err
		}
		return tx.addLetters(ctx, letters)
	})
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
