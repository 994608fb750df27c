package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sportello/search/bleveindex"
	"sportello/store"
)

type configCommand struct {
	Check   configCheck   `cmd:"" help:"Tell every mistake in the configuration and in the content at once."`
	Example configExample `cmd:"" help:"Print a configuration with every setting, its default and what it is for."`
}

type configCheck struct{}

func (configCheck) Run(con *console) error {
	settings, err := con.settings()
	if err != nil {
		fmt.Fprintln(con.Err, explain(err))
	}
	m, contentErr := readContent(settings.Content)
	if contentErr != nil {
		fmt.Fprintln(con.Err, contentErr)
	}
	if con.tell("kb", m.problems) || err != nil || contentErr != nil {
		return errTold
	}
	if settings.Mail.Host == "" {
		fmt.Fprintln(con.Err, "Note: mail.host is empty, so nobody can confirm an address: people get answers, but no tickets.")
	}
	_, err = fmt.Fprintln(con.Out, "ok")
	return err
}

type configExample struct{}

//go:embed example.yaml
var exampleConfig string

func (configExample) Run(con *console) error {
	_, err := io.WriteString(con.Out, exampleConfig)
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
