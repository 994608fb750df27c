package main

import (
	"context"

	"sportello/bot"
	"sportello/bot/mattermost"
	"sportello/bot/telegram"
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
	all := map[string]bot.Traits{widget.Channel: {Pushable: true, Erases: true}}
	if a.config.Mattermost.URL != "" {
		all[mattermost.Name] = onMattermost(a.config.Mattermost)
	}
	if a.config.Telegram.On() {
		all[telegram.ChannelName] = telegramTraits
	}
	return all
}

// platforms are those of the configuration, ready to run.
func (a *app) platforms(ctx context.Context, engine *bot.Engine) (all []platform, err error) {
	engine.Viewers, engine.Typists = map[string]bot.Viewer{}, map[string]bot.Typist{}
	if a.config.Mattermost.URL != "" {
		p, err := a.mattermost(ctx, engine)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if a.config.Telegram.On() {
		p, err := a.telegramPlatform(ctx, engine)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
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
