package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"sportello/account"
	"sportello/kb"
	"sportello/search"
	"sportello/store"
	"sportello/tickets/intake"
	"sportello/tickets/intake/imap"
	"sportello/tickets/intake/lmtp"

	"github.com/prometheus/client_golang/prometheus"
)

// newIntake is the intake over the app's parts. It works without any source
// too: the desk shows what waits in quarantine.
func (a *app) newIntake(bounces intake.Bounces) *intake.Intake {
	c := a.config.Intake
	c.Addresses = append([]string{}, c.Addresses...)
	if from := a.config.Mail.From; from != "" {
		c.Addresses = append(c.Addresses, from)
	}
	return &intake.Intake{
		Config: c, Store: store.NewIntake(a.db), Desk: a.desk, People: a.people, Domains: a.config.Account.domains(),
		Guess: guesser{a}, Files: a.cabinet, Mails: a.folder, Bounces: bounces, Phrases: a.material.phrases,
		SiteURL: a.config.SiteURL, Phone: a.material.book.Number, Log: a.log, Now: a.now, Changed: a.feed.Nudge,
		Observe: a.figures.mails(),
	}
}

// takeIn runs the configured sources of mail in the background of running.
func (a *app) takeIn(ctx context.Context, in *intake.Intake, running *sync.WaitGroup) error {
	running.Go(func() { in.Run(ctx) })
	c := a.config.Intake
	if c.LMTP.Listen != "" {
		server := &lmtp.Server{Config: c.LMTP, MaxBytes: c.MaxBytes, Taker: in, Log: a.log}
		listener, err := server.Listen()
		if err != nil {
			return err
		}
		running.Go(func() {
			if err := server.Serve(ctx, listener); err != nil {
				a.log.ErrorContext(ctx, "LMTP ended", "error", err)
			}
		})
	}
	if c.IMAP.Host != "" {
		mailbox := &imap.Mailbox{Config: c.IMAP, MaxBytes: c.MaxBytes, Taker: in, Log: a.log}
		running.Go(func() { mailbox.Run(ctx) })
	}
	return nil
}

// guesser guesses the application of a mail: that of the best article.
type guesser struct{ *app }

// Application implements intake.Guesser.
func (g guesser) Application(ctx context.Context, question, lang string) string {
	if strings.TrimSpace(question) == "" {
		return ""
	}
	found, err := g.index.Search(ctx, search.Query{Text: question, Lang: lang, Audiences: []search.Audience{search.All, search.Employees}, Limit: 1})
	if err != nil || found.Decision == search.Abstain || len(found.Hits) == 0 {
		return "" // a guess is no more than a help
	}
	best, err := g.articles.Article(ctx, kb.Key{ID: found.Hits[0].ID, Lang: found.Hits[0].Lang})
	if err != nil || best.Audience == account.Operators {
		return ""
	}
	return best.Application
}

// mails registers the figures of mails taken in and returns who counts them.
func (f *figures) mails() func(intake.Outcome, intake.Reason, time.Duration) {
	taken := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sportello_mails_total", Help: "Mails taken in, by outcome (opened, joined, refused, held, …) and reason.",
	}, []string{"outcome", "reason"})
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "sportello_mail_seconds", Help: "Time from having a mail to having kept what follows from it.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
	})
	f.registry.MustRegister(taken, seconds)
	return func(outcome intake.Outcome, reason intake.Reason, took time.Duration) {
		taken.WithLabelValues(string(outcome), string(reason)).Inc()
		seconds.Observe(took.Seconds())
	}
}
