package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sportello/bot"
	"sportello/internal/freeport"
	"sportello/store"
	"sportello/tickets"
	"sportello/tickets/intake"

	"github.com/emersion/go-smtp"
)

// mailsKilled is how many mails the service is killed in the middle of; more
// with SPORTELLO_MAILS, 5000 for the bar.
func mailsKilled(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("SPORTELLO_MAILS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 600
}

// The service is killed at random moments while a mail server delivers an
// ordinary and hostile mix, and comes back each time. Whatever it accepted is
// there, once; whatever it did not accept comes again.
// killsAmong so many mails, evenly spread: however fast they are taken in.
func killsAmong(mails int) int { return max(5, mails/120) }

// waitUntil reports false if it was done before the condition came true.
func waitUntil(done <-chan struct{}, condition func() bool) bool {
	for !condition() {
		select {
		case <-done:
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
	return true
}

func TestKilledWhileMailComesInNothingIsLostAndNothingIsThereTwice(t *testing.T) {
	mails := mailsKilled(t)
	o := &postOffice{t: t, data: t.TempDir(), address: fmt.Sprintf("127.0.0.1:%d", freeport.Choose(t))}
	door := fmt.Sprintf("127.0.0.1:%d", freeport.Choose(t))
	o.config = filepath.Join(o.data, "sportello.yaml")
	text := "log:\n  level: warn\naccount:\n  external: false\nintake:\n  authserv_id: mx.giustizia.it\n  per_hour: 1000000\n  lmtp:\n    listen: " + door + "\n"
	if err := os.WriteFile(o.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o.watch()
	o.start()

	var accepted, next atomic.Int64
	var senders sync.WaitGroup
	begin := time.Now()
	for range 8 {
		senders.Go(func() {
			for i := int(next.Add(1)) - 1; i < mails; i = int(next.Add(1)) - 1 {
				if !untilAccepted(t, door, i) {
					return
				}
				accepted.Add(1)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		senders.Wait()
		close(done)
	}()
	kills := 0
	for kills < killsAmong(mails) && waitUntil(done, func() bool { return int(accepted.Load()) > (kills+1)*mails/(killsAmong(mails)+1) }) {
		time.Sleep(rand.N(20 * time.Millisecond)) // anywhere within a mail
		kills++
		o.kill()
		o.start()
	}
	<-done
	t.Logf("%d mails in %.1f s with %d kills", mails, time.Since(begin).Seconds(), kills)
	if int(accepted.Load()) != mails || kills < killsAmong(mails)-1 {
		t.Fatalf("%d of %d mails were accepted, with %d kills", accepted.Load(), mails, kills)
	}
	for i := range min(mails, 100) { // copies of what was accepted
		if !untilAccepted(t, door, i) {
			t.Fatal("a copy was not accepted")
		}
	}
	o.kill()
	judgeMails(t, o.data, mails, true)
}

// untilAccepted delivers a mail again and again, as a mail server does.
func untilAccepted(t *testing.T, door string, i int) bool {
	raw, _ := mixedMail(i)
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", door)
		if err != nil {
			continue // it is dead
		}
		client := smtp.NewClientLMTP(conn)
		err = deliverMail(client, raw)
		client.Close()
		if err == nil {
			return true
		}
	}
	t.Errorf("mail %d was never accepted", i)
	return false
}

// judgeMails checks what became of the first mails of the mix, and of the
// letters where none was sent yet.
func judgeMails(t *testing.T, data string, mails int, letters bool) {
	t.Helper()
	db, err := store.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want := map[intake.Outcome]int{}
	opens := map[string]bool{}
	for i := range mails {
		_, outcome := mixedMail(i)
		if want[outcome]++; outcome == intake.Opened {
			opens[fmt.Sprintf("Guasto caso%d", i)] = true
		}
	}
	desk, in := store.NewTickets(db), store.NewIntake(db)
	seen := map[string]int{}
	numbers := map[tickets.Number]bool{}
	for after := int64(0); ; {
		events, err := desk.Happenings(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			if after = e.Seq; e.Kind != tickets.KindOpened {
				continue
			}
			k, err := desk.Ticket(t.Context(), e.Ticket)
			if err != nil {
				t.Fatal(err)
			}
			seen[k.Subject]++
			numbers[k.Number] = true
		}
	}
	for subject := range opens {
		if seen[subject] != 1 {
			t.Errorf("%q has %d tickets", subject, seen[subject])
		}
	}
	if len(seen) != len(opens) || len(numbers) != len(opens) {
		t.Errorf("%d subjects and %d numbers of %d tickets", len(seen), len(numbers), len(opens))
	}
	held := 0
	for before := ""; ; {
		list, err := in.Quarantined(t.Context(), before, 200)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		held, before = held+len(list), list[len(list)-1].ID
	}
	if held != want[intake.Held] {
		t.Errorf("%d mails are held, not %d", held, want[intake.Held])
	}
	if letters {
		judgeLetters(t, db, min(7, want[intake.Refused]))
	}
}

// judgeLetters checks that each of so many senders is told once that their
// mail was refused.
func judgeLetters(t *testing.T, db *store.DB, senders int) {
	t.Helper()
	talks := store.NewConversations(db)
	told := map[string]int{}
	for {
		letters, err := talks.Due(t.Context(), bot.MailChannel, time.Now().Add(time.Hour), 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(letters) == 0 {
			break
		}
		for _, l := range letters {
			told[l.To]++
			if err := talks.Delivered(t.Context(), l.ID, "", time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for who, n := range told {
		if n != 1 || !strings.HasSuffix(who, "@studio.example") {
			t.Errorf("%s was answered %d times", who, n)
		}
	}
	if len(told) != senders {
		t.Errorf("%d senders were answered, not %d", len(told), senders)
	}
}

// The same with a mailbox that is read: a mail leaves it only once it is kept.
func TestKilledWhileItReadsAMailboxNothingIsLostAndNothingIsThereTwice(t *testing.T) {
	mails := mailsKilled(t) / 2
	o := openPostOffice(t, "imap")
	all := make([][]byte, mails)
	for i := range all {
		all[i], _ = mixedMail(i)
	}
	for part := range 4 { // it arrives while it is read
		o.dovecot.Drop(helpBox, all[part*mails/4:(part+1)*mails/4]...)
		time.Sleep(100*time.Millisecond + rand.N(500*time.Millisecond))
		o.kill()
		o.start()
	}
	o.eventually("the mailbox is empty and all is put away", func() bool {
		return len(o.dovecot.Mails(helpBox)) == 0 && len(o.dovecot.MailsIn(helpBox, "Processed")) >= mails
	})
	o.kill()
	if err := o.db.Close(); err != nil {
		t.Fatal(err)
	}
	judgeMails(t, o.data, mails, false)
}
