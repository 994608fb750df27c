package portal_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"

	"sportello/account"
	"sportello/contacts"
	"sportello/internal/fault"
	"sportello/internal/htmlcheck"
	"sportello/internal/phrases"
	"sportello/kb"
	"sportello/search"
	"sportello/web/portal"
	"sportello/web/ui"
)

var content = os.DirFS("../../content")

// library is a kb.Store as far as the portal looks.
type library struct {
	articles []kb.Article
	changes  int64
	listed   int // how often all were read
	votes    []kb.Vote
	broken   error
}

func (l *library) LastChange(context.Context) (int64, error) { return l.changes, l.broken }

func (l *library) Article(_ context.Context, key kb.Key) (kb.Article, error) {
	for _, a := range l.articles {
		if a.Key() == key {
			return a, l.broken
		}
	}
	return kb.Article{}, fault.New(fault.NotFound, "error.not_found")
}

func (l *library) Articles(_ context.Context, f kb.Filter) (found []kb.Article, err error) {
	l.listed++
	for _, a := range l.articles {
		if (f.Status == "" || a.Status == f.Status) && (f.Audiences == nil || slices.Contains(f.Audiences, a.Audience)) {
			found = append(found, a)
		}
	}
	return found, l.broken
}

func (l *library) RecordVote(_ context.Context, v kb.Vote) error {
	l.votes = append(l.votes, v)
	return l.broken
}

// searcher decides as the question says.
type searcher struct {
	asked  search.Query
	silent bool // finds nothing
}

func (s *searcher) Search(_ context.Context, q search.Query) (search.Result, error) {
	if s.silent {
		return search.Result{Query: q.Text, Decision: search.Abstain}, nil
	}
	s.asked = q
	hit := func(id, title string) search.Hit {
		return search.Hit{ID: id, Lang: "it", Title: title, Snippet: "Controlli BLOC MAIUSC & riprovi <subito>.", Section: search.Section{Anchor: "passi", Heading: "Passi"}}
	}
	r := search.Result{Query: q.Text, Lang: "it", Hits: []search.Hit{hit("account-adn-bloccato", "Account ADN bloccato"), hit("vpn", "VPN"), hit("pec-piena", "PEC piena"), hit("phishing", "E-mail sospetta")}}
	switch {
	case strings.Contains(q.Text, "guasto"):
		return search.Result{}, errors.New("index is closed")
	case strings.Contains(q.Text, "forse"):
		r.Decision = search.Clarify
	case strings.Contains(q.Text, "boh"):
		r.Decision, r.Hits = search.Abstain, r.Hits[3:]
	default:
		r.Decision = search.Answer
		if !q.Exact {
			r.Reading, r.Corrections = "account bloccato", []search.Correction{{Typed: "bloccatto", Meant: "bloccato"}}
		}
	}
	return r, nil
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("Rome", 3600))

const body = `Attenda, poi riprovi una volta sola.

## Passi
1. Controlli **BLOC MAIUSC**.
2. Riprovi.

## Se non basta
Chiami il [numero verde](/kb/it/numero-verde).

## Quando aprire un ticket
<script>alert(1)</script>Se resta bloccato.
`

func articles() []kb.Article {
	published := func(id, lang, title, application string, audience account.Audience) kb.Article {
		return kb.Article{ID: id, Lang: lang, Title: title, Application: application, Audience: audience, Status: kb.Published, Body: body, UpdatedAt: noon, ReviewBy: noon.AddDate(0, 6, 0)}
	}
	locked := published("account-adn-bloccato", "it", "Account ADN bloccato", "adn", account.All)
	locked.Related = []string{"pec-piena", "vpn", "gone"}
	draft := published("bozza", "it", "Bozza", "adn", account.All)
	draft.Status = kb.Draft
	other := published("senza-categoria", "it", "Senza categoria", "", account.All)
	return []kb.Article{
		locked, published("account-adn-bloccato", "en", "ADN account locked", "adn", account.All),
		published("vpn", "it", "VPN", "vpn", account.Employees), published("pec-piena", "it", "PEC piena", "pec", account.All), draft, other,
	}
}

type site struct {
	*library
	*searcher
	http.Handler
}

func newSite(t testing.TB, change ...func(*portal.Config, *portal.Deps)) *site {
	t.Helper()
	said, err := phrases.Read(sub(t, content, "phrases"))
	if err != nil {
		t.Fatal(err)
	}
	book, err := contacts.Read(content)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := portal.Read(sub(t, content, "pages"))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{library: &library{articles: articles()}, searcher: &searcher{}}
	config := portal.Config{Base: "https://help.example.it", Content: pages}
	deps := portal.Deps{Library: s.library, Searcher: s.searcher, Book: book, Phrases: said, Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, c := range change {
		c(&config, &deps)
	}
	r := chi.NewRouter()
	r.Handle("/widget.js", ui.WidgetScript(said))
	r.Handle(ui.Prefix+"*", ui.Assets())
	portal.New(config, deps).Routes(r)
	s.Handler = r
	return s
}

func sub(t testing.TB, fsys fs.FS, dir string) fs.FS {
	t.Helper()
	below, err := fs.Sub(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	return below
}

func (s *site) get(t testing.TB, path string, status int, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != status {
		t.Fatalf("GET %s answers %d, want %d: %s", path, w.Code, status, w.Body)
	}
	return w
}

// everyPage is one address for each template, in each language.
var everyPage = []string{
	"/", "/kb/", "/kb/it/account-adn-bloccato", "/kb/it/account-adn-bloccato?voted=yes", "/kb/it/account-adn-bloccato?voted=no",
	"/cerca", "/cerca?q=account", "/cerca?q=forse", "/cerca?q=boh", "/accessibilita", "/privacy", "/note-legali",
	"/en/", "/en/kb/", "/kb/en/account-adn-bloccato", "/en/search", "/en/search?q=account", "/en/search?q=forse", "/en/search?q=boh",
	"/en/accessibility", "/en/privacy", "/en/legal-notes",
}

func TestEveryPageIsWhole(t *testing.T) {
	s := newSite(t)
	for _, path := range everyPage {
		w := s.get(t, path, http.StatusOK)
		lang := "it"
		if strings.Contains(path, "/en/") {
			lang = "en"
		}
		htmlcheck.InString(t, w.Body.String(),
			htmlcheck.Attr("html", "lang", lang),
			htmlcheck.Count("h1", 1),
			htmlcheck.Count("main#main", 1),
			htmlcheck.Has("footer a[href$=privacy]"),
			htmlcheck.None("[style]"), htmlcheck.None("style"), htmlcheck.None("script:not([src])"),
			htmlcheck.None("a[href='']"),
			htmlcheck.Lacks("body", "‹"), // a phrase nobody wrote
		)
		if t.Failed() {
			t.Fatalf("the page is %s", path)
		}
		head := httptest.NewRecorder()
		if s.ServeHTTP(head, httptest.NewRequest("HEAD", path, nil)); head.Code != http.StatusOK {
			t.Errorf("HEAD %s answers %d", path, head.Code)
		}
	}
}

func TestHomeShowsWhatPeopleComeFor(t *testing.T) {
	s := newSite(t)
	htmlcheck.InString(t, s.get(t, "/", http.StatusOK).Body.String(),
		htmlcheck.Attr("form[role=search]", "action", "/cerca"),
		htmlcheck.Attr("a[href^='tel:']", "href", "tel:800749049"),
		htmlcheck.Contains(".way .status.open", "aperto"),
		htmlcheck.Contains(".tree > li:nth-child(1) .key", "1"),
		htmlcheck.Contains(".tree > li:nth-child(3)", "applicativi esterni"),
		htmlcheck.Contains(".tree > li:nth-child(3) details li", "SICOGE"),
		htmlcheck.Contains(".tile a", "Account ADN bloccato"),
		htmlcheck.None("a[href='/kb/it/vpn']"), htmlcheck.None("a[href='/kb/it/bozza']"),
		htmlcheck.Has("a[data-sportello-open]"),
		htmlcheck.Attr("link[hreflang=en]", "href", "https://help.example.it/en/"),
		htmlcheck.Attr("meta[property='og:locale']", "content", "it_IT"),
	)
}

func TestOutsideHoursTheFirstPageSaysWhenSomebodyAnswersAgain(t *testing.T) {
	s := newSite(t, func(_ *portal.Config, d *portal.Deps) {
		d.Now = func() time.Time { return noon.AddDate(0, 0, -1) } // Sunday
	})
	htmlcheck.InString(t, s.get(t, "/", http.StatusOK).Body.String(),
		htmlcheck.Contains(".way .status.closed", "riapre"),
		htmlcheck.None(".tree .status.open"))
}

func TestTheRootFollowsTheBrowserUnlessToldOtherwise(t *testing.T) {
	s := newSite(t)
	for accept, want := range map[string]int{"en-GB,en;q=0.9": 303, "it-IT,it;q=0.9,en;q=0.5": 200, "en;q=0.3,it": 200, "": 200, "fr": 200, "\x00;;q": 200} {
		w := s.get(t, "/", want, "Accept-Language", accept)
		if want == 303 && w.Header().Get("Location") != "/en/" {
			t.Errorf("%q leads to %q", accept, w.Header().Get("Location"))
		}
	}
	s.get(t, "/?lang=it", http.StatusOK, "Accept-Language", "en")
	htmlcheck.InString(t, s.get(t, "/en/", http.StatusOK).Body.String(), htmlcheck.Attr(".site-switch", "href", "/?lang=it"))
}

func TestArticle(t *testing.T) {
	s := newSite(t)
	htmlcheck.InString(t, s.get(t, "/kb/it/account-adn-bloccato", http.StatusOK).Body.String(),
		htmlcheck.Text("h1", "Account ADN bloccato"),
		htmlcheck.Count(".toc li", 3),
		htmlcheck.Attr(".toc a", "href", "#passi"),
		htmlcheck.Has("h2#passi"),
		htmlcheck.Count(".prose ol > li", 2),
		htmlcheck.Contains(".meta", "Aggiornato il 23/11/2026"),
		htmlcheck.Attr("link[rel=canonical]", "href", "https://help.example.it/kb/it/account-adn-bloccato"),
		htmlcheck.Attr("link[hreflang=en]", "href", "https://help.example.it/kb/en/account-adn-bloccato"),
		htmlcheck.Attr(".site-switch", "href", "/kb/en/account-adn-bloccato"),
		htmlcheck.Attr("meta[name=description]", "content", "Attenda, poi riprovi una volta sola."),
		htmlcheck.Text(".related li", "PEC piena"),
		htmlcheck.Count(".related li", 1), // not the one for employees, not the one that is gone
		htmlcheck.Lacks("main", "alert"),
	)
}

func TestReadersSeeWhatIsForThem(t *testing.T) {
	employee := &account.Person{ID: "p1"}
	for name, c := range map[string]struct {
		person *account.Person
		path   string
		status int
	}{
		"a stranger reads public articles":             {nil, "/kb/it/pec-piena", 200},
		"a stranger does not learn of others":          {nil, "/kb/it/vpn", 404},
		"an employee reads those for employees":        {employee, "/kb/it/vpn", 200},
		"nobody reads drafts":                          {employee, "/kb/it/bozza", 404},
		"an unknown article is not found":              {nil, "/kb/it/nessuno", 404},
		"a language nobody writes is not found":        {nil, "/kb/fr/vpn", 404},
		"an address with a strange name is not broken": {nil, "/kb/it/%00%2e%2e%2f", 404},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, func(_ *portal.Config, d *portal.Deps) {
				d.Person = func(*http.Request) *account.Person { return c.person }
			})
			w := s.get(t, c.path, c.status)
			if c.person != nil && c.status == 200 {
				htmlcheck.InString(t, w.Body.String(), htmlcheck.Has("meta[name=robots]"))
			}
		})
	}
}

func TestIndexOffersItalianWhereEnglishIsMissing(t *testing.T) {
	s := newSite(t)
	htmlcheck.InString(t, s.get(t, "/en/kb/", http.StatusOK).Body.String(),
		htmlcheck.Text("a[href='/kb/en/account-adn-bloccato']", "ADN account locked"),
		htmlcheck.None("a[href='/kb/it/account-adn-bloccato']"),
		htmlcheck.Attr("a[href='/kb/it/pec-piena']", "lang", "it"),
		htmlcheck.Contains("#servizio", "Senza categoria"),
		htmlcheck.Contains("main p", "One more article is for people who work in the organisation"))
}

func TestSearchAnswersAsSureAsItIs(t *testing.T) {
	s := newSite(t)
	t.Run("with one article when it is sure", func(t *testing.T) {
		htmlcheck.InString(t, s.get(t, "/cerca?q=acount+blocato", http.StatusOK).Body.String(),
			htmlcheck.Text(".best h2", "La risposta più probabile"),
			htmlcheck.Attr(".best h3 a", "href", "/kb/it/account-adn-bloccato#passi"),
			htmlcheck.Contains(".best p", "BLOC MAIUSC & riprovi <subito>."),
			htmlcheck.Contains(".meta", "account bloccato"),
			htmlcheck.Contains(`.meta a[href*="exact=1"]`, "invece"),
			htmlcheck.Count("[aria-labelledby=others] .hit", 3),
			htmlcheck.Attr("input[name=q]", "value", "acount blocato"),
			htmlcheck.None(".honest"), htmlcheck.Has("meta[name=robots]"))
	})
	t.Run("with a choice of three when it doubts", func(t *testing.T) {
		htmlcheck.InString(t, s.get(t, "/cerca?q=forse", http.StatusOK).Body.String(),
			htmlcheck.Count(".best .hit", 3), htmlcheck.Count("[aria-labelledby=others] .hit", 1),
			htmlcheck.Attr(".best a[data-sportello-open]", "data-sportello-open", "forse"))
	})
	t.Run("honestly when it does not know", func(t *testing.T) {
		htmlcheck.InString(t, s.get(t, "/cerca?q=boh", http.StatusOK).Body.String(),
			htmlcheck.Text(".honest h2", "Su questo non ho una risposta sicura"),
			htmlcheck.Has(".honest a[href^='tel:']"), htmlcheck.None(".best"))
	})
	t.Run("never with more than the reader may see", func(t *testing.T) {
		s.get(t, "/cerca?q=vpn", http.StatusOK)
		if diff := cmp.Diff([]search.Audience{search.All}, s.asked.Audiences); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("whatever was typed", func(t *testing.T) {
		for _, q := range []string{strings.Repeat("è", 50_000), "\xff\xfe", "<script>alert(1)</script>", "   ", "\x00"} {
			w := s.get(t, "/cerca?q="+url.QueryEscape(q), http.StatusOK)
			htmlcheck.InString(t, w.Body.String(), htmlcheck.None("script:not([src])"))
		}
		if n := len([]rune(s.asked.Text)); n > 300 {
			t.Errorf("a question of %d characters was searched", n)
		}
	})
	t.Run("with an apology when the index is down", func(t *testing.T) {
		w := s.get(t, "/cerca?q=guasto", http.StatusInternalServerError)
		htmlcheck.InString(t, w.Body.String(), htmlcheck.Text("h1", "Qualcosa non ha funzionato"), htmlcheck.Lacks("body", "index is closed"))
	})
}

var voterField = regexp.MustCompile(`name="voter" value="([0-9a-f]+)"`)

func TestVotes(t *testing.T) {
	s := newSite(t)
	path := "/kb/it/account-adn-bloccato"
	voter := voterField.FindStringSubmatch(s.get(t, path, http.StatusOK).Body.String())
	if voter == nil {
		t.Fatal("the page names no voter")
	}
	post := func(form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	w := post(url.Values{"helpful": {"no"}, "voter": {voter[1]}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != path+"?voted=no#vote" {
		t.Errorf("a vote answers %d %s", w.Code, w.Header().Get("Location"))
	}
	if diff := cmp.Diff([]kb.Vote{{Article: kb.Key{ID: "account-adn-bloccato", Lang: "it"}, Voter: "web:" + voter[1], At: noon}}, s.votes); diff != "" {
		t.Error(diff)
	}
	for name, form := range map[string]url.Values{
		"no answer":     {"voter": {voter[1]}},
		"a third thing": {"helpful": {"maybe"}, "voter": {voter[1]}},
		"no voter":      {"helpful": {"yes"}},
		"an odd voter":  {"helpful": {"yes"}, "voter": {strings.Repeat("x", 32)}},
		"a huge form":   {"helpful": {"yes"}, "voter": {strings.Repeat("a", 10_000)}},
	} {
		if w := post(form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s answers %d", name, w.Code)
		}
	}
	if len(s.votes) != 1 {
		t.Errorf("%d votes were kept, want 1", len(s.votes))
	}
}

func TestFailures(t *testing.T) {
	s := newSite(t)
	htmlcheck.InString(t, s.get(t, "/en/nothing", http.StatusNotFound).Body.String(), htmlcheck.Text("h1", "Page not found"), htmlcheck.Attr("html", "lang", "en"))
	htmlcheck.InString(t, s.get(t, "/niente", http.StatusNotFound).Body.String(), htmlcheck.Text("h1", "Pagina non trovata"))
	s.broken = fault.New(fault.Forbidden, "error.forbidden")
	htmlcheck.InString(t, s.get(t, "/kb/", http.StatusForbidden).Body.String(), htmlcheck.Text("h1", "Non ha il permesso di vedere questa pagina"))
	s.broken = errors.New("disk on fire")
	htmlcheck.InString(t, s.get(t, "/", http.StatusInternalServerError).Body.String(), htmlcheck.Lacks("body", "fire"), htmlcheck.Has("a[href='/']"))
}

func TestTheListIsReadAgainOnlyAfterAChange(t *testing.T) {
	s := newSite(t)
	for range 3 {
		s.get(t, "/", http.StatusOK)
		s.get(t, "/kb/", http.StatusOK)
	}
	if s.listed != 1 {
		t.Errorf("six pages read all articles %d times", s.listed)
	}
	s.articles[0].Title = "Account ADN sospeso"
	s.changes++
	htmlcheck.InString(t, s.get(t, "/kb/", http.StatusOK).Body.String(), htmlcheck.Text("a[href='/kb/it/account-adn-bloccato']", "Account ADN sospeso"))
	if s.listed != 2 {
		t.Errorf("after a change all articles were read %d times in total, want 2", s.listed)
	}
}

func TestCrawlersFindPublicArticlesOnly(t *testing.T) {
	s := newSite(t)
	robots := s.get(t, "/robots.txt", http.StatusOK).Body.String()
	if !strings.Contains(robots, "Sitemap: https://help.example.it/sitemap.xml") || !strings.Contains(robots, "Disallow: /cerca") {
		t.Errorf("robots.txt:\n%s", robots)
	}
	sitemap := s.get(t, "/sitemap.xml", http.StatusOK).Body.String()
	for address, want := range map[string]bool{"/kb/it/account-adn-bloccato<": true, "/kb/en/account-adn-bloccato<": true, "/en/privacy<": true, "/kb/it/vpn<": false, "/kb/it/bozza<": false, "/cerca<": false} {
		if strings.Contains(sitemap, "https://help.example.it"+address) != want {
			t.Errorf("the sitemap has %s: %v, want %v", address, !want, want)
		}
	}
}

func TestContentMistakesAreToldTogether(t *testing.T) {
	files := fstest.MapFS{"portal.yaml": {Data: []byte("owner:\n  name: {it: Aiuto}\ncategories:\n  - {id: a, label: {it: A, e basta}}\n  - {id: a, label: {it: A, en: A}}\n")}}
	_, err := portal.Read(files)
	for _, want := range []string{`category a is not told in "en"`, `category a is told in "e basta"`, "category 2 needs an id of its own", `the owner's name is not told in "en"`, "it/privacy.md", "en/note-legali.md"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the mistake %q is not told in: %v", want, err)
		}
	}
	files["portal.yaml"].Data = []byte("owners: {}\n")
	if _, err := portal.Read(files); err == nil || !strings.Contains(err.Error(), "owners") {
		t.Errorf("an unknown key is not told: %v", err)
	}
}
