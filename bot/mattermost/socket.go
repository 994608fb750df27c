package mattermost

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
	"golang.org/x/sync/errgroup"
)

// How a connection is kept.
const (
	helloTime   = 10 * time.Second
	probeEvery  = 5 * time.Second
	probeTime   = 8 * time.Second
	lookEvery   = 2 * time.Minute // for posts that no event told of; less than overlap
	firstPause  = 250 * time.Millisecond
	longPause   = 15 * time.Second
	refusedTime = 10 * time.Second // between looks whether there is a new token
	mostUnread  = 50_000           // events that wait; the rest is caught up with
)

// Run takes in what people post until ctx is done and nothing is under way. It
// connects again for as long as it takes: Health tells how that goes, and the
// log once each time something changes.
func (c *Channel) Run(ctx context.Context) error {
	in := newIntake(c, ctx)
	defer in.wait()
	pause := firstPause
	for ctx.Err() == nil {
		begin := time.Now()
		err := c.session(ctx, in)
		if ctx.Err() != nil {
			break
		}
		c.lost(ctx, err)
		if errors.Is(err, ErrRevoked) {
			c.hangUp() // somebody may write a new one
			pause = refusedTime
		} else if time.Since(begin) > time.Minute {
			pause = firstPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(2*pause, longPause)
	}
	c.health.set(false, nil)
	return nil
}

// lost notes that there is no connection, and says so if that is news.
func (c *Channel) lost(ctx context.Context, err error) {
	sort := error(nil)
	for _, known := range []error{ErrRevoked, ErrServerAway} {
		if errors.Is(err, known) {
			sort = known
			break
		}
	}
	if sort == nil {
		sort = errors.New("the connection is lost")
	}
	if !c.health.set(false, sort) {
		return
	}
	if errors.Is(err, ErrRevoked) {
		c.Log.ErrorContext(ctx, "Mattermost refuses us", "error", err)
		return
	}
	c.Log.WarnContext(ctx, "Mattermost is away", "error", err)
}

// session is one connection: it catches up, then takes in what comes, until the
// connection fails.
func (c *Channel) session(ctx context.Context, in *intake) error {
	k, err := c.client(ctx)
	if err != nil {
		return err
	}
	now, err := probe(ctx, k) // before a dial that nothing bounds
	if err != nil {
		return err
	}
	in.clock(now)
	s, err := c.dial(ctx, k)
	if err != nil {
		return err
	}
	defer s.close()
	in.hold()
	missed := c.catchUp(ctx, k, in)
	if missed != nil && !errors.Is(missed, errUnread) {
		return missed
	}
	if c.health.set(true, c.wrong(ctx, missed)) {
		c.Log.InfoContext(ctx, "connected to Mattermost", "url", c.Config.URL, "bot", k.me.Username)
	}
	failures := make(chan error, 1)
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	defer watch.Wait()
	var writing errgroup.Group
	writing.SetLimit(writersAtOnce)
	defer func() { _ = writing.Wait() }() // there is nothing to fail
	defer stop()
	watch.Go(func() { failures <- c.watch(watching, k, in) })
	for {
		for _, event := range s.unread() {
			if a, is := read(event); is {
				in.add(a)
				continue
			}
			c.passOn(watching, event, &writing)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-failures:
			return err
		case <-s.woken:
		case <-s.over:
			return fmt.Errorf("%w: %w", ErrServerAway, s.why())
		}
	}
}

// watch returns when the server does not answer, or refuses us. It also looks for
// posts that no event told of.
func (c *Channel) watch(ctx context.Context, k *client, in *intake) error {
	looked := time.Now()
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		now, err := probe(ctx, k)
		if err != nil {
			return err
		}
		in.clock(now)
		if time.Since(looked) < lookEvery && !(in.isHeld() && time.Since(looked) > longPause) {
			continue
		}
		looked = time.Now()
		before := in.isHeld()
		missed := c.catchUp(ctx, k, in)
		if errors.Is(missed, errUnread) || missed == nil && before {
			c.health.set(true, c.wrong(ctx, missed))
		} else if missed != nil && ctx.Err() == nil {
			c.Log.WarnContext(ctx, "missed posts not looked for", "error", missed)
		}
	}
}

// wrong is what Health tells while there is a connection.
func (c *Channel) wrong(ctx context.Context, missed error) error {
	if missed != nil {
		c.Log.WarnContext(ctx, "missed posts not read", "error", missed)
		return errUnread
	}
	return c.distrust(ctx)
}

// probe fails if the server does not answer in time, or refuses us; that it wants
// to be asked less is no failure. It returns the server's time, 0 if that is not
// told.
func probe(ctx context.Context, k *client) (now int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	now, err = k.now(ctx)
	if errors.Is(err, ErrServerAway) || errors.Is(err, ErrRevoked) {
		return 0, err
	}
	return now, nil
}

// socket is a connection on which everything is read as it comes: a client that
// leaves one of its channels unread is cut off.
type socket struct {
	open  *model.WebSocketClient
	woken chan struct{} // there is something unread
	over  chan struct{} // closed when nothing more comes

	mu      sync.Mutex
	waiting []*model.WebSocketEvent
	failure error
}

// dial opens a connection and waits until the server greets us.
func (c *Channel) dial(ctx context.Context, k *client) (*socket, error) {
	type dialled struct {
		open *model.WebSocketClient
		err  error
	}
	done := make(chan dialled, 1)
	go func() {
		open, err := model.NewWebSocketClient4("ws"+strings.TrimPrefix(c.Config.URL, "http"), k.AuthToken)
		done <- dialled{open, err}
	}()
	patience, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	var s *socket
	select {
	case d := <-done:
		if d.err != nil {
			return nil, fmt.Errorf("%w: %w", ErrServerAway, d.err)
		}
		s = listen(d.open)
	case <-patience.Done():
		go func() { // it may still be dialling
			if d := <-done; d.err == nil {
				d.open.Close()
			}
		}()
		return nil, fmt.Errorf("%w: no connection in %s", ErrServerAway, helloTime)
	}
	for {
		select {
		case <-s.woken:
			if s.greeted() {
				return s, nil
			}
		case <-s.over:
			s.close()
			return nil, fmt.Errorf("%w: %w", ErrServerAway, s.why())
		case <-patience.Done():
			s.close()
			return nil, fmt.Errorf("%w: no greeting in %s", ErrServerAway, helloTime)
		}
	}
}

// listen reads a connection to its end.
func listen(open *model.WebSocketClient) *socket {
	s := &socket{open: open, woken: make(chan struct{}, 1), over: make(chan struct{})}
	open.Listen()
	go func() {
		defer close(s.over)
		for event := range open.EventChannel {
			s.keep(event)
		}
		if open.ListenError != nil {
			s.fail(open.ListenError)
		}
	}()
	go func() {
		for response := range open.ResponseChannel {
			if response.Error != nil { // we ask for nothing but to be let in
				s.fail(fmt.Errorf("the server refuses the connection: %s", response.Error.Id))
				s.close()
			}
		}
	}()
	go func() {
		for {
			select {
			case <-open.PingTimeoutChannel:
				s.fail(errors.New("the server fell silent"))
				s.close()
			case <-s.over:
				return
			}
		}
	}()
	return s
}

func (s *socket) keep(event *model.WebSocketEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == mostUnread {
		if s.failure == nil {
			s.failure = errors.New("too many events wait")
			s.close()
		}
		return
	}
	s.waiting = append(s.waiting, event)
	select {
	case s.woken <- struct{}{}:
	default: // it was told already
	}
}

// unread are the events since the last call.
func (s *socket) unread() []*model.WebSocketEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := s.waiting
	s.waiting = nil
	return events
}

func (s *socket) greeted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, event := range s.waiting {
		if event.EventType() == model.WebsocketEventHello {
			return true
		}
	}
	return false
}

func (s *socket) fail(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure == nil {
		s.failure = why
	}
}

// why is what ended the connection.
func (s *socket) why() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure == nil {
		return errors.New("the server closed the connection")
	}
	return s.failure
}

// close ends the connection; it may hang in a write, so nobody waits for it.
func (s *socket) close() { go s.open.Close() }
