package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/tickets"
)

func TestSigningInDoesNotTellWhoIsKnown(t *testing.T) {
	at := time.Now()
	a := testAppAt(t, func() time.Time { return at }) // pages tell how many seconds to wait
	a.config.Account.Passwords = true
	site, err := a.site(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(site.stop)
	h := &house{office: &office{TB: t, app: a, handler: site.handler}, cookies: map[string]string{}}
	for _, path := range []string{"/accedi", "/en/sign-in", "/accedi/password", "/en/sign-in/password"} {
		var first []answer
		for i, email := range []string{"mario.rossi@giustizia.it", "olga.operatore@giustizia.it", "nessuno.davvero@giustizia.it"} {
			fill := []string{"EMAIL", email}
			form := url.Values{"email": {email}, "password": {"Sbagliata-1234"}}.Encode()
			got := h.fetch("", "POST", path, form, fill)
			if at, _ := url.Parse(got.has.Get("Location")); at != nil && at.Path != "" { // the page of the code, and a wrong one
				r := http.Response{Header: got.has}
				for _, c := range r.Cookies() {
					h.cookies["someone"] = c.Value
				}
				if h.cookies["someone"] == "" {
					t.Fatalf("%s leads to %s without a session", path, at)
				}
			}
			answers := []answer{got}
			if got.status == http.StatusSeeOther {
				answers = append(answers, h.fetch("someone", "GET", got.has.Get("Location"), "", fill), h.fetch("someone", "POST", got.has.Get("Location"), "code=000000", fill))
			}
			if i == 0 {
				first = answers
				continue
			}
			if len(answers) != len(first) {
				t.Errorf("%s tells %s apart by %d", path, email, got.status)
				continue
			}
			for j := range first {
				one, other := withoutSession(first[j]), withoutSession(answers[j])
				if !one.same(other) {
					t.Errorf("%s, answer %d, tells %s apart:\n%s\n%s", path, j, email, apart(one, other), apart(other, one))
				}
			}
		}
		if strings.HasSuffix(path, "accedi") && len(first) != 3 {
			t.Errorf("%s is answered %d: no code is asked for", path, first[0].status)
		}
	}
}

// withoutSession is an answer without the secret of a new session.
func withoutSession(a answer) answer {
	before, cookie, found := strings.Cut(a.header, "sportello=")
	if found {
		_, after, _ := strings.Cut(cookie, ";")
		a.header = fmt.Sprint(before, "sportello=;", after)
	}
	return a
}

func TestAFormTouchesWhatIsOnesOwn(t *testing.T) {
	h := newHouse(t)
	chat := account.Identity{Channel: "widget", PlatformID: "zqchatid"}
	h.check(h.app.people.Apply(t.Context(), account.Change{Link: &account.Link{Identity: chat, Person: h.people["author"].ID, At: time.Now()}}))
	page := h.fetch("author", "GET", "/profilo", "", nil)
	_, sign, found := strings.Cut(page.raw, `name="chat" value="`)
	if !found {
		t.Fatal("the author's profile shows no chat")
	}
	sign, _, _ = strings.Cut(sign, `"`)
	kept := h.settled()
	for _, who := range []string{"neighbour", "observer", "operator", "administrator"} {
		for _, prefix := range []string{"/servizi/", "/en/services/"} {
			for _, do := range []string{"discard", "detach:" + h.there.draftFile} {
				got := h.fetch(who, "POST", prefix+aRequestType, url.Values{"key": {rand.Text()}, "do": {do}}.Encode(), nil)
				void := h.fetch(who, "POST", prefix+aRequestType, url.Values{"key": {rand.Text()}, "do": {strings.ReplaceAll(do, h.there.draftFile, noID)}}.Encode(), nil)
				if !got.same(void) || len(got.leaks(who)) > 0 {
					t.Errorf("%s tells %q whose file it is:\n%s\n%s", do, who, apart(got, void), apart(void, got))
				}
			}
		}
		for _, one := range []string{sign, strings.Repeat("0", len(sign))} {
			h.fetch(who, "POST", "/profilo/unlink", url.Values{"chat": {one}}.Encode(), nil)
		}
	}
	now := h.tables()
	for _, table := range []string{"unsent", "unsent_files", "identities", "people", "tickets", "ticket_events"} {
		if now[table] != kept[table] {
			t.Errorf("somebody else's form changed %s:\n%s\n%s", table, kept[table], now[table])
		}
	}
	if got := h.fetch("author", "GET", "/servizi/"+aRequestType+"/file/"+h.there.draftFile, "", nil); got.status != http.StatusOK {
		t.Errorf("the author's file is answered %d afterwards", got.status)
	}
}

// overheard is an answer that is read while it goes on.
type overheard struct {
	*httptest.ResponseRecorder
	mu sync.Mutex
}

func (o *overheard) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ResponseRecorder.Write(p)
}

func (o *overheard) happenings() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Count(o.Body.String(), "event: ticket")
}

func TestAStreamTellsNothingOfWhatOneMayNotRead(t *testing.T) {
	h := newHouse(t)
	h.settled()
	last, err := h.app.tickets.LastHappening(t.Context())
	h.check(err)
	listeners := slices.DeleteFunc(slices.Clone(visitors), out)
	heard := map[string]*overheard{}
	ctx, stop := context.WithCancel(t.Context())
	var open sync.WaitGroup
	for _, who := range listeners {
		w := &overheard{ResponseRecorder: httptest.NewRecorder()}
		heard[who] = w
		r := httptest.NewRequestWithContext(ctx, "GET", fmt.Sprintf("/ticket/events?ticket=%s&after=%d", h.there.ticket, last), nil)
		r.AddCookie(&http.Cookie{Name: "sportello", Value: h.cookies[who]})
		open.Go(func() { h.handler.ServeHTTP(w, r) })
	}
	hear := func(happenings int, except string) {
		t.Helper()
		for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			late := slices.DeleteFunc(slices.Clone(onTicket), func(who string) bool { return who == except || heard[who].happenings() >= happenings })
			if len(late) == 0 {
				return
			}
			if time.Now().After(until) {
				t.Fatalf("%v do not hear of %d happenings", late, happenings)
			}
		}
	}
	h.say(h.there.ticket, "author", tickets.Message{Text: "Di più zqsaid"})
	h.say(h.there.ticket, "operator", tickets.Message{Text: "Nota zqnote", Internal: true})
	hear(1, "")
	h.check(h.app.people.SignOut(t.Context(), h.people["observer"].ID))
	h.say(h.there.ticket, "author", tickets.Message{Text: "Ancora zqsaid"})
	hear(2, "observer")
	time.Sleep(time.Second) // those who are to hear nothing would by now
	stop()
	open.Wait()
	for _, who := range listeners {
		want := 0
		switch {
		case who == "observer":
			want = 1 // then they were signed out
		case slices.Contains(onTicket, who):
			want = 2 // and no note
		}
		text := heard[who].Body.String()
		if got := strings.Count(text, "event: ticket"); got != want {
			t.Errorf("%s hears of %d happenings, want %d:\n%s", who, got, want, text)
		}
		if want == 0 && strings.Contains(text, string(h.there.ticket)) {
			t.Errorf("%s hears of a ticket that is not theirs:\n%s", who, text)
		}
		a := answer{raw: text}
		if leaks := a.leaks(who); len(leaks) > 0 || strings.Contains(text, "zq") {
			t.Errorf("%s hears more than that something happened: %s", who, text)
		}
	}
}

func TestNamingSomebodyOnATicketDoesNotTellWhoIsKnown(t *testing.T) {
	h := newHouse(t)
	changing := regexp.MustCompile(`20\d{2}-\d{6}|\d{4}-\d\d-\d\dT[^"]*`)
	for _, naming := range []string{`"observers":["%s"]`, `"beneficiary":{"name":"Una Persona","email":"%s"}`} {
		for _, pair := range [][2]string{{"manager@giustizia.it", "mai.vista@giustizia.it"}, {"mai@altrove.example", "visto@altrove.example"}} {
			var told [2]string
			for i, email := range pair {
				w := h.ask("colleague", "POST", "/api/v1/tickets", `{"subject":"Prova","body":"Non va",`+fmt.Sprintf(naming, email)+`}`)
				told[i] = fmt.Sprint(w.Code, changing.ReplaceAllString(alike(w.Body.String(), []string{"EMAIL", email, "NAME", `,"name":"Nome zqmanagername"`}), "…"))
				told[i] = strings.ReplaceAll(told[i], "NAME", "")
			}
			if told[0] != told[1] {
				t.Errorf("%s is answered\n%s\nfor %s, and\n%s\nfor %s", naming, told[0], pair[0], told[1], pair[1])
			}
		}
	}
	ticket := h.ticket("d'invito", "d'invito")
	var told [2]answer
	for i, email := range []string{"manager@giustizia.it", "mai.visto.qui@giustizia.it"} {
		form := url.Values{"key": {rand.Text()}, "address": {email}}.Encode()
		told[i] = h.fetch("author", "POST", "/ticket/"+string(ticket.Number)+"/invite", form, []string{"EMAIL", email})
	}
	if !told[0].same(told[1]) || told[0].status != http.StatusSeeOther {
		t.Errorf("an invitation tells who is known:\n%s\n%s", apart(told[0], told[1]), apart(told[1], told[0]))
	}
}

func TestWhoWorkedOnATicketStaysUnnamedWhenTheyWorkElsewhere(t *testing.T) {
	h := newHouse(t)
	h.say(h.there.ticket, "operator", tickets.Message{Text: "Ci penso io"})
	moved, err := h.app.people.Person(t.Context(), h.people["operator"].ID)
	h.check(err)
	moved.Roles, moved.Teams = []account.Role{account.User}, nil
	h.check(h.app.people.Apply(t.Context(), account.Change{Person: &moved}))
	if got := h.fetch("author", "GET", "/profilo/data.json", "", nil); got.status != http.StatusOK || len(got.leaks("author")) > 0 {
		t.Errorf("the author's own data are answered %d and tell %v", got.status, got.leaks("author"))
	}
	for _, prefix := range []string{"", "/en"} {
		got := h.fetch("author", "GET", prefix+"/ticket/"+string(h.there.ticket), "", nil)
		if got.status != http.StatusOK || len(got.leaks("author")) > 0 {
			t.Errorf("the author is answered %d and learns %v:\n%.700s", got.status, got.leaks("author"), around(got.raw, "zqoperatorname"))
		}
		for path, room := range map[string]int{"/desk/": http.StatusSeeOther, "/ticket/" + string(h.there.ticket): http.StatusSeeOther} { // the session ended with the role
			if got := h.fetch("operator", "GET", prefix+path, "", nil); got.status != room {
				t.Errorf("whoever was an operator is answered %d at %s", got.status, path)
			}
		}
		h.cookies["operator"] = h.session(moved)
		for path, room := range map[string]int{"/desk/": http.StatusForbidden, "/ticket/" + string(h.there.ticket): http.StatusNotFound} {
			if got := h.fetch("operator", "GET", prefix+path, "", nil); got.status != room || len(got.leaks("colleague")) > 1 { // their own name
				t.Errorf("whoever was an operator is answered %d at %s and learns %v", got.status, path, got.leaks("colleague"))
			}
		}
		h.check(h.app.people.SignOut(t.Context(), moved.ID))
	}
}

func TestWhoMayNotWriteFillsNoDisk(t *testing.T) {
	h := newHouse(t)
	count := func() (n int) {
		h.check(filepath.WalkDir(filepath.Join(h.app.data, "files"), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				n++
			}
			return err
		}))
		return n
	}
	before := count()
	number := string(h.there.ticket)
	for path, field := range map[string]string{
		"/ticket/" + number + "/message": "file", "/ticket/" + noTicket + "/message": "file", "/desk/ticket/" + number + "/note": "files", "/desk/ticket/" + number + "/say": "files", "/servizi/" + aRequestType: "f-attachments",
	} {
		for _, who := range []string{"", "revoked", "observer", "neighbour", "administrator"} {
			if strings.HasPrefix(path, "/servizi/") && !out(who) {
				continue // may keep a form of their own
			}
			for _, prefix := range []string{"", "/en"} {
				body := strings.ReplaceAll(aFormBody, `"file"`, `"`+field+`"`)
				body = "--border\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n" + rand.Text() + "\r\n" + body
				got := h.fetch(who, "POST", prefix+strings.Replace(path, "/servizi", map[string]string{"": "/servizi", "/en": "/services"}[prefix], 1), body, nil, "Content-Type", "multipart/form-data; boundary=border")
				if got.status < 400 {
					t.Errorf("%s: %q sends a file and is answered %d", path, who, got.status)
				}
			}
		}
	}
	if after := count(); after != before {
		t.Errorf("of %d files there are %d now", before, after)
	}
}
