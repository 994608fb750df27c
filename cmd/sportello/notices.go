package main

import (
	"context"
	"errors"
	"time"

	"sportello/bot"
	"sportello/web/portal"
	"sportello/web/unsubscribe"
)

// noticesConfig says when people are told by mail what happened to their
// tickets.
type noticesConfig struct {
	MailAfter   time.Duration `yaml:"mail_after"`   // what stays unread in a conversation for so long is mailed
	GroupWithin time.Duration `yaml:"group_within"` // what happens within goes into one letter
}

func defaultNotices() noticesConfig {
	return noticesConfig{MailAfter: 15 * time.Minute, GroupWithin: 2 * time.Minute}
}

func (c noticesConfig) check() error {
	var errs []error
	if c.MailAfter < time.Minute {
		errs = append(errs, errors.New("notices.mail_after: less than 1m leaves nobody the time to read"))
	}
	if c.GroupWithin < 0 || c.GroupWithin > 24*time.Hour {
		errs = append(errs, errors.New("notices.group_within: it lies between 0s and 24h"))
	}
	return errors.Join(errs...)
}

// unsubscriptions are the pages behind the links below optional letters.
func (a *app) unsubscriptions(site *portal.Portal) *unsubscribe.Pages {
	return unsubscribe.New(unsubscribe.Deps{
		Preferences: unsubscribe.OptOut{People: a.people, Key: func(ctx context.Context) ([]byte, error) {
			return a.talks.Key(ctx, bot.UnsubscribeKey)
		}},
		Phrases: a.material.phrases, Frame: site.Frame, Log: a.log,
	})
}

// announcer tells people what happens to their tickets, in the conversations of
// an engine and by its mail.
func (a *app) announcer(engine *bot.Engine) *bot.Announcer {
	return &bot.Announcer{
		Engine: engine, Store: a.talks, Log: a.log, Observe: a.figures.noticed,
		MailAfter: a.config.Notices.MailAfter, GroupWithin: a.config.Notices.GroupWithin,
	}
}

// announce runs the announcer until ctx is done.
func (a *app) announce(ctx context.Context, engine *bot.Engine) {
	announcer := a.announcer(engine)
	woken, stop := a.feed.Watch()
	defer stop()
	announcer.Woken = woken
	_ = announcer.Run(ctx) // it ends with ctx only
}
