package main

import (
	"net/http"

	"sportello/account"
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
