package api

import (
	"context"
	"unicode/utf16"

	"sportello/kb"
	"sportello/search"
)

// SuggestInput is what is being typed.
type SuggestInput struct {
	Asked
	Q     string `query:"q" maxLength:"300" doc:"What was typed so far"`
	Limit int    `query:"limit" minimum:"1" maximum:"10" default:"5"`
}

// Suggested are the suggestions, best first.
type Suggested struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Suggestions []Suggestion `json:"suggestions"`
	}
}

// Suggestion completes what is being typed.
type Suggestion struct {
	ID    string   `json:"id" doc:"Of the article"`
	Lang  string   `json:"lang"`
	Title string   `json:"title" doc:"Of the article"`
	Text  string   `json:"text" doc:"The title or the stored question that was found"`
	URL   string   `json:"url" doc:"Of the article, on this site"`
	Marks [][2]int `json:"marks" doc:"Parts of the text that were typed, from and up to, in UTF-16 code units"`
}

func (a *API) suggest(ctx context.Context, in *SuggestInput) (*Suggested, error) {
	q, err := a.query(ctx, in.Asked, "suggest", keystrokes)
	if err != nil {
		return nil, err
	}
	q.Text, q.Limit = in.Q, in.Limit
	found, err := a.Searcher.Suggest(ctx, q)
	if err != nil {
		return nil, a.failure(ctx, in.Asked, err)
	}
	out := &Suggested{CacheControl: fresh}
	out.Body.Suggestions = []Suggestion{}
	for _, s := range found {
		out.Body.Suggestions = append(out.Body.Suggestions, suggestionOf(s))
	}
	return out, nil
}

func suggestionOf(s search.Suggestion) Suggestion {
	told := Suggestion{ID: s.ID, Lang: s.Lang, Title: s.Title, Text: s.Text, URL: kb.Article{ID: s.ID, Lang: s.Lang}.URL(), Marks: [][2]int{}}
	for _, m := range s.Marks {
		told.Marks = append(told.Marks, [2]int{units(s.Text[:m.Start]), units(s.Text[:m.End])})
	}
	return told
}

// units counts as browsers do.
func units(text string) (n int) {
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
