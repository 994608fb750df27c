package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sportello/internal/htmlcheck"
	"sportello/web/api"
)

// Whatever way a request came in by, it stands in the one list of its person,
// and says by which: in the portal, in the chat, for programs.
func TestTicketsOfEveryChannelStandInOneList(t *testing.T) {
	o := openPostOffice(t, "lmtp", "anna.bianchi", "olga.operatore")
	anna := o.correspondent("anna.bianchi@giustizia.it", "--name", "Anna Bianchi", "--office", "Tribunale di Bari", "--area", "sud")
	olga := o.correspondent("olga.operatore@giustizia.it", "--name", "Olga Operatore", "--role", "operator", "--team", "sud", "--team", "smistamento")
	olga.signIn()
	anna.signIn()

	// By mail.
	o.send(anna.email, anna.email, "Consolle: fascicoli fermi", "La Consolle non scarica i fascicoli da ieri.")
	o.eventually("the mail is a ticket", func() bool { return len(o.of(anna.email)) == 1 })

	// By a form of the catalogue.
	form := printerForm()
	to, page := anna.post("/servizi/stampante-scanner", form)
	if !strings.HasPrefix(to, "/ticket/") { // an article may solve it: not this time
		_, seen, _ := strings.Cut(page, `name="seen" value="`)
		seen, _, _ = strings.Cut(seen, `"`)
		form.Set("seen", seen)
		if to, page = anna.post("/servizi/stampante-scanner", form); !strings.HasPrefix(to, "/ticket/") {
			t.Fatalf("the form leads to %s: %s", to, page)
		}
	}

	// By telephone, written down by the operator.
	olga.post("/desk/call", url.Values{"key": {key("call")}, "caller_text": {anna.email}, "branch": {"1.4"}, "subject": {"VPN, non parte"}})

	// By a program that has a token of hers.
	token := o.run("account", "token", anna.email, "--scope", "tickets:read", "--scope", "tickets:write")
	programs := func(method, path, body string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, siteOf+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		answer, err := (&http.Client{Transport: front(o.address)}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	answer := programs(http.MethodPost, "/api/v1/tickets", `{"application":"teams","subject":"Teams: audio assente","body":"Non sento i colleghi."}`)
	answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		t.Fatalf("the program is answered %s", answer.Status)
	}

	// By the chat.
	anna.calls()
	anna.says("apri un ticket per outlook che non si apre", "?")
	for _, said := range []string{"sì", "per me", "Outlook: non si apre", "Outlook si chiude da solo appena lo apro, già riavviato", "solo io"} {
		anna.says(said, "")
	}
	for range 6 { // what this form asks besides
		if heard := anna.says("salta", ""); strings.Contains(heard, "Ecco il ticket") {
			break
		}
	}
	anna.says("invia", "Ho aperto il ticket")

	list := anna.get("/ticket")
	htmlcheck.InString(t, list, htmlcheck.Count(".card-ticket", 5))
	cards, err := htmlcheck.Texts(list, ".card-ticket")
	if err != nil {
		t.Fatal(err)
	}
	subjects := map[string]struct{ channel, words, chat string }{
		"Consolle: fascicoli fermi":     {"email", "da: E-mail", "da posta elettronica"},
		"Scanner: luce arancione fissa": {"portal", "da: Portale", "da portale"},
		"VPN, non parte":                {"phone", "da: Telefono", "da telefono"},
		"Teams: audio assente":          {"api", "da: Altro programma", "da altro programma"},
		"Outlook: non si apre":          {"widget", "da: Chat del sito", "da chat del sito"},
	}
	all := strings.Join(cards, "\n")
	for subject, want := range subjects {
		found := false
		for _, card := range cards {
			found = found || strings.Contains(card, subject) && strings.Contains(card, want.words)
		}
		if !found {
			t.Errorf("no ticket %q %q in the list:\n%s", subject, want.words, all)
		}
	}

	answer = programs(http.MethodGet, "/api/v1/tickets", "")
	defer answer.Body.Close()
	var listed struct{ Tickets []api.Ticket }
	if err := json.NewDecoder(answer.Body).Decode(&listed); err != nil || len(listed.Tickets) != 5 {
		t.Fatalf("the program reads %d tickets, %v", len(listed.Tickets), err)
	}
	for _, k := range listed.Tickets {
		if k.Channel != subjects[k.Subject].channel {
			t.Errorf("for programs %q came by %q", k.Subject, k.Channel)
		}
	}

	heard := anna.says("come vanno i miei ticket", "Outlook: non si apre")
	for subject, want := range subjects {
		if line := subject + ": Ricevuto (" + want.chat + ")"; !strings.Contains(heard, line) {
			t.Errorf("the chat does not list %q:\n%s", line, heard)
		}
	}
	// And each is found by its channel.
	for _, want := range subjects {
		htmlcheck.InString(t, anna.get("/ticket?channel="+want.channel), htmlcheck.Count(".card-ticket", 1), htmlcheck.Contains(".card-ticket", want.words))
	}
}
