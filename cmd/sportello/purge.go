package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"sportello/files"
	"sportello/privacy"
)

type accountPurge struct {
	DryRun bool `help:"Only count what would go." name:"dry-run"`
	JSON   bool `help:"Print JSON." name:"json"`
}

// purge looks after what grows old.
func (a *app) purge() *privacy.Purge {
	duties := append(a.db.Duties(), privacy.Duty{Name: "files that nothing names", Term: privacy.Leftovers, Shelf: &files.Orphans{Folder: a.folder, Named: a.db.Named}})
	return &privacy.Purge{
		Duties: duties, Terms: a.config.Retention, Now: a.now, Zone: a.material.book.Zone(), Log: a.log, Rest: 20 * time.Millisecond,
	}
}

func (c *accountPurge) Run(ctx context.Context, con *console) (err error) {
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	done, err := a.purge().Once(ctx, c.DryRun)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(con.Out).Encode(done)
	}
	w := tabwriter.NewWriter(con.Out, 0, 0, 2, ' ', 0)
	for _, one := range done {
		fmt.Fprintf(w, "%s\tbefore %s\t%d\n", one.Duty, one.Cut, one.Count)
	}
	return w.Flush()
}
