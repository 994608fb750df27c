package main

import (
	"context"

	"sportello/bot"
	"sportello/bot/telegram"

	"github.com/go-chi/chi/v5"
)

// telegramTraits are what Telegram does. It notifies the phone of whatever is
// sent, and an account is one person's own.
var telegramTraits = bot.Traits{Sent: true, Pushable: true, Personal: true, Erases: true}

// telegramKey names the secret that webhooks and buttons are proved by.
const telegramKey = "telegram"

// telegramChannel is the bot of the configuration.
func (a *app) telegramChannel(ctx context.Context, engine *bot.Engine) (*telegram.Channel, error) {
	key, err := a.talks.Key(ctx, telegramKey)
	return &telegram.Channel{
		Engine: engine, Files: a.cabinet, Phrases: a.material.phrases, Log: a.log, Now: a.now,
		Config: a.config.Telegram, SiteURL: a.config.SiteURL, Key: key,
	}, err
}

// telegramPlatform is the platform of that bot.
func (a *app) telegramPlatform(ctx context.Context, engine *bot.Engine) (platform, error) {
	channel, err := a.telegramChannel(ctx, engine)
	if err != nil {
		return platform{}, err
	}
	engine.Typists[telegram.ChannelName] = channel
	a.ways = append(a.ways, way{telegram.ChannelName, func(lang, code string) bot.Link {
		if link, known := channel.Continues(lang, "telegram.elsewhere", code); known {
			return link
		}
		return bot.Link{}
	}})
	p := platform{
		name: telegram.ChannelName, senders: map[string]bot.Sender{telegram.ChannelName: channel}, run: channel.Run, health: channel.Health,
	}
	if a.config.Telegram.Mode == telegram.Webhook {
		p.pages = telegramDoor{channel}
	}
	return p, nil
}

// telegramDoor is where Telegram calls.
type telegramDoor struct{ *telegram.Channel }

// Routes implements web.Pages.
func (d telegramDoor) Routes(r chi.Router) { r.Handle(d.WebhookPath(), d.Handler()) }
