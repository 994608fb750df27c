package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/google/go-cmp/cmp"
)

func openIn(t *testing.T, dir string) *DB {
	t.Helper()
	db, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// hold keeps the writer busy until the function it returns is called.
func hold(t *testing.T, db *DB) (release func()) {
	t.Helper()
	begun, end, done := make(chan bool), make(chan bool), make(chan error)
	go func() {
		done <- db.inTx(context.Background(), func(*tx) error {
			close(begun)
			<-end
			return nil
		})
	}()
	<-begun
	return func() {
		close(end)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// together has the works committed in one batch and returns what each came to.
func together(t *testing.T, db *DB, works ...func(*tx) error) []error {
	t.Helper()
	release := hold(t, db)
	var all sync.WaitGroup
	results := make([]error, len(works))
	for i, work := range works {
		all.Go(func() { results[i] = db.inTx(context.Background(), work) })
	}
	for len(db.jobs) < len(works) {
		runtime.Gosched()
	}
	release()
	all.Wait()
	return results
}

// note writes a line that notes counts.
func note(name string) func(*tx) error {
	return func(tx *tx) error {
		_, err := tx.exec(context.Background(), `INSERT INTO ticket_changes (key, ticket_id) VALUES (?, '')`, name)
		return err
	}
}

func notes(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.queryRow(t.Context(), `SELECT COUNT(*) FROM ticket_changes`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWritesThatArriveTogetherShareOneCommit(t *testing.T) {
	db := openIn(t, t.TempDir())
	var works []func(*tx) error
	commits := map[*tx]bool{}
	for i := range 100 {
		works = append(works, func(tx *tx) error {
			commits[tx] = true // only the writer gets here
			return note(fmt.Sprint(i))(tx)
		})
	}
	if err := errors.Join(together(t, db, works...)...); err != nil {
		t.Fatal(err)
	}
	if len(commits) != 1 || notes(t, db) != 100 {
		t.Errorf("%d writes are kept by %d commits, want 100 by one", notes(t, db), len(commits))
	}
}

func TestAFailedWriteUndoesItsOwnPartOnly(t *testing.T) {
	db := openIn(t, t.TempDir())
	refused := fault.New(fault.Conflict, "error.conversation")
	results := together(t, db, note("before"),
		func(tx *tx) error { return errors.Join(note("undone")(tx), refused) },
		func(tx *tx) error {
			if err := note("undone, too")(tx); err != nil {
				return err
			}
			panic("a defect")
		},
		note("before"), // the key is taken
		note("after"))
	if results[0] != nil && results[3] != nil || results[4] != nil {
		t.Errorf("good writes failed: %v", results)
	}
	if !errors.Is(results[1], refused) {
		t.Errorf("a refused write gets %v, want its own error", results[1])
	}
	if results[2] == nil || !strings.Contains(results[2].Error(), "a defect") {
		t.Errorf("a write that panicked gets %v", results[2])
	}
	if results[0] == nil && results[3] == nil {
		t.Error("a key was kept twice")
	}
	if n := notes(t, db); n != 2 {
		t.Errorf("%d lines are kept, want 2", n)
	}
	if err := db.inTx(t.Context(), func(*tx) error { panic("alone") }); err == nil || !strings.Contains(err.Error(), "alone") {
		t.Errorf("a lonely write that panicked gets %v", err)
	}
	if err := db.inTx(t.Context(), note("the next day")); err != nil {
		t.Errorf("the writer does not go on: %v", err)
	}
}

func TestClosingWaitsForTheWritesUnderWay(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	queued, closed := make(chan error, 10), make(chan error)
	for i := range 10 {
		go func() { queued <- db.inTx(context.Background(), note(fmt.Sprint(i))) }()
	}
	for len(db.jobs) < 10 {
		runtime.Gosched()
	}
	go func() { closed <- db.Close() }()
	<-db.closing
	select {
	case <-closed:
		t.Error("closed while a write was under way")
	default:
	}
	release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	for range 10 {
		if err := <-queued; err != nil {
			t.Errorf("a write that was accepted failed: %v", err)
		}
	}
	if err := db.inTx(t.Context(), note("too late")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a write after closing gets %v", err)
	}
	if n := notes(t, openIn(t, dir)); n != 10 {
		t.Errorf("%d lines are kept, want 10", n)
	}
}

// limit sets how many pages the database may have, which is how a full disk
// looks to it.
func limit(t *testing.T, db *DB, pages int) {
	t.Helper()
	if err := db.inTx(t.Context(), func(tx *tx) error {
		_, err := tx.exec(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAFullDiskLosesNothingThatWasAcknowledged(t *testing.T) {
	db := openIn(t, t.TempDir())
	talks := NewConversations(db)
	id, err := talks.Start(t.Context(), bot.Record{Conversation: bot.Conversation{ID: "c", Channel: "widget", Lang: "it"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	receive := func(i int) error {
		_, _, err := talks.Receive(t.Context(), bot.Inbound{Conversation: id, Channel: "widget", ID: fmt.Sprint(i)},
			bot.Event{Author: bot.User, Text: strings.Repeat("x", 20_000)})
		return err
	}
	limit(t, db, 1) // as many as there are
	var mu sync.Mutex
	var all sync.WaitGroup
	kept, refused := 0, 0
	for i := range 60 {
		all.Go(func() {
			err := receive(i)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				kept++
				return
			}
			refused++
			if phrase, _ := fault.Public(err); phrase != "error.disk" || !fault.Is(err, fault.Unavailable) {
				t.Errorf("on a full disk the caller gets %v", err)
			}
		})
	}
	all.Wait()
	if refused == 0 {
		t.Fatal("the disk was never full")
	}
	check := func(want int) {
		t.Helper()
		events, err := talks.Events(t.Context(), id, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			if e.Seq != int64(i+1) {
				t.Fatalf("event %d has number %d", i+1, e.Seq)
			}
		}
		var inbounds, unread int
		if err := db.queryRow(t.Context(), `SELECT (SELECT COUNT(*) FROM inbounds), unread FROM conversations`).Scan(&inbounds, &unread); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{want, want, want}, []int{len(events), inbounds, unread}); diff != "" {
			t.Errorf("events, inbounds, unread (-want +got):\n%s", diff)
		}
	}
	check(kept)
	limit(t, db, 1<<30)
	for i := range 60 {
		if err := receive(i); err != nil { // those that were kept are copies now
			t.Fatalf("with room again: %v", err)
		}
	}
	check(60)
}

func TestWritersWhoAreLockedOutAreToldSoon(t *testing.T) {
	dir := t.TempDir()
	db, other := openIn(t, dir), openIn(t, dir)
	if _, err := db.writing.ExecContext(t.Context(), "PRAGMA busy_timeout = 300"); err != nil {
		t.Fatal(err)
	}
	release := hold(t, other)
	begin := time.Now()
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if err := db.inTx(t.Context(), note(fmt.Sprint(i))); !fault.Is(err, fault.Unavailable) {
				t.Errorf("locked out, a writer gets %v", err)
			}
		})
	}
	all.Wait()
	if took := time.Since(begin); took > 6*time.Second {
		t.Errorf("40 writers waited one after the other: %v", took)
	}
	release()
	if err := db.inTx(t.Context(), note("again")); err != nil {
		t.Error(err)
	}
}

func TestTwoProcessesWriteSideBySide(t *testing.T) {
	dir := t.TempDir()
	dbs := make([]*DB, 2)
	var opening sync.WaitGroup
	for i := range dbs { // both find an empty folder
		opening.Go(func() {
			var err error
			if dbs[i], err = Open(t.Context(), dir); err != nil {
				t.Error(err)
			}
		})
	}
	opening.Wait()
	if t.Failed() {
		t.FailNow()
	}
	for _, db := range dbs {
		defer db.Close()
	}
	id := bot.ConversationID("c")
	if _, err := NewConversations(dbs[0]).Start(t.Context(), bot.Record{Conversation: bot.Conversation{ID: id, Channel: "widget"}}, nil); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 120 {
		all.Go(func() {
			_, _, err := NewConversations(dbs[i%2]).Receive(t.Context(), bot.Inbound{Conversation: id, Channel: "widget", ID: fmt.Sprint(i / 4)}, bot.Event{Author: bot.User, Text: "?"})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, db := range dbs {
		events, err := NewConversations(db).Events(t.Context(), id, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) != 30 || events[29].Seq != 30 {
			t.Errorf("30 messages, each delivered to both processes twice, became %d events", len(events))
		}
	}
}

// files are the contents of a folder by name.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range list {
		body, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name()] = string(body)
	}
	return all
}

func TestADatabaseOfANewerVersionIsRefusedUntouched(t *testing.T) {
	for name, journal := range map[string]string{"with a write-ahead log": "WAL", "as a backup leaves it": "DELETE"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := Open(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open("sqlite", filepath.Join(dir, FileName))
			if err != nil {
				t.Fatal(err)
			}
			_, err = raw.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
			if err == nil {
				_, err = raw.ExecContext(t.Context(), `PRAGMA journal_mode = `+journal)
			}
			if err := errors.Join(err, raw.Close()); err != nil {
				t.Fatal(err)
			}
			before := files(t, dir)
			_, err = Open(t.Context(), dir)
			if phrase, _ := fault.Public(err); !errors.Is(err, ErrNewer) || phrase != "error.database_newer" {
				t.Errorf("opening gives %v, want ErrNewer", err)
			}
			if diff := cmp.Diff(before[FileName], files(t, dir)[FileName]); diff != "" {
				t.Error("the file was changed")
			}
		})
	}
}

func TestADamagedDatabaseIsNamedAndLeftAlone(t *testing.T) {
	whole := t.TempDir()
	db, err := Open(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	good := files(t, whole)[FileName]
	for name, body := range map[string]string{
		"not a database":             strings.Repeat("Gentile Utente, ", 1000),
		"a few bytes":                "SQLite",
		"garbage after the header":   good[:100] + strings.Repeat("\xff", len(good)-100),
		"garbage in the later pages": good[:4096] + strings.Repeat("\xa5", len(good)-4096),
		"cut off":                    good[:5000],
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, FileName)
			if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := Open(t.Context(), dir)
			if err == nil {
				db.Close()
				t.Fatal("it opens")
			}
			if phrase, _ := fault.Public(err); phrase != "error.database_broken" || !strings.Contains(err.Error(), file) {
				t.Errorf("opening gives %v, want error.database_broken and the name of the file", err)
			}
			if files(t, dir)[FileName] != body {
				t.Error("the file was changed")
			}
		})
	}
}

func TestAFolderOfAnyNameHoldsADatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dati #1? 100% è")
	db := openIn(t, dir)
	if err := db.inTx(t.Context(), note("one")); err != nil {
		t.Fatal(err)
	}
	if _, there := files(t, dir)[FileName]; !there {
		t.Error("the database is not in the folder")
	}
}
