package main

import (
	"bufio"
	"fmt"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sportello/internal/freeport"
	"sportello/internal/mailpeer"
	"sportello/store"
	"sportello/tickets"
	"sportello/tickets/intake"
)

// helpBox is where mail to the help desk lies.
const helpBox = "assistenza@giustizia.it"

// postOffice is the real binary between real mail servers: Postfix takes mail
// from everybody, the help desk's own comes to us, the rest lies in Dovecot.
type postOffice struct {
	t       *testing.T
	dovecot *mailpeer.Dovecot
	postfix *mailpeer.Postfix
	data    string
	address string
	config  string
	process *exec.Cmd
	log     *os.File
	db      *store.DB
	tickets *store.Tickets
	people  *store.Account
	mails   *store.Intake
}

// openPostOffice starts all of it; by is lmtp or imap. Whoever is to read
// letters has a mailbox, and is written to without delay.
func openPostOffice(t *testing.T, by string, mailboxes ...string) *postOffice {
	t.Helper()
	o := &postOffice{t: t, dovecot: mailpeer.StartDovecot(t), data: t.TempDir(), address: fmt.Sprintf("127.0.0.1:%d", freeport.Choose(t))}
	lmtp := freeport.Choose(t)
	routes := map[string]string{}
	source := fmt.Sprintf("  imap:\n    host: 127.0.0.1\n    port: %d\n    tls: none\n    username: assistenza@giustizia.it\n    password_file: password\n", o.dovecot.IMAP)
	if by == "lmtp" {
		routes["assistenza@giustizia.it"] = fmt.Sprintf("inet:127.0.0.1:%d", lmtp)
		source = fmt.Sprintf("  lmtp:\n    listen: 127.0.0.1:%d\n    recipients: [assistenza@giustizia.it]\n", lmtp)
	}
	o.postfix = mailpeer.StartRelay(t, o.dovecot, append(mailboxes, "assistenza", "prot.bari", "rossi"), routes)
	if len(mailboxes) > 0 {
		source += "notices:\n  group_within: 1s\n"
	}
	o.config = filepath.Join(o.data, "sportello.yaml")
	text := fmt.Sprintf("site_url: https://assistenza.example.it\nlog:\n  level: info\naccount:\n  external: false\nmail:\n  host: 127.0.0.1\n  port: %d\n  from: noreply@giustizia.it\n  tls: none\nintake:\n  authserv_id: %s\n  shared: [\"prot*@giustizia.it\"]\n  per_hour: 100000\n%s",
		o.postfix.Port, mailpeer.AuthservID, source)
	for name, content := range map[string]string{"sportello.yaml": text, "password": o.dovecot.Password} {
		if err := os.WriteFile(filepath.Join(o.data, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.watch()
	o.start()
	var err error
	if o.db, err = store.Open(t.Context(), o.data); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.db.Close() })
	o.tickets, o.people, o.mails = store.NewTickets(o.db), store.NewAccount(o.db), store.NewIntake(o.db)
	return o
}

// watch ends the service with the test, and tells what it said if that failed.
func (o *postOffice) watch() {
	var err error
	if o.log, err = os.Create(filepath.Join(o.t.TempDir(), "log")); err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() {
		o.kill()
		text, err := os.ReadFile(o.log.Name())
		if err != nil || !o.t.Failed() {
			return
		}
		o.t.Logf("the service said:\n%s", text[max(0, len(text)-5000):])
		if o.postfix != nil {
			o.t.Logf("the relay said:\n%s", o.postfix.Log())
		}
	})
}

func (o *postOffice) start() {
	o.t.Helper()
	binary, err := program()
	if err != nil {
		o.t.Fatal(err)
	}
	o.process = exec.Command(binary, "--config", o.config, "--data", o.data, "serve", "--listen", o.address)
	o.process.Stdout, o.process.Stderr = o.log, o.log
	if err := o.process.Start(); err != nil {
		o.t.Fatal(err)
	}
	o.eventually("the service is ready", func() bool {
		answer, err := http.Get("http://" + o.address + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// kill ends the service as a power cut would.
func (o *postOffice) kill() {
	if o.process != nil {
		_ = o.process.Process.Kill()
		_ = o.process.Wait() // it was killed: that is its error
		o.process = nil
	}
}

func (o *postOffice) eventually(what string, is func() bool) {
	o.t.Helper()
	for end := time.Now().Add(2 * mailpeer.Patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if is() {
			return
		}
	}
	o.t.Fatalf("never: %s", what)
}

// send gives a mail to the relay. sender is that of the envelope.
func (o *postOffice) send(sender, from, subject, text string, lines ...string) {
	o.t.Helper()
	head := append([]string{"From: " + from, "To: assistenza@giustizia.it", "Subject: " + subject, fmt.Sprintf("Message-ID: <%d@pc.giustizia.it>", time.Now().UnixNano())}, lines...)
	mail := strings.Join(head, "\r\n") + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n"
	err := smtp.SendMail(fmt.Sprintf("127.0.0.1:%d", o.postfix.Port), nil, sender, []string{"assistenza@giustizia.it"}, []byte(mail))
	if err != nil {
		o.t.Fatal(err)
	}
}

// of lists somebody's tickets.
func (o *postOffice) of(email string) []tickets.Ticket {
	p, err := o.people.PersonByEmail(o.t.Context(), email)
	if err != nil {
		return nil // nobody yet
	}
	list, err := o.tickets.Of(o.t.Context(), p.ID, tickets.Filter{})
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

func (o *postOffice) held() []intake.HeldMail {
	list, err := o.mails.Quarantined(o.t.Context(), "", 100)
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// A mail goes through a real relay, by LMTP or by a real mailbox, and becomes
// a ticket of its sender; what is refused is answered by that relay; what
// nobody vouches for waits for an operator, unanswered.
func TestMailsSentThroughARealServerBecomeTicketsOrAreAnsweredAsSaid(t *testing.T) {
	for _, by := range []string{"lmtp", "imap"} {
		t.Run(by, func(t *testing.T) {
			o := openPostOffice(t, by)
			o.send("anna.bianchi@giustizia.it", "Anna Bianchi <anna.bianchi@giustizia.it>", "Consolle: fascicoli fermi", "La Consolle non scarica i fascicoli.\r\n\r\nCordiali saluti\r\nAnna")
			o.eventually("Anna has a ticket", func() bool { return len(o.of("anna.bianchi@giustizia.it")) == 1 })
			k := o.of("anna.bianchi@giustizia.it")[0]
			if k.Channel != intake.Channel || k.Subject != "Consolle: fascicoli fermi" || k.Body != "La Consolle non scarica i fascicoli." || k.Application != "consolle" {
				t.Errorf("%+v", k)
			}
			o.send("anna.bianchi@giustizia.it", "anna.bianchi@giustizia.it", "Re: Ticket "+string(k.Number), "Ancora ferma")
			o.eventually("her message is on the ticket", func() bool {
				events, err := o.tickets.History(t.Context(), k.ID)
				return err == nil && len(events) == 2 && events[1].Text == "Ancora ferma" && events[1].Channel == intake.Channel
			})

			o.send("rossi@studio.example", "Avv. Rossi <rossi@studio.example>", "PST", "Il portale dei servizi telematici non va, potete aiutarmi?")
			o.send("rossi@studio.example", "Avv. Rossi <rossi@studio.example>", "PST", "Ancora non va, potete rispondere?")
			o.send("prot.bari@giustizia.it", "prot.bari@giustizia.it", "Stampante", "La stampante dell'ufficio non va")
			for _, who := range []string{"rossi@studio.example", "prot.bari@giustizia.it"} {
				o.eventually(who+" is answered", func() bool { return len(o.dovecot.Mails(who)) == 1 })
			}
			answer := o.dovecot.Mails("rossi@studio.example")[0]
			for _, want := range []string{"https://assistenza.example.it", "800.749.049", "Auto-Submitted: auto-"} {
				if !strings.Contains(answer, want) {
					t.Errorf("the answer lacks %s:\n%s", want, answer)
				}
			}

			// Forged: the relay says no, and the line that the mail brought along is not believed.
			o.send("evil@elsewhere.example", "Anna Bianchi <anna.bianchi@giustizia.it>", "Bonifico", "urgente",
				"Authentication-Results: mx.giustizia.it; dmarc=pass header.from=giustizia.it")
			o.send("evil@elsewhere.example", "rossi@elsewhere.example", "Ciao", "x")
			o.send("anna.bianchi@giustizia.it", "anna.bianchi@giustizia.it", "Risposta automatica: x", "in ferie", "Auto-Submitted: auto-replied")
			o.eventually("both are held", func() bool { return len(o.held()) == 2 })
			for _, m := range o.held() {
				if m.Reason != intake.Unauthenticated {
					t.Errorf("held for %s", m.Reason)
				}
			}
			o.eventually("all eight are counted", func() bool { return o.counted() == 8 })
			if n := len(o.of("anna.bianchi@giustizia.it")); n != 1 {
				t.Errorf("Anna has %d tickets", n)
			}
			if n := len(o.dovecot.Mails("rossi@studio.example")); n != 1 {
				t.Errorf("rossi was answered %d times", n)
			}
			if by == "imap" {
				o.eventually("the mailbox is empty and all is put away", func() bool {
					return len(o.dovecot.Mails(helpBox)) == 0 && len(o.dovecot.MailsIn(helpBox, "Processed")) == 8
				})
			}
		})
	}
}

// counted sums what /metrics tells of mails.
func (o *postOffice) counted() (n int) {
	answer, err := http.Get("http://" + o.address + "/metrics")
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	for scan := bufio.NewScanner(answer.Body); scan.Scan(); {
		line := scan.Text()
		if strings.HasPrefix(line, "sportello_mails_total{") {
			var one int
			if _, err := fmt.Sscanf(line[strings.LastIndexByte(line, ' '):], "%d", &one); err == nil {
				n += one
			}
		}
	}
	return n
}
