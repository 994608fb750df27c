package portal_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sportello/internal/browser"
	"sportello/web/portal"
)

// atCounter serves a counter under the policy that the program sends. Its
// people sign in by a page of one link, as it would be a page of ours.
func atCounter(t *testing.T, change ...func(*portal.Config, *portal.Deps)) (*counter, *httptest.Server) {
	t.Helper()
	c := newCounter(t, change...)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'")
		switch {
		case r.URL.Path == "/accedi":
			c.who = &c.mario
			http.Redirect(w, r, r.URL.Query().Get("ritorno"), http.StatusSeeOther)
		case strings.HasPrefix(r.URL.Path, "/ticket/"):
			_, _ = fmt.Fprintf(w, "<!doctype html><html lang=it><title>Ticket</title><main><h1>%s</h1></main>", filepath.Base(r.URL.Path))
		default:
			c.ServeHTTP(w, r)
		}
	})
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return c, server
}

func value(selector string) string { return fmt.Sprintf("document.querySelector(%q)?.value", selector) }

// write replaces what stands in an input, by the keyboard.
func write(tab *browser.Tab, selector, text string) {
	tab.Do(chromedp.Focus(chromedp.CSS(selector)))
	tab.Run(fmt.Sprintf("document.querySelector(%q).select()", selector))
	tab.Type(text)
}

func TestFormsKeepNobodyOut(t *testing.T) {
	_, pages := noticesFolder(t, twoNotices)
	c, server := atCounter(t, func(config *portal.Config, _ *portal.Deps) { config.Content = pages })
	c.searcher.silent = false
	c.post(t, consollePath, consolle("seen", "article:account-adn-bloccato"), http.StatusSeeOther)
	c.upload(t, consollePath, consolle("do", "save", "key", strings.Repeat("B", 26), "f-body", "La mia password è Estate2024! e non entro più nella Consolle."), map[string]string{"schermata.png": tinyPNG, "log.txt": "riga"}, http.StatusOK)
	b := browser.Start(t)
	for name, page := range map[string]struct {
		path   string
		submit string // a button pressed first
	}{
		"services":       {path: "/servizi"},
		"services-found": {path: "/servizi?q=la+stampante+non+stampa"},
		"services-none":  {path: "/servizi?q=xyzzy"},
		"services-en":    {path: "/en/services"},
		"form":           {path: "/servizi/stampante-scanner"},
		"form-en":        {path: "/en/services/nuova-utenza"},
		"form-adi":       {path: "/servizi/adi-accesso"},
		"form-resumed":   {path: "/servizi/consolle"},
		"form-wrong":     {path: "/servizi/casella-condivisa", submit: ".buttons [value=send]"},
		"form-wrong-en":  {path: "/en/services/pin-puk", submit: ".buttons [value=send]"},
		"before":         {path: "/servizi/consolle", submit: ".buttons [value=send]"},
		"before-en":      {path: "/en/services/consolle", submit: ".buttons [value=send]"},
		"solved":         {path: "/servizi/consolle?risolto=account-adn-bloccato"},
		"home":           {path: "/"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, screen := range []browser.Screen{{}, {Width: 320, Height: 640}} {
				tab := b.Open(t, server.URL+page.path, screen)
				tab.Wait(`document.querySelector("sportello-chat")`)
				if page.submit != "" {
					tab.Run(fmt.Sprintf("document.querySelector(%q).click()", page.submit))
					tab.Wait(`document.querySelector("#problems, .before") && document.querySelector("sportello-chat")`)
				}
				tab.Axe(fmt.Sprintf("at %d pixels", screen.Width))
				tab.FullShot(fmt.Sprintf("request-%s-%d", name, screen.Width))
				if browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
					t.Error("it must be scrolled sideways")
				}
			}
		})
	}
}

func TestARequestIsMadeStepByStep(t *testing.T) {
	c, server := atCounter(t)
	b := browser.Start(t)
	c.who = nil
	tab := b.Open(t, server.URL+"/servizi", browser.Screen{})
	write(tab, "#wanted", "la consolle non scarica i fascicoli\r")
	tab.Wait(`document.querySelector(".best h3")?.textContent === "Consolle del Magistrato"`)
	tab.Click(".best .btn")
	tab.Wait(value("#f-subject") + ` === "Consolle: non scarica fascicoli"`)

	// A stranger writes, signs in, and finds it again.
	write(tab, "#f-office", "Tribunale di Bari")
	tab.Click("#for-other")
	tab.Wait(`document.querySelector("#for-name").checkVisibility()`)
	write(tab, "#for-name", "Anna Bianchi")
	write(tab, "#for-email", "anna.bianchi@")
	tab.Click("#sign-in a")
	tab.Wait(value("#for-name") + ` === "Anna Bianchi" && document.querySelector("#request").dataset.signedIn === "true" && document.querySelector("#saved").textContent.startsWith("Bozza salvata")`)
	if left := browser.Eval[int](tab, "sessionStorage.length"); left != 0 {
		t.Errorf("%d things are left in the tab's storage", left)
	}
	if phone := browser.Eval[string](tab, value("#f-phone")); phone != c.mario.Phone {
		t.Errorf("the phone is %q", phone)
	}

	// What is wrong is told, and the focus goes there.
	tab.Click(".buttons [value=send]")
	tab.Wait(`document.activeElement?.id === "problems"`)
	tab.Wait(`document.querySelector("#problems a[href='#for-email']")`)
	tab.Shot("request-journey-wrong")
	tab.Click("#problems a[href='#for-email']")
	tab.Wait(`document.activeElement?.id === "for-email"`)
	write(tab, "#for-email", "anna.bianchi@giustizia.it")
	tab.Click("#f-impact-office")
	write(tab, "#f-court", "Tribunale di Bari")

	// Files: chosen, dropped, pasted, taken away.
	file := filepath.Join(t.TempDir(), "registro.txt")
	if err := os.WriteFile(file, []byte("una riga di registro"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	tab.Wait(`document.querySelector("#attached a")?.textContent === "registro.txt"`)
	tab.Run(`(() => { const data = new DataTransfer(); data.items.add(new File(["due righe"], "trascinato.txt")); document.querySelector("#drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})) })()`)
	tab.Wait(`document.querySelectorAll("#attached li[data-id]").length === 2`)
	tab.Run(`(() => { const data = new DataTransfer(); data.items.add(new File([new Uint8Array([137,80,78,71,13,10,26,10,0,0,0,13,73,72,68,82])], "image.png", {type: "image/png"})); document.querySelector("#f-body").dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) })()`)
	tab.Wait(`document.querySelectorAll("#attached li[data-id]").length === 3 && document.querySelector("#attached li:last-child a").textContent.startsWith("schermata-")`)
	tab.Run(`(() => { const data = new DataTransfer(); data.items.add(new File(["MZ\x90\x00\x03"], "virus.exe")); document.querySelector("#drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})) })()`)
	tab.Wait(`document.querySelector("#attached .error")?.textContent.startsWith("virus.exe: Questo tipo di file")`)
	tab.Click(`#attached li:nth-child(2) button`)
	tab.Wait(`document.querySelectorAll("#attached li[data-id]").length === 2 && document.activeElement?.id === "files"`)
	tab.FullShot("request-journey-full")
	tab.Axe("with files")

	// The draft is kept by itself: the page may be closed.
	write(tab, "#f-deadline", "udienza di lunedì")
	tab.Wait(`document.querySelector("#saved").textContent.startsWith("Bozza salvata")`)
	for until := time.Now().Add(browser.Patience); ; time.Sleep(50 * time.Millisecond) {
		kept, err := c.forms.Unsent(t.Context(), c.mario.ID, "consolle")
		if err == nil && kept.Values["f-deadline"] == "udienza di lunedì" {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("kept is %+v, %v", kept, err)
		}
	}
	tab.Go(server.URL + "/servizi/consolle")
	tab.Wait(value("#f-deadline") + ` === "udienza di lunedì" && document.querySelector("#resumed") && document.querySelectorAll("#attached li").length === 2`)

	// Pressed twice, it is sent once.
	tab.Run(`(() => { const send = document.querySelector(".buttons [value=send]"); send.click(); send.click() })()`)
	tab.Wait(`location.pathname === "/ticket/2026-000001"`)
	tab.Go(server.URL + "/servizi/consolle")
	tab.Wait(value("#f-deadline") + ` === "" && !document.querySelector("#resumed")`)
	mine := c.mine(t, c.mario)
	if len(mine) != 1 || len(mine[0].Attachments) != 2 || mine[0].Beneficiary.Person != c.anna.ID || mine[0].Deadline != "udienza di lunedì" {
		t.Errorf("the tickets are %+v", mine)
	}
}

func TestWhoWritesSeesWhatMayHelp(t *testing.T) {
	c, server := atCounter(t)
	c.searcher.silent = false
	tab := browser.Start(t).Open(t, server.URL+"/servizi/consolle", browser.Screen{})
	tab.Wait(`document.querySelector("form.live")`)
	write(tab, "#f-body", "la consolle del magistrato non scarica i fascicoli, la password è Estate2024!")
	tab.Wait(`document.querySelectorAll("#beside:not([hidden]) li").length === 3`)
	tab.Wait(`document.querySelector("#told").textContent.startsWith("Ha scritto una password")`)
	tab.Click("#f-subject-hints button") // the proposed subject
	tab.Wait(value("#f-subject") + `.startsWith("Consolle")`)
	tab.Wait(`/^Restano \d+ caratteri/.test(document.querySelector("#f-subject-count").textContent)`)
	tab.FullShot("request-journey-help")
	tab.Axe("with advice")
	write(tab, "#f-subject", strings.Repeat("molto ", 15))
	tab.Wait(`document.querySelector("#f-subject-count").textContent === "9 caratteri di troppo."`)
	tab.Do(chromedp.Focus(chromedp.CSS("#beside button")))
	tab.Type(kb.Enter)
	tab.Wait(`document.querySelector("h1").textContent === "Bene, il problema è risolto"`)
	if counted, err := c.forms.Deflections(t.Context(), noon); err != nil || len(counted) != 1 {
		t.Errorf("counted is %+v, %v", counted, err)
	}
	if len(c.solved) != 1 || c.solved[0] != "consolle" {
		t.Errorf("solved is %v", c.solved)
	}
	tab.Click("main .links a[href='/servizi/consolle']")
	tab.Wait(`document.querySelector("#f-body")?.value.includes("‹password›")`)
}

func TestARequestIsMadeWithoutJavaScript(t *testing.T) {
	c, server := atCounter(t)
	c.searcher.silent = false
	tab := browser.Start(t).Open(t, server.URL+"/en/services/vpn", browser.Screen{NoScript: true})
	fill := func(selector, text string) {
		tab.Do(chromedp.Focus(chromedp.CSS(selector)))
		tab.Type(text)
	}
	file := filepath.Join(t.TempDir(), "log.txt")
	if err := os.WriteFile(file, []byte("one line"), 0o600); err != nil {
		t.Fatal(err)
	}
	fill("#f-subject", "VPN: drops every five minutes")
	tab.Do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	tab.Click(".buttons [value=send]")
	tab.Wait(`document.querySelectorAll("#problems li").length === 2`)
	tab.Wait(`document.querySelector("#attached a")?.textContent === "log.txt" && document.activeElement.id === "problems"`)
	fill("#f-body", "Every five minutes the connection drops, I restarted everything.")
	tab.Click("#f-impact-me")
	tab.Type("\r") // from an input: it is sent, no file is taken away
	tab.Wait(`document.querySelector("h1").textContent === "This may solve it"`)
	tab.Click("button[value=send]")
	tab.Wait(`location.pathname === "/en/ticket/2026-000001" || document.title.includes("2026") || location.pathname.startsWith("/en/ticket/")`)
	mine := c.mine(t, c.mario)
	if len(mine) != 1 || len(mine[0].Attachments) != 1 || mine[0].Channel != "portal" {
		t.Errorf("the tickets are %+v", mine)
	}
}
