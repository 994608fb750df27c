package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/store"

	"golang.org/x/sync/errgroup"
)

// known returns the person with an address, or says how to make them known.
func (a *app) known(ctx context.Context, text string) (account.Person, error) {
	address, err := account.Address(text)
	if err != nil {
		return account.Person{}, err
	}
	person, err := a.people.PersonByEmail(ctx, address)
	if fault.Is(err, fault.NotFound) {
		return person, fmt.Errorf("nobody has the address %s: add them with 'sportello account add'", address)
	}
	return person, err
}

type accountImport struct {
	File   string `arg:"" help:"CSV file: e-mail, name, office, area, telephone, shared-mailbox, and perhaps roles, teams, lang. - is standard input."`
	DryRun bool   `help:"Only tell what would change." name:"dry-run"`
}

// imported counts what an import did.
type imported struct{ added, changed, unchanged atomic.Int64 }

func (c *accountImport) Run(ctx context.Context, con *console) (err error) {
	text, err := readUpTo(con.In, c.File, account.MaxDirectory)
	if err != nil {
		return err
	}
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	entries, wrong := account.ReadDirectory(text, a.areas())
	for _, m := range wrong {
		fmt.Fprintf(con.Err, "%s: %s\n", c.File, m)
	}
	if len(wrong) > 0 {
		fmt.Fprintf(con.Err, "Nothing was changed. Mend what is told above, then import the file again.\n")
		return errTold
	}
	done, err := a.importPeople(ctx, entries, c.DryRun, con.progress("people"))
	said := "%d added, %d changed, %d unchanged\n"
	if c.DryRun {
		said = "would be: " + said
	}
	if _, wrote := fmt.Fprintf(con.Out, said, done.added.Load(), done.changed.Load(), done.unchanged.Load()); wrote != nil {
		return wrote
	}
	return err
}

// readUpTo reads a file, or standard input, up to so many bytes and one more.
func readUpTo(in io.Reader, file string, most int64) (text []byte, err error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return io.ReadAll(io.LimitReader(in, most+1))
}

// areas are those that some team looks after; nil if there are none.
func (a *app) areas() (all []string) {
	for _, team := range a.material.terms.Teams {
		if team.Area != "" && !slices.Contains(all, team.Area) {
			all = append(all, team.Area)
		}
	}
	return all
}

// importers are at work at the same time, so that many people share a commit.
const importers = 128

func (a *app) importPeople(ctx context.Context, entries []account.Entry, dry bool, progress func(done, total int)) (done *imported, err error) {
	defer fault.Wrap(&err, "import people")
	done = &imported{}
	people, err := a.people.List(ctx)
	if err != nil {
		return done, err
	}
	known := map[string]account.Person{}
	for _, p := range people {
		known[p.Email] = p
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(importers)
	for i, e := range entries {
		if i%500 == 0 {
			progress(i, len(entries))
		}
		person, there := known[e.Email]
		group.Go(func() error { return a.importOne(ctx, e, person, there, dry, done) })
	}
	err = group.Wait()
	progress(len(entries), len(entries))
	return done, err
}

func (a *app) importOne(ctx context.Context, e account.Entry, person account.Person, there, dry bool, done *imported) error {
	for try := 0; ; try++ {
		if !there {
			person = account.NewPerson(e.Email, !a.config.Account.domains().Employs(e.Email), "it", a.now())
		}
		now := e.Apply(person)
		if there && same(now, person) {
			done.unchanged.Add(1)
			return nil
		}
		var err error
		if !dry {
			err = a.people.Apply(ctx, account.Change{Person: &now})
		}
		if fault.Is(err, fault.Conflict) && try < 5 { // somebody signed in this moment
			person, err = a.people.PersonByEmail(ctx, e.Email)
			if there = err == nil; there || fault.Is(err, fault.NotFound) {
				continue
			}
		}
		if err != nil {
			return err
		}
		if there {
			done.changed.Add(1)
		} else {
			done.added.Add(1)
		}
		return nil
	}
}

func same(a, b account.Person) bool {
	return a.Name == b.Name && a.Office == b.Office && a.Area == b.Area && a.Phone == b.Phone && a.Shared == b.Shared && a.Lang == b.Lang &&
		slices.Equal(a.Roles, b.Roles) && slices.Equal(a.Teams, b.Teams)
}

type accountExport struct {
	Email string `arg:"" help:"Address of the person."`
}

// registry puts together what is kept of somebody.
func (a *app) registry() *bot.Registry {
	return &bot.Registry{Accounts: a.people, Tickets: a.tickets, Talks: a.talks, Forms: store.NewForms(a.db), Now: a.now}
}

func (c *accountExport) Run(ctx context.Context, con *console) error {
	return con.onPerson(ctx, c.Email, func(a *app, person account.Person) error {
		dossier, err := a.registry().Dossier(ctx, person.ID)
		if err != nil {
			return err
		}
		out := json.NewEncoder(con.Out)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		return out.Encode(dossier)
	})
}

type accountErase struct {
	Email string `arg:"" help:"Address of the person."`
	Yes   bool   `help:"Do not ask."`
}

func (c *accountErase) Run(ctx context.Context, con *console) error {
	return con.onPerson(ctx, c.Email, func(a *app, person account.Person) error {
		if !c.Yes {
			fmt.Fprintf(con.Err, "This erases %s for good: who they are, their access, their conversations. Tickets keep the work, without name and address.\nWrite the address to go on: ", person.Email)
			if answer, err := readLine(con.In); err != nil || !strings.EqualFold(strings.TrimSpace(answer), person.Email) {
				fmt.Fprintln(con.Err, "Nothing was erased.")
				return errTold
			}
		}
		if err := a.people.Erase(ctx, person.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintf(con.Out, "erased\n")
		return err
	})
}
