package api

import (
	"context"

	"sportello/kb"
	"sportello/search"
)

// SearchInput is a question.
type SearchInput struct {
	Asked
	Q       string `query:"q" required:"true" minLength:"1" maxLength:"1000" doc:"The question, as people write it"`
	Limit   int    `query:"limit" minimum:"1" maximum:"50" default:"10"`
	Explain bool   `query:"explain" doc:"Say what the question became, and why each hit is where it is"`
}

// Answered is what was found.
type Answered struct {
	CacheControl string `header:"Cache-Control"`
	Body         FoundHere
}

// Found is a result as programs read it, here and from `sportello search --json`.
type Found struct {
	Query       string              `json:"query" doc:"The question as understood"`
	Language    string              `json:"language"`
	Confidence  float64             `json:"confidence" doc:"Probability that the first hit answers the question"`
	Decision    search.Decision     `json:"decision" enum:"answer,clarify,abstain"`
	Hits        []Hit               `json:"hits" doc:"Best first"`
	Explanation *search.Explanation `json:"explanation,omitempty"`
}

// Hit is one article found.
type Hit struct {
	ID          string                 `json:"id"`
	Title       string                 `json:"title"`
	Section     string                 `json:"section" doc:"Heading of the section that matched best"`
	Score       float64                `json:"score" doc:"Comparable within one result only"`
	Snippet     string                 `json:"snippet"`
	Explanation *search.HitExplanation `json:"explanation,omitempty"`
}

// NewFound tells a result.
func NewFound(r search.Result) Found {
	f := Found{Query: r.Query, Language: r.Lang, Confidence: r.Confidence, Decision: r.Decision, Hits: []Hit{}, Explanation: r.Explanation}
	for _, h := range r.Hits {
		f.Hits = append(f.Hits, Hit{ID: h.ID, Title: h.Title, Section: h.Section.Heading, Score: h.Score, Snippet: h.Snippet, Explanation: h.Explanation})
	}
	return f
}

// FoundHere is a result with what only a site knows: where its articles are.
type FoundHere struct {
	Found
	Corrected   bool                `json:"corrected" doc:"Whether words of the question were taken for misspelt"`
	Corrections []search.Correction `json:"corrections" doc:"The words taken for misspelt, as they were typed and as they were read"`
	Hits        []HitHere           `json:"hits" doc:"Best first"`
}

// HitHere is one article of this site.
type HitHere struct {
	Hit
	Lang string `json:"lang"`
	URL  string `json:"url" doc:"Of the section that matched best"`
}

func newFoundHere(r search.Result) FoundHere {
	f := FoundHere{Found: NewFound(r), Corrected: len(r.Corrections) > 0, Corrections: append([]search.Correction{}, r.Corrections...), Hits: []HitHere{}}
	for i, h := range r.Hits {
		url := kb.Article{ID: h.ID, Lang: h.Lang}.URL()
		if h.Section.Anchor != "" {
			url += "#" + h.Section.Anchor
		}
		f.Hits = append(f.Hits, HitHere{Hit: f.Found.Hits[i], Lang: h.Lang, URL: url})
	}
	return f
}

func (a *API) search(ctx context.Context, in *SearchInput) (*Answered, error) {
	q, err := a.query(ctx, in.Asked, "search", searches)
	if err != nil {
		return nil, err
	}
	q.Text, q.Limit, q.Explain = in.Q, in.Limit, in.Explain
	found, err := a.Searcher.Search(ctx, q)
	if err != nil {
		return nil, a.failure(ctx, in.Asked, err)
	}
	return &Answered{CacheControl: fresh, Body: newFoundHere(found)}, nil
}
