package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot/widget"
	"sportello/internal/freeport"
	"sportello/store"
	"sportello/tickets"
)

// programFolder is where the real binary lies, once it is built.
var programFolder string

// program builds the real binary once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sportello-binary-")
	if err != nil {
		return "", err
	}
	programFolder = dir
	file := filepath.Join(dir, "sportello")
	build := exec.Command("go", "build", "-o", file, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

// served is the real binary, serving a folder.
type served struct {
	address, data string
	more          string // of its configuration
	process       *exec.Cmd
	log           *os.File
}

func serve(t testing.TB) *served {
	t.Helper()
	s := unserved(t)
	s.start(t)
	return s
}

// unserved has a place to listen and a folder, and does not run yet.
func unserved(t testing.TB) *served {
	t.Helper()
	s := &served{address: fmt.Sprintf("127.0.0.1:%d", freeport.Choose(t)), data: t.TempDir()}
	var err error
	if s.log, err = os.Create(filepath.Join(t.TempDir(), "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.kill()
		if text, err := os.ReadFile(s.log.Name()); err == nil && t.Failed() {
			t.Logf("the service said:\n%s", text[max(0, len(text)-8000):])
		}
	})
	return s
}

// start runs the service and returns when it is ready.
func (s *served) start(t testing.TB) {
	t.Helper()
	binary, err := program()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(s.data, "sportello.yaml")
	if err := os.WriteFile(config, []byte("widget:\n  messages_per_minute: 100000\n  starts_per_minute: 100000\napi:\n  reads_per_minute: 1000000\n  changes_per_minute: 1000000\nwebhooks:\n  allow_private: [127.0.0.0/8]\n  timeout: 2s\nlog:\n  level: warn\n"+s.more), 0o600); err != nil {
		t.Fatal(err)
	}
	s.process = exec.Command(binary, "--config", config, "--data", s.data, "serve", "--demo", "--listen", s.address)
	s.process.Stdout, s.process.Stderr = s.log, s.log
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if answer, err := http.Get("http://" + s.address + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the service did not get ready")
}

// kill ends the service as a power cut would.
func (s *served) kill() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait() // it was killed: that is its error
		s.process = nil
	}
}

// How hard the service is tried.
const (
	kills   = 20
	writers = 50
)

// The service is killed 20 times in the middle of 50 conversations in which
// people open tickets. Whatever was acknowledged is there once, every
// conversation goes on, and no ticket is there twice.
func TestKilledInTheMiddleNothingIsLostAndNothingHappensTwice(t *testing.T) {
	s := serve(t)
	db, err := store.Open(t.Context(), s.data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var enough atomic.Bool
	people := make([]*writer, writers)
	for i := range people { // before any of them writes: two processes that write wait for each other
		people[i] = newWriter(t, s, db, i)
	}
	var all sync.WaitGroup
	for _, w := range people {
		all.Go(func() { w.work(&enough) })
	}
	for range kills {
		time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
		s.kill()
		s.start(t)
	}
	enough.Store(true)
	all.Wait()
	acknowledged, opened := 0, 0
	for _, p := range people {
		p.judge(t, store.NewTickets(db))
		acknowledged += len(p.acknowledged)
		opened += p.tickets
	}
	t.Logf("%d kills, %d conversations, %d messages acknowledged, %d tickets", kills, writers, acknowledged, opened)
	if opened < writers {
		t.Errorf("only %d tickets were opened: the test tried too little", opened)
	}
}

// writer is a person who opens one ticket after the other and says every
// message again until it is acknowledged.
type writer struct {
	*posted
	ctx          context.Context
	person       account.Person
	acknowledged map[string]bool // client IDs
	tickets      int             // that the assistant said it opened
	sent         int
	failure      error
}

func newWriter(t *testing.T, s *served, db *store.DB, i int) *writer {
	t.Helper()
	w := &writer{posted: &posted{site: "http://" + s.address}, ctx: t.Context(), acknowledged: map[string]bool{}}
	var started struct{ ID, Token string }
	if _, err := w.call(w.ctx, http.MethodPost, "", map[string]any{"lang": "it"}, &started); err != nil {
		t.Fatal(err)
	}
	w.path, w.token = "/"+started.ID, started.Token
	w.person = account.NewPerson(fmt.Sprintf("persona.%d@giustizia.it", i), false, "it", time.Now())
	change := account.Change{Person: &w.person, Link: &account.Link{
		Identity: account.Identity{Channel: widget.Channel, PlatformID: started.ID}, Person: w.person.ID, At: time.Now(),
	}}
	if err := store.NewAccount(db).Apply(w.ctx, change); err != nil {
		t.Fatal(err)
	}
	return w
}

// preferred choices lead through the form to its end.
var preferred = []string{"Apro comunque un nuovo ticket", "Sì, Stampanti e scanner", "Per me", "Va bene così", "Solo io", "Non lo so", "Salta", "Invia il ticket"}

func (w *writer) work(enough *atomic.Bool) {
	for round := 0; !enough.Load() && w.failure == nil; round++ {
		w.openTicket(round)
	}
}

func (w *writer) openTicket(round int) {
	reply := w.say(map[string]any{"text": fmt.Sprintf("apri un ticket per la stampante numero %d che non stampa", round)})
	for range 40 {
		if w.failure != nil {
			return
		}
		if reply.Ticket != nil && strings.Contains(reply.Text, "Ho aperto il ticket") {
			w.tickets++
			return
		}
		reply = w.say(w.answer(reply))
	}
	w.failure = fmt.Errorf("no ticket after 40 answers; the last was %q", reply.Text)
}

func (w *writer) answer(reply widget.Message) map[string]any {
	for _, label := range preferred {
		for _, c := range reply.Choices {
			if c.Label == label {
				return map[string]any{"choice": c.ID}
			}
		}
	}
	return map[string]any{"text": "Tribunale di Bari, stanza 12"}
}

// say delivers a message until it is acknowledged, and returns the last thing
// the assistant said about it.
func (w *writer) say(body map[string]any) widget.Message {
	w.sent++
	id := fmt.Sprint("m", w.sent)
	body["client_id"] = id
	var seq int64
	w.insist(func() error {
		var sent struct{ Seq int64 }
		refused, err := w.call(w.ctx, http.MethodPost, w.path+"/messages", body, &sent)
		if refused != "" {
			w.failure = fmt.Errorf("message %v was refused: %s", body, refused)
			return nil
		}
		seq = sent.Seq
		return err
	})
	w.acknowledged[id] = true
	var last widget.Message
	w.insist(func() error {
		var news []widget.Message
		if _, err := w.call(w.ctx, http.MethodGet, fmt.Sprintf("%s/events?after=%d", w.path, seq), nil, &news); err != nil {
			return err
		}
		if len(news) == 0 {
			return io.EOF
		}
		last = news[len(news)-1]
		return nil
	})
	return last
}

// insist tries until it works: the service may be down for a moment.
func (w *writer) insist(try func() error) {
	for range 2000 {
		if w.failure != nil || try() == nil {
			return
		}
		time.Sleep(15 * time.Millisecond)
	}
	w.failure = fmt.Errorf("gave up after 30 seconds at message %d", w.sent)
}

// judge compares what the writer knows with what is there.
func (w *writer) judge(t *testing.T, desk *store.Tickets) {
	t.Helper()
	if w.failure != nil {
		t.Errorf("%s: %v", w.person.Email, w.failure)
		return
	}
	messages, err := w.messages(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]int{}
	answered := true
	for _, m := range messages {
		if m.Author == "user" {
			stored[m.ClientID]++
		}
		answered = m.Author != "user"
	}
	for id := range w.acknowledged {
		if stored[id] != 1 {
			t.Errorf("%s: message %s is there %d times", w.person.Email, id, stored[id])
		}
	}
	if !answered {
		t.Errorf("%s: the last message has no answer", w.person.Email)
	}
	mine, err := desk.Of(w.ctx, w.person.ID, tickets.Filter{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	if len(mine) != w.tickets {
		t.Errorf("%s: %d tickets, the assistant opened %d", w.person.Email, len(mine), w.tickets)
	}
	subjects := map[string]bool{}
	for _, one := range mine {
		if subjects[one.Body] {
			t.Errorf("%s: the ticket %q is there twice", w.person.Email, one.Body)
		}
		subjects[one.Body] = true
	}
}
