package store

import (
	"context"
	"encoding/json"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

var _ account.TokenStore = (*Account)(nil)

const tokenColumns = `id, person_id, name, scopes, hash, created_at, used_at, expires_at, revoked_at`

func scanToken(row scanner) (t account.Token, err error) {
	var scopes string
	var created, used, expires, revoked int64
	if err := row.Scan(&t.ID, &t.Person, &t.Name, &scopes, &t.Hash, &created, &used, &expires, &revoked); err != nil {
		return account.Token{}, err
	}
	t.CreatedAt, t.UsedAt, t.ExpiresAt, t.RevokedAt = fromMillis(created), fromMillis(used), fromMillis(expires), fromMillis(revoked)
	return t, json.Unmarshal([]byte(scopes), &t.Scopes)
}

// TokenByHash implements account.TokenStore.
func (s *Account) TokenByHash(ctx context.Context, hash []byte) (t account.Token, err error) {
	defer fault.Wrap(&err, "read a token")
	t, err = scanToken(s.db.queryRow(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE hash = ?`, hash))
	return t, found(err, "account.token_unknown")
}

// Tokens implements account.TokenStore.
func (s *Account) Tokens(ctx context.Context, person account.PersonID) (all []account.Token, err error) {
	defer fault.Wrap(&err, "list tokens of %s", person)
	r, err := s.db.query(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE person_id = ? ORDER BY created_at DESC, id`, person)
	return rows(r, err, scanToken)
}

const insertToken = `INSERT INTO tokens (` + tokenColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

// AddToken implements account.TokenStore.
func (s *Account) AddToken(ctx context.Context, t account.Token) (err error) {
	defer fault.Wrap(&err, "keep a token of %s", t.Person)
	scopes, err := json.Marshal(t.Scopes)
	if err != nil {
		return err
	}
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, insertToken, t.ID, t.Person, t.Name, string(scopes), t.Hash, millis(t.CreatedAt), millis(t.UsedAt), millis(t.ExpiresAt), millis(t.RevokedAt))
		return err
	})
}

// TokenUsed implements account.TokenStore.
func (s *Account) TokenUsed(ctx context.Context, id string, at time.Time) (err error) {
	defer fault.Wrap(&err, "note the use of token %s", id)
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE tokens SET used_at = ? WHERE id = ? AND used_at < ?`, millis(at), id, millis(at))
		return err
	})
}

// RevokeToken implements account.TokenStore.
func (s *Account) RevokeToken(ctx context.Context, person account.PersonID, id string, at time.Time) (err error) {
	defer fault.Wrap(&err, "revoke token %s", id)
	return s.db.inTx(ctx, func(tx *tx) error {
		const revoke = `UPDATE tokens SET revoked_at = CASE WHEN revoked_at = 0 THEN ? ELSE revoked_at END WHERE id = ? AND person_id = ?`
		n, err := tx.exec(ctx, revoke, millis(at), id, person)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "account.token_unknown")
		}
		return err
	})
}
