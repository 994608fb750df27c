package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// odd are texts that are no name of anything, as they stand in a path.
var odd = []string{
	"..%2F..%2Fsportello.db", "%2e%2e", "..", strings.Repeat("9", 3000), "2026-00000%D9%A1", "-1", "0", "1", "%00", "%27%20OR%201=1--", "2026-000001%20", "%F0%9F%94%91", "%FF%FE",
}

func TestWhatIsNoNameOpensNothing(t *testing.T) {
	h := newHouse(t)
	for _, r := range routesOf(t, h.handler) {
		p, _, known := lineOf(r.method, r.path)
		if !known || !strings.Contains(r.path, "{") || strings.HasPrefix(r.path, "/api/v1/schemas/") || r.method != http.MethodGet && r.method != http.MethodPost {
			continue
		}
		p.query = ""
		atOnce(func(who string) {
			if !slices.Contains([]string{"", "neighbour", "author", "operator"}, who) {
				return
			}
			for _, name := range odd {
				fill := []string{"{number}", name, "{file}", name, "{id}", name, "{token}", name, "{type}", name, "{move}", "say", "{act}", "release", "{provider}", name, "{schema}", name}
				got := h.walk(who, r, p, fill)
				if leaks := got.leaks(who); got.status >= 500 || got.status < 300 || len(leaks) > 0 {
					t.Errorf("%s of %.40q: %q is answered %d, learns %v", r, name, who, got.status, leaks)
				}
				if at := got.has.Get("Location"); at != "" && !strings.HasPrefix(at, "/") {
					t.Errorf("%s of %.40q: %q is led to %s", r, name, who, at)
				}
			}
		})
	}
}

func TestWhoMayIsNotSentAway(t *testing.T) {
	h := newHouse(t)
	for _, r := range routesOf(t, h.handler) {
		p, _, known := lineOf(r.method, r.path)
		if !known || p.once || r.method != http.MethodPost || !strings.Contains(r.path, "{number}") || strings.HasPrefix(r.path, "/api/") {
			continue
		}
		moves := []string{""}
		if strings.Contains(r.path, "{move}") {
			moves = deskMoves[:len(deskMoves)-1]
		}
		atOnce(func(who string) {
			if !p.lets(who) {
				return
			}
			for _, move := range moves {
				ticket := h.ticket("di prova", "di prova")
				got := h.walk(who, r, p, []string{"{number}", string(ticket.Number), "{move}", move})
				if slices.Contains([]int{401, 403, 404, 405, 500}, got.status) {
					t.Errorf("%s, %s: %q is answered %d: %.300s", r, move, who, got.status, got.body)
				}
			}
		})
	}
}

func TestAnotherSiteMayPostNothingButOneClick(t *testing.T) {
	h := newHouse(t)
	kept := h.settled()
	for _, r := range routesOf(t, h.handler) {
		p, _, known := lineOf(r.method, r.path)
		if !known || r.method != http.MethodPost || strings.HasPrefix(r.path, "/api/") || strings.Contains(r.path, "*") || r.path == "/metrics" || r.path == "/widget.js" {
			continue
		}
		for _, from := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			for _, who := range []string{"", "author", "operator"} {
				for _, g := range h.guesses(r) {
					got := h.walk(who, r, p, g.there, from...)
					if r.path != "/unsubscribe/{token}" && got.status != http.StatusForbidden {
						t.Errorf("%s, %v: %q is answered %d", r, from, who, got.status)
					}
				}
			}
		}
		if r.path == "/unsubscribe/{token}" { // which mail programs post for people, without a browser's headers
			kept = h.tables()
		}
	}
	if changed := differing(kept, h.tables()); len(changed) > 0 {
		t.Errorf("another site changed %v", changed)
	}
}

func TestEveryAnswerCarriesItsGuards(t *testing.T) {
	h := newHouse(t)
	for _, r := range append(routesOf(t, h.handler), route{"GET", "/nonesiste"}, route{"GET", "/en/nonesiste"}, route{"GET", "/desk/nonesiste"}, route{"DELETE", "/ticket/{number}"}, route{"PUT", "/desk/"}) {
		p, _, _ := lineOf(r.method, r.path)
		if p.once && r.method == http.MethodPost {
			continue
		}
		atOnce(func(who string) {
			for _, g := range h.guesses(r)[:1] {
				if p.lets(who) && r.method == http.MethodPost {
					continue
				}
				got := h.walk(who, r, p, g.there)
				if leaks := got.leaks(who); len(leaks) > 0 {
					t.Errorf("%s: %q learns %v", r, who, leaks)
				}
				policy := got.has.Get("Content-Security-Policy")
				if !strings.Contains(policy, "default-src 'self'") && !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
					t.Errorf("%s: %q gets the policy %q", r, who, policy)
				}
				if got.has.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: %q gets a type to guess", r, who)
				}
				kept := got.has.Get("Cache-Control")
				page := strings.HasPrefix(got.has.Get("Content-Type"), "text/html") || got.has.Get("Content-Disposition") != ""
				if !out(who) && page && got.status != http.StatusMovedPermanently && !strings.Contains(kept, "private") && !strings.Contains(kept, "no-store") {
					t.Errorf("%s: %q gets a page of their own that anybody may keep: %q", r, who, kept)
				}
				theirs := p.may != nil && p.lets(who) && got.status == http.StatusOK && got.body != ""
				if theirs && !strings.Contains(kept, "no-store") && !strings.Contains(kept, "private") {
					t.Errorf("%s: %q gets what is theirs alone, kept as %q", r, who, kept)
				}
			}
		})
	}
}

func TestTheCookieOfASessionIsForTheBrowserAlone(t *testing.T) {
	for base, want := range map[string]string{"": "sportello", "https://assistenza.example.it": "__Host-sportello"} {
		a := testApp(t)
		a.config.SiteURL = base
		site, err := a.site(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(site.stop)
		r := httptest.NewRequest("POST", "http://127.0.0.1/demo/sign-in", strings.NewReader(`{"email":"olga.operatore@giustizia.it"}`))
		w := httptest.NewRecorder()
		site.handler.ServeHTTP(w, r)
		cookies := w.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("signing in sets %v", cookies)
		}
		c := cookies[0]
		if c.Name != want || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != (base != "") {
			t.Errorf("at %q the cookie is %s", base, c)
		}
	}
}

func TestADemonstrationAnswersToThisMachineOnly(t *testing.T) {
	demo, err := testApp(t).site(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(demo.stop)
	h := newHouse(t)
	for _, name := range ofDemonstration {
		method, path, _ := strings.Cut(name, " ")
		r := httptest.NewRequest(method, "http://evil.example"+path, strings.NewReader(`{"email":"olga.operatore@giustizia.it"}`))
		w := httptest.NewRecorder()
		demo.handler.ServeHTTP(w, r)
		if w.Code != http.StatusMisdirectedRequest || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s by another name is answered %d", name, w.Code)
		}
		if got := h.fetch("", method, path, "", nil); got.status != http.StatusNotFound {
			t.Errorf("%s without a demonstration is answered %d", name, got.status)
		}
	}
}
