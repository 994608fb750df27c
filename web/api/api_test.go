package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/phrases"
	"sportello/search"
	"sportello/web/api"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"
)

// index notes what it is asked, and finds one article.
type index struct {
	asked search.Query
	err   error
}

func (x *index) Search(_ context.Context, q search.Query) (search.Result, error) {
	x.asked = q
	r := search.Result{Query: "account bloccato", Lang: "it", Corrections: []search.Correction{{Typed: "bloccatto", Meant: "bloccato"}}, Confidence: 0.9, Decision: search.Answer, Hits: []search.Hit{
		{ID: "account-adn-bloccato", Lang: "it", Title: "Account ADN bloccato", Section: search.Section{Anchor: "passi", Heading: "Passi"}, Score: 2, Snippet: "Attenda."},
	}}
	if q.Explain {
		r.Explanation, r.Hits[0].Explanation = &search.Explanation{}, &search.HitExplanation{}
	}
	return r, x.err
}

func (x *index) Suggest(_ context.Context, q search.Query) ([]search.Suggestion, error) {
	x.asked = q
	text := "Città 😀 account"
	at := strings.Index(text, "acc")
	return []search.Suggestion{{ID: "citta", Lang: "it", Title: "Città", Text: text, Marks: []search.Span{{Start: 0, End: len("Città")}, {Start: at, End: at + 3}}}}, x.err
}

type service struct {
	*index
	http.Handler
	log bytes.Buffer
}

func newService(t testing.TB, person *account.Person) *service {
	t.Helper()
	said, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	s := &service{index: &index{}}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r := chi.NewRouter()
	(&api.API{
		Searcher: s.index, Phrases: said, Person: func(*http.Request) *account.Person { return person },
		Log: slog.New(slog.NewTextHandler(&s.log, nil)), Now: func() time.Time { return noon },
	}).Register(humachi.New(r, huma.DefaultConfig("test", "1")))
	s.Handler = r
	return s
}

func (s *service) get(t testing.TB, path string, status int) (header http.Header, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Language", "it")
	s.ServeHTTP(w, r)
	text, _ := io.ReadAll(w.Body)
	if w.Code != status {
		t.Fatalf("GET %s answers %d %s, want %d", path, w.Code, text, status)
	}
	return w.Header(), string(text)
}

func TestSuggestionsTellWhereTheyLeadAndWhatWasTyped(t *testing.T) {
	s := newService(t, nil)
	header, body := s.get(t, "/api/v1/suggestions?q=citta+acc&lang=it", http.StatusOK)
	var got struct{ Suggestions []api.Suggestion }
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	want := []api.Suggestion{{ID: "citta", Lang: "it", Title: "Città", Text: "Città 😀 account", URL: "/kb/it/citta", Marks: [][2]int{{0, 5}, {9, 12}}}}
	if diff := cmp.Diff(want, got.Suggestions); diff != "" {
		t.Errorf("suggestions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(search.Query{Text: "citta acc", Lang: "it", Audiences: []search.Audience{search.All}, Limit: 5}, s.asked); diff != "" {
		t.Errorf("the index is asked (-want +got):\n%s", diff)
	}
	if header.Get("Cache-Control") != "private, max-age=60" || !slices.Contains(header.Values("Vary"), "Cookie") {
		t.Errorf("the answer may be kept: %v", header)
	}
}

func TestSearchTellsWhatTheCommandTells(t *testing.T) {
	s := newService(t, nil)
	_, body := s.get(t, "/api/v1/search?q=acount+blocato&limit=3", http.StatusOK)
	var got any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	delete(got.(map[string]any), "$schema")
	want := map[string]any{
		"query": "account bloccato", "language": "it", "corrected": true, "corrections": []any{map[string]any{"typed": "bloccatto", "meant": "bloccato"}}, "confidence": 0.9, "decision": "answer",
		"hits": []any{map[string]any{
			"id": "account-adn-bloccato", "lang": "it", "title": "Account ADN bloccato", "url": "/kb/it/account-adn-bloccato#passi",
			"section": "Passi", "score": 2.0, "snippet": "Attenda.",
		}},
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("the result (-want +got):\n%s", diff)
	}
	if s.asked.Limit != 3 || s.asked.Explain {
		t.Errorf("the index is asked %+v", s.asked)
	}
	_, body = s.get(t, "/api/v1/search?q=acount&explain=true", http.StatusOK)
	if strings.Count(body, `"explanation":`) != 2 {
		t.Errorf("explained, the result is %s", body)
	}
}

func TestReadersFindWhatIsForThem(t *testing.T) {
	for name, c := range map[string]struct {
		person *account.Person
		want   []search.Audience
	}{
		"a stranger":  {nil, []search.Audience{search.All}},
		"an employee": {&account.Person{ID: "p1", Roles: []account.Role{account.User}}, []search.Audience{search.All, search.Employees}},
		"an operator": {&account.Person{ID: "p2", Roles: []account.Role{account.Operator}}, []search.Audience{search.All, search.Employees, search.Operators}},
	} {
		s := newService(t, c.person)
		for _, path := range []string{"/api/v1/suggestions?q=vpn", "/api/v1/search?q=vpn"} {
			s.get(t, path, http.StatusOK)
			if diff := cmp.Diff(c.want, s.asked.Audiences); diff != "" {
				t.Errorf("%s at %s (-want +got):\n%s", name, path, diff)
			}
		}
	}
}

func TestWhatIsTooMuchIsRefused(t *testing.T) {
	s := newService(t, nil)
	long := url.QueryEscape(strings.Repeat("è", 300))
	s.get(t, "/api/v1/suggestions?q="+long, http.StatusOK)
	for _, path := range []string{
		"/api/v1/suggestions?q=" + long + "x", "/api/v1/suggestions?q=a&limit=11", "/api/v1/suggestions?q=a&lang=fr",
		"/api/v1/search", "/api/v1/search?q=", "/api/v1/search?q=a&limit=0", "/api/v1/search?q=a&explain=perhaps",
	} {
		s.get(t, path, http.StatusUnprocessableEntity)
	}
	refused := 0
	for range 4000 {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/suggestions?q=a", nil))
		if w.Code == http.StatusTooManyRequests {
			refused++
			if w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "urn:sportello:too_many") {
				t.Fatalf("refused with %v %s", w.Header(), w.Body)
			}
		}
	}
	if refused < 900 || refused > 1100 {
		t.Errorf("of 4000 at once %d were refused, want those beyond half a minute's", refused)
	}
}

func TestAFailureIsToldAndLoggedWithoutTheQuestion(t *testing.T) {
	s := newService(t, nil)
	s.index.err = errors.New("index is closed")
	_, body := s.get(t, "/api/v1/suggestions?q=segreto", http.StatusInternalServerError)
	if !strings.Contains(body, "detail") || strings.Contains(body, "index is closed") {
		t.Errorf("people are told %s", body)
	}
	if log := s.log.String(); !strings.Contains(log, "index is closed") || strings.Contains(log, "segreto") {
		t.Errorf("the log says %s", log)
	}
}
