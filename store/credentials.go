package store

import (
	"context"
	"encoding/json"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

var (
	_ account.CredentialStore = (*Account)(nil)
	_ account.ThrottleStore   = (*Account)(nil)
)

// Credential implements account.CredentialStore.
func (s *Account) Credential(ctx context.Context, person account.PersonID) (c account.Credential, err error) {
	defer fault.Wrap(&err, "read credential of %s", person)
	var recovery string
	var changed int64
	err = s.db.queryRow(ctx, `SELECT person_id, password, secret, enrolled, step, recovery, changed_at, version FROM credentials WHERE person_id = ?`, person).
		Scan(&c.Person, &c.Password, &c.Secret, &c.Enrolled, &c.Step, &recovery, &changed, &c.Version)
	if err != nil {
		return account.Credential{}, found(err, "account.credential_none")
	}
	c.ChangedAt = fromMillis(changed)
	return c, json.Unmarshal([]byte(recovery), &c.Recovery)
}

const insertCredential = `
	INSERT INTO credentials (password, secret, enrolled, step, recovery, changed_at, person_id, version)
	VALUES (?, ?, ?, ?, ?, ?, ?, 1)
	ON CONFLICT DO NOTHING`

const updateCredential = `
	UPDATE credentials
	SET    password = ?, secret = ?, enrolled = ?, step = ?, recovery = ?, changed_at = ?, version = version + 1
	WHERE  person_id = ? AND version = ?`

const signOutNewPassword = `
	DELETE FROM sessions
	WHERE  person_id = ? AND EXISTS (SELECT 1 FROM credentials WHERE person_id = ? AND password <> ?)`

// SaveCredential implements account.CredentialStore.
func (s *Account) SaveCredential(ctx context.Context, c account.Credential) (err error) {
	defer fault.Wrap(&err, "keep credential of %s", c.Person)
	recovery, err := json.Marshal(c.Recovery)
	if err != nil {
		return err
	}
	if c.Secret == nil {
		c.Secret = []byte{}
	}
	return s.db.inTx(ctx, func(tx *tx) error {
		if _, err := tx.exec(ctx, signOutNewPassword, c.Person, c.Person, c.Password); err != nil {
			return err
		}
		save, written := insertCredential, []any{c.Password, c.Secret, boolInt(c.Enrolled), c.Step, string(recovery), millis(c.ChangedAt), c.Person}
		if c.Version > 0 {
			save, written = updateCredential, append(written, c.Version)
		}
		return tx.changeOne(ctx, "account.credential_changed", save, written...)
	})
}

// Attempt implements account.ThrottleStore.
func (s *Account) Attempt(ctx context.Context, name string, at, since time.Time) (times []time.Time, err error) {
	defer fault.Wrap(&err, "count an attempt")
	err = s.db.inTx(ctx, func(tx *tx) error {
		if _, err := tx.exec(ctx, insertAttempt, name, millis(at), name, millis(since), mostAttempts); err != nil {
			return err
		}
		r, err := tx.query(ctx, `SELECT at FROM attempts WHERE name = ? AND at >= ? ORDER BY at`, name, millis(since))
		times, err = rows(r, err, func(row scanner) (time.Time, error) {
			var at int64
			err := row.Scan(&at)
			return fromMillis(at), err
		})
		return err
	})
	return times, err
}

// mostAttempts are kept of a name: more than any bound allows.
const mostAttempts = 1_200

const insertAttempt = `
	INSERT INTO attempts (name, at)
	SELECT ?, ? WHERE (SELECT COUNT(*) FROM attempts WHERE name = ? AND at >= ?) < ?`

// Forgive implements account.ThrottleStore.
func (s *Account) Forgive(ctx context.Context, name string) (err error) {
	defer fault.Wrap(&err, "forget attempts")
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `DELETE FROM attempts WHERE name = ?`, name)
		return err
	})
}
