package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"sportello/account"
)

type accountToken struct {
	Email  string   `arg:"" help:"Address of the person as whom a program shall act."`
	Scope  []string `help:"What it may do: tickets:read, tickets:write, tickets:act-for, articles:read, ratings:write, webhooks." placeholder:"SCOPE"`
	Name   string   `help:"What it is for."`
	Days   int      `help:"Days it is valid; 0 is for ever." default:"365"`
	List   bool     `help:"List the person's tokens instead."`
	JSON   bool     `help:"Print JSON." name:"json"`
	Revoke string   `help:"Close this token for good instead." placeholder:"ID"`
}

// listedToken is a token as programs read it.
type listedToken struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Scopes    []account.Scope `json:"scopes"`
	State     string          `json:"state"` // open, expired or revoked
	CreatedAt time.Time       `json:"created_at"`
	UsedAt    time.Time       `json:"used_at,omitzero"`
	ExpiresAt time.Time       `json:"expires_at,omitzero"`
}

func (c *accountToken) Run(ctx context.Context, con *console) error {
	scopes, err := account.ParseScopes(c.Scope)
	if err != nil {
		return usageError{fmt.Errorf("--scope: it is one or more of %s", strings.Trim(fmt.Sprint(account.Scopes), "[]"))}
	}
	if c.Days < 0 {
		return usageError{errors.New("--days is 0 or more")}
	}
	if len(scopes) == 0 && !c.List && c.Revoke == "" {
		return usageError{fmt.Errorf("say with --scope what the token may do: %s", strings.Trim(fmt.Sprint(account.Scopes), "[]"))}
	}
	return con.onPerson(ctx, c.Email, func(a *app, person account.Person) error {
		switch {
		case c.Revoke != "":
			if err := a.people.RevokeToken(ctx, person.ID, c.Revoke, a.now()); err != nil {
				return err
			}
			_, err = fmt.Fprintln(con.Out, "revoked")
			return err
		case c.List:
			return c.list(ctx, con, a, person)
		}
		token, secret, err := account.NewToken(person.ID, c.Name, scopes, a.now(), time.Duration(c.Days)*24*time.Hour)
		if err != nil {
			return err
		}
		if err := a.people.AddToken(ctx, token); err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(con.Out).Encode(map[string]any{"id": token.ID, "token": secret, "scopes": token.Scopes})
		}
		fmt.Fprintf(con.Err, "Token %s. Keep it now: it is not shown again.\n", token.ID)
		_, err = fmt.Fprintln(con.Out, secret)
		return err
	})
}

func (c *accountToken) list(ctx context.Context, con *console, a *app, person account.Person) error {
	tokens, err := a.people.Tokens(ctx, person.ID)
	if err != nil {
		return err
	}
	list := []listedToken{}
	for _, t := range tokens {
		state := "open"
		if !t.RevokedAt.IsZero() {
			state = "revoked"
		} else if !t.Open(a.now()) {
			state = "expired"
		}
		list = append(list, listedToken{t.ID, t.Name, t.Scopes, state, t.CreatedAt, t.UsedAt, t.ExpiresAt})
	}
	if c.JSON {
		return json.NewEncoder(con.Out).Encode(list)
	}
	w := tabwriter.NewWriter(con.Out, 0, 0, 2, ' ', 0)
	for _, t := range list {
		used := "never used"
		if !t.UsedAt.IsZero() {
			used = "used " + t.UsedAt.In(a.material.book.Zone()).Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.State, used, strings.Trim(fmt.Sprint(t.Scopes), "[]"), t.Name)
	}
	return w.Flush()
}
