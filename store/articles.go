package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/kb"
)

// Articles is the knowledge base in the database.
type Articles struct{ db *DB }

var _ kb.Store = (*Articles)(nil)

// NewArticles returns the knowledge base kept in a database.
func NewArticles(db *DB) *Articles { return &Articles{db: db} }

const articleColumns = `
	id, lang, title, questions, tags, application, audience, status, review_by, related, body,
	origin, hash, revision, updated_at, updated_by`

const getArticle = `SELECT ` + articleColumns + ` FROM kb_articles WHERE id = ? AND lang = ?`

// Article implements kb.Store.
func (s *Articles) Article(ctx context.Context, key kb.Key) (a kb.Article, err error) {
	defer fault.Wrap(&err, "read article %s", key)
	a, err = scanArticle(s.db.queryRow(ctx, getArticle, key.ID, key.Lang))
	return a, found(err, "kb.not_found")
}

const listArticles = `
	SELECT ` + articleColumns + ` FROM kb_articles
	WHERE (? = '' OR lang = ?) AND (? = '' OR status = ?)
	ORDER BY id, lang`

// Articles implements kb.Store.
func (s *Articles) Articles(ctx context.Context, f kb.Filter) (all []kb.Article, err error) {
	defer fault.Wrap(&err, "list articles")
	r, err := s.db.query(ctx, listArticles, f.Lang, f.Lang, f.Status, f.Status)
	all, err = rows(r, err, func(row scanner) (kb.Article, error) { return scanArticle(row) })
	if err != nil || f.Audiences == nil {
		return all, err
	}
	return slices.DeleteFunc(all, func(a kb.Article) bool { return !slices.Contains(f.Audiences, a.Audience) }), nil
}

const (
	nextChange = `UPDATE kb_feed SET last = last + 1`
	lastChange = `SELECT last FROM kb_feed`

	addArticle = `
		INSERT INTO kb_articles (title, questions, tags, application, audience, status, review_by, related, body,
			origin, hash, revision, updated_at, updated_by, seq, id, lang)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id, lang) DO NOTHING`
	replaceArticle = `
		UPDATE kb_articles SET title = ?, questions = ?, tags = ?, application = ?, audience = ?, status = ?,
			review_by = ?, related = ?, body = ?, origin = ?, hash = ?, revision = ?, updated_at = ?, updated_by = ?, seq = ?
		WHERE id = ? AND lang = ? AND revision = ?`
	addRevision = `INSERT INTO kb_revisions (id, lang, revision, article) VALUES (?, ?, ?, ?)`
)

// Save implements kb.Store.
func (s *Articles) Save(ctx context.Context, articles ...kb.Article) (err error) {
	defer fault.Wrap(&err, "save %d articles", len(articles))
	if len(articles) == 0 {
		return nil
	}
	return s.db.inTx(ctx, func(tx *tx) error {
		for _, a := range articles {
			if err := tx.saveArticle(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) saveArticle(ctx context.Context, a kb.Article) error {
	replaces := a.Revision
	a.Revision, a.Hash = replaces+1, a.Fingerprint()
	// The counter's row stays locked until the commit: numbers become visible in order.
	if _, err := t.exec(ctx, nextChange); err != nil {
		return err
	}
	var seq int64
	if err := t.queryRow(ctx, lastChange).Scan(&seq); err != nil {
		return err
	}
	row := []any{
		a.Title, wordList(a.Questions), wordList(a.Tags), a.Application, a.Audience, a.Status,
		millis(a.ReviewBy), wordList(a.Related), a.Body,
		a.Origin, a.Hash, a.Revision, millis(a.UpdatedAt), a.UpdatedBy, seq, a.ID, a.Lang,
	}
	statement := addArticle
	if replaces > 0 {
		statement, row = replaceArticle, append(row, replaces)
	}
	switch n, err := t.exec(ctx, statement, row...); {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "kb.changed_meanwhile", fault.Values{"Article": a.Key().String()})
	}
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, addRevision, a.ID, a.Lang, a.Revision, string(text))
	return err
}

const listRevisions = `SELECT article FROM kb_revisions WHERE id = ? AND lang = ? ORDER BY revision DESC`

// Revisions implements kb.Store.
func (s *Articles) Revisions(ctx context.Context, key kb.Key) (all []kb.Revision, err error) {
	defer fault.Wrap(&err, "list revisions of article %s", key)
	r, err := s.db.query(ctx, listRevisions, key.ID, key.Lang)
	return rows(r, err, func(row scanner) (kb.Revision, error) {
		var text string
		var revision kb.Revision
		if err := row.Scan(&text); err != nil {
			return revision, err
		}
		return revision, json.Unmarshal([]byte(text), &revision.Article)
	})
}

const listChanges = `
	SELECT ` + articleColumns + `, seq FROM kb_articles
	WHERE seq > ? ORDER BY seq LIMIT ?`

// Changes implements kb.Store.
func (s *Articles) Changes(ctx context.Context, after int64, limit int) (all []kb.Change, err error) {
	defer fault.Wrap(&err, "list changes of articles after %d", after)
	r, err := s.db.query(ctx, listChanges, after, limit)
	return rows(r, err, func(row scanner) (c kb.Change, err error) {
		c.Article, err = scanArticle(row, &c.Seq)
		return c, err
	})
}

// LastChange implements kb.Store.
func (s *Articles) LastChange(ctx context.Context) (seq int64, err error) {
	defer fault.Wrap(&err, "read the last change of articles")
	err = s.db.queryRow(ctx, lastChange).Scan(&seq)
	return seq, err
}

// RecordVote implements kb.Store.
func (s *Articles) RecordVote(ctx context.Context, v kb.Vote) (err error) {
	defer fault.Wrap(&err, "record a vote on article %s", v.Article)
	return s.db.inTx(ctx, func(tx *tx) error { return tx.recordVote(ctx, v) })
}

const addVote = `
	INSERT INTO kb_votes (id, lang, voter, helpful, at)
	SELECT id, lang, ?, ?, ? FROM kb_articles WHERE id = ? AND lang = ?
	ON CONFLICT (id, lang, voter) DO UPDATE SET helpful = excluded.helpful, at = excluded.at`

// recordVote keeps a vote as part of a larger transaction.
func (t *tx) recordVote(ctx context.Context, v kb.Vote) error {
	n, err := t.exec(ctx, addVote, v.Voter, boolInt(v.Helpful), millis(v.At), v.Article.ID, v.Article.Lang)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "kb.not_found")
	}
	return err
}

const countVotes = `SELECT id, lang, SUM(helpful), COUNT(*) FROM kb_votes GROUP BY id, lang`

// Votes implements kb.Store.
func (s *Articles) Votes(ctx context.Context) (tallies map[kb.Key]kb.Tally, err error) {
	defer fault.Wrap(&err, "count votes")
	r, err := s.db.query(ctx, countVotes)
	tallies = map[kb.Key]kb.Tally{}
	_, err = rows(r, err, func(row scanner) (t kb.Tally, err error) {
		var key kb.Key
		var cast int
		err = row.Scan(&key.ID, &key.Lang, &t.Helpful, &cast)
		t.Unhelpful = cast - t.Helpful
		tallies[key] = t
		return t, err
	})
	return tallies, err
}

// Votes are counted here and not by the database: to read them in the order in
// which they lie there is several times faster than to group them.
const (
	listEdits = `SELECT id, lang, updated_at FROM kb_articles`
	listVotes = `SELECT id, lang, helpful, at FROM kb_votes WHERE at >= ? AND voter NOT LIKE ?`
)

// Judgements implements kb.Store.
func (s *Articles) Judgements(ctx context.Context, since time.Time) (all []kb.Judgement, err error) {
	defer fault.Wrap(&err, "count judgements")
	edited := map[kb.Key]int64{}
	r, err := s.db.query(ctx, listEdits)
	if _, err = rows(r, err, func(row scanner) (_ struct{}, err error) {
		var key kb.Key
		var at int64
		err = row.Scan(&key.ID, &key.Lang, &at)
		edited[key] = at
		return struct{}{}, err
	}); err != nil {
		return nil, err
	}
	week := (7 * 24 * time.Hour).Milliseconds()
	place := map[kb.Judgement]int{} // in all; by the judgement with no count
	r, err = s.db.query(ctx, listVotes, millis(since), kb.SiteVoter+"%")
	if _, err = rows(r, err, func(row scanner) (_ struct{}, err error) {
		var j kb.Judgement
		var at int64
		err = row.Scan(&j.Article.ID, &j.Article.Lang, &j.Helpful, &at)
		j.Before, j.At = at < edited[j.Article], fromMillis(at/week*week+week/2)
		i, known := place[j]
		if !known {
			i = len(all)
			place[j], all = i, append(all, j)
		}
		all[i].Count++
		return struct{}{}, err
	}); err != nil {
		return nil, err
	}
	return all, nil
}

// scanArticle reads articleColumns, and into further what follows them.
func scanArticle(row scanner, further ...any) (a kb.Article, err error) {
	var questions, tags, related string
	var reviewBy, updatedAt int64
	var by string
	columns := []any{
		&a.ID, &a.Lang, &a.Title, &questions, &tags, &a.Application, &a.Audience, &a.Status, &reviewBy, &related, &a.Body,
		&a.Origin, &a.Hash, &a.Revision, &updatedAt, &by,
	}
	if err := row.Scan(append(columns, further...)...); err != nil {
		return a, err
	}
	a.ReviewBy, a.UpdatedAt, a.UpdatedBy = fromMillis(reviewBy), fromMillis(updatedAt), account.PersonID(by)
	return a, errors.Join(unlist(questions, &a.Questions), unlist(tags, &a.Tags), unlist(related, &a.Related))
}

// wordList writes words as JSON.
func wordList(words []string) string {
	text, err := json.Marshal(append([]string{}, words...))
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text)
}

// unlist reads what wordList wrote; no words are nil.
func unlist(text string, words *[]string) error {
	if text == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(text), words)
}
