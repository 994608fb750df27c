package rank_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/lang/it"
	"github.com/blevesearch/bleve/v2/index/scorch"
	_ "modernc.org/sqlite"

	"sportello/search"
)

// peer is what another engine needs to be measured; it never abstains.
type peer struct {
	put   func([]search.Document) error
	find  func(ctx context.Context, text string, limit int) ([]string, error)
	close func() error
	seq   int64
	docs  int
}

func (p *peer) Search(ctx context.Context, q search.Query) (search.Result, error) {
	ids, err := p.find(ctx, q.Text, q.Limit)
	r := search.Result{Query: q.Text, Lang: q.Lang, Decision: search.Answer}
	for _, id := range ids {
		r.Hits = append(r.Hits, search.Hit{ID: id})
	}
	return r, err
}

func (p *peer) Suggest(context.Context, search.Query) ([]search.Suggestion, error) { return nil, nil }

func (p *peer) Apply(_ context.Context, seq int64, put []search.Document, _ []search.Key) error {
	p.seq = seq
	p.docs += len(put)
	return p.put(put)
}

func (p *peer) Seq() int64              { return p.seq }
func (p *peer) Documents() (int, error) { return p.docs, nil }
func (p *peer) Close() error            { return p.close() }

// whole is the text of a document that the peers search beside its title.
func whole(d search.Document) string {
	parts := append([]string{}, d.Questions...)
	parts = append(parts, d.Tags...)
	for _, s := range d.Sections {
		parts = append(parts, s.Heading, s.Text)
	}
	return strings.Join(parts, "\n")
}

// stockBleve is bleve with its Italian analyzer and BM25, title counting double.
func stockBleve(dir string) (search.Index, error) {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = it.AnalyzerName
	m.ScoringModel = "bm25"
	index, err := bleve.NewUsing(dir, m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, err
	}
	return &peer{
		put: func(docs []search.Document) error {
			batch := index.NewBatch()
			for _, d := range docs {
				if err := batch.Index(d.ID, map[string]string{"title": d.Title, "body": whole(d)}); err != nil {
					return err
				}
			}
			return index.Batch(batch)
		},
		find: func(ctx context.Context, text string, limit int) ([]string, error) {
			title, body := bleve.NewMatchQuery(text), bleve.NewMatchQuery(text)
			title.SetField("title")
			title.SetBoost(2)
			body.SetField("body")
			found, err := index.SearchInContext(ctx, bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(title, body), limit, 0, false))
			if err != nil {
				return nil, err
			}
			var ids []string
			for _, h := range found.Hits {
				ids = append(ids, h.ID)
			}
			return ids, nil
		},
		close: index.Close,
	}, nil
}

// fts5 is SQLite's full-text index with BM25, accents removed, title counting double.
func fts5(dir string) (search.Index, error) {
	db, err := sql.Open("sqlite", filepath.Join(filepath.Dir(dir), "fts5.db"))
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(`create virtual table articles using fts5(id unindexed, title, body, tokenize = "unicode61 remove_diacritics 2")`); err != nil {
		return nil, err
	}
	return &peer{
		put: func(docs []search.Document) error {
			tx, err := db.Begin()
			if err != nil {
				return err
			}
			defer tx.Rollback()
			for _, d := range docs {
				if _, err := tx.Exec(`insert into articles values (?, ?, ?)`, d.ID, d.Title, whole(d)); err != nil {
					return err
				}
			}
			return tx.Commit()
		},
		find: func(ctx context.Context, text string, limit int) ([]string, error) {
			words := strings.FieldsFunc(text, func(r rune) bool {
				return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r >= 0x80) || r == '’'
			})
			if len(words) == 0 {
				return nil, nil
			}
			match := `"` + strings.Join(words, `" or "`) + `"`
			rows, err := db.QueryContext(ctx, `select id from articles where articles match ? order by bm25(articles, 0, 2, 1) limit ?`, strings.ReplaceAll(match, " or ", " OR "), limit)
			if err != nil {
				return nil, err
			}
			defer rows.Close()
			var ids []string
			for rows.Next() {
				var id string
				if err := rows.Scan(&id); err != nil {
					return nil, err
				}
				ids = append(ids, id)
			}
			return ids, rows.Err()
		},
		close: db.Close,
	}, nil
}
