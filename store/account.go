package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

var _ account.Store = (*Account)(nil)

// Account keeps persons, identities and challenges.
type Account struct{ db *DB }

// NewAccount returns the account store of a database.
func NewAccount(db *DB) *Account { return &Account{db} }

const personColumns = `p.id, p.email, p.name, p.office, p.area, p.phone, p.external, p.roles, p.lang, p.created_at, p.version`

func scanPerson(row scanner) (p account.Person, err error) {
	var roles string
	var created int64
	if err := row.Scan(&p.ID, &p.Email, &p.Name, &p.Office, &p.Area, &p.Phone, &p.External, &roles, &p.Lang, &created, &p.Version); err != nil {
		return account.Person{}, err
	}
	p.CreatedAt = fromMillis(created)
	return p, json.Unmarshal([]byte(roles), &p.Roles)
}

// found gives the absence of a row its kind.
func found(err error, phrase string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, phrase).Because(err)
	}
	return err
}

// Person implements account.Store.
func (s *Account) Person(ctx context.Context, id account.PersonID) (p account.Person, err error) {
	defer fault.Wrap(&err, "read person %s", id)
	p, err = scanPerson(s.db.queryRow(ctx, `SELECT `+personColumns+` FROM people p WHERE p.id = ?`, id))
	return p, found(err, "account.not_found")
}

// PersonByEmail implements account.Store.
func (s *Account) PersonByEmail(ctx context.Context, email string) (p account.Person, err error) {
	defer fault.Wrap(&err, "read person by address")
	p, err = scanPerson(s.db.queryRow(ctx, `SELECT `+personColumns+` FROM people p WHERE p.email = ?`, email))
	return p, found(err, "account.not_found")
}

const personByIdentity = `
	SELECT ` + personColumns + `
	FROM   identities i JOIN people p ON p.id = i.person_id
	WHERE  i.channel = ? AND i.platform_id = ?`

// PersonByIdentity implements account.Store.
func (s *Account) PersonByIdentity(ctx context.Context, identity account.Identity) (p account.Person, err error) {
	defer fault.Wrap(&err, "read person by identity of %s", identity.Channel)
	p, err = scanPerson(s.db.queryRow(ctx, personByIdentity, identity.Channel, identity.PlatformID))
	return p, found(err, "account.not_found")
}

const identitiesOf = `
	SELECT channel, platform_id, linked_at FROM identities WHERE person_id = ?
	ORDER  BY linked_at DESC, channel, platform_id`

// Identities implements account.Store.
func (s *Account) Identities(ctx context.Context, id account.PersonID) (links []account.Link, err error) {
	defer fault.Wrap(&err, "list identities of %s", id)
	r, err := s.db.query(ctx, identitiesOf, id)
	return rows(r, err, func(row scanner) (account.Link, error) {
		l := account.Link{Person: id}
		var at int64
		err := row.Scan(&l.Identity.Channel, &l.Identity.PlatformID, &at)
		l.At = fromMillis(at)
		return l, err
	})
}

// List implements account.Store.
func (s *Account) List(ctx context.Context) (people []account.Person, err error) {
	defer fault.Wrap(&err, "list people")
	r, err := s.db.query(ctx, `SELECT `+personColumns+` FROM people p ORDER BY p.email`)
	return rows(r, err, scanPerson)
}

const latestChallenge = `
	SELECT id, channel, platform_id, email, hash, sent_at, expires_at, attempts
	FROM   challenges
	WHERE  channel = ? AND platform_id = ? AND spent = 0
	ORDER  BY sent_at DESC LIMIT 1`

// Challenge implements account.Store.
func (s *Account) Challenge(ctx context.Context, identity account.Identity) (c account.Challenge, err error) {
	defer fault.Wrap(&err, "read challenge of %s", identity.Channel)
	var sent, expires int64
	err = s.db.queryRow(ctx, latestChallenge, identity.Channel, identity.PlatformID).Scan(
		&c.ID, &c.Identity.Channel, &c.Identity.PlatformID, &c.Email, &c.Hash, &sent, &expires, &c.Attempts)
	c.SentAt, c.ExpiresAt = fromMillis(sent), fromMillis(expires)
	return c, found(err, "account.code_none")
}

// Two halves, so that each finds its index.
const challengesSent = `
	SELECT sent_at, 1, 0 FROM challenges WHERE email = ? AND sent_at > ?
	UNION ALL
	SELECT sent_at, 0, 1 FROM challenges WHERE channel = ? AND platform_id = ? AND sent_at > ?`

// Sends implements account.Store.
func (s *Account) Sends(ctx context.Context, identity account.Identity, email string, since time.Time) (sends account.Sends, err error) {
	defer fault.Wrap(&err, "count codes sent")
	after := millis(since)
	r, err := s.db.query(ctx, challengesSent, email, after, identity.Channel, identity.PlatformID, after)
	_, err = rows(r, err, func(row scanner) (bool, error) {
		var at int64
		var address, own bool
		if err := row.Scan(&at, &address, &own); err != nil {
			return false, err
		}
		if address {
			sends.ToAddress = append(sends.ToAddress, fromMillis(at))
		} else {
			sends.ForIdentity = append(sends.ForIdentity, fromMillis(at))
		}
		return own, nil
	})
	return sends, err
}

// Apply implements account.Store.
func (s *Account) Apply(ctx context.Context, c account.Change) (err error) {
	defer fault.Wrap(&err, "change accounts")
	return s.db.inTx(ctx, func(tx *tx) error { return tx.applyAccount(ctx, c) })
}

// applyAccount makes a change of accounts part of a larger transaction.
func (t *tx) applyAccount(ctx context.Context, c account.Change) error {
	if c.Person != nil {
		if err := t.savePerson(ctx, *c.Person); err != nil {
			return err
		}
	}
	if c.Challenge != nil {
		if err := t.saveChallenge(ctx, *c.Challenge); err != nil {
			return err
		}
	}
	if c.Spent != nil {
		if err := t.spend(ctx, *c.Spent); err != nil {
			return err
		}
	}
	if c.Link != nil {
		if err := t.link(ctx, *c.Link); err != nil {
			return err
		}
	}
	if c.Unlink != nil {
		_, err := t.exec(ctx, `DELETE FROM identities WHERE channel = ? AND platform_id = ?`, c.Unlink.Channel, c.Unlink.PlatformID)
		return err
	}
	return nil
}

const insertPerson = `
	INSERT INTO people (email, name, office, area, phone, external, roles, lang, created_at, id, version)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
	ON CONFLICT DO NOTHING`

const updatePerson = `
	UPDATE people
	SET    email = ?, name = ?, office = ?, area = ?, phone = ?, external = ?, roles = ?, lang = ?, created_at = ?, version = version + 1
	WHERE  id = ? AND version = ? AND NOT EXISTS (SELECT 1 FROM people o WHERE o.email = ? AND o.id <> ?)`

func (t *tx) savePerson(ctx context.Context, p account.Person) error {
	roles, err := json.Marshal(p.Roles)
	if err != nil {
		return err
	}
	written := []any{p.Email, p.Name, p.Office, p.Area, p.Phone, boolInt(p.External), string(roles), p.Lang, millis(p.CreatedAt), p.ID}
	save := insertPerson
	if p.Version > 0 {
		save, written = updatePerson, append(written, p.Version, p.Email, p.ID)
	}
	if err := t.changeOne(ctx, "account.person_changed", save, written...); err != nil {
		return err
	}
	return t.giveTickets(ctx, p)
}

// changeOne runs a statement that has to change something, else it is a
// conflict, told by phrase.
func (t *tx) changeOne(ctx context.Context, phrase, text string, args ...any) error {
	n, err := t.exec(ctx, text, args...)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, phrase)
	}
	return err
}

// challengeMemory is how long challenges are kept: for the limits on sending,
// not longer, since they hold addresses of people who may not be users.
const challengeMemory = 24 * time.Hour

const insertChallenge = `
	INSERT INTO challenges (id, channel, platform_id, email, hash, sent_at, expires_at, attempts, spent)
	VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)`

func (t *tx) saveChallenge(ctx context.Context, c account.Challenge) error {
	if c.Attempts > 0 {
		const count = `UPDATE challenges SET attempts = ? WHERE id = ? AND attempts = ? AND spent = 0`
		return t.changeOne(ctx, "account.code_tried", count, c.Attempts, c.ID, c.Attempts-1)
	}
	if err := t.spend(ctx, c.Identity); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM challenges WHERE sent_at < ?`, millis(c.SentAt.Add(-challengeMemory))); err != nil {
		return err
	}
	_, err := t.exec(ctx, insertChallenge, c.ID, c.Identity.Channel, c.Identity.PlatformID, c.Email, c.Hash, millis(c.SentAt), millis(c.ExpiresAt))
	return err
}

func (t *tx) spend(ctx context.Context, identity account.Identity) error {
	_, err := t.exec(ctx, `UPDATE challenges SET spent = 1 WHERE channel = ? AND platform_id = ? AND spent = 0`, identity.Channel, identity.PlatformID)
	return err
}

const linkIdentity = `
	INSERT INTO identities (channel, platform_id, person_id, linked_at) VALUES (?, ?, ?, ?)
	ON CONFLICT (channel, platform_id) DO UPDATE SET person_id = excluded.person_id, linked_at = excluded.linked_at`

func (t *tx) link(ctx context.Context, l account.Link) error {
	if _, err := t.exec(ctx, linkIdentity, l.Identity.Channel, l.Identity.PlatformID, l.Person, millis(l.At)); err != nil {
		return err
	}
	return t.reachable(ctx, l.Person)
}
