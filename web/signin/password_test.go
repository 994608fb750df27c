package signin_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/web/signin"
)

const password = "cavallo graffetta batteria"

func withPasswords(c *signin.Config) { c.Passwords = true }

// give gives somebody a password, as the command does.
func (s *site) give(p account.Person, password string) {
	s.t.Helper()
	c, err := account.Credential{Person: p.ID}.WithPassword(password, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.people.SaveCredential(s.t.Context(), c); err != nil {
		s.t.Fatal(err)
	}
}

var (
	secret   = regexp.MustCompile(`<code class="secret">([A-Z2-7 ]+)</code>`)
	recovery = regexp.MustCompile(`<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>`)
)

func TestAPasswordAndAnAppLetSomebodyIn(t *testing.T) {
	s := newSite(t, withPasswords)
	s.give(s.admit("anna@giustizia.it"), password)
	r := s.reader()
	p := r.post("/accedi/password", "email", "anna@giustizia.it", "password", password, "ritorno", "/privacy")
	if p.path != "/accedi/app/nuova" || r.signedIn() {
		t.Fatalf("the first time with a password: %d %s", p.status, p.path)
	}
	key := secret.FindStringSubmatch(p.text)
	if key == nil || !strings.Contains(p.text, `src="data:image/png;base64,`) || !strings.Contains(p.text, `href="otpauth://totp/`) {
		t.Fatal("the page has no key, or no picture of it")
	}
	if again := r.get("/accedi/app/nuova"); !strings.Contains(again.text, key[1]) {
		t.Error("another look shows another key")
	}
	if p := r.post("/accedi/app/nuova", "code", "000000"); p.status != http.StatusUnprocessableEntity || r.signedIn() {
		t.Errorf("a wrong code: %d", p.status)
	}
	used := app(t, key[1], time.Now())
	p = r.post("/accedi/app/nuova", "code", used)
	codes := recovery.FindAllStringSubmatch(p.text, -1)
	if len(codes) != 8 || !strings.Contains(p.text, `href="/privacy"`) || !r.signedIn() {
		t.Fatalf("enrolled: %d recovery codes, %d %s", len(codes), p.status, p.path)
	}

	next := s.reader()
	if p := next.post("/accedi/password", "email", "anna@giustizia.it", "password", password); p.path != "/accedi/app" || strings.Contains(p.text, key[1]) || next.signedIn() {
		t.Fatalf("the second time: %s", p.path)
	}
	if p := next.post("/accedi/app", "code", used); p.status != http.StatusUnprocessableEntity || next.signedIn() {
		t.Errorf("the same code once more: %d", p.status)
	}
	s.ahead.Store(int64(31 * time.Second))
	if next.post("/accedi/app", "code", app(t, key[1], s.now())); !next.signedIn() {
		t.Error("the next code was refused")
	}

	lost := s.reader()
	lost.post("/accedi/password", "email", "anna@giustizia.it", "password", password)
	if lost.post("/accedi/app", "code", strings.ToUpper(codes[3][1])); !lost.signedIn() {
		t.Error("a recovery code was refused")
	}
	twice := s.reader()
	twice.post("/accedi/password", "email", "anna@giustizia.it", "password", password)
	if twice.post("/accedi/app", "code", codes[3][1]); twice.signedIn() {
		t.Error("a recovery code was taken twice")
	}

	// Whoever has an app owes its code, however they come.
	byMail := s.reader()
	byMail.post("/accedi", "email", "anna@giustizia.it")
	if p := byMail.post("/accedi/codice", "code", s.code("anna@giustizia.it")); p.path != "/accedi/app" || byMail.signedIn() {
		t.Errorf("by mail: %s", p.path)
	}
}

func TestWhoHasNoPasswordIsToldTheSame(t *testing.T) {
	s := newSite(t, withPasswords)
	s.give(s.admit("anna@giustizia.it"), password)
	s.admit("bruno@giustizia.it")
	seen := map[string]bool{}
	for _, email := range []string{"anna@giustizia.it", "bruno@giustizia.it", "nessuno@giustizia.it"} {
		p := s.reader().post("/accedi/password", "email", email, "password", "sbagliata davvero")
		if p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", email, p.status)
		}
		seen[strings.ReplaceAll(p.text, email, "X")] = true
	}
	if len(seen) != 1 {
		t.Errorf("%d different pages", len(seen))
	}
}

// The pages' own program forgets nothing when it starts again: the attempts
// are in the database.
func TestGuessingEndsSoonAndWaiting(t *testing.T) {
	s := newSite(t, withPasswords)
	s.give(s.admit("anna@giustizia.it"), password)
	for i := range 5 {
		if p := s.reader().post("/accedi/password", "email", "Anna@giustizia.it", "password", "sbagliata davvero"); p.status != http.StatusUnprocessableEntity {
			t.Fatalf("try %d: %d", i+1, p.status)
		}
	}
	if p := s.reader().post("/accedi/password", "email", "anna@giustizia.it", "password", password); p.status != http.StatusTooManyRequests {
		t.Errorf("the right one after five wrong ones: %d", p.status)
	}
	s.ahead.Store(int64(6 * time.Minute))
	if p := s.reader().post("/accedi/password", "email", "anna@giustizia.it", "password", password); p.path != "/accedi/app/nuova" {
		t.Errorf("later: %d %s", p.status, p.path)
	}
}

func TestNothingOfASignInCanBeSkipped(t *testing.T) {
	s := newSite(t, withPasswords)
	for _, path := range []string{"/accedi/codice", "/accedi/app", "/accedi/app/nuova", "/en/sign-in/code", "/en/sign-in/app", "/en/sign-in/app/new"} {
		r := s.reader()
		for _, p := range []page{r.get(path), r.post(path, "code", "000000")} {
			if p.path != "/accedi" && p.path != "/en/sign-in" {
				t.Errorf("%s without what comes before: %s", path, p.path)
			}
		}
	}
	without := newSite(t)
	without.give(without.admit("anna@giustizia.it"), password)
	if p := without.reader().post("/accedi/password", "email", "anna@giustizia.it", "password", password); p.status != http.StatusNotFound {
		t.Errorf("passwords that are not wanted: %d", p.status)
	}
}
