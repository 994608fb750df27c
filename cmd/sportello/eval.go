package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"sportello/search"
	"sportello/search/bleveindex"
	"sportello/search/rank"
)

type evalCommand struct {
	Articles string `help:"Articles: JSON lines of id, title, body, tags." required:"" type:"existingfile" placeholder:"FILE"`
	Queries  string `help:"Questions: JSON lines of id, text, split." required:"" type:"existingfile" placeholder:"FILE"`
	Qrels    string `help:"Judgements: question ID, article ID, grade, separated by tabs." required:"" type:"existingfile" placeholder:"FILE"`
	Split    string `help:"Only the questions of this split." placeholder:"NAME"`
	Answers  string `help:"Write what was answered, as JSON lines." placeholder:"FILE"`
	Pad      int    `help:"Grow to this many articles by recombining the sentences of those given." placeholder:"N"`
	Seed     uint64 `help:"Seed of what --pad draws." default:"1" placeholder:"S"`
	Plot     string `help:"Draw how far confidence can be trusted, as SVG." name:"reliability" placeholder:"FILE"`
	JSON     bool   `help:"Print JSON." name:"json"`
}

func (c *evalCommand) Run(ctx context.Context, con *console) error {
	settings, err := con.settings()
	if err != nil {
		return err
	}
	material, err := readContent(settings.Content)
	if err != nil {
		return err
	}
	set, err := rank.Load(c.Articles, c.Queries, c.Qrels)
	if err != nil {
		return err
	}
	if set = set.Only(c.Split); len(set.Questions) == 0 {
		return usageError{fmt.Errorf("no question has the split %q", c.Split)}
	}
	if c.Pad > 0 {
		set = rank.Pad(set, c.Pad, c.Seed)
	}
	open := func(dir string) (search.Index, error) { return bleveindex.Open(dir, material.indexOptions()) }
	if settings.Semantic.Searches() {
		calls := calls{}
		defer func() { fmt.Fprintf(con.Err, "by meaning: %s\n", &calls) }()
		open = con.byMeaning(settings.Semantic, open, &calls)
	}
	report, err := rank.Evaluate(ctx, open, set, rank.Options{Progress: con.progress("questions")})
	if err != nil {
		return err
	}
	if c.Answers != "" {
		if err := written(c.Answers, func(w io.Writer) error { return rank.WriteAnswers(w, report.Answers) }); err != nil {
			return err
		}
	}
	if c.Plot != "" {
		if err := written(c.Plot, func(w io.Writer) error { return rank.WriteReliabilityPlot(w, rank.Reliability(report.Trust(set))) }); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(con.Out).Encode(report)
	}
	return report.WriteTable(con.Out, set)
}

// written makes a file of what write writes.
func written(file string, write func(io.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
