package mattermost

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/contacts"
	"sportello/files"
	"sportello/internal/fault"
	"sportello/internal/mattermostpeer"
	"sportello/internal/phrases"
	"sportello/kb"
	"sportello/search"
	"sportello/store"
	"sportello/tickets"

	"github.com/mattermost/mattermost/server/public/model"
)

// printer is the article that library has.
func printer(lang string) kb.Article {
	return kb.Article{
		ID: "stampante", Lang: lang, Audience: account.All, Status: kb.Published, Title: "Stampante ferma",
		Body: "La stampante non stampa, @channel.\n\n## Passi\n\n1. La riavvii.\n2. Guardi la carta.\n",
	}
}

// library has one article, found by its name.
type library struct{}

func (library) Article(_ context.Context, key kb.Key, _ []account.Audience) (kb.Article, error) {
	if key.ID != "stampante" {
		return kb.Article{}, fault.New(fault.NotFound, "kb.not_found")
	}
	return printer(key.Lang), nil
}

func (library) Search(_ context.Context, q search.Query) (search.Result, error) {
	r := search.Result{Query: q.Text, Lang: q.Lang, Decision: search.Abstain}
	if strings.Contains(q.Text, "stampante") {
		r.Decision, r.Hits = search.Answer, []search.Hit{{ID: "stampante", Lang: q.Lang, Title: "Stampante ferma", Score: 1}}
	}
	return r, nil
}

// house is an assistant on a real server, behind a network that can be broken.
// It can be stopped and started over the same data.
type house struct {
	*testing.T
	server *mattermostpeer.Server
	net    *network
	bot    *model.Bot
	token  string // file
	db     *store.DB
	suffix string        // of all names, for tests share a server
	skew   time.Duration // of our clock
	trust  bool
	calls  string // the address that the server calls back

	command   string // file of the token of the slash command
	callbacks *Callbacks

	channel *Channel
	stop    func()
}

// newHouse makes a bot on a server, and nobody who answers as it yet.
func newHouse(t *testing.T, server *mattermostpeer.Server) *house {
	t.Helper()
	h := &house{T: t, server: server, stop: func() {}, suffix: strings.ToLower(rand.Text()[:8])}
	var token string
	h.bot, token = h.server.Bot(h.name("assistente"))
	h.net = newNetwork(t, h.server.URL)
	h.token = filepath.Join(t.TempDir(), "token")
	h.write(token)
	var err error
	if h.db, err = store.Open(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.stop()
		if err := h.db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := (&kb.Library{Store: store.NewArticles(h.db), Now: time.Now}).Import(t.Context(), []kb.Article{printer("it")}, kb.Shipped); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) name(name string) string { return name + h.suffix }

func (h *house) write(token string) {
	h.Helper()
	if err := os.WriteFile(h.token, []byte(token+"\n"), 0o600); err != nil {
		h.Fatal(err)
	}
}

// open starts the assistant, and waits until it is connected.
func (h *house) open() {
	h.Helper()
	h.opened(true)
}

// opened also opens an assistant that has something to complain about.
func (h *house) opened(well bool) {
	h.Helper()
	h.start()
	h.eventually("the assistant is connected", func() bool {
		h.channel.health.mu.Lock()
		defer h.channel.health.mu.Unlock()
		return h.channel.health.up && (h.channel.health.why == nil) == well
	})
}

func (h *house) start() {
	h.Helper()
	config := Config{URL: h.net.URL, TokenFile: h.token, TrustEmail: h.trust, CallbackURL: h.calls, CommandTokenFile: h.command, Team: h.server.Team.Name}
	now := func() time.Time { return time.Now().Add(h.skew) }
	var courier *bot.Courier
	h.channel, courier = assembled(h.T, h.db, config, now, func(p *bot.Parts) {
		p.Channels = map[string]bot.Traits{Name: {Sent: true, Pushable: true, Personal: true, Forms: h.calls != ""}}
	})
	var err error
	if h.callbacks, err = h.channel.Callbacks(h.Context()); err != nil {
		h.Fatal(err)
	}
	h.stop = run(h.T, h.channel, courier)
}

// assembled is a channel over an engine with the shipped content, and the
// courier of its letters.
func assembled(t *testing.T, db *store.DB, config Config, now func() time.Time, change func(*bot.Parts)) (*Channel, *bot.Courier) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	content := os.DirFS("../../content")
	told, err := phrases.Read(os.DirFS("../../content/phrases"))
	must(err)
	intents, err := bot.ReadIntents(os.DirFS("../../content/intents"))
	must(err)
	book, err := contacts.Read(content)
	must(err)
	catalogue, err := tickets.ReadCatalogue(content)
	must(err)
	terms, err := tickets.ReadTerms(content, book, catalogue)
	must(err)
	folder, err := files.OpenFolder(t.TempDir())
	must(err)
	t.Cleanup(func() { _ = folder.Close() })
	log := slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelInfo}))
	talks := store.NewConversations(db)
	parts := bot.Parts{
		Store: talks, Search: library{}, Library: library{}, Tickets: store.NewTickets(db), Catalogue: catalogue, Terms: terms,
		Accounts: store.NewAccount(db), Domains: account.Domains{Employee: []string{"giustizia.it"}}, Book: book, Phrases: told, Intents: intents,
		Log: log, Now: now, SiteURL: "https://site.example",
	}
	change(&parts)
	c := &Channel{
		Engine: bot.NewEngine(parts), Files: files.New(folder, files.DefaultLimits, nil), Phrases: told, Log: log, Now: now, Key: talks.Key, Config: config,
	}
	return c, &bot.Courier{Store: talks, Senders: map[string]bot.Sender{Name: c}, Log: log, Now: now, Woken: c.Engine.Letters()}
}

// run runs a channel with its engine and its courier until stop is called.
func run(t *testing.T, c *Channel, courier *bot.Courier) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{c.Engine.Run, courier.Run, c.Run} {
		running.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	return sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
}

// longestWait is more than the longest pause before we look for a server again,
// and what is to be done then.
const longestWait = 3*longPause/2 + mattermostpeer.Patience

func (h *house) eventually(what string, is func() bool) {
	h.Helper()
	for until := time.Now().Add(longestWait); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			h.Fatalf("not within %s: %s (health: %v)", longestWait, what, h.channel.Health())
		}
	}
}

// TestOnARealServer shares one server: what it is given leaves it as it is.
func TestOnARealServer(t *testing.T) {
	server := mattermostpeer.Start(t)
	for name, test := range map[string]func(*testing.T, *house){
		"a direct message is answered there":                        directMessage,
		"what is refused is told once":                              refusedOnce,
		"each part is posted once though answers are lost":          lostAnswers,
		"a server that is busy is left in peace":                    busyServer,
		"a revoked token is told until there is a new one":          revokedToken,
		"in a channel who mentions us is answered in the thread":    mentioned,
		"files come with their message and what is refused is told": filesIn,
		"a thumb is a vote and a look reads":                        thumbAndLook,
		"a profile says who somebody is only where that was found":  trustedProfile,
		"choices are buttons that show nothing of what they carry":  buttonsShown,
		"a long letter is posted in parts, each once":               longLetter,
		"our typing is seen while the answer takes time":            typingSeen,
		"what operators say is shown as text":                       operatorsWords,
		"a file that cannot be sent keeps no words back":            filesUnsent,
		"a chat that is gone is blocked":                            goneChat,
		"a tap takes a choice once and the buttons go":              tapTaken,
		"a form is filled in at once and told where it is wrong":    formFilled,
		"a command is answered aside, and in private if personal":   commandGiven,
		"what is personal goes on in a direct message":              movedToPrivate,
		"a post dated ahead makes us miss nothing":                  datedAhead,
		"a channel that cannot be read keeps no other from us":      unreadable,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newHouse(t, server))
		})
	}
}

// keeps puts a picture into the cabinet, to be sent by us.
func (h *house) keeps(name string) bot.Attachment {
	h.Helper()
	kept, err := h.channel.Files.Accept(h.Context(), name, strings.NewReader(png))
	if err != nil {
		h.Fatal(err)
	}
	return bot.Attachment{ID: kept.ID, Name: kept.Name, Type: kept.Type, Size: kept.Size}
}

// talk is a user in a channel with us.
type talk struct {
	*house
	*mattermostpeer.User
	channel string
	seen    int
}

func (h *house) talk(name, locale string) *talk {
	h.Helper()
	name = h.name(name)
	u := h.server.User(name, name+"@giustizia.it", locale)
	return &talk{house: h, User: u, channel: u.DirectTo(h.bot.UserId)}
}

// conversation is the one that we have with them there.
func (k *talk) conversation() bot.ConversationID {
	k.Helper()
	id, err := k.house.channel.Engine.Store.Chat(k.Context(), Name, k.channel)
	if err != nil {
		k.Fatal(err)
	}
	return id
}

// posts are all posts of the channel that the bot made, oldest first.
func (k *talk) posts() (posts []*model.Post) {
	k.Helper()
	for page := 0; ; page++ {
		list, _, err := k.User.Client.GetPostsForChannel(k.Context(), k.channel, page, 200, "", false, false)
		if err != nil {
			return nil // the server is away
		}
		for _, id := range list.Order {
			if post := list.Posts[id]; post.UserId == k.bot.UserId {
				posts = append(posts, post)
			}
		}
		if len(list.Order) < 200 {
			slices.Reverse(posts)
			return posts
		}
	}
}

// reads waits until the bot posted n posts more, and returns them; a moment later
// there are no others.
func (k *talk) reads(n int) (fresh []*model.Post) {
	k.Helper()
	k.eventually("the bot posts", func() bool { return len(k.posts()) >= k.seen+n })
	time.Sleep(100 * time.Millisecond)
	all := k.posts()
	fresh = all[k.seen:]
	if len(fresh) != n {
		for _, post := range fresh {
			k.Errorf("post %v: %s", post.GetProp(ours), post.Message)
		}
		k.Fatalf("the bot posted %d posts, want %d", len(fresh), n)
	}
	k.seen = len(all)
	return fresh
}

func (k *talk) says(text string) *model.Post {
	k.Helper()
	return k.User.Post(k.channel, "", text)
}

type heard = mattermostpeer.Heard

// testWriter writes to the log of a test.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(line []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(line)))
	return len(line), nil
}

// network is between us and the server. What it is asked to do to a request it
// does instead of passing it on, or after it.
type network struct {
	URL string

	mu      sync.Mutex
	instead func(http.ResponseWriter, *http.Request) bool // answers in place of the server
	lose    func(*http.Request) bool                      // the server does it, and its answer is lost
	count   map[string]int                                // requests by method and the end of the path
}

func newNetwork(t *testing.T, server string) *network {
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	n := &network{count: map[string]int{}}
	pass := httputil.NewSingleHostReverseProxy(target)
	pass.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	pass.ModifyResponse = func(r *http.Response) error {
		n.mu.Lock()
		lose := n.lose
		n.mu.Unlock()
		if lose != nil && lose(r.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			return errLost
		}
		return nil
	}
	pass.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, err error) {
		if err == errLost {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html>bad gateway</html>")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: listener, Config: &http.Server{ErrorLog: pass.ErrorLog, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		instead := n.instead
		n.count[r.Method+" "+r.URL.Path[strings.LastIndexByte(r.URL.Path, '/'):]]++
		n.mu.Unlock()
		if instead != nil && instead(w, r) {
			return
		}
		pass.ServeHTTP(w, r)
	})}}
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	n.URL = s.URL
	return n
}

var errLost = http.ErrHandlerTimeout

func (n *network) breaks(instead func(http.ResponseWriter, *http.Request) bool, lose func(*http.Request) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.instead, n.lose = instead, lose
}

// isPost reports whether a request makes a post.
func isPost(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/api/v4/posts")
}
