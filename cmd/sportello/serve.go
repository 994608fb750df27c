package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/mail"
	"sportello/bot/widget"
	"sportello/search/bleveindex"
	"sportello/web"
	"sportello/web/api"
	"sportello/web/portal"
	"sportello/web/signin"
	"sportello/web/ui"
)

type serveCommand struct {
	Listen string `help:"Address to listen on, instead of the configured one." placeholder:"ADDR"`
	Demo   bool   `help:"Add sample people and tickets, and show mail at /demo/mailbox. Loopback only."`
}

// How the server treats clients.
const (
	headerTime   = 10 * time.Second
	requestTime  = 2 * time.Minute
	shutdownTime = 10 * time.Second
)

func (c *serveCommand) Run(ctx context.Context, con *console) (err error) {
	settings, err := con.settings()
	if err != nil {
		return err
	}
	if c.Listen != "" {
		settings.Listen = c.Listen
		if err := settings.check(); err != nil {
			return usageError{err}
		}
	}
	if c.Demo && !isLoopback(settings.Listen) {
		return usageError{fmt.Errorf("--demo lets anybody sign in as anybody, so it listens on loopback only, not on %s", settings.Listen)}
	}
	a, err := open(ctx, options{config: settings, data: con.Data, log: settings.Log.logger(con.Err), progress: con.progress, serving: true})
	if errors.Is(err, bleveindex.ErrLocked) {
		return fmt.Errorf("another service runs on the data folder %s", con.Data)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return err
	}
	return a.serve(ctx, listener, c.Demo)
}

// serve answers on listener until ctx ends, then lets what is under way end.
func (a *app) serve(ctx context.Context, listener net.Listener, demo bool) error {
	for _, p := range a.material.problems {
		a.log.WarnContext(ctx, "article has a mistake", "file", p.File, "line", p.Line, "problem", say(p.Phrase, p.Values))
	}
	if missing := ui.Missing(); len(missing) > 0 {
		a.log.WarnContext(ctx, "pages have no design: run make assets, then build again", "missing", len(missing))
	}
	s, err := a.site(ctx, demo)
	if err != nil {
		return err
	}
	defer s.stop()
	streams, endStreams := context.WithCancel(context.WithoutCancel(ctx))
	defer endStreams()
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: requestTime,
		MaxHeaderBytes: 32 << 10, BaseContext: func(net.Listener) context.Context { return streams },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	a.log.InfoContext(ctx, "serving", "url", "http://"+listener.Addr().String(), "demo", demo)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	endStreams() // they never end by themselves
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	return server.Shutdown(patience)
}

// site is the service without its listener: the handler, and what works in the
// background until stop is called.
type site struct {
	handler http.Handler
	stop    func()
}

func (a *app) site(ctx context.Context, demo bool) (*site, error) {
	senders, mailBy := map[string]bot.Sender{}, ""
	pages := []web.Pages{}
	var show *demoPages
	switch {
	case demo:
		show = newDemoPages(a)
		senders[bot.MailChannel], mailBy = show.box, bot.MailChannel
		pages = append(pages, show)
		if err := a.addDemo(ctx); err != nil {
			return nil, err
		}
	case a.config.Mail.Host != "":
		senders[bot.MailChannel], mailBy = a.postman(), bot.MailChannel
	default:
		a.log.WarnContext(ctx, "no mail server is configured: people cannot confirm an address, so they get answers but no tickets; see mail in the configuration")
	}
	engine := a.engine(mailBy)
	platforms, err := a.platforms(ctx, engine)
	if err != nil {
		return nil, err
	}
	var called []web.Pages
	for _, p := range platforms {
		maps.Copy(senders, p.senders)
		if p.pages != nil {
			called = append(called, p.pages)
		}
	}
	doors := a.signIn(mailBy, engine)
	if show != nil {
		show.doors = doors
	}
	if err := a.folder.Sweep(a.now().Add(-time.Hour)); err != nil {
		return nil, err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { a.indexer.Run(background) })
	running.Go(func() { a.renewals(background) })
	running.Go(func() { a.purge().Run(background) })
	running.Go(func() { a.feed.Run(background) })
	running.Go(func() { a.desk.Run(background, a.log) })
	if a.meaning.indexer != nil {
		running.Go(func() { a.meaning.run(background) })
	}
	running.Go(func() { _ = engine.Run(background) }) // they end with background only
	running.Go(func() { a.announce(background, engine) })
	if err := a.talks.Unclaim(ctx, slices.Collect(maps.Keys(senders))); err != nil { // nobody else serves this folder
		stop()
		running.Wait()
		return nil, err
	}
	courier := &bot.Courier{Store: a.talks, Senders: senders, Log: a.log, Now: a.now, Woken: engine.Letters(), GivenUp: engine.Undelivered}
	running.Go(func() { _ = courier.Run(background) })
	for _, p := range platforms {
		running.Go(func() { _ = p.run(background) }) // it ends with background only
	}
	texts := a.material.portal
	texts.Terms, texts.HeldDays = a.config.Retention, a.config.Intake.HeldDays
	public := portal.New(portal.Config{Base: a.config.SiteURL, Content: texts, Enter: signin.Enter, Out: signin.Out, Desk: deskPath}, a.ownPages(portal.Deps{
		Library: a.articles, Searcher: a.finder, Book: a.material.book, Phrases: a.material.phrases, Person: doors.Person, Now: a.now, Log: a.log,
	}, doors, engine))
	doors.Frame, doors.Fail = public.Frame, public.Fail
	keys, err := a.config.Account.widgetKeys()
	in := a.newIntake(mail.Returns{Config: a.config.Mail, Ledger: a.talks, Now: a.now})
	if err == nil {
		err = a.takeIn(background, in, &running)
	}
	if err != nil {
		stop()
		running.Wait()
		return nil, err
	}
	pages = append(pages, doors, a.operatorsDesk(doors, public, in), public, a.unsubscriptions(public))
	programs, hooks := a.programs()
	running.Go(func() { hooks.Run(background) })
	running.Go(func() { a.countTickets(background) })
	server := &web.Server{
		Pages: pages, Called: called, Phrases: a.material.phrases, Ready: a.ready, Metrics: a.figures.registry, Origins: a.config.Widget.Origins, Proxies: a.config.Proxies,
		API: append(programs,
			&widget.Widget{Engine: engine, Files: a.cabinet, Phrases: a.material.phrases, Config: a.config.Widget, Log: a.log, Now: a.now,
				Signed: account.SignedIdentity{Audience: a.config.SiteURL, Keys: keys}},
			&api.API{Searcher: a.index, Phrases: a.material.phrases, Person: doors.Person, Log: a.log, Now: a.now},
		),
		Channels: a.watched(platforms), Loopback: demo, Version: version, Log: a.log, Now: a.now, Around: []func(http.Handler) http.Handler{doors.Remember}, Person: doors.Person,
	}
	return &site{handler: server.Handler(), stop: func() {
		stop()
		running.Wait()
	}}, nil
}
