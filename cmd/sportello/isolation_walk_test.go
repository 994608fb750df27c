package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
)

// route is one of the service's.
type route struct{ method, path string }

func (r route) String() string { return r.method + " " + r.path }

// routes are all of a handler.
func routesOf(t testing.TB, handler http.Handler) (all []route) {
	t.Helper()
	plain := regexp.MustCompile(`\{(\w+)(:[^}]*)?\}`)
	err := chi.Walk(handler.(chi.Routes), func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		all = append(all, route{method, plain.ReplaceAllString(path, "{$1}")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all
}

func TestEveryRouteHasItsLine(t *testing.T) {
	site, err := testApp(t).site(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer site.stop()
	used := map[string]bool{}
	for _, r := range routesOf(t, site.handler) {
		if _, line, known := lineOf(r.method, r.path); known {
			used[line] = true
		} else if !slices.Contains(ofDemonstration, r.String()) {
			t.Errorf("%s is new: say in whoMay who may come in", r)
		}
	}
	for line := range whoMay {
		if !used[line] {
			t.Errorf("%s is in the table and nowhere else", line)
		}
	}
}

// guess is a way to ask at a route: about what is there, and about what would
// be called like that if it were.
type guess struct {
	name        string
	there, void []string // pairs of what stands in a path and what it stands for
}

// moves of the desk, and one that is none.
var deskMoves = []string{"say", "note", "claim", "release", "assign", "ask", "start", "finish", "close", "cancel", "reopen", "transfer", "weigh", "describe", "for", "observe", "unobserve", "link", "unlink", "merge", "nonesiste"}

const (
	noTicket = "2026-999999"
	noID     = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// guesses are those of a route, about things that are there.
func (h *house) guesses(r route) (all []guess) {
	there := h.there
	add := func(name string, there, void []string) { all = append(all, guess{name, there, void}) }
	number, person := string(there.ticket), []string{"{person}", there.person, "{mail}", there.mail}
	noPerson := []string{"{person}", strings.ToLower(noID), "{mail}", noID}
	switch {
	case strings.Contains(r.path, "/file/") && strings.Contains(r.path, "{number}"), strings.Contains(r.path, "/attachments/{file}"):
		for name, file := range map[string]string{"its file": there.file, "the file of another ticket": there.otherFile, "the file of a note": there.noteFile, "a file of nothing sent": there.draftFile} {
			add(name, []string{"{number}", number, "{file}", file, "{id}", file}, []string{"{number}", number, "{file}", noID, "{id}", noID})
		}
		add("a file of no ticket", []string{"{number}", noTicket, "{file}", there.file, "{id}", there.file}, []string{"{number}", noTicket, "{file}", noID, "{id}", noID})
		add("its file by a ticket", []string{"{number}", number, "{file}", there.file, "{id}", there.file}, []string{"{number}", noTicket, "{file}", there.file, "{id}", there.file})
	case strings.Contains(r.path, "{type}"):
		add("a form", []string{"{type}", there.requestType, "{id}", there.draftFile}, []string{"{type}", there.requestType, "{id}", noID})
		add("a form's file of a ticket", []string{"{type}", there.requestType, "{id}", there.file}, []string{"{type}", there.requestType, "{id}", noID})
	case strings.Contains(r.path, "{move}"):
		for _, move := range deskMoves {
			add(move, []string{"{number}", number, "{move}", move}, []string{"{number}", noTicket, "{move}", move})
		}
	case strings.Contains(r.path, "{act}"):
		for _, act := range []string{"release", "discard"} {
			add(act, []string{"{id}", there.mail, "{act}", act}, []string{"{id}", noID, "{act}", act})
		}
	case strings.Contains(r.path, "/conversations/"):
		add("a conversation", []string{"{id}", there.talk}, []string{"{id}", noID})
	case strings.Contains(r.path, "/webhooks"):
		add("a webhook", []string{"{id}", there.hook}, []string{"{id}", noID})
	case strings.Contains(r.path, "/kb/"), strings.Contains(r.path, "/articles"):
		add("an article for operators", []string{"{id}", "riservato"}, []string{"{id}", "riservata"})
	default:
		token := []string{"{number}", number, "{token}", there.token, "{provider}", "nessuno", "{schema}", "nessuno", "*", "x"}
		add("it", append(token, person...), append([]string{"{number}", noTicket, "{token}", there.token, "{provider}", "nessuno", "{schema}", "nessuno", "*", "x"}, noPerson...))
	}
	return all
}

// answer is what somebody got, without what differs each time.
type answer struct {
	status int
	header string
	body   string
	raw    string // everything as it came
	has    http.Header
}

var perRequest = regexp.MustCompile(`[A-Z2-7]{26}`)

// walk asks at a route with a filling of its path, as somebody.
func (h *house) walk(who string, r route, p place, fill []string, headers ...string) answer {
	in := strings.NewReplacer(fill...)
	target := in.Replace(r.path)
	if p.query != "" {
		target += "?" + in.Replace(p.query)
	}
	body := p.body
	if body == "" {
		body = h.form(r, fill)
	} else {
		headers = append(headers, "Content-Type", "application/json")
	}
	return h.fetch(who, r.method, target, body, fill, append(headers, "Accept", accepts(p))...)
}

func accepts(p place) string {
	if p.stream {
		return "text/event-stream"
	}
	return "text/html"
}

// form is one that fits everywhere.
func (h *house) form(r route, fill []string) string {
	if r.method != http.MethodPost {
		return ""
	}
	number := h.there.other
	for i := 0; i+1 < len(fill); i += 2 {
		if fill[i] == "{number}" && fill[i+1] == noTicket {
			number = noTicket
		}
	}
	return url.Values{
		"key": {rand.Text()}, "version": {"2"}, "text": {"Salve"}, "note": {"Salve"}, "why": {"Salve"}, "score": {"5"}, "address": {"observer@giustizia.it"}, "person": {string(h.people["beneficiary"].ID)},
		"who": {"observer@giustizia.it"}, "to": {string(h.people["operator"].ID)}, "team": {"sud"}, "impact": {"office"}, "urgency": {"high"}, "subject": {"Salve"}, "body": {"Salve"},
		"other": {string(number)}, "ticket": {string(h.there.ticket)}, "act": {"claim"}, "whom": {"me"}, "caller": {h.there.person}, "helpful": {"yes"}, "voter": {strings.Repeat("a", 32)}, "do": {"detach:" + h.there.draftFile},
	}.Encode()
}

func (h *house) fetch(who, method, target, body string, fill []string, headers ...string) answer {
	if !strings.Contains(strings.Join(headers, " "), "event-stream") {
		a, _ := h.fetchFor(time.Minute, who, method, target, body, fill, headers...)
		return a
	}
	for patience := 40 * time.Millisecond; ; patience *= 5 { // it would never end
		a, left := h.fetchFor(patience, who, method, target, body, fill, headers...)
		if !left || a.status < 300 || patience > time.Minute { // who is refused is told at once: else we left before the service knew who we are
			return a
		}
	}
}

// fetchFor hangs up after a while; left reports whether it did.
func (h *house) fetchFor(patience time.Duration, who, method, target, body string, fill []string, headers ...string) (a answer, left bool) {
	ctx, cancel := context.WithTimeout(h.Context(), patience)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	r.RemoteAddr = somewhere()
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.later.Add(int64(300 * time.Millisecond))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if cookie := h.cookies[who]; cookie != "" {
		r.AddCookie(&http.Cookie{Name: "sportello", Value: cookie})
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	var header strings.Builder
	_ = w.Header().Write(&header)
	a = answer{status: w.Code, has: w.Header(), raw: header.String() + w.Body.String()}
	a.header, a.body = alike(header.String(), fill), alike(w.Body.String(), fill)
	return a, ctx.Err() != nil
}

// alike is a text without what was asked for and what differs each time.
func alike(text string, fill []string) string {
	for i := 0; i+1 < len(fill); i += 2 {
		if len(fill[i+1]) > 3 {
			text = strings.ReplaceAll(text, fill[i+1], fill[i])
			text = strings.ReplaceAll(text, url.QueryEscape(fill[i+1]), fill[i])
		}
	}
	return perRequest.ReplaceAllString(text, "KEY")
}

// same reports whether two answers tell the same.
func (a answer) same(b answer) bool {
	return a.status == b.status && a.header == b.header && a.body == b.body
}

// apart is where a answer begins to differ from another.
func apart(a, b answer) string {
	text, other := fmt.Sprint(a.status, a.header, a.body), fmt.Sprint(b.status, b.header, b.body)
	for i := range text {
		if i >= len(other) || text[i] != other[i] {
			return fmt.Sprintf("…%.200q", text[max(0, i-60):])
		}
	}
	return "the beginning of the other"
}

// leaks are the secrets in an answer that are not for whoever got it.
func (a answer) leaks(who string) (words []string) {
	for word, may := range secretPlaces {
		own := word == "zq"+who+"name"
		if !own && !slices.Contains(may, who) && strings.Contains(a.raw, word) {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}

// atOnce does something as each visitor, at the same time.
func atOnce(each func(who string)) {
	var all sync.WaitGroup
	for _, who := range visitors {
		all.Go(func() { each(who) })
	}
	all.Wait()
}

func TestNobodyLearnsAnythingThatIsNotTheirs(t *testing.T) {
	h := newHouse(t)
	kept := h.settled()
	asked, seen := 0, map[string]bool{} // "word who"
	var counting sync.Mutex
	for _, r := range routesOf(t, h.handler) {
		p, _, known := lineOf(r.method, r.path)
		if !known {
			continue // another test tells
		}
		atOnce(func(who string) {
			for _, g := range h.guesses(r) {
				if p.lets(who) && r.method != http.MethodGet && r.method != http.MethodHead {
					continue // see what those do who may
				}
				got, void := h.walk(who, r, p, g.there), h.walk(who, r, p, g.void)
				counting.Lock()
				asked += 2
				for word := range secretPlaces {
					if strings.Contains(got.raw, word) {
						seen[word+" "+who] = true
					}
				}
				counting.Unlock()
				for _, a := range []answer{got, void} {
					if leaks := a.leaks(who); len(leaks) > 0 {
						t.Errorf("%s, %s: %q learns %v:\n%.600s", r, g.name, who, leaks, around(a.raw, leaks[0]))
					}
					if a.status >= 500 {
						t.Errorf("%s, %s: %q is answered %d", r, g.name, who, a.status)
					}
				}
				if p.lets(who) {
					continue
				}
				if slices.Contains(p.sees, who) {
					if got.status < 400 {
						t.Errorf("%s, %s: %q is answered %d, and may only look", r, g.name, who, got.status)
					}
					continue
				}
				if want := p.refuses(who, r.method); got.status != want {
					t.Errorf("%s, %s: %q is answered %d, want %d: %.300s", r, g.name, who, got.status, want, got.body)
				}
				if !got.same(void) {
					t.Errorf("%s, %s: %q is told apart\nwhat is there: %s\nwhat is not:   %s", r, g.name, who, apart(got, void), apart(void, got))
				}
			}
		})
		if r.method == http.MethodGet || r.method == http.MethodHead {
			continue
		}
		now := h.tables()
		if changed := differing(kept, now); len(changed) > 0 {
			t.Errorf("%s: who may not changed %v", r, changed)
			kept = now
		}
	}
	for word, may := range secretPlaces {
		for _, who := range may {
			if !seen[word+" "+who] && word != "zqhook" { // which no page shows
				t.Errorf("%s may read %s, and met it nowhere", who, word)
			}
		}
	}
	t.Logf("%d answers", asked)
}

// around is where a word stands in a text.
func around(text, word string) string {
	at := max(0, strings.Index(text, word)-200)
	return fmt.Sprintf("…%s", text[at:])
}
