package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
)

var _ bot.NoticeStore = (*Conversations)(nil)

// announcer is the reader of the feed that tells people.
const announcer = "announcer"

// Announced implements bot.NoticeStore.
func (s *Conversations) Announced(ctx context.Context) (last int64, err error) {
	defer fault.Wrap(&err, "read how far notices got")
	err = s.db.queryRow(ctx, `SELECT last FROM feed_marks WHERE reader = ?`, announcer).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return last, err
}

// Announce implements bot.NoticeStore.
func (s *Conversations) Announce(ctx context.Context, a bot.Announcement) (err error) {
	defer fault.Wrap(&err, "keep %d notices", len(a.Notices))
	return s.db.inTx(ctx, func(tx *tx) error {
		if a.From != a.To {
			if err := tx.moveMark(ctx, announcer, a.From, a.To); err != nil {
				return err
			}
		}
		seqs := map[string]int64{} // notice → of the event that tells it
		for _, told := range a.Told {
			seq, err := tx.tell(ctx, told)
			if err != nil {
				return err
			}
			for _, id := range told.Notices {
				seqs[id] = seq
			}
		}
		for _, n := range a.Notices {
			if seq, told := seqs[n.ID]; told {
				n.Seq = seq
			}
			if err := tx.placeNotice(ctx, n); err != nil {
				return err
			}
		}
		return tx.addLetters(ctx, a.Letters)
	})
}

// moveMark moves a reader's mark in the feed of happenings, unless somebody
// else moved it.
func (t *tx) moveMark(ctx context.Context, reader string, from, to int64) error {
	if from == 0 {
		if _, err := t.exec(ctx, `INSERT INTO feed_marks (reader, last) VALUES (?, 0) ON CONFLICT DO NOTHING`, reader); err != nil {
			return err
		}
	}
	return t.changeOne(ctx, "error.conversation", `UPDATE feed_marks SET last = ? WHERE reader = ? AND last = ?`, to, reader, from)
}

const stillTheirs = `
	SELECT COUNT(*)
	FROM   conversations c JOIN identities i ON i.channel = c.channel AND i.platform_id = c.identity
	WHERE  c.id = ? AND i.person_id = ?`

// tell adds an event to a conversation that is still the person's.
func (t *tx) tell(ctx context.Context, told bot.Told) (seq int64, err error) {
	var theirs int
	if err := t.queryRow(ctx, stillTheirs, told.Conversation, told.Person).Scan(&theirs); err != nil {
		return 0, err
	}
	if theirs == 0 {
		return 0, fault.New(fault.Conflict, "error.conversation")
	}
	numbered, err := t.addEvents(ctx, told.Conversation, []bot.Event{told.Event})
	if err != nil {
		return 0, err
	}
	return numbered[0].Seq, nil
}

const (
	insertNotice = `
		INSERT INTO notices (kind, bond, body, by_name, conversation, seq, due_at, person_id, ticket_id, number, happening, at, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`
	updateNotice = `
		UPDATE notices SET body = ?, by_name = ?, conversation = ?, seq = ?, due_at = ?
		WHERE  id = ? AND due_at = ? AND (? = 1 OR ` + unreadNotice + `)`

	// What was told in a conversation is unread until a client showed it
	// there, or the person spoke after it.
	unreadNotice = `NOT EXISTS (
			SELECT 1 FROM conversations c
			WHERE  c.id = notices.conversation AND notices.seq > 0 AND (c.seen >= notices.seq OR c.said >= notices.seq))`
)

func (t *tx) placeNotice(ctx context.Context, n bot.Placed) error {
	due := sql.NullInt64{Int64: millis(n.Due), Valid: !n.Due.IsZero()}
	text, by := n.Text, n.By
	if !due.Valid {
		text, by = "", ""
	}
	if n.Was.IsZero() {
		return t.changeOne(ctx, "error.conversation", insertNotice, n.Kind, n.Bond, text, by, n.Conversation, n.Seq, due,
			n.Person, n.Ticket, n.Number, n.Happening, millis(n.At), n.ID)
	}
	return t.changeOne(ctx, "error.conversation", updateNotice, text, by, n.Conversation, n.Seq, due, n.ID, millis(n.Was), boolInt(n.Read))
}

// Chats implements bot.NoticeStore.
func (s *Conversations) Chats(ctx context.Context, person account.PersonID, channels []string, limit int) (_ []bot.Chat, err error) {
	defer fault.Wrap(&err, "list conversations of %s", person)
	if len(channels) == 0 {
		return nil, nil
	}
	// Not the column itself, or the database begins with all conversations of
	// the channels instead of the few of the person.
	text := `
		SELECT c.id, c.channel, CASE WHEN c.said_at > c.started_at THEN c.said_at ELSE c.started_at END AS stirred_at
		FROM   identities i JOIN conversations c ON c.channel = i.channel AND c.identity = i.platform_id
		WHERE  c.public = 0 AND c.blocked_at = 0 AND i.person_id = ? AND i.channel || '' IN (?` + strings.Repeat(`, ?`, len(channels)-1) + `)
		ORDER  BY stirred_at DESC, c.id LIMIT ?`
	args := []any{person}
	for _, c := range slices.Sorted(slices.Values(channels)) {
		args = append(args, c)
	}
	r, err := s.db.query(ctx, text, append(args, limit)...)
	return rows(r, err, func(r scanner) (c bot.Chat, err error) {
		var stirred int64
		err = r.Scan(&c.Conversation, &c.Channel, &stirred)
		c.StirredAt = fromMillis(stirred)
		return c, err
	})
}

// It is asked every second. Not the column itself, or the database begins with
// all notices that are due some day, to have them by person.
const peopleExpecting = `
	SELECT MIN(person_id) FROM notices WHERE due_at <= ?
	GROUP  BY person_id || '' ORDER BY MIN(due_at) LIMIT ?`

// Expecting implements bot.NoticeStore.
func (s *Conversations) Expecting(ctx context.Context, now time.Time, limit int) (_ []account.PersonID, err error) {
	defer fault.Wrap(&err, "list people with notices due")
	r, err := s.db.query(ctx, peopleExpecting, millis(now), limit)
	return rows(r, err, func(r scanner) (id account.PersonID, err error) { return id, r.Scan(&id) })
}

const selectNotices = `
	SELECT id, person_id, ticket_id, number, kind, bond, happening, at, body, by_name, conversation, seq, due_at, NOT ` + unreadNotice + `
	FROM   notices
	WHERE  person_id = ? AND due_at <= ?
	ORDER  BY happening`

// Notices implements bot.NoticeStore.
func (s *Conversations) Notices(ctx context.Context, person account.PersonID, by time.Time) (_ []bot.Notice, err error) {
	defer fault.Wrap(&err, "list notices of %s", person)
	r, err := s.db.query(ctx, selectNotices, person, millis(by))
	return rows(r, err, func(r scanner) (n bot.Notice, err error) {
		var at, due int64
		err = r.Scan(&n.ID, &n.Person, &n.Ticket, &n.Number, &n.Kind, &n.Bond, &n.Happening, &at, &n.Text, &n.By, &n.Conversation, &n.Seq, &due, &n.Read)
		n.At, n.Due = fromMillis(at), fromMillis(due)
		return n, err
	})
}

const returned = `
	UPDATE outbox SET failure = ?, due_at = NULL, delivered_at = NULL
	WHERE  id = ? AND (failure IS NULL OR failure <> ?)
	RETURNING recipient`

const gone = `
	INSERT INTO undeliverable (email, reason, at) VALUES (?, ?, ?)
	ON CONFLICT (email) DO UPDATE SET reason = excluded.reason, at = excluded.at`

// Returned implements bot.NoticeStore.
func (s *Conversations) Returned(ctx context.Context, letter, reason string, isGone bool, at time.Time) (err error) {
	defer fault.Wrap(&err, "note that letter %s came back", letter)
	return s.db.inTx(ctx, func(tx *tx) error {
		var email string
		err := tx.queryRow(ctx, returned, reason, letter, reason).Scan(&email)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil || !isGone {
			return err
		}
		_, err = tx.exec(ctx, gone, email, reason, millis(at))
		return err
	})
}

// Undeliverable implements bot.NoticeStore.
func (s *Conversations) Undeliverable(ctx context.Context, email string) (reason string, is bool, err error) {
	defer fault.Wrap(&err, "look whether an address is refused")
	err = s.db.queryRow(ctx, `SELECT reason FROM undeliverable WHERE email = ?`, email).Scan(&reason)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return reason, err == nil, err
}

// reachable forgets that a person's address was refused: they just read mail
// there.
func (t *tx) reachable(ctx context.Context, person account.PersonID) error {
	_, err := t.exec(ctx, `DELETE FROM undeliverable WHERE email = (SELECT email FROM people WHERE id = ?)`, person)
	return err
}

// keyBytes is as long as the hash it is used with.
const keyBytes = 32

// Key implements bot.NoticeStore.
func (s *Conversations) Key(ctx context.Context, name string) (key []byte, err error) {
	defer fault.Wrap(&err, "read key %q", name)
	const read = `SELECT value FROM secrets WHERE name = ?`
	if err := s.db.queryRow(ctx, read, name).Scan(&key); !errors.Is(err, sql.ErrNoRows) {
		return key, err
	}
	fresh := make([]byte, keyBytes)
	_, _ = rand.Read(fresh) // it never fails
	err = s.db.inTx(ctx, func(tx *tx) error {
		if _, err := tx.exec(ctx, `INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`, name, fresh); err != nil {
			return err
		}
		return tx.queryRow(ctx, read, name).Scan(&key)
	})
	return key, err
}

// ForgetNotices implements bot.NoticeStore.
func (s *Conversations) ForgetNotices(ctx context.Context, before time.Time) (err error) {
	defer fault.Wrap(&err, "forget old notices")
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `DELETE FROM notices WHERE due_at IS NULL AND at < ?`, millis(before))
		return err
	})
}
