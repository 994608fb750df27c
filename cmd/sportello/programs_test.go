package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	rnd "math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/tickets"
	"sportello/web/api"
)

// office is a service with people of every sort, each with a program of
// their own.
type office struct {
	testing.TB
	app     *app
	handler http.Handler
	people  map[string]account.Person
	secrets map[string]string // by name of the person
	roaming bool              // each request comes from somewhere else, so that no limit is met
}

// cast are the people of an office, by what they are to a ticket or to the
// service.
var cast = map[string][]account.Role{
	"author": nil, "beneficiary": nil, "observer": nil, "colleague": nil,
	"operator": {account.Operator}, "editor": {account.Editor}, "reviewer": {account.Reviewer}, "manager": {account.Manager}, "administrator": {account.Administrator},
}

func newOffice(t testing.TB, change ...func(*config)) *office {
	t.Helper()
	return officeOf(t, testApp(t), change...)
}

// officeOf opens the office over an app.
func officeOf(t testing.TB, a *app, change ...func(*config)) *office {
	t.Helper()
	o := &office{TB: t, app: a, people: map[string]account.Person{}, secrets: map[string]string{}}
	o.app.config.API = api.Config{ReadsPerMinute: 1_000_000, ChangesPerMinute: 1_000_000}
	o.app.config.Webhooks.AllowPrivate = []string{"127.0.0.0/8"}
	for _, c := range change {
		c(&o.app.config)
	}
	s, err := o.app.site(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	o.handler = s.handler
	for _, name := range slices.Sorted(maps.Keys(cast)) {
		p := account.NewPerson(name+"@giustizia.it", false, "it", time.Now())
		p.Name, p.Roles = "Nome di "+name, append(p.Roles, cast[name]...)
		if err := o.app.people.Apply(t.Context(), account.Change{Person: &p}); err != nil {
			t.Fatal(err)
		}
		o.people[name] = p
		o.secrets[name] = o.token(p, account.Scopes...)
	}
	return o
}

func (o *office) token(p account.Person, scopes ...account.Scope) string {
	o.Helper()
	t, secret, err := account.NewToken(p.ID, "test", scopes, time.Now(), 0)
	if err == nil {
		err = o.app.people.AddToken(o.Context(), t)
	}
	if err != nil {
		o.Fatal(err)
	}
	return secret
}

// ask sends a request with somebody's token, "" for none.
func (o *office) ask(who, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	secret := who
	if known, is := o.secrets[who]; is {
		secret = known
	}
	r := httptest.NewRequestWithContext(o.Context(), method, path, strings.NewReader(body))
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if o.roaming {
		r.RemoteAddr = somewhere()
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w
}

// somewhere is an address that hardly anybody called from before.
func somewhere() string {
	return fmt.Sprintf("10.%d.%d.%d:1", rnd.IntN(256), rnd.IntN(256), rnd.IntN(256))
}

// must is an answer that has to be of this status.
func (o *office) must(status int, w *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	o.Helper()
	if w.Code != status {
		o.Fatalf("answered %d %s, want %d", w.Code, w.Body, status)
	}
	return w
}

func decoded[T any](t testing.TB, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return v
}

// open opens a ticket of the author, for the beneficiary, that an observer
// follows.
func (o *office) open(subject string) api.Ticket {
	o.Helper()
	return decoded[api.Ticket](o, o.must(http.StatusCreated, o.ask("author", "POST", "/api/v1/tickets", fmt.Sprintf(
		`{"application":"consolle","subject":%q,"body":"La Consolle non si apre.","beneficiary":{"name":"Bene Ficiario","email":"beneficiary@giustizia.it"},"observers":["observer@giustizia.it"]}`, subject))))
}

func (o *office) patch(who string, t api.Ticket, body string, headers ...string) *httptest.ResponseRecorder {
	return o.ask(who, "PATCH", t.URL, body, headers...)
}

func TestATicketOpenedByAProgramIsATicketLikeOthers(t *testing.T) {
	o := newOffice(t)
	w := o.must(http.StatusCreated, o.ask("author", "POST", "/api/v1/tickets", `{"application":"consolle","subject":"Consolle: non si apre","body":"La mia password è Estate2024! e non entro.","impact":"office"}`))
	opened := decoded[api.Ticket](t, w)
	if w.Header().Get("Location") != opened.URL || w.Header().Get("ETag") != `"1"` || opened.Channel != "api" || opened.Status != tickets.Received || opened.Team == "" {
		t.Errorf("opened %v %+v", w.Header(), opened)
	}
	if strings.Contains(opened.Body, "Estate2024") || opened.Work != nil {
		t.Errorf("the author sees %+v", opened)
	}
	kept, err := o.app.tickets.ByNumber(t.Context(), opened.Number)
	if err != nil || strings.Contains(kept.Body, "Estate2024") || kept.Author != o.people["author"].ID {
		t.Errorf("kept is %+v (%v)", kept, err)
	}
	seen := decoded[api.Ticket](t, o.must(http.StatusOK, o.ask("operator", "GET", opened.URL, "")))
	if seen.Work == nil || seen.Work.Priority == 0 || seen.Work.DueAt == nil {
		t.Errorf("an operator sees %+v", seen)
	}
}

func TestWhatIsWrongWithADraftIsToldByField(t *testing.T) {
	o := newOffice(t)
	for body, want := range map[string]string{
		`{"subject":"","body":""}`: "", // told by the rule itself
		`{"subject":"a","body":"b","application":"nonesiste","impact":"all","office":"` + strings.Repeat("a", 201) + `"}`: "application impact office",
		`{"subject":"a","body":"b","urgency":"high","team":"sud"}`:                                                        "team urgency",
		`{"subject":"a","body":"b","observers":["nessuno@giustizia.it","x"]}`:                                             "observers",
		`{"subject":"a","body":"b","beneficiary":{"name":"","email":"x"}}`:                                                "beneficiary.email beneficiary.name",
		`{"subject":"a","body":"b","colour":"red"}`:                                                                       "colour",
		`{"subject":7,"body":"b"}`:                              "subject",
		`{"subject":"a","body":"b","request_type":"nonesiste"}`: "request_type",
		`{"subject":"a","body":"b","fields":{"x":"y"}}`:         "request_type",
	} {
		for _, lang := range []string{"it", "en"} {
			w := o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", "/api/v1/tickets", body, "Accept-Language", lang))
			var problem struct {
				Type, Detail string
				Errors       []struct{ Field, Detail string }
			}
			_ = json.Unmarshal(w.Body.Bytes(), &problem)
			fields := map[string]bool{}
			for _, e := range problem.Errors {
				fields[e.Field] = true
				if e.Detail == "" || strings.Contains(e.Detail, "‹") {
					t.Errorf("%s is told %q", e.Field, e.Detail)
				}
			}
			got := strings.Join(slices.Sorted(maps.Keys(fields)), " ")
			if want != "" && got != want || problem.Type != "urn:sportello:invalid" || w.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(problem.Detail, "‹") {
				t.Errorf("%s in %s: %s, fields %q, want %q", body, lang, w.Body, got, want)
			}
		}
	}
	for _, body := range []string{"", "[]", "null", `{"subject":"a"`, `{"subject":"a","body":"b"} {}`, "\x00"} {
		o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", "/api/v1/tickets", body))
	}
	o.must(http.StatusRequestEntityTooLarge, o.ask("author", "POST", "/api/v1/tickets", `{"subject":"a","body":"`+strings.Repeat("b", 300<<10)+`"}`))
}

func TestARequestTypeAsksForItsForm(t *testing.T) {
	o := newOffice(t)
	catalogue := decoded[api.Catalogue](t, o.must(http.StatusOK, o.ask("", "GET", "/api/v1/catalogue?lang=en", "")))
	kind := catalogue.Categories[0].Types[0]
	w := o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", "/api/v1/tickets", fmt.Sprintf(`{"request_type":%q,"subject":"Account","body":"Bloccato"}`, kind.ID)))
	for _, f := range kind.Fields {
		if f.Required && f.ID != "beneficiary" && f.ID != "subject" && f.ID != "body" && !strings.Contains(w.Body.String(), `"field":"`+f.ID+`"`) {
			t.Errorf("nothing is told of the required field %s: %s", f.ID, w.Body)
		}
	}
}

func TestAnOperatorsProgramOpensForOthers(t *testing.T) {
	o := newOffice(t)
	body := `{"subject":"Telefonata","body":"Non stampa","author":"nuova.persona@giustizia.it","team":"sud","urgency":"high"}`
	opened := decoded[api.Ticket](t, o.must(http.StatusCreated, o.ask("operator", "POST", "/api/v1/tickets", body)))
	if opened.Author.Email != "nuova.persona@giustizia.it" || opened.Team != "sud" || opened.Work.Urgency != tickets.High {
		t.Errorf("opened %+v", opened)
	}
	history := decoded[api.History](t, o.must(http.StatusOK, o.ask("operator", "GET", opened.URL+"/history", "")))
	if by := history.Events[0].By; by == nil || by.Email != "operator@giustizia.it" {
		t.Errorf("who opened it is not told: %+v", history.Events[0])
	}
	limited := o.token(o.people["operator"], account.TicketsWrite, account.TicketsRead)
	o.must(http.StatusForbidden, o.ask(limited, "POST", "/api/v1/tickets", body))
	o.must(http.StatusForbidden, o.ask("colleague", "POST", "/api/v1/tickets", `{"subject":"a","body":"b","author":"author@giustizia.it"}`))
	o.must(http.StatusUnprocessableEntity, o.ask("operator", "POST", "/api/v1/tickets", `{"subject":"a","body":"b","author":"no address"}`))
	found := decoded[api.Directory](t, o.must(http.StatusOK, o.ask("operator", "GET", "/api/v1/people?text=nuova", "")))
	if len(found.People) != 1 {
		t.Errorf("found %+v", found)
	}
}

func TestTheSameKeyIsTheSameRequest(t *testing.T) {
	o := newOffice(t)
	body := `{"subject":"Consolle","body":"Non si apre"}`
	var all sync.WaitGroup
	numbers := make([]tickets.Number, 20)
	for i := range numbers {
		all.Go(func() {
			w := o.ask("author", "POST", "/api/v1/tickets", body, "Idempotency-Key", "k-1")
			if w.Code != http.StatusCreated {
				t.Errorf("answered %d %s", w.Code, w.Body)
			}
			var opened api.Ticket
			_ = json.Unmarshal(w.Body.Bytes(), &opened)
			numbers[i] = opened.Number
		})
	}
	all.Wait()
	if n := len(slices.Compact(slices.Sorted(slices.Values(numbers)))); n != 1 {
		t.Fatalf("%d tickets were opened under one key: %v", n, numbers)
	}
	o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", "/api/v1/tickets", `{"subject":"Altro","body":"x"}`, "Idempotency-Key", "k-1"))
	o.must(http.StatusCreated, o.ask("colleague", "POST", "/api/v1/tickets", `{"subject":"Altro","body":"x"}`, "Idempotency-Key", "k-1")) // another token's key
	o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", "/api/v1/tickets", body, "Idempotency-Key", "with space"))

	url := "/api/v1/tickets/" + string(numbers[0])
	said := decoded[api.TicketMessage](t, o.must(http.StatusCreated, o.ask("author", "POST", url+"/messages", `{"text":"Ancora"}`, "Idempotency-Key", "m-1")))
	again := decoded[api.TicketMessage](t, o.must(http.StatusCreated, o.ask("author", "POST", url+"/messages", `{"text":"Ancora"}`, "Idempotency-Key", "m-1")))
	if said.ID == 0 || said.ID != again.ID {
		t.Errorf("said %+v, again %+v", said, again)
	}
	o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", url+"/messages", `{"text":"Diverso"}`, "Idempotency-Key", "m-1"))
	o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", url+"/messages", `{"text":"Ancora"}`, "Idempotency-Key", "k-1"))
	messages := decoded[api.Messages](t, o.must(http.StatusOK, o.ask("author", "GET", url+"/messages", "")))
	if len(messages.Messages) != 1 {
		t.Errorf("messages are %+v", messages)
	}
	first := o.must(http.StatusOK, o.ask("operator", "PATCH", url, `{"impact":"site"}`, "Idempotency-Key", "p-1", "If-Match", `"2"`))
	second := o.must(http.StatusOK, o.ask("operator", "PATCH", url, `{"impact":"site"}`, "Idempotency-Key", "p-1", "If-Match", `"2"`))
	if first.Body.String() != second.Body.String() || first.Header().Get("ETag") != `"3"` {
		t.Errorf("answered %s, then %s", first.Body, second.Body)
	}
}

func TestSeveralMovesInOneRequestAreOneChange(t *testing.T) {
	o := newOffice(t)
	one := o.open("Consolle")
	w := o.must(http.StatusOK, o.patch("operator", one,
		`{"status":"working","note":"Ci guardo","assignee":"operator@giustizia.it","team":"nord","impact":"office","urgency":"high","subject":"Consolle: profilo","application":"sicid","observers":["colleague@giustizia.it"],"beneficiary":null}`))
	got := decoded[api.Ticket](t, w)
	if got.Status != tickets.Working || got.Team != "nord" || got.Work.Assignee.Email != "operator@giustizia.it" || got.Impact != tickets.Office || got.Work.Urgency != tickets.High ||
		got.Subject != "Consolle: profilo" || got.Application != "sicid" || len(got.Observers) != 1 || got.Observers[0].Email != "colleague@giustizia.it" || got.Beneficiary != nil || got.Version != one.Version+1 {
		t.Errorf("the ticket is %s", w.Body)
	}
	// one of them is not allowed: none happens
	o.must(http.StatusUnprocessableEntity, o.patch("operator", one, `{"subject":"Altro","status":"received"}`))
	if still := decoded[api.Ticket](t, o.ask("operator", "GET", one.URL, "")); still.Subject != got.Subject || still.Version != got.Version {
		t.Errorf("half of a change happened: %+v", still)
	}
	// nothing to do is no change
	o.must(http.StatusOK, o.patch("operator", one, `{"team":"nord","status":"working"}`))
	if still := decoded[api.Ticket](t, o.ask("operator", "GET", one.URL, "")); still.Version != got.Version {
		t.Errorf("a change that changes nothing made version %d", still.Version)
	}
	// asked, answered, solved, rated, reopened
	o.must(http.StatusUnprocessableEntity, o.patch("operator", one, `{"status":"waiting"}`))
	o.must(http.StatusOK, o.patch("operator", one, `{"status":"waiting","note":"Quale versione?"}`))
	o.must(http.StatusCreated, o.ask("author", "POST", one.URL+"/messages", `{"text":"La 4"}`))
	if now := decoded[api.Ticket](t, o.ask("author", "GET", one.URL, "")); now.Status != tickets.Working {
		t.Errorf("after the answer it is %s", now.Status)
	}
	o.must(http.StatusUnprocessableEntity, o.ask("author", "PUT", one.URL+"/rating", `{"score":5}`))
	o.must(http.StatusOK, o.patch("operator", one, `{"status":"solved","note":"Fatto"}`))
	o.must(http.StatusUnprocessableEntity, o.ask("author", "PUT", one.URL+"/rating", `{"score":6}`))
	o.must(http.StatusOK, o.ask("author", "PUT", one.URL+"/rating", `{"score":4,"suggestion":"Bene"}`))
	sums := decoded[api.Sums](t, o.must(http.StatusOK, o.ask("manager", "GET", "/api/v1/ratings?until=2999-01-01T00:00:00Z", "")))
	if sums.Ratings != 1 || sums.Mean != 4 || sums.Scores != [5]int{0, 0, 0, 1, 0} || len(sums.Teams) != 1 || sums.Teams[0].Team != "nord" {
		t.Errorf("the sums are %+v", sums)
	}
	o.must(http.StatusOK, o.patch("author", one, `{"status":"reopened","note":"Di nuovo"}`))
	o.must(http.StatusOK, o.patch("author", one, `{"status":"closed"}`))
	other, third := o.open("Uguale"), o.open("Primo")
	merged := decoded[api.Ticket](t, o.must(http.StatusOK, o.patch("operator", other, fmt.Sprintf(`{"duplicate_of":%q,"impact":"site"}`, third.Number), "Idempotency-Key", "merge")))
	if merged.Status != tickets.Closed || merged.MergedInto != third.Number || merged.Impact != tickets.Site {
		t.Errorf("merged %+v", merged)
	}
	o.must(http.StatusOK, o.patch("operator", other, fmt.Sprintf(`{"duplicate_of":%q,"impact":"site"}`, third.Number), "Idempotency-Key", "merge"))
	o.must(http.StatusUnprocessableEntity, o.patch("operator", third, `{"duplicate_of":"2020-000001"}`))
}

func TestWhomTheHelpIsForHasTheTicketFromThenOn(t *testing.T) {
	o := newOffice(t)
	one := o.open("Consolle")
	o.must(http.StatusNotFound, o.ask("colleague", "GET", one.URL, ""))
	o.must(http.StatusOK, o.patch("operator", one, `{"beneficiary":{"name":"Col Lega","email":"colleague@giustizia.it"}}`))
	o.must(http.StatusOK, o.ask("colleague", "GET", one.URL, ""))
	o.must(http.StatusNotFound, o.ask("beneficiary", "GET", one.URL, ""))
	mine := decoded[api.List](t, o.must(http.StatusOK, o.ask("colleague", "GET", "/api/v1/tickets", "")))
	if len(mine.Tickets) != 1 {
		t.Errorf("on their list are %d tickets", len(mine.Tickets))
	}
	own := decoded[api.Ticket](t, o.must(http.StatusOK, o.patch("operator", one, `{"beneficiary":{"name":"Au Tore","email":"author@giustizia.it"}}`)))
	if own.Beneficiary != nil {
		t.Errorf("the author is somebody else: %+v", own.Beneficiary)
	}
}

func TestOfTwoWhoDecideOnTheSameVersionOneIsRefused(t *testing.T) {
	o := newOffice(t)
	one := o.open("Consolle")
	var all sync.WaitGroup
	codes := make([]int, 8)
	for i := range codes {
		all.Go(func() {
			codes[i] = o.patch("operator", one, fmt.Sprintf(`{"subject":"Consolle %d"}`, i), "If-Match", `"1"`).Code
		})
	}
	all.Wait()
	slices.Sort(codes)
	if codes[0] != http.StatusOK || codes[1] != http.StatusPreconditionFailed || codes[7] != http.StatusPreconditionFailed {
		t.Errorf("answered %v, want one 200", codes)
	}
	o.must(http.StatusPreconditionFailed, o.patch("operator", one, `{"subject":"x"}`, "If-Match", `W/"2"`))
	o.must(http.StatusOK, o.patch("operator", one, `{"subject":"x"}`, "If-Match", `"1", "2"`))
	o.must(http.StatusOK, o.patch("operator", one, `{"subject":"y"}`, "If-Match", `*`))
	w := o.must(http.StatusNotModified, o.ask("author", "GET", one.URL, "", "If-None-Match", `"7", W/"4"`))
	if w.Body.Len() > 0 || w.Header().Get("ETag") != `"4"` {
		t.Errorf("304 has %v %s", w.Header(), w.Body)
	}
	for _, path := range []string{one.URL + "/history", one.URL + "/messages", one.URL + "/attachments", "/api/v1/tickets", "/api/v1/catalogue", "/api/v1/articles"} {
		etag := o.must(http.StatusOK, o.ask("author", "GET", path, "")).Header().Get("ETag")
		o.must(http.StatusNotModified, o.ask("author", "GET", path, "", "If-None-Match", etag))
	}
}

func TestListsGoOnWhereTheyEnded(t *testing.T) {
	o := newOffice(t)
	for i := range 5 {
		o.open(fmt.Sprint("Ticket ", i))
	}
	for who, path := range map[string]string{"observer": "/api/v1/tickets?limit=2&q=ticket", "operator": "/api/v1/tickets?of=all&limit=2&order=due&open=true&status=received"} {
		var got []tickets.Number
		for path != "" {
			w := o.must(http.StatusOK, o.ask(who, "GET", path, ""))
			list := decoded[api.List](t, w)
			for _, one := range list.Tickets {
				got = append(got, one.Number)
			}
			path = ""
			if link, is := strings.CutSuffix(w.Header().Get("Link"), `>; rel="next"`); is {
				path = strings.TrimPrefix(link, "<")
			}
			if (path == "") != (list.Next == "") {
				t.Errorf("the header says %q, the list %q", path, list.Next)
			}
		}
		if len(slices.Compact(slices.Sorted(slices.Values(got)))) != 5 || len(got) != 5 {
			t.Errorf("%s reads %v", who, got)
		}
	}
	for _, path := range []string{"?cursor=x", "?of=all&order=due&cursor=x", "?limit=0", "?limit=201", "?status=new", "?of=all&since=yesterday", "?of=some"} {
		o.must(http.StatusUnprocessableEntity, o.ask("operator", "GET", "/api/v1/tickets"+path, ""))
	}
	if list := decoded[api.List](t, o.must(http.StatusOK, o.ask("operator", "GET", "/api/v1/tickets?of=all&person=nessuno@giustizia.it", ""))); len(list.Tickets) != 0 {
		t.Errorf("nobody has %+v", list)
	}
}

func TestAnExportHoldsAllAndNoFormula(t *testing.T) {
	o := newOffice(t)
	for i := range 250 {
		o.must(http.StatusCreated, o.ask("author", "POST", "/api/v1/tickets", fmt.Sprintf(`{"subject":"=SOMMA(A%d)","body":"\t@cmd, \"virgolette\"\nriga"}`, i)))
	}
	w := o.must(http.StatusOK, o.ask("operator", "GET", "/api/v1/tickets/export?of=all&format=csv", ""))
	text := w.Body.String()
	if strings.Count(text, "'=SOMMA") != 250 || strings.Contains(text, ",=SOMMA") || !strings.HasPrefix(text, "\ufeffnumber,status,") || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("exported %v %.600s", w.Header(), text)
	}
	var all []api.Ticket
	if err := json.Unmarshal(o.must(http.StatusOK, o.ask("author", "GET", "/api/v1/tickets/export?format=json", "")).Body.Bytes(), &all); err != nil || len(all) != 250 {
		t.Errorf("exported %d as JSON (%v)", len(all), err)
	}
	if none := o.ask("colleague", "GET", "/api/v1/tickets/export?format=json", "").Body.String(); none != "[]\n" {
		t.Errorf("exported %q", none)
	}
	if none := o.ask("colleague", "GET", "/api/v1/tickets/export", "").Body.String(); strings.Count(none, "\n") != 1 {
		t.Errorf("exported %q", none)
	}
	o.must(http.StatusForbidden, o.ask("author", "GET", "/api/v1/tickets/export?of=all", ""))
}

// files is a form with files, as body and type.
func formWith(t testing.TB, text string, files ...string) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("border")
	for i, content := range files {
		part, err := w.CreateFormFile("file", fmt.Sprintf("nota %d.txt", i))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(part, content)
	}
	if text != "" {
		_ = w.WriteField("text", text)
	}
	_ = w.Close()
	return b.String(), w.FormDataContentType()
}

func TestFilesBecomeOneMessageAndAreReadByThoseOnTheTicket(t *testing.T) {
	o := newOffice(t)
	one := o.open("Consolle")
	body, kind := formWith(t, "Ecco", "prima", "seconda")
	path := one.URL + "/attachments"
	sent := decoded[api.TicketMessage](t, o.must(http.StatusCreated, o.ask("author", "POST", path, body, "Content-Type", kind, "Idempotency-Key", "f-1")))
	again := decoded[api.TicketMessage](t, o.must(http.StatusCreated, o.ask("author", "POST", path, body, "Content-Type", kind, "Idempotency-Key", "f-1")))
	if len(sent.Attachments) != 2 || sent.Text != "Ecco" || sent.ID != again.ID || sent.Attachments[0].ID != again.Attachments[0].ID {
		t.Errorf("sent %+v, again %+v", sent, again)
	}
	list := decoded[api.Files](t, o.must(http.StatusOK, o.ask("observer", "GET", path, "")))
	if len(list.Attachments) != 2 {
		t.Fatalf("attached are %+v", list)
	}
	w := o.must(http.StatusOK, o.ask("observer", "GET", list.Attachments[1].URL, ""))
	if w.Body.String() != "seconda" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("read %v %s", w.Header(), w.Body)
	}
	o.must(http.StatusNotModified, o.ask("observer", "GET", list.Attachments[1].URL, "", "If-None-Match", w.Header().Get("ETag")))
	mine := decoded[api.Ticket](t, o.must(http.StatusCreated, o.ask("colleague", "POST", "/api/v1/tickets", `{"subject":"Mio","body":"x"}`)))
	o.must(http.StatusNotFound, o.ask("colleague", "GET", mine.URL+"/attachments/"+list.Attachments[1].ID, ""))
	for _, wrong := range []string{"", "--border--\r\n"} {
		o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", path, wrong, "Content-Type", kind))
	}
	o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", path, body, "Content-Type", "text/plain"))
	forbidden, kind := formWith(t, "", "MZ\x90\x00\x03\x00\x00\x00")
	o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", path, forbidden, "Content-Type", kind))
	many, kind := formWith(t, "", "1", "2", "3", "4", "5", "6")
	o.must(http.StatusUnprocessableEntity, o.ask("author", "POST", path, many, "Content-Type", kind))
	if left := decoded[api.Files](t, o.ask("author", "GET", path, "")); len(left.Attachments) != 2 {
		t.Errorf("what was refused was kept: %+v", left)
	}
}

func TestATokenMayDoOnlySoMuchInAMinute(t *testing.T) {
	o := newOffice(t, func(c *config) { c.API = api.Config{ReadsPerMinute: 20, ChangesPerMinute: 4} })
	var refused *httptest.ResponseRecorder
	for range 12 {
		if w := o.ask("author", "GET", "/api/v1/tickets", ""); w.Code == http.StatusTooManyRequests {
			refused = w
		}
	}
	if refused == nil || refused.Header().Get("Retry-After") == "" {
		t.Fatalf("nothing was refused, or not with a time: %v", refused)
	}
	o.must(http.StatusOK, o.ask("colleague", "GET", "/api/v1/tickets", "")) // another token
	o.must(http.StatusCreated, o.ask("author", "POST", "/api/v1/tickets", `{"subject":"a","body":"b"}`))
	for range 500 { // the last one may come when one more is allowed
		if refused = o.ask("sportello_wrong", "GET", "/api/v1/tickets", ""); refused.Code == http.StatusTooManyRequests {
			break
		}
	}
	o.must(http.StatusTooManyRequests, refused)
}
