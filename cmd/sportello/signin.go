package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/web/signin"
)

// signIn returns the pages that let people in. Codes go out by the channel
// mailBy; with none, nobody gets one.
func (a *app) signIn(mailBy string, engine *bot.Engine) *signin.Pages {
	c := a.config.Account
	return signin.New(signin.Config{
		Base: a.config.SiteURL, Domains: c.domains(), MailBy: mailBy, Passwords: c.Passwords,
		Idle: c.SessionIdle, Longest: c.SessionLongest, Providers: c.OIDC,
	}, signin.Deps{
		Store: a.people, Post: a.talks, Sent: engine.WakeCourier, Phrases: a.material.phrases, Now: a.now, Log: a.log,
	})
}

// checkSignIn tells what is wrong with the ways in.
func (c accountConfig) checkSignIn() error {
	errs := []error{signin.Check(c.OIDC)}
	if c.SessionIdle < time.Minute || c.SessionLongest < c.SessionIdle {
		errs = append(errs, errors.New("account: session_idle is at least 1m, and session_longest no less"))
	}
	if c.WidgetKeyFile != "" {
		if _, err := c.widgetKeys(); err != nil {
			errs = append(errs, fmt.Errorf("account.widget_key_file: %w", err))
		}
	}
	return errors.Join(errs...)
}

// widgetKeys are those with which pages elsewhere vouch for their readers.
func (c accountConfig) widgetKeys() ([][]byte, error) {
	if c.WidgetKeyFile == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.WidgetKeyFile)
	if err != nil {
		return nil, err
	}
	return account.ReadKeys(text)
}
