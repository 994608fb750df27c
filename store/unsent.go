package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

var _ tickets.Forms = (*Forms)(nil)

// Forms keeps requests that were not sent yet, and what articles solved.
type Forms struct{ db *DB }

// NewForms returns the store of unsent requests of a database.
func NewForms(db *DB) *Forms { return &Forms{db} }

const unsentColumns = `u.person_id, u.request_type, u.key, u.written, u.masked, u.saved_at`

func scanUnsent(row scanner) (u tickets.Unsent, err error) {
	var written, masked string
	var saved int64
	if err := row.Scan(&u.Person, &u.RequestType, &u.Key, &written, &masked, &saved); err != nil {
		return tickets.Unsent{}, err
	}
	u.SavedAt = fromMillis(saved)
	return u, errors.Join(json.Unmarshal([]byte(written), &u.Values), json.Unmarshal([]byte(masked), &u.Masked))
}

func scanFile(row scanner) (a tickets.Attachment, err error) {
	return a, row.Scan(&a.ID, &a.Name, &a.Type, &a.Size)
}

const (
	oneUnsent   = `SELECT ` + unsentColumns + ` FROM unsent u WHERE u.person_id = ? AND u.request_type = ?`
	filesOfOne  = `SELECT id, name, type, size FROM unsent_files WHERE person_id = ? AND request_type = ? ORDER BY nth`
	unsentNone  = "error.not_found"
	unsentMoved = "request.changed"
)

// Unsent implements tickets.Forms.
func (s *Forms) Unsent(ctx context.Context, person account.PersonID, requestType string) (u tickets.Unsent, err error) {
	defer fault.Wrap(&err, "read an unsent request")
	if u, err = scanUnsent(s.db.queryRow(ctx, oneUnsent, person, requestType)); err != nil {
		return tickets.Unsent{}, found(err, unsentNone)
	}
	return s.withFiles(ctx, u)
}

func (s *Forms) withFiles(ctx context.Context, u tickets.Unsent) (tickets.Unsent, error) {
	r, err := s.db.query(ctx, filesOfOne, u.Person, u.RequestType)
	u.Attachments, err = rows(r, err, scanFile)
	return u, err
}

// AllUnsent implements tickets.Forms.
func (s *Forms) AllUnsent(ctx context.Context, person account.PersonID) (all []tickets.Unsent, err error) {
	defer fault.Wrap(&err, "list unsent requests")
	r, err := s.db.query(ctx, `SELECT `+unsentColumns+` FROM unsent u WHERE u.person_id = ? ORDER BY u.saved_at DESC, u.request_type`, person)
	if all, err = rows(r, err, scanUnsent); err != nil {
		return nil, err
	}
	for i, u := range all {
		if all[i], err = s.withFiles(ctx, u); err != nil {
			return nil, err
		}
	}
	return all, nil
}

const keepUnsent = `
	INSERT INTO unsent (person_id, request_type, key, written, masked, saved_at) VALUES (?, ?, ?, ?, ?, ?)
	ON CONFLICT (person_id, request_type) DO UPDATE SET key = excluded.key, written = excluded.written, masked = excluded.masked, saved_at = excluded.saved_at`

// Keep implements tickets.Forms.
func (s *Forms) Keep(ctx context.Context, u tickets.Unsent) (err error) {
	defer fault.Wrap(&err, "keep an unsent request")
	written, err1 := json.Marshal(u.Values)
	masked, err2 := json.Marshal(u.Masked)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	return s.db.inTx(ctx, func(tx *tx) error {
		if sent, err := tx.changedUnder(ctx, u.Key); err != nil || sent {
			return err
		}
		_, err := tx.exec(ctx, keepUnsent, u.Person, u.RequestType, u.Key, string(written), string(masked), millis(u.SavedAt))
		return err
	})
}

// changedUnder reports whether a ticket was changed under a key.
func (t *tx) changedUnder(ctx context.Context, key string) (bool, error) {
	var n int
	err := t.queryRow(ctx, `SELECT COUNT(*) FROM ticket_changes WHERE key = ?`, key).Scan(&n)
	return n > 0, err
}

const (
	beginUnsent = `
		INSERT INTO unsent (person_id, request_type, key, written, masked, saved_at) VALUES (?, ?, ?, '{}', 'null', ?)
		ON CONFLICT (person_id, request_type) DO UPDATE SET saved_at = excluded.saved_at`
	countFiles = `SELECT COUNT(*), COALESCE(MAX(nth), 0) FROM unsent_files WHERE person_id = ? AND request_type = ?`
	addFile    = `INSERT INTO unsent_files (id, person_id, request_type, name, type, size, nth) VALUES (?, ?, ?, ?, ?, ?, ?)`
)

// Attach implements tickets.Forms.
func (s *Forms) Attach(ctx context.Context, u tickets.Unsent, a tickets.Attachment, most int) (err error) {
	defer fault.Wrap(&err, "attach a file to an unsent request")
	return s.db.inTx(ctx, func(tx *tx) error {
		sent, err := tx.changedUnder(ctx, u.Key)
		if err != nil {
			return err
		}
		if sent {
			return fault.New(fault.Conflict, unsentMoved)
		}
		if _, err := tx.exec(ctx, beginUnsent, u.Person, u.RequestType, u.Key, millis(u.SavedAt)); err != nil {
			return err
		}
		var n, last int
		if err := tx.queryRow(ctx, countFiles, u.Person, u.RequestType).Scan(&n, &last); err != nil {
			return err
		}
		if n >= most {
			return fault.New(fault.Invalid, "files.too_many", fault.Values{"Max": most})
		}
		_, err = tx.exec(ctx, addFile, a.ID, u.Person, u.RequestType, a.Name, a.Type, a.Size, last+1)
		return err
	})
}

// Detach implements tickets.Forms.
func (s *Forms) Detach(ctx context.Context, person account.PersonID, requestType, file string) (err error) {
	defer fault.Wrap(&err, "take a file from an unsent request")
	return s.db.inTx(ctx, func(tx *tx) error {
		n, err := tx.exec(ctx, `DELETE FROM unsent_files WHERE id = ? AND person_id = ? AND request_type = ?`, file, person, requestType)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "files.gone")
		}
		return err
	})
}

// File implements tickets.Forms.
func (s *Forms) File(ctx context.Context, person account.PersonID, file string) (a tickets.Attachment, err error) {
	defer fault.Wrap(&err, "find a file of an unsent request")
	a, err = scanFile(s.db.queryRow(ctx, `SELECT id, name, type, size FROM unsent_files WHERE id = ? AND person_id = ?`, file, person))
	return a, found(err, "files.gone")
}

// Send implements tickets.Forms.
func (s *Forms) Send(ctx context.Context, year int, c tickets.Change, requestType string) (t tickets.Ticket, err error) {
	defer fault.Wrap(&err, "send a request")
	person := c.Ticket.Author
	err = s.db.inTx(ctx, func(tx *tx) error {
		if sent, err := tx.changedUnder(ctx, c.Key); err != nil || sent {
			if err == nil {
				t, err = tx.openTicket(ctx, year, c) // returns what was opened then
			}
			return err
		}
		attached, err := tx.filesOf(ctx, person, requestType)
		if err != nil {
			return err
		}
		if !slices.Equal(attached, c.Ticket.Attachments) {
			return fault.New(fault.Conflict, unsentMoved)
		}
		if t, err = tx.openTicket(ctx, year, c); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `DELETE FROM unsent WHERE person_id = ? AND request_type = ?`, person, requestType)
		return err
	})
	return t, err
}

func (t *tx) filesOf(ctx context.Context, person account.PersonID, requestType string) ([]tickets.Attachment, error) {
	s, err := t.statement(ctx, filesOfOne)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, person, requestType)
	return rows(r, err, scanFile)
}

// Discard implements tickets.Forms.
func (s *Forms) Discard(ctx context.Context, person account.PersonID, requestType string) (files []tickets.Attachment, err error) {
	defer fault.Wrap(&err, "discard an unsent request")
	err = s.db.inTx(ctx, func(tx *tx) error {
		if files, err = tx.filesOf(ctx, person, requestType); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `DELETE FROM unsent WHERE person_id = ? AND request_type = ?`, person, requestType)
		return err
	})
	return files, err
}

// Deflect implements tickets.Forms.
func (s *Forms) Deflect(ctx context.Context, d tickets.Deflection) (err error) {
	defer fault.Wrap(&err, "remember a request that was not needed")
	return s.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `INSERT INTO deflections (key, article, lang, request_type, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
			d.Key, d.Article, d.Lang, d.RequestType, millis(d.At))
		return err
	})
}

const countDeflections = `
	SELECT article, lang, request_type, COUNT(*)
	FROM   deflections WHERE at >= ?
	GROUP  BY article, lang, request_type
	ORDER  BY COUNT(*) DESC, article, lang, request_type`

// Deflections implements tickets.Forms.
func (s *Forms) Deflections(ctx context.Context, since time.Time) (all []tickets.Deflected, err error) {
	defer fault.Wrap(&err, "count requests that were not needed")
	r, err := s.db.query(ctx, countDeflections, millis(since))
	return rows(r, err, func(row scanner) (d tickets.Deflected, err error) {
		return d, row.Scan(&d.Article, &d.Lang, &d.RequestType, &d.Times)
	})
}
