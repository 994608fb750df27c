package portal

import (
	"net/http"
	"strings"

	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/web/ui"
)

type failurePage struct {
	ui.Frame
	Heading string
	Message string
	Status  int
	Mine    string // the list of one's tickets, where one of them was looked for
}

// headings of failures people meet; any other is told as our fault.
var failureHeadings = map[int]string{
	http.StatusNotFound:            "web.failure_404",
	http.StatusForbidden:           "web.failure_403",
	http.StatusUnauthorized:        "web.failure_401",
	http.StatusUnprocessableEntity: "web.failure_422",
}

// fail answers with a page that says what happened, and logs what is ours.
func (p *Portal) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := httpstatus.Of(err)
	if status >= http.StatusInternalServerError {
		p.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
	}
	heading, known := failureHeadings[status]
	if !known {
		heading = "web.failure_500"
	}
	key, values := fault.Public(err)
	frame := p.frame(r, "", p.Phrases.Say(lang(r), heading, nil), "", nil)
	frame.Hidden = true
	page := failurePage{Frame: frame, Heading: frame.Title, Message: p.Phrases.Say(lang(r), key, values), Status: status}
	if list := paths[lang(r)]["tickets"]; strings.HasPrefix(r.URL.Path, list+"/") {
		page.Mine = list
	}
	if err := ui.Show(w, status, pages["failure"], page); err != nil {
		p.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
		http.Error(w, page.Message, status)
	}
}
