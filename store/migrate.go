package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"sportello/internal/fault"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// ErrNewer says that a newer version of the program wrote the database.
var ErrNewer = fault.New(fault.Unavailable, "error.database_newer")

// migrate brings the tables up to date: numbered steps, forward only.
func migrate(ctx context.Context, db *sql.DB) error {
	steps, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, steps)
	if err != nil {
		return err
	}
	has, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; has > newest {
		return ErrNewer.Because(fmt.Errorf("it has step %d, this program knows %d", has, newest))
	}
	if _, err := provider.Up(ctx); err != nil && !errors.Is(err, goose.ErrNoNextVersion) {
		return err
	}
	return nil
}

// Version is the number of the last migration applied.
func (d *DB) Version(ctx context.Context) (version int64, err error) {
	defer fault.Wrap(&err, "read database version")
	err = d.queryRow(ctx, `SELECT MAX(version_id) FROM goose_db_version`).Scan(&version)
	return version, err
}
