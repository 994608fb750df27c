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
}

type accountAdd struct {
	Email  string         `arg:"" help:"Address of the personal mailbox."`
	Name   string         `help:"Name and surname."`
	Office string         `help:"Seat and office."`
	Phone  string         `help:"Telephone."`
	Role   []account.Role `help:"Roles beside user."`
}

func (c *accountAdd) Run(ctx context.Context, con *console) (err error) {
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	address, external, err := a.config.Account.domains().Decide(c.Email)
	if err != nil {
		return err
	}
	person := account.NewPerson(address, external, "it", a.now())
	person.Name, person.Office, person.Phone = c.Name, c.Office, c.Phone
	for _, role := range c.Role {
		if err := knownRole(role); err != nil {
			return err
		}
		person.Roles = append(person.Roles, role)
	}
	return a.people.Apply(ctx, account.Change{Person: &person})
}

func knownRole(role account.Role) error {
	if slices.Contains(account.Roles, role) {
		return nil
	}
	return usageError{fmt.Errorf("%q is none of the roles %v", role, account.Roles)}
}

type accountRole struct {
	Email  string       `arg:"" help:"Address of the person."`
	Role   account.Role `arg:"" help:"user, operator, editor, reviewer, manager or administrator."`
	Remove bool         `help:"Take the role away."`
}

func (c *accountRole) Run(ctx context.Context, con *console) (err error) {
	if err := knownRole(c.Role); err != nil {
		return err
	}
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	address, err := account.Address(c.Email)
	if err != nil {
		return err
	}
	person, err := a.people.PersonByEmail(ctx, address)
	if fault.Is(err, fault.NotFound) {
		return fmt.Errorf("nobody has the address %s: add them with 'sportello account add'", address)
	}
	if err != nil {
		return err
	}
	person.Roles = slices.DeleteFunc(slices.Clone(person.Roles), func(r account.Role) bool { return r == c.Role })
	if !c.Remove {
		person.Roles = append(person.Roles, c.Role)
	}
	return a.people.Apply(ctx, account.Change{Person: &person})
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
		list = append(list, listedPerson{p.ID, p.Email, p.Name, p.Office, p.External, p.Roles})
	}
	if c.JSON {
		return json.NewEncoder(con.Out).Encode(list)
	}
	w := tabwriter.NewWriter(con.Out, 0, 0, 2, ' ', 0)
	for _, p := range list {
		roles := strings.Trim(fmt.Sprint(p.Roles), "[]")
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.Email, p.Name, p.Office, roles)
	}
	return w.Flush()
}
