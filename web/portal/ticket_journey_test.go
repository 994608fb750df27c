package portal_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	keys "github.com/chromedp/chromedp/kb"

	"sportello/account"
	"sportello/internal/browser"
	"sportello/tickets"
)

// serve serves the site as the service does: nothing inline, nothing from elsewhere.
func (d *desk) serve(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'")
		d.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

func as(server *httptest.Server, p account.Person, path string) string {
	return server.URL + "/as/" + string(p.ID) + "?to=" + path
}

// story is a ticket to which much has happened, waiting for an answer.
func (d *desk) story() tickets.Ticket {
	k := d.shared()
	k = d.move(k, tickets.Taken, "")
	k = d.says(olga, k, "Buongiorno, ho preso in carico la richiesta. Passo domattina alle 9 con un tecnico.")
	d.wantAnswer("a message", d.send(mario, at(k)+"/message", newKey(), "Grazie. Allego la schermata dell'errore.", upload{"schermata con un nome molto lungo per provare come va a capo.png", png}), http.StatusSeeOther)
	k = d.do(anna, d.ticket(k), func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Say(tickets.Message{Text: "Succede anche dalla stanza 14.", Channel: "email", Aside: "Il 23/11/2026 Mario Rossi ha scritto:\n> stampa in coda\n\nAnna Bianchi\nCancelleria civile"}, s)
	})
	k = d.do(olga, k, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		team, _ := d.desk.Terms.Team("sud")
		return t.Transfer(team, "", s)
	})
	return d.move(k, tickets.Waiting, "Qual è il numero di inventario della stampante? Lo trova sull'etichetta bianca, sul retro.")
}

func TestPagesOfWhoeverIsSignedInKeepNobodyOut(t *testing.T) {
	d := newDesk(t)
	server := d.serve(t)
	waiting := d.story()
	d.opened(tickets.Draft{Subject: "Consolle, fascicoli non aggiornati", Application: "consolle", Channel: "phone"})
	solved := d.solved(d.opened(tickets.Draft{Subject: "VPN, non si collega", Application: "vpn", Channel: "email"}))
	rated := d.do(mario, d.solved(d.opened(tickets.Draft{Subject: "Teams, audio assente", Channel: "widget"})), func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Rate(4, "Più in fretta", s)
	})
	link := account.Link{Identity: account.Identity{Channel: "telegram", PlatformID: "1"}, Person: mario.ID, At: noon}
	if err := d.people.Apply(t.Context(), account.Change{Link: &link}); err != nil {
		t.Fatal(err)
	}
	b := browser.Start(t)
	for _, page := range []struct{ name, path string }{
		{"mine", "/ticket"}, {"mine-none", "/ticket?q=niente"}, {"ticket", at(waiting)}, {"ticket-solved", at(solved)}, {"ticket-rated", at(rated)}, {"profile", "/profilo"}, {"home", "/"},
		{"mine-en", "/en/ticket"}, {"ticket-en", "/en" + at(waiting)}, {"ticket-solved-en", "/en" + at(solved)}, {"profile-en", "/en/profile"}, {"article", "/kb/it/account-adn-bloccato"},
	} {
		t.Run(page.name, func(t *testing.T) {
			tab := b.Open(t, as(server, mario, page.path), browser.Screen{})
			tab.Wait(`document.querySelector("sportello-chat")`)
			tab.Run(`document.querySelectorAll("main details").forEach(d => d.open = true)`)
			tab.FullShot("own-" + page.name)
			tab.Axe("on a desktop")
			narrow := b.Open(t, as(server, mario, page.path), browser.Screen{Width: 320, Height: 640})
			narrow.Wait(`document.querySelector("sportello-chat")`)
			narrow.Run(`document.querySelectorAll("main details").forEach(d => d.open = true)`)
			narrow.FullShot("own-" + page.name + "-320")
			narrow.Axe("at 320 pixels")
			if browser.Eval[bool](narrow, "document.documentElement.scrollWidth > innerWidth") {
				t.Error("it must be scrolled sideways at 320 pixels")
			}
		})
	}
}

func TestATicketIsFollowedLive(t *testing.T) {
	d := newDesk(t)
	server := d.serve(t)
	k := d.shared()
	b := browser.Start(t)
	list := b.Open(t, as(server, mario, "/ticket"), browser.Screen{})
	list.Wait(`document.querySelector(".badge-status.received")`)
	page := b.Open(t, as(server, mario, at(k)), browser.Screen{})
	page.Wait(`document.querySelector("#form-message")?.dataset.ready`)

	k = d.move(k, tickets.Taken, "")
	list.Wait(`document.querySelector(".badge-status.taken")`) // with the page open, and no reload
	page.Wait(`document.querySelector("[aria-current=step] .text")?.textContent.includes("Preso in carico")`)
	page.Wait(`document.querySelector("[data-said]").textContent.includes("Preso in carico")`) // and said

	t.Run("what is being typed stays", func(t *testing.T) {
		page.Click("#text")
		page.Type("Da stamattina fa anche rum")
		k = d.says(olga, k, "Passo domattina.")
		page.Wait(`document.querySelector(".timeline").textContent.includes("Passo domattina.")`)
		page.Type("ore")
		page.Wait(`document.activeElement.id === "text" && document.querySelector("#text").value === "Da stamattina fa anche rumore"`)
		page.Run(`window.before = true`)
		page.Reload()
		page.Wait(`!window.before && document.querySelector("#form-message").dataset.ready && document.querySelector("#text").value === "Da stamattina fa anche rumore"`) // even over a reload
	})
	t.Run("a message is sent with a file that was dropped", func(t *testing.T) {
		page.Run(`(() => {
			const files = new DataTransfer();
			files.items.add(new File(["riga"], "registro.txt", {type: "text/plain"}));
			document.querySelector("#form-message").dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));
			const pasted = new DataTransfer();
			pasted.items.add(new File(["x".repeat(70000)], "grande.txt", {type: "text/plain"}));
			document.querySelector("#text").dispatchEvent(new ClipboardEvent("paste", {clipboardData: pasted, bubbles: true, cancelable: true}));
		})()`)
		page.Wait(`document.querySelector(".chosen").textContent.includes("registro.txt") && document.querySelector(".drop .note").textContent.includes("grande.txt supera")`)
		page.Axe("with a file chosen")
		page.Shot("own-ticket-writing")
		page.Click("#form-message button[type=submit]")
		page.Wait(`document.querySelector("#flash")?.textContent.includes("è stato inviato") && document.querySelector(".timeline").textContent.includes("rumore")`)
		page.Wait(`document.querySelector("#text").value === "" && !Object.keys(localStorage).some((key) => key.startsWith("sportello.draft."))`)
		if n := len(d.history(k)[len(d.history(k))-1].Attachments); n != 1 {
			t.Errorf("%d files arrived", n)
		}
		page.Shot("own-ticket-sent")
	})
	t.Run("without a network nothing is lost", func(t *testing.T) {
		page.Click("#text")
		page.Type("Ancora una cosa")
		page.Offline(true)
		page.Click("#form-message button[type=submit]")
		page.Wait(`document.querySelector("#form-message .note").textContent.includes("non è partito")`)
		page.Offline(false)
		page.Wait(`document.querySelector("#text").value === "Ancora una cosa"`)
		page.Click("#form-message button[type=submit]")
		page.Wait(`document.querySelector(".timeline").textContent.includes("Ancora una cosa")`)
	})
	t.Run("a question appears and is answered below it", func(t *testing.T) {
		k = d.move(d.ticket(k), tickets.Waiting, "Qual è il numero di inventario?")
		page.Wait(`document.querySelector(".question h2")?.textContent.includes("Le fa una domanda")`)
		list.Wait(`document.querySelector(".asked h3")`)
		page.Click(".question #text")
		page.Type("È il 4711.")
		page.Click(".question button[type=submit]")
		page.Wait(`document.querySelector("[aria-current=step]").textContent.includes("In lavorazione") && !document.querySelector(".question h2")`)
		list.Wait(`!document.querySelector(".asked")`)
	})
	t.Run("who follows it sees it too, and cannot write", func(t *testing.T) {
		follower := b.Open(t, as(server, ugo, at(k)), browser.Screen{})
		follower.Wait(`document.querySelector(".timeline").textContent.includes("È il 4711.") && !document.querySelector("textarea")`)
		beneficiary := b.Open(t, as(server, anna, at(k)), browser.Screen{})
		beneficiary.Wait(`document.querySelector("#people").textContent.includes("Anna Bianchi (Lei)")`)
		k = d.move(d.ticket(k), tickets.Solved, "Ho cambiato il cavo.")
		follower.Wait(`document.querySelector("[aria-current=step]").textContent.includes("Risolto")`)
		beneficiary.Wait(`document.querySelector("#form-reopen")`)
	})
	t.Run("solved, it is rated by the keyboard and reopened", func(t *testing.T) {
		page.Wait(`document.querySelector("#score-5")`)
		page.Run(`document.querySelector("#score-5").focus()`)
		page.Type(" ")
		page.Type(keys.ArrowDown)
		page.Wait(`document.querySelector("#score-4").checked`)
		page.Click("#form-rating button")
		page.Wait(`document.querySelector("#rating")?.textContent.includes("4 su 5")`)
		page.Click("#decide details summary")
		page.Click("#why")
		page.Type("Di nuovo in coda")
		page.Click("#form-reopen button")
		page.Wait(`document.querySelector(".steps li").textContent.includes("Riaperto")`)
		page.Axe("a reopened ticket")
	})
	t.Run("what is being written to a ticket that others close is not lost", func(t *testing.T) {
		page.Click("#text")
		page.Type("Un'ultima cosa")
		d.do(anna, d.ticket(k), func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Close("", s) })
		page.Wait(`document.querySelector("[aria-current=step]").textContent.includes("Chiuso") && document.querySelector("#text").value === "Un'ultima cosa"`)
		page.Click("#form-message button[type=submit]")
		page.Wait(`document.querySelector("#wrong").textContent.includes("non è più aperto") && document.querySelector("#lost").value === "Un'ultima cosa"`)
		page.Axe("a message that came too late")
		page.Shot("own-ticket-too-late")
	})
	t.Run("what is being written becomes the answer to a question that comes meanwhile", func(t *testing.T) {
		k = d.opened(tickets.Draft{})
		page.Go(server.URL + at(k))
		page.Wait(`document.querySelector("#form-message")?.dataset.ready`)
		page.Click("#text")
		page.Type("È la stanza")
		k = d.move(k, tickets.Waiting, "Quale stanza?")
		page.Wait(`document.querySelector(".question #form-message #text")?.value === "È la stanza" && document.querySelectorAll("textarea[name=text]").length === 1`)
		page.Type(" 12.")
		page.Click(".question button[type=submit]")
		page.Wait(`document.querySelector(".timeline").textContent.includes("È la stanza 12.") && !document.querySelector(".question h2")`)
	})
	t.Run("who signs out hears no more", func(t *testing.T) {
		d.wantAnswer("signing out", d.post(mario, "/profilo/sign-out"), http.StatusSeeOther)
		d.says(olga, d.ticket(k), "Torno subito.")
		page.Wait(`document.querySelector("[data-is-over]")`)
	})
}

func TestATicketIsWorkedOnWithoutJavaScript(t *testing.T) {
	d := newDesk(t)
	server := d.serve(t)
	k := d.move(d.shared(), tickets.Waiting, "Qual è il numero di inventario?")
	tab := browser.Start(t).Open(t, as(server, anna, "/ticket"), browser.Screen{NoScript: true})
	tab.Click(".asked h3 a")
	tab.Click("#text")
	tab.Type("È il 4711.")
	tab.Click(".question button[type=submit]")
	tab.Wait(`document.querySelector("[data-done]")?.textContent.includes("è stato inviato") && document.querySelector("[aria-current=step]").textContent.includes("In lavorazione")`)
	d.move(d.ticket(k), tickets.Solved, "")
	tab.Reload()
	tab.Click("#score-5")
	tab.Click("#form-rating button")
	tab.Wait(`document.querySelector("#rating")?.textContent.includes("5 su 5")`)
	tab.Click("#decide details summary")
	tab.Click("#why")
	tab.Type("Ancora in coda")
	tab.Click("#form-reopen button")
	tab.Wait(`document.querySelector("[data-done]")?.textContent.includes("di nuovo aperto")`)
	if k = d.ticket(k); k.Status != tickets.Reopened || k.Rating.Score != 5 {
		t.Errorf("it is %s, rated %+v", k.Status, k.Rating)
	}
}
