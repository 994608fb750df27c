package portal

import (
	"context"
	"net/http"

	"sportello/web/ui"
)

// Frame is what surrounds a page that somebody else shows in this site: the
// same head and foot, and a switch to the same page in the other language,
// which at names.
func (p *Portal) Frame(r *http.Request, language, title string, at map[string]string) ui.Frame {
	return p.frame(r.WithContext(context.WithValue(r.Context(), langKey{}, language)), "", title, "", at)
}
