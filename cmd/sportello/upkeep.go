package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sportello/search/bleveindex"
	"sportello/store"
)

type configCommand struct {
	Check configCheck `cmd:"" help:"Tell every mistake in the configuration and in the content at once."`
}

type configCheck struct{}

func (configCheck) Run(con *console) error {
	settings, err := con.settings()
	if err != nil {
		return err
	}
	if _, err := readContent(settings.Content); err != nil {
		return err
	}
	_, err = fmt.Fprintln(con.Out, "ok")
	return err
}

type reindexCommand struct{}

// Run builds the index anew from the database. A running service holds the
// index and keeps it up to date by itself, so it is left alone.
func (reindexCommand) Run(ctx context.Context, con *console) (err error) {
	settings, err := con.settings()
	if err != nil {
		return err
	}
	dir := filepath.Join(con.Data, "index")
	if held, err := inUse(dir); err != nil {
		return err
	} else if held {
		return errors.New("the service is running on this folder and keeps the index up to date; stop it to build the index again")
	}
	if err := os.RemoveAll(dir); err != nil {
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
	_, err = fmt.Fprintf(con.Out, "%d articles indexed\n", n)
	return err
}

func inUse(dir string) (bool, error) {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	index, err := bleveindex.Open(dir, bleveindex.Options{})
	if errors.Is(err, bleveindex.ErrLocked) {
		return true, nil
	}
	if err != nil {
		return false, nil // broken, and nobody's: it is about to be removed
	}
	return false, index.Close()
}

type migrateCommand struct{}

func (migrateCommand) Run(ctx context.Context, con *console) (err error) {
	db, err := store.Open(ctx, con.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	version, err := db.Version(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.Out, "database is at step %d\n", version)
	return err
}
