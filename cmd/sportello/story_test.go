package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/oauth2-proxy/mockoidc"

	"sportello/internal/browser"
	"sportello/tickets"
)

// loaded waits for a page on which this is there.
func loaded(tab *browser.Tab, selector string) {
	tab.Wait(fmt.Sprintf(`document.readyState === "complete" && document.querySelector(%q)`, selector))
}

// fill types into an input, which needs no script on the page.
func fill(tab *browser.Tab, selector, text string) {
	tab.Do(chromedp.Focus(chromedp.CSS(selector)))
	tab.Type(text)
}

// enter signs somebody in with a code from their mailbox; the tab shows the
// page with the ways in.
func enter(t *testing.T, tab *browser.Tab, site, email string) {
	t.Helper()
	fill(tab, "#email", email+"\r")
	loaded(tab, "#code")
	fill(tab, "#code", mailedCode(t, site, email)+"\r")
	loaded(tab, "main:not(:has(#code))")
}

// ask makes a request at the counter for printers, for Anna, with a file and
// somebody who follows it, and returns its number. The tab is signed in.
func ask(t *testing.T, tab *browser.Tab, site, subject string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "foto.png")
	if err := os.WriteFile(file, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Go(site + "/servizi")
	tab.Do(chromedp.Click(chromedp.CSS(`.grid a[href='/servizi/stampante-scanner']`)))
	loaded(tab, "#request")
	tab.Click("#for-other")
	fill(tab, "#for-name", "Anna Bianchi")
	fill(tab, "#for-email", "anna.bianchi@giustizia.it")
	fill(tab, "#observers", "giulia.conti@giustizia.it")
	fill(tab, "#f-subject", subject)
	fill(tab, "#f-body", "Lo scanner della stanza 4 ha una luce arancione fissa, già riavviato.")
	tab.Click("#f-impact-office")
	fill(tab, "#f-room", "4")
	fill(tab, "#f-label", "INV-0042")
	tab.Do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	if browser.Eval[bool](tab, `Boolean(document.querySelector("form.live"))`) {
		tab.Wait(`document.querySelector("#attached a")?.textContent === "foto.png"`)
	}
	tab.Click(".buttons [value=send]")
	loaded(tab, ".before, .timeline")
	if browser.Eval[bool](tab, `Boolean(document.querySelector(".before"))`) { // an article may solve it: not this time
		tab.Click(".buttons [value=send]")
	}
	tab.Wait(`location.pathname.startsWith("/ticket/") && document.querySelector(".timeline")`)
	return strings.TrimPrefix(browser.Eval[string](tab, "location.pathname"), "/ticket/")
}

// Everything that was promised for a person's tickets, by everybody who has a
// part in one, in real browsers over the whole program.
func TestTheStoryOfATicket(t *testing.T) {
	provider, with := company(t)
	a := testApp(t, with)
	site := testSite(t, a, true).URL
	b := browser.Start(t)

	// Mario signs in by a code, and is led to where he wanted to go.
	mario := b.Open(t, site+"/ticket", browser.Screen{})
	mario.Wait(`location.pathname === "/accedi"`)
	mario.Axe("signing in")
	enter(t, mario, site, "mario.rossi@giustizia.it")
	mario.Wait(`location.pathname === "/ticket" && document.querySelector("header").textContent.includes("Mario Rossi")`)

	// Anna is known to her organisation, which says so.
	provider.QueueUser(&mockoidc.MockUser{Subject: "u1", Email: "anna.bianchi@giustizia.it", EmailVerified: true, PreferredUsername: "Anna Bianchi"})
	anna := b.Open(t, site+"/accedi?ritorno=/ticket", browser.Screen{})
	anna.Click(`a[href^="/accedi/via/azienda"]`)
	anna.Wait(`location.pathname === "/ticket" && document.querySelector("header").textContent.includes("Anna Bianchi")`)

	number := ask(t, mario, site, "Scanner: luce arancione fissa")
	mario.Wait(`document.querySelector("main").textContent.includes("Ho aperto il ticket " + location.pathname.split("/").at(-1)) && document.querySelector("#request .files a")?.textContent === "foto.png" && document.querySelector("#people").textContent.includes("Anna Bianchi")`)
	mario.FullShot("story-opened")
	mario.Axe("a ticket just opened")
	page := site + "/ticket/" + number
	mario.Go(page)
	mario.Wait(`document.querySelector("#form-message")?.dataset.ready`)
	mario.Run(`window.neverReloaded = true`)
	live := func(what string) { mario.Wait(`window.neverReloaded && ` + what) }
	status := func(words string) {
		live(fmt.Sprintf(`document.querySelector("[aria-current=step]")?.textContent.includes(%q)`, words))
	}

	// Olga takes it, begins, and asks; all of it appears before Mario's eyes.
	olga := atDesk(t, b, site, "olga.operatore@giustizia.it", "/desk?view=open&team=all&q=arancione", browser.Screen{Width: 1440, Height: 900})
	olga.Click(`tr[data-number="` + number + `"] .c-subject a`)
	ready := func() { olga.Wait(`document.querySelector(".ticket.js") && document.readyState === "complete"`) }
	ready()
	olga.Click(`form[action$="/claim"] button`)
	status("Preso in carico")
	ready()
	olga.Click(`form[action$="/start"] button`)
	status("In lavorazione")
	ready()
	olga.Click("[data-front=ask]")
	fill(olga, "#ask-text", "Qual è il modello dello scanner?")
	olga.Axe("asking for what is missing")
	olga.Click("#ask button[type=submit]")
	olga.Wait(`document.querySelector(".head .s-waiting")`)
	status("In attesa")
	live(`document.querySelector(".question")?.textContent.includes("Qual è il modello dello scanner?")`)
	mario.FullShot("story-asked")
	mario.Axe("a ticket that waits for an answer")
	if k := ticketOf(t, a, number); k.DueAt.IsZero() == false || k.Left <= 0 {
		t.Errorf("while it waits its clock runs: %v, %v", k.DueAt, k.Left)
	}

	// He answers below the question, and it is his turn no more.
	fill(mario, ".question #text", "È un Canon DR-C225.")
	mario.Click(".question button[type=submit]")
	status("In lavorazione")
	live(`!document.querySelector("#question section") && document.querySelector(".timeline").textContent.includes("È un Canon DR-C225.")`)
	if k := ticketOf(t, a, number); k.DueAt.IsZero() {
		t.Error("the clock still stands after his answer")
	}
	olga.Wait(`document.querySelector(".timeline").textContent.includes("È un Canon DR-C225.") && document.querySelector(".head .s-working")`)
	olga.Click("[data-front=say]")
	fill(olga, "#say-text", "Grazie, arriva un tecnico alle 11.")
	olga.Click("#say button[type=submit]")
	live(`document.querySelector(".timeline").textContent.includes("arriva un tecnico alle 11.")`)
	ready()
	olga.Click("[data-front=finish]")
	fill(olga, "#finish-text", "Il tecnico ha sostituito il rullo.")
	olga.Click("#finish button[type=submit]")
	status("Risolto")
	live(`document.querySelector(".timeline").textContent.includes("sostituito il rullo")`)

	// He rates it, and it turns out not to be solved.
	mario.Click("#score-4")
	fill(mario, "#suggestion", "Avvisare prima di passare")
	mario.Click("#form-rating button")
	mario.Wait(`document.querySelector("#rating")?.textContent.includes("4 su 5") && document.querySelector("#rating blockquote").textContent.includes("Avvisare prima")`)
	mario.FullShot("story-rated")
	mario.Axe("a rated ticket")
	mario.Click("#decide details summary")
	fill(mario, "#why", "La luce è di nuovo arancione")
	mario.Click("#form-reopen button")
	mario.Wait(`document.querySelector("[aria-current=step]").textContent.includes("Riaperto") && document.querySelector(".timeline").textContent.includes("di nuovo arancione")`)
	olga.Wait(`document.querySelector(".timeline").textContent.includes("di nuovo arancione")`)
	olga.Wait(`document.querySelector("[data-front=ask]") && document.querySelector("[data-front=finish]") && !document.querySelector("#reopen") && document.querySelector(".moves form[action$='/transfer']")`) // what she may do now, without a reload
	olga.FullShot("story-desk")
	olga.Axe("a reopened ticket at the desk")
	k := ticketOf(t, a, number)
	if k.Status != tickets.Reopened || k.Rating == nil || k.Rating.Score != 4 || k.Rating.Suggestion != "Avvisare prima di passare" {
		t.Errorf("it is %s, rated %+v", k.Status, k.Rating)
	}

	// Whom it is for has it in her list and may write.
	anna.Go(site + "/ticket")
	card := fmt.Sprintf(`[...document.querySelectorAll(".card-ticket")].find(c => c.textContent.includes(%q))`, number)
	anna.Wait(card + `?.textContent.includes("Per Lei, aperto da Mario Rossi")`)
	anna.Axe("the list of whom it is for")
	anna.Run(card + `.querySelector("a").click()`)
	anna.Wait(`document.querySelector("#form-message") && document.querySelector("#people").textContent.includes("Anna Bianchi (Lei)")`)

	// Who follows it has it too, reads, and changes nothing.
	giulia := atDesk(t, b, site, "giulia.conti@giustizia.it", "/ticket", browser.Screen{})
	giulia.Wait(card)
	giulia.Go(page)
	giulia.Wait(`document.querySelector(".timeline").textContent.includes("arriva un tecnico") && !document.querySelector("textarea")`)
	giulia.Axe("a ticket that somebody follows")
	for path, form := range map[string]string{"/message": "text=Ciao", "/reopen": "why=Ciao", "/rating": "score=1", "/close": "note="} {
		answer := browser.Eval[int](giulia, fmt.Sprintf(`fetch(%q, {method: "POST", redirect: "manual", headers: {"Content-Type": "application/x-www-form-urlencoded"}, body: %q}).then(answer => answer.status)`, "/ticket/"+number+path, form+"&version=9&key="+strings.Repeat("K", 26)))
		if answer != 403 {
			t.Errorf("her %s is answered %d", path, answer)
		}
	}
	if now := ticketOf(t, a, number); now.Version != k.Version {
		t.Errorf("it is at version %d, not %d", now.Version, k.Version)
	}

	t.Run("its pages keep nobody out", func(t *testing.T) { everyPage(t, b, site, number) })
}

func ticketOf(t *testing.T, a *app, number string) tickets.Ticket {
	t.Helper()
	k, err := a.tickets.ByNumber(t.Context(), tickets.Number(number))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// everyPage looks at the pages that the story leads over, in both languages,
// wide and narrow. The desk's others are looked at by TestTheDeskKeepsNobodyOut.
func everyPage(t *testing.T, b *browser.Browser, site, number string) {
	for _, screen := range []browser.Screen{{Width: 1280, Height: 900}, {Width: 320, Height: 640}} {
		for who, paths := range map[string][]string{
			"mario.rossi@giustizia.it": {
				"/", "/servizi", "/servizi/stampante-scanner", "/ticket", "/ticket/" + number, "/profilo",
				"/en/", "/en/services", "/en/services/stampante-scanner", "/en/ticket", "/en/ticket/" + number, "/en/profile",
			},
			"olga.operatore@giustizia.it": {"/desk/ticket/" + number, "/en/desk/ticket/" + number},
			"":                            {"/accedi", "/en/sign-in"},
		} {
			tab := b.Open(t, site+"/robots.txt", screen)
			if who != "" {
				tab.Run(fmt.Sprintf(`fetch("/demo/sign-in", {method: "POST", body: JSON.stringify({email: %q})})`, who))
			}
			look := func(what string) {
				tab.Wait(`document.readyState === "complete" && document.querySelector("main h1")`)
				tab.Axe(fmt.Sprintf("%s at %d pixels", what, screen.Width))
				tab.FullShot(fmt.Sprintf("story%s-%d", strings.ReplaceAll(what, "/", "_"), screen.Width))
				if browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
					t.Errorf("%s must be scrolled sideways at %d pixels", what, screen.Width)
				}
			}
			for _, path := range paths {
				tab.Go(site + path)
				look(path)
				if who == "" { // and the page that asks for the code
					fill(tab, "#email", fmt.Sprintf("paolo%d@giustizia.it\r", len(path)+int(screen.Width)))
					loaded(tab, "#code")
					look(path + "/code")
				}
			}
		}
	}
}
