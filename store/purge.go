package store

import (
	"context"
	"strings"
	"time"

	"sportello/internal/fault"
	"sportello/privacy"
)

// Aging is a sort of things in the database that grow old, in one table.
type Aging struct {
	db    *DB
	name  string
	key   string
	old   string   // SELECT of the keys of what is older than each ?
	clear []string // what to do to those keys, each with %s for them
}

var _ privacy.Shelf = (*Aging)(nil)

// What grows old. A ticket's words and people go; what is counted stays.
var agings = []struct {
	name string
	term privacy.Term
	key  string
	old  string
	do   []string
}{
	{
		"conversations of nobody known", privacy.Chats, "c.id", `
		SELECT c.id FROM conversations c
		WHERE  c.started_at < ? AND c.unread = 0
		       AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.channel = c.channel AND i.platform_id = c.identity)
		       AND COALESCE((SELECT e.at FROM events e WHERE e.conversation = c.id AND e.seq = c.last), c.started_at) < ?`,
		[]string{`DELETE FROM channel_marks WHERE name IN (%s)`, `DELETE FROM conversations WHERE id IN (%s)`},
	},
	{
		"conversations of known people", privacy.Linked, "c.id", `
		SELECT c.id FROM conversations c
		WHERE  c.started_at < ? AND c.unread = 0
		       AND EXISTS (SELECT 1 FROM identities i WHERE i.channel = c.channel AND i.platform_id = c.identity)
		       AND COALESCE((SELECT e.at FROM events e WHERE e.conversation = c.id AND e.seq = c.last), c.started_at) < ?`,
		[]string{`DELETE FROM channel_marks WHERE name IN (%s)`, `DELETE FROM conversations WHERE id IN (%s)`},
	},
	{
		"closed tickets", privacy.Tickets, "t.id", `
		SELECT t.id FROM tickets t
		WHERE  t.moved_at < ? AND t.status IN ('closed', 'cancelled') AND t.author_id <> '' AND t.opened_at < ?`,
		[]string{
			`UPDATE ticket_events SET body = '', by_id = '', old = '', new = '', aside = '', attachments = 'null' WHERE ticket_id IN (%s)`,
			`DELETE FROM ticket_people WHERE ticket_id IN (%s)`,
			`DELETE FROM ticket_words WHERE rowid IN (SELECT ordinal FROM tickets WHERE id IN (%s))`,
			`UPDATE tickets SET
				subject = '', body = '', error_text = '', since = '', deadline = '', fields = '{}', attachments = 'null', author_id = '',
				beneficiary_name = '', beneficiary_email = '', beneficiary_id = '', proposed = '{}', observers = 'null', phone = '', office = '',
				conversation = '', assignee_id = '', rating_suggestion = '', wake_at = 0, words = ' ', version = version + 1
			 WHERE id IN (%s)`,
		},
	},
	{
		"letters", privacy.Logs, "id",
		// Those that were given up have no time; what lies before others that left by then is as old.
		`SELECT id FROM outbox WHERE (due_at IS NULL AND (
			delivered_at < ? OR delivered_at IS NULL AND position < (SELECT MAX(position) FROM outbox WHERE delivered_at < ?))
			OR expires_at > 0 AND expires_at < ?)`,
		[]string{`DELETE FROM outbox WHERE id IN (%s)`},
	},
	{
		"deliveries of webhooks", privacy.Logs, "d.hook_id || ' ' || d.seq", `
		SELECT d.hook_id || ' ' || d.seq FROM webhook_deliveries d
		WHERE  d.planned_at < ? AND d.planned_at < ?
		       AND (d.state <> 'planned' OR d.hook_id IN (SELECT h.id FROM webhooks h WHERE h.active = 0))`,
		[]string{`DELETE FROM webhook_deliveries WHERE hook_id || ' ' || seq IN (%s)`},
	},
	{
		"requests that were not sent", privacy.Drafts, "person_id || ' ' || request_type",
		`SELECT person_id || ' ' || request_type FROM unsent WHERE saved_at < ? AND saved_at < ?`,
		[]string{`DELETE FROM unsent WHERE person_id || ' ' || request_type IN (%s)`}, // their files are left over then
	},
	{"one-time codes", privacy.Leftovers, "id", `SELECT id FROM challenges WHERE sent_at < ? AND expires_at < ?`, []string{`DELETE FROM challenges WHERE id IN (%s)`}},
	{"codes to go on elsewhere", privacy.Leftovers, "hash", `SELECT hash FROM passages WHERE expires_at < ? AND expires_at < ?`, []string{`DELETE FROM passages WHERE hash IN (%s)`}},
	{"sessions that are over", privacy.Leftovers, "hash", `SELECT hash FROM sessions WHERE expires < ? AND expires < ?`, []string{`DELETE FROM sessions WHERE hash IN (%s)`}},
	{"words that counted once", privacy.Leftovers, "word", `SELECT word FROM nonces WHERE expires < ? AND expires < ?`, []string{`DELETE FROM nonces WHERE word IN (%s)`}},
	{"attempts to sign in", privacy.Leftovers, "name || ' ' || at", `SELECT DISTINCT name || ' ' || at FROM attempts WHERE at < ? AND at < ?`, []string{`DELETE FROM attempts WHERE name || ' ' || at IN (%s)`}},
}

// Duties are what has to be purged of a database.
func (d *DB) Duties() (duties []privacy.Duty) {
	for _, a := range agings {
		duties = append(duties, privacy.Duty{Name: a.name, Term: a.term, Shelf: &Aging{db: d, name: a.name, key: a.key, old: a.old, clear: a.do}})
	}
	return duties
}

// cuts stand for each ? of old.
func (a *Aging) cuts(cut time.Time) []any {
	args := make([]any, strings.Count(a.old, "?"))
	for i := range args {
		args[i] = millis(cut)
	}
	return args
}

// Aged implements privacy.Shelf.
func (a *Aging) Aged(ctx context.Context, cut time.Time) (n int, err error) {
	defer fault.Wrap(&err, "count old %s", a.name)
	err = a.db.queryRow(ctx, `SELECT COUNT(*) FROM (`+a.old+`) aged`, a.cuts(cut)...).Scan(&n)
	return n, err
}

// Purge implements privacy.Shelf. What is old is looked for while others
// write; only what was found is looked at again in the transaction.
func (a *Aging) Purge(ctx context.Context, cut time.Time, limit int) (n int, err error) {
	defer fault.Wrap(&err, "purge old %s", a.name)
	r, err := a.db.query(ctx, a.old+` LIMIT ?`, append(a.cuts(cut), limit)...)
	keys, err := rows(r, err, func(row scanner) (key any, err error) { return key, row.Scan(&key) })
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	for len(keys) < limit { // the same statement each time
		keys = append(keys, keys[0])
	}
	places := `?` + strings.Repeat(`, ?`, limit-1)
	again := append(a.cuts(cut), keys...)
	err = a.db.inTx(ctx, func(tx *tx) error {
		n = 0
		r, err := tx.query(ctx, a.old+` AND `+a.key+` IN (`+places+`)`, again...)
		still, err := rows(r, err, func(row scanner) (key any, err error) { return key, row.Scan(&key) })
		if err != nil || len(still) == 0 {
			return err
		}
		n = len(still)
		for len(still) < limit {
			still = append(still, still[0])
		}
		for _, text := range a.clear {
			if _, err := tx.exec(ctx, strings.ReplaceAll(text, `%s`, places), still...); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
