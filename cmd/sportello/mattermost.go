package main

import (
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
func (a *app) mattermost(engine *bot.Engine) platform {
	c := &mattermost.Channel{
		Engine: engine, Files: a.cabinet, Phrases: a.material.phrases, Config: a.config.Mattermost, Key: a.talks.Key, Log: a.log, Now: a.now,
	}
	engine.Viewers[mattermost.Name] = c
	p := platform{name: mattermost.Name, senders: map[string]bot.Sender{mattermost.Name: c}, run: c.Run, health: c.Health}
	a.operators(c, &p)
	return p
}
