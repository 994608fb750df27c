package store

import (
	"context"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/tickets"
)

const conversationsOf = `
	SELECT c.id
	FROM   identities i JOIN conversations c ON c.channel = i.channel AND c.identity = i.platform_id
	WHERE  i.person_id = ?
	ORDER  BY c.started_at, c.id`

// Of lists the conversations that are linked to a person, the oldest first.
func (s *Conversations) Of(ctx context.Context, person account.PersonID) (_ []bot.ConversationID, err error) {
	defer fault.Wrap(&err, "list conversations of %s", person)
	r, err := s.db.query(ctx, conversationsOf, person)
	return rows(r, err, func(r scanner) (id bot.ConversationID, err error) { return id, r.Scan(&id) })
}

// theirs are the conversations that are linked to a person.
const theirs = `
	SELECT c.id FROM identities i JOIN conversations c ON c.channel = i.channel AND c.identity = i.platform_id WHERE i.person_id = ?`

// erasures take a person out of the tables, in this order. Tickets keep the
// work that was done: their author is an ID that belongs to nobody any more.
// What depends on the row in people (identities, sessions, tokens, passwords, notices)
// goes with it. Who adds a table that holds somebody's name, address or words
// adds a line.
var erasures = []struct {
	text string
	with string // what each ? stands for: i the ID, e the address, l the address as LIKE takes it
}{
	{`DELETE FROM outbox WHERE recipient = ? OR conversation IN (` + theirs + `)`, "ei"},
	{`UPDATE notices SET by_name = '' WHERE by_name <> '' AND by_name IN (SELECT name FROM people WHERE id = ? UNION SELECT email FROM people WHERE id = ?)`, "ii"},
	{`DELETE FROM channel_marks WHERE name IN (` + theirs + `)`, "i"},
	{`DELETE FROM conversations WHERE id IN (` + theirs + `)`, "i"},
	{`DELETE FROM challenges WHERE email = ?`, "e"},
	{`DELETE FROM undeliverable WHERE email = ?`, "e"},
	{`DELETE FROM intake_held
	  WHERE ' ' || replace(replace(replace(replace(sender, '<', ' '), '>', ' '), '"', ' '), ',', ' ') || ' ' LIKE '% ' || ? || ' %' ESCAPE '\'`, "l"}, // its bytes are swept away as a file that nothing names
	{`DELETE FROM attempts WHERE name = 'account ' || ? OR name = 'app ' || ?`, "ei"},
	{`UPDATE ticket_events SET
		old = CASE WHEN old = ? OR old LIKE '%<' || ? || '>%' ESCAPE '\' THEN '…' ELSE old END,
		new = CASE WHEN new = ? OR new LIKE '%<' || ? || '>%' ESCAPE '\' THEN '…' ELSE new END
	  WHERE field = '` + tickets.ChangedBeneficiary + `'`, "elel"},
	{`UPDATE ticket_events SET old = replace(old, ?, ''), new = replace(new, ?, '')
	  WHERE ticket_id IN (SELECT ticket_id FROM ticket_people WHERE person_id = ?)`, "eei"},
	{`UPDATE tickets SET beneficiary_name = '', beneficiary_email = '', words = '', version = version + 1
	  WHERE (beneficiary_id = ? OR beneficiary_email = ?) AND (beneficiary_name <> '' OR beneficiary_email <> '')`, "ie"},
	{`UPDATE tickets SET proposed = '{}', version = version + 1 WHERE proposed LIKE '%"' || ? || '"%' ESCAPE '\'`, "l"},
	{`UPDATE tickets SET phone = '', words = '', version = version + 1 WHERE author_id = ? AND phone <> ''`, "i"},
	{`DELETE FROM webhook_deliveries WHERE payload LIKE '%"' || ? || '"%' ESCAPE '\' OR payload LIKE '%\\u003c' || ? || '\\u003e%' ESCAPE '\'`, "ll"},
	{`DELETE FROM unsent WHERE person_id = ?`, "i"},
	{`DELETE FROM ticket_people WHERE person_id = ?`, "i"},
	{`DELETE FROM people WHERE id = ?`, "i"},
}

// Erase forgets a person, together or not at all: who they are, how they come
// in, and what they said in conversations. It fails with fault.NotFound if
// there is no such person.
func (s *Account) Erase(ctx context.Context, id account.PersonID) (err error) {
	defer fault.Wrap(&err, "erase %s", id)
	p, err := s.Person(ctx, id)
	if err != nil {
		return err
	}
	err = s.db.inTx(ctx, func(tx *tx) error {
		for _, erase := range erasures {
			var args []any
			for _, what := range erase.with {
				switch what {
				case 'i':
					args = append(args, p.ID)
				case 'l':
					args = append(args, likeSigns.Replace(p.Email))
				default:
					args = append(args, p.Email)
				}
			}
			if _, err := tx.exec(ctx, erase.text, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.db.wordTickets(ctx) // nobody finds them by the name any more
}
