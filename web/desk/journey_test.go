package desk_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sportello/account"
	"sportello/internal/browser"
	"sportello/tickets"
)

// sit opens a page as somebody.
func sit(t *testing.T, b *browser.Browser, base string, who account.Person, at string, screen browser.Screen) *browser.Tab {
	t.Helper()
	tab := b.Open(t, base+"/as/"+string(who.ID)+"?to="+at, screen)
	return tab
}

// doors lets a browser be somebody.
func doors(r *room) {
	inner := r.Handler
	r.Handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if len(q.URL.Path) > 4 && q.URL.Path[:4] == "/as/" {
			http.SetCookie(w, &http.Cookie{Name: "as", Value: q.URL.Path[4:], Path: "/"})
			http.Redirect(w, q, q.URL.Query().Get("to"), http.StatusSeeOther)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'")
		inner.ServeHTTP(w, q)
	})
}

const focused = `document.activeElement`

func TestAnOperatorWorksWithTheKeyboardAlone(t *testing.T) {
	r := newRoom(t)
	doors(r)
	var numbers []tickets.Number
	for i := range 3 {
		numbers = append(numbers, r.opened(t, mario, func(d *tickets.Draft) { d.Subject = fmt.Sprintf("Ticket della prova %d", i+1) }).Number)
	}
	s := r.served(t)
	tab := sit(t, browser.Start(t), s.URL, olga, "/desk", browser.Screen{})
	tab.Wait(`document.querySelector(".desk.js")`)
	tab.Press("?")
	tab.Wait(`document.querySelector("dialog.keys").open`)
	tab.Type(kb.Escape)
	tab.Wait(`!document.querySelector("dialog.keys").open`)
	tab.Press("j")
	tab.Press("j")
	tab.Press("k")
	tab.Press("j")
	tab.Wait(focused + `.closest("tr").dataset.number === "` + string(numbers[1]) + `"`)
	tab.Press("x")
	tab.Wait(`!document.querySelector(".with").classList.contains("idle")`)
	tab.Press("c")
	tab.Wait(`location.pathname === "/desk/ticket/` + string(numbers[1]) + `" && document.querySelector(".ticket.js")`)
	if now := r.at(t, numbers[1]); now.Assignee != olga.ID {
		t.Fatalf("it is with %q", now.Assignee)
	}
	tab.Press("n")
	tab.Wait(focused + `.id === "note-text" && document.querySelector("#say").hidden`)
	tab.Type("Sentito il presidio: c'è un guasto noto.") // no letter of it is a shortcut
	tab.Press("Enter", chromedp.ModifierCtrl)
	tab.Wait(`document.querySelector(".timeline .note .text")?.textContent === "Sentito il presidio: c'è un guasto noto." && document.querySelector(".ticket.js")`)
	tab.Press("m")
	tab.Wait(focused + `.id === "say-text"`)
	tab.Type("Stiamo lavorando.")
	tab.Type(kb.Tab)
	tab.Enter()
	tab.Wait(`document.querySelector(".timeline .message .text")?.textContent === "Stiamo lavorando." && document.querySelector(".ticket.js")`)
	tab.Press("s")
	tab.Wait(focused + `.id === "finish-text"`)
	tab.Type("Risolto.")
	tab.Press("Enter", chromedp.ModifierCtrl)
	tab.Wait(`document.querySelector(".head .state").textContent === "Risolto" && document.querySelector(".ticket.js")`)
	tab.Press("u")
	tab.Wait(`location.pathname === "/desk" && document.querySelectorAll(".list tbody tr").length === 2 && document.querySelector(".desk.js")`)
	tab.Press("/")
	tab.Type("prova 3")
	tab.Enter()
	tab.Wait(`location.search.includes("q=prova") && document.querySelectorAll(".list tbody tr").length === 1 && document.querySelector(".desk.js")`)

	// Switched off, keys do nothing, on this page and on the next ones.
	tab.Type(kb.Tab)
	tab.Press("?")
	tab.Wait(`document.querySelector("dialog.keys").open`)
	tab.Run(`document.querySelector("[data-keys-on]").focus()`)
	tab.Type(" ")
	tab.Type(kb.Escape)
	tab.Go(s.URL + "/desk")
	tab.Wait(`document.querySelector(".desk.js")`)
	tab.Press("j")
	tab.Press("?")
	if browser.Eval[bool](tab, `Boolean(document.activeElement.closest("tr")) || document.querySelector("dialog.keys").open`) {
		t.Error("a shortcut works that was switched off")
	}
}

func TestWhatIsNewWaitsAndNothingMovesUnderTheHand(t *testing.T) {
	r := newRoom(t)
	doors(r)
	one, two := r.opened(t, mario), r.opened(t, mario)
	s := r.served(t)
	tab := sit(t, browser.Start(t), s.URL, olga, "/desk?view=todo", browser.Screen{})
	tab.Wait(`document.querySelector(".desk.js .news").dataset.lost === ""`) // it listens
	tab.Press("j")
	tab.Run(`document.querySelector(".c-choose input").click()`)
	tab.Run(`document.querySelector(".c-subject a").focus()`)
	r.opened(t, mario)
	tab.Wait(`document.querySelector(".news button").textContent.includes("Un ticket nuovo")`)
	r.did(t, bruno, two.Number, tickets.Ticket.Claim)
	r.did(t, mario, one.Number, said("Ci siete?", false))
	tab.Wait(`document.querySelector("tr.gone")?.dataset.number === "` + string(two.Number) + `"`)
	tab.Wait(`document.querySelector('[data-number="` + string(one.Number) + `"] .unanswered')`)
	if browser.Eval[int](tab, `document.querySelectorAll(".list tbody tr").length`) != 2 {
		t.Error("rows came or went by themselves")
	}
	if !browser.Eval[bool](tab, `document.querySelector('[data-number="`+string(one.Number)+`"] .c-choose input').checked && document.activeElement.closest("tr").dataset.number === "`+string(one.Number)+`"`) {
		t.Error("what was chosen, or the place, is lost")
	}
	tab.Axe("a queue with news")
	tab.Shot("desk-news")
	tab.Click(".news button")
	tab.Wait(`document.querySelectorAll(".list tbody tr").length === 2 && !document.querySelector("tr.gone")`)
}

func TestAnOpenTicketIsBroughtUpToDateAndATextIsKept(t *testing.T) {
	r := newRoom(t)
	doors(r)
	k := r.opened(t, mario)
	s := r.served(t)
	b := browser.Start(t)
	tab := sit(t, b, s.URL, olga, path(k, ""), browser.Screen{})
	tab.Wait(`document.querySelector(".ticket.js")`)
	tab.Press("m")
	tab.Type("Ci stiamo guardando")
	r.did(t, mario, k.Number, said("Ho riavviato, niente.", false))
	tab.Wait(`document.querySelector(".timeline .message.fresh .text")?.textContent === "Ho riavviato, niente."`)
	tab.Wait(`document.querySelector("#say-text").value === "Ci stiamo guardando" && !document.querySelector(".live").hidden`)
	other := sit(t, b, s.URL, bruno, path(k, ""), browser.Screen{})
	other.Wait(`document.querySelector(".company").textContent.includes("Olga Operatore")`)
	tab.Wait(`document.querySelector(".company").textContent.includes("Anche Bruno Operatore")`)
	other.Run(`document.querySelector("[data-front=note]").click()`)
	other.Type("x")
	tab.Wait(`document.querySelector(".company").textContent.includes("Bruno Operatore sta scrivendo")`)
	tab.Axe("a ticket with company")
	tab.Shot("desk-company")
	tab.Press("Enter", chromedp.ModifierCtrl) // what changed was shown, so it counts as seen
	tab.Wait(`document.querySelector(".done")?.textContent === "Messaggio inviato."`)
}

func TestACallTakesThreeFieldsAndNoMouse(t *testing.T) {
	r := newRoom(t)
	doors(r)
	r.opened(t, mario)
	s := r.served(t)
	tab := sit(t, browser.Start(t), s.URL, olga, "/desk/call", browser.Screen{})
	tab.Wait(`document.querySelector(".call.js") && ` + focused + `.id === "caller_text"`)
	tab.Type("mario")
	tab.Wait(`document.querySelector(".found [role=option]")?.textContent.includes("Mario Rossi")`)
	tab.Axe("a call with people found")
	tab.Shot("desk-call-found")
	tab.Enter()
	tab.Wait(focused + `.id === "subject" && document.querySelector('[name=branch]:checked')?.value === "1.4" && document.querySelector(".join")`)
	tab.Axe("a call of somebody known")
	tab.Type("VPN, non parte")
	tab.Enter()
	tab.Wait(`document.querySelector(".done")?.textContent.includes("2026-000002") && ` + focused + `.id === "caller_text"`)
	if k := r.at(t, "2026-000002"); k.Author != mario.ID || k.Team != "sud" || k.Subject != "VPN, non parte" {
		t.Errorf("%+v", k)
	}
}

func TestTheDeskWorksWithoutJavaScript(t *testing.T) {
	r := newRoom(t)
	doors(r)
	k := r.opened(t, mario)
	s := r.served(t)
	tab := sit(t, browser.Start(t), s.URL, olga, "/desk", browser.Screen{NoScript: true})
	there := func(what string) { tab.Wait(`document.querySelector(` + fmt.Sprintf("%q", what) + `)`) }
	tab.Click(".take")
	there(".ticket .done")
	tab.Run(`document.querySelector("#ask input[value=error]").checked = true`)
	tab.Click("#ask button[type=submit]")
	there(".head .s-waiting")
	tab.Click("form[action$='/start'] button")
	there(".head .s-working")
	tab.Run(`document.querySelector("#finish select").value = "risolto"`)
	tab.Click("#finish .nojs")
	tab.Wait(`document.querySelector("#finish-text").value.startsWith("Gentile Mario Rossi")`)
	tab.Click("#finish button[type=submit]")
	there(".head .s-solved")
	if now := r.at(t, k.Number); now.Status != tickets.Solved || now.Assignee != olga.ID {
		t.Errorf("%+v", now)
	}
	tab.Go(s.URL + "/desk/call")
	there("#call")
	tab.Run(`document.querySelector("#caller_text").value = "rossi"`)
	tab.Click(".call .nojs")
	there(".matches input[value=mario]")
	tab.Click(".matches input[value=mario]")
	tab.Click("[name=branch][value='1.4']")
	tab.Run(`document.querySelector("#subject").value = "ADN, bloccato"`)
	tab.Click("#call .line button[type=submit]")
	there(".done a")
	if now := r.at(t, "2026-000002"); now.Author != mario.ID {
		t.Errorf("%+v", now)
	}
}
