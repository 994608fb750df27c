package portal_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/htmlcheck"
	"sportello/tickets"
)

const pixels = "\x89PNG\r\n\x1a\n and what follows"

// shared is a ticket that Mario opened for Anna and that Ugo follows.
func (d *desk) shared() tickets.Ticket {
	d.t.Helper()
	return d.opened(tickets.Draft{
		Application: "stampante", Beneficiary: tickets.Beneficiary{Name: "Anna Bianchi", Email: anna.Email},
		Observers: []account.PersonID{ugo.ID}, Office: "Tribunale di Bari", ErrorText: "Errore 0x97", Impact: tickets.Office,
	})
}

func TestATicketTellsItsWholeStory(t *testing.T) {
	d := newDesk(t)
	k := d.shared()
	k = d.move(k, tickets.Taken, "")
	k = d.says(olga, k, "Passo domattina.")
	k = d.do(olga, k, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Say(tickets.Message{Text: "NOTA INTERNA", Internal: true}, s)
	})
	k = d.says(mario, k, "Grazie, <b>aspetto</b>.")
	k = d.do(anna, k, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Say(tickets.Message{Text: "Anche da me.", Channel: "email", Aside: "Il 23/11 l'Help Desk ha scritto:"}, s)
	})
	k = d.move(k, tickets.Waiting, "Qual è il numero di inventario?")
	body := d.page(mario, at(k), http.StatusOK)
	htmlcheck.InString(t, body,
		htmlcheck.Text("h1", k.Subject), htmlcheck.Count("h1", 1),
		htmlcheck.Count(".steps li", 5), htmlcheck.Contains(".steps [aria-current=step] .text", "In attesa di una Sua risposta"),
		htmlcheck.Contains(".next", "aspetta la Sua risposta"),
		htmlcheck.Contains(".question h2", "Le fa una domanda"), htmlcheck.Contains(".question .said", "numero di inventario"), htmlcheck.Has(".question textarea#text"),
		htmlcheck.Count("textarea#text", 1),
		htmlcheck.Count(".timeline > li", 6),
		htmlcheck.Contains(".timeline > li:nth-child(1) .by", "Lei ha aperto il ticket"),
		htmlcheck.Contains(".timeline > li:nth-child(3) .by", "Help Desk"),
		htmlcheck.Contains(".timeline > li:nth-child(4) .said", "Grazie, <b>aspetto</b>."),
		htmlcheck.Contains(".timeline > li:nth-child(5) .by", "Anna Bianchi"), htmlcheck.Contains(".timeline > li:nth-child(5) .by", "da: E-mail"),
		htmlcheck.Contains(".timeline > li:nth-child(5) details", "l'Help Desk ha scritto"),
		htmlcheck.Has(".timeline > li:nth-child(6).question"),
		htmlcheck.Each(".timeline time", "when it was", hasAttr("datetime")),
		htmlcheck.Contains("#request", "Errore 0x97"), htmlcheck.Contains("#request", "Stampanti e scanner"), htmlcheck.Contains("#people", "Mario Rossi (Lei)"), htmlcheck.Contains("#people", "Anna Bianchi"), htmlcheck.Contains(".observers", "Ugo Verdi"),
		htmlcheck.Lacks("body", "NOTA INTERNA"), htmlcheck.Lacks("body", "Olga"), htmlcheck.Lacks("body", "‹"),
		htmlcheck.Has("meta[name=robots]"), htmlcheck.None("script:not([src])"), htmlcheck.None("[style]"),
	)
	htmlcheck.InString(t, d.page(mario, "/en"+at(k), http.StatusOK), htmlcheck.Contains(".question h2", "has a question for you"), htmlcheck.Lacks("body", "‹"), htmlcheck.Attr(".site-switch", "href", at(k)))
	htmlcheck.InString(t, d.page(anna, at(k), http.StatusOK), htmlcheck.Has(".question textarea#text"), htmlcheck.Contains("#people", "Anna Bianchi (Lei)"))
	t.Run("who follows it sees and cannot write", func(t *testing.T) {
		htmlcheck.InString(t, d.page(ugo, at(k), http.StatusOK),
			htmlcheck.Contains(".question", "numero di inventario"), htmlcheck.None("textarea"), htmlcheck.None("#form-close"), htmlcheck.None("#form-invite"), htmlcheck.None("#form-rating"),
			htmlcheck.Contains(".steps [aria-current=step]", "In attesa di una risposta"), htmlcheck.Has("form[action$='/leave']"), htmlcheck.None("form[action$='/remove']"))
	})
	t.Run("notes stay inside, also for operators on this page", func(t *testing.T) {
		htmlcheck.InString(t, d.page(olga, at(k), http.StatusOK), htmlcheck.Lacks("body", "NOTA INTERNA"))
	})
}

func TestARequestSomebodyElseWroteDownSaysSoToAll(t *testing.T) {
	d := newDesk(t)
	k, err := d.desk.Open(t.Context(), olga, tickets.Draft{Author: mario.ID, Subject: "VPN", Body: "Non si collega.", Channel: "phone"}, "")
	if err != nil {
		t.Fatal(err)
	}
	htmlcheck.InString(t, d.page(mario, at(k), http.StatusOK),
		htmlcheck.Contains("#people", "Mario Rossi (Lei) (scritto da: Help Desk)"), htmlcheck.Contains(".timeline", "ha aperto il ticket a nome di Mario Rossi"), htmlcheck.Contains("#request", "Telefono"))
	htmlcheck.InString(t, d.page(olga, at(k), http.StatusOK), htmlcheck.Contains("#people", "Mario Rossi (scritto da: Lei)"))
}

func TestANumberWithoutYearLeadsToTheTicket(t *testing.T) {
	d := newDesk(t)
	if w := d.as(mario, "GET", "/ticket/17", nil); w.Header().Get("Location") != "/ticket/2026-000017" {
		t.Errorf("17 leads to %q", w.Header().Get("Location"))
	}
}

func TestAMessageIsSentOnceWithItsFiles(t *testing.T) {
	d := newDesk(t)
	k, key := d.shared(), newKey()
	for range 2 { // pressed twice, or sent again by the browser
		w := d.send(mario, at(k)+"/message", key, "Ecco la schermata. La password è Segreta123!", upload{"schermata.png", pixels}, upload{"registro.txt", "riga uno\nriga due\n"})
		d.wantAnswer("a message", w, http.StatusSeeOther)
		if to := w.Header().Get("Location"); to != at(k)+"?done=message#said" {
			t.Errorf("it leads to %s", to)
		}
	}
	history := d.history(k)
	if len(history) != 2 || strings.Contains(history[1].Text, "Segreta123") || len(history[1].Attachments) != 2 {
		t.Fatalf("the history is %+v", history)
	}
	htmlcheck.InString(t, d.page(mario, at(k)+"?done=message", http.StatusOK), htmlcheck.Contains("[data-done]", "Il messaggio è stato inviato"), htmlcheck.Count(".timeline .files li", 2))

	t.Run("and read by whoever may read the ticket", func(t *testing.T) {
		picture, text := history[1].Attachments[0], history[1].Attachments[1]
		for _, reader := range []account.Person{mario, anna, ugo, olga} {
			w := d.as(reader, "GET", at(k)+"/file/"+picture.ID, nil)
			d.wantAnswer("a picture", w, http.StatusOK)
			if h := w.Header(); w.Body.String() != pixels || h.Get("Content-Type") != "image/png" || !strings.HasPrefix(h.Get("Content-Disposition"), "inline") ||
				h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("Cache-Control") != "private, no-cache" {
				t.Errorf("a picture comes as %v", h)
			}
		}
		w := d.as(mario, "GET", at(k)+"/file/"+text.ID, nil, "Range", "bytes=5-7")
		if w.Code != http.StatusPartialContent || w.Body.String() != "uno" || w.Header().Get("Content-Disposition") != "attachment; filename=registro.txt" {
			t.Errorf("a part of a text: %d %q %v", w.Code, w.Body, w.Header())
		}
	})
	t.Run("not of a ticket that the file is not on", func(t *testing.T) {
		other := d.opened(tickets.Draft{})
		d.wantAnswer("another ticket's file", d.as(mario, "GET", at(other)+"/file/"+history[1].Attachments[0].ID, nil), http.StatusNotFound)
	})
	t.Run("nor with a note", func(t *testing.T) {
		kept, err := d.cabinet.Accept(t.Context(), "nota.txt", strings.NewReader("per la squadra"))
		if err != nil {
			t.Fatal(err)
		}
		d.do(olga, k, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Say(tickets.Message{Internal: true, Text: "x", Attachments: []tickets.Attachment{{ID: kept.ID, Name: kept.Name, Type: kept.Type}}}, s)
		})
		d.wantAnswer("a note's file", d.as(mario, "GET", at(k)+"/file/"+kept.ID, nil), http.StatusNotFound)
	})
}

func TestAPageGoneBackToSendsWhatIsNewOnIt(t *testing.T) {
	d := newDesk(t)
	k, key := d.shared(), newKey()
	for _, text := range []string{"Ho riavviato.", "Ho riavviato.", "Ora va di nuovo."} {
		d.wantAnswer("a message", d.post(mario, at(k)+"/message", "key", key, "text", text), http.StatusSeeOther)
	}
	history := d.history(k)
	if len(history) != 3 || history[1].Text != "Ho riavviato." || history[2].Text != "Ora va di nuovo." {
		t.Errorf("the history is %+v", history)
	}
}

func TestNothingTypedIsLostWhenSomethingIsRefused(t *testing.T) {
	d := newDesk(t)
	k := d.shared()
	long := strings.Repeat("è", tickets.MaxMessage+1)
	for name, c := range map[string]struct {
		answer *httptest.ResponseRecorder
		status int
		told   string
		kept   string
	}{
		"a text that is too long":  {d.send(mario, at(k)+"/message", newKey(), long), 413, "troppo lungo", "textarea#text"},
		"an empty message":         {d.send(mario, at(k)+"/message", newKey(), "  "), 422, "Il messaggio è vuoto", ""},
		"a file that is too large": {d.send(mario, at(k)+"/message", newKey(), "Ecco", upload{"a.txt", strings.Repeat("a", 70<<10)}), 413, "troppo grande", "textarea#text"},
		"a file of a wrong sort":   {d.send(mario, at(k)+"/message", newKey(), "Ecco", upload{"a.exe", "MZ\x00\x01\x02"}), 422, "Questo tipo di file", "textarea#text"},
		"too many files":           {d.send(mario, at(k)+"/message", newKey(), "Ecco", upload{"a.txt", "a"}, upload{"b.txt", "b"}, upload{"c.txt", "c"}), 422, "troppi", "textarea#text"},
		"a form without a key":     {d.send(mario, at(k)+"/message", "no key", "Ecco"), 422, "formato", "textarea#text"},
		"reopening without saying": {d.post(mario, at(d.solved(d.opened(tickets.Draft{})))+"/reopen", "why", " "), 422, "che cosa non funziona", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d.wantAnswer(name, c.answer, c.status)
			htmlcheck.InString(t, c.answer.Body.String(), htmlcheck.Contains("#wrong", c.told), htmlcheck.Count("h1", 1))
			if c.kept != "" && !strings.Contains(c.answer.Body.String(), "Ecco</textarea>") && !strings.Contains(c.answer.Body.String(), long) {
				t.Error("what was typed is gone")
			}
		})
	}
	if n := len(d.history(k)); n != 1 {
		t.Errorf("%d things happened to the ticket", n)
	}
	t.Run("a session that is over", func(t *testing.T) {
		w := d.send(account.Person{}, at(k)+"/message", newKey(), "Un testo lungo da non perdere")
		d.wantAnswer("a message", w, http.StatusUnauthorized)
		htmlcheck.InString(t, w.Body.String(), htmlcheck.Contains("textarea", "Un testo lungo da non perdere"), htmlcheck.Attr("main a.btn", "href", "/accedi?ritorno="+strings.ReplaceAll(at(k), "/", "%2F")))
	})
}

func TestAPersonDecidesOnWhatThePageShowed(t *testing.T) {
	d := newDesk(t)
	k := d.shared()
	seen := "1"
	d.says(olga, k, "Prima di chiudere: ha provato a riavviare?")
	w := d.post(mario, at(k)+"/close", "version", seen, "note", "Ho cambiato la carta.")
	d.wantAnswer("closing an older state", w, http.StatusConflict)
	htmlcheck.InString(t, w.Body.String(), htmlcheck.Contains("#wrong", "è cambiato mentre lo leggeva"), htmlcheck.Contains("#close-note", "Ho cambiato la carta."),
		htmlcheck.Has("details[open] #close-note"), htmlcheck.Contains(".timeline", "ha provato a riavviare"))
	d.wantAnswer("closing", d.post(mario, at(k)+"/close", "version", "2", "note", "Ho cambiato la carta."), http.StatusSeeOther)
	if k = d.ticket(k); k.Status != tickets.Closed {
		t.Errorf("it is %s", k.Status)
	}
	late := d.send(mario, at(k)+"/message", newKey(), "Ancora io")
	d.wantAnswer("a message on a closed ticket", late, http.StatusUnprocessableEntity)
	htmlcheck.InString(t, late.Body.String(), htmlcheck.Contains("#wrong", "non è più aperto"), htmlcheck.Contains("#wrong #lost", "Ancora io"), htmlcheck.None("#text"))
	htmlcheck.InString(t, d.page(mario, at(k), http.StatusOK), htmlcheck.None("#text"), htmlcheck.Contains(".next", "può riaprirlo fino al 23/12/2026"))
}

func TestAnAnswerLetsTheWorkGoOn(t *testing.T) {
	d := newDesk(t)
	k := d.move(d.shared(), tickets.Waiting, "Qual è il numero di inventario?")
	d.wantAnswer("the beneficiary's answer", d.send(anna, at(k)+"/message", newKey(), "È il 4711."), http.StatusSeeOther)
	if k = d.ticket(k); k.Status != tickets.Working {
		t.Errorf("it is %s", k.Status)
	}
	htmlcheck.InString(t, d.page(mario, at(k), http.StatusOK), htmlcheck.None(".question h2"), htmlcheck.Contains(".steps [aria-current=step]", "In lavorazione"), htmlcheck.Contains(".timeline", "È il 4711."))
	t.Run("and each further question is shown with the first", func(t *testing.T) {
		k = d.move(k, tickets.Waiting, "E la stanza?")
		k = d.do(olga, k, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Ask("E il piano?", s) })
		htmlcheck.InString(t, d.page(mario, at(k), http.StatusOK), htmlcheck.Count("#question blockquote", 2), htmlcheck.Lacks("#question", "inventario"), htmlcheck.Contains("#question h2", "2 domande"))
	})
}

func TestASolvedTicketIsRatedAndReopenedInTime(t *testing.T) {
	d := newDesk(t)
	k := d.solved(d.shared())
	htmlcheck.InString(t, d.page(mario, at(k), http.StatusOK), htmlcheck.Count("input[name=score]", 5), htmlcheck.Has("#form-close"), htmlcheck.Has("#form-reopen"), htmlcheck.Contains(".steps [aria-current=step]", "Risolto"))
	d.wantAnswer("a rating without a score", d.post(mario, at(k)+"/rating", "suggestion", "Più in fretta"), http.StatusUnprocessableEntity)
	d.wantAnswer("a score nobody offers", d.post(mario, at(k)+"/rating", "score", "9"), http.StatusUnprocessableEntity)
	d.wantAnswer("a rating", d.post(mario, at(k)+"/rating", "score", "4", "suggestion", "Più in fretta"), http.StatusSeeOther)
	htmlcheck.InString(t, d.page(mario, at(k), http.StatusOK), htmlcheck.Contains("#rating", "4 su 5"), htmlcheck.Contains("#rating blockquote", "Più in fretta"), htmlcheck.Has("#score-4[checked]"), htmlcheck.Contains(".timeline", "ha dato 4 su 5"))
	d.wantAnswer("an observer's rating", d.post(ugo, at(k)+"/rating", "score", "1"), http.StatusForbidden)

	d.wantAnswer("reopening", d.post(anna, at(k)+"/reopen", "why", "Di nuovo in coda."), http.StatusSeeOther)
	k = d.ticket(k)
	htmlcheck.InString(t, d.page(mario, at(k), http.StatusOK), htmlcheck.Contains(".steps li:nth-child(1)", "Riaperto"), htmlcheck.Contains(".timeline", "Di nuovo in coda."))
	k = d.do(mario, k, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Close("", s) })
	d.wait(31 * 24 * time.Hour)
	htmlcheck.InString(t, d.page(mario, at(k), http.StatusOK), htmlcheck.None("#form-reopen"), htmlcheck.Contains(".next", "apra una nuova richiesta"))
	d.wantAnswer("reopening too late", d.post(mario, at(k)+"/reopen", "why", "Ancora"), http.StatusUnprocessableEntity)
}

func TestColleaguesFollowATicket(t *testing.T) {
	d := newDesk(t)
	k := d.opened(tickets.Draft{})
	for address, status := range map[string]int{
		"sara.neri@giustizia.it": 303, "MARTA.GIALLI@giustizia.it": 303, "nuova.collega@giustizia.it": 303,
		"avvocato@example.com": 422, "non un indirizzo": 422, "": 422, "mario.rossi@giustizia.it": 422,
	} {
		w := d.post(mario, at(k)+"/invite", "address", address)
		d.wantAnswer("inviting "+address, w, status)
		if status == 422 && address != "" {
			htmlcheck.InString(t, w.Body.String(), htmlcheck.Attr("#address", "value", address), htmlcheck.Has("details[open] #address[aria-invalid]"))
		}
	}
	k = d.ticket(k)
	if len(k.Observers) != 3 {
		t.Fatalf("it is followed by %v", k.Observers)
	}
	d.page(stranger, at(k), http.StatusOK)
	d.wantAnswer("an observer invites", d.post(stranger, at(k)+"/invite", "address", "ugo.verdi@giustizia.it"), http.StatusForbidden)
	if _, err := d.people.PersonByEmail(t.Context(), "avvocato@example.com"); err == nil {
		t.Error("a stranger's address became a person")
	}
	d.wantAnswer("taking somebody off", d.post(mario, at(k)+"/remove", "person", string(manager.ID)), http.StatusSeeOther)
	d.page(manager, at(k), http.StatusNotFound)
	htmlcheck.InString(t, d.page(mario, at(k), http.StatusOK), htmlcheck.None("form[action$='/follow']"))
	htmlcheck.InString(t, d.page(olga, at(k), http.StatusOK), htmlcheck.Has("form[action$='/follow']"))
	d.wantAnswer("an operator follows", d.post(olga, at(k)+"/follow"), http.StatusSeeOther)
	d.wantAnswer("an operator leaves", d.post(olga, at(k)+"/leave"), http.StatusSeeOther)
	d.page(olga, at(k)+"?done=leave", http.StatusOK) // operators read all tickets
	w := d.post(stranger, at(k)+"/leave")
	d.wantAnswer("leaving", w, http.StatusSeeOther)
	htmlcheck.InString(t, d.page(stranger, w.Header().Get("Location"), http.StatusOK), htmlcheck.Contains(".told", "Non segue più il ticket "+string(k.Number)))
	d.page(stranger, at(k), http.StatusNotFound)
}

func TestAMergedTicketLeadsToTheOneThatGoesOn(t *testing.T) {
	d := newDesk(t)
	one, other := d.opened(tickets.Draft{}), d.opened(tickets.Draft{Subject: "L'altro"})
	merge := func(t tickets.Ticket, s tickets.Stamp) ([]tickets.Change, error) {
		return t.MergeInto(d.ticket(other), s)
	}
	if _, err := d.desk.DoAll(t.Context(), olga, one.Number, "", merge); err != nil {
		t.Fatal(err)
	}
	htmlcheck.InString(t, d.page(mario, at(one), http.StatusOK), htmlcheck.Attr(".next a", "href", at(other)), htmlcheck.Attr(".timeline a", "href", at(other)), htmlcheck.None("#form-reopen"), htmlcheck.None("#form-rating"))
	d.wantAnswer("reopening it", d.post(mario, at(one)+"/reopen", "why", "Ancora"), http.StatusUnprocessableEntity)
}

// Everything that can be guessed, as everybody: what is not theirs is not
// there, and looks like what never was.
func TestNobodyLearnsOfTicketsThatAreNotTheirs(t *testing.T) {
	d := newDesk(t)
	k := d.shared()
	d.wantAnswer("a message", d.send(mario, at(k)+"/message", newKey(), "Ecco", upload{"a.png", pixels}), http.StatusSeeOther)
	file := d.history(k)[1].Attachments[0].ID
	before := len(d.history(k))
	nobody := account.Person{}
	for _, prefix := range []string{"", "/en"} {
		routes := []struct{ method, path string }{{"GET", ""}, {"HEAD", ""}, {"GET", "/file/" + file}, {"HEAD", "/file/" + file}}
		for _, act := range []string{"message", "close", "reopen", "rating", "invite", "remove", "follow", "leave"} {
			routes = append(routes, struct{ method, path string }{"POST", "/" + act})
		}
		for _, route := range routes {
			for _, who := range []account.Person{nobody, stranger, manager} {
				answer := func(number string) *httptest.ResponseRecorder {
					body := "key=" + newKey() + "&text=x&why=x&score=1&version=2&person=ugo&address=sara.neri@giustizia.it"
					return d.as(who, route.method, prefix+"/ticket/"+number+route.path, strings.NewReader(body), "Content-Type", "application/x-www-form-urlencoded")
				}
				theirs, none := answer(string(k.Number)), answer("2026-999999")
				want := http.StatusNotFound
				if !who.Known() {
					want = http.StatusSeeOther
					if route.method == "POST" {
						want = http.StatusUnauthorized
					}
				}
				if theirs.Code != want {
					t.Errorf("%s %s%s as %q answers %d, want %d", route.method, prefix, route.path, who.ID, theirs.Code, want)
				}
				same := func(w *httptest.ResponseRecorder) string {
					text := w.Body.String() + w.Header().Get("Location")
					return strings.NewReplacer(string(k.Number), "N", "2026-999999", "N").Replace(text)
				}
				if same(theirs) != same(none) {
					t.Errorf("%s %s%s as %q tells a ticket of others from none", route.method, prefix, route.path, who.ID)
				}
			}
		}
		for _, path := range []string{"/file/../../../etc/passwd", "/file/%2e%2e%2fsportello.db", "/file/none", "/file/%00"} {
			if w := d.as(mario, "GET", prefix+at(k)+path, nil); w.Code != http.StatusNotFound {
				t.Errorf("%s answers %d", path, w.Code)
			}
		}
	}
	if after := len(d.history(k)); after != before {
		t.Errorf("%d things happened to a ticket of others", after-before)
	}
	t.Run("who follows a ticket changes nothing on it", func(t *testing.T) {
		for _, act := range []string{"message", "close", "reopen", "rating", "invite", "remove", "follow"} {
			w := d.post(ugo, at(k)+"/"+act, "text", "x", "why", "x", "score", "1", "version", "2", "person", "sara", "address", "sara.neri@giustizia.it")
			if w.Code != http.StatusForbidden {
				t.Errorf("%s answers %d: %.300s", act, w.Code, w.Body)
			}
		}
		if after := len(d.history(k)); after != before {
			t.Error("something changed")
		}
	})
	t.Run("nobody uses up the key of somebody else", func(t *testing.T) {
		key := newKey()
		d.wantAnswer("one", d.send(mario, at(k)+"/message", key, "Uno"), http.StatusSeeOther)
		d.wantAnswer("two", d.send(anna, at(k)+"/message", key, "Due"), http.StatusSeeOther)
		if after := len(d.history(k)); after != before+2 {
			t.Errorf("%d messages were kept", after-before)
		}
	})
}
