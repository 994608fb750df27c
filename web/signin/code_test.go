package signin_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/htmlcheck"
	"sportello/web/signin"
)

func TestACodeByMailLetsSomebodyInAndBackWhereTheyCameFrom(t *testing.T) {
	s := newSite(t)
	r := s.reader()
	if r.cookie() != "" || r.get("/privacy").status != 200 || r.get("/accedi").status != 200 || r.cookie() != "" {
		t.Error("there is a cookie before anybody began to sign in")
	}
	p := r.post("/accedi", "email", " Anna.Bianchi@Giustizia.it", "ritorno", "/privacy?x=1")
	if p.status != 200 || p.path != "/accedi/codice" || !strings.Contains(p.text, "anna.bianchi@giustizia.it") {
		t.Fatalf("after the address: %d %s", p.status, p.path)
	}
	before := r.cookie()
	p = r.post("/accedi/codice", "code", "Il codice è "+s.code("anna.bianchi@giustizia.it"))
	if p.path != "/privacy?x=1" || !strings.Contains(p.text, `action="/esci"`) || !strings.Contains(p.text, "anna.bianchi@giustizia.it") {
		t.Fatalf("after the code: %s\n%s", p.path, p.text)
	}
	if before == "" || r.cookie() == before {
		t.Error("the session has the secret it had before")
	}
	person, err := s.people.PersonByEmail(t.Context(), "anna.bianchi@giustizia.it")
	if err != nil || person.External {
		t.Errorf("the person is %+v, %v", person, err)
	}
	if p := r.get("/accedi?ritorno=/privacy"); p.path != "/privacy" {
		t.Errorf("who is in and wants in is at %s", p.path)
	}
	old := r.cookie()
	if p := r.post("/esci"); p.path != "/" {
		t.Errorf("signing out leads to %s", p.path)
	}
	if r.cookie() != "" || r.signedIn() {
		t.Error("still signed in")
	}
	u, _ := url.Parse(s.URL)
	r.client.Jar.SetCookies(u, []*http.Cookie{{Name: "sportello", Value: old, Path: "/"}})
	if r.signedIn() {
		t.Error("the old secret still opens the session")
	}
}

func TestWhatIsShownDoesNotTellWhoIsKnown(t *testing.T) {
	s := newSite(t, func(c *signin.Config) { c.Domains.External = false })
	s.admit("anna@giustizia.it")
	outsider := account.NewPerson("perito@example.it", true, "it", time.Now())
	if err := s.people.Apply(t.Context(), account.Change{Person: &outsider}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	at := time.Now()
	s.still.Store(&at) // the pages tell how many seconds to wait
	for _, email := range []string{"anna@giustizia.it", "nuova@giustizia.it", "perito@example.it", "nessuno@example.it"} {
		r := s.reader()
		p := r.post("/accedi", "email", email)
		if p.path != "/accedi/codice" || p.status != 200 {
			t.Errorf("%s: %d %s", email, p.status, p.path)
		}
		wrong := r.post("/accedi/codice", "code", "000000")
		seen[email] = strings.ReplaceAll(p.text+wrong.text, email, "X")
		if seen[email] != seen["anna@giustizia.it"] {
			t.Errorf("the pages differ for %s", email)
		}
	}
	for email, letters := range map[string]int{"anna@giustizia.it": 1, "nuova@giustizia.it": 1, "perito@example.it": 1, "nessuno@example.it": 0} {
		if got := len(s.letters(email)); got != letters {
			t.Errorf("%d letters to %s, want %d", got, email, letters)
		}
	}
}

func TestAWrongCodeIsToldAndTriesAreCounted(t *testing.T) {
	s := newSite(t)
	r := s.reader()
	r.post("/accedi", "email", "anna@giustizia.it")
	right := s.code("anna@giustizia.it")
	wrong := "000000"
	if right == wrong {
		wrong = "111111"
	}
	for left := 4; left >= 0; left-- {
		p := r.post("/accedi/codice", "code", wrong)
		if p.status == 200 || !strings.Contains(p.text, `aria-invalid="true"`) || !strings.Contains(p.text, "<title>Errore: ") {
			t.Fatalf("%d: %s", p.status, p.text)
		}
	}
	if p := r.post("/accedi/codice", "code", right); p.status != http.StatusTooManyRequests || r.signedIn() {
		t.Errorf("the right code after five wrong ones: %d", p.status)
	}
	if p := r.post("/accedi/codice/nuovo"); p.status != http.StatusTooManyRequests || !strings.Contains(p.text, "appena partito") {
		t.Errorf("another code at once: %d", p.status)
	}
	s.ahead.Store(int64(40 * time.Second))
	if p := r.post("/accedi/codice/nuovo"); p.status != 200 || !strings.Contains(p.text, "un altro codice") {
		t.Fatalf("another code: %d %s", p.status, p.path)
	}
	if p := r.post("/accedi/codice", "code", s.code("anna@giustizia.it")); p.path != "/" || !r.signedIn() {
		t.Errorf("the new code: %d %s", p.status, p.path)
	}
}

func TestCodesAreSentToAnAddressThreeTimesAnHourOnly(t *testing.T) {
	s := newSite(t)
	for range 3 {
		if p := s.reader().post("/accedi", "email", "anna@giustizia.it"); p.status != 200 {
			t.Fatalf("%d", p.status)
		}
	}
	if p := s.reader().post("/accedi", "email", "anna@giustizia.it"); p.status != http.StatusTooManyRequests || !strings.Contains(p.text, "minuti") {
		t.Errorf("the fourth: %d", p.status)
	}
}

func TestASecretPlantedInABrowserOpensNothing(t *testing.T) {
	s := newSite(t)
	u, _ := url.Parse(s.URL)
	attacker, victim := s.reader(), s.reader()
	// One that the attacker made up, and one that the attacker began a session with.
	attacker.post("/accedi", "email", "attacker@example.it")
	for _, planted := range []string{"made-up", attacker.cookie()} {
		victim.client.Jar.SetCookies(u, []*http.Cookie{{Name: "sportello", Value: planted, Path: "/"}})
		victim.signIn("anna@giustizia.it")
		if victim.cookie() == planted {
			t.Error("the victim's session has the planted secret")
		}
		thief := s.reader()
		thief.client.Jar.SetCookies(u, []*http.Cookie{{Name: "sportello", Value: planted, Path: "/"}})
		if thief.signedIn() {
			t.Errorf("the planted secret %.8s… opens the victim's session", planted)
		}
		victim.post("/esci")
	}
}

func TestACodeIsOfNoUseInAnotherBrowser(t *testing.T) {
	s := newSite(t)
	mine, other := s.reader(), s.reader()
	mine.post("/accedi", "email", "anna@giustizia.it")
	code := s.code("anna@giustizia.it")
	if p := other.post("/accedi/codice", "code", code); p.path != "/accedi" || other.signedIn() {
		t.Errorf("in another browser it leads to %s", p.path)
	}
	mine.post("/accedi/codice", "code", code)
	if !mine.signedIn() {
		t.Error("in its own it does not count")
	}
	again := s.reader()
	again.post("/accedi", "email", "anna@giustizia.it")
	if again.post("/accedi/codice", "code", code); again.signedIn() && s.code("anna@giustizia.it") != code {
		t.Error("an old code counts for a new try")
	}
}

func TestRightsAreThoseOfNow(t *testing.T) {
	s := newSite(t)
	anna := s.admit("anna@giustizia.it", account.Operator)
	r := s.reader()
	r.signIn("anna@giustizia.it")
	if p := r.get("/privacy"); !strings.Contains(p.text, `href="/desk/"`) || !strings.Contains(p.text, "Anna Bianchi") {
		t.Error("an operator is not shown the desk")
	}
	anna.Name = "Anna Verdi"
	if err := s.people.Apply(t.Context(), account.Change{Person: &anna}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.get("/privacy").text, "Anna Verdi") {
		t.Error("the head tells an old name")
	}
	anna.Version++
	anna.Roles = []account.Role{account.User}
	if err := s.people.Apply(t.Context(), account.Change{Person: &anna}); err != nil {
		t.Fatal(err)
	}
	if r.signedIn() {
		t.Error("who lost a role is still signed in")
	}
	r.signIn("anna@giustizia.it")
	if strings.Contains(r.get("/privacy").text, `href="/desk/"`) {
		t.Error("who lost the role is shown the desk")
	}
}

func TestTheCookieIsForThisSiteOnly(t *testing.T) {
	for base, want := range map[string]string{
		"":                        `^sportello=[\w-]+; Path=/; HttpOnly; SameSite=Lax$`,
		"https://help.example.it": `^__Host-sportello=[\w-]+; Path=/; HttpOnly; Secure; SameSite=Lax$`,
	} {
		s := newSite(t, func(c *signin.Config) { c.Base = base })
		w := httptest.NewRecorder()
		if err := s.pages.Begin(w, httptest.NewRequest("POST", "/", nil), s.admit("anna@giustizia.it")); err != nil {
			t.Fatal(err)
		}
		if got := w.Result().Header.Get("Set-Cookie"); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("the cookie is %q", got)
		}
	}
}

func TestASessionEndsAfterSilence(t *testing.T) {
	s := newSite(t, func(c *signin.Config) { c.Idle, c.Longest = 2*time.Second, time.Hour }) // longer than a disk takes
	w := httptest.NewRecorder()
	if err := s.pages.Begin(w, httptest.NewRequest("POST", "/", nil), s.admit("anna@giustizia.it")); err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest("GET", "/", nil)
	request.AddCookie(w.Result().Cookies()[0])
	if s.pages.Person(request) == nil {
		t.Fatal("not signed in")
	}
	for deadline := time.Now().Add(20 * time.Second); s.pages.Person(request) != nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the session does not end")
		}
	}
}

func TestOtherSitesCannotSignAnybodyInOrOut(t *testing.T) {
	s := newSite(t)
	r := s.reader()
	r.signIn("anna@giustizia.it")
	for _, path := range []string{"/esci", "/accedi", "/accedi/codice", "/accedi/password"} {
		request, _ := http.NewRequest("POST", s.URL+path, strings.NewReader("email=a@b.it"))
		request.Header.Set("Origin", "https://evil.example")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if p := r.look(r.client.Do(request)); p.status != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, p.status)
		}
	}
	if !r.signedIn() {
		t.Error("another site signed somebody out")
	}
}

func TestTheWayInSaysWhyAndHowAndLetsGo(t *testing.T) {
	s := newSite(t, func(c *signin.Config) { c.Passwords = true })
	htmlcheck.InString(t, s.reader().get("/accedi?ritorno=/privacy").text,
		htmlcheck.Text("main h1", "Accesso"),
		htmlcheck.Has("main .lead"),
		htmlcheck.Attr("main .cancel a", "href", "/privacy"),
		htmlcheck.Attr("input[name=ritorno]", "value", "/privacy"),
		htmlcheck.Attr("#email", "autocomplete", "email"),
		htmlcheck.Attr("#password", "autocomplete", "current-password"),
		htmlcheck.Attr(".site-switch", "href", "/en/sign-in?ritorno=%2Fprivacy"),
		htmlcheck.Has("meta[name=robots][content=noindex]"),
		htmlcheck.None(".site-enter"))
	for _, hostile := range []string{"//evil.example/", "/\\evil.example", "https://evil.example"} {
		htmlcheck.InString(t, s.reader().get("/accedi?ritorno="+url.QueryEscape(hostile)).text,
			htmlcheck.None("input[name=ritorno]"), htmlcheck.Attr("main .cancel a", "href", "/"))
	}
	none := newSite(t, func(c *signin.Config) { c.MailBy = "" })
	htmlcheck.InString(t, none.reader().get("/en/sign-in").text,
		htmlcheck.None("main form"), htmlcheck.Contains(".problem", "No way to sign in"))
}
