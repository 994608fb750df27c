package main

import (
	"context"

	"sportello/bot"
	"sportello/bot/widget"
	"sportello/web"
)

// platform is a chat platform that people talk to the service by.
type platform struct {
	name    string // of its channel
	senders map[string]bot.Sender
	pages   web.Pages // that the platform calls; nil if none
	run     func(ctx context.Context) error
	health  func() error // nil as long as it works
}

// channels are those that people talk to the service by.
func (a *app) channels() map[string]bot.Traits {
	return map[string]bot.Traits{widget.Channel: {Pushable: true, Erases: true}}
}

// platforms are those of the configuration, ready to run.
func (a *app) platforms(_ context.Context, _ *bot.Engine) ([]platform, error) {
	return nil, nil
}

// watched tells readiness and the figures how the platforms are.
func (a *app) watched(all []platform) map[string]func() error {
	health := map[string]func() error{}
	for _, p := range all {
		health[p.name] = p.health
		a.figures.channel(p.name, p.health)
	}
	return health
}
