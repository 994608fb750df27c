package main

import (
	"sportello/store"
	"sportello/web/portal"
)

// requests gives the portal what its catalogue and its forms need.
func (a *app) requests(deps portal.Deps) portal.Deps {
	deps.Tickets, deps.Feed, deps.Accounts, deps.Files = a.desk, a.feed, a.people, a.cabinet
	deps.Forms, deps.Domains = store.NewForms(a.db), a.config.Account.domains()
	deps.Solved = func(requestType string) { a.figures.solved.WithLabelValues(requestType).Inc() }
	return deps
}
