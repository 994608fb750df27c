package main

import (
	"errors"
	"time"

	"sportello/bot"
	"sportello/bot/mattermost"
	"sportello/web"

	"github.com/go-chi/chi/v5"
)

// operatorsConfig says how people wait for operators.
type operatorsConfig struct {
	Patience time.Duration `yaml:"patience"` // who waits longer hears how it stands, once
}

func defaultOperators() operatorsConfig { return operatorsConfig{Patience: 10 * time.Minute} }

// operators lets operators take conversations over in their channel of the
// server, if there is one.
func (a *app) operators(c *mattermost.Channel, p *platform) {
	if c.Config.OperatorsChannel == "" {
		return
	}
	o := &mattermost.Operators{Channel: c, Lang: "it", Reply: a.material.replies.Ready}
	c.Overheard, c.Changed, c.Commanded, c.Writing, c.Engine.Operated = o.Overheard, o.Changed, o.Command, o.Writing, true
	p.senders[bot.OperatorsChannel] = o
	p.pages = joined{p.pages, o}
	server := p.health
	p.health = func() error { return errors.Join(server(), o.Health()) }
}

// joined are several sets of pages; some may be nil.
type joined []web.Pages

// Routes implements web.Pages.
func (j joined) Routes(r chi.Router) {
	for _, pages := range j {
		if pages != nil {
			pages.Routes(r)
		}
	}
}

func (c operatorsConfig) check() error {
	if c.Patience < time.Minute {
		return errors.New("operators.patience: in less than 1m nobody can come")
	}
	return nil
}
