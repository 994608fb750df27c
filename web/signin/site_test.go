package signin_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/contacts"
	"sportello/internal/phrases"
	"sportello/kb"
	"sportello/store"
	"sportello/web"
	"sportello/web/portal"
	"sportello/web/signin"

	"github.com/prometheus/client_golang/prometheus"
)

var content = os.DirFS("../../content")

func sub(t testing.TB, folder string) fs.FS {
	t.Helper()
	below, err := fs.Sub(content, folder)
	if err != nil {
		t.Fatal(err)
	}
	return below
}

// site is the whole server with the pages under test, over a real database.
type site struct {
	*httptest.Server
	t      testing.TB
	people *store.Account
	talks  *store.Conversations
	pages  *signin.Pages
	ahead  atomic.Int64              // how far the clock of the pages is ahead
	still  atomic.Pointer[time.Time] // or where it stands
	log    *strings.Builder
}

func (s *site) now() time.Time {
	if at := s.still.Load(); at != nil {
		return *at
	}
	return time.Now().Add(time.Duration(s.ahead.Load()))
}

// library is that of a site without articles.
type library struct{ portal.Library }

func (library) LastChange(context.Context) (int64, error) { return 1, nil }

func (library) Articles(context.Context, kb.Filter) ([]kb.Article, error) { return nil, nil }

func newSite(t testing.TB, change ...func(*signin.Config)) *site {
	t.Helper()
	db, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	said, err := phrases.Read(sub(t, "phrases"))
	if err != nil {
		t.Fatal(err)
	}
	book, err := contacts.Read(content)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := portal.Read(sub(t, "pages"))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, people: store.NewAccount(db), talks: store.NewConversations(db), log: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	config := signin.Config{
		Domains: account.Domains{Employee: []string{"giustizia.it"}, External: true}, MailBy: bot.MailChannel,
		Idle: time.Hour, Longest: 8 * time.Hour,
	}
	for _, c := range change {
		c(&config)
	}
	s.pages = signin.New(config, signin.Deps{
		Store: s.people, Post: s.talks, Sent: func() {}, Phrases: said, Now: s.now, Log: log,
	})
	public := portal.New(portal.Config{Content: texts, Enter: signin.Enter, Out: signin.Out, Desk: "/desk/"}, portal.Deps{
		Library: library{}, Book: book, Phrases: said, Person: s.pages.Person, Now: s.now, Log: log,
	})
	s.pages.Frame, s.pages.Fail = public.Frame, public.Fail
	server := &web.Server{
		Pages: []web.Pages{s.pages, public}, Phrases: said, Metrics: prometheus.NewRegistry(), Log: log, Now: time.Now,
		Around: []func(http.Handler) http.Handler{s.pages.Remember},
	}
	s.Server = httptest.NewServer(server.Handler())
	t.Cleanup(func() {
		s.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// admit makes a person known.
func (s *site) admit(email string, roles ...account.Role) account.Person {
	s.t.Helper()
	p := account.NewPerson(email, false, "it", time.Now())
	p.Name, p.Roles = "Anna Bianchi", append(p.Roles, roles...)
	if err := s.people.Apply(s.t.Context(), account.Change{Person: &p}); err != nil {
		s.t.Fatal(err)
	}
	p.Version = 1
	return p
}

// letters are those to an address that were not delivered yet.
func (s *site) letters(to string) (all []bot.Outgoing) {
	s.t.Helper()
	due, err := s.talks.Due(s.t.Context(), bot.MailChannel, time.Now(), 100)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, l := range due {
		if l.To == to {
			all = append(all, l)
		}
	}
	return all
}

var code = regexp.MustCompile(`\*\*(\d{6})\*\*`)

// code takes the next letter to an address out of the box and returns its code.
func (s *site) code(to string) string {
	s.t.Helper()
	letters := s.letters(to)
	if len(letters) == 0 {
		s.t.Fatalf("no letter to %s", to)
	}
	found := code.FindStringSubmatch(letters[0].Markdown)
	if found == nil || !letters[0].Secret {
		s.t.Fatalf("the letter is %+v", letters[0])
	}
	if err := s.talks.Delivered(s.t.Context(), letters[0].ID, "1", time.Now()); err != nil {
		s.t.Fatal(err)
	}
	return found[1]
}

// reader is a browser without scripts.
type reader struct {
	*site
	client *http.Client
}

func (s *site) reader() *reader {
	jar, _ := cookiejar.New(nil) // cannot fail without options
	return &reader{s, &http.Client{Jar: jar, Timeout: 20 * time.Second}}
}

// page is what somebody sees.
type page struct {
	status int
	path   string
	text   string
}

func (r *reader) look(answer *http.Response, err error) page {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return page{answer.StatusCode, answer.Request.URL.RequestURI(), string(text)}
}

func (r *reader) get(path string) page {
	r.t.Helper()
	return r.look(r.client.Get(r.URL + path))
}

func (r *reader) post(path string, pairs ...string) page {
	r.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return r.look(r.client.PostForm(r.URL+path, form))
}

func (r *reader) cookie() string {
	u, _ := url.Parse(r.URL)
	for _, c := range r.client.Jar.Cookies(u) {
		if strings.HasSuffix(c.Name, "sportello") {
			return c.Value
		}
	}
	return ""
}

// signedIn reports who the pages' head shows.
func (r *reader) signedIn() bool {
	r.t.Helper()
	return strings.Contains(r.get("/privacy").text, `action="/esci"`)
}

// signIn goes the whole way by a code.
func (r *reader) signIn(email string) {
	r.t.Helper()
	r.post("/accedi", "email", email)
	if p := r.post("/accedi/codice", "code", r.code(email)); p.status != http.StatusOK {
		r.t.Fatalf("not signed in: %d %s", p.status, p.path)
	}
	if !r.signedIn() {
		r.t.Fatal("not signed in")
	}
}

// app makes the codes that a phone would show.
func app(t testing.TB, key string, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, uint64(at.Unix()/30))
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&0xf:])&0x7fffffff%1_000_000)
}
