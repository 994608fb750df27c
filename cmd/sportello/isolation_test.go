package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/web/api"

	"github.com/go-chi/chi/v5"
)

// rule says who gets in where. Whoever is named in neither gets 403 from a
// place of roles; from a ticket they get what they would get from one that
// does not exist.
type rule struct {
	may    []string // get a success
	sees   []string // of a ticket: may read it, so they are told 403
	public bool     // strangers come in, too
	ticket bool     // it is about one ticket
	body   string
	status int // of the success, 200 if zero
}

var (
	whoRead   = []string{"author", "beneficiary", "observer", "operator"}
	whoWrite  = []string{"author", "beneficiary", "operator"}
	whoAsked  = []string{"author", "beneficiary"}
	everybody = slices.Sorted(maps.Keys(cast))
)

// programRules has a line for every operation of programs.
var programRules = map[string]rule{
	"GET /api/v1/tickets":                             {may: everybody},
	"POST /api/v1/tickets":                            {may: everybody, body: `{"subject":"Mio","body":"Non va"}`, status: 201},
	"GET /api/v1/tickets/export":                      {may: everybody},
	"GET /api/v1/tickets/{number}":                    {ticket: true, may: whoRead},
	"PATCH /api/v1/tickets/{number}":                  {ticket: true, may: []string{"operator"}, sees: []string{"author", "beneficiary", "observer"}, body: `{"subject":"Nuovo oggetto"}`},
	"GET /api/v1/tickets/{number}/history":            {ticket: true, may: whoRead},
	"GET /api/v1/tickets/{number}/messages":           {ticket: true, may: whoRead},
	"POST /api/v1/tickets/{number}/messages":          {ticket: true, may: whoWrite, sees: []string{"observer"}, body: `{"text":"Salve"}`, status: 201},
	"GET /api/v1/tickets/{number}/attachments":        {ticket: true, may: whoRead},
	"POST /api/v1/tickets/{number}/attachments":       {ticket: true, may: whoWrite, sees: []string{"observer"}, body: aFormBody, status: 201},
	"GET /api/v1/tickets/{number}/attachments/{file}": {ticket: true, may: whoRead},
	"PUT /api/v1/tickets/{number}/rating":             {ticket: true, may: whoAsked, sees: []string{"observer", "operator"}, body: `{"score":5}`},
	"POST /api/v1/tickets/{number}/rating":            {ticket: true, may: whoAsked, sees: []string{"observer", "operator"}, body: `{"score":4}`},
	"GET /api/v1/people":                              {may: []string{"operator"}},
	"GET /api/v1/ratings":                             {may: []string{"manager"}},
	"GET /api/v1/catalogue":                           {may: everybody, public: true},
	"GET /api/v1/articles":                            {may: everybody, public: true},
	"GET /api/v1/articles/{id}":                       {may: everybody, public: true},
	"GET /api/v1/webhooks":                            {may: []string{"administrator"}},
	"POST /api/v1/webhooks":                           {may: []string{"administrator"}, body: `{"url":"http://127.0.0.1:1/hook"}`, status: 201},
	"GET /api/v1/webhooks/{id}":                       {may: []string{"administrator"}},
	"PATCH /api/v1/webhooks/{id}":                     {may: []string{"administrator"}, body: `{"name":"ITSM"}`},
	"GET /api/v1/webhooks/{id}/deliveries":            {may: []string{"administrator"}},
	"POST /api/v1/webhooks/{id}/replay":               {may: []string{"administrator"}, body: `{"since":"` + time.Now().Add(-time.Hour).UTC().Format(time.RFC3339) + `"}`, status: 202},
	"DELETE /api/v1/webhooks/{id}":                    {may: []string{"administrator"}, status: 204},
}

// otherOperations are those of the document that no token opens: what keeps
// them is tested where they are at home.
var otherOperations = []string{
	"POST /api/v1/conversations", "POST /api/v1/conversations/{id}/messages", "POST /api/v1/conversations/{id}/attachments", "GET /api/v1/conversations/{id}/attachments/{file}",
	"GET /api/v1/conversations/{id}/events", "POST /api/v1/conversations/{id}/seen", "POST /api/v1/conversations/{id}/identity", "GET /api/v1/suggestions", "GET /api/v1/search",
}

const aFormBody = "--border\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nciao\r\n--border--\r\n"

// send asks for an operation about one ticket, file and hook.
func (o *office) send(who, operation, number, file, hook string, headers ...string) (status int, header http.Header, body string) {
	method, path, _ := strings.Cut(operation, " ")
	r := programRules[operation]
	path = strings.NewReplacer("{number}", number, "{file}", file, "{id}", hook).Replace(path)
	if strings.Contains(operation, "articles") {
		path = strings.Replace(path, hook, "vpn", 1)
	}
	if strings.HasSuffix(path, "/people") {
		path += "?text=giustizia"
	}
	if r.body == aFormBody {
		headers = append(headers, "Content-Type", "multipart/form-data; boundary=border")
	}
	w := o.ask(who, method, path, r.body, headers...)
	return w.Code, w.Header(), w.Body.String()
}

// secretly marks what nobody but those on the ticket may ever read.
const (
	secretWord = "segretissimo"
	noteWord   = "riservatissima"
)

// scene is a solved ticket with a file and a note, and a webhook.
func (o *office) scene() (ticket api.Ticket, file, hook string) {
	o.Helper()
	ticket = o.open("Consolle " + secretWord)
	form, kind := formWith(o, secretWord, "contenuto "+secretWord)
	o.must(http.StatusCreated, o.ask("author", "POST", ticket.URL+"/attachments", form, "Content-Type", kind))
	o.must(http.StatusCreated, o.ask("operator", "POST", ticket.URL+"/messages", `{"text":"Nota `+noteWord+`","internal":true}`))
	o.must(http.StatusOK, o.patch("operator", ticket, `{"status":"working","assignee":"operator@giustizia.it"}`))
	o.must(http.StatusOK, o.patch("operator", ticket, `{"status":"solved","note":"Fatto `+secretWord+`"}`))
	files := decoded[api.Files](o, o.ask("author", "GET", ticket.URL+"/attachments", ""))
	if there := decoded[api.HookList](o, o.ask("administrator", "GET", "/api/v1/webhooks", "")); len(there.Webhooks) > 0 {
		return ticket, files.Attachments[0].ID, string(there.Webhooks[0].ID)
	}
	made := decoded[api.Hook](o, o.must(http.StatusCreated, o.ask("administrator", "POST", "/api/v1/webhooks", `{"url":"http://127.0.0.1:1/hook"}`)))
	return ticket, files.Attachments[0].ID, string(made.ID)
}

// documented are the operations of the document, with the scope of each.
func (o *office) documented() map[string]account.Scope {
	o.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Scope account.Scope `json:"x-scope"`
		}
	}
	w := o.must(http.StatusOK, o.ask("", "GET", "/api/v1/openapi.json", ""))
	if err := json.Unmarshal(w.Body.Bytes(), &document); err != nil {
		o.Fatal(err)
	}
	all := map[string]account.Scope{}
	for path, methods := range document.Paths {
		for method, operation := range methods {
			all[strings.ToUpper(method)+" "+path] = operation.Scope
		}
	}
	return all
}

func TestEveryOperationHasItsRule(t *testing.T) {
	o := newOffice(t)
	documented := o.documented()
	for operation := range documented {
		if _, known := programRules[operation]; !known && !slices.Contains(otherOperations, operation) {
			t.Errorf("%s is new: say in programRules who may", operation)
		}
	}
	for operation := range programRules {
		if _, known := documented[operation]; !known {
			t.Errorf("%s is in the table and not in the document", operation)
		}
	}
	plain := regexp.MustCompile(`\{(\w+)(:[^}]*)?\}`)
	err := chi.Walk(o.handler.(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		operation := method + " " + plain.ReplaceAllString(route, "{$1}")
		_, isDocumented := documented[operation]
		if strings.HasPrefix(route, "/api/v1/") && !isDocumented && !slices.ContainsFunc([]string{"/api/v1/openapi", "/api/v1/schemas/", "/api/v1/*"}, func(known string) bool { return strings.HasPrefix(route, known) }) {
			t.Errorf("%s is served and not in the document", operation)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEverybodyGetsWhatIsTheirsAndNothingElse(t *testing.T) {
	o := newOffice(t)
	o.roaming = true
	for _, operation := range slices.Sorted(maps.Keys(programRules)) {
		r := programRules[operation]
		for _, who := range append([]string{"", "sportello_NOTATOKEN", "Basic"}, everybody...) {
			ticket, file, hook := o.scene()
			status, _, body := o.send(who, operation, string(ticket.Number), file, hook)
			guessed, _, other := o.send(who, operation, "2026-999999", file, hook)
			want := http.StatusForbidden
			switch {
			case who == "" && r.public, slices.Contains(r.may, who):
				want = max(r.status, http.StatusOK)
			case !slices.Contains(everybody, who):
				want = http.StatusUnauthorized
			case slices.Contains(r.sees, who):
			case r.ticket:
				want = http.StatusNotFound
			}
			if status != want {
				t.Errorf("%s %s is answered %d %s, want %d", who, operation, status, body, want)
			}
			if r.ticket && want >= 400 && want != http.StatusForbidden && (status != guessed || body != other) {
				t.Errorf("%s %s: a ticket that is there is answered\n%d %s\none that is not\n%d %s", who, operation, status, body, guessed, other)
			}
			if on := slices.Contains(whoRead, who); !on && strings.Contains(body, secretWord) {
				t.Errorf("%s %s learns of the ticket: %.300s", who, operation, body)
			}
			if who != "operator" && (strings.Contains(body, noteWord) || strings.Contains(body, "operator@") || strings.Contains(body, `"due_at":`) || strings.Contains(body, `"assignee"`)) {
				t.Errorf("%s %s learns what is for operators: %.300s", who, operation, body)
			}
		}
	}
}

func TestATokenWithoutTheScopeOpensNothing(t *testing.T) {
	o := newOffice(t)
	ticket, file, hook := o.scene()
	for operation, scope := range o.documented() {
		r, ours := programRules[operation]
		if !ours || scope == "" {
			continue
		}
		who := r.may[0]
		less := o.token(o.people[who], slices.DeleteFunc(slices.Clone(account.Scopes), func(s account.Scope) bool { return s == scope })...)
		status, _, body := o.send(less, operation, string(ticket.Number), file, hook)
		guessed, _, other := o.send(less, operation, "2026-999999", file, hook)
		if status != http.StatusForbidden || !strings.Contains(body, string(scope)) || guessed != status || other != body {
			t.Errorf("%s without %s is answered %d %s; of nothing %d %s", operation, scope, status, body, guessed, other)
		}
	}
	for name, secret := range map[string]string{"revoked": o.token(o.people["author"], account.TicketsRead), "another's": o.secrets["author"] + "x"} {
		if name == "revoked" {
			all, err := o.app.people.Tokens(t.Context(), o.people["author"].ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range all {
				if err := o.app.people.RevokeToken(t.Context(), one.Person, one.ID, time.Now()); err != nil {
					t.Fatal(err)
				}
			}
		}
		w := o.ask(secret, "GET", ticket.URL, "")
		if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("a token that is %s is answered %d %v", name, w.Code, w.Header())
		}
	}
}

func TestACookieOpensNothingToPrograms(t *testing.T) {
	a := testApp(t)
	server := testSite(t, a, true)
	signed, err := http.Post(server.URL+"/demo/sign-in", "application/json", strings.NewReader(`{"email":"olga.operatore@giustizia.it"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer signed.Body.Close()
	for operation, r := range programRules {
		if r.public {
			continue
		}
		method, path, _ := strings.Cut(operation, " ")
		request, _ := http.NewRequest(method, server.URL+strings.NewReplacer("{number}", "2026-000001", "{file}", "x", "{id}", "x").Replace(path), strings.NewReader(r.body))
		for _, c := range signed.Cookies() {
			request.AddCookie(c)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s with a cookie is answered %s", operation, answer.Status)
		}
	}
}

func TestWhatIsNoNumberNamesNoTicket(t *testing.T) {
	o := newOffice(t)
	_, _, want := o.send("operator", "GET /api/v1/tickets/{number}", "2026-999999", "", "")
	for _, number := range []string{"0", "x", "2026-1", "20260000001", "2026-000001%20", "%2e%2e", "2026-00000١", "' OR 1=1", strings.Repeat("9", 30)} {
		w := o.ask("operator", "GET", "/api/v1/tickets/"+strings.ReplaceAll(strings.ReplaceAll(number, " ", "%20"), "'", "%27"), "")
		if w.Code != http.StatusNotFound || w.Body.String() != want {
			t.Errorf("%q is answered %d %s, want 404 %s", number, w.Code, w.Body, fmt.Sprint(want))
		}
	}
}
