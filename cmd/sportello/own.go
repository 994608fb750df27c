package main

import (
	"context"
	"encoding/json"

	"sportello/account"
	"sportello/web/portal"
	"sportello/web/signin"
)

// ownPages gives the portal what the pages of whoever is signed in need.
func (a *app) ownPages(public *portal.Portal, doors *signin.Pages) {
	public.Tickets, public.Feed, public.Accounts, public.Files = a.desk, a.feed, a.people, a.cabinet
	public.Own = portal.Own{
		Reads: a.tickets, Domains: a.config.Account.domains(), Again: doors.Again, SignOut: a.people.SignOut,
		Export: func(ctx context.Context, p account.Person) ([]byte, error) {
			dossier, err := a.registry().Dossier(ctx, p.ID)
			if err != nil {
				return nil, err
			}
			return json.MarshalIndent(dossier, "", "  ")
		},
	}
}
