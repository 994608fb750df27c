package tickets

import (
	"strings"
	"unicode/utf8"

	"sportello/internal/fault"
)

// shortBody is how many characters a description has that says too little.
const shortBody = 40

// Hints say what would make a draft better by the conventions of the service:
// a short subject of keywords that begins with the application, a description
// of what happened. A draft without any is not wrong, and is taken.
func (c Catalogue) Hints(d Draft) Problems {
	var hints Problems
	subject := oneLine(d.Subject)
	words := foldAll(tokens(subject))
	about, known := c.Application(d.Application)
	if !known {
		about, known = c.FindApplication(d.Body)
	}
	switch named, _ := c.FindApplication(subject); {
	case subject == "":
	case len(keywords(subject, nil)) == 0:
		hints = append(hints, Problem{Field: FieldSubject, Phrase: "request.hint_subject_vague"})
	case known && named.ID != about.ID && !holdsAny(words, []string{about.Title()}):
		hints = append(hints, Problem{FieldSubject, "request.hint_subject_application", fault.Values{"Application": about.Title()}})
	case len(words) > 3 && strings.ToUpper(subject) == subject && strings.ToLower(subject) != subject:
		hints = append(hints, Problem{Field: FieldSubject, Phrase: "request.hint_subject_capitals"})
	}
	if body := strings.TrimSpace(d.Body); body != "" && utf8.RuneCountInString(body) < shortBody {
		hints = append(hints, Problem{Field: FieldBody, Phrase: "request.hint_body_short"})
	}
	return hints
}
