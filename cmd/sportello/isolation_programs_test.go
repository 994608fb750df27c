package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sportello/tickets"
)

// asProgram is what a program of somebody gets.
func (h *house) asProgram(who, method, path string, fill []string, headers ...string) answer {
	w := h.ask(who, method, strings.NewReplacer(fill...).Replace(path), "", headers...)
	a := answer{status: w.Code, body: alike(w.Body.String(), fill), raw: fmt.Sprint(w.Header(), w.Body), has: w.Header()}
	return a
}

func TestAProgramReadsNoMoreThanItsPerson(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"neighbour", "elsewhere"} {
		h.secrets[name] = h.token(h.people[name], "tickets:read", "articles:read", "webhooks", "tickets:write")
	}
	for _, operation := range slices.Sorted(maps.Keys(programRules)) {
		method, path, _ := strings.Cut(operation, " ")
		if method != http.MethodGet {
			continue
		}
		rule := programRules[operation]
		for who := range h.secrets {
			if path == "/api/v1/people" {
				path += "?text=nome"
			}
			for _, g := range h.guesses(route{method, path}) {
				got, void := h.asProgram(who, method, path, g.there), h.asProgram(who, method, path, g.void)
				if leaks := got.leaks(who); len(leaks) > 0 || got.status >= 500 {
					t.Errorf("%s, %s: a program of %s is answered %d, learns %v", operation, g.name, who, got.status, leaks)
				}
				inside := slices.Contains(rule.may, who) || slices.Contains(onTicket, who)
				if rule.ticket && !inside && !got.same(void) {
					t.Errorf("%s, %s: a program of %s is told apart\n%s\n%s", operation, g.name, who, apart(got, void), apart(void, got))
				}
				foreign := g.name == "the file of another ticket" || g.name == "a file of nothing sent" || g.name == "the file of a note" && !slices.Contains(operators, who)
				if foreign && (got.status < 400 || !got.same(void)) {
					t.Errorf("%s, %s: a program of %s is told apart\n%s\n%s", operation, g.name, who, apart(got, void), apart(void, got))
				}
				if kept := got.has.Get("Cache-Control"); got.status == http.StatusOK && !rule.public && !strings.Contains(kept, "no-store") && !strings.Contains(kept, "private") {
					t.Errorf("%s: what is for %s alone is kept as %q", operation, who, kept)
				}
			}
		}
	}
}

func TestOnlyItsOwnKeyOpensAConversation(t *testing.T) {
	h := newHouse(t)
	other := decoded[struct{ ID, Token string }](h, h.must(http.StatusCreated, h.ask("", "POST", "/api/v1/conversations", `{"lang":"it"}`)))
	listen := []string{"Accept", "application/json"}
	if own := h.asProgram(h.there.talkToken, "GET", "/api/v1/conversations/"+h.there.talk+"/events", nil, listen...); own.status != http.StatusOK || !strings.Contains(own.raw, "zqchat") {
		t.Errorf("its own key is answered %d %s", own.status, own.raw)
	}
	kept := h.settled()
	for _, r := range routesOf(t, h.handler) {
		p, _, _ := lineOf(r.method, r.path)
		if !strings.Contains(r.path, "/conversations/{id}") {
			continue
		}
		for name, key := range map[string]string{"another's": other.Token, "a person's": h.secrets["author"], "an operator's": h.secrets["operator"], "none": "", "a long": strings.Repeat("A", 5000), "its ID": h.there.talk} {
			body, kind := p.body, "application/json"
			if strings.HasSuffix(r.path, "/attachments") {
				body, kind = aFormBody, "multipart/form-data; boundary=border"
			}
			var got [2]answer
			for i, id := range []string{h.there.talk, noID} {
				w := h.ask(key, r.method, strings.Replace(r.path, "{id}", id, 1), body, "Content-Type", kind, "Accept", "application/json")
				got[i] = answer{status: w.Code, body: alike(w.Body.String(), []string{"{id}", id}), raw: w.Body.String()}
			}
			if got[0].status != p.others || !got[0].same(got[1]) || len(got[0].leaks("")) > 0 {
				t.Errorf("%s with %s key is answered\n%d %s\nof nothing\n%d %s", r, name, got[0].status, got[0].raw, got[1].status, got[1].raw)
			}
		}
	}
	if changed := differing(kept, h.tables()); len(changed) > 0 {
		t.Errorf("another's key changed %v", changed)
	}
}

func TestIntoWhichTicketOneWasMergedIsForThoseWhoMayReadThatOne(t *testing.T) {
	h := newHouse(t)
	own := h.ticket("doppio", "doppio")
	rule := func(t tickets.Ticket, s tickets.Stamp) ([]tickets.Change, error) {
		other, err := h.app.tickets.ByNumber(h.Context(), h.there.other)
		if err != nil {
			return nil, err
		}
		return t.MergeInto(other, s)
	}
	_, err := h.app.desk.DoAll(t.Context(), h.people["operator"], own.Number, "", rule)
	h.check(err)
	root := "/api/v1/tickets"
	ask := func(when string, want bool, paths ...string) {
		for _, path := range paths {
			got := h.asProgram("author", http.MethodGet, root+path, nil)
			if told := strings.Contains(got.raw, string(h.there.other)); got.status != http.StatusOK || told != want {
				t.Errorf("%s, %s%s is answered %d and names the other ticket: %v", when, root, path, got.status, told)
			}
		}
	}
	one := "/" + string(own.Number)
	ask("while the author has the other ticket", true, one, one+"/history")
	_, err = h.app.desk.Do(t.Context(), h.people["author"], h.there.other, "", func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Unobserve(h.people["author"].ID, s)
	})
	h.check(err)
	ask("when the author left it", false, one, one+"/history", one+"/messages", "", "/export")
}
