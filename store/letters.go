package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sportello/bot"
	"sportello/internal/fault"
)

const addLetter = `
	INSERT INTO outbox (id, conversation, channel, recipient, kind, lang, subject, markdown, thread, unsubscribe, expires_at, secret, seq, position, attempts, due_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM outbox), 0, 0)`

// superseded is the failure of a code that was not delivered before the next
// one was asked for.
const superseded = "superseded"

const supersede = `
	UPDATE outbox SET due_at = NULL, failure = '` + superseded + `', markdown = ''
	WHERE  channel = ? AND recipient = ? AND due_at IS NOT NULL AND conversation = ? AND kind = '` + bot.LetterCode + `'`

func (t *tx) addLetters(ctx context.Context, letters []bot.Outgoing) error {
	for _, l := range letters {
		if l.Kind == bot.LetterCode && l.Conversation != "" {
			if _, err := t.exec(ctx, supersede, l.Channel, l.To, l.Conversation); err != nil {
				return err
			}
		}
		if _, err := t.exec(ctx, addLetter, l.ID, l.Conversation, l.Channel, l.To, l.Kind, l.Lang, l.Subject, l.Markdown,
			l.Thread, l.Unsubscribe, millis(l.Expires), boolInt(l.Secret), l.Seq); err != nil {
			return err
		}
	}
	return nil
}

const letterColumns = `o.id, o.conversation, o.channel, o.recipient, o.kind, o.lang, o.subject, o.markdown, o.thread, o.unsubscribe, o.expires_at, o.secret,
	o.seq, o.doubtful, o.attempts`

func scanLetter(r scanner) (l bot.Outgoing, err error) {
	var expires int64
	err = r.Scan(&l.ID, &l.Conversation, &l.Channel, &l.To, &l.Kind, &l.Lang, &l.Subject, &l.Markdown, &l.Thread, &l.Unsubscribe, &expires, &l.Secret,
		&l.Seq, &l.Doubtful, &l.Attempts)
	l.Expires = fromMillis(expires)
	return l, err
}

const selectDue = `
	SELECT ` + letterColumns + `
	FROM   outbox o
	WHERE  o.channel = ? AND o.due_at <= ? AND o.claimed_until <= ? AND (o.expires_at = 0 OR o.expires_at > ?) AND NOT EXISTS (
		SELECT 1 FROM outbox e
		WHERE  e.due_at IS NOT NULL AND e.channel = o.channel AND e.recipient = o.recipient AND e.position < o.position
		AND    (e.expires_at = 0 OR e.expires_at > ?))
	ORDER  BY o.position LIMIT ?`

// Due implements bot.Store.
func (s *Conversations) Due(ctx context.Context, channel string, now time.Time, limit int) (_ []bot.Outgoing, err error) {
	defer fault.Wrap(&err, "list letters to send")
	at := millis(now)
	r, err := s.db.query(ctx, selectDue, channel, at, at, at, at, limit)
	return rows(r, err, scanLetter)
}

// From here on the platform may have it.
const claim = `
	UPDATE outbox SET claimed_until = ?, doubtful = 1
	WHERE  id = ? AND due_at <= ? AND claimed_until <= ? AND (expires_at = 0 OR expires_at > ?)`

// Claim implements bot.Store.
func (s *Conversations) Claim(ctx context.Context, id string, now, until time.Time) (claimed bool, err error) {
	defer fault.Wrap(&err, "claim letter %s", id)
	at := millis(now)
	err = s.db.inTx(ctx, func(tx *tx) error {
		n, err := tx.exec(ctx, claim, millis(until), id, at, at, at)
		claimed = n > 0
		return err
	})
	return claimed, err
}

// Release implements bot.Store.
func (s *Conversations) Release(ctx context.Context, id string) (err error) {
	defer fault.Wrap(&err, "release letter %s", id)
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE outbox SET claimed_until = 0 WHERE id = ?`, id)
		return err
	})
}

const (
	anyExpired = `SELECT COUNT(*) FROM outbox WHERE due_at IS NOT NULL AND expires_at BETWEEN 1 AND ?`
	expire     = `
	UPDATE outbox SET due_at = NULL, failure = 'expired', markdown = CASE WHEN secret = 1 THEN '' ELSE markdown END
	WHERE  due_at IS NOT NULL AND expires_at BETWEEN 1 AND ? AND claimed_until <= ?`
)

// Expire implements bot.Store.
func (s *Conversations) Expire(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "park letters of no more use")
	var expired int
	if err := s.db.queryRow(ctx, anyExpired, millis(now)).Scan(&expired); err != nil || expired == 0 {
		return err
	}
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, expire, millis(now), millis(now))
		return err
	})
}

const delivered = `
	UPDATE outbox
	SET    due_at = NULL, delivered_at = ?, platform_id = ?, attempts = attempts + 1, failure = NULL, claimed_until = 0,
	       markdown = CASE WHEN secret = 1 THEN '' ELSE markdown END
	WHERE  id = ?`

// Delivered implements bot.Store.
func (s *Conversations) Delivered(ctx context.Context, id, platformID string, at time.Time) (err error) {
	defer fault.Wrap(&err, "record delivery of letter %s", id)
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, delivered, millis(at), platformID, id)
		return err
	})
}

// A letter whose place another one took while it was under way is not tried
// again.
const failed = `
	UPDATE outbox
	SET    due_at = ?, attempts = attempts + 1, failure = ?, claimed_until = 0,
	       markdown = CASE WHEN secret = 1 AND ? = 0 THEN '' ELSE markdown END
	WHERE  id = ? AND COALESCE(failure, '') <> '` + superseded + `'`

// Failed implements bot.Store.
func (s *Conversations) Failed(ctx context.Context, id, reason string, next time.Time) (err error) {
	defer fault.Wrap(&err, "record failure of letter %s", id)
	again := sql.NullInt64{Int64: millis(next), Valid: !next.IsZero()}
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, failed, again, reason, again.Int64, id)
		return err
	})
}

// Postpone implements bot.Store.
func (s *Conversations) Postpone(ctx context.Context, id, reason string, next time.Time, refused bool) (err error) {
	defer fault.Wrap(&err, "put letter %s off", id)
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE outbox SET due_at = ?, failure = ?, claimed_until = 0, doubtful = ? WHERE id = ? AND due_at IS NOT NULL`,
			millis(next), reason, boolInt(!refused), id)
		return err
	})
}

// Unclaim implements bot.Store.
func (s *Conversations) Unclaim(ctx context.Context, channels []string) (err error) {
	defer fault.Wrap(&err, "end old claims of letters")
	return s.db.inTx(ctx, func(tx *tx) error {
		for _, channel := range channels {
			if _, err := tx.exec(ctx, `UPDATE outbox SET claimed_until = 0 WHERE due_at IS NOT NULL AND channel = ? AND claimed_until > 0`, channel); err != nil {
				return err
			}
		}
		return nil
	})
}

// Posted implements bot.Store.
func (s *Conversations) Posted(ctx context.Context, letter string) (platformID string, err error) {
	defer fault.Wrap(&err, "look for the post of letter %s", letter)
	err = s.db.queryRow(ctx, `SELECT platform_id FROM outbox WHERE id = ? AND delivered_at IS NOT NULL`, letter).Scan(&platformID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.NotFound, "error.not_found")
	}
	return platformID, err
}

// PostedAs implements bot.Store.
func (s *Conversations) PostedAs(ctx context.Context, channel, platformID string) (l bot.Outgoing, err error) {
	defer fault.Wrap(&err, "look for the letter of a post")
	l, err = scanLetter(s.db.queryRow(ctx, `SELECT `+letterColumns+` FROM outbox o WHERE o.channel = ? AND o.platform_id = ?`, channel, platformID))
	if errors.Is(err, sql.ErrNoRows) {
		return l, fault.New(fault.NotFound, "error.not_found")
	}
	return l, err
}
