package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"sportello/internal/fault"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// ErrNewer says that a newer version of the program wrote the database.
var ErrNewer = fault.New(fault.Unavailable, "error.database_newer")

// refuseNewer fails with ErrNewer if a newer version wrote the file. It only
// reads: opening for writing would turn on the write-ahead log.
func refuseNewer(ctx context.Context, file string) (err error) {
	if info, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	db, err := sql.Open("sqlite", uri(file)+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var tables int
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'`).Scan(&tables); err != nil || tables == 0 {
		return err
	}
	steps, err := migrationSteps()
	if err != nil {
		return err
	}
	known, err := fs.Glob(steps, "*.sql")
	if err != nil {
		return err
	}
	newest, err := goose.NumericComponent(known[len(known)-1])
	if err != nil {
		return err
	}
	var has int64
	if err := db.QueryRowContext(ctx, newestStep).Scan(&has); err != nil {
		return err
	}
	if has > newest {
		return fmt.Errorf("it has step %d, this program knows %d: %w", has, newest, ErrNewer)
	}
	return nil
}

func migrationSteps() (fs.FS, error) { return fs.Sub(migrations, "migrations/sqlite") }

// migrate brings the tables up to date: numbered steps, forward only. Another
// process may be doing the same; whoever comes second finds steps taken that
// it was about to take, and looks again.
func migrate(ctx context.Context, db *sql.DB) (err error) {
	steps, err := migrationSteps()
	if err != nil {
		return err
	}
	begin := time.Now()
	for range 50 {
		provider, err := goose.NewProvider(goose.DialectSQLite3, db, steps)
		if err != nil {
			return err
		}
		if _, err = provider.Up(ctx); err == nil || errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if time.Since(begin) > patience {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// patience is how long another process may take over its migrations.
const patience = 10 * time.Second

const newestStep = `SELECT MAX(version_id) FROM goose_db_version`

// Version is the number of the last migration applied.
func (d *DB) Version(ctx context.Context) (version int64, err error) {
	defer fault.Wrap(&err, "read database version")
	err = d.queryRow(ctx, newestStep).Scan(&version)
	return version, err
}
