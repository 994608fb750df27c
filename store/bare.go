package store

import "context"

// Bare keeps texts and nothing else, by the same writer and with the same
// promises as everything: what the database itself can do, for benchmarks.
type Bare struct{ db *DB }

// NewBare makes room for texts in a database.
func NewBare(ctx context.Context, db *DB) (*Bare, error) {
	return &Bare{db}, db.inTx(ctx, func(tx *tx) error {
		return tx.run(ctx, `CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body TEXT NOT NULL)`)
	})
}

// Insert keeps a text. It returns when that is on disk.
func (b *Bare) Insert(ctx context.Context, text string) error {
	return b.db.inTx(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `INSERT INTO bare (body) VALUES (?)`, text)
		return err
	})
}
