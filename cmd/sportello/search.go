package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sportello/search"
)

type searchCommand struct {
	JSON     bool     `help:"Print JSON." name:"json"`
	Explain  bool     `help:"Say what the question became and why each hit is where it is."`
	Limit    int      `help:"Most hits." default:"5"`
	Lang     string   `help:"Language of the question, guessed without it." enum:"it,en," default:""`
	Audience string   `help:"Search as this reader: all, employees, operators." enum:"all,employees,operators" default:"operators"`
	Question []string `arg:"" help:"The question, as people write it."`
}

// found is a result as programs read it.
type found struct {
	Query       string              `json:"query"`
	Language    string              `json:"language"`
	Confidence  float64             `json:"confidence"`
	Decision    search.Decision     `json:"decision"`
	Hits        []foundHit          `json:"hits"`
	Explanation *search.Explanation `json:"explanation,omitempty"`
}

type foundHit struct {
	ID          string                 `json:"id"`
	Title       string                 `json:"title"`
	Section     string                 `json:"section"`
	Score       float64                `json:"score"`
	Snippet     string                 `json:"snippet"`
	Explanation *search.HitExplanation `json:"explanation,omitempty"`
}

// Help shows how it is used.
func (searchCommand) Help() string {
	return `Ask as people do, quotes or none:

  sportello search la vpn si stacca
  sportello search --explain --audience all outlook chiede sempre la password

The decision says what the assistant would do: answer, clarify (offer the first three) or abstain (say that it does not know).`
}

func (c *searchCommand) Run(ctx context.Context, con *console) (err error) {
	if c.Limit < 1 {
		return usageError{fmt.Errorf("--limit is at least 1, not %d", c.Limit)}
	}
	question := strings.TrimSpace(strings.Join(c.Question, " "))
	if question == "" {
		return usageError{errors.New("the question is empty")}
	}
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	audiences := []search.Audience{search.All, search.Employees, search.Operators}
	for i, one := range audiences {
		if string(one) == c.Audience {
			audiences = audiences[:i+1]
			break
		}
	}
	result, err := a.index.Search(ctx, search.Query{
		Text: question, Lang: c.Lang, Audiences: audiences, Limit: c.Limit, Explain: c.Explain,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(con.Out).Encode(newFound(result))
	}
	return page{search.Teller{Phrases: a.material.phrases, Lang: terminalLang()}, result}.write(con.Out)
}

func newFound(r search.Result) found {
	f := found{Query: r.Query, Language: r.Lang, Confidence: r.Confidence, Decision: r.Decision, Hits: []foundHit{}, Explanation: r.Explanation}
	for _, h := range r.Hits {
		f.Hits = append(f.Hits, foundHit{ID: h.ID, Title: h.Title, Section: h.Section.Heading, Score: h.Score, Snippet: h.Snippet, Explanation: h.Explanation})
	}
	return f
}
