package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sportello/bot"
	"sportello/bot/channeltest"
	"sportello/bot/mattermost"
	"sportello/internal/fault"
	"sportello/internal/mattermostpeer"

	"github.com/mattermost/mattermost/server/public/model"
)

func TestMattermostIsAChannel(t *testing.T) {
	o := newChatRoom(t)
	channeltest.RunPatiently(t, 90*time.Second, func(t *testing.T) channeltest.Channel {
		o.mend()
		name := fmt.Sprint("stranger", o.strangers.Add(1))
		u := o.server.User(name, name+"@altrove.example", "it")
		return &onChat{chatRoom: o, TB: t, user: u, channel: u.DirectTo(o.bot.UserId), ids: map[string]string{}}
	})
}

// chatRoom is the service on a real Mattermost server, with a network between
// them that can be broken. It can be started anew, over the same data.
type chatRoom struct {
	testing.TB
	app       *app
	server    *mattermostpeer.Server
	bot       *model.Bot
	site      string
	strangers atomic.Int64

	current atomic.Pointer[site]
	taps    taps
	net     *brokenNetwork
}

func newChatRoom(t *testing.T) *chatRoom {
	t.Helper()
	o := &chatRoom{TB: t, server: mattermostpeer.Start(t)}
	var token string
	o.bot, token = o.server.Bot("sportello")
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	o.net = breakable(t, o.server.URL)
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.taps.note(r)
		o.current.Load().handler.ServeHTTP(w, r)
	}))
	o.site = pages.URL
	o.app = testApp(t, func(c *config) {
		c.Mattermost = mattermost.Config{URL: o.net.url, TokenFile: file, CallbackURL: pages.URL}
	})
	t.Cleanup(func() {
		pages.CloseClientConnections()
		pages.Close()
		if s := o.current.Load(); s != nil {
			s.stop()
		}
	})
	o.open()
	return o
}

// open starts the service, and waits until it is on the server.
func (o *chatRoom) open() {
	o.Helper()
	s, err := o.app.site(context.Background(), true)
	if err != nil {
		o.Fatal(err)
	}
	o.current.Store(s)
	o.connected()
}

func (o *chatRoom) connected() {
	o.Helper()
	awaitMattermost(o, o.current.Load().handler)
}

// awaitMattermost waits until a service is on its server: what was written there
// before it first came is of no interest to it.
func awaitMattermost(t testing.TB, service http.Handler) {
	t.Helper()
	for until := time.Now().Add(mattermostpeer.Patience); ; time.Sleep(20 * time.Millisecond) {
		w := httptest.NewRecorder()
		service.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if strings.Contains(w.Body.String(), "mattermost: ok") {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("the service is not on Mattermost: %s", w.Body)
		}
	}
}

// reopen starts the service anew: it reads again what it may have missed.
func (o *chatRoom) reopen() {
	o.Helper()
	o.current.Load().stop()
	o.app.figures = newFigures() // each service has its own
	o.open()
}

func (o *chatRoom) mend() { o.net.trouble("", 0) }

// taps are the callbacks of buttons, as the server sent them.
type taps struct {
	mu   sync.Mutex
	last []byte
	path string
}

func (t *taps) note(r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/action") {
		return
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last, t.path = body, r.URL.Path
}

// brokenNetwork is between the service and the server.
type brokenNetwork struct {
	url    string
	listen *httptest.Server

	mu   sync.Mutex
	sort channeltest.Trouble
	n    int
	away bool
}

func breakable(t *testing.T, server string) *brokenNetwork {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	b := &brokenNetwork{}
	through := httputil.NewSingleHostReverseProxy(target)
	through.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	b.listen = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.pass(through, w, r) }))
	b.listen.Config.ErrorLog = through.ErrorLog
	b.listen.Start()
	t.Cleanup(func() { b.listen.CloseClientConnections(); b.listen.Close() })
	b.url = b.listen.URL
	return b
}

// trouble makes the next n posts of the service fail.
func (b *brokenNetwork) trouble(sort channeltest.Trouble, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sort, b.n, b.away = sort, n, false
}

func (b *brokenNetwork) leave() {
	b.mu.Lock()
	b.away = true
	b.mu.Unlock()
	b.listen.CloseClientConnections()
}

// next is what happens to a request.
func (b *brokenNetwork) next(r *http.Request) channeltest.Trouble {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return channeltest.Cut
	}
	if r.Method != http.MethodPost || r.URL.Path != "/api/v4/posts" || b.n == 0 {
		return ""
	}
	b.n--
	return b.sort
}

func (b *brokenNetwork) pass(through http.Handler, w http.ResponseWriter, r *http.Request) {
	switch b.next(r) {
	case channeltest.Slow:
		time.Sleep(time.Second)
	case channeltest.Busy:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "limit exceeded", http.StatusTooManyRequests)
		return
	case channeltest.Broken:
		http.Error(w, "<html>bad gateway</html>", http.StatusBadGateway)
		return
	case channeltest.Cut:
		panic(http.ErrAbortHandler)
	case channeltest.Unheard:
		through.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	through.ServeHTTP(w, r)
}

// onChat drives a conversation as its user does: in a direct message, or in a
// thread of a channel.
type onChat struct {
	*chatRoom
	testing.TB
	user    *mattermostpeer.User
	channel string
	root    string            // of the thread, in a channel
	public  bool              // others read along
	ids     map[string]string // the platform's, by the suite's: what was delivered
	sent    []string          // posts that are to be answered
	offered []offer
}

// offer is a choice that a post had.
type offer struct{ post, label, action, option string }

// Send implements channeltest.Channel. The second copy is the one that the
// service reads when it comes back, for it cannot know what it took in.
func (c *onChat) Send(ctx context.Context, id, text string) (string, error) {
	if c.public {
		text = "@" + c.bot.Username + " " + text
	}
	return c.deliver(ctx, id, &model.Post{Message: text})
}

func (c *onChat) deliver(ctx context.Context, id string, post *model.Post) (string, error) {
	if c.ids[id] != "" {
		c.reopen()
		return "", nil
	}
	post.ChannelId, post.RootId = c.channel, c.root
	posted, response, err := c.user.Client.CreatePost(ctx, post)
	if err != nil && response != nil && response.StatusCode >= 400 {
		return "the server says: " + err.Error(), nil
	}
	if err != nil {
		return "", err
	}
	c.ids[id] = posted.Id
	if c.public && c.root == "" {
		c.root = posted.Id
	}
	c.net.mu.Lock()
	away := c.net.away
	c.net.mu.Unlock()
	if away {
		c.sent = append(c.sent, posted.Id)
		return "", nil
	}
	return c.taken(ctx, posted.Id)
}

// taken waits until the service has a post, or told that it refuses it. What is
// refused is told before the rest is kept: what was kept is asked for first, or
// both could happen in between.
func (c *onChat) taken(ctx context.Context, post string) (refused string, err error) {
	for {
		has, err := c.has(ctx, post)
		if err != nil {
			return "", err
		}
		if has {
			c.sent = append(c.sent, post)
		}
		posts, err := c.posts(ctx)
		if err != nil {
			return "", err
		}
		for _, p := range posts {
			if strings.HasPrefix(letterIn(p), "refused "+post) {
				refused, _, _ = shown(p.Message)
				return refused, nil
			}
		}
		if has {
			return "", nil
		}
		if err := pause(ctx, "a post to be taken in"); err != nil {
			return "", err
		}
	}
}

func pause(ctx context.Context, what string) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
	case <-time.After(30 * time.Millisecond):
		return nil
	}
}

func (c *onChat) chat() string {
	if !c.public {
		return c.channel
	}
	return c.channel + "/" + c.root + "/" + c.user.Id
}

// events are those of the conversation, none if it has not begun.
func (c *onChat) events(ctx context.Context) (id bot.ConversationID, events []bot.Event, err error) {
	if id, err = c.app.talks.Chat(ctx, mattermost.Name, c.chat()); fault.Is(err, fault.NotFound) {
		return "", nil, nil
	}
	if err == nil {
		events, err = c.app.talks.Events(ctx, id, 0, 10_000)
	}
	return id, events, err
}

func (c *onChat) has(ctx context.Context, post string) (bool, error) {
	_, events, err := c.events(ctx)
	return slices.ContainsFunc(events, func(e bot.Event) bool { return e.Inbound == post }), err
}

// posts are those that the person sees there, oldest first.
func (c *onChat) posts(ctx context.Context) (all []*model.Post, err error) {
	for page := 0; ; page++ {
		list, _, err := c.user.Client.GetPostsForChannel(ctx, c.channel, page, 200, "", false, false)
		if err != nil {
			return nil, err
		}
		for _, id := range list.Order {
			if post := list.Posts[id]; !c.public || post.Id == c.root || post.RootId == c.root {
				all = append(all, post)
			}
		}
		if len(list.Order) < 200 {
			slices.Reverse(all)
			return all, nil
		}
	}
}

// Said implements channeltest.Channel.
func (c *onChat) Said(ctx context.Context) (said []channeltest.Message, err error) {
	for quiet := 0; quiet < 3; {
		posts, settled, err := c.settled(ctx)
		if err != nil {
			return nil, err
		}
		if quiet++; !settled {
			quiet = 0
		}
		said = said[:0]
		for _, post := range posts {
			if post.UserId == c.bot.UserId && !strings.HasPrefix(letterIn(post), "refused ") {
				said = append(said, c.message(post))
			}
		}
		if err := pause(ctx, "the answers"); err != nil {
			c.Logf("said so far: %q", said)
			return nil, err
		}
	}
	return said, nil
}

// settled tells whether all that was written is answered, and all that was said
// is posted.
func (c *onChat) settled(ctx context.Context) ([]*model.Post, bool, error) {
	id, events, err := c.events(ctx)
	if err != nil {
		return nil, false, err
	}
	posts, err := c.posts(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, post := range c.sent {
		if !slices.ContainsFunc(events, func(e bot.Event) bool { return e.Inbound == post }) {
			return posts, false, nil
		}
	}
	for _, e := range events {
		if e.Posted() && !slices.ContainsFunc(posts, func(p *model.Post) bool {
			return strings.HasPrefix(letterIn(p), fmt.Sprintf("%s/%d#", id, e.Seq))
		}) {
			return posts, false, nil
		}
	}
	if id != "" {
		if _, err := c.app.talks.NextUnread(ctx, id); !fault.Is(err, fault.NotFound) {
			return posts, false, err
		}
	}
	return posts, true, nil
}

// message is a post as the person sees it.
func (c *onChat) message(post *model.Post) (m channeltest.Message) {
	m.Text, m.Behind, m.Calls = shown(post.Message)
	for _, a := range post.Attachments() {
		for _, action := range a.Actions {
			if action.Type == model.PostActionTypeButton {
				m.Choices = append(m.Choices, action.Name)
				c.offer(offer{post.Id, action.Name, action.Id, ""})
			}
			for _, option := range action.Options {
				m.Choices = append(m.Choices, option.Text)
				c.offer(offer{post.Id, option.Text, action.Id, option.Value})
			}
		}
	}
	return m
}

func (c *onChat) offer(o offer) {
	if !slices.Contains(c.offered, o) {
		c.offered = append(c.offered, o)
	}
}

// Choose implements channeltest.Channel. The second copy of a tap is the same
// callback, again.
func (c *onChat) Choose(ctx context.Context, id, label string) (string, error) {
	if c.ids[id] != "" {
		return c.tappedAgain(ctx)
	}
	c.ids[id] = "tapped"
	if _, err := c.Said(ctx); err != nil {
		return "", err
	}
	for _, o := range slices.Backward(c.offered) {
		if o.label == label {
			return c.tap(ctx, o)
		}
	}
	return "", fmt.Errorf("nobody offered %q", label)
}

// tap taps, and returns what only the person is told.
func (c *onChat) tap(ctx context.Context, o offer) (string, error) {
	ears := c.user.Listen()
	defer ears.Close()
	response, err := c.user.Client.DoPostActionWithCookie(ctx, o.post, o.action, o.option, "")
	if err != nil && response != nil && response.StatusCode >= 400 {
		return "the server says: " + err.Error(), nil
	}
	if err != nil {
		return "", err
	}
	return c.aside(ctx, ears)
}

// aside is what only the person was told last, if anything. The server tells a
// user things in their order: all is heard once the end, told after it, is.
func (c *onChat) aside(ctx context.Context, ears *mattermostpeer.Socket) (told string, err error) {
	end := model.NewId()
	if _, _, err := c.server.Admin.Client.CreatePostEphemeral(ctx, &model.PostEphemeral{UserID: c.user.Id, Post: &model.Post{ChannelId: c.channel, Message: end}}); err != nil {
		return "", err
	}
	_, err = ears.Await(func(h mattermostpeer.Heard) bool {
		if h.EventType() == model.WebsocketEventEphemeralMessage && h.Post.Message != end {
			told, _, _ = shown(h.Post.Message)
		}
		return h.Post.Message == end
	})
	return told, err
}

func (c *onChat) tappedAgain(ctx context.Context) (string, error) {
	c.taps.mu.Lock()
	body, path := c.taps.last, c.taps.path
	c.taps.mu.Unlock()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.chatRoom.site+path, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return answer.Status, nil
	}
	var told model.PostActionIntegrationResponse
	return told.EphemeralText, json.NewDecoder(answer.Body).Decode(&told)
}

// ChooseOld implements channeltest.Lasting.
func (c *onChat) ChooseOld(ctx context.Context, _ string, message int, label string) (string, error) {
	var posts []string
	all, err := c.posts(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range all {
		if p.UserId == c.bot.UserId && !strings.HasPrefix(letterIn(p), "refused ") {
			posts = append(posts, p.Id)
		}
	}
	for _, o := range c.offered {
		if o.post == posts[message] && o.label == label {
			return c.tap(ctx, o)
		}
	}
	return "", fmt.Errorf("message %d does not offer %q", message, label)
}

// SendFile implements channeltest.Filing.
func (c *onChat) SendFile(ctx context.Context, id, name string, content []byte, words string) (string, error) {
	post := &model.Post{Message: words}
	if c.ids[id] == "" {
		up, _, err := c.user.Client.UploadFile(ctx, content, c.channel, name)
		if err != nil {
			return "", err
		}
		post.FileIds = []string{up.FileInfos[0].Id}
	}
	return c.deliver(ctx, id, post)
}

// Tell implements channeltest.Telling.
func (c *onChat) Tell(ctx context.Context, reply bot.Reply) error {
	id, _, err := c.events(ctx)
	if err != nil {
		return err
	}
	return tell(ctx, c.app, id, reply)
}

// Code implements channeltest.Mailed.
func (c *onChat) Code(_ context.Context, address string) (string, error) {
	return mailedCode(c, c.chatRoom.site, address), nil
}

// Trouble implements channeltest.Troubled.
func (c *onChat) Trouble(_ context.Context, sort channeltest.Trouble, n int) error {
	c.net.trouble(sort, n)
	return nil
}

// Leave implements channeltest.Leaving.
func (c *onChat) Leave(context.Context) error {
	c.net.leave()
	return nil
}

// Return implements channeltest.Leaving.
func (c *onChat) Return(context.Context) error {
	c.mend()
	c.connected()
	return nil
}

// Gather implements channeltest.Gathering: in a channel of the team.
func (c *onChat) Gather(ctx context.Context) (channeltest.Channel, error) {
	admin := c.server.Admin.Client
	channel, _, err := admin.CreateChannel(ctx, &model.Channel{TeamId: c.server.Team.Id, Type: model.ChannelTypeOpen, Name: "piazza-" + c.user.Username, DisplayName: "Piazza"})
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, who := range []string{c.user.Id, c.bot.UserId} {
		_, _, err := admin.AddChannelMember(ctx, channel.Id, who)
		errs = append(errs, err)
	}
	return &onChat{chatRoom: c.chatRoom, TB: c.TB, user: c.user, channel: channel.Id, public: true, ids: map[string]string{}}, errors.Join(errs...)
}
