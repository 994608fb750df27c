package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/internal/mattermostpeer"

	"github.com/mattermost/mattermost/server/public/model"
)

// How fast a reply has to be: where a machine is so slow that Mattermost alone
// takes most of it, what counts is the ratio to Mattermost's own time.
const (
	replyBar   = 100 * time.Millisecond // median, from a person's post to the reply on their socket
	slowEchoes = 6                      // and never more than so many times what the server needs to tell a post,
	slowSyncs  = 6                      // and what the disk needs to keep as many things: three are kept before a reply is sent
	timedPosts = 200
)

// timedQuestions have one reply each: small talk, articles, and questions back.
var timedQuestions = []string{
	"grazie", "la stampante non stampa", "come si cambia la password?", "sei un robot?", "la vpn non si collega", "non riesco ad accedere alla posta",
}

// watcher lets a service through to a Mattermost server, and notes when it sends
// a post. It costs less than a millisecond.
type watcher struct {
	mu    sync.Mutex
	posts map[string]time.Time // by letter
}

func (w *watcher) through(t *testing.T) func(string) string {
	return func(server string) string {
		target, err := url.Parse(server)
		if err != nil {
			t.Fatal(err)
		}
		proxy := httputil.NewSingleHostReverseProxy(target)
		s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.URL.Path == "/api/v4/posts" {
				w.note(r)
			}
			proxy.ServeHTTP(out, r)
		}))
		t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
		return s.URL
	}
}

func (w *watcher) note(r *http.Request) {
	at := time.Now()
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var post model.Post
	_ = json.Unmarshal(body, &post) // the server refuses what is none
	w.mu.Lock()
	defer w.mu.Unlock()
	w.posts[letterIn(&post)] = at
}

// TestAReplyOnMattermostTakesLessThanATenthOfASecond prints what a reply takes,
// and how much of that is the service's: from when Mattermost tells a bot of the
// post until the service sends the reply.
func TestAReplyOnMattermostTakesLessThanATenthOfASecond(t *testing.T) {
	watch := &watcher{posts: map[string]time.Time{}}
	c := converse(t, watch.through(t))
	anna := c.server.User("anna.verdi", "anna.verdi@giustizia.it", "it")
	channel, hers := anna.DirectTo(c.bot.UserId), anna.Listen()
	ears, err := mattermostpeer.Listen(c.server.Socket(), c.token)
	if err != nil {
		t.Fatal(err)
	}
	defer ears.Close()
	anna.Post(channel, "", "buongiorno")
	said := 0 // replies, of which the last
	next := func() mattermostpeer.Heard {
		t.Helper()
		met := 0
		reply, err := hers.AwaitPost(func(p *model.Post) bool {
			if p.UserId == c.bot.UserId {
				met++
			}
			return met > said
		})
		if err != nil {
			t.Fatal(err)
		}
		said++
		return reply
	}
	next() // who it is
	next() // good morning
	var whole, echo, ours []time.Duration
	for i := range timedPosts {
		begin := time.Now()
		asked := anna.Post(channel, "", timedQuestions[i%len(timedQuestions)])
		reply := next()
		is := func(p *model.Post) bool { return p.Id == asked.Id }
		heard, err := ears.AwaitPost(is)
		if err != nil {
			t.Fatal(err)
		}
		own, err := hers.AwaitPost(is)
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, reply.At.Sub(begin))
		echo = append(echo, own.At.Sub(begin))
		watch.mu.Lock()
		sent, noted := watch.posts[letterIn(reply.Post)]
		watch.mu.Unlock()
		if !noted {
			t.Fatalf("reply %q was not seen on its way", letterIn(reply.Post))
		}
		ours = append(ours, max(0, sent.Sub(heard.At)))
	}
	disk, err := fsyncTimes(c.data, timedPosts)
	if err != nil {
		t.Fatal(err)
	}
	kept := time.Duration(disk.median * float64(time.Millisecond))
	t.Logf("%d posts: a reply after %s; of these ours %s; Mattermost tells a post after %s, the disk keeps something in %s", timedPosts, inTime(whole), inTime(ours), inTime(echo), kept)
	if m := middle(whole); m >= replyBar && m >= slowEchoes*middle(echo)+slowSyncs*kept {
		t.Errorf("the median is %s, the bar %s or %d times Mattermost's %s and %d times the disk's %s", m, replyBar, slowEchoes, middle(echo), slowSyncs, kept)
	}
	posts, _, err := anna.Client.GetPostsForChannel(t.Context(), channel, 0, 1, "", false, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range posts.Posts { // so none had two replies, or the figures are off by one
		if p.UserId != c.bot.UserId || !strings.Contains(p.Id, posts.Order[0]) {
			t.Errorf("the last post is %q", p.Message)
		}
	}
	if got := len(repliesIn(hers, c.bot.UserId)); got != said {
		t.Errorf("there are %d replies, %d were timed", got, said)
	}
}

// repliesIn are what a user with this ID posted, as a socket heard it.
func repliesIn(s *mattermostpeer.Socket, user string) (all []*model.Post) {
	for _, h := range s.Heard() {
		if h.EventType() == model.WebsocketEventPosted && h.Post.UserId == user {
			all = append(all, h.Post)
		}
	}
	return all
}

// letterIn is the letter that a post of ours brings, or nothing.
func letterIn(p *model.Post) string {
	letter, _ := p.GetProp("sportello").(string)
	return letter
}

func middle(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2].Round(10 * time.Microsecond)
}

// inTime tells the median and the 99th percentile.
func inTime(all []time.Duration) string {
	sorted := slices.Sorted(slices.Values(all))
	return middle(all).String() + " (p99 " + sorted[len(sorted)*99/100].Round(10*time.Microsecond).String() + ")"
}
