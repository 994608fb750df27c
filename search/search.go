// Package search finds the article that answers a question, and says how sure
// it is. It knows what a query, a document and a hit are; how they are indexed
// is the business of an Index (search/bleveindex).
//
// Answers are retrieved, never invented: a Result names articles and sections
// of them, together with a calibrated Confidence and the Decision that follows.
package search

import "context"

// Audience limits who may find a document. Every query names the audiences of
// its reader, and finds nothing outside them.
type Audience string

// The audiences of the knowledge base.
const (
	All       Audience = "all"
	Employees Audience = "employees"
	Operators Audience = "operators"
)

// Document is an article as the index sees it. ID and Lang together are its key.
type Document struct {
	ID, Lang    string
	Title       string
	Questions   []string // other ways people ask for it
	Tags        []string
	Application string // ID of the application it is about, or empty
	Audience    Audience
	Sections    []Section
}

// Section is a passage under one heading, as plain text. The first section of
// a document may have no heading.
type Section struct {
	Anchor  string // fragment of its URL, empty for the part before the first heading
	Heading string
	Text    string
}

// Query is what somebody asks, before we understood it.
type Query struct {
	Text      string
	Lang      string // "it" or "en" if known, else empty: then it is guessed from Text
	Audiences []Audience
	Limit     int  // most hits wanted, 10 if zero
	Meaning   bool // by meaning, too, where that is set up; it may then take a fraction of a second
	Exact     bool // take every word as it is written
	Explain   bool // fill Hit.Explanation and Result.Explanation
}

// Decision is what the assistant should do with a result.
type Decision string

// Answer shows the first hit, Clarify offers the first three, Abstain says
// that there is no reliable answer.
const (
	Answer  Decision = "answer"
	Clarify Decision = "clarify"
	Abstain Decision = "abstain"
)

// Result is what a query found, best first.
type Result struct {
	Query       string       // the question as understood, after cleaning and corrections
	Lang        string       // the language searched in
	Reading     string       // the text with the corrections in it, to be shown; empty if there is none
	Corrections []Correction // words of the subject that were taken for misspelt, in their order
	Confidence  float64      // probability that the first hit answers the question, 0 to 1
	Decision    Decision
	Hits        []Hit
	Explanation *Explanation // only if asked for
	Signals     []Signal     // what the confidence was made of; only if asked for
}

// Correction is a word as it was typed, and the word or words that it was read
// as; short messages ("nn") and grammar words put right are none.
type Correction struct {
	Typed string `json:"typed"`
	Meant string `json:"meant"`
}

// Signal is a named quantity, mostly from 0 to 1, with what it counts: a
// confidence or a score is made of the sum of their points.
type Signal struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Weight float64 `json:"weight"`
}

// Points is what the signal adds.
func (s Signal) Points() float64 { return s.Weight * s.Value }

// Hit is one document found.
type Hit struct {
	ID, Lang    string
	Title       string
	Section     Section         // the section that matched best
	Score       float64         // comparable within one result only
	Snippet     string          // plain text around the words that matched, at most about 200 characters
	Explanation *HitExplanation // only if asked for
}

// Derived follows the changes of the knowledge base.
type Derived interface {
	// Apply stores documents and removes keys together, and remembers seq as
	// the last change applied.
	Apply(ctx context.Context, seq int64, put []Document, remove []Key) error

	// Seq is the last change applied, 0 for an empty index.
	Seq() int64
}

// Index finds documents and takes changes. It is safe for concurrent use:
// searches go on while changes are applied.
type Index interface {
	Derived

	// Search never fails on what people write; an error means that the index
	// itself is unavailable.
	Search(ctx context.Context, q Query) (Result, error)

	// Suggest completes what is being typed with titles and stored questions.
	Suggest(ctx context.Context, q Query) ([]Suggestion, error)

	// Documents is the number of documents that can be found.
	Documents() (int, error)

	Close() error
}

// Key names a document.
type Key struct{ ID, Lang string }

// Suggestion completes a question that is being typed.
type Suggestion struct {
	ID, Lang string
	Title    string // title of the article
	Text     string // the title or stored question that matched
	Marks    []Span // the parts of Text that were typed, in their order
}

// Span is a part of a text, from one byte up to another.
type Span struct{ Start, End int }
