package main

import (
	"context"

	"sportello/account"
	"sportello/store"
	"sportello/tickets"
	"sportello/tickets/webhook"
	"sportello/web"
	"sportello/web/api"
)

// programs is what programs with a token talk to, and who tells them what
// happens.
func (a *app) programs() ([]web.Operations, *webhook.Sender) {
	door := &api.Door{
		Tokens:  &account.Keyring{Tokens: a.people, People: a.people, Now: a.now},
		Phrases: a.material.phrases, Config: a.config.API, Log: a.log, Now: a.now,
	}
	sender := a.hooks()
	sender.Observe = a.figures.webhooks()
	return []web.Operations{
		&api.Requests{
			Door: door, Desk: a.desk, Accounts: a.people, Domains: a.config.Account.domains(), Files: a.cabinet, Ratings: a.tickets, Library: a.library,
		},
		&api.Hooks{Door: door, Store: sender.Store, Replayer: sender, Config: a.config.Webhooks},
	}, sender
}

// hooks tells other systems what happens to tickets.
func (a *app) hooks() *webhook.Sender {
	return &webhook.Sender{
		Store: store.NewWebhooks(a.db), Happenings: a.tickets, Accounts: a.people, Config: a.config.Webhooks, Watch: a.feed.Watch, Log: a.log, Now: a.now,
	}
}

// countTickets counts what happens to tickets from now on.
func (a *app) countTickets(ctx context.Context) {
	const page = 500
	count := a.figures.tickets()
	happened, stop := a.feed.Watch()
	defer stop()
	seen, err := a.tickets.LastHappening(ctx)
	if err != nil {
		a.log.WarnContext(ctx, "tickets are not counted", "error", err)
		return
	}
	for {
		var events []tickets.Event
		if events, err = a.tickets.Happenings(ctx, seen, page); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "happenings not counted", "error", err)
		}
		for _, e := range events {
			count(e)
			seen = e.Seq
		}
		if len(events) == page {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-happened:
		}
	}
}
