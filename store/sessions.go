package store

import (
	"bytes"
	"context"
	"database/sql"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

var _ account.SessionStore = (*Account)(nil)

const selectSession = `SELECT hash, COALESCE(person_id, ''), data, expires FROM sessions WHERE hash = ?`

// Session implements account.SessionStore.
func (s *Account) Session(ctx context.Context, hash []byte, now time.Time) (session account.Session, err error) {
	defer fault.Wrap(&err, "read a session")
	var until int64
	err = s.db.queryRow(ctx, selectSession, hash).Scan(&session.Hash, &session.Person, &session.Data, &until)
	if session.Until = fromMillis(until); err == nil && !now.Before(session.Until) {
		return account.Session{}, fault.New(fault.NotFound, "account.session_over")
	}
	return session, found(err, "account.session_over")
}

// BeginSession implements account.SessionStore.
func (s *Account) BeginSession(ctx context.Context, session account.Session) (err error) {
	defer fault.Wrap(&err, "begin a session")
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `INSERT INTO sessions (hash, person_id, data, expires) VALUES (?, ?, ?, ?)`,
			session.Hash, orNull(session.Person), session.Data, millis(session.Until))
		return err
	})
}

func orNull(p account.PersonID) sql.NullString {
	return sql.NullString{String: string(p), Valid: p != ""}
}

// sessionDrift is how much a session's end may move before it is written: not
// every page that somebody looks at is a write.
const sessionDrift = time.Minute

// KeepSession implements account.SessionStore.
func (s *Account) KeepSession(ctx context.Context, session account.Session) (err error) {
	defer fault.Wrap(&err, "keep a session")
	kept, err := s.Session(ctx, session.Hash, time.Time{})
	if err != nil {
		return err
	}
	drift := session.Until.Sub(kept.Until).Abs()
	if drift < sessionDrift && kept.Person == session.Person && bytes.Equal(kept.Data, session.Data) {
		return nil
	}
	return s.db.inTx(ctx, func(tx *tx) error {
		n, err := tx.exec(ctx, `UPDATE sessions SET person_id = ?, data = ?, expires = ? WHERE hash = ?`,
			orNull(session.Person), session.Data, millis(session.Until), session.Hash)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "account.session_over")
		}
		return err
	})
}

// EndSession implements account.SessionStore.
func (s *Account) EndSession(ctx context.Context, hash []byte) (err error) {
	defer fault.Wrap(&err, "end a session")
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `DELETE FROM sessions WHERE hash = ?`, hash)
		return err
	})
}

const signOut = `DELETE FROM sessions WHERE person_id = ?`

// SignOut implements account.SessionStore.
func (s *Account) SignOut(ctx context.Context, person account.PersonID) (err error) {
	defer fault.Wrap(&err, "sign %s out", person)
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, signOut, person)
		return err
	})
}
