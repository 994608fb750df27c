// Package bundle keeps articles as files: Markdown below a front matter of
// YAML, one file an article, <lang>/<id>.md. It reads what editors wrote and
// names every mistake with its line, writes files that read back as they were,
// and checks that articles fit together.
package bundle

import (
	"cmp"
	"fmt"
	"slices"

	"sportello/internal/fault"
	"sportello/kb"
)

// Severity says how much a problem matters.
type Severity string

// An Error keeps an article from being imported; a Warning should be mended;
// an Info is good to know.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Problem is a mistake in a file. Phrase is a key of content/phrases, for
// Values to fill.
type Problem struct {
	File     string
	Line     int // from 1; 0 if it concerns the whole file
	Severity Severity
	Phrase   string
	Values   fault.Values
}

// String tells a problem without the phrases.
func (p Problem) String() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	text := fmt.Sprintf("%s: %s: %s", place, p.Severity, p.Phrase)
	if len(p.Values) > 0 {
		text += fmt.Sprint(" ", map[string]any(p.Values))
	}
	return text
}

// Failed reports whether an Error is among the problems.
func Failed(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == Error })
}

func inOrder(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return problems
}

// Path is the file of an article, below the folder of all articles.
func Path(key kb.Key) string { return key.Lang + "/" + key.ID + ".md" }
