package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sportello/search/bleveindex"
)

type reindexCommand struct{}

// Run builds the index anew from the database. Where a service holds the
// index, the service does it, and answers from the old one meanwhile.
func (reindexCommand) Run(ctx context.Context, con *console) (err error) {
	settings, err := con.settings()
	if err != nil {
		return err
	}
	dir := filepath.Join(con.Data, "index")
	if held, err := bleveindex.InUse(dir); err != nil {
		return err
	} else if held {
		if done, err := con.askService(ctx, dir); done || err != nil {
			return err
		}
	}
	if err := errors.Join(withdraw(con.Data), os.RemoveAll(dir), os.RemoveAll(filepath.Join(con.Data, vectorsFolder))); err != nil {
		return err
	}
	con.Config = "" // read already
	a, err := open(ctx, options{config: settings, data: con.Data, log: settings.Log.logger(con.Err), progress: con.progress})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	n, err := a.index.Documents()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(con.Out, "%d articles indexed\n", n); err != nil {
		return err
	}
	return a.meaning.fill(ctx, con.Out)
}

// wish is the file by which a command asks the service for a new index. The
// service removes it when that is done.
func wish(data string) string { return filepath.Join(data, "reindex.wish") }

// withdraw takes a wish away, if it is still there.
func withdraw(data string) error {
	if err := os.Remove(wish(data)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

const wishPoll = 300 * time.Millisecond

// askService has the service build its index anew, and waits. It is not done
// if nobody holds the index any more.
func (c *console) askService(ctx context.Context, dir string) (done bool, err error) {
	if err := os.WriteFile(wish(c.Data), nil, 0o600); err != nil {
		return false, err
	}
	fmt.Fprintln(c.Err, "The service builds its index again and answers meanwhile; if you interrupt this command, it goes on.")
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(wishPoll):
		}
		if _, err := os.Stat(wish(c.Data)); errors.Is(err, fs.ErrNotExist) {
			_, err = fmt.Fprintln(c.Out, "the service has built its index again")
			return true, err
		} else if err != nil {
			return false, err
		}
		if n%10 != 0 {
			continue
		}
		if held, err := bleveindex.InUse(dir); err != nil || !held {
			return false, errors.Join(err, withdraw(c.Data))
		}
	}
}

// Pauses of renewals.
const (
	renewalTold  = 2 * time.Second // between two lines of the log about one
	renewalRetry = time.Minute     // after one that failed
)

// renewals builds the index again, in the background, where it is stale or a
// command wishes it, until ctx ends.
func (a *app) renewals(ctx context.Context) {
	for {
		pause := wishPoll
		_, err := os.Stat(wish(a.data))
		if wished := err == nil; wished || a.index.Stale() {
			err := a.renew(ctx)
			if err == nil && wished {
				err = withdraw(a.data)
			}
			if err != nil && ctx.Err() == nil {
				a.log.ErrorContext(ctx, "index not built again", "error", err)
				pause = renewalRetry
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// renew builds the index again and tells how it goes.
func (a *app) renew(ctx context.Context) error {
	start := time.Now()
	told := start
	a.log.InfoContext(ctx, "index is built again, the old one answers meanwhile", "stale", a.index.Stale())
	err := a.indexer.Rebuild(ctx, func(done, total int) {
		if now := time.Now(); now.Sub(told) > renewalTold {
			told = now
			a.log.InfoContext(ctx, "index is built again", "done", done, "of", total)
		}
	})
	if err == nil {
		a.log.InfoContext(ctx, "index was built again", "seq", a.index.Seq(), "took", time.Since(start))
	}
	return err
}
