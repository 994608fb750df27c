package main

import (
	"context"

	"sportello/bot"
	"sportello/bot/mattermost"
)

// onMattermost are the traits of the channel, as far as the configuration gives
// it what it needs.
func onMattermost(c mattermost.Config) bot.Traits {
	return bot.Traits{Sent: true, Pushable: true, Personal: true, Forms: c.CallbackURL != ""}
}

// mattermost is the channel to the server of the configuration, which engine
// answers on.
func (a *app) mattermost(ctx context.Context, engine *bot.Engine) (p platform, err error) {
	c := &mattermost.Channel{
		Engine: engine, Files: a.cabinet, Phrases: a.material.phrases, Config: a.config.Mattermost, Key: a.talks.Key, Log: a.log, Now: a.now,
	}
	engine.Viewers[mattermost.Name], engine.Typists[mattermost.Name] = c, c
	a.ways = append(a.ways, way{mattermost.Name, func(lang, _ string) bot.Link { // the code is written there
		return bot.Link{Label: a.material.phrases.Say(lang, "mattermost.continue", nil), URL: c.Direct()}
	}})
	p = platform{name: mattermost.Name, senders: map[string]bot.Sender{mattermost.Name: c}, run: c.Run, health: c.Health}
	if a.config.Mattermost.CallbackURL != "" {
		p.pages, err = c.Callbacks(ctx)
	}
	a.operators(c, &p)
	return p, err
}
