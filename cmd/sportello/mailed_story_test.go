package main

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sportello/internal/htmlcheck"
	"sportello/tickets"
	"sportello/tickets/intake"
)

// A mail through real servers is a ticket of its sender's wherever they look;
// what the operator lacks reaches them by mail and in the chat. What nobody
// vouches for waits for the operator, who lets it in.
func TestTheStoryOfAMail(t *testing.T) {
	o := openPostOffice(t, "lmtp", "anna.bianchi", "olga.operatore")
	anna := o.correspondent("anna.bianchi@giustizia.it", "--name", "Anna Bianchi", "--office", "Tribunale di Bari", "--area", "sud")
	olga := o.correspondent("olga.operatore@giustizia.it", "--name", "Olga Operatore", "--role", "operator", "--team", "sud", "--team", "smistamento")
	olga.signIn()

	o.send(anna.email, "Anna Bianchi <"+anna.email+">", "Consolle: fascicoli fermi", "La Consolle non scarica i fascicoli da ieri.")
	o.eventually("Anna has a ticket", func() bool { return len(o.of(anna.email)) == 1 })
	k := o.of(anna.email)[0]
	path := "/ticket/" + string(k.Number)

	// She signs in with a code that the relay brings, and sees it.
	anna.signIn()
	htmlcheck.InString(t, anna.get("/ticket"), htmlcheck.Count(".card-ticket", 1), htmlcheck.Contains(".card-ticket", string(k.Number)), htmlcheck.Contains(".card-ticket", "da: E-mail"))
	htmlcheck.InString(t, anna.get(path), htmlcheck.Contains("h1", "Consolle: fascicoli fermi"), htmlcheck.Contains("#request", "La Consolle non scarica i fascicoli da ieri."))

	// Nobody who is not on it sees more than that there is none.
	if answer, err := olga.http.Get(siteOf + "/ticket/2026-999999"); err != nil || answer.StatusCode != 404 {
		t.Errorf("a ticket that is none: %v, %v", answer, err)
	}

	// The operator asks; while she has no chat, the relay brings it.
	question := func(text string) {
		t.Helper()
		_, page := olga.post("/desk"+path+"/ask", url.Values{"key": {key(text)}, "text": {text}, "version": {fmt.Sprint(o.of(anna.email)[0].Version)}})
		htmlcheck.InString(t, page, htmlcheck.Has(".head .s-waiting"))
	}
	question("Quale fascicolo non si scarica?")
	letter := anna.letter("Quale fascicolo non si scarica?")
	if !strings.Contains(letter, string(k.Number)) || !strings.Contains(letter, siteOf+path) {
		t.Errorf("the letter is %s", letter)
	}
	htmlcheck.InString(t, anna.get("/ticket"), htmlcheck.Contains(".asked", string(k.Number)))
	anna.post(path+"/message", url.Values{"key": {key("answer")}, "text": {"Il 1234/2026."}})
	if now := o.of(anna.email)[0]; now.Status == tickets.Waiting {
		t.Error("it still waits after her answer")
	}

	// In the chat she is told of it, and then of what is asked next.
	anna.calls()
	if heard := anna.hears(string(k.Number)); !strings.Contains(heard.Text, "Consolle: fascicoli fermi") {
		t.Errorf("the chat says %q", heard.Text)
	}
	question("Da quale PC lavora?\n- etichetta\n- stanza")
	if asked := anna.hears("Da quale PC lavora?\n- etichetta\n- stanza"); !asked.Notice || !asked.Awaits {
		t.Errorf("the notice comes as %+v", asked)
	}
	anna.says("dal PC INV-0042", "Ho aggiunto il messaggio")
	htmlcheck.InString(t, anna.get(path), htmlcheck.Contains(".timeline", "dal PC INV-0042"), htmlcheck.None("#question section"))
	htmlcheck.InString(t, olga.get("/desk"+path), htmlcheck.Contains(".timeline", "dal PC INV-0042"), htmlcheck.Has(".timeline .message.user"))

	// Forged in her name: nobody is written to, and it waits at the desk.
	before := len(o.dovecot.Mails(anna.email))
	o.send("evil@elsewhere.example", "Anna Bianchi <"+anna.email+">", "Smart card bloccata", "La tessera non viene letta da stamattina.")
	o.eventually("it is held", func() bool { return len(o.held()) == 1 })
	held := o.held()[0]
	page := olga.get("/desk/mail")
	htmlcheck.InString(t, page, htmlcheck.Count(".mails li", 1), htmlcheck.Contains(".mails", "Smart card bloccata"), htmlcheck.Has(".mails .why"))
	if len(o.of(anna.email)) != 1 {
		t.Error("a forged mail is a ticket")
	}
	time.Sleep(2 * time.Second) // a letter would be there by now: those before took less
	if after := len(o.dovecot.Mails(anna.email)); after != before {
		t.Errorf("%d letters went out about a forged mail", after-before)
	}
	if held.Reason != intake.Unauthenticated {
		t.Errorf("it is held for %s", held.Reason)
	}

	// The operator called her: it is hers. Released, it is a ticket; pressed
	// twice, it is one.
	for range 2 {
		answer, err := olga.http.PostForm(siteOf+"/desk/mail/"+string(held.ID)+"/release", url.Values{"key": {key("release")}})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	o.eventually("she has it", func() bool { return len(o.of(anna.email)) == 2 })
	htmlcheck.InString(t, olga.get("/desk/mail"), htmlcheck.None(".mails li"))
	list := anna.get("/ticket")
	htmlcheck.InString(t, list, htmlcheck.Count(".card-ticket", 2), htmlcheck.Contains(".cards", "Smart card bloccata"))
	anna.says("come vanno i miei ticket", "Smart card bloccata")
}

// key of a form that a test fills in: the same for the same words.
func key(words string) string {
	return (base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(words)) + strings.Repeat("A", 26))[:26]
}
