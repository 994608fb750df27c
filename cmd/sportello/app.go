package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sportello/bot"
	"sportello/contacts"
	"sportello/content"
	"sportello/files"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/kb"
	"sportello/kb/bundle"
	"sportello/search"
	"sportello/search/bleveindex"
	"sportello/store"
	"sportello/tickets"
	"sportello/web/desk"
	"sportello/web/portal"
)

var _ kb.Heeder = (*bleveindex.Index)(nil)

// material is the content, parsed: what an editor may change without us.
type material struct {
	fs        fs.FS
	phrases   *phrases.Catalogue
	intents   *bot.Intents
	book      contacts.Book
	catalogue tickets.Catalogue
	terms     tickets.Terms
	synonyms  search.Synonyms
	portal    portal.Content
	replies   desk.Replies
	articles  []kb.Article
	problems  []bundle.Problem // of the articles
}

// readContent parses the shipped content with the configured folder laid over
// it. It tells every mistake at once.
func readContent(c contentConfig) (*material, error) {
	m := &material{fs: fs.FS(content.FS)}
	if c.Folder != "" {
		m.fs = overlay{upper: os.DirFS(c.Folder), lower: content.FS}
	}
	var errs [9]error
	m.phrases, errs[0] = phrases.Read(sub(m.fs, "phrases"))
	m.intents, errs[1] = bot.ReadIntents(sub(m.fs, "intents"))
	m.book, errs[2] = contacts.Read(m.fs)
	m.catalogue, errs[3] = tickets.ReadCatalogue(m.fs)
	m.synonyms, errs[4] = search.ReadSynonyms(sub(m.fs, "synonyms"))
	m.portal, errs[5] = portal.Read(sub(m.fs, "pages"))
	m.terms, errs[6] = tickets.ReadTerms(m.fs, m.book, m.catalogue)
	errs[8] = m.portal.Fits(m.catalogue)
	m.replies, errs[7] = desk.ReadReplies(sub(m.fs, "replies"))
	m.articles, m.problems = bundle.Read(sub(m.fs, "kb"))
	return m, errors.Join(errs[:]...)
}

// sub is a folder of the content; its name is ours, so it is a valid path.
func sub(fsys fs.FS, folder string) fs.FS {
	below, err := fs.Sub(fsys, folder)
	if err != nil {
		panic(err)
	}
	return below
}

func (m *material) applications() []search.Application {
	var all []search.Application
	for _, a := range m.catalogue.Applications {
		all = append(all, search.Application{ID: a.ID, Name: a.Name, Aliases: a.Aliases})
	}
	return all
}

func (m *material) indexOptions() bleveindex.Options {
	return bleveindex.Options{Synonyms: m.synonyms, Applications: m.applications()}
}

// app is the program with all its parts in place.
type app struct {
	config   config
	data     string
	material *material
	db       *store.DB
	library  *kb.Library
	articles *store.Articles
	people   *store.Account
	tickets  *store.Tickets
	talks    *store.Conversations
	index    *bleveindex.Index
	finder   search.Index // the index, and by meaning where that is switched on
	indexer  *kb.Indexer
	giveBack func() error // the index on disk, to go on with what is in memory
	meaning  meaning
	desk     *tickets.Desk
	feed     *tickets.Feed
	folder   *files.Folder
	cabinet  *files.Cabinet
	figures  *figures
	ways     []way // to go on elsewhere; complete before anybody talks
	log      *slog.Logger
	now      func() time.Time
}

// options of opening an app.
type options struct {
	config   config
	data     string
	material *material // read from the configuration if nil
	log      *slog.Logger
	now      func() time.Time
	progress func(what string) func(done, total int)
	memory   bool // keep the index in memory
	serving  bool // insist on the index on disk
}

// open brings up the database, the knowledge base and the index. It works on
// an empty folder, and beside a running `serve`.
func open(ctx context.Context, o options) (a *app, err error) {
	a = &app{config: o.config, data: o.data, material: o.material, log: o.log, now: o.now, figures: newFigures()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.now == nil {
		a.now = time.Now
	}
	if a.material == nil {
		if a.material, err = readContent(o.config.Content); err != nil {
			return a, err
		}
	}
	if a.db, err = store.Open(ctx, o.data); err != nil {
		return a, err
	}
	a.articles, a.people = store.NewArticles(a.db), store.NewAccount(a.db)
	a.tickets, a.talks = store.NewTickets(a.db), store.NewConversations(a.db)
	a.feed = &tickets.Feed{Store: a.tickets, Log: a.log}
	a.desk = &tickets.Desk{
		Store: a.tickets, Accounts: a.people, Catalogue: a.material.catalogue, Terms: a.material.terms, Now: a.now, Changed: a.feed.Nudge,
	}
	a.library = &kb.Library{Store: a.articles, Now: a.now}
	if a.folder, err = files.OpenFolder(filepath.Join(o.data, "files")); err != nil {
		return a, err
	}
	a.cabinet = files.New(a.folder, files.DefaultLimits, nil)
	origin := kb.Shipped
	if o.config.Content.Folder != "" {
		origin = kb.Folder
	}
	for range 10 { // another process may be doing the same: whoever comes second looks again
		if _, err = a.library.Import(ctx, publishable(a.material), origin); !fault.Is(err, fault.Conflict) {
			break
		}
	}
	if err != nil {
		return a, err
	}
	if err = a.openIndex(ctx, o); err != nil {
		return a, err
	}
	return a, a.openMeaning(ctx, o)
}

// publishable are the articles without mistakes; those with some are told at
// start and by `kb check`.
func publishable(m *material) []kb.Article {
	var good []kb.Article
	wrong := map[string]bool{}
	for _, p := range m.problems {
		if p.Severity == bundle.Error {
			wrong[p.File] = true
		}
	}
	for _, a := range m.articles {
		if !wrong[a.Lang+"/"+a.ID+".md"] {
			good = append(good, a)
		}
	}
	return good
}

// openIndex opens the index on disk and brings it up to date. Where the
// service holds it, other commands make one of their own in memory.
func (a *app) openIndex(ctx context.Context, o options) error {
	dir := filepath.Join(o.data, "index")
	if o.memory {
		dir = ""
	}
	index, err := a.openFolder(ctx, dir, o.serving)
	if errors.Is(err, bleveindex.ErrLocked) && !o.serving {
		index, err = bleveindex.Open("", a.material.indexOptions())
	}
	if err != nil {
		return err
	}
	a.index, a.finder = index, index
	a.indexer = &kb.Indexer{Store: a.articles, Index: index, Log: a.log, Now: a.now}
	a.library.Saved = a.indexer.Notify
	a.giveBack = index.Release
	if err := a.indexer.Heed(ctx); err != nil {
		return err
	}
	if stale := index.Stale(); index.Seq() > 0 && (!stale || o.serving) { // the service renews a stale one while it answers
		_, err = a.indexer.CatchUp(ctx)
		return err
	} else if stale {
		a.log.WarnContext(ctx, "index is built again", "why", "it was made by another version")
	}
	progress := func(int, int) {}
	if o.progress != nil {
		progress = o.progress("index")
	}
	return a.indexer.Rebuild(ctx, progress)
}

// lockPatience is how long the service waits for a command to give the index
// back.
const lockPatience = 3 * time.Second

// openFolder opens the index in a folder. A broken or outdated one is built
// anew; with patient it waits for another process to give it back.
func (a *app) openFolder(ctx context.Context, dir string, patient bool) (*bleveindex.Index, error) {
	index, err := bleveindex.Open(dir, a.material.indexOptions())
	for until := time.Now().Add(lockPatience); patient && errors.Is(err, bleveindex.ErrLocked) && time.Now().Before(until); {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
		index, err = bleveindex.Open(dir, a.material.indexOptions())
	}
	if !errors.Is(err, bleveindex.ErrRebuild) {
		return index, err
	}
	a.log.WarnContext(ctx, "index is built again", "why", err)
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	return bleveindex.Open(dir, a.material.indexOptions())
}

// trustFor is how long a silent conversation knows its person: a working day
// and its lunch, not the next person at the same PC.
const trustFor = 12 * time.Hour

// engine returns the conversation engine over the app's parts. One-time codes
// go out by the channel mailBy; with none, no address can be confirmed.
func (a *app) engine(mailBy string) *bot.Engine {
	parts := bot.Parts{
		Store: a.talks, Search: a.finder, Library: a.library, Tickets: a.tickets, Catalogue: a.material.catalogue,
		Terms: a.material.terms, Accounts: a.people, Domains: a.config.Account.domains(), Book: a.material.book, Phrases: a.material.phrases,
		Intents: a.material.intents, Observe: a.figures.observe, Log: a.log, Now: a.now, SiteURL: a.config.SiteURL,
		Channels: a.channels(), Patience: a.config.Operators.Patience, MailBy: mailBy, NoMail: mailBy == "", TrustFor: trustFor,
		Elsewhere: a.elsewhere,
	}
	if a.meaning.Service != nil && a.meaning.Writer != nil {
		parts.Writer = a.meaning.Writer
	}
	return bot.NewEngine(parts)
}

func (a *app) close() error {
	errs := []error{a.meaning.close()}
	for _, part := range []io.Closer{closer(a.index), closer(a.folder), closer(a.db)} {
		if part != nil {
			errs = append(errs, part.Close())
		}
	}
	return errors.Join(errs...)
}

// closer is c, or nil if c is a nil pointer.
func closer[C interface {
	comparable
	io.Closer
}](c C) io.Closer {
	var none C
	if c == none {
		return nil
	}
	return c
}

// ready tells whether the service can do its work.
func (a *app) ready(ctx context.Context) error {
	if err := a.db.Ping(ctx); err != nil {
		return err
	}
	n, err := a.index.Documents()
	if err == nil && n == 0 {
		err = fault.New(fault.Unavailable, "error.unavailable").Because(fmt.Errorf("the index is empty"))
	}
	return err
}
