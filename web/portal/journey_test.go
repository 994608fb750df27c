package portal_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"sportello/internal/browser"
	"sportello/kb"
	"sportello/kb/bundle"
)

// The budget of the first page somebody sees: its files as they travel, fonts apart.
const budget = 200 << 10

var shippedFiles = regexp.MustCompile(`(?:href|src)="(/assets/[^"#]+|/widget\.js)`)

func TestAFirstVisitIsLight(t *testing.T) {
	s := newSite(t)
	page := s.get(t, "/", http.StatusOK).Body.String()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, page)
	_ = w.Close()
	total, seen := packed.Len(), map[string]bool{}
	for _, found := range shippedFiles.FindAllStringSubmatch(page, -1) {
		if address := found[1]; !seen[address] && !strings.HasSuffix(address, ".woff2") {
			seen[address] = true
			total += s.get(t, address, http.StatusOK, "Accept-Encoding", "gzip").Body.Len()
		}
	}
	if len(seen) < 4 || total > budget {
		t.Errorf("a first visit takes %d bytes in %d files, at most %d are allowed", total, len(seen), budget)
	}
	t.Logf("a first visit takes %d bytes gzipped, fonts apart", total)
}

func TestPagesKeepNobodyOut(t *testing.T) {
	shipped, problems := bundle.Read(sub(t, content, "kb"))
	if bundle.Failed(problems) {
		t.Fatal(problems)
	}
	s := newSite(t)
	for i := range shipped {
		shipped[i].Status, shipped[i].UpdatedAt = kb.Published, noon
	}
	s.articles = shipped
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Nothing inline and nothing from elsewhere: what breaks this fails the test.
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'")
		s.ServeHTTP(w, r)
	}))
	defer server.Close()
	b := browser.Start(t)
	for path, name := range map[string]string{
		"/": "home", "/kb/": "index", "/kb/it/account-adn-bloccato": "article", "/kb/it/account-adn-bloccato?voted=no": "voted", "/cerca?q=account": "answer",
		"/cerca?q=forse": "clarify", "/cerca?q=boh": "abstain", "/accessibilita": "text", "/niente": "failure",
		"/en/": "home-en", "/kb/en/vpn": "article-en", "/en/search?q=forse": "clarify-en", "/en/kb/": "index-en", "/en/privacy": "text-en",
	} {
		t.Run(name, func(t *testing.T) {
			tab := b.Open(t, server.URL+path, browser.Screen{})
			tab.Wait(`document.querySelector("sportello-chat")`)
			tab.FullShot("page-" + name)
			tab.Run(`Sportello.open()`) // beside the page, which stays usable
			tab.Axe("on a desktop with the chat open")
			narrow := b.Open(t, server.URL+path, browser.Screen{Width: 320, Height: 640})
			narrow.Wait(`document.querySelector("sportello-chat")`)
			narrow.Axe("at 320 pixels")
			narrow.FullShot("page-" + name + "-320")
			if browser.Eval[bool](narrow, "document.documentElement.scrollWidth > innerWidth") {
				t.Error("it must be scrolled sideways at 320 pixels")
			}
		})
	}
}

func TestAnArticleCanBeReadAndJudgedWithoutJavaScript(t *testing.T) {
	s := newSite(t)
	server := httptest.NewServer(s)
	defer server.Close()
	tab := browser.Start(t).Open(t, server.URL+"/cerca?q=account", browser.Screen{NoScript: true})
	tab.Click(".best h3 a")
	tab.Wait(`location.pathname === "/kb/it/account-adn-bloccato"`)
	tab.Click("button[value=no]")
	tab.Wait(`document.querySelector("#vote h2")?.textContent === "Grazie della risposta"`)
	if title := tab.Title(); !strings.HasPrefix(title, "Account ADN bloccato") {
		t.Errorf("the page is %q", title)
	}
	if len(s.votes) != 1 || s.votes[0].Helpful {
		t.Errorf("the votes are %+v", s.votes)
	}
}
