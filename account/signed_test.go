package account_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

var widgetKey = []byte(strings.Repeat("k", 64))

// host makes a token as a page of the organisation does.
func host(key []byte, header, claims any) string {
	part := func(v any) string {
		text, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(header) + "." + part(claims)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

type claims map[string]any

func vouched(change claims) claims {
	all := claims{
		"email": "Anna.Bianchi@giustizia.it", "name": "Anna Bianchi", "nonce": "0123456789abcdef",
		"iat": noon.Unix(), "exp": noon.Add(5 * time.Minute).Unix(), "aud": "https://help.example.it",
	}
	maps.Copy(all, change)
	return all
}

var hs256 = claims{"alg": "HS256", "typ": "JWT"}

func TestAPageOfTheOrganisationTellsWhoItsReaderIs(t *testing.T) {
	ours := account.SignedIdentity{Audience: "https://help.example.it", Keys: [][]byte{[]byte(strings.Repeat("n", 64)), widgetKey}}
	for name, token := range map[string]string{
		"as it should be":       host(widgetKey, hs256, vouched(nil)),
		"for several sites":     host(widgetKey, hs256, vouched(claims{"aud": []string{"https://other.example.it", "https://help.example.it/"}})),
		"a clock a little fast": host(widgetKey, hs256, vouched(claims{"iat": noon.Unix() + 20, "exp": noon.Unix() + 320})),
	} {
		v, err := ours.Verify(token, noon)
		if err != nil || v.Email != "anna.bianchi@giustizia.it" || v.Name != "Anna Bianchi" || v.Nonce.Word != "widget 0123456789abcdef" || !v.Nonce.Until.After(noon) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

func TestAnyOtherTokenIsRefused(t *testing.T) {
	ours := account.SignedIdentity{Audience: "https://help.example.it", Keys: [][]byte{widgetKey}}
	right := host(widgetKey, hs256, vouched(nil))
	parts := strings.Split(right, ".")
	public := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for name, token := range map[string]string{
		"empty":                       "",
		"no token":                    "anna.bianchi@giustizia.it",
		"two parts":                   parts[0] + "." + parts[1],
		"four parts":                  right + ".x",
		"another key":                 host([]byte(strings.Repeat("x", 64)), hs256, vouched(nil)),
		"no signature":                parts[0] + "." + parts[1] + ".",
		"none as the algorithm":       public + "." + parts[1] + ".",
		"none, but signed":            host(widgetKey, claims{"alg": "none"}, vouched(nil)),
		"another algorithm":           host(widgetKey, claims{"alg": "HS512"}, vouched(nil)),
		"an algorithm in lower case":  host(widgetKey, claims{"alg": "hs256"}, vouched(nil)),
		"something it must know":      host(widgetKey, claims{"alg": "HS256", "crit": []string{"b64"}}, vouched(nil)),
		"padding":                     right + "=",
		"other claims":                parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"email":"aldo@giustizia.it"}`)) + "." + parts[2],
		"for another site":            host(widgetKey, hs256, vouched(claims{"aud": "https://evil.example"})),
		"for no site":                 host(widgetKey, hs256, vouched(claims{"aud": nil})),
		"of yesterday":                host(widgetKey, hs256, vouched(claims{"iat": noon.Add(-24 * time.Hour).Unix(), "exp": noon.Add(-24*time.Hour + time.Minute).Unix()})),
		"of tomorrow":                 host(widgetKey, hs256, vouched(claims{"iat": noon.Add(24 * time.Hour).Unix(), "exp": noon.Add(24*time.Hour + time.Minute).Unix()})),
		"for an hour":                 host(widgetKey, hs256, vouched(claims{"exp": noon.Add(time.Hour).Unix()})),
		"for ever":                    host(widgetKey, hs256, vouched(claims{"exp": nil})),
		"without a beginning":         host(widgetKey, hs256, vouched(claims{"iat": nil})),
		"over before it begins":       host(widgetKey, hs256, vouched(claims{"exp": noon.Add(-time.Second).Unix()})),
		"not before tomorrow":         host(widgetKey, hs256, vouched(claims{"nbf": noon.Add(24 * time.Hour).Unix()})),
		"no nonce":                    host(widgetKey, hs256, vouched(claims{"nonce": nil})),
		"a nonce that could repeat":   host(widgetKey, hs256, vouched(claims{"nonce": "1"})),
		"no address":                  host(widgetKey, hs256, vouched(claims{"email": "Anna"})),
		"a name with a line break":    host(widgetKey, hs256, vouched(claims{"name": "Anna\r\nBcc: x"})),
		"an endless name":             host(widgetKey, hs256, vouched(claims{"name": strings.Repeat("x", 300)})),
		"a time with a comma":         host(widgetKey, hs256, vouched(claims{"iat": 1.5})),
		"longer than any that counts": host(widgetKey, hs256, vouched(claims{"more": strings.Repeat("x", 5000)})),
		"something after the claims":  host(widgetKey, hs256, json.RawMessage(`[]`)),
	} {
		if v, err := ours.Verify(token, noon); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
	if _, err := ours.Verify(right, noon.Add(6*time.Minute)); err == nil {
		t.Error("it counts after it expired")
	}
	for name, other := range map[string]account.SignedIdentity{
		"without keys": {Audience: "https://help.example.it"}, "with an empty key": {Audience: "https://help.example.it", Keys: [][]byte{{}}}, "without a site": {Keys: [][]byte{widgetKey}},
	} {
		if _, err := other.Verify(host(nil, hs256, vouched(claims{"aud": other.Audience})), noon); err == nil {
			t.Errorf("%s: a token counts", name)
		}
	}
}

func TestKeysAreReadOneALine(t *testing.T) {
	keys, err := account.ReadKeys([]byte(strings.Repeat("a", 32) + "\r\n\n " + strings.Repeat("b", 64) + "\n"))
	if err != nil || len(keys) != 2 || len(keys[1]) != 64 {
		t.Errorf("%q, %v", keys, err)
	}
	for _, text := range []string{"", "\n", "short\n", strings.Repeat("a", 32) + "\nshort"} {
		if _, err := account.ReadKeys([]byte(text)); err == nil {
			t.Errorf("%q holds keys", text)
		}
	}
}

func FuzzSignedIdentity(f *testing.F) {
	f.Add(host(widgetKey, hs256, vouched(nil)), []byte(`{"alg":"HS256"}`), []byte(`{"email":"a@b.it"}`))
	f.Add("a.b.c", []byte(`{}`), []byte(`[]`))
	f.Fuzz(func(t *testing.T, token string, header, body []byte) {
		ours := account.SignedIdentity{Audience: "https://help.example.it", Keys: [][]byte{widgetKey}}
		b64 := base64.RawURLEncoding
		signed := b64.EncodeToString(header) + "." + b64.EncodeToString(body)
		mac := hmac.New(sha256.New, widgetKey)
		mac.Write([]byte(signed))
		for _, one := range []string{token, signed + "." + b64.EncodeToString(mac.Sum(nil))} {
			v, err := ours.Verify(one, noon)
			if (err == nil) != (v.Email != "") || err == nil && (len(v.Nonce.Word) < 8 || v.Nonce.Until.Sub(noon) > 7*time.Minute) {
				t.Errorf("%q: %+v, %v", one, v, err)
			}
		}
	})
}
