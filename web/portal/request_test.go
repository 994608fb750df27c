package portal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/contacts"
	"sportello/files"
	"sportello/internal/htmlcheck"
	"sportello/store"
	"sportello/tickets"
	"sportello/web/portal"
)

// counter is a portal with its forms over a real database, and people at it.
type counter struct {
	*site
	desk   *tickets.Desk
	forms  *store.Forms
	people *store.Account
	folder *files.Folder
	now    time.Time
	solved []string
	mario  account.Person
	anna   account.Person
	who    *account.Person // is signed in now
}

func newCounter(t testing.TB, change ...func(*portal.Config, *portal.Deps)) *counter {
	t.Helper()
	db, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	folder, err := files.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = folder.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	book, err := contacts.Read(content)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := tickets.ReadCatalogue(content)
	if err != nil {
		t.Fatal(err)
	}
	terms, err := tickets.ReadTerms(content, book, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{forms: store.NewForms(db), people: store.NewAccount(db), folder: folder, now: noon}
	now := func() time.Time { return c.now }
	c.mario = c.person(t, "mario.rossi@giustizia.it", "Mario Rossi")
	c.anna = c.person(t, "anna.bianchi@giustizia.it", "Anna Bianchi")
	c.who = &c.mario
	feed := &tickets.Feed{Store: store.NewTickets(db), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	c.desk = &tickets.Desk{Store: store.NewTickets(db), Accounts: c.people, Catalogue: catalogue, Terms: terms, Now: now, Changed: feed.Nudge}
	c.site = newSite(t, append([]func(*portal.Config, *portal.Deps){func(_ *portal.Config, d *portal.Deps) {
		d.Tickets, d.Feed, d.Accounts, d.Forms = c.desk, feed, c.people, c.forms
		d.Files = files.New(folder, files.DefaultLimits, nil)
		d.Domains = account.Domains{Employee: []string{"giustizia.it"}, External: true}
		d.Person = func(*http.Request) *account.Person { return c.who }
		d.Now = now
		d.Solved = func(requestType string) { c.solved = append(c.solved, requestType) }
	}}, change...)...)
	c.searcher.silent = true
	return c
}

func (c *counter) person(t testing.TB, email, name string) account.Person {
	t.Helper()
	p := account.NewPerson(email, false, "it", noon)
	p.Name, p.Office, p.Phone = name, "Tribunale di Bari, cancelleria civile", "080 1234567"
	p, err := c.people.Admit(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const theKey = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// consolle is a form that is right in every respect.
func consolle(changes ...string) url.Values {
	form := url.Values{
		"do": {"send"}, "key": {theKey}, "for": {"me"}, "f-office": {"Tribunale di Bari, cancelleria civile"}, "f-subject": {"Consolle: fascicoli non aggiornati"},
		"f-body": {"Da ieri la Consolle non scarica i nuovi fascicoli, ho già riavviato il PC."}, "f-impact": {"me"}, "f-application": {"Consolle del Magistrato"}, "f-court": {"Tribunale di Bari"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

const consollePath = "/servizi/consolle"

// post sends a form as a browser without JavaScript does.
func (c *counter) post(t testing.TB, path string, form url.Values, status int, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.sent(t, r, status, header...)
}

func (c *counter) sent(t testing.TB, r *http.Request, status int, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	if w.Code != status {
		t.Fatalf("POST %s answers %d, want %d: %s", r.URL, w.Code, status, w.Body)
	}
	return w
}

// upload sends a form with files.
func (c *counter) upload(t testing.TB, path string, form url.Values, attached map[string]string, status int, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range form {
		if err := parts.WriteField(name, values[0]); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range attached {
		part, err := parts.CreateFormFile("files", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(part, text)
	}
	_ = parts.Close()
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	return c.sent(t, r, status, header...)
}

func (c *counter) mine(t testing.TB, p account.Person) []tickets.Ticket {
	t.Helper()
	mine, err := c.desk.Mine(t.Context(), p, tickets.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return mine
}

const asData, data = "Accept", "application/json"

func answered[T any](t testing.TB, w *httptest.ResponseRecorder) (answer T) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return answer
}

func TestTheCatalogueShowsEveryRequestByCategory(t *testing.T) {
	c := newCounter(t)
	for _, l := range []string{"it", "en"} {
		path := map[string]string{"it": "/servizi", "en": "/en/services"}[l]
		var checks []htmlcheck.Check
		for _, category := range c.desk.Catalogue.Categories {
			checks = append(checks, htmlcheck.Text("#"+category.ID+" h3", category.Label.In(l)), htmlcheck.Has("#"+category.ID+" h3 svg"))
			for _, r := range category.Types {
				checks = append(checks, htmlcheck.Text("#"+category.ID+" a[href='"+path+"/"+r.ID+"']", r.Label.In(l)))
			}
		}
		htmlcheck.In(t, c.get(t, path, http.StatusOK).Body, checks...)
	}
}

func TestTheCatalogueFindsWhatSomebodyNeeds(t *testing.T) {
	c := newCounter(t)
	for words, want := range map[string]string{
		"la stampante non stampa": "stampante-scanner", "ho dimenticato la password": "reset-password", "deposito rifiutato pct": "pct-deposito",
		"nuova vpn": "nuova-vpn", "the printer is broken": "stampante-scanner", "mail sospetta": "mail-sospetta", "SICOGE non si apre": "sicoge",
	} {
		w := c.get(t, "/servizi?q="+url.QueryEscape(words), http.StatusOK)
		if offered := w.Body.String(); !strings.Contains(offered, `href="/servizi/`+want) {
			t.Errorf("%q: no %s among what is offered", words, want)
		}
		htmlcheck.InString(t, w.Body.String(), htmlcheck.Has(".best a[href^='/servizi/"+want+"?q=']"), htmlcheck.Has("meta[name=robots]"))
	}
	htmlcheck.In(t, c.get(t, "/servizi?q=xyzzy", http.StatusOK).Body, htmlcheck.None(".best"), htmlcheck.Has(".honest a[href='/servizi/informazioni']"))
	htmlcheck.In(t, c.get(t, "/servizi?q="+url.QueryEscape("la mia password è Estate2024! e la stampante non va"), http.StatusOK).Body, htmlcheck.Lacks("body", "Estate2024"))
}

func TestWhatWasToldInTheSearchStandsInTheForm(t *testing.T) {
	c := newCounter(t)
	htmlcheck.In(t, c.get(t, "/servizi/consolle?q="+url.QueryEscape("la consolle non scarica i fascicoli"), http.StatusOK).Body,
		htmlcheck.Attr("#f-subject", "value", "Consolle: non scarica fascicoli"), htmlcheck.Text("#f-body", "la consolle non scarica i fascicoli"),
		htmlcheck.Attr("#f-application", "value", "Consolle del Magistrato"), htmlcheck.Attr("#f-office", "value", c.mario.Office), htmlcheck.Attr("#f-phone", "value", c.mario.Phone))
}

func TestWhatSomebodyAsksMostStandsFirst(t *testing.T) {
	c := newCounter(t)
	htmlcheck.In(t, c.get(t, "/servizi", http.StatusOK).Body, htmlcheck.Text("#asked", "Le richieste più frequenti"), htmlcheck.Has(".shortcuts a[href='/servizi/reset-password']"))
	for i, body := range []string{"Non stampa più nulla da stamattina, carta e toner ci sono.", "Il cassetto della carta è rotto e va sostituito subito, per favore."} {
		form := url.Values{"do": {"send"}, "for": {"me"}, "f-office": {"Bari"}, "f-impact": {"me"}, "f-subject": {[]string{"Stampante: nessuna stampa", "Cassetto carta rotto"}[i]}, "f-body": {body}, "f-label": {"123"}, "f-room": {"4"}}
		c.post(t, "/servizi/stampante-scanner", form, http.StatusSeeOther)
	}
	htmlcheck.In(t, c.get(t, "/servizi", http.StatusOK).Body, htmlcheck.Text("#asked", "Le richieste che fa più spesso"), htmlcheck.Text(".shortcuts li:first-child", "Stampante o scanner"), htmlcheck.Count(".shortcuts li", 1))
}

func TestEveryRequestTypeHasAFormThatSaysWhatIsMissing(t *testing.T) {
	c := newCounter(t)
	for _, category := range c.desk.Catalogue.Categories {
		for _, r := range category.Types {
			for l, services := range map[string]string{"it": "/servizi/", "en": "/en/services/"} {
				t.Run(r.ID+" "+l, func(t *testing.T) {
					page := c.get(t, services+r.ID, http.StatusOK).Body.String()
					checks := []htmlcheck.Check{htmlcheck.Text("h1", r.Label.In(l)), htmlcheck.Attr("html", "lang", l), htmlcheck.None("script:not([src])"), htmlcheck.None(".summary")}
					if len(r.Warning) > 0 {
						checks = append(checks, htmlcheck.Text(".warning", r.Warning.In(l)))
					}
					for _, f := range r.Fields {
						switch f.Kind {
						case tickets.KindPerson:
							checks = append(checks, htmlcheck.Has("fieldset#for input[name=for]"))
						case tickets.KindFiles:
							checks = append(checks, htmlcheck.Has("input[type=file]#files"))
						case tickets.KindChoice:
							checks = append(checks, htmlcheck.Count("fieldset input[name='f-"+f.ID+"']", len(f.Choices)))
						default:
							checks = append(checks, htmlcheck.Contains("label[for='f-"+f.ID+"']", f.Label.In(l)), htmlcheck.Has("[name='f-"+f.ID+"'][aria-describedby]"), htmlcheck.Contains("#f-"+f.ID+"-help", f.Why.In(l)))
						}
					}
					htmlcheck.InString(t, page, checks...)

					wrong := c.post(t, services+r.ID, url.Values{"do": {"send"}}, http.StatusUnprocessableEntity).Body.String()
					checks = []htmlcheck.Check{htmlcheck.Has(".summary[role=alert][autofocus]")}
					required := 0
					for _, f := range r.Fields {
						if !f.Required || f.Kind == tickets.KindApplication && c.desk.Catalogue.Complete(tickets.Draft{RequestType: r.ID}).Application != "" {
							continue // or it follows from the request type
						}
						required++
						anchor := "f-" + f.ID
						switch {
						case f.Kind == tickets.KindPerson:
							anchor = "for-me"
						case f.Kind == tickets.KindChoice:
							anchor += "-" + f.Choices[0].ID
						default:
							checks = append(checks, htmlcheck.Attr("#"+anchor, "aria-invalid", "true"), htmlcheck.Has("#"+anchor+"-error"))
						}
						checks = append(checks, htmlcheck.Has(".summary a[href='#"+anchor+"']"), htmlcheck.Has("#"+anchor))
					}
					htmlcheck.InString(t, wrong, append(checks, htmlcheck.Count(".summary li", required))...)
				})
			}
		}
	}
}

func TestEveryRequestTypeCanBeSent(t *testing.T) {
	c := newCounter(t)
	n := 0
	for _, category := range c.desk.Catalogue.Categories {
		for _, r := range category.Types {
			n++
			form := url.Values{"do": {"send"}, "for": {"me"}}
			for _, f := range r.Fields {
				value := "Voce " + strings.ToUpper(r.ID)
				switch f.Kind {
				case tickets.KindChoice:
					value = f.Choices[0].ID
				case tickets.KindDate:
					value = "2026-12-15"
				case tickets.KindApplication:
					value = "SICID"
				case tickets.KindPerson, tickets.KindFiles:
					continue
				}
				form.Set("f-"+f.ID, value)
			}
			form.Set("f-subject", r.ID)
			w := c.post(t, "/servizi/"+r.ID, form, http.StatusSeeOther)
			want := fmt.Sprintf("/ticket/2026-%06d?aperto=1", n)
			if to := w.Header().Get("Location"); to != want {
				t.Errorf("%s leads to %s, want %s", r.ID, to, want)
			}
		}
	}
	if got := len(c.mine(t, c.mario)); got != min(n, 50) {
		t.Errorf("there are %d tickets of %d requests", got, n)
	}
}

func TestAFormOpensATicketWithAllThatWasWritten(t *testing.T) {
	c := newCounter(t)
	form := consolle("for", "other", "for-name", "Anna Bianchi", "for-email", "Anna.Bianchi@giustizia.it", "observers", "capo@giustizia.it, mario.rossi@giustizia.it;luca@giustizia.it",
		"f-phone", "333 1234567", "f-rg", "123/2026", "f-since", "ieri", "f-error", "E0401", "f-deadline", "udienza domani")
	w := c.post(t, consollePath, form, http.StatusSeeOther)
	if to := w.Header().Get("Location"); to != "/ticket/2026-000001?aperto=1" {
		t.Errorf("it leads to %s", to)
	}
	one := c.mine(t, c.mario)[0]
	if one.Beneficiary.Person != c.anna.ID || one.Channel != "portal" || one.Application != "consolle" || one.RequestType != "consolle" || one.Phone != "333 1234567" ||
		one.Fields["court"] != "Tribunale di Bari" || one.Fields["rg"] != "123/2026" || one.Since != "ieri" || one.ErrorText != "E0401" || one.Deadline != "udienza domani" || one.Impact != tickets.Me || one.Team == "" {
		t.Errorf("the ticket is %+v", one)
	}
	if len(one.Observers) != 2 {
		t.Fatalf("the observers are %v", one.Observers)
	}
	for i, want := range []string{"capo@giustizia.it", "luca@giustizia.it"} {
		if p, err := c.people.Person(t.Context(), one.Observers[i]); err != nil || p.Email != want {
			t.Errorf("an observer is %v, %v; want %s", p.Email, err, want)
		}
	}
	if got := c.mine(t, c.anna); len(got) != 1 {
		t.Errorf("whom the help is for has %d tickets", len(got))
	}
	htmlcheck.In(t, c.get(t, consollePath, http.StatusOK).Body, htmlcheck.None("#resumed"), htmlcheck.None("#f-body:not(:empty)"))
}

func TestAFormThatIsWrongKeepsEverything(t *testing.T) {
	c := newCounter(t)
	for name, wrong := range map[string]struct{ input, value, at, says string }{
		"no choice":                     {"f-impact", "", "#f-impact-me", "Manca questo dato: Chi è coinvolto."},
		"a choice that is none":         {"f-impact", "tutti", "#f-impact-me", "Chi è coinvolto: scelga una delle voci proposte."},
		"an application that is none":   {"f-application", "Frobnicator", "#f-application", "Non riconosco questo applicativo."},
		"a subject that is too long":    {"f-subject", strings.Repeat("oggetto ", 11), "#f-subject", "L'oggetto è troppo lungo: al massimo 80 caratteri."},
		"a line that is much too long":  {"f-court", strings.Repeat("x", 10_000), "#f-court", "Ufficio giudiziario: al massimo 160 caratteri."},
		"a text that is much too long":  {"f-body", strings.Repeat("x", 20_001), "#f-body", "20000 caratteri"},
		"an error that is too long":     {"f-error", strings.Repeat("x", 10_000), "#f-error", "al massimo 4000 caratteri"},
		"nobody to be helped":           {"for", "", "#for-me", "Manca questo dato"},
		"an observer from outside":      {"observers", "avv@studio.it", "#observers", "«avv@studio.it» non è un indirizzo dell'organizzazione"},
		"an observer without address":   {"observers", "il mio capo", "#observers", "«il» non è un indirizzo e-mail"},
		"twenty-one observers":          {"observers", twentyOne(), "#observers", "20 persone al massimo"},
		"a subject with a line and NUL": {"f-subject", "\x00\n ", "#f-subject", "Manca l'oggetto."},
	} {
		t.Run(name, func(t *testing.T) {
			form := consolle(wrong.input, wrong.value, "f-deadline", "udienza di lunedì")
			w := c.post(t, consollePath, form, http.StatusUnprocessableEntity)
			htmlcheck.InString(t, w.Body.String(), htmlcheck.Count(".summary li", 1), htmlcheck.Attr(".summary a", "href", wrong.at), htmlcheck.Contains(".summary", wrong.says),
				htmlcheck.Has(wrong.at), htmlcheck.Attr("#f-deadline", "value", "udienza di lunedì"), htmlcheck.Contains("title", "Dati da controllare"))
			if len(c.mine(t, c.mario)) > 0 {
				t.Error("a ticket was opened")
			}
			c.post(t, consollePath, url.Values{"do": {"discard"}}, http.StatusSeeOther)
		})
	}
}

func twentyOne() string {
	var all []string
	for n := range 21 {
		all = append(all, fmt.Sprintf("p%d@giustizia.it", n))
	}
	return strings.Join(all, ", ")
}

func TestTheThirdPersonNeedsANameAndAnAddress(t *testing.T) {
	c := newCounter(t)
	w := c.post(t, consollePath, consolle("for", "other"), http.StatusUnprocessableEntity)
	htmlcheck.In(t, w.Body, htmlcheck.Count(".summary li", 2), htmlcheck.Has(".summary a[href='#for-name']"), htmlcheck.Has(".summary a[href='#for-email']"),
		htmlcheck.Text("#for-name-error", "Scriva nome e cognome della persona."), htmlcheck.Attr("#for-email", "aria-invalid", "true"))
	w = c.post(t, consollePath, consolle("for", "other", "for-name", "Anna", "for-email", "anna@"), http.StatusUnprocessableEntity)
	htmlcheck.In(t, w.Body, htmlcheck.Count(".summary li", 1), htmlcheck.Has(".summary a[href='#for-email']"), htmlcheck.Attr("#for-email", "value", "anna@"))
	w = c.post(t, consollePath, consolle("for", "other", "for-name", strings.Repeat("x", 201), "for-email", "anna@giustizia.it"), http.StatusUnprocessableEntity)
	htmlcheck.In(t, w.Body, htmlcheck.Count(".summary li", 1), htmlcheck.Has(".summary a[href='#for-name']"))
}

func TestDatesAreTakenAsPeopleWriteThem(t *testing.T) {
	c := newCounter(t)
	form := url.Values{"do": {"send"}, "for": {"me"}, "f-office": {"Bari"}, "f-impact": {"me"}, "f-subject": {"Nuova utenza"}, "f-body": {"Serve un'utenza per la nuova collega."}, "f-job": {"Assistente"}, "f-start-date": {"un giorno"}, "f-authoriser": {"Il capo"}}
	w := c.post(t, "/servizi/nuova-utenza", form, http.StatusUnprocessableEntity)
	htmlcheck.In(t, w.Body, htmlcheck.Attr("#f-start-date", "type", "text"), htmlcheck.Attr("#f-start-date", "value", "un giorno"), htmlcheck.Contains("#f-start-date-error", "15/12/2026"))
	form.Set("f-start-date", "15 dicembre")
	c.post(t, "/servizi/nuova-utenza", form, http.StatusSeeOther)
	if got := c.mine(t, c.mario)[0].Fields["start-date"]; got != "2026-12-15" {
		t.Errorf("the date is %q", got)
	}
}

func TestASubjectIsProposedWhereNoneWasWritten(t *testing.T) {
	c := newCounter(t)
	w := c.post(t, consollePath, consolle("f-subject", ""), http.StatusUnprocessableEntity)
	htmlcheck.In(t, w.Body, htmlcheck.Has(".summary a[href='#f-subject']"), htmlcheck.Attr("#f-subject", "value", "Consolle: non scarica nuovi fascicoli, riavviato PC"))
}

func TestInterceptionsAskForNoContent(t *testing.T) {
	c := newCounter(t)
	form := url.Values{"do": {"send"}, "for": {"me"}, "f-office": {"Bari"}, "f-impact": {"me"}, "f-role": {"PM"}, "f-subject": {"ADI: accesso"}, "f-body": {strings.Repeat("x", 501)}}
	w := c.post(t, "/servizi/adi-accesso", form, http.StatusUnprocessableEntity)
	htmlcheck.In(t, w.Body, htmlcheck.Contains(".warning", "Non inserisca contenuti"), htmlcheck.Contains("#f-body-error", "500"), htmlcheck.Attr("#f-body", "data-max", "500"))
}

func TestWhatNobodyAskedForIsLeftOut(t *testing.T) {
	c := newCounter(t)
	c.post(t, consollePath, consolle("f-salary", "1000", "f-team", "x", "author", "somebody", "f-../..", "x"), http.StatusSeeOther)
	if fields := c.mine(t, c.mario)[0].Fields; len(fields) != 1 {
		t.Errorf("the ticket holds %v", fields)
	}
	c.get(t, "/servizi/niente", http.StatusNotFound)
	c.post(t, "/servizi/niente", consolle(), http.StatusNotFound)
	c.post(t, consollePath, consolle("do", "explode"), http.StatusUnprocessableEntity)
}

func TestAFormIsSentOnce(t *testing.T) {
	c := newCounter(t)
	var locations sync.Map
	var all sync.WaitGroup
	for range 8 { // pressed in a hurry
		all.Go(func() {
			locations.Store(c.post(t, consollePath, consolle(), http.StatusSeeOther).Header().Get("Location"), true)
		})
	}
	all.Wait()
	c.now = c.now.Add(time.Hour) // loaded again
	locations.Store(c.post(t, consollePath, consolle(), http.StatusSeeOther).Header().Get("Location"), true)
	n := 0
	locations.Range(func(any, any) bool { n++; return true })
	if mine := c.mine(t, c.mario); len(mine) != 1 || n != 1 {
		t.Errorf("there are %d tickets, and %d addresses", len(mine), n)
	}
	// Going back, writing something else and sending it is another request.
	for range 2 { // pressed in a hurry, too
		c.post(t, consollePath, consolle("f-subject", "Consolle: manca una colonna", "f-body", "Nell'agenda manca la colonna con gli orari delle udienze."), http.StatusSeeOther)
	}
	c.who = &c.anna // somebody else with the same key
	c.post(t, consollePath, consolle(), http.StatusSeeOther)
	if len(c.mine(t, c.mario)) != 2 || len(c.mine(t, c.anna)) != 1 {
		t.Errorf("there are %d and %d tickets", len(c.mine(t, c.mario)), len(c.mine(t, c.anna)))
	}
}

func TestASimilarTicketIsShownBeforeAnotherOneIsOpened(t *testing.T) {
	c := newCounter(t)
	c.post(t, consollePath, consolle(), http.StatusSeeOther)
	again := consolle("key", strings.Repeat("B", 26), "f-body", "Anche oggi la Consolle non aggiorna i fascicoli, ho riprovato.")
	page := c.post(t, consollePath, again, http.StatusOK).Body.String()
	htmlcheck.InString(t, page, htmlcheck.Text("h1", "Ha già un ticket simile"), htmlcheck.Attr(".best a", "href", "/ticket/2026-000001"), htmlcheck.Contains("button[value=send]", "Invii comunque"),
		htmlcheck.Attr("input[name=f-court]", "value", "Tribunale di Bari"))
	again.Set("seen", "ticket:2026-000001")
	c.post(t, consollePath, again, http.StatusSeeOther)
	if got := len(c.mine(t, c.mario)); got != 2 {
		t.Errorf("there are %d tickets", got)
	}
	w := c.post(t, consollePath, consolle("do", "edit", "key", strings.Repeat("B", 26)), http.StatusOK)
	htmlcheck.In(t, w.Body, htmlcheck.Attr("#f-court", "value", "Tribunale di Bari"), htmlcheck.None(".summary"))
}

func TestAnArticleMaySolveItBeforeItIsSent(t *testing.T) {
	c := newCounter(t)
	c.searcher.silent = false
	page := c.post(t, consollePath, consolle(), http.StatusOK).Body.String()
	htmlcheck.InString(t, page, htmlcheck.Text("h1", "Forse questo risolve"), htmlcheck.Has("a[href='/kb/it/account-adn-bloccato#passi']"), htmlcheck.Has("button[value='solved:account-adn-bloccato']"))
	if len(c.mine(t, c.mario)) > 0 {
		t.Fatal("the ticket was opened already")
	}
	for range 2 { // loaded again: counted once
		w := c.post(t, consollePath, consolle("do", "solved:account-adn-bloccato"), http.StatusSeeOther)
		thanks := c.get(t, w.Header().Get("Location"), http.StatusOK).Body
		htmlcheck.In(t, thanks, htmlcheck.Text("h1", "Bene, il problema è risolto"), htmlcheck.Has("a[href='/servizi/consolle']"), htmlcheck.Has("a[href='/kb/it/account-adn-bloccato']"))
	}
	counted, err := c.forms.Deflections(t.Context(), noon)
	if err != nil || len(counted) != 1 || counted[0] != (tickets.Deflected{Article: "account-adn-bloccato", Lang: "it", RequestType: "consolle", Times: 1}) {
		t.Errorf("deflections are %+v, %v", counted, err)
	}
	htmlcheck.In(t, c.get(t, consollePath, http.StatusOK).Body, htmlcheck.Contains("#resumed", "Abbiamo ripreso la bozza"), htmlcheck.Attr("#f-court", "value", "Tribunale di Bari"))
	c.post(t, consollePath, consolle("seen", "article:account-adn-bloccato article:vpn article:pec-piena"), http.StatusSeeOther)
	for _, secret := range []string{"bozza", "niente", "../../etc"} { // not published, or nowhere
		c.post(t, consollePath, consolle("do", "solved:"+secret), http.StatusNotFound)
	}
	c.who = nil
	c.post(t, consollePath, consolle("do", "solved:vpn", "key", strings.Repeat("C", 26)), http.StatusNotFound) // for employees only
	c.post(t, consollePath, consolle("do", "solved:pec-piena", "key", strings.Repeat("C", 26)), http.StatusSeeOther)
}

func TestSecretsAreTakenOutAndToldOf(t *testing.T) {
	c := newCounter(t)
	form := consolle("f-body", "Non entro, la mia password è Estate2024! e il mio codice fiscale è RSSMRA80A01H501U.", "f-phone", "333 1234567")
	form.Set("do", "save")
	w := c.post(t, consollePath, form, http.StatusOK)
	htmlcheck.In(t, w.Body, htmlcheck.Contains("#told", "Ha scritto una password."), htmlcheck.Contains("#told", "codice fiscale"), htmlcheck.Lacks("body", "Estate2024"), htmlcheck.Attr("#f-phone", "value", "333 1234567"))
	kept, err := c.forms.Unsent(t.Context(), c.mario.ID, "consolle")
	if err != nil || strings.Contains(fmt.Sprint(kept), "Estate2024") || strings.Contains(fmt.Sprint(kept), "RSSMRA") {
		t.Errorf("kept is %+v, %v", kept, err)
	}
	form.Set("do", "send")
	form.Set("f-body", kept.Values["f-body"]) // as the page shows it by then
	w = c.post(t, consollePath, form, http.StatusSeeOther)
	if to := w.Header().Get("Location"); to != "/ticket/2026-000001?aperto=1&tolto=password.tax_code" {
		t.Errorf("it leads to %s", to)
	}
	if one := c.mine(t, c.mario)[0]; strings.Contains(one.Body, "Estate2024") || one.Phone != "333 1234567" {
		t.Errorf("the ticket is %+v", one)
	}
}

func TestAStrangerFillsInAndLosesNothing(t *testing.T) {
	c := newCounter(t)
	c.who = nil
	page := c.get(t, consollePath, http.StatusOK).Body.String()
	htmlcheck.InString(t, page, htmlcheck.Attr("#sign-in a", "href", "/accedi?ritorno=%2Fservizi%2Fconsolle"), htmlcheck.None("input[type=file]"), htmlcheck.None("button[value=save]"))
	w := c.post(t, consollePath, consolle(), http.StatusForbidden)
	if cookies := w.Result().Cookies(); len(cookies) > 0 {
		t.Errorf("there are cookies: %v", cookies)
	}
	htmlcheck.In(t, w.Body, htmlcheck.Contains("#sign-in", "Per inviare la richiesta deve accedere"), htmlcheck.Attr("#sign-in a", "target", "_blank"), htmlcheck.Attr("#f-court", "value", "Tribunale di Bari"), htmlcheck.None(".summary"),
		htmlcheck.Attr("input[name=key]", "value", theKey))
	c.upload(t, consollePath, consolle(), map[string]string{"log.txt": "riga"}, http.StatusForbidden)
	c.post(t, consollePath, consolle("do", "save"), http.StatusUnauthorized, asData, data)
	c.upload(t, consollePath, consolle("do", "attach"), map[string]string{"log.txt": "riga"}, http.StatusUnauthorized, asData, data)
	c.post(t, consollePath, consolle("do", "detach:x"), http.StatusNotFound)
	c.post(t, consollePath, consolle("do", "discard"), http.StatusSeeOther)
	answer := answered[struct{ Hints []any }](t, c.post(t, consollePath, consolle("do", "check", "f-body", "breve"), http.StatusOK, asData, data))
	if len(answer.Hints) != 1 {
		t.Errorf("the hints are %v", answer.Hints)
	}
	c.who = &c.mario // signed in meanwhile, in another tab
	c.post(t, consollePath, consolle(), http.StatusSeeOther)
}

func TestADraftIsKeptForItsPersonUntilItIsSent(t *testing.T) {
	c := newCounter(t)
	half := consolle("do", "save", "f-impact", "", "f-body", "Non scarica i fascicoli, per metà")
	answer := answered[struct{ Saved string }](t, c.post(t, consollePath, half, http.StatusOK, asData, data))
	if answer.Saved != "Bozza salvata alle ore 12:00." {
		t.Errorf("it says %q", answer.Saved)
	}
	page := c.get(t, consollePath, http.StatusOK)
	if cache := page.Header().Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control is %q", cache)
	}
	htmlcheck.In(t, page.Body, htmlcheck.Contains("#resumed", "Abbiamo ripreso la bozza salvata il 23/11/2026, ore 12:00."), htmlcheck.Text("#f-body", "Non scarica i fascicoli, per metà"), htmlcheck.Attr("input[name=key]", "value", theKey))
	htmlcheck.In(t, c.get(t, "/en/services/consolle", http.StatusOK).Body, htmlcheck.Text("#f-body", "Non scarica i fascicoli, per metà"))
	htmlcheck.In(t, c.get(t, "/servizi", http.StatusOK).Body, htmlcheck.Has(".unsent a[href='/servizi/consolle']"))
	c.who = &c.anna
	htmlcheck.In(t, c.get(t, consollePath, http.StatusOK).Body, htmlcheck.None("#resumed"), htmlcheck.None(".unsent"))
	c.who = &c.mario

	c.now = noon.Add(30*24*time.Hour + time.Minute) // nobody came back for a month
	htmlcheck.In(t, c.get(t, consollePath, http.StatusOK).Body, htmlcheck.None("#resumed"))
	htmlcheck.In(t, c.get(t, "/servizi", http.StatusOK).Body, htmlcheck.None(".unsent"))
	c.now = noon

	c.post(t, consollePath, url.Values{"do": {"discard"}}, http.StatusSeeOther)
	htmlcheck.In(t, c.get(t, consollePath, http.StatusOK).Body, htmlcheck.None("#resumed"))
	c.post(t, consollePath, consolle(), http.StatusSeeOther)
	c.post(t, consollePath, half, http.StatusOK, asData, data) // a late copy of a form that was sent
	htmlcheck.In(t, c.get(t, consollePath, http.StatusOK).Body, htmlcheck.None("#resumed"))
}

const drawing = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

type attachedNow struct {
	Error string
	Files []struct{ ID, Name, URL string }
}

func TestFilesAreKeptWithTheForm(t *testing.T) {
	c := newCounter(t)
	first := answered[attachedNow](t, c.upload(t, consollePath, url.Values{"do": {"attach"}, "key": {theKey}}, map[string]string{"schermata.png": drawing}, http.StatusOK, asData, data))
	if len(first.Files) != 1 || first.Files[0].Name != "schermata.png" {
		t.Fatalf("the files are %+v", first)
	}
	refused := answered[attachedNow](t, c.upload(t, consollePath, url.Values{"do": {"attach"}, "key": {theKey}}, map[string]string{"virus.exe": "MZ\x90\x00\x03\x00"}, http.StatusUnprocessableEntity, asData, data))
	if len(refused.Files) != 1 || !strings.Contains(refused.Error, "non si può allegare") {
		t.Errorf("it says %+v", refused)
	}

	// Without JavaScript, in a form that is wrong: the good one stays, the bad one is told by name.
	w := c.upload(t, consollePath, consolle("f-impact", ""), map[string]string{"log.txt": "una riga", "macro.exe": "MZ\x90\x00\x03\x00"}, http.StatusUnprocessableEntity)
	htmlcheck.In(t, w.Body, htmlcheck.Count("#attached li", 2), htmlcheck.Contains(".summary a[href='#files']", "macro.exe: Questo tipo di file"), htmlcheck.Has(".summary a[href='#f-impact-me']"))
	image := c.get(t, first.Files[0].URL, http.StatusOK)
	if image.Body.String() != drawing || image.Header().Get("Content-Type") != "image/png" || image.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the image comes as %v", image.Header())
	}
	w = c.upload(t, consollePath, consolle(), map[string]string{"due.txt": "due"}, http.StatusSeeOther)
	one := c.mine(t, c.mario)[0]
	var names []string
	for _, a := range one.Attachments {
		names = append(names, a.Name)
		content, err := c.folder.Open(t.Context(), a.ID)
		if err != nil {
			t.Errorf("%s: %v", a.Name, err)
			continue
		}
		_ = content.Close()
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "due.txt log.txt schermata.png" {
		t.Errorf("the ticket has %s (%s)", got, w.Header().Get("Location"))
	}
	c.get(t, first.Files[0].URL, http.StatusNotFound) // it belongs to the ticket now
	c.post(t, consollePath, consolle("do", "detach:"+first.Files[0].ID), http.StatusNotFound)
	c.post(t, consollePath, url.Values{"do": {"discard"}}, http.StatusSeeOther)
	if content, err := c.folder.Open(t.Context(), first.Files[0].ID); err != nil {
		t.Errorf("a file of the ticket is gone: %v", err)
	} else {
		_ = content.Close()
	}
}

func TestFilesHaveLimits(t *testing.T) {
	c := newCounter(t)
	six := map[string]string{}
	for n := range 6 {
		six[fmt.Sprintf("log%d.txt", n)] = "riga"
	}
	w := c.upload(t, consollePath, consolle(), six, http.StatusUnprocessableEntity)
	htmlcheck.In(t, w.Body, htmlcheck.Count("#attached li", 5), htmlcheck.Contains(".summary", "Gli allegati sono troppi: il massimo è 5"))
	w = c.upload(t, consollePath, consolle("do", "attach"), map[string]string{"una.txt": "riga"}, http.StatusUnprocessableEntity, asData, data)
	if !strings.Contains(w.Body.String(), "troppi") {
		t.Errorf("it says %s", w.Body)
	}
	c.post(t, consollePath, url.Values{"do": {"discard"}}, http.StatusSeeOther)
	w = c.upload(t, consollePath, consolle(), map[string]string{"grande.txt": strings.Repeat("x", 10<<20+1)}, http.StatusUnprocessableEntity)
	htmlcheck.In(t, w.Body, htmlcheck.Contains(".summary", "grande.txt: Il file è troppo grande: il massimo è 10 MB."), htmlcheck.None("#attached li"), htmlcheck.Attr("#f-court", "value", "Tribunale di Bari"))
}

func TestNobodyReachesWhatSomebodyElseAttached(t *testing.T) {
	c := newCounter(t)
	file := answered[attachedNow](t, c.upload(t, consollePath, url.Values{"do": {"attach"}, "key": {theKey}}, map[string]string{"schermata.png": drawing}, http.StatusOK, asData, data)).Files[0]
	for _, who := range []*account.Person{&c.anna, nil} {
		c.who = who
		c.get(t, file.URL, http.StatusNotFound)
		c.get(t, "/en/services/consolle/file/"+file.ID, http.StatusNotFound)
		c.post(t, consollePath, consolle("do", "detach:"+file.ID), http.StatusNotFound)
		c.post(t, consollePath, consolle("do", "detach:"+file.ID), http.StatusNotFound, asData, data)
		c.post(t, consollePath, url.Values{"do": {"discard"}}, http.StatusSeeOther)
	}
	c.who = &c.mario
	c.get(t, file.URL, http.StatusOK)
	c.get(t, "/servizi/consolle/file/..%2f..%2fetc%2fpasswd", http.StatusNotFound)
	left := answered[attachedNow](t, c.post(t, consollePath, consolle("do", "detach:"+file.ID), http.StatusOK, asData, data))
	if len(left.Files) != 0 {
		t.Errorf("left are %+v", left)
	}
	if _, err := c.folder.Open(t.Context(), file.ID); err == nil {
		t.Error("its content is still there")
	}
}

func TestWhoWritesIsAdvised(t *testing.T) {
	c := newCounter(t)
	c.searcher.silent = false
	type advice struct {
		Subject  string
		Hints    []struct{ Input, Text string }
		Masked   []string
		Articles []struct{ ID, URL, Lang string }
		Similar  *struct{ Number, URL string }
	}
	ask := func(changes ...string) advice {
		return answered[advice](t, c.post(t, consollePath, consolle(append(changes, "do", "save")...), http.StatusOK, asData, data))
	}
	if a := ask(); len(a.Hints) != 0 || a.Subject != "" || len(a.Articles) != 3 || a.Articles[0].ID != "account-adn-bloccato" || a.Similar != nil {
		t.Errorf("a good form is told %+v", a)
	}
	if asked := c.searcher.asked; !strings.Contains(asked.Text, "fascicoli") || len(asked.Audiences) != 2 {
		t.Errorf("searched was %+v", asked)
	}
	if a := ask("f-subject", "urgente problema"); len(a.Hints) != 1 || a.Hints[0].Input != "f-subject" {
		t.Errorf("a vague subject is told %+v", a)
	}
	if a := ask("f-subject", "Fascicoli vecchi"); len(a.Hints) != 1 || a.Hints[0].Text != "Cominci l'oggetto con il nome dell'applicativo: Consolle." {
		t.Errorf("a subject without application is told %+v", a)
	}
	if a := ask("f-subject", ""); a.Subject == "" {
		t.Errorf("no subject is told %+v", a)
	}
	if a := ask("f-body", "la password è Estate2024!"); len(a.Masked) != 1 {
		t.Errorf("a password is told %+v", a)
	}
	c.post(t, consollePath, consolle("seen", "article:account-adn-bloccato"), http.StatusSeeOther)
	if a := ask("key", strings.Repeat("D", 26)); a.Similar == nil || a.Similar.Number != "2026-000001" || a.Similar.URL != "/ticket/2026-000001" {
		t.Errorf("a duplicate is told %+v", a)
	}
}

func TestAFailureOfTheSearchIsToldAndNothingIsLost(t *testing.T) {
	c := newCounter(t)
	c.searcher.silent = false
	form := consolle("f-subject", "Consolle: guasto")
	c.post(t, consollePath, form, http.StatusInternalServerError)
	htmlcheck.In(t, c.get(t, consollePath, http.StatusOK).Body, htmlcheck.Attr("#f-subject", "value", "Consolle: guasto"))
}

func TestWhatIsMuchTooLargeIsRefused(t *testing.T) {
	c := newCounter(t)
	c.post(t, consollePath, consolle("f-body", strings.Repeat("x", 200<<10)), http.StatusRequestEntityTooLarge)
	many := consolle()
	for n := range 200 {
		many.Set(fmt.Sprintf("x%d", n), "y")
	}
	c.post(t, consollePath, many, http.StatusRequestEntityTooLarge)
	r := httptest.NewRequest("POST", consollePath, strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/json")
	c.sent(t, r, http.StatusUnprocessableEntity)
}

func TestAllDraftsTogetherHoldOnlySoMuch(t *testing.T) {
	c := newCounter(t)
	big := strings.Repeat("x", 10<<20)
	for i, r := range []string{"consolle", "vpn", "teams"} {
		form := map[string]string{}
		for n := range 5 {
			form[fmt.Sprintf("log%d.txt", n)] = big
		}
		status := http.StatusOK
		if i == 2 {
			status = http.StatusUnprocessableEntity
		}
		w := c.upload(t, "/servizi/"+r, url.Values{"do": {"attach"}, "key": {theKey}}, form, status, asData, data)
		if i == 2 && !strings.Contains(w.Body.String(), "al massimo 100 MB in tutto") {
			t.Errorf("it says %s", w.Body)
		}
	}
}
