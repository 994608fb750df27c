package main

import (
	"fmt"
	"strings"
	"testing"

	"sportello/internal/browser"
)

// atDesk opens a page of the desk as an operator of the demonstration.
func atDesk(t *testing.T, b *browser.Browser, base, email, path string, screen browser.Screen) *browser.Tab {
	t.Helper()
	tab := b.Open(t, base+"/robots.txt", browser.Screen{Width: screen.Width, Height: screen.Height})
	tab.Run(fmt.Sprintf(`fetch("/demo/sign-in", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({email: %q})})`, email))
	tab.Go(base + path)
	return tab
}

// numberOf is the number of the ticket of the demonstration with this subject.
func numberOf(tab *browser.Tab, subject string) string {
	link := fmt.Sprintf(`[...document.querySelectorAll(".c-subject a")].find(a => a.textContent.startsWith(%q))`, subject)
	tab.Wait(link)
	return browser.Eval[string](tab, link+`.closest("tr").dataset.number`)
}

func TestTheDeskKeepsNobodyOut(t *testing.T) {
	b := browser.Start(t)
	site := testSite(t, testApp(t), true)
	const olga = "olga.operatore@giustizia.it"
	for _, prefix := range []string{"", "/en"} {
		for _, screen := range []browser.Screen{{Width: 1440, Height: 900}, {Width: 320, Height: 640}} {
			name := fmt.Sprintf("%s-%d", strings.TrimPrefix(prefix+"/it", "/"), screen.Width)
			if prefix == "/en" {
				name = fmt.Sprintf("en-%d", screen.Width)
			}
			t.Run(name, func(t *testing.T) {
				tab := atDesk(t, b, site.URL, olga, prefix+"/desk?view=open&team=all", screen)
				looked := func(page string) {
					tab.Wait(`document.querySelector(".desk")`)
					tab.Axe(page)
					tab.FullShot("desk-" + page + "-" + name)
					if browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
						t.Errorf("%s must be scrolled sideways: %s", page, browser.Eval[string](tab, `[...document.querySelectorAll("main *")].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth && e.getBoundingClientRect().width < 600 && getComputedStyle(e).position !== "absolute").map(e => e.tagName + "." + e.className).slice(0, 5).join(", ")`))
					}
				}
				network, sicoge, posta := numberOf(tab, "VPN drops"), numberOf(tab, "SICOGE"), numberOf(tab, "Outlook")
				looked("queue")
				tab.Run(`document.querySelectorAll(".c-choose input").forEach((box, i) => i < 3 && box.click())`)
				tab.Run(`(() => { const act = document.querySelector("[name=act]"); if (act) { act.value = "weigh"; act.dispatchEvent(new Event("change", {bubbles: true})); } })()`)
				looked("queue-chosen")
				tab.Run(`document.querySelector("[data-help]").click()`)
				looked("queue-keys")
				for page, path := range map[string]string{
					"queue-todo": "?view=todo", "queue-empty": "?view=mine&team=adi&q=niente", "queue-search": "?q=anna",
					"ticket": "/ticket/" + network, "ticket-waiting": "/ticket/" + sicoge, "ticket-proposed": "/ticket/" + posta + "?tab=ask",
					"merge": "/ticket/" + network + "/merge", "merge-sides": "/ticket/" + network + "/merge?other=" + sicoge,
					"call": "/call", "call-known": "/call?caller=demo-anna", "call-several": "/call?caller_text=an", "mail": "/mail", "letters": "/letters", "nothing": "/ticket/2026-999999",
				} {
					tab.Go(site.URL + prefix + "/desk" + path)
					looked(page)
				}
			})
		}
	}
}
