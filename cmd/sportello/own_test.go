package main

import (
	"strings"
	"testing"

	"sportello/internal/browser"
	"sportello/tickets"
)

// Over the whole service: who signs in finds what they asked for, sees it move,
// and takes their data along.
func TestJourneyOfWhoeverHasTickets(t *testing.T) {
	a := testApp(t)
	site := testSite(t, a, true)
	tab := browser.Start(t).Open(t, site.URL+"/ticket", browser.Screen{})
	tab.Wait(`location.pathname === "/accedi"`) // and back, once signed in
	tab.Run(`fetch("/demo/sign-in", {method: "POST", body: JSON.stringify({email: "mario.rossi@giustizia.it"})})`)
	tab.Go(site.URL + "/ticket")
	tab.Wait(`document.querySelectorAll(".card-ticket").length === 2 && document.querySelector("main").textContent.includes("da: Telefono")`)
	tab.Axe("the list, signed in")
	tab.Shot("journey-mine")
	tab.Click(".cards li:last-child h3 a")
	tab.Wait(`document.querySelector("[aria-current=step]")?.textContent.includes("In lavorazione")`)

	mario, err := a.people.PersonByEmail(t.Context(), "mario.rossi@giustizia.it")
	if err != nil {
		t.Fatal(err)
	}
	mine, err := a.desk.Mine(t.Context(), mario, tickets.Filter{Statuses: []tickets.Status{tickets.Working}})
	if err != nil || len(mine) != 1 {
		t.Fatal(mine, err)
	}
	operator, err := a.people.PersonByEmail(t.Context(), "olga.operatore@giustizia.it")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return k.Ask("Quale versione vede?", s)
	}
	if _, err := a.desk.Do(t.Context(), operator, mine[0].Number, "", ask); err != nil {
		t.Fatal(err)
	}
	tab.Wait(`document.querySelector(".question")?.textContent.includes("Quale versione vede?")`) // through the real server, without a reload
	tab.Click("#text")
	tab.Type("La 4.2")
	tab.Click(".question button[type=submit]")
	tab.Wait(`document.querySelector("[aria-current=step]")?.textContent.includes("In lavorazione") && document.querySelector(".timeline").textContent.includes("La 4.2")`)

	tab.Go(site.URL + "/profilo")
	tab.Axe("the profile")
	exported := browser.Eval[string](tab, `fetch("/profilo/data.json").then(answer => answer.text())`)
	for _, part := range []string{"mario.rossi@giustizia.it", "La 4.2"} {
		if !strings.Contains(exported, part) {
			t.Errorf("the export lacks %q", part)
		}
	}
	tab.Click(`form[action$="/sign-out"] button`)
	tab.Wait(`location.pathname === "/"`)
	tab.Go(site.URL + "/ticket")
	tab.Wait(`location.pathname === "/accedi"`)
}
