package mail

import (
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"sportello/bot"
	"sportello/internal/mailpeer"
)

// arrived waits for the first mail in an inbox.
func arrived(t *testing.T, d *mailpeer.Dovecot, p *mailpeer.Postfix, address string) string {
	t.Helper()
	for until := time.Now().Add(mailpeer.Patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if mails := d.Mails(address); len(mails) > 0 {
			return mails[0]
		}
	}
	t.Fatalf("nothing came to %s\n%s\n%s", address, p.Log(), d.Log())
	return ""
}

func TestLettersThroughARealServer(t *testing.T) {
	d := mailpeer.StartDovecot(t)
	p := mailpeer.StartPostfix(t, d, []string{"anna.verdi", "rimbalzi"})
	books := &ledger{}
	sender := Sender{
		Config:     Config{Host: p.Host, Port: p.Port, From: "noreply@giustizia.it", Name: "Help Desk", TLS: "none", BounceAddress: "rimbalzi+*@giustizia.it"},
		Letterhead: letterhead(t), Ledger: books, Now: noon,
	}
	t.Run("it arrives, headers and all", func(t *testing.T) {
		l := notice
		l.To = "anna.verdi@giustizia.it"
		id, err := sender.Send(t.Context(), l)
		if err != nil {
			t.Fatalf("%v\n%s", err, p.Log())
		}
		m, err := netmail.ReadMessage(strings.NewReader(arrived(t, d, p, l.To)))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{
			"Return-Path": "<rimbalzi+LETTER7@giustizia.it>", "Message-Id": id, "Auto-Submitted": "auto-generated", "X-Sportello": "notice",
			"Content-Language": "it", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "List-Unsubscribe": "<" + l.Unsubscribe + ">",
		} {
			if got := m.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	})
	t.Run("a mailbox that is not there is refused at once", func(t *testing.T) {
		l := notice
		l.ID, l.To = "REFUSED", "nessuno@giustizia.it"
		if _, err := sender.Send(t.Context(), l); err == nil || len(books.told) != 1 || !books.told[0].Gone || books.told[0].Letter != "REFUSED" {
			t.Errorf("%v, and the ledger hears %+v", err, books.told)
		}
	})
	t.Run("what comes back later names its letter", func(t *testing.T) {
		books.told = nil
		l := notice
		l.ID, l.To = "a/1", "avvocato@studio.example"
		if _, err := sender.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		report := arrived(t, d, p, "rimbalzi@giustizia.it")
		for name, mangle := range map[string]*strings.Replacer{
			"as Postfix wrote it":                   strings.NewReplacer(),
			"without the name that it was given":    strings.NewReplacer("Original-Envelope-Id", "X-Was"),
			"without the headers of the letter":     strings.NewReplacer("text/rfc822-headers", "application/octet-stream"),
			"without the address that it came to":   strings.NewReplacer("rimbalzi+a=2F1", "rimbalzi"),
			"without what is meant to be read only": strings.NewReplacer("message/delivery-status", "application/octet-stream"),
		} {
			books.told = nil
			isReport, err := Returns{Config: sender.Config, Ledger: books, Now: noon}.Take(t.Context(), []byte(mangle.Replace(report)))
			if !isReport || err != nil || len(books.told) != 1 {
				t.Errorf("%s: %v, %v, the ledger hears %+v\n%s", name, isReport, err, books.told, report)
				continue
			}
			if e := books.told[0]; e.Letter != l.ID || !e.Gone || !strings.Contains(e.Reason, "5.1.1") && !strings.Contains(e.Reason, "unknown user") {
				t.Errorf("%s: it is told as %+v", name, e)
			}
		}
	})
}

// notice is a letter with all that one can have.
var notice = bot.Outgoing{
	ID: "LETTER7", Channel: "mail", To: "anna@giustizia.it", Kind: bot.LetterNotice, Lang: "it", Thread: "2026-004512",
	Subject:     "Richiesta 2026-004512: ci serve un'informazione",
	Unsubscribe: "https://assistenza.example.it/unsubscribe/" + strings.Repeat("dG9rZW4", 20),
	Markdown: "Gentile Anna Verdi,\n\nper andare avanti con la richiesta **2026-004512** («SICOGE, non vedo i fascicoli») l'operatore ha bisogno di sapere:\n\n" +
		"> Da quale postazione accede, e da quando non vede i fascicoli?\n\nFinché non risponde, la richiesta resta **in attesa**: dopo dieci giorni lavorativi si chiude da sola.\n\n" +
		"[Apra la richiesta](/tickets/2026-004512)\n\nIntanto può provare così:\n\n1. esca da SICOGE;\n2. svuoti la cache con `Ctrl+Maiusc+Canc`;\n3. rientri e legga [l'articolo sulla cache](/kb/it/browser-pulizia).",
}
