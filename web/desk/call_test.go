package desk_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sportello/internal/htmlcheck"
	"sportello/tickets"
)

func httptestGet(at string) *http.Request { return httptest.NewRequest(http.MethodGet, at, nil) }

// called are the fields of a call.
func called(key string, pairs ...string) url.Values {
	v := url.Values{"key": {(key + "--------")[:8]}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestACallIsATicketOfWhoCalled(t *testing.T) {
	r := newRoom(t)
	f := called("call", "caller", "mario", "caller_text", "Mario Rossi", "branch", "1.4", "subject", "VPN, non parte")
	for range 2 {
		a := r.post(olga, "/desk/call", f)
		if a.status != http.StatusSeeOther || a.location != "/desk/call?recorded=2026-000001" {
			t.Fatalf("it answers %d to %q: %.400s", a.status, a.location, text(a.body))
		}
	}
	k := r.at(t, "2026-000001")
	if k.Author != mario.ID || k.Channel != "phone" || k.Team != "sud" || k.Application != "vpn" || k.Phone != mario.Phone || k.Office != mario.Office || k.Status != tickets.Received {
		t.Errorf("%+v", k)
	}
	if by := r.history(t, k)[0].By; by != olga.ID {
		t.Errorf("it was recorded by %s: that an operator did has to be seen by both", by)
	}
	if _, err := r.store.ByNumber(t.Context(), "2026-000002"); err == nil {
		t.Error("sent twice, it was recorded twice")
	}
	htmlcheck.InString(t, r.get(t, olga, "/desk/call?recorded=2026-000001", http.StatusOK), htmlcheck.Contains(".done", "2026-000001"), htmlcheck.Attr("#caller_text", "value", ""))
	mine, err := r.desk.Mine(t.Context(), mario, tickets.Filter{})
	if err != nil || len(mine) != 1 {
		t.Errorf("the caller has %d tickets in their list, %v", len(mine), err)
	}
}

func TestTheFormKnowsTheCallersAreaAndOpenTickets(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario)
	page := r.get(t, olga, "/desk/call?caller=mario", http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.Has(`[name=branch][value="1.4"][checked]`), htmlcheck.Count("[name=branch][checked]", 1), htmlcheck.Contains(".join", string(k.Number)), htmlcheck.Contains(".person", mario.Phone))
	page = r.get(t, olga, "/desk/call?caller_text=Rossi", http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.Count(".matches [name=caller]", 2), htmlcheck.None("input[type=hidden][name=caller]"))
	var found []struct{ ID, Name string }
	if err := json.Unmarshal([]byte(r.get(t, olga, "/desk/people?q=ferri", http.StatusOK)), &found); err != nil || len(found) != 1 || found[0].Name != "Luca Ferri" {
		t.Errorf("people: %v, %v", found, err)
	}
}

func TestACallerNotOnFileIsAdmittedByAddress(t *testing.T) {
	r := newRoom(t)
	a := r.post(olga, "/desk/call", called("new", "caller_text", "Carla Neri <Carla.Neri@giustizia.it>", "branch", "3.1", "subject", "SICOGE, non firma"))
	if a.status != http.StatusSeeOther {
		t.Fatalf("it answers %d: %.400s", a.status, text(a.body))
	}
	carla, err := r.people.PersonByEmail(t.Context(), "carla.neri@giustizia.it")
	if err != nil || carla.Name != "Carla Neri" {
		t.Fatalf("%+v, %v", carla, err)
	}
	if k := r.at(t, "2026-000001"); k.Author != carla.ID || k.Team != "applicativi-esterni" || k.Application != "sicoge" {
		t.Errorf("%+v", k)
	}
	for name, c := range map[string]struct{ text, says string }{
		"nobody":                         {"", "chi chiama"},
		"a name nobody has":              {"Zaccaria Zeta", "indirizzo e-mail per registrarla"},
		"a name that several have":       {"Rossi", "Ne scelga una"},
		"an address that is not allowed": {"x@evil.example", ""},
	} {
		a := r.post(olga, "/desk/call", called("bad", "caller_text", c.text, "branch", "1.4", "subject", "Oggetto tenuto"))
		if a.status < 400 || a.status >= 500 {
			t.Errorf("%s: it answers %d", name, a.status)
		}
		htmlcheck.InString(t, a.body, htmlcheck.Contains("[role=alert]", c.says), htmlcheck.Attr("#subject", "value", "Oggetto tenuto"), htmlcheck.Has(`[name=branch][value="1.4"][checked]`))
	}
	for _, branch := range []string{"", "1", "9"} {
		a := r.post(olga, "/desk/call", called("bad", "caller", "luca", "branch", branch, "subject", "VPN"))
		htmlcheck.InString(t, a.body, htmlcheck.Contains("[role=alert]", "ramo"))
	}
}

func TestACallCanBeSolvedAtOnceAndRated(t *testing.T) {
	r := newRoom(t)
	f := called("solved", "caller", "mario", "branch", "1.4", "subject", "ADN, account bloccato", "solved", "1", "answer", "Sbloccato al telefono.", "impact", "me")
	for range 2 {
		if a := r.post(olga, "/desk/call", f); a.status != http.StatusSeeOther {
			t.Fatalf("it answers %d: %.400s", a.status, text(a.body))
		}
	}
	k := r.at(t, "2026-000001")
	if k.Status != tickets.Solved || k.Assignee != olga.ID {
		t.Errorf("%+v", k)
	}
	r.did(t, mario, k.Number, func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Rate(5, "", s) })
	htmlcheck.InString(t, r.get(t, olga, path(k, ""), http.StatusOK), htmlcheck.Contains("dl", "5/5"))
}

func TestACallCanJoinATicketTheCallerHas(t *testing.T) {
	r := newRoom(t)
	k, foreign := r.opened(t, mario), r.opened(t, luca)
	f := called("join", "caller", "mario", "join", string(k.Number), "subject", "Ora anche Outlook")
	for range 2 {
		if a := r.post(olga, "/desk/call", f); a.status != http.StatusSeeOther || !strings.Contains(a.location, "joined=1") {
			t.Fatalf("it answers %d to %q: %.400s", a.status, a.location, text(a.body))
		}
	}
	events := r.history(t, k)
	if last := events[len(events)-1]; len(events) != 2 || last.Channel != "phone" || last.Text != "Ora anche Outlook" || !last.Public {
		t.Errorf("%+v", events)
	}
	f = called("join2", "caller", "mario", "join", string(k.Number), "subject", "È agitato", "internal", "1")
	if a := r.post(olga, "/desk/call", f); a.status != http.StatusSeeOther {
		t.Errorf("as a note it answers %d", a.status)
	}
	if events := r.history(t, k); events[len(events)-1].Public {
		t.Error("the note is public")
	}
	a := r.post(olga, "/desk/call", called("join3", "caller", "mario", "join", string(foreign.Number), "subject", "Non mio"))
	if a.status != http.StatusUnprocessableEntity || len(r.history(t, foreign)) != 1 {
		t.Errorf("joined to another person's ticket it answers %d", a.status)
	}
}

func TestACallCanBeForSomebodyElse(t *testing.T) {
	r := newRoom(t)
	a := r.post(olga, "/desk/call", called("other", "caller", "mario", "branch", "1.4", "subject", "VPN", "for_name", "Maria Rossi", "for_email", "Maria.Rossi@giustizia.it", "phone", "interno 12", "body", "La collega non entra."))
	if a.status != http.StatusSeeOther {
		t.Fatalf("it answers %d: %.400s", a.status, text(a.body))
	}
	if k := r.at(t, "2026-000001"); k.Beneficiary.Person != maria.ID || k.Phone != "interno 12" || k.Body != "La collega non entra." {
		t.Errorf("%+v", k)
	}
}

func TestQuarantinedMailsAreJudgedOnce(t *testing.T) {
	r := newRoom(t)
	htmlcheck.InString(t, r.get(t, olga, "/desk/mail", http.StatusOK), htmlcheck.Count(".mails li", 2), htmlcheck.None("pre"))
	page := r.get(t, olga, "/desk/mail?mail=one/1", http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.Text("pre", "Apra <script>alert(1)</script>"), htmlcheck.Attr(".letter form", "action", "/desk/mail/one%2F1/release"))
	a := r.post(olga, "/desk/mail/one%2F1/release", called("r"))
	if a.status != http.StatusSeeOther || a.location != "/desk/mail?done=released&ticket=2026-000001" {
		t.Fatalf("it answers %d to %q", a.status, a.location)
	}
	htmlcheck.InString(t, r.get(t, olga, a.location, http.StatusOK), htmlcheck.Attr(".done a", "href", "/desk/ticket/2026-000001"))
	if a := r.post(bruno, "/desk/mail/one%2F1/discard", called("r")); a.status != http.StatusConflict {
		t.Errorf("the slower one gets %d", a.status)
	}
	if a := r.post(bruno, "/desk/mail/two/discard", called("r")); a.status != http.StatusSeeOther {
		t.Errorf("discarded: %d", a.status)
	}
	if a := r.post(bruno, "/desk/mail/two/eat", called("r")); a.status != http.StatusNotFound {
		t.Errorf("something else: %d", a.status)
	}
	if strings.Join(r.quarantine.did, ", ") != "olga release one/1, bruno discard two" {
		t.Errorf("done: %v", r.quarantine.did)
	}
}

func TestUndeliveredNoticesAreListed(t *testing.T) {
	r := newRoom(t)
	htmlcheck.InString(t, r.get(t, olga, "/desk/letters", http.StatusOK), htmlcheck.Contains("td", "nessuno@giustizia.it"), htmlcheck.Contains("td", "550 no such mailbox"))
}
