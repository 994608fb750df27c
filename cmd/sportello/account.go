package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"sportello/account"
	"sportello/internal/fault"
)

type accountCommand struct {
	Add  accountAdd  `cmd:"" help:"Make a person known."`
	Role accountRole `cmd:"" help:"Give a person a role, or take it away."`
	List accountList `cmd:"" help:"List everybody."`

	Import   accountImport   `cmd:"" help:"Read people, offices and areas from the organisation's directory."`
	Token    accountToken    `cmd:"" help:"Print a token for a program; list or revoke them."`
	Password accountPassword `cmd:"" help:"Set a person's password, read from the terminal or from standard input."`
	Export   accountExport   `cmd:"" help:"Print all that is kept of a person, as JSON."`
	Erase    accountErase    `cmd:"" help:"Erase a person."`
	Purge    accountPurge    `cmd:"" help:"Take away what is older than the retention terms; the service does so each night."`
}

type accountAdd struct {
	Email  string         `arg:"" help:"Address of the personal mailbox."`
	Name   string         `help:"Name and surname."`
	Office string         `help:"Seat and office."`
	Area   string         `help:"Area that their office belongs to."`
	Phone  string         `help:"Telephone."`
	Team   []string       `help:"Teams that an operator works in."`
	Shared bool           `help:"It is a mailbox that several read, no person."`
	Role   []account.Role `help:"Roles beside user: operator, editor, reviewer, manager, administrator."`
}

func (c *accountAdd) Run(ctx context.Context, con *console) (err error) {
	for _, role := range c.Role {
		if err := knownRole(role); err != nil {
			return err
		}
	}
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	address, external, err := a.config.Account.domains().Decide(c.Email)
	if err != nil {
		return err
	}
	if _, err := a.people.PersonByEmail(ctx, address); err == nil {
		return fmt.Errorf("%s is known already: 'sportello account role' changes the roles, 'sportello account list' shows everybody", address)
	} else if !fault.Is(err, fault.NotFound) {
		return err
	}
	person := account.NewPerson(address, external, "it", a.now())
	person.Name, person.Office, person.Phone = c.Name, c.Office, c.Phone
	person.Area, person.Teams, person.Shared = c.Area, c.Team, c.Shared
	for _, role := range c.Role {
		if !slices.Contains(person.Roles, role) {
			person.Roles = append(person.Roles, role)
		}
	}
	return con.savePerson(ctx, a, person)
}

// savePerson stores a person and says what they are now.
func (c *console) savePerson(ctx context.Context, a *app, person account.Person) error {
	if err := a.people.Apply(ctx, account.Change{Person: &person}); err != nil {
		return err
	}
	kind := "employee"
	if person.External {
		kind = "external"
	}
	_, err := fmt.Fprintf(c.Out, "%s: %s; roles: %s\n", person.Email, kind, roles(person.Roles))
	return err
}

func roles(all []account.Role) string { return strings.Trim(fmt.Sprint(all), "[]") }

func knownRole(role account.Role) error {
	if slices.Contains(account.Roles, role) {
		return nil
	}
	return usageError{fmt.Errorf("%q is none of the roles: %s", role, roles(account.Roles))}
}

type accountRole struct {
	Email  string       `arg:"" help:"Address of the person."`
	Role   account.Role `arg:"" help:"user, operator, editor, reviewer, manager or administrator."`
	Remove bool         `help:"Take the role away."`
	Team   []string     `help:"Teams that an operator works in, instead of those there were."`
}

func (c *accountRole) Run(ctx context.Context, con *console) error {
	if err := knownRole(c.Role); err != nil {
		return err
	}
	return con.onPerson(ctx, c.Email, func(a *app, person account.Person) error {
		person.Roles = slices.DeleteFunc(slices.Clone(person.Roles), func(r account.Role) bool { return r == c.Role })
		if !c.Remove {
			person.Roles = append(person.Roles, c.Role)
		}
		if len(c.Team) > 0 {
			person.Teams = c.Team
		}
		return con.savePerson(ctx, a, person)
	})
}

// onPerson opens the data folder to do something about the person with an
// address.
func (con *console) onPerson(ctx context.Context, email string, do func(*app, account.Person) error) (err error) {
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	person, err := a.known(ctx, email)
	if err != nil {
		return err
	}
	return do(a, person)
}

type accountList struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// listedPerson is a person as programs read it.
type listedPerson struct {
	ID       account.PersonID `json:"id"`
	Email    string           `json:"email"`
	Name     string           `json:"name"`
	Office   string           `json:"office"`
	External bool             `json:"external"`
	Roles    []account.Role   `json:"roles"`
	Teams    []string         `json:"teams,omitempty"`
	Area     string           `json:"area,omitempty"`
	Shared   bool             `json:"shared,omitempty"`
}

func (c *accountList) Run(ctx context.Context, con *console) (err error) {
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	people, err := a.people.List(ctx)
	if err != nil {
		return err
	}
	list := []listedPerson{}
	for _, p := range people {
		list = append(list, listedPerson{p.ID, p.Email, p.Name, p.Office, p.External, p.Roles, p.Teams, p.Area, p.Shared})
	}
	if c.JSON {
		return json.NewEncoder(con.Out).Encode(list)
	}
	w := tabwriter.NewWriter(con.Out, 0, 0, 2, ' ', 0)
	for _, p := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.Email, p.Name, p.Office, roles(p.Roles))
	}
	return w.Flush()
}
