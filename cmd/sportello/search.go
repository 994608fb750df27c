package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sportello/search"
	"sportello/web/api"
)

type searchCommand struct {
	JSON     bool     `help:"Print JSON." name:"json"`
	Explain  bool     `help:"Say what the question became and why each hit is where it is."`
	Limit    int      `help:"Most hits." default:"5"`
	Lang     string   `help:"Language of the question, guessed without it." enum:"it,en," default:""`
	Audience string   `help:"Search as this reader: all, employees, operators." enum:"all,employees,operators" default:"operators"`
	Question []string `arg:"" help:"The question, as people write it."`
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
	if err := a.meaning.prepare(ctx); err != nil {
		return err
	}
	audiences := []search.Audience{search.All, search.Employees, search.Operators}
	for i, one := range audiences {
		if string(one) == c.Audience {
			audiences = audiences[:i+1]
			break
		}
	}
	result, err := a.finder.Search(ctx, search.Query{
		Text: question, Lang: c.Lang, Audiences: audiences, Limit: c.Limit, Meaning: true, Explain: c.Explain,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(con.Out).Encode(api.NewFound(result))
	}
	return page{search.Teller{Phrases: a.material.phrases, Lang: terminalLang()}, result}.write(con.Out)
}
