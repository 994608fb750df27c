package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sportello/internal/browser"
)

// recorder notes what a check would fail a test with.
type recorder struct {
	testing.TB
	said []string
	last []func()
}

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) Cleanup(f func()) { r.last = append(r.last, f) }

func (r *recorder) finish() string {
	for _, f := range r.last {
		f()
	}
	return strings.Join(r.said, "\n")
}

// A checker that never complains would make every page green.
func TestWhatIsWrongWithAPageIsSeen(t *testing.T) {
	b := browser.Start(t)
	for name, c := range map[string]struct{ page, complaint string }{
		"a picture without words":       {`<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`, "image-alt"},
		"a script that throws":          {`<script>throw new Error("broken on purpose")</script>`, "broken on purpose"},
		"a script that is not allowed":  {`<script nonce="other">1</script>`, "Content Security Policy"},
		"a page with nothing to mend":   {"", ""},
		"a button that nobody can name": {`<button></button>`, "button-name"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if strings.Contains(c.page, "nonce") {
					w.Header().Set("Content-Security-Policy", "script-src 'self'")
				}
				_, _ = fmt.Fprintf(w, `<!doctype html><html lang="it"><title>Prova</title><main><h1>Prova</h1>%s</main></html>`, c.page)
			}))
			defer server.Close()
			r := &recorder{TB: t}
			b.Open(r, server.URL, browser.Screen{}).Axe("the page")
			said := r.finish()
			if c.complaint == "" && said != "" || !strings.Contains(said, c.complaint) {
				t.Errorf("it says %q, want %q", said, c.complaint)
			}
		})
	}
}
