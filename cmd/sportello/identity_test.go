package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sportello/account"
	"sportello/internal/browser"
)

// vouching is a site that takes what a page of the organisation says, and what
// signs it.
func vouching(t *testing.T) (*httptest.Server, *app, func(email, nonce string) string) {
	t.Helper()
	a := testApp(t)
	key := strings.Repeat("k", 48)
	file := filepath.Join(t.TempDir(), "widget.key")
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.config.Account.WidgetKeyFile, a.config.SiteURL = file, "http://help.example.it"
	sign := func(email, nonce string) string {
		now := a.now().Unix()
		part := func(v any) string {
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return base64.RawURLEncoding.EncodeToString(text)
		}
		signed := part(map[string]string{"alg": "HS256", "typ": "JWT"}) + "." +
			part(map[string]any{"email": email, "name": "Anna Bianchi", "nonce": nonce, "iat": now, "exp": now + 300, "aud": a.config.SiteURL})
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(signed))
		return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	return testSite(t, a, true), a, sign
}

func (c caller) identify(token string) int {
	c.Helper()
	status, _, _ := c.do(http.MethodPost, c.id+"/identity", fmt.Sprintf(`{"token":%q}`, token))
	return status
}

func TestAPageTellsTheChatWhoItsReaderIs(t *testing.T) {
	site, a, sign := vouching(t)
	c, other := call(t, site.URL, "it"), call(t, site.URL, "it")
	nonce := rand.Text()
	for name, test := range map[string]struct {
		caller caller
		token  string
		want   int
	}{
		"nothing":                   {c, "", 422},
		"what nobody signed":        {c, "a.b.c", 401},
		"without the key of a chat": {caller{c.TB, c.url, c.id, "wrong"}, sign("anna@giustizia.it", rand.Text()), 404},
		"an address that is none":   {c, sign("anna", rand.Text()), 401},
	} {
		if got := test.caller.identify(test.token); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	token := sign("anna@giustizia.it", nonce)
	for what, want := range map[caller]int{c: 204} {
		for range 2 { // the answer may have been lost
			if got := what.identify(token); got != want {
				t.Fatalf("%d, want %d", got, want)
			}
		}
	}
	if got := other.identify(token); got != 409 {
		t.Errorf("the same token in another conversation: %d", got)
	}
	if got := c.identify(sign("bruno@giustizia.it", rand.Text())); got != 409 {
		t.Errorf("another person in the same conversation: %d", got)
	}
	person, err := a.people.PersonByIdentity(t.Context(), account.Identity{Channel: "widget", PlatformID: c.id[1:]})
	if err != nil || person.Email != "anna@giustizia.it" || person.Name != "Anna Bianchi" || person.External {
		t.Errorf("%+v, %v", person, err)
	}
	if people, err := a.people.Find(t.Context(), "bruno@", 5); err != nil || len(people) > 1 {
		t.Errorf("%+v, %v", people, err)
	}
}

func TestWithoutAKeyNobodyIsVouchedFor(t *testing.T) {
	_, _, sign := vouching(t)
	plain := testSite(t, testApp(t), true)
	if got := call(t, plain.URL, "it").identify(sign("anna@giustizia.it", rand.Text())); got != 401 {
		t.Errorf("%d", got)
	}
}

func TestTheWidgetOfAHostPageKnowsItsReader(t *testing.T) {
	site, _, sign := vouching(t)
	token := sign("anna@giustizia.it", rand.Text())
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="it"><title>Intranet</title><main><h1>Intranet</h1></main><script src="%s/widget.js" data-identity="%s" defer></script></html>`, site.URL, token)
	}))
	defer host.Close()
	tab := browser.Start(t).Open(t, host.URL+"/#chat", browser.Screen{})
	tab.Wait(log)
	v := visitor{t, tab}
	v.hears("anna@giustizia.it")
	v.say("a che punto è il mio ticket?")
	v.hears("nessun ticket")
	// The token was used up, and the conversation is still hers.
	tab.Reload()
	tab.Wait(log)
	v.say("stato dei miei ticket")
	tab.Wait(told("nessun ticket", 1))
	// Somebody else signs in to the host page at the same PC: another conversation.
	token = sign("bruno@giustizia.it", rand.Text())
	tab.Reload()
	v.hears("bruno@giustizia.it")
	if browser.Eval[bool](tab, log+`.textContent.includes("anna@giustizia.it")`) {
		t.Error("he reads what was said to her")
	}
}
