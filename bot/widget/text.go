package widget

import (
	"html"
	"strings"
)

// asHTML is what people wrote, as HTML: the same text, with its lines.
func asHTML(text string) string {
	return "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br>") + "</p>"
}
