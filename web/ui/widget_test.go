package ui_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"sportello/internal/browser"
	"sportello/internal/phrases"
	"sportello/web/ui"
)

// What a person finds inside the widget.
const (
	root    = `document.querySelector("sportello-chat").shadowRoot`
	panel   = root + `.querySelector("dialog")`
	focused = root + `.activeElement`
	lines   = `[...` + root + `.querySelectorAll(".bubble > .plain, .bubble > .rich")].map(e => e.textContent)`
	fates   = `[...` + root + `.querySelectorAll(".fate")].map(e => e.textContent).join()`
	ready   = `document.querySelector("sportello-chat")`
)

func button(text string) string {
	return `[...` + root + `.querySelectorAll("button")].find(b => (b.textContent === "` + text + `" || b.getAttribute("aria-label") === "` + text + `") && b.checkVisibility())`
}

func shows(text string) string { return lines + `.some(line => line.includes("` + text + `"))` }

func TestWidgetIsSmallAndSelfContained(t *testing.T) {
	said, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	script := ui.Widget(said)
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	_, _ = w.Write(script)
	_ = w.Close()
	if packed.Len() > 30<<10 {
		t.Errorf("the widget is %d bytes gzipped, at most 30 KB are allowed", packed.Len())
	}
	for _, foreign := range []string{"https://", "document.cookie", "eval(", "innerHTML = `"} {
		if bytes.Contains(script, []byte(foreign)) {
			t.Errorf("the widget contains %q", foreign)
		}
	}
}

func TestWidgetScriptIsSentOnce(t *testing.T) {
	d := newDesk(t)
	first, err := http.Get(d.URL + "/widget.js")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Body.Close()
	again := httptest.NewRequest("GET", "/widget.js", nil)
	again.Header.Set("If-None-Match", first.Header.Get("ETag"))
	answer := httptest.NewRecorder()
	d.Config.Handler.ServeHTTP(answer, again)
	if answer.Code != http.StatusNotModified || answer.Body.Len() > 0 {
		t.Errorf("asked again with its tag, the script is answered %d with %d bytes", answer.Code, answer.Body.Len())
	}
}

// A phrase the script asks for and nobody wrote would be an empty label.
func TestWidgetFindsAllItsPhrases(t *testing.T) {
	said, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	script := string(ui.Widget(said))
	var asked []string
	for _, piece := range strings.Split(script, `say("`)[1:] {
		key, _, _ := strings.Cut(piece, `"`)
		asked = append(asked, key)
	}
	asked = append(asked, "new", "close", "attach", "send", "sending", "waiting", "failed", "author_user", "author_bot", "author_operator", "author_system", "typing_bot", "typing_operator", "switch_request")
	for _, key := range asked {
		if !slices.Contains(said.Keys(), "widget."+key) {
			t.Errorf("no phrase widget.%s", key)
		}
	}
}

func TestWidget(t *testing.T) {
	b := browser.Start(t)

	t.Run("is opened, used and closed with the keyboard alone", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-lang="it"`), browser.Screen{})
		tab.Wait(ready)
		if n := len(d.talks); n != 0 {
			t.Errorf("%d conversations before anybody opened the chat", n)
		}
		for range 3 { // two links of the page, then the launcher
			tab.Type(kb.Tab)
		}
		tab.Type(kb.Enter)
		tab.Wait(panel + `.open && ` + focused + `.tagName === "TEXTAREA"`)
		tab.Wait(shows("assistente automatico"))
		tab.Type("account bloccato")
		tab.Type(kb.Enter, chromedp.ModifierShift)
		tab.Type("non entro")
		tab.Type(kb.Enter)
		tab.Wait(shows("Ho risolto il Suo problema"))
		if got := d.said(); !slices.Equal(got, []string{"account bloccato\nnon entro"}) {
			t.Errorf("the desk heard %q", got)
		}
		tab.Wait(focused + `.tagName === "TEXTAREA"`) // answers do not move the focus
		tab.Type(kb.Escape)
		tab.Wait(`!` + panel + `.open && ` + focused + `.classList.contains("launcher")`)
	})

	t.Run("offers choices until something newer is said", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		tab.Type("password\r")
		tab.Wait(button("Non ancora"))
		tab.Run(button("Non ancora") + ".click()")
		tab.Wait(root + `.querySelector(".ticket strong")?.textContent === "Ticket 2026-004512"`)
		tab.Wait(`!(` + button("Non ancora") + `)`)
		if diff := cmp.Diff([]string{"password", "Non ancora"}, d.said()); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("leads to other channels, and goes on from them", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		tab.Type("continuo altrove\r")
		tab.Wait(`(() => { const a = ` + root + `.querySelector(".links a"); return a?.textContent === "Continuo su Telegram" && a.href === "https://t.me/assistenza?start=c_ABCD2345" && a.target === "_blank" && a.rel === "noopener" && a.getBoundingClientRect().height >= 44 })()`)

		d = newDesk(t)
		tab = b.Open(t, d.page(t, "")+"#continua=ABCD-2345", browser.Screen{})
		tab.Wait(shows("continua ABCD-2345"))
		tab.Wait(shows("Ho risolto il Suo problema"))
		tab.Wait(`location.hash === "" && !location.href.includes("ABCD")`)
		if got := d.said(); !slices.Equal(got, []string{"continua ABCD-2345"}) {
			t.Errorf("the desk heard %q", got)
		}
	})

	t.Run("shows an answer from its first line, and the way to the rest", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{Width: 800, Height: 440})
		tab.Wait(shows("assistente automatico"))
		tab.Type(strings.Repeat("La password non va. ", 60) + "\r")
		tab.Wait(button("Non ancora"))
		top := func(of string) string { return root + `.querySelector("` + of + `").getBoundingClientRect().top` }
		shown := `Math.abs(` + top(".user + .message") + ` - ` + top(".log") + `) < 20`
		more := root + `.querySelector(".latest").checkVisibility()`
		tab.Wait(shown + ` && ` + more)
		tab.Run(root + `.querySelector(".latest").focus()`)
		tab.Type(kb.Enter)
		tab.Wait(`!` + more + ` && ` + focused + `?.className === "log"`)
	})

	t.Run("shows what was said in one breath from its first line", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{Width: 800, Height: 440})
		tab.Wait(shows("assistente automatico"))
		tab.Type("la stampnate non va\r")
		tab.Wait(shows("Controlli la carta"))
		tab.Wait(`Math.abs(` + root + `.querySelector(".user + .message").getBoundingClientRect().top - ` + root + `.querySelector(".log").getBoundingClientRect().top) < 20`)
	})

	t.Run("resolves addresses of the server, not of the page around", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		tab.Type("password\r")
		tab.Wait(root + `.querySelectorAll(".bubble a").length === 2`)
		links := browser.Eval[[]string](tab, `[...`+root+`.querySelectorAll(".bubble a")].map(a => a.href + " " + a.target + " " + a.rel)`)
		if diff := cmp.Diff([]string{d.URL + "/kb/it/vpn _blank noopener", d.URL + "/kb/it/account-adn-bloccato _blank noopener"}, links); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("restores the conversation after a reload", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, ""), browser.Screen{})
		tab.Wait(ready)
		tab.Run(`Sportello.ask("account bloccato")`)
		tab.Wait(shows("Ho risolto il Suo problema"))
		before := browser.Eval[[]string](tab, lines)
		tab.Reload()
		tab.Wait(panel + `.open && ` + shows("Ho risolto il Suo problema"))
		if diff := cmp.Diff(before, browser.Eval[[]string](tab, lines)); diff != "" {
			t.Errorf("after the reload (-before +after):\n%s", diff)
		}
		tab.Wait(button("Non ancora"))
		if cookies := browser.Eval[string](tab, "document.cookie"); cookies != "" {
			t.Errorf("it set cookies: %s", cookies)
		}
		if len(d.talks) != 1 {
			t.Errorf("%d conversations, want the same one", len(d.talks))
		}
	})

	t.Run("sends what was written offline once the network is back, once", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		tab.Offline(true)
		tab.Wait(root + `.querySelector(".banner").textContent.includes("Manca la connessione")`)
		tab.Type("vpn ferma\r")
		tab.Type("secondo\r")
		tab.Wait(fates + `.includes("Non ancora inviato")`)
		if got := d.said(); len(got) > 0 {
			t.Errorf("offline, the desk heard %q", got)
		}
		tab.Offline(false)
		tab.Wait(shows("Ho risolto il Suo problema"))
		tab.Wait(fates + ` === "" && ` + lines + `.filter(line => line === "secondo").length === 1`)
		if diff := cmp.Diff([]string{"vpn ferma", "secondo"}, d.said()); diff != "" {
			t.Error(diff)
		}
		tab.Wait(root + `.querySelector(".banner").hidden`)
	})

	t.Run("keeps an unsent message over a reload and sends it under the same name", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		// The message arrives, its acknowledgement does not: what a cut connection looks like.
		d.refusing(func(r *http.Request) *refusal {
			if strings.HasSuffix(r.URL.Path, "/messages") {
				answer := httptest.NewRecorder()
				id := path.Base(path.Dir(r.URL.Path))
				d.mu.Lock()
				talk := d.talks[id]
				d.mu.Unlock()
				d.say(answer, r, talk)
				return &refusal{status: http.StatusBadGateway}
			}
			return &refusal{status: http.StatusBadGateway}
		})
		d.cut()
		tab.Type("una volta sola\r")
		tab.Wait(shows("una volta sola"))
		for len(d.said()) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		tab.Reload()
		tab.Wait(shows("una volta sola"))
		d.refusing(nil)
		tab.Wait(shows("Ho risolto il Suo problema") + ` && ` + fates + ` === ""`)
		if got := d.said(); !slices.Equal(got, []string{"una volta sola"}) {
			t.Errorf("the desk heard %q", got)
		}
	})

	t.Run("takes the stream up where it was cut", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		for range 3 {
			d.cut()
		}
		tab.Type("account\r")
		tab.Wait(shows("Ho risolto il Suo problema"))
		d.cut()
		tab.Type("operatore\r")
		tab.Wait(shows("Le rispondo io"))
		got := browser.Eval[[]string](tab, lines)
		if distinct := len(slices.Compact(slices.Sorted(slices.Values(got)))); distinct != len(got) {
			t.Errorf("something is shown twice: %q", got)
		}
		tab.Wait(root + `.querySelector(".banner").textContent === "Sta parlando con un operatore."`)
	})

	t.Run("says who answers, and saves the operator's files with the conversation's key", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		tab.Run(`window.typed = [], new MutationObserver((changes) =>
			window.typed.push(...changes.flatMap((change) => [...change.addedNodes].map((node) => node.textContent))),
		).observe(` + root + `.querySelector(".typing"), { childList: true })`)
		tab.Type("operatore\r")
		tab.Wait(shows("Le rispondo io"))
		tab.Wait(`window.typed.includes("L'operatore sta scrivendo")`)
		tab.Wait(root + `.querySelector(".typing").textContent === ""`)
		tab.Wait(root + `.querySelector(".banner[role=status]").textContent === "Sta parlando con un operatore."`)
		tab.Wait(root + `.querySelector(".message.operator .author").textContent.startsWith("Operatore")`)
		tab.Axe("with an operator's file")
		tab.Run(root + `.querySelector(".message.operator .files button").click()`)
		waitFor(t, func() bool {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.saved == 1
		})
		tab.Shot("widget-operator")
	})

	t.Run("starts anew when the server has forgotten the conversation", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		d.forget()
		tab.Type("account\r")
		tab.Wait(shows("Ho risolto il Suo problema"))
		if got := d.said(); !slices.Equal(got, []string{"account"}) {
			t.Errorf("the desk heard %q", got)
		}
	})

	t.Run("does not open conversation after conversation for a message nobody takes", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		d.refusing(func(r *http.Request) *refusal {
			if !strings.HasSuffix(r.URL.Path, "/messages") {
				return nil
			}
			return &refusal{status: http.StatusNotFound, detail: "L'allegato non c'è più."}
		})
		tab.Type("ecco il file\r")
		tab.Wait(fates + `.includes("L'allegato non c'è più.")`)
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.talks) != 2 {
			t.Errorf("%d conversations, want the first and one more", len(d.talks))
		}
	})

	t.Run("follows another tab into a new conversation", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		tab.Type("account\r")
		tab.Wait(shows("Ho risolto il Suo problema"))
		// What another tab does: it opens a conversation, and writes it where both look.
		tab.Run(`fetch("` + d.URL + `/api/v1/conversations", {method: "POST", body: "{}"}).then(r => r.json()).then(made => {
			const key = Object.keys(localStorage).find(k => k.endsWith(" conversation"));
			localStorage.setItem(key, JSON.stringify({...made, lang: "it"}));
			dispatchEvent(new StorageEvent("storage", {key, newValue: localStorage.getItem(key)}));
		})`)
		tab.Wait(lines + `.length === 1 && ` + shows("assistente automatico"))
	})

	t.Run("says what was wrong with a message and keeps its text", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		d.refusing(func(r *http.Request) *refusal {
			if !strings.HasSuffix(r.URL.Path, "/messages") {
				return nil
			}
			return &refusal{status: http.StatusUnprocessableEntity, detail: "Il messaggio contiene caratteri non leggibili."}
		})
		tab.Type("illeggibile\r")
		tab.Wait(fates + `.includes("caratteri non leggibili")`)
		d.refusing(nil)
		tab.Run(button("Modifica") + ".click()")
		tab.Wait(focused + `.value === "illeggibile"`)
		tab.Type(kb.Enter)
		tab.Wait(shows("Ho risolto il Suo problema") + ` && ` + fates + ` === ""`)
	})

	t.Run("waits as long as a busy server asks, then sends by itself", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		var refused time.Time
		d.refusing(func(r *http.Request) *refusal {
			if !strings.HasSuffix(r.URL.Path, "/messages") || !refused.IsZero() {
				return nil
			}
			refused = time.Now()
			return &refusal{status: http.StatusTooManyRequests, detail: "Troppi messaggi: riprovi tra tre secondi.", pause: 3}
		})
		tab.Type("account\r")
		tab.Wait(fates + `.includes("Troppi messaggi")`)
		tab.Wait(shows("Ho risolto il Suo problema"))
		if took := time.Since(refused); took < 3*time.Second {
			t.Errorf("it came back after %v, asked to wait three seconds", took)
		}
	})

	t.Run("attaches files and tells why one was refused", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		drop := func(name string) {
			tab.Run(`(() => { const files = new DataTransfer(); files.items.add(new File(["x"], "` + name + `"));
				` + panel + `.dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true})); })()`)
		}
		drop("virus.exe")
		tab.Wait(root + `.querySelector(".chips .failed")?.textContent.includes("non si può allegare")`)
		drop("schermata.png")
		tab.Wait(root + `.querySelectorAll(".chips progress").length === 0 && ` + root + `.querySelectorAll(".chips li").length === 2`)
		tab.Type("ecco la schermata\r")
		tab.Wait(root + `.querySelector(".message.user .files")?.textContent === "schermata.png"`)
		tab.Wait(root + `.querySelectorAll(".chips li").length === 0`)
	})

	t.Run("counts what arrived while it was closed", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, ""), browser.Screen{})
		tab.Wait(ready)
		tab.Run(`document.querySelector("#link").click()`)
		tab.Wait(shows("assistente automatico"))
		tab.Type(kb.Escape)
		tab.Wait(`!` + panel + `.open`)
		d.mu.Lock()
		for _, talk := range d.talks {
			talk.tell(words{"author": "operator", "text": "È ancora lì?"})
		}
		d.mu.Unlock()
		tab.Wait(root + `.querySelector(".badge").textContent === "1"`)
		tab.Wait(root + `.querySelector(".launcher").getAttribute("aria-label").endsWith("non letti: 1")`)
		tab.Run(`Sportello.open()`)
		tab.Wait(root + `.querySelector(".badge").hidden`)
	})

	t.Run("says that a notice was seen, once somebody can see it", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, ""), browser.Screen{})
		tab.Wait(ready)
		tab.Run(`Sportello.open()`)
		tab.Wait(shows("assistente automatico"))
		tab.Run(`Sportello.close()`)
		seen := func() []int {
			d.mu.Lock()
			defer d.mu.Unlock()
			return slices.Clone(d.seen)
		}
		notice := func(text string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			for _, talk := range d.talks {
				talk.tell(words{"author": "bot", "text": text, "notice": true})
			}
		}
		notice("Il ticket è in attesa di una Sua risposta.")
		tab.Wait(root + `.querySelector(".badge").textContent === "1"`)
		if got := seen(); len(got) > 0 {
			t.Errorf("with the panel closed, %v is seen", got)
		}
		tab.Run(`Sportello.open()`)
		waitFor(t, func() bool { return slices.Equal(seen(), []int{2}) })
		notice("Il ticket è chiuso.")
		waitFor(t, func() bool { return slices.Equal(seen(), []int{2, 3}) })
		tab.Type("account\r")
		tab.Wait(shows("Ho risolto il Suo problema"))
		if got := seen(); len(got) != 2 {
			t.Errorf("answers are told to be seen, too: %v", got)
		}
	})

	t.Run("changes language, and begins again if nothing was said", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true" data-lang="it"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		tab.Run(button("English") + ".click()")
		tab.Wait(shows("automatic assistant") + ` && ` + lines + `.length === 1`)
		tab.Wait(panel + `.lang === "en" && ` + button("Send"))
	})

	t.Run("tells when a message is too long before it is sent", func(t *testing.T) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, `data-open="true"`), browser.Screen{})
		tab.Wait(shows("assistente automatico"))
		tab.Run(`(() => { const text = ` + root + `.querySelector("textarea"); text.value = "è".repeat(10001); text.dispatchEvent(new Event("input")); text.focus(); })()`)
		tab.Wait(root + `.querySelector(".left.over")?.textContent === "Caratteri di troppo: 1. Accorci il messaggio o alleghi un file."`)
		tab.Type(kb.Enter)
		tab.Type(kb.Backspace)
		tab.Wait(root + `.querySelector(".left").textContent === "Caratteri ancora disponibili: 0"`)
		if got := d.said(); len(got) > 0 {
			t.Errorf("it sent %d messages", len(got))
		}
	})
}

func TestWidgetKeepsNobodyOut(t *testing.T) {
	b := browser.Start(t)
	screens := map[string]browser.Screen{
		"light":          {},
		"dark":           {Dark: true},
		"320-pixels":     {Width: 320, Height: 640},
		"enlarged-400":   {Width: 320, Height: 256},
		"dark-in-mobile": {Width: 390, Height: 800, Dark: true},
		"forced":         {Forced: true},
	}
	for name, screen := range screens {
		for _, lang := range []string{"it", "en"} {
			t.Run(name+"-"+lang, func(t *testing.T) {
				d := newDesk(t)
				tab := b.Open(t, d.page(t, `data-lang="`+lang+`"`), screen)
				tab.Wait(ready)
				tab.Axe("closed")
				tab.Shot("widget-closed-" + name + "-" + lang)
				tab.Run(`Sportello.open()`)
				tab.Wait(lines + `.length === 1`)
				tab.Type("account")
				tab.Wait(listed + ` === 3`)
				tab.Type(kb.ArrowDown)
				tab.Axe("with suggestions")
				tab.Shot("widget-suggestions-" + name + "-" + lang)
				tab.Type(kb.ArrowUp)
				tab.Type(" bloccato\r")
				tab.Wait(button("Non ancora"))
				tab.Axe("with an answer and choices")
				tab.Shot("widget-answer-" + name + "-" + lang)
				tab.Run(button("Non ancora") + ".click()")
				tab.Wait(root + `.querySelector(".ticket")`)
				tab.Run(`Sportello.ask("mi passa un operatore?")`)
				tab.Wait(shows("Le rispondo io"))
				tab.Offline(true)
				tab.Run(`Sportello.ask("intanto scrivo")`)
				tab.Wait(root + `.querySelector("[data-state=waiting]")`)
				tab.Axe("with a ticket, an operator, and no network")
				tab.Shot("widget-offline-" + name + "-" + lang)
				if wide := browser.Eval[bool](tab, root+`.querySelector(".log").scrollWidth > `+root+`.querySelector(".log").clientWidth || document.documentElement.scrollWidth > innerWidth`); wide {
					t.Error("it must be scrolled sideways")
				}
			})
		}
	}
}

// waitFor fails the test unless something comes true soon.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	for range 500 {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it never came true")
}
