// Package telegramtest is a double of Telegram's Bot API on loopback, with the
// people who write to the bot. Tests of several packages use it.
//
// It keeps to what the real server does where a bot could notice: bodies in
// every encoding, long polling with its offsets and conflicts, webhooks with
// their secret, order and repetition, limits counted after parsing, refusals
// with Telegram's status and words. Where the real server wants HTTPS, it takes
// HTTP on loopback, as a Bot API server run locally does.
//
// People act through Person, and what they see is read from a Chat. Faults are
// injected by Inject, from a seed, and counted.
package telegramtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Double is one bot at Telegram's, and everybody who can write to it.
type Double struct {
	URL      string // of the API, without a slash at the end
	Token    string // the bot's, until it is revoked
	Username string // the bot's, without the @
	BotID    int64

	address string

	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, whenever something changed
	server   *http.Server
	token    string // the one that opens now
	privacy  bool
	working  int // calls under way that are no long polls
	accepted int // of them, those that were done and not answered yet

	chats  map[int64]*Chat
	users  map[int64]*Person
	nextID map[int64]int64 // last number of a message, by chat
	files  map[string]*file
	taps   map[string]tapped // callback queries
	calls  map[string]int

	queue    queue
	hook     webhook
	profile  profile
	faults   Faults
	dice     *rand.Rand
	injected map[Fault]int
	lost     int
	acts     []Act
}

// tapped is how far a tap got.
type tapped int

const (
	tapOpen tapped = iota + 1
	tapAnswered
	tapExpired
)

// Act is a call that shows people something which does not stay: a sign that
// the bot is typing, a notice over a button.
type Act struct {
	Method string
	Chat   int64
	Text   string
	Alert  bool
}

// Start runs a double until the test ends.
func Start(t testing.TB) *Double {
	t.Helper()
	d := &Double{
		Username: "SportelloBot", BotID: 7_100_200_300, changed: make(chan struct{}), privacy: true,
		chats: map[int64]*Chat{}, users: map[int64]*Person{}, nextID: map[int64]int64{}, files: map[string]*file{}, taps: map[string]tapped{},
		calls: map[string]int{}, injected: map[Fault]int{}, dice: rand.New(rand.NewPCG(1, 1)),
	}
	d.queue.next = 810_000_000
	d.Token = fmt.Sprintf("%d:AAE-double-of-a-token-for-tests-000", d.BotID)
	d.token = d.Token
	d.profile.commands = map[string][]command{}
	d.profile.texts = map[string]string{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.address = listener.Addr().String()
	d.URL = "http://" + d.address
	d.serve(listener)
	t.Cleanup(d.stop)
	return d
}

func (d *Double) serve(listener net.Listener) {
	server := &http.Server{Handler: http.HandlerFunc(d.answer), ReadHeaderTimeout: time.Minute}
	d.mu.Lock()
	d.server = server
	d.mu.Unlock()
	go func() { _ = server.Serve(listener) }() // it ends when it is closed
}

func (d *Double) stop() {
	d.Leave()
	d.mu.Lock()
	ended := d.hook.end()
	d.mu.Unlock()
	<-ended
}

// Leave makes the server unreachable: whoever waits for it is cut off, and
// nobody gets a connection until Return. What it accepted it answers first.
func (d *Double) Leave() {
	d.mu.Lock()
	server := d.server
	d.server = nil
	for d.accepted > 0 {
		changed := d.changed
		d.mu.Unlock()
		<-changed
		d.mu.Lock()
	}
	d.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
}

// Return makes the server reachable again, at its address.
func (d *Double) Return(t testing.TB) {
	t.Helper()
	var listener net.Listener
	var err error
	for range 100 { // the port is ours, but the system may need a moment to see it free
		if listener, err = net.Listen("tcp", d.address); err == nil {
			d.serve(listener)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal(err)
}

// Revoke makes the token worthless, as BotFather does, and returns the new one.
func (d *Double) Revoke() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.token += "-revoked"
	return d.token
}

// SetPrivacy says whether the bot hears in groups only what is meant for it,
// which is so unless BotFather is told otherwise.
func (d *Double) SetPrivacy(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.privacy = on
}

// Calls tells how often a method was called, whatever it was answered.
func (d *Double) Calls(method string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls[method]
}

// Acts are the fleeting things that people were shown, oldest first.
func (d *Double) Acts() []Act {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Act(nil), d.acts...)
}

// Until waits until what holds, asking again whenever something changed here.
// what must not call methods that wait.
func (d *Double) Until(ctx context.Context, what func() bool) error {
	for {
		d.mu.Lock()
		changed := d.changed
		d.mu.Unlock()
		if what() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// Settled waits until every update was taken and no call is under way.
func (d *Double) Settled(ctx context.Context) error {
	return d.Until(ctx, func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.working == 0 && len(d.queue.waiting)+len(d.queue.again) == 0 && d.hook.underWay == 0
	})
}

// Quiet waits until no call is under way; updates may still wait.
func (d *Double) Quiet(ctx context.Context) error {
	return d.Until(ctx, func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.working == 0
	})
}

// change wakes who waits. The lock is held.
func (d *Double) change() {
	close(d.changed)
	d.changed = make(chan struct{})
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
