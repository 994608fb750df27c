// Package store keeps everything in an SQL database behind the ports of the
// domain packages. Today that is SQLite; the SQL is written so that PostgreSQL
// can run it too: placeholders are ?, times are milliseconds since 1970 (UTC),
// lists and maps are JSON text.
//
// Writes go through one writer that commits what arrives together at once
// (group commit), so many conversations share the price of one fsync. A write
// is acknowledged only after its commit reached the disk.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sportello/internal/fault"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	read    *sql.DB
	reading sync.Map // statement text → *sql.Stmt
	write   *sql.DB
	writing *sql.Conn            // only the writer touches it once it runs
	written map[string]*sql.Stmt // statement text → prepared on writing

	jobs    chan job
	closing chan struct{}
	closed  chan struct{}
	once    sync.Once
}

// most jobs that share one commit
const batchSize = 128

type job struct {
	work func(*tx) error
	done chan error
}

// FileName is the database inside the data folder.
const FileName = "sportello.db"

// Open opens the database in the folder dir, creating both where missing, and
// brings its tables up to date. A database written by a newer version is
// refused untouched, and so is a file that is none or is damaged.
func Open(ctx context.Context, dir string) (_ *DB, err error) {
	file := filepath.Join(dir, FileName)
	defer fault.Wrap(&err, "open database %q", file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	d := &DB{
		written: map[string]*sql.Stmt{},
		jobs:    make(chan job, batchSize),
		closing: make(chan struct{}),
		closed:  make(chan struct{}),
	}
	defer func() {
		if err != nil {
			err = errors.Join(told(err), d.release())
		}
	}()
	if err := refuseNewer(ctx, file); err != nil {
		return nil, err
	}
	name := uri(file) + settings
	if d.write, err = sql.Open("sqlite", name); err != nil {
		return nil, err
	}
	d.write.SetMaxOpenConns(1)
	if err := migrate(ctx, d.write); err != nil {
		return nil, err
	}
	if d.writing, err = d.write.Conn(ctx); err != nil {
		return nil, err
	}
	if d.read, err = sql.Open("sqlite", name); err != nil {
		return nil, err
	}
	d.read.SetMaxOpenConns(4)
	d.read.SetMaxIdleConns(4)
	if err := d.read.PingContext(ctx); err != nil {
		return nil, err
	}
	go d.writer()
	if err := d.wordTickets(ctx); err != nil {
		d.once.Do(func() { close(d.closing) })
		<-d.closed
		return nil, err
	}
	return d, nil
}

// uri is a file's name as SQLite takes it with settings behind.
func uri(file string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(file))
}

const settings = "?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)" +
	"&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-16000)"

// Close waits for the writes under way, then closes the database.
func (d *DB) Close() error {
	d.once.Do(func() { close(d.closing) })
	<-d.closed
	return d.release()
}

func (d *DB) release() error {
	var errs []error
	for _, s := range d.written {
		errs = append(errs, s.Close())
	}
	if d.writing != nil {
		errs = append(errs, d.writing.Close())
	}
	for _, pool := range []*sql.DB{d.read, d.write} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.read.PingContext(ctx) }

// inTx runs work in a transaction and returns after it is on disk. Several
// callers may share one commit, each behind a savepoint of its own: an error
// of one undoes only its own part. work may be run more than once, so it
// assigns what it computes and appends to nothing outside.
func (d *DB) inTx(ctx context.Context, work func(tx *tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := job{work: work, done: make(chan error, 1)}
	select {
	case d.jobs <- j:
	case <-d.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.done:
		return told(err)
	case <-d.closed:
		select {
		case err := <-j.done:
			return told(err)
		default:
			return errClosed
		}
	}
}

var errClosed = fault.New(fault.Unavailable, "error.unavailable").Because(errors.New("database is closed"))

// told gives the failures of the database that people can do something about
// a kind of their own.
func told(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY:
		return fault.New(fault.Unavailable, "error.disk").Because(err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.New(fault.Unavailable, "error.unavailable").Because(err)
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fault.New(fault.Unavailable, "error.database_broken").Because(err)
	}
	return err
}

func (d *DB) writer() {
	defer close(d.closed)
	for {
		select {
		case j := <-d.jobs:
			d.commit(d.gather(j))
		case <-d.closing:
			for {
				select {
				case j := <-d.jobs:
					d.commit(d.gather(j))
				default:
					return
				}
			}
		}
	}
}

func (d *DB) gather(first job) []job {
	batch := []job{first}
	for len(batch) < batchSize {
		select {
		case j := <-d.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch in one transaction. Where the database itself fails (a
// full disk undoes the whole transaction) each job is tried again alone, so
// that none suffers from its neighbour.
func (d *DB) commit(batch []job) {
	results, err := d.try(batch)
	if err != nil && len(batch) > 1 {
		for _, j := range batch {
			d.commit([]job{j})
		}
		return
	}
	for i, j := range batch {
		if err != nil {
			j.done <- err
		} else {
			j.done <- results[i]
		}
	}
}

func (d *DB) try(batch []job) (results []error, err error) {
	ctx := context.Background()
	t := &tx{db: d}
	results = make([]error, len(batch))
	if err := t.run(ctx, "BEGIN IMMEDIATE"); err != nil {
		for i := range results {
			results[i] = err // none would fare better alone, only wait as long again
		}
		return results, nil
	}
	defer func() {
		if err != nil {
			_ = t.run(ctx, "ROLLBACK") // nothing was promised yet; err is what counts
		}
	}()
	for i, j := range batch {
		if len(batch) == 1 {
			if err := run(t, j.work); err != nil {
				return nil, err
			}
			break
		}
		if err := t.run(ctx, "SAVEPOINT one"); err != nil {
			return nil, err
		}
		if results[i] = run(t, j.work); results[i] != nil {
			if err := t.run(ctx, "ROLLBACK TO one"); err != nil {
				return nil, err
			}
		}
		if err := t.run(ctx, "RELEASE one"); err != nil {
			return nil, err
		}
	}
	return results, t.run(ctx, "COMMIT")
}

func run(t *tx, work func(*tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v", p)
		}
	}()
	return work(t)
}

// tx is a write transaction. Only the writer's goroutine uses it.
type tx struct{ db *DB }

// run executes a statement that steers the transaction itself.
func (t *tx) run(ctx context.Context, text string) error {
	_, err := t.exec(ctx, text)
	return err
}

func (t *tx) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, known := t.db.written[text]; known {
		return s, nil
	}
	s, err := t.db.writing.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	t.db.written[text] = s
	return s, nil
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	s, err := t.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *tx) queryRow(ctx context.Context, text string, args ...any) *sql.Row {
	s, err := t.statement(ctx, text)
	if err != nil {
		return t.db.writing.QueryRowContext(ctx, text, args...) // its Scan tells the error
	}
	return s.QueryRowContext(ctx, args...)
}

func (t *tx) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := t.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (d *DB) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, known := d.reading.Load(text); known {
		return s.(*sql.Stmt), nil
	}
	s, err := d.read.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if earlier, raced := d.reading.LoadOrStore(text, s); raced {
		return earlier.(*sql.Stmt), s.Close()
	}
	return s, nil
}

func (d *DB) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := d.statement(ctx, text)
	if err != nil {
		return nil, told(err)
	}
	r, err := s.QueryContext(ctx, args...)
	return r, told(err)
}

func (d *DB) queryRow(ctx context.Context, text string, args ...any) row {
	s, err := d.statement(ctx, text)
	if err != nil {
		return row{d.read.QueryRowContext(ctx, text, args...)} // its Scan tells the error
	}
	return row{s.QueryRowContext(ctx, args...)}
}

// row is a *sql.Row whose failures have their kind.
type row struct{ *sql.Row }

// Scan implements scanner.
func (r row) Scan(dest ...any) error { return told(r.Row.Scan(dest...)) }

// rows scans every row of a query with scan.
func rows[T any](r *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []T
	for r.Next() {
		one, err := scan(r)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, told(r.Err())
}

// scanner is a *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}
