package main

import (
	"sportello/store"
	"sportello/web/portal"
)

// requestPages gives the portal what the forms of its catalogue need besides.
func (a *app) requestPages(public *portal.Portal) {
	public.Forms = store.NewForms(a.db)
	public.Solved = func(requestType string) { a.figures.solved.WithLabelValues(requestType).Inc() }
}
