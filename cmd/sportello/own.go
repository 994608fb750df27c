package main

import (
	"context"
	"encoding/json"

	"sportello/account"
	"sportello/bot"
	"sportello/store"
	"sportello/web/portal"
	"sportello/web/signin"
)

// ownPages adds to the portal what requests, tickets and the profile need.
func (a *app) ownPages(deps portal.Deps, doors *signin.Pages, engine *bot.Engine) portal.Deps {
	deps.Tickets, deps.Feed, deps.Accounts, deps.Files = a.desk, a.feed, a.people, a.cabinet
	deps.Forms, deps.Domains = store.NewForms(a.db), a.config.Account.domains()
	deps.Solved = func(requestType string) { a.figures.solved.WithLabelValues(requestType).Inc() }
	deps.Own = portal.Own{
		Reads: a.tickets, Again: doors.Again, SignOut: a.people.SignOut, Unlinked: engine.ForgetChats,
		Export: func(ctx context.Context, p account.Person) ([]byte, error) {
			dossier, err := a.registry().Dossier(ctx, p.ID)
			if err != nil {
				return nil, err
			}
			return json.MarshalIndent(dossier, "", "  ")
		},
	}
	return deps
}
