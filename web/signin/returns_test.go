package signin

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestTheWayBackIsAPageOfOurs(t *testing.T) {
	for _, target := range []string{"/", "/kb/it/vpn", "/cerca?q=vpn%20lenta", "/ticket/2026-000123?tab=a#b", "/kb/it/pec%2Fpiena"} {
		if got := local(target); got == "" {
			t.Errorf("%q leads nowhere", target)
		}
	}
	for _, target := range []string{
		"", "kb", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "/\\/evil.example", "https://evil.example/", "javascript:alert(1)",
		"/\t/evil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b", " //evil.example", "/.//evil.example", "/..//evil.example", "/a/..//evil.example", "/%5cevil.example",
		"/kb\x00", "/perch\u00e9", "/" + strings.Repeat("x", 2000), "/accedi", "/accedi?ritorno=/accedi", "/accedi/codice", "/en/sign-in", "/esci", "/en/sign-out", "/kb/../esci", "?q=1", "#a",
	} {
		if got := local(target); got != "" && got != "/" {
			t.Errorf("%q leads to %q", target, got)
		}
	}
}

func TestAPageIsComeBackToAndAFormIsNot(t *testing.T) {
	if got := Enter("it", httptest.NewRequest("GET", "/kb/it/vpn?voted=no", nil)); got != "/accedi?ritorno=%2Fkb%2Fit%2Fvpn%3Fvoted%3Dno" {
		t.Error(got)
	}
	if got := Enter("en", httptest.NewRequest("POST", "/kb/en/vpn", nil)); got != "/en/sign-in" {
		t.Error(got)
	}
}

// Wherever a link wants to lead, nobody leaves our site by it.
func FuzzReturn(f *testing.F) {
	for _, seed := range []string{"/", "//e", "/\\e", "/a?b#c", "/%2f%2fe", "/.//e", "/@e", "/:80//e", "/a/../../b"} {
		f.Add(seed)
	}
	base, _ := url.Parse("https://help.example.it/accedi/codice")
	f.Fuzz(func(t *testing.T, target string) {
		got := local(target)
		if got == "" {
			return
		}
		to, err := base.Parse(got)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || to.User != nil {
			t.Errorf("%q leads to %v, %v", target, to, err)
		}
		if strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Errorf("%q becomes %q", target, got)
		}
		if again := local(got); again != got {
			t.Errorf("%q becomes %q, then %q", target, got, again)
		}
	})
}
