package desk_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/goccy/go-yaml"

	"sportello/account"
	"sportello/tickets"
	"sportello/web/desk"
)

func sub(t testing.TB, folder string) fs.FS {
	t.Helper()
	below, err := fs.Sub(content, folder)
	if err != nil {
		t.Fatal(err)
	}
	return below
}

// every route of the desk, as the router has it.
func routes(t *testing.T, h http.Handler) (all [][2]string) {
	t.Helper()
	err := chi.Walk(h.(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if strings.Contains(route, "/desk") {
			all = append(all, [2]string{method, route})
		}
		return nil
	})
	if err != nil || len(all) < 40 {
		t.Fatalf("%d routes, %v", len(all), err)
	}
	return all
}

func TestOnlyOperatorsComeIn(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario)
	roles := map[string]account.Person{"stranger": {}, "author": mario}
	for _, role := range account.Roles {
		p := account.Person{ID: account.PersonID("only-" + string(role)), Email: string(role) + "@giustizia.it", Name: string(role), Roles: []account.Role{role}, CreatedAt: noon}
		if err := r.people.Apply(t.Context(), account.Change{Person: &p}); err != nil {
			t.Fatal(err)
		}
		roles[string(role)] = p
	}
	for _, route := range routes(t, r.Handler) {
		for _, number := range []tickets.Number{k.Number, "2026-999999"} {
			at := strings.NewReplacer("{number}", string(number), "{move}", "note", "{file}", "x", "{id}", "two", "{act}", "discard", "*", "").Replace(route[1])
			for name, who := range roles {
				if name == string(account.Operator) {
					continue
				}
				a := r.do(who, httptest.NewRequest(route[0], at, strings.NewReader(url.Values{"key": {"12345678"}, "text": {"x"}}.Encode())))
				want := http.StatusForbidden
				if name == "stranger" {
					want = http.StatusUnauthorized
					if route[0] == http.MethodGet || route[0] == http.MethodHead {
						want = http.StatusSeeOther
					}
				}
				if a.status != want || want == http.StatusSeeOther && !strings.HasPrefix(a.location, "/accedi?ritorno=%2F") {
					t.Errorf("%s, %s %s: %d to %q, want %d", name, route[0], at, a.status, a.location, want)
				}
				if strings.Contains(a.body, k.Subject) || want != http.StatusSeeOther && strings.Contains(a.body, string(k.Number)) {
					t.Errorf("%s, %s %s: the answer tells of the ticket", name, route[0], at)
				}
			}
		}
	}
	if now := r.at(t, k.Number); now.Version != k.Version || len(r.quarantine.did) > 0 {
		t.Errorf("something was done: version %d, %v", now.Version, r.quarantine.did)
	}
	operator := roles[string(account.Operator)]
	for _, at := range []string{"/desk", "/desk/", "/desk/call", "/desk/mail", "/desk/letters", "/desk/people?q=ma", "/desk/export.csv", path(k, ""), path(k, "/merge"), "/en/desk", "/en" + path(k, "")} {
		r.get(t, operator, at, http.StatusOK)
	}
	for _, at := range []string{"/desk/niente", "/desk/ticket/2026-999999", "/desk/ticket/x", "/desk/ticket/2026-999999/merge", path(k, "/file/x"), "/desk/mail?mail=x"} {
		r.get(t, operator, at, http.StatusNotFound)
	}
}

func TestAStreamEndsForWhoIsNotSignedIn(t *testing.T) {
	r := newRoom(t)
	q := httptest.NewRequest(http.MethodGet, "/desk/events", nil)
	q.Header.Set("Accept", "text/event-stream")
	if a := r.do(account.Person{}, q); a.status != http.StatusUnauthorized {
		t.Errorf("it answers %d, and would come back for ever", a.status)
	}
}

// own are the phrases of the desk, in source and in templates; one that ends
// in an underscore is the beginning of several.
var own = regexp.MustCompile(`"(desk\.[a-z_]+)"`)

func TestEveryPhraseIsToldInBothLanguages(t *testing.T) {
	used, begun := map[string]bool{}, []string{}
	for _, pattern := range []string{"*.go", "*/*.html"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(err)
		}
		for _, name := range names {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range own.FindAllStringSubmatch(string(source), -1) {
				switch {
				case strings.HasSuffix(m[1], "_"):
					begun = append(begun, m[1])
				case m[1] != "desk.css":
					used[m[1]] = true
				}
			}
		}
	}
	for _, lang := range []string{"it", "en"} {
		source, err := os.ReadFile("../../content/phrases/" + lang + "/desk.yaml")
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]any{}
		if err := yaml.Unmarshal(source, &told); err != nil {
			t.Fatal(err)
		}
		for key := range used {
			if told[key] == nil {
				t.Errorf("%s has no text in %q", key, lang)
			}
		}
		for _, s := range tickets.Statuses {
			if told["desk.status_"+string(s)] == nil {
				t.Errorf("status %s has no text in %q", s, lang)
			}
		}
	keys:
		for key := range told {
			for _, b := range begun {
				if used[key] || strings.HasPrefix(key, b) {
					continue keys
				}
			}
			t.Errorf("%s is told in %q, and used nowhere", key, lang)
		}
	}
}

func TestRepliesAreReadStrictly(t *testing.T) {
	for name, c := range map[string]struct{ it, complaint string }{
		"an unknown key":          {"- {id: a, title: A, text: x, colour: red}", "colour"},
		"an ID twice":             {"- {id: a, title: A, text: x}\n- {id: a, title: A, text: x}", "once"},
		"no text":                 {"- {id: a, title: A}", "a title and a text"},
		"a value there is not":    {"- {id: a, title: A, text: 'Gentile {{.Surname}}'}", "Surname"},
		"a broken template":       {"- {id: a, title: A, text: '{{.Name'}", "a"},
		"one that another lacks":  {"- {id: a, title: A, text: x}\n- {id: b, title: B, text: y}", "en.yaml lacks b"},
		"what is no list at all":  {"a: b", "replies/it.yaml"},
		"no file in one language": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(lang, text string) {
				if err := os.WriteFile(filepath.Join(dir, lang+".yaml"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("en", "- {id: a, title: A, text: x}")
			if c.it != "" {
				write("it", c.it)
			}
			if _, err := desk.ReadReplies(os.DirFS(dir)); err == nil || !strings.Contains(err.Error(), c.complaint) {
				t.Errorf("it says %v, want %q", err, c.complaint)
			}
		})
	}
}

func TestAReadyReplyTellsWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	for _, lang := range []string{"it", "en"} {
		text := "- {id: plain, title: A, text: Arriviamo.}\n- {id: full, title: B, text: '{{.Name}}, ticket {{.Number}}.'}"
		if err := os.WriteFile(filepath.Join(dir, lang+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	replies, err := desk.ReadReplies(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		id, number, called, want string
		whole                    bool
	}{
		"one that mentions nothing":   {"plain", "", "", "Arriviamo.", true},
		"one with all it mentions":    {"full", "2026-000001", "Anna", "Anna, ticket 2026-000001.", true},
		"one whose ticket is not":     {"full", "", "Anna", "Anna, ticket .", false},
		"one that nobody has written": {"boh", "", "", "", false},
	} {
		text, whole, known := replies.Ready("it", c.id, c.number, c.called)
		if text != c.want || whole != c.whole || (text == "") != (len(known) == 2) {
			t.Errorf("%s is %q, whole %v, known %q", name, text, whole, known)
		}
	}
}
