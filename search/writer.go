package search

import "context"

// Writer words in a few sentences what an article says to a question. It is
// safe for concurrent use.
type Writer interface {
	// Write answers a question in a language out of a passage, and of nothing
	// else. The text is plain, one paragraph, and not trusted: show it as text,
	// marked as written by a machine and together with its source. ok is false
	// whenever there is none worth showing, for whatever reason; it takes no
	// longer than the Writer was given.
	Write(ctx context.Context, question, lang string, from Passage) (text string, ok bool)
}

// Passage is what an article says to a question, as plain text.
type Passage struct {
	Title string // of the article
	Text  string // of the sections that answer
}
