package portal_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"sportello/internal/browser"
	"sportello/internal/htmlcheck"
)

// What is seen of a search box that completes.
const (
	box    = `document.querySelector("#q")`
	list   = `document.querySelector("[role=listbox]")`
	listed = list + `?.checkVisibility() * ` + list + `?.children.length`
	active = `document.getElementById(` + box + `.getAttribute("aria-activedescendant"))?.textContent`
)

// completing is a site whose API suggests the articles that begin alike.
type completing struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	held  func(typed string) (status int) // 0 lets it pass; it may wait, too
}

func newCompleting(t *testing.T) *completing {
	s := newSite(t)
	c := &completing{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'")
		if r.URL.Path == "/api/v1/suggestions" {
			c.suggest(w, r)
			return
		}
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *completing) suggest(w http.ResponseWriter, r *http.Request) {
	typed := strings.TrimSpace(r.URL.Query().Get("q"))
	c.mu.Lock()
	c.asked = append(c.asked, typed)
	held := c.held
	c.mu.Unlock()
	if held != nil {
		if status := held(typed); status != 0 {
			http.Error(w, "no", status)
			return
		}
	}
	type suggestion map[string]any
	found := []suggestion{}
	for _, s := range [][3]string{
		{"account-adn-bloccato", "Account ADN bloccato", "Account ADN bloccato"},
		{"account-adn-bloccato", "account disabilitato dopo troppi tentativi con la password sbagliata dal PC dell'ufficio", "Account ADN bloccato"},
		{"pec-piena", "PEC piena", "PEC piena"},
	} {
		if strings.HasPrefix(strings.ToLower(s[1]), strings.ToLower(typed)) {
			found = append(found, suggestion{"id": s[0], "lang": "it", "text": s[1], "title": s[2], "url": "/kb/it/" + s[0], "marks": [][2]int{{0, len(typed)}}})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"suggestions": found})
}

func (c *completing) hold(by func(typed string) int) {
	c.mu.Lock()
	c.held = by
	c.mu.Unlock()
}

func TestASearchBoxIsOneWithoutScriptsToo(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/", "/kb/", "/cerca?q=forse", "/en/", "/en/kb/", "/en/search"} {
		htmlcheck.InString(t, s.get(t, path, http.StatusOK).Body.String(),
			htmlcheck.Count("form[role=search]", 1), htmlcheck.Attr("#q", "type", "search"), htmlcheck.None("[role=combobox]"),
			htmlcheck.Has("form[data-suggest='/api/v1/suggestions'] label[for=q]"))
	}
}

func TestSearchBoxesComplete(t *testing.T) {
	b := browser.Start(t)
	open := func(t *testing.T, path string) (*completing, *browser.Tab) {
		c := newCompleting(t)
		tab := b.Open(t, c.URL+path, browser.Screen{})
		tab.Wait(box + `.getAttribute("role") === "combobox" && ` + box + `.getAttribute("aria-expanded") === "false"`)
		tab.Run(box + `.focus()`)
		return c, tab
	}

	t.Run("by the keyboard", func(t *testing.T) {
		_, tab := open(t, "/")
		tab.Type("acc")
		tab.Wait(listed + ` === 2 && ` + box + `.getAttribute("aria-expanded") === "true" && document.getElementById(` + box + `.getAttribute("aria-controls")) === ` + list)
		tab.Wait(`document.querySelector(".search [role=status]").textContent.startsWith("Suggerimenti: 2.")`)
		tab.Wait(`[...document.querySelectorAll(".suggestions b")].map(m => m.textContent).join() === "Acc,acc"`)
		tab.Type(kb.ArrowDown)
		tab.Wait(active + ` === "Account ADN bloccato" && ` + list + `.querySelector("[aria-selected=true]").id === ` + box + `.getAttribute("aria-activedescendant")`)
		tab.Type(kb.Home) // back to the text
		tab.Wait(box + `.selectionStart === 0 && !` + box + `.hasAttribute("aria-activedescendant") && ` + listed + ` === 2`)
		tab.Type(kb.End + "ount")
		tab.Wait(box + `.value === "account" && ` + listed + ` === 2`)
		tab.Type(kb.Escape)
		tab.Wait(listed + ` === 0 && ` + box + `.value === "account" && ` + box + `.getAttribute("aria-expanded") === "false"`)
		tab.Type(kb.ArrowDown) // opens it again
		tab.Wait(listed + ` === 2`)
		tab.Type(kb.Escape + kb.Escape)
		tab.Wait(box + `.value === ""`)
		tab.Type("pec")
		tab.Wait(listed + ` === 1`)
		tab.Type(kb.ArrowDown)
		tab.Enter()
		tab.Wait(`location.pathname === "/kb/it/pec-piena"`)
	})

	t.Run("by a click, while the box keeps the focus", func(t *testing.T) {
		_, tab := open(t, "/kb/")
		tab.Type("pec")
		tab.Wait(listed + ` === 1`)
		tab.Click(".suggestions [role=option]")
		tab.Wait(`location.pathname === "/kb/it/pec-piena"`)
	})

	t.Run("and search for what is written unless one is taken", func(t *testing.T) {
		_, tab := open(t, "/")
		tab.Type("account")
		tab.Wait(listed + ` === 2`)
		tab.Enter()
		tab.Wait(`location.pathname === "/cerca" && location.search === "?q=account" && ` + box + `?.value === "account"`)
	})

	t.Run("with the answer to what was typed last", func(t *testing.T) {
		c, tab := open(t, "/cerca")
		release := make(chan struct{})
		c.hold(func(typed string) int {
			if typed == "acc" {
				<-release
			}
			return 0
		})
		tab.Type("acc")
		for c.count("acc") == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		tab.Run(box + `.select()`)
		tab.Type("pec")
		tab.Wait(listed + ` === 1`)
		close(release)
		tab.Run(`new Promise(done => setTimeout(done, 200))`)
		tab.Wait(listed + ` === 1 && ` + list + `.textContent === "PEC piena"`)
	})

	t.Run("and change nothing under the hand that chooses", func(t *testing.T) {
		c, tab := open(t, "/")
		tab.Type("ac")
		tab.Wait(listed + ` === 2`)
		release := make(chan struct{})
		c.hold(func(string) int { <-release; return 0 })
		tab.Type("c")
		for c.count("acc") == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		tab.Type(kb.ArrowDown)
		close(release)
		tab.Run(`new Promise(done => setTimeout(done, 200))`)
		tab.Wait(active + ` === "Account ADN bloccato"`)
		tab.Enter()
		tab.Wait(`location.pathname === "/kb/it/account-adn-bloccato"`)
	})

	t.Run("and leave the keys to an input method", func(t *testing.T) {
		_, tab := open(t, "/")
		tab.Type("acc")
		tab.Wait(listed + ` === 2`)
		taken := browser.Eval[bool](tab, `!`+box+`.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown", isComposing: true, bubbles: true, cancelable: true}))`)
		if taken || browser.Eval[bool](tab, box+`.hasAttribute("aria-activedescendant")`) {
			t.Error("a key that composes a word went through the list")
		}
	})

	for name, status := range map[string]int{"that fails": http.StatusInternalServerError, "that has too much to do": http.StatusTooManyRequests} {
		t.Run("and stay search boxes with a server "+name, func(t *testing.T) {
			c, tab := open(t, "/")
			c.hold(func(string) int { return status })
			tab.Type("account")
			for !c.wasAsked() { // for a part of it, if the keys came slowly
				time.Sleep(5 * time.Millisecond)
			}
			tab.Enter()
			tab.Wait(`location.pathname === "/cerca" && location.search === "?q=account"`)
		})
	}

	t.Run("but not for a letter, nor for what is personal", func(t *testing.T) {
		c, tab := open(t, "/")
		tab.Type("a")
		tab.Run(`new Promise(done => setTimeout(done, 300))`)
		tab.Run(`(() => { ` + box + `.value = "mario.rossi@giustizia.it"; ` + box + `.dispatchEvent(new InputEvent("input")); })()`)
		tab.Run(`new Promise(done => setTimeout(done, 300))`)
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.asked) > 0 {
			t.Errorf("it asked for %q", c.asked)
		}
	})
}

func (c *completing) wasAsked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked) > 0
}

func (c *completing) count(typed string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.asked {
		if a == typed {
			n++
		}
	}
	return n
}

func TestSuggestionsKeepNobodyOut(t *testing.T) {
	site := newCompleting(t)
	b := browser.Start(t)
	narrow, forced := browser.Screen{Width: 320, Height: 640}, browser.Screen{Forced: true, Dark: true}
	for name, c := range map[string]struct {
		path   string
		screen browser.Screen
	}{
		"desktop-it": {"/", browser.Screen{}}, "desktop-en": {"/en/", browser.Screen{}}, "desktop-results": {"/cerca?q=forse", browser.Screen{}},
		"320-it": {"/kb/", narrow}, "320-en": {"/en/", narrow}, "forced": {"/", forced},
	} {
		t.Run(name, func(t *testing.T) {
			tab := b.Open(t, site.URL+c.path, c.screen)
			tab.Wait(box + `.getAttribute("role") === "combobox"`)
			tab.Run(box + `.select()`)
			tab.Run(box + `.focus()`)
			tab.Type("acc")
			tab.Wait(listed + ` === 2`)
			tab.Type(kb.ArrowDown)
			tab.Wait(active)
			if c.screen.Forced { // axe reads the colours that were forced away
				tab.Wait(`getComputedStyle(` + list + `.children[0]).backgroundColor !== getComputedStyle(` + list + `.children[1]).backgroundColor`)
			} else {
				tab.Axe("with suggestions")
			}
			tab.Shot("suggestions-" + name)
			if browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
				t.Error("it must be scrolled sideways")
			}
		})
	}
}
