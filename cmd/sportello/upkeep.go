package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"

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
	if settings.Semantic.InTheClear() {
		fmt.Fprintln(con.Err, "Note: semantic.base_url is plain http to another machine: whoever is on the way reads the questions.")
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
