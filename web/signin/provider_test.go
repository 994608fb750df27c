package signin_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/web/signin"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/oauth2-proxy/mockoidc"
)

// person is somebody as the provider knows them.
type person struct {
	Subject string
	Claim   map[string]any
}

func (p person) ID() string { return p.Subject }

func (p person) Userinfo([]string) ([]byte, error) {
	more := map[string]any{"sub": p.Subject, "office": "Tribunale di Bari"}
	if other, is := p.Claim["userinfo"]; is {
		more["sub"] = other
	}
	return json.Marshal(more)
}

func (p person) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	c := jwt.MapClaims{"iss": base.Issuer, "sub": p.Subject, "aud": base.Audience[0], "exp": base.ExpiresAt.Unix(), "iat": base.IssuedAt.Unix(), "nonce": base.Nonce}
	for name, value := range p.Claim {
		c[name] = value
	}
	return c, nil
}

func anna(change map[string]any) person {
	p := person{Subject: "u1", Claim: map[string]any{"email": "Anna@giustizia.it", "email_verified": true, "name": "Anna Bianchi", "groups": []string{"helpdesk", "other"}}}
	for name, value := range change {
		p.Claim[name] = value
	}
	return p
}

// withProvider adds a provider that runs beside the test.
func withProvider(t *testing.T) (*mockoidc.MockOIDC, func(*signin.Config)) {
	t.Helper()
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Shutdown() })
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(provider.ClientSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return provider, func(c *signin.Config) {
		c.Providers = []signin.Provider{{
			Name: "azienda", Issuer: provider.Issuer(), ClientID: provider.ClientID, ClientSecretFile: file, Scopes: []string{"openid", "email", "profile", "groups"},
			OfficeClaim: "office", RolesClaim: "groups", Roles: map[string]account.Role{"helpdesk": account.Operator, "editors": account.Editor},
			Label: signin.Label{IT: "Entra con l'azienda", EN: "Sign in with the company"}, Button: "spid",
		}}
	}
}

func TestAProviderLetsSomebodyInWithTheirRoles(t *testing.T) {
	provider, with := withProvider(t)
	s := newSite(t, with)
	bruno := s.admit("bruno@giustizia.it", account.Editor, account.Manager)
	if p := s.reader().get("/en/sign-in?ritorno=/en/privacy"); !strings.Contains(p.text, "Sign in with the company") || !strings.Contains(p.text, `href="/accedi/via/azienda?lang=en&amp;ritorno=%2Fen%2Fprivacy"`) {
		t.Fatal("there is no button")
	}
	provider.QueueUser(anna(nil))
	r := s.reader()
	p := r.get("/accedi/via/azienda?lang=en&ritorno=/en/privacy")
	if p.path != "/en/privacy" || !strings.Contains(p.text, "Anna Bianchi") {
		t.Fatalf("%d %s\n%s", p.status, p.path, s.log)
	}
	who, err := s.people.PersonByEmail(t.Context(), "anna@giustizia.it")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]account.Role{account.User, account.Operator}, who.Roles); diff != "" || who.Office != "Tribunale di Bari" || who.Lang != "en" {
		t.Errorf("%+v\n%s", who, diff)
	}

	// The next time the organisation tells another address, name and role.
	provider.QueueUser(anna(map[string]any{"email": "anna.bianchi@giustizia.it", "groups": []string{}, "name": "Anna Bianchi Rossi"}))
	again := s.reader()
	again.get("/accedi/via/azienda")
	now, err := s.people.Person(t.Context(), who.ID)
	if err != nil || now.Email != "anna.bianchi@giustizia.it" || now.Name != "Anna Bianchi Rossi" || now.Has(account.Operator) || !now.Has(account.User) {
		t.Errorf("%+v, %v", now, err)
	}
	if r.signedIn() || !again.signedIn() {
		t.Error("the session from before the role was lost lives on, or the new one does not")
	}

	// Roles that the provider does not decide about stay.
	provider.QueueUser(person{"u2", map[string]any{"email": "bruno@giustizia.it", "email_verified": "true", "groups": "helpdesk"}})
	s.reader().get("/accedi/via/azienda")
	bruno, err = s.people.Person(t.Context(), bruno.ID)
	if diff := cmp.Diff([]account.Role{account.User, account.Operator, account.Manager}, bruno.Roles); diff != "" || err != nil || bruno.Name != "Anna Bianchi" {
		t.Errorf("%+v, %v\n%s", bruno, err, diff)
	}
	links, err := s.people.Identities(t.Context(), bruno.ID)
	if err != nil || len(links) != 1 || len(account.Chats(links)) != 0 {
		t.Errorf("%+v, %v", links, err)
	}
}

func TestWhatAProviderSaysIsNotBelievedUnlessItIsForUs(t *testing.T) {
	for name, test := range map[string]struct {
		who    person
		change func(*signin.Config)
		says   string
	}{
		"an address that is not verified":  {who: anna(map[string]any{"email_verified": false}), says: "non risulta confermato"},
		"an address nobody said verified":  {who: anna(map[string]any{"email_verified": nil}), says: "non risulta confermato"},
		"no address":                       {who: anna(map[string]any{"email": ""}), says: "non ci ha detto"},
		"an address that is none":          {who: anna(map[string]any{"email": "anna@giustizia.it>"}), says: "non ci ha detto"},
		"another nonce":                    {who: anna(map[string]any{"nonce": "other"}), says: "non è valida"},
		"no nonce":                         {who: anna(map[string]any{"nonce": nil}), says: "non è valida"},
		"a token for somebody else":        {who: anna(map[string]any{"aud": "other"}), says: "non è valida"},
		"a token of another provider":      {who: anna(map[string]any{"iss": "https://evil.example"}), says: "non è valida"},
		"a token of yesterday":             {who: anna(map[string]any{"exp": time.Now().Add(-24 * time.Hour).Unix()}), says: "non è valida"},
		"an outsider where none is wanted": {who: anna(map[string]any{"email": "avv@example.it"}), change: func(c *signin.Config) { c.Domains.External = false }, says: "non posso aprire un accesso"},
	} {
		t.Run(name, func(t *testing.T) {
			provider, with := withProvider(t)
			s := newSite(t, with, func(c *signin.Config) {
				if test.change != nil {
					test.change(c)
				}
			})
			provider.QueueUser(test.who)
			r := s.reader()
			p := r.get("/accedi/via/azienda?ritorno=/privacy")
			if p.status < 400 || !strings.Contains(p.text, test.says) || !strings.Contains(p.text, `value="/privacy"`) || r.signedIn() {
				t.Errorf("%d %s\n%s", p.status, p.path, p.text)
			}
			if people, err := s.people.List(t.Context()); err != nil || len(people) != 0 {
				t.Errorf("people: %v, %v", people, err)
			}
		})
	}
}

func TestWhatIsToldOfNobodyOrOfAnotherIsLeftOut(t *testing.T) {
	for _, subject := range []string{"", "u2"} {
		provider, with := withProvider(t)
		s := newSite(t, with)
		provider.QueueUser(anna(map[string]any{"userinfo": subject}))
		s.reader().get("/accedi/via/azienda")
		who, err := s.people.PersonByEmail(t.Context(), "anna@giustizia.it")
		if err != nil || who.Office != "" {
			t.Errorf("of %q: %+v, %v", subject, who, err)
		}
	}
}

func TestATrustedProviderNeedNotVerify(t *testing.T) {
	provider, with := withProvider(t)
	s := newSite(t, with, func(c *signin.Config) { c.Providers[0].TrustEmail = true })
	provider.QueueUser(anna(map[string]any{"email_verified": nil}))
	r := s.reader()
	if r.get("/accedi/via/azienda"); !r.signedIn() {
		t.Error(s.log)
	}
}

// halfway goes to the provider and stops before coming back; it returns where
// the provider would lead.
func (r *reader) halfway() string {
	r.t.Helper()
	r.client.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(next.URL.Path, "/ritorno") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	answer, err := r.client.Get(r.URL + "/accedi/via/azienda")
	if err != nil {
		r.t.Fatal(err)
	}
	_ = answer.Body.Close()
	r.client.CheckRedirect = nil
	back := answer.Header.Get("Location")
	if !strings.Contains(back, "/accedi/via/azienda/ritorno?") {
		r.t.Fatalf("the provider leads to %q (%d)", back, answer.StatusCode)
	}
	return strings.TrimPrefix(back, r.URL)
}

func TestComingBackCountsInTheSameBrowserAndOnce(t *testing.T) {
	provider, with := withProvider(t)
	s := newSite(t, with)
	for name, come := range map[string]func(r *reader, back string) *reader{
		"in another browser": func(_ *reader, back string) *reader {
			other := s.reader()
			other.get(back)
			return other
		},
		"in another browser that is under way, too": func(_ *reader, back string) *reader {
			provider.QueueUser(anna(map[string]any{"email": "vittima@giustizia.it"}))
			other := s.reader()
			other.halfway()
			other.get(back)
			return other
		},
		"with another state": func(r *reader, back string) *reader {
			u, _ := url.Parse(back)
			q := u.Query()
			q.Set("state", "x")
			r.get(u.Path + "?" + q.Encode())
			return r
		},
		"without a state": func(r *reader, back string) *reader {
			u, _ := url.Parse(back)
			r.get(u.Path + "?code=" + url.QueryEscape(u.Query().Get("code")))
			return r
		},
		"with another code": func(r *reader, back string) *reader {
			u, _ := url.Parse(back)
			r.get(u.Path + "?code=x&state=" + url.QueryEscape(u.Query().Get("state")))
			return r
		},
		"with an error": func(r *reader, back string) *reader {
			u, _ := url.Parse(back)
			if p := r.get(u.Path + "?error=access_denied&state=" + url.QueryEscape(u.Query().Get("state"))); !strings.Contains(p.text, "non è stato completato") {
				t.Errorf("who changed their mind is told %s", p.text)
			}
			return r
		},
		"a second time": func(r *reader, back string) *reader {
			if p := r.get(back); !r.signedIn() {
				t.Fatalf("the first time: %d %s\n%s", p.status, p.path, s.log)
			}
			r.post("/esci")
			if p := r.get(back); p.status != http.StatusUnprocessableEntity {
				t.Errorf("the second time: %d", p.status)
			}
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			provider.QueueUser(anna(nil))
			r := s.reader()
			if come(r, r.halfway()).signedIn() {
				t.Error("it lets somebody in")
			}
		})
	}
}

func TestAnAuthorizationAsksForWhatBindsItToUs(t *testing.T) {
	provider, with := withProvider(t)
	s := newSite(t, with, func(c *signin.Config) { c.Providers[0].ACRValues = "https://www.spid.gov.it/SpidL2" })
	r := s.reader()
	r.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := r.client.Get(s.URL + "/accedi/via/azienda")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	u, err := answer.Location()
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if !strings.HasPrefix(u.String(), provider.AuthorizationEndpoint()) || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" ||
		len(q.Get("code_challenge")) != 43 || len(q.Get("nonce")) < 20 || len(q.Get("state")) < 20 || q.Get("redirect_uri") != s.URL+"/accedi/via/azienda/ritorno" || q.Get("acr_values") == "" {
		t.Errorf("it asks %s", u)
	}
	if p := s.reader().get("/accedi/via/altro"); p.status != http.StatusNotFound {
		t.Errorf("a provider that is none: %d", p.status)
	}
}

func TestTheServiceWorksWhileAProviderIsAway(t *testing.T) {
	provider, with := withProvider(t)
	up := false
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !up {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		http.Redirect(w, r, provider.DiscoveryEndpoint(), http.StatusTemporaryRedirect)
	}))
	defer front.Close()
	s := newSite(t, with, func(c *signin.Config) { c.Providers[0].Issuer = front.URL })
	for range 2 {
		p := s.reader().get("/accedi/via/azienda?ritorno=/privacy")
		if p.status != http.StatusServiceUnavailable || !strings.Contains(p.text, "ora non risponde") || !strings.Contains(p.text, `id="email"`) || !strings.Contains(p.text, `value="/privacy"`) {
			t.Errorf("while it is away: %d", p.status)
		}
	}
	// It is back: discovered without a restart. That it names another issuer than
	// we know it by is refused.
	up = true
	time.Sleep(2100 * time.Millisecond) // as long as a provider is left alone
	if p := s.reader().get("/accedi/via/azienda"); p.status != http.StatusServiceUnavailable {
		t.Errorf("a provider that calls itself another name: %d", p.status)
	}
}

func TestAProviderThatFailsMidwayIsToldAndTriedAgain(t *testing.T) {
	provider, with := withProvider(t)
	s := newSite(t, with)
	r := s.reader()
	provider.QueueUser(anna(nil))
	back := r.halfway()
	for range 2 { // the library tries two ways of naming us
		provider.QueueError(&mockoidc.ServerError{Code: http.StatusServiceUnavailable, Error: "down"})
	}
	if p := r.get(back); p.status != http.StatusServiceUnavailable || !strings.Contains(p.text, "ora non risponde") || r.signedIn() {
		t.Errorf("the provider fails at the token: %d %s", p.status, p.path)
	}
	provider.QueueUser(anna(nil))
	if r.get("/accedi/via/azienda"); !r.signedIn() {
		t.Error("the next try fails")
	}
}

func TestMistakesInProvidersAreAllTold(t *testing.T) {
	err := signin.Check([]signin.Provider{
		{Name: "A b", Issuer: "http://example.it", ClientSecretFile: "/nowhere", Button: "red", Roles: map[string]account.Role{"x": "king"}},
		{Name: "a", Issuer: "https://example.it", ClientID: "x", Label: signin.Label{IT: "a", EN: "a"}},
		{Name: "a", Issuer: "https://example.it", ClientID: "x", Label: signin.Label{IT: "a", EN: "a"}},
	})
	for _, part := range []string{"number 1: name", "issuer", "client_id", "client_secret_file", "label", "button", "roles:", "roles_claim", "number 3: name"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %s", err, part)
		}
	}
	if fault.Is(err, fault.NotFound) || strings.Contains(err.Error(), "number 2") {
		t.Error(err)
	}
}
