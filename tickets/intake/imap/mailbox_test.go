package imap

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/internal/fault"
	"sportello/internal/mailpeer"
	"sportello/tickets/intake"
)

const box = "assistenza@" + mailpeer.Domain

// desk takes mails in, as a test tells it to.
type desk struct {
	mu    sync.Mutex
	fails map[string]error // by a word of the mail
	tried map[string]int
	taken []string // subjects
	held  []string // subject and reason
}

func newDesk() *desk { return &desk{fails: map[string]error{}, tried: map[string]int{}} }

func subject(raw []byte) string {
	for line := range strings.Lines(string(raw)) {
		if s, is := strings.CutPrefix(line, "Subject: "); is {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

func (d *desk) Take(_ context.Context, raw []byte, _ intake.Envelope) (intake.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := subject(raw)
	d.tried[s]++
	if err := d.fails[s]; err != nil {
		return intake.Result{}, err
	}
	d.taken = append(d.taken, s)
	return intake.Result{Outcome: intake.Opened}, nil
}

func (d *desk) Hold(_ context.Context, raw []byte, _ intake.Envelope, why intake.Reason) (intake.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = append(d.held, subject(raw)+" "+string(why))
	return intake.Result{Outcome: intake.Held}, nil
}

func (d *desk) has(subjects ...string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range subjects {
		if !slices.Contains(d.taken, s) {
			return false
		}
	}
	return true
}

func mailOf(subject string) []byte {
	return []byte("From: anna@giustizia.it\r\nSubject: " + subject + "\r\n\r\ntesto\r\n")
}

// reading reads a mailbox until the test ends.
func reading(t *testing.T, d *mailpeer.Dovecot, desk *desk, change func(*Mailbox)) {
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(d.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := &Mailbox{
		Config:   intake.IMAP{Host: "127.0.0.1", Port: d.IMAP, TLS: "none", Username: box, PasswordFile: password, Mailbox: "INBOX", Processed: "Processed"},
		MaxBytes: 64 << 10, Taker: desk, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(m)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { m.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(mailpeer.Patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func TestMailsAreTakenInOnceTheyArriveAndPutAway(t *testing.T) {
	d, desk := mailpeer.StartDovecot(t), newDesk()
	for i := range 70 { // more than are read at a time
		d.Drop(box, mailOf(fmt.Sprint("prima ", i)))
	}
	reading(t, d, desk, nil)
	eventually(t, "those that lay there are taken in", func() bool {
		return desk.has("prima 0", "prima 69") && len(d.MailsIn(box, "Processed")) == 70
	})
	d.Drop(box, mailOf("dopo"))
	eventually(t, "one that arrives is taken in at once", func() bool { return desk.has("dopo") && len(d.MailsIn(box, "Processed")) == 71 })
	eventually(t, "none is left", func() bool { return len(d.Mails(box)) == 0 }) // the server takes a moved one away last
	for s, n := range desk.tried {
		if n != 1 {
			t.Errorf("%s was taken %d times", s, n)
		}
	}
}

func TestWithoutAFolderForThemMailsAreDeletedOnceTaken(t *testing.T) {
	d, desk := mailpeer.StartDovecot(t), newDesk()
	d.Drop(box, mailOf("una"), mailOf("due"))
	reading(t, d, desk, func(m *Mailbox) { m.Config.Processed = "" })
	eventually(t, "the mailbox is empty", func() bool { return desk.has("una", "due") && len(d.Mails(box)) == 0 })
}

func TestAMailThatFailsStaysAndStandsInNobodysWay(t *testing.T) {
	d, desk := mailpeer.StartDovecot(t), newDesk()
	desk.fails["veleno"] = errors.New("a defect")
	desk.fails["pieno"] = fault.New(fault.Unavailable, "error.disk")
	d.Drop(box, mailOf("veleno"), mailOf("pieno"), mailOf("buona"))
	reading(t, d, desk, nil)
	eventually(t, "the good one is taken in", func() bool { return desk.has("buona") })
	eventually(t, "the bad one is tried again", func() bool {
		desk.mu.Lock()
		defer desk.mu.Unlock()
		return desk.tried["veleno"] >= 2 && desk.tried["pieno"] >= 2
	})
	if left := d.Mails(box); len(left) != 2 {
		t.Errorf("%d mails are left", len(left))
	}
	desk.mu.Lock()
	delete(desk.fails, "pieno")
	desk.mu.Unlock()
	eventually(t, "one that was not to blame is taken in", func() bool { return desk.has("pieno") })
}

func TestAMailThatFailsAgainAndAgainGoesToQuarantine(t *testing.T) {
	d, desk := mailpeer.StartDovecot(t), newDesk()
	desk.fails["veleno"] = errors.New("a defect")
	d.Drop(box, mailOf("veleno"))
	reading(t, d, desk, func(m *Mailbox) { m.pause = 10 * time.Millisecond })
	eventually(t, "it is held", func() bool {
		desk.mu.Lock()
		defer desk.mu.Unlock()
		return slices.Contains(desk.held, "veleno unworkable")
	})
	eventually(t, "it is put away", func() bool { return len(d.Mails(box)) == 0 })
}

func TestOfAMailThatIsTooLargeTheHeaderIsHeld(t *testing.T) {
	for _, processed := range []string{"Processed", ""} {
		d, desk := mailpeer.StartDovecot(t), newDesk()
		d.Drop(box, append(mailOf("enorme"), make([]byte, 80<<10)...), mailOf("buona"))
		reading(t, d, desk, func(m *Mailbox) { m.Config.Processed = processed })
		eventually(t, "the good one is taken in", func() bool { return desk.has("buona") })
		want := 0
		if processed == "" { // nothing else has the whole of it
			want = 1
		}
		eventually(t, "only the large one stays, if it would be deleted", func() bool { return len(d.Mails(box)) == want })
		desk.mu.Lock()
		if !slices.Equal(desk.held, []string{"enorme large"}) {
			t.Errorf("held %v", desk.held)
		}
		desk.mu.Unlock()
	}
}

func TestAfterTheServerCameBackMailIsReadAgain(t *testing.T) {
	d, desk := mailpeer.StartDovecot(t), newDesk()
	d.Drop(box, mailOf("prima"))
	reading(t, d, desk, nil)
	eventually(t, "the first is taken in", func() bool { return desk.has("prima") })
	d.Stop()
	d.Drop(box, mailOf("intanto"))
	d.Start()
	eventually(t, "the second is taken in", func() bool { return desk.has("intanto") })
}

func TestWithoutNewsFromTheServerItLooksByItself(t *testing.T) {
	d, desk := mailpeer.StartDovecot(t), newDesk()
	reading(t, d, desk, func(m *Mailbox) { m.IdleFor = 200 * time.Millisecond })
	for i := range 5 {
		d.Drop(box, mailOf(fmt.Sprint(i)))
		eventually(t, "it is taken in", func() bool { return desk.has(fmt.Sprint(i)) })
	}
}
