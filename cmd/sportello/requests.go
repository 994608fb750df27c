package main

import (
	"context"
	"net/http"
	"time"

	"sportello/account"
	"sportello/store"
	"sportello/tickets"
	"sportello/web/portal"
)

// requests gives the portal what its catalogue and its forms need.
func (a *app) requests(deps portal.Deps) portal.Deps {
	deps.Tickets, deps.Feed, deps.Accounts, deps.Files = a.desk, a.feed, a.people, a.cabinet
	deps.Forms, deps.Domains = store.NewForms(a.db), a.config.Account.domains()
	deps.Solved = func(requestType string) { a.figures.solved.WithLabelValues(requestType).Inc() }
	return deps
}

// unsentPause is how often requests that nobody sent are looked for.
const unsentPause = time.Hour

// purgeUnsent forgets them until ctx is done.
func (a *app) purgeUnsent(ctx context.Context) {
	forms := store.NewForms(a.db)
	for {
		switch n, err := tickets.PurgeUnsent(ctx, forms, a.cabinet, a.now()); {
		case err != nil && ctx.Err() == nil:
			a.log.ErrorContext(ctx, "unsent requests not purged", "error", err)
		case n > 0:
			a.log.InfoContext(ctx, "unsent requests purged", "requests", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(unsentPause):
		}
	}
}

// formsPerMinute is how often somebody who is signed in may change something:
// their form is kept every few seconds while they write.
const formsPerMinute = 120

// allowance counts the changes of whoever is signed in by the person, since
// whole offices share one address.
func allowance(person func(*http.Request) *account.Person) func(*http.Request) (string, int) {
	return func(r *http.Request) (string, int) {
		if person == nil {
			return "", 0
		}
		if p := person(r); p != nil {
			return "person " + string(p.ID), formsPerMinute
		}
		return "", 0
	}
}
