package ui_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"sportello/internal/browser"
)

// What is seen of the suggestions in the widget.
const (
	box    = root + `.querySelector("textarea")`
	list   = root + `.querySelector("[role=listbox]")`
	listed = list + `.checkVisibility() * ` + list + `.children.length`
	active = root + `.getElementById(` + box + `.getAttribute("aria-activedescendant"))?.textContent`
)

func TestWidgetSuggestsQuestions(t *testing.T) {
	b := browser.Start(t)
	open := func(t *testing.T, screen browser.Screen) (*desk, *browser.Tab) {
		d := newDesk(t)
		tab := b.Open(t, d.page(t, ""), screen)
		tab.Wait(ready)
		tab.Run(`Sportello.open()`)
		tab.Wait(shows("assistente automatico"))
		return d, tab
	}

	t.Run("and asks the one that is taken", func(t *testing.T) {
		d, tab := open(t, browser.Screen{})
		tab.Type("account")
		tab.Wait(listed + ` === 3 && ` + root + `.querySelector(".composer [role=status]").textContent.startsWith("Suggerimenti: 3.")`)
		if box := browser.Eval[[]string](tab, `["role", "aria-autocomplete", "aria-expanded", "aria-activedescendant"].map(name => `+box+`.getAttribute(name) ?? "")`); !slices.Equal(box, []string{"", "list", "", ""}) {
			t.Errorf("the box says %q", box)
		}
		tab.Type(kb.ArrowUp) // from the box to the last
		tab.Wait(active + ` === "Account per un nuovo collega" && ` + list + `.querySelectorAll("[aria-selected=true]").length === 1`)
		tab.Type(kb.ArrowDown + kb.ArrowDown)
		tab.Wait(active + ` === "Account ADN bloccato" && ` + box + `.value === "account"`)
		tab.Enter()
		tab.Wait(shows("Ho risolto il Suo problema") + ` && ` + listed + ` === 0 && ` + box + `.value === ""`)
		if diff := cmp.Diff([]string{"Account ADN bloccato"}, d.said()); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("and sends what was written unless one is taken", func(t *testing.T) {
		d, tab := open(t, browser.Screen{})
		tab.Type("account")
		tab.Wait(listed + ` === 3`)
		tab.Type(" chiuso\r")
		tab.Wait(shows("Ho risolto il Suo problema") + ` && ` + listed + ` === 0`)
		if diff := cmp.Diff([]string{"account chiuso"}, d.said()); diff != "" {
			t.Error(diff)
		}
	})

	for name, screen := range map[string]browser.Screen{"a panel": {}, "a full screen": {Width: 320, Height: 640}} {
		t.Run("and can be dismissed in "+name, func(t *testing.T) {
			_, tab := open(t, screen)
			tab.Type("account")
			tab.Wait(listed + ` === 3`)
			tab.Type(kb.Escape)
			tab.Wait(listed + ` === 0 && ` + panel + `.open && ` + box + `.value === "account"`)
			tab.Type(kb.Escape)
			tab.Wait(`!` + panel + `.open`)
		})
	}

	t.Run("and can be dismissed before they are there", func(t *testing.T) {
		d, tab := open(t, browser.Screen{})
		release := make(chan bool)
		d.refusing(func(r *http.Request) *refusal {
			if strings.HasSuffix(r.URL.Path, "/suggestions") {
				<-release
			}
			return nil
		})
		tab.Type("account" + kb.Escape)
		close(release)
		tab.Run(`new Promise(done => setTimeout(done, 400))`)
		tab.Wait(listed + ` === 0 && ` + panel + `.open && ` + box + `.value === "account"`)
	})

	t.Run("and takes a tap", func(t *testing.T) {
		d, tab := open(t, browser.Screen{Width: 320, Height: 640})
		tab.Type("account")
		tab.Wait(listed + ` === 3`)
		tab.Run(list + `.children[2].click()`)
		tab.Wait(shows("Ho risolto il Suo problema"))
		if diff := cmp.Diff([]string{"Account per un nuovo collega"}, d.said()); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("but only while a question is being begun", func(t *testing.T) {
		d, tab := open(t, browser.Screen{})
		for _, private := range []string{"mario.rossi@giustizia.it", "cod 123456", "RSSMRA80A01H501U"} {
			tab.Type(private)
			tab.Wait(box + `.value === "` + private + `"`)
			tab.Run(box + `.select()`)
		}
		tab.Type("il codice\r")
		tab.Wait(shows("Mi scriva il codice"))
		tab.Type("account")
		tab.Run(`new Promise(done => setTimeout(done, 400))`) // longer than it waits before it asks
		if browser.Eval[int](tab, listed) != 0 {
			t.Error("it suggests replies to what was asked")
		}
		for _, asked := range d.asked() {
			if strings.ContainsAny(asked, "@") || strings.Contains(asked, "12345") || strings.Contains(asked, "RSSMRA80") || strings.Contains(asked, "account") {
				t.Errorf("it asked for %q", asked)
			}
		}
	})

	t.Run("and stays out of the way of who cannot be helped", func(t *testing.T) {
		d, tab := open(t, browser.Screen{})
		d.refusing(func(r *http.Request) *refusal {
			if !strings.HasSuffix(r.URL.Path, "/suggestions") {
				return nil
			}
			return &refusal{status: http.StatusTooManyRequests, pause: 60}
		})
		tab.Type("account")
		tab.Wait(ready + `.suggestions.quiet > Date.now()`) // it was told
		d.refusing(nil)
		tab.Type(" chiuso")
		tab.Run(`new Promise(done => setTimeout(done, 400))`)
		if asked := d.asked(); len(asked) > 0 {
			t.Errorf("asked to wait a minute, it asked for %q", asked)
		}
		tab.Enter()
		tab.Wait(shows("Ho risolto il Suo problema"))
	})
}
