package mailpeer_test

import (
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"sportello/internal/mailpeer"
)

// arrives waits until an inbox holds a mail with these words.
func arrives(t *testing.T, d *mailpeer.Dovecot, p *mailpeer.Postfix, address, words string) {
	t.Helper()
	for until := time.Now().Add(mailpeer.Patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		for _, mail := range d.Mails(address) {
			if strings.Contains(mail, words) {
				return
			}
		}
	}
	t.Fatalf("nothing with %q came to %s\n%s\n%s", words, address, p.Log(), d.Log())
}

func TestAMailGoesThroughBothServers(t *testing.T) {
	d := mailpeer.StartDovecot(t)
	p := mailpeer.StartPostfix(t, d, []string{"anna.verdi", "assistenza"}, "message_size_limit = 100000")
	send := func(to string, text string) error {
		return smtp.SendMail(fmt.Sprintf("%s:%d", p.Host, p.Port), nil, "anna.verdi@giustizia.it", []string{to},
			[]byte("From: anna.verdi@giustizia.it\r\nTo: "+to+"\r\nSubject: Prova\r\n\r\n"+text+"\r\n"))
	}
	if err := send("assistenza@giustizia.it", "la stampante non stampa"); err != nil {
		t.Fatalf("%v\n%s", err, p.Log())
	}
	arrives(t, d, p, "assistenza@giustizia.it", "la stampante non stampa")
	if err := send("nessuno@giustizia.it", "x"); err == nil || !strings.Contains(err.Error(), "5.1.1") {
		t.Errorf("a mailbox that is not there gets %v, want 5.1.1", err)
	}
	if err := send("assistenza@giustizia.it", strings.Repeat("troppo ", 20000)); err == nil {
		t.Error("a setting of the test's own has no effect: a mail that is too large was taken")
	}
	if err := send("avvocato@studio.example", "x"); err != nil {
		t.Fatal(err)
	}
	arrives(t, d, p, "anna.verdi@giustizia.it", "no mail leaves this machine")
}

func TestMailWaitsWhileTheMailboxesAreAway(t *testing.T) {
	d := mailpeer.StartDovecot(t)
	p := mailpeer.StartPostfix(t, d, []string{"assistenza"})
	d.Stop()
	err := smtp.SendMail(fmt.Sprintf("%s:%d", p.Host, p.Port), nil, "a@giustizia.it", []string{"assistenza@giustizia.it"}, []byte("Subject: Più tardi\r\n\r\npazienza\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	d.Start()
	arrives(t, d, p, "assistenza@giustizia.it", "pazienza")
}

func TestARelaySaysOnEachMailWhatItFoundOut(t *testing.T) {
	d := mailpeer.StartDovecot(t)
	p := mailpeer.StartRelay(t, d, []string{"assistenza"}, nil)
	for sender, want := range map[string]string{
		"anna@giustizia.it":    "mx.giustizia.it; spf=pass smtp.mailfrom=giustizia.it; dmarc=pass header.from=giustizia.it",
		"rossi@studio.example": "dmarc=pass header.from=studio.example",
		"evil@altrove.example": "mx.giustizia.it; spf=fail; dmarc=fail",
	} {
		err := smtp.SendMail(fmt.Sprintf("%s:%d", p.Host, p.Port), nil, sender, []string{"assistenza@giustizia.it"}, []byte("Subject: Prova\r\n\r\ntesto\r\n"))
		if err != nil {
			t.Fatalf("%v\n%s", err, p.Log())
		}
		arrives(t, d, p, "assistenza@giustizia.it", want)
	}
	if strings.Contains(p.Log(), "overriding earlier entry") { // see StartPostfix
		t.Errorf("something is set twice:\n%s", p.Log())
	}
}

func TestServersEndWithTheirTest(t *testing.T) {
	var ports []int
	t.Run("a test", func(t *testing.T) {
		d := mailpeer.StartDovecot(t)
		ports = []int{d.IMAP, d.LMTP, mailpeer.StartPostfix(t, d, nil).Port}
	})
	for _, port := range ports {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			conn.Close()
			t.Errorf("somebody still listens on port %d", port)
		}
	}
}
