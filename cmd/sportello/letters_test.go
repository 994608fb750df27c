package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sportello/bot"
	"sportello/bot/mail"
	"sportello/internal/mailpeer"
)

var codeLetter = bot.Outgoing{
	ID: "LETTER1", Channel: bot.MailChannel, To: "anna.verdi@giustizia.it", Kind: bot.LetterCode, Lang: "it", Secret: true,
	Subject: "Il Suo codice", Markdown: "Il Suo codice è **482913**.\n\n[Apra il portale](https://example.it/)",
}

func TestTheDemonstrationShowsLettersAsTheyWouldBeSent(t *testing.T) {
	a := testApp(t)
	pages := newDemoPages(a)
	if _, err := pages.box.Send(t.Context(), codeLetter); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	pages.letters(w, httptest.NewRequest(http.MethodGet, "/demo/mailbox?to=Anna.Verdi@giustizia.it", nil))
	var letters []struct {
		To, Subject, Text, HTML string
		Links                   []string
		At                      time.Time
	}
	if err := json.Unmarshal(w.Body.Bytes(), &letters); err != nil || len(letters) != 1 {
		t.Fatalf("%v in %s", err, w.Body)
	}
	l := letters[0]
	if l.Text != "Il Suo codice è 482913.\n\nApra il portale" || l.Subject != codeLetter.Subject || time.Since(l.At) > time.Minute {
		t.Errorf("the letter is %+v", l)
	}
	if len(l.Links) != 1 || l.Links[0] != "https://example.it/" || !strings.Contains(l.HTML, "482913") || !strings.Contains(l.HTML, "Non risponda a questa e-mail") {
		t.Errorf("the HTML, with links to %q, is\n%s", l.Links, l.HTML)
	}
}

func TestALetterOfTheServiceArrivesThroughARealServer(t *testing.T) {
	d := mailpeer.StartDovecot(t)
	p := mailpeer.StartPostfix(t, d, []string{"anna.verdi"})
	a := testApp(t)
	a.config.Mail = mail.Config{Host: p.Host, Port: p.Port, From: "noreply@giustizia.it", Name: "Help Desk", TLS: "none"}
	if err := a.config.Mail.Check(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.postman().Send(t.Context(), codeLetter); err != nil {
		t.Fatalf("%v\n%s", err, p.Log())
	}
	for until := time.Now().Add(mailpeer.Patience); ; time.Sleep(20 * time.Millisecond) {
		mails := d.Mails(codeLetter.To)
		if len(mails) == 0 && time.Now().Before(until) {
			continue
		}
		text := strings.ReplaceAll(strings.Join(mails, "\n"), "=\n", "")
		for _, words := range []string{"482913", "Message-ID: <LETTER1@giustizia.it>", "multipart/alternative", a.material.book.Number, "X-Sportello: notice"} {
			if !strings.Contains(text, words) {
				t.Errorf("the letter lacks %q:\n%s\n%s", words, text, p.Log())
			}
		}
		return
	}
}
