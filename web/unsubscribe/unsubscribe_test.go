package unsubscribe_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sportello/account"
	"sportello/internal/browser"
	"sportello/internal/fault"
	"sportello/internal/htmlcheck"
	"sportello/internal/phrases"
	"sportello/web"
	"sportello/web/ui"
	"sportello/web/unsubscribe"
)

// people want letters, until they do not.
type people struct {
	account.Unsubscribe
	mu     sync.Mutex
	lang   map[account.PersonID]string
	stops  map[string]int // person and kind → how often it was switched off
	broken error
}

func (p *people) Read(_ context.Context, token string) (unsubscribe.Subscription, error) {
	person, kind, err := p.Verify(token)
	if err != nil {
		return unsubscribe.Subscription{}, err
	}
	lang, known := p.lang[person]
	if !known {
		return unsubscribe.Subscription{}, fault.New(fault.NotFound, "account.unsubscribe_unknown")
	}
	return unsubscribe.Subscription{Kind: kind, Email: account.Masked(string(person) + "@giustizia.it"), Lang: lang}, nil
}

func (p *people) Stop(_ context.Context, token string) error {
	person, kind, err := p.Verify(token)
	if err != nil || p.broken != nil {
		return errors.Join(err, p.broken)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stops[string(person)+" "+kind]++
	return nil
}

// site is the whole server with these pages, guards and all.
func site(t *testing.T) (*people, http.Handler) {
	t.Helper()
	said, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	p := &people{
		Unsubscribe: account.Unsubscribe{Key: bytes.Repeat([]byte{1}, 32)},
		lang:        map[account.PersonID]string{"anna": "it", "john": "en"}, stops: map[string]int{},
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	pages := unsubscribe.New(unsubscribe.Deps{Preferences: p, Phrases: said, Log: log, Frame: func(_ *http.Request, lang, title string, at map[string]string) ui.Frame {
		other := map[string]string{"it": "en", "en": "it"}[lang]
		return ui.Frame{
			Lang: lang, Title: title, Kind: "website", Home: "/", Owner: ui.Owner{Name: "Help Desk"}, URL: "https://example.it/secret",
			Menu: []ui.Link{{Text: "Assistenza", URL: "/"}}, Legal: []ui.Link{{Text: "Privacy", URL: "/privacy"}}, Switch: ui.Link{Text: other, URL: at[other], Lang: other},
		}.Speaking(said)
	}})
	server := &web.Server{Pages: []web.Pages{pages}, Phrases: said, Metrics: prometheus.NewRegistry(), Log: log, Now: time.Now}
	return p, server.Handler()
}

func ask(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://assistenza.example.it"+path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestLookingAtThePageChangesNothing(t *testing.T) {
	p, h := site(t)
	path := unsubscribe.Path + p.Sign("anna", account.OptionalMail)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		w := ask(h, method, path, "")
		if w.Code != http.StatusOK || len(p.stops) > 0 {
			t.Fatalf("%s answers %d, and %v is switched off", method, w.Code, p.stops)
		}
		if method == http.MethodHead {
			continue
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Set-Cookie") != "" || strings.Contains(w.Header().Get("Referrer-Policy"), "cross") {
			t.Errorf("the headers are %v", w.Header())
		}
		htmlcheck.In(t, w.Body,
			htmlcheck.Attr("html", "lang", "it"), htmlcheck.Has("meta[name=robots][content=noindex]"), htmlcheck.None("link[rel=canonical], link[rel=alternate]"),
			htmlcheck.Text("h1", "Vuole smettere di ricevere questi avvisi?"),
			htmlcheck.Attr("main form", "method", "post"), htmlcheck.Attr("main form", "action", path+"?lang=it"),
		)
		body := ask(h, method, path, "").Body.String()
		if !strings.Contains(body, "a•••@giustizia.it") || strings.Contains(body, "anna@") || !strings.Contains(body, "presa in carico") {
			t.Error("the page does not say whose letters, or which, will stop")
		}
	}
}

func TestOneClickOfAMailProgramSwitchesLettersOff(t *testing.T) {
	p, h := site(t)
	path := unsubscribe.Path + p.Sign("anna", account.OptionalMail)
	for range 3 { // mail programs try again
		w := ask(h, http.MethodPost, path, "List-Unsubscribe=One-Click")
		if w.Code != http.StatusOK {
			t.Fatalf("it answers %d", w.Code)
		}
		htmlcheck.In(t, w.Body, htmlcheck.Has("[role=status]"), htmlcheck.None("main form"))
	}
	if len(p.stops) != 1 || p.stops["anna optional"] == 0 {
		t.Errorf("%v is switched off", p.stops)
	}
}

func TestAFormOfAnotherSiteSwitchesNothingOff(t *testing.T) {
	p, h := site(t)
	path := unsubscribe.Path + p.Sign("anna", account.OptionalMail)
	w := ask(h, http.MethodPost, path, "confirm=yes", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	if w.Code != http.StatusForbidden || len(p.stops) > 0 {
		t.Errorf("it answers %d, and %v is switched off", w.Code, p.stops)
	}
	if w := ask(h, http.MethodPost, path, "confirm=yes", "Sec-Fetch-Site", "same-origin", "Origin", "http://assistenza.example.it"); w.Code != http.StatusOK || len(p.stops) != 1 {
		t.Errorf("our own form is answered %d", w.Code)
	}
}

func TestATokenThatIsNotOursTellsNothing(t *testing.T) {
	p, h := site(t)
	foreign := account.Unsubscribe{Key: bytes.Repeat([]byte{2}, 32)}
	for name, token := range map[string]string{"forged": foreign.Sign("anna", account.OptionalMail), "of somebody who is gone": p.Sign("nobody", account.OptionalMail), "no token": "x"} {
		var bodies []string
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w := ask(h, method, unsubscribe.Path+token, "", "Accept-Language", "en-GB,en")
			if w.Code != http.StatusNotFound || len(p.stops) > 0 {
				t.Errorf("%s: %s answers %d", name, method, w.Code)
			}
			bodies = append(bodies, w.Body.String())
		}
		if bodies[0] != bodies[1] || !strings.Contains(bodies[0], "This link is not valid") || strings.Contains(bodies[0], "•••") {
			t.Errorf("%s: the page says %s", name, bodies[0])
		}
	}
}

func TestWhatWentWrongHereIsSaidAndNotTakenForDone(t *testing.T) {
	p, h := site(t)
	p.broken = errors.New("no disk")
	w := ask(h, http.MethodPost, unsubscribe.Path+p.Sign("john", account.OptionalMail), "List-Unsubscribe=One-Click")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "no disk") {
		t.Errorf("it answers %d: %s", w.Code, w.Body)
	}
}

func TestThePageSpeaksThePersonsLanguageOrTheOneAskedFor(t *testing.T) {
	p, h := site(t)
	john, anna := unsubscribe.Path+p.Sign("john", "digest"), unsubscribe.Path+p.Sign("anna", account.OptionalMail)
	for path, lang := range map[string]string{john: "en", anna: "it", john + "?lang=it": "it", anna + "?lang=en": "en", anna + "?lang=xx": "it"} {
		htmlcheck.In(t, ask(h, http.MethodGet, path, "", "Accept-Language", "de").Body, htmlcheck.Attr("html", "lang", lang))
	}
}

func TestAPersonUnsubscribesWithoutScripts(t *testing.T) {
	p, h := site(t)
	server := httptest.NewServer(h)
	defer server.Close()
	b := browser.Start(t)
	for lang, c := range map[string]struct {
		person account.PersonID
		screen browser.Screen
		done   string
	}{
		"it": {"anna", browser.Screen{NoScript: true, Width: 320, Height: 700}, "Fatto: non riceverà più queste e-mail"},
		"en": {"john", browser.Screen{}, "Done: you will get no more of these e-mails"},
	} {
		tab := b.Open(t, server.URL+unsubscribe.Path+p.Sign(c.person, account.OptionalMail), c.screen)
		tab.FullShot("unsubscribe-ask-" + lang)
		if !c.screen.NoScript {
			tab.Axe("the question in " + lang)
		}
		tab.Click("main form button")
		tab.Wait(`document.querySelector("h1").textContent === "` + c.done + `"`)
		tab.FullShot("unsubscribe-done-" + lang)
		if !c.screen.NoScript {
			tab.Axe("the answer in " + lang)
		}
	}
	if p.stops["anna optional"] != 1 || p.stops["john optional"] != 1 {
		t.Errorf("%v is switched off", p.stops)
	}
	tab := b.Open(t, server.URL+unsubscribe.Path+"x", browser.Screen{Width: 320, Height: 700})
	tab.Axe("a link that is not valid")
	tab.FullShot("unsubscribe-unknown")
}
