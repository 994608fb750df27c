package telegram_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
	"sportello/contacts"
	"sportello/files"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/kb"
	"sportello/search"
	"sportello/store"
	"sportello/tickets"
)

// service is our side: an engine with the shipped phrases over a few articles,
// a courier and the channel.
type service struct {
	testing.TB
	double  *telegramtest.Double
	folder  string
	config  telegram.Config
	key     []byte
	log     *strings.Builder
	logging sync.Mutex

	poison *poisoned // breaks what is stored, if there is one

	db      *store.DB
	talks   *store.Conversations
	engine  *bot.Engine
	channel *telegram.Channel
	cabinet *files.Cabinet
	site    *httptest.Server
	stop    func()
}

// logged is what the service logged so far.
func (s *service) logged() string {
	s.logging.Lock()
	defer s.logging.Unlock()
	return s.log.String()
}

// Write takes the log.
func (s *service) Write(p []byte) (int, error) {
	s.logging.Lock()
	defer s.logging.Unlock()
	return s.log.Write(p)
}

// serve runs the service in this mode until the test ends.
func serve(t testing.TB, mode string) *service {
	s := &service{TB: t, double: telegramtest.Start(t), folder: t.TempDir(), key: make([]byte, 32), log: &strings.Builder{}}
	_, _ = rand.Read(s.key)
	s.config = telegram.Config{TokenFile: filepath.Join(s.folder, "token"), Mode: mode, APIURL: s.double.URL}
	if err := os.WriteFile(s.config.TokenFile, []byte(s.double.Token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(func() {
		s.stop()
		if secret := strings.SplitN(s.double.Token, ":", 2)[1]; strings.Contains(s.logged(), secret) {
			t.Error("the token is in the log")
		}
	})
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *service) start() {
	var err error
	s.db, err = store.Open(context.Background(), s.folder)
	must(s, err)
	folder, err := files.OpenFolder(filepath.Join(s.folder, "files"))
	must(s, err)
	content := os.DirFS("../../content")
	told, err := phrases.Read(os.DirFS("../../content/phrases"))
	must(s, err)
	intents, err := bot.ReadIntents(os.DirFS("../../content/intents"))
	must(s, err)
	book, err := contacts.Read(content)
	must(s, err)
	catalogue, err := tickets.ReadCatalogue(content)
	must(s, err)
	terms, err := tickets.ReadTerms(content, book, catalogue)
	must(s, err)
	s.talks, s.cabinet = store.NewConversations(s.db), files.New(folder, files.DefaultLimits, nil)
	log := slog.New(slog.NewTextHandler(s, nil))
	var talks bot.Store = s.talks
	if s.poison != nil {
		s.poison.Store, talks = s.talks, s.poison
	}
	s.engine = bot.NewEngine(bot.Parts{
		Store: talks, Search: shelf{}, Library: shelf{}, Tickets: store.NewTickets(s.db), Catalogue: catalogue, Terms: terms,
		Accounts: store.NewAccount(s.db), Domains: account.Domains{Employee: []string{"giustizia.it"}, External: true}, Book: book,
		Phrases: told, Intents: intents, Log: log, Now: time.Now, SiteURL: "https://help.example.it",
		Channels: map[string]bot.Traits{telegram.ChannelName: {Sent: true, Pushable: true, Personal: true, Erases: true}},
	})
	s.channel = &telegram.Channel{
		Engine: s.engine, Files: s.cabinet, Phrases: told, Log: log, Now: time.Now, Config: s.config, SiteURL: "https://help.example.it", Key: s.key,
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls, endCalls := context.WithCancel(ctx)
	if s.config.Mode == telegram.Webhook {
		mux := http.NewServeMux()
		s.site = httptest.NewUnstartedServer(mux)
		s.site.Config.BaseContext = func(net.Listener) context.Context { return calls } // as that of the service
		s.site.Start()
		s.channel.SiteURL = s.site.URL
		mux.Handle(s.channel.WebhookPath(), s.channel.Handler())
	}
	must(s, s.talks.Unclaim(context.Background(), []string{telegram.ChannelName}))
	courier := &bot.Courier{Store: s.talks, Senders: map[string]bot.Sender{telegram.ChannelName: s.channel}, Log: log, Now: time.Now, Woken: s.engine.Letters()}
	var running sync.WaitGroup
	for _, part := range []func(context.Context) error{s.engine.Run, courier.Run, s.channel.Run} {
		running.Go(func() {
			if err := part(ctx); err != nil {
				s.Error(err)
			}
		})
	}
	s.stop = func() {
		endCalls()
		if s.site != nil {
			s.site.Close()
		}
		cancel()
		running.Wait()
		for _, part := range []io.Closer{folder, s.db} {
			if err := part.Close(); err != nil {
				s.Error(err)
			}
		}
		s.stop = func() {}
	}
}

// await waits until what the bot wrote in a chat is as wanted.
func (s *service) await(chat *telegramtest.Chat, what string, wanted func(fromBot []telegramtest.Message) bool) []telegramtest.Message {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := chat.Await(ctx, func([]telegramtest.Message) bool { return wanted(chat.FromBot()) }); err != nil {
		s.Fatalf("%s does not happen; the chat is\n%s\nand the log\n%s", what, shown(chat), s.logged())
	}
	return chat.FromBot()
}

// settled waits until everything is answered and sent.
func (s *service) settled(chat *telegramtest.Chat) []telegramtest.Message {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		must(s, s.double.Settled(ctx))
		before := len(chat.History())
		if unread, err := s.talks.Unread(ctx, telegram.ChannelName); err != nil || len(unread) > 0 {
			time.Sleep(5 * time.Millisecond)
			must(s, ctx.Err())
			continue
		}
		time.Sleep(80 * time.Millisecond)
		if due, err := s.talks.Due(ctx, telegram.ChannelName, time.Now().Add(time.Hour), 10); err == nil && len(due) == 0 && len(chat.History()) == before {
			return chat.FromBot()
		}
		must(s, ctx.Err())
	}
}

func shown(chat *telegramtest.Chat) string {
	var lines []string
	for _, m := range chat.History() {
		lines = append(lines, m.String())
	}
	return strings.Join(lines, "\n")
}

// shelf are a few articles, and a search that finds one if the question names
// it.
type shelf struct{}

var articles = map[string]kb.Article{
	"stampante": {Title: "Stampante ferma", Application: "stampante", Body: "La stampante **non** stampa: <b>legga</b> [qui](/kb/it/vpn).\n\n## Passi\n\n1. La riavvii.\n2. Guardi la carta.\n"},
	"vpn":       {Title: "VPN", Application: "vpn", Body: "La VPN cade.\n\n| Sede | Numero |\n|---|---|\n| Roma | 1 |\n\n" + strings.Repeat("Una riga lunga & noiosa. ", 300)},
}

func (shelf) Article(_ context.Context, key kb.Key, _ []account.Audience) (kb.Article, error) {
	a, found := articles[key.ID]
	if !found {
		return a, fault.New(fault.NotFound, "kb.not_found")
	}
	a.ID, a.Lang, a.Audience, a.Status = key.ID, key.Lang, account.All, kb.Published
	return a, nil
}

func (shelf) Search(_ context.Context, q search.Query) (search.Result, error) {
	r := search.Result{Query: q.Text, Lang: q.Lang, Decision: search.Abstain}
	for id, a := range articles {
		if strings.Contains(q.Text, id) {
			r.Decision, r.Hits = search.Answer, []search.Hit{{ID: id, Lang: q.Lang, Title: a.Title, Score: 1}}
		}
	}
	return r, nil
}
