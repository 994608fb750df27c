package main

import (
	"testing"

	"sportello/internal/browser"
	"sportello/tickets"
)

// The same story where no script runs: forms do it all.
func TestTheStoryOfATicketWithoutJavaScript(t *testing.T) {
	a := testApp(t)
	site := testSite(t, a, true).URL
	b := browser.Start(t)
	tab := b.Open(t, site+"/ticket", browser.Screen{NoScript: true})
	tab.Wait(`location.pathname === "/accedi"`)
	enter(t, tab, site, "mario.rossi@giustizia.it")
	tab.Wait(`location.pathname === "/ticket"`)
	number := ask(t, tab, site, "Scanner: luce verde fissa")
	if k := ticketOf(t, a, number); len(k.Attachments) != 1 || k.Beneficiary.Email != "" && k.Beneficiary.Email != "anna.bianchi@giustizia.it" || k.Beneficiary.Person != "demo-anna" || len(k.Observers) != 1 {
		t.Errorf("it is %+v", k)
	}
	page := site + "/ticket/" + number
	says := func(words string) {
		tab.Wait(`document.querySelector(".timeline").textContent.includes("` + words + `")`)
	}

	tab.Go(page)
	fill(tab, "#text", "Ora lampeggia.")
	tab.Click("#form-message button[type=submit]")
	says("Ora lampeggia.")

	olga := b.Open(t, site+"/accedi?ritorno=/desk/ticket/"+number, browser.Screen{NoScript: true})
	enter(t, olga, site, "olga.operatore@giustizia.it")
	there := func(selector string) { olga.Wait(`document.querySelector("` + selector + `")`) }
	olga.Click(`form[action$="/claim"] button`)
	there(".ticket .done")
	fill(olga, "#ask-text", "Qual è il modello?")
	olga.Click("#ask button[type=submit]")
	there(".head .s-waiting")

	tab.Go(site + "/ticket")
	tab.Click(".asked h3 a")
	fill(tab, ".question #text", "Canon DR-C225.")
	tab.Click(".question button[type=submit]")
	says("Canon DR-C225.")
	if k := ticketOf(t, a, number); k.Status == tickets.Waiting {
		t.Error("it still waits")
	}

	olga.Go(site + "/desk/ticket/" + number)
	fill(olga, "#finish-text", "Sostituito il rullo.")
	olga.Click("#finish button[type=submit]")
	there(".head .s-solved")

	tab.Go(page)
	tab.Click("#score-4")
	fill(tab, "#suggestion", "Avvisare prima")
	tab.Click("#form-rating button")
	tab.Wait(`document.querySelector("#rating")?.textContent.includes("4 su 5")`)
	tab.Click("#decide details summary")
	fill(tab, "#why", "Lampeggia ancora")
	tab.Click("#form-reopen button")
	says("Lampeggia ancora")
	if k := ticketOf(t, a, number); k.Status != tickets.Reopened || k.Rating == nil || k.Rating.Suggestion != "Avvisare prima" {
		t.Errorf("it is %s, rated %+v", k.Status, k.Rating)
	}
}
