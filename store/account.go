package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sportello/account"
	"sportello/internal/fault"
)

var _ account.Store = (*Account)(nil)

// Account keeps persons, identities and challenges.
type Account struct{ db *DB }

// NewAccount returns the account store of a database.
func NewAccount(db *DB) *Account { return &Account{db} }

const personColumns = `p.id, p.email, p.name, p.office, p.area, p.phone, p.external, p.shared, p.roles, p.teams, p.lang, p.preferences, p.created_at, p.version`

func scanPerson(row scanner) (p account.Person, err error) {
	var roles, teams, preferences string
	var created int64
	err = row.Scan(&p.ID, &p.Email, &p.Name, &p.Office, &p.Area, &p.Phone, &p.External, &p.Shared, &roles, &teams, &p.Lang, &preferences, &created, &p.Version)
	if err != nil {
		return account.Person{}, err
	}
	p.CreatedAt = fromMillis(created)
	err = errors.Join(
		json.Unmarshal([]byte(roles), &p.Roles),
		json.Unmarshal([]byte(teams), &p.Teams),
		json.Unmarshal([]byte(preferences), &p.Preferences))
	if len(p.Teams) == 0 {
		p.Teams = nil
	}
	return p, err
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

// Roles are a JSON list of words that need no escaping.
const peopleHaving = `SELECT ` + personColumns + ` FROM people p WHERE p.roles LIKE '%"' || ? || '"%' ORDER BY p.email`

// Having implements account.Store.
func (s *Account) Having(ctx context.Context, role account.Role) (people []account.Person, err error) {
	defer fault.Wrap(&err, "list people who are %s", role)
	r, err := s.db.query(ctx, peopleHaving, role)
	return rows(r, err, scanPerson)
}

// People implements account.Store.
func (s *Account) People(ctx context.Context, ids []account.PersonID) (people map[account.PersonID]account.Person, err error) {
	defer fault.Wrap(&err, "read %d people", len(ids))
	people = make(map[account.PersonID]account.Person, len(ids))
	for some := range slices.Chunk(ids, 512) {
		places := 1 // few different statements, whatever the number of IDs
		for places < len(some) {
			places *= 2
		}
		args := make([]any, places)
		for i := range args {
			args[i] = some[min(i, len(some)-1)]
		}
		r, err := s.db.query(ctx, `SELECT `+personColumns+` FROM people p WHERE p.id IN (?`+strings.Repeat(`, ?`, places-1)+`)`, args...)
		found, err := rows(r, err, scanPerson)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			people[p.ID] = p
		}
	}
	return people, nil
}

// Find implements account.Store.
func (s *Account) Find(ctx context.Context, text string, limit int) (people []account.Person, err error) {
	defer fault.Wrap(&err, "find people")
	words := strings.Fields(plain(text))
	if len(words) == 0 {
		return nil, nil
	}
	query := `SELECT ` + personColumns + ` FROM people p WHERE 1 = 1`
	var args []any
	for _, word := range words[:min(len(words), 6)] {
		query += ` AND p.sought LIKE ? ESCAPE '\'`
		args = append(args, "%"+likeSigns.Replace(word)+"%")
	}
	r, err := s.db.query(ctx, query+` ORDER BY p.name = '', p.name, p.email LIMIT ?`, append(args, limit)...)
	return rows(r, err, scanPerson)
}

var likeSigns = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// plain is text as it is sought: in lower case, without accents.
func plain(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text)))
}

// Admit implements account.Store.
func (s *Account) Admit(ctx context.Context, p account.Person) (kept account.Person, err error) {
	defer fault.Wrap(&err, "admit a person")
	if kept, err = s.PersonByEmail(ctx, p.Email); !fault.Is(err, fault.NotFound) {
		return kept, err
	}
	p.Version = 0
	if err = s.Apply(ctx, account.Change{Person: &p}); err != nil && !fault.Is(err, fault.Conflict) {
		return account.Person{}, err
	}
	return s.PersonByEmail(ctx, p.Email) // ours, or whoever was quicker
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
	if c.Nonce != nil {
		if err := t.changeOne(ctx, "account.nonce_spent", `INSERT INTO nonces (word, expires) VALUES (?, ?) ON CONFLICT DO NOTHING`, c.Nonce.Word, millis(c.Nonce.Until)); err != nil {
			return err
		}
	}
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
		if c.Challenge != nil { // a code that came by mail was right
			if _, err := t.exec(ctx, `DELETE FROM undeliverable WHERE email = ?`, c.Challenge.Email); err != nil {
				return err
			}
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
	INSERT INTO people (email, name, office, area, phone, external, shared, roles, teams, lang, preferences, sought, created_at, id, version)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
	ON CONFLICT DO NOTHING`

const updatePerson = `
	UPDATE people
	SET    email = ?, name = ?, office = ?, area = ?, phone = ?, external = ?, shared = ?, roles = ?, teams = ?, lang = ?,
	       preferences = ?, sought = ?, created_at = ?, version = version + 1
	WHERE  id = ? AND version = ? AND NOT EXISTS (SELECT 1 FROM people o WHERE o.email = ? AND o.id <> ?)`

// A change of what somebody may do ends their sessions: the next one knows it.
const signOutChanged = `
	DELETE FROM sessions
	WHERE  person_id = ? AND EXISTS (SELECT 1 FROM people WHERE id = ? AND (roles <> ? OR teams <> ?))`

func (t *tx) savePerson(ctx context.Context, p account.Person) error {
	if p.Teams == nil {
		p.Teams = []string{}
	}
	roles, err1 := json.Marshal(p.Roles)
	teams, err2 := json.Marshal(p.Teams)
	preferences, err3 := json.Marshal(p.Preferences)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	written := []any{
		p.Email, p.Name, p.Office, p.Area, p.Phone, boolInt(p.External), boolInt(p.Shared), string(roles), string(teams), p.Lang,
		string(preferences), plain(p.Name + " " + p.Email), millis(p.CreatedAt), p.ID,
	}
	save := insertPerson
	if p.Version > 0 {
		if _, err := t.exec(ctx, signOutChanged, p.ID, p.ID, string(roles), string(teams)); err != nil {
			return err
		}
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
