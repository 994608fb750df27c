package semantictest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Fault is a way in which a server fails, and the word for it in figures.
type Fault struct {
	How  func(w http.ResponseWriter, r *http.Request) (handled bool)
	Kind string
}

// Faults are the ways in which servers fail.
var Faults = map[string]Fault{
	"it says nothing":            {func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }, "late"},
	"it drips":                   {drip, "late"},
	"it breaks":                  {status(500, ""), "broken"},
	"it is overloaded":           {status(503, ""), "busy"},
	"it asks for patience":       {status(429, "600"), "busy"},
	"it knows no such model":     {status(404, ""), "refused"},
	"the key is wrong":           {status(401, ""), "refused"},
	"it sends elsewhere":         {redirect, "refused"},
	"it hangs up":                {hangUp, "unreachable"},
	"it sends a page":            {Reply("<html><body>502 Bad Gateway</body></html>"), "unusable"},
	"it sends half":              {Reply(`{"data":[{"index":0,"embedding":[0.1,`), "unusable"},
	"it sends nothing":           {Reply(""), "unusable"},
	"it sends another form":      {Reply(`{"data":"none","choices":7}`), "unusable"},
	"it sends an empty list":     {Reply(`{"data":[],"choices":[]}`), "unusable"},
	"it sends far too much":      {flood, "unusable"},
	"it sends an error with 200": {Reply(`{"error":{"message":"out of memory"}}`), "unusable"},
}

func status(code int, retry string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		if retry != "" {
			w.Header().Set("Retry-After", retry)
		}
		http.Error(w, "no", code)
		return true
	}
}

// Reply answers with a text, whatever was asked.
func Reply(text string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		fmt.Fprint(w, text)
		return true
	}
}

func redirect(w http.ResponseWriter, r *http.Request) bool {
	http.Redirect(w, r, "http://192.0.2.1/", http.StatusTemporaryRedirect)
	return true
}

func hangUp(w http.ResponseWriter, _ *http.Request) bool {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
	return true
}

func drip(w http.ResponseWriter, r *http.Request) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return true
		case <-tick.C:
			fmt.Fprint(w, " ")
			w.(http.Flusher).Flush()
		}
	}
}

func flood(w http.ResponseWriter, _ *http.Request) bool {
	blanks := strings.Repeat(" ", 1<<20)
	for range 16 {
		if _, err := fmt.Fprint(w, blanks); err != nil {
			break
		}
	}
	return true
}
