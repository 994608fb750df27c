package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	chance "math/rand/v2"
	"sync"
	"time"
)

// Sender is a channel that must be sent to.
type Sender interface {
	// Send hands a letter to the platform and returns the platform's ID of it.
	// It may be called again with the same letter after a failure. An error
	// that wraps ErrHopeless means that trying again is no use.
	Send(ctx context.Context, letter Outgoing) (platformID string, err error)
}

// What a Sender may say of a failure; other errors count as attempts.
var (
	// ErrHopeless says that a letter can never be delivered: no such mailbox.
	ErrHopeless = errors.New("the platform refuses it for good")

	// ErrBlocked says that the chat takes nothing from us any more.
	ErrBlocked = fmt.Errorf("the chat blocked us: %w", ErrHopeless)

	// ErrAway says that the platform cannot be reached. That costs a letter no
	// attempt; it is given up only when it expires.
	ErrAway = errors.New("the platform cannot be reached")
)

// Postponed says that the platform did not take a letter, and wants to be left
// in peace for a while. It counts as no attempt.
type Postponed struct {
	After  time.Duration
	Err    error // what it said
	Partly bool  // it took a part of the letter before
}

func (p Postponed) Error() string { return fmt.Sprintf("asked to wait for %s: %v", p.After, p.Err) }

func (p Postponed) Unwrap() error { return p.Err }

// Courier delivers letters in the order they were stored, each recipient's one
// after the other, different recipients side by side. What fails is tried
// again with growing pauses; what is hopeless is parked. A letter is recorded
// as delivered after the platform took it: if the process is killed in
// between, the next one sends it again, under the same ID. A letter is claimed
// for as long as an attempt may last, so of several processes one sends it.
type Courier struct {
	Store   Store
	Senders map[string]Sender // by channel
	Log     *slog.Logger
	Now     func() time.Time
	Woken   <-chan struct{} // letters were stored

	// GivenUp hears of each letter that is to be parked, maybe more than once.
	// It may be nil.
	GivenUp func(ctx context.Context, letter Outgoing) error

	mu   sync.Mutex
	busy map[recipient]bool
	sent map[string]string // letter → platform's ID: taken by the platform, not recorded yet
}

// recipient is who gets one letter at a time.
type recipient struct{ channel, to string }

// How often, and after how long, a letter is tried again.
const (
	mostAttempts = 12
	firstPause   = 2 * time.Second
	longestPause = 30 * time.Minute
	sideBySide   = 32 // letters under way in one channel

	longestAttempt = 75 * time.Second
	claimFor       = longestAttempt + 15*time.Second // who was killed meanwhile holds a letter back no longer

	sweep = time.Minute // between looks for letters of no more use

	awayPause = 2 * time.Second // and up to twice as long, until a platform is looked for again
)

// Run delivers until ctx is done and no delivery is under way.
func (c *Courier) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	settled := make(chan struct{}, 1) // the next letter of its recipient may go
	var underWay sync.WaitGroup
	defer underWay.Wait()
	var swept time.Time
	for {
		if now := c.Now(); now.Sub(swept) >= sweep {
			swept = now
			if err := c.Store.Expire(ctx, now); err != nil && ctx.Err() == nil {
				c.Log.ErrorContext(ctx, "letters of no more use not parked", "error", err)
			}
		}
		if _, err := c.begin(ctx, &underWay, settled); err != nil && ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "letters not listed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.Woken:
		case <-settled:
		case <-tick.C:
		}
	}
}

// Round tries letters that are due, each recipient's oldest once, and returns
// how many it tried when all are through. Letters of channels that it has no
// sender for are somebody else's. It is not for use while Run runs.
func (c *Courier) Round(ctx context.Context) (int, error) {
	var underWay sync.WaitGroup
	defer underWay.Wait()
	return c.begin(ctx, &underWay, make(chan struct{}, 1))
}

// begin starts the delivery of what is due to recipients who get none yet.
func (c *Courier) begin(ctx context.Context, underWay *sync.WaitGroup, settled chan struct{}) (begun int, err error) {
	// Who is busy is asked first: a letter that is recorded while we list
	// what is due must not look as if it were still to be sent.
	c.mu.Lock()
	busy, inChannel := maps.Clone(c.busy), map[string]int{}
	c.mu.Unlock()
	for to := range busy {
		inChannel[to.channel]++
	}
	for channel, sender := range c.Senders {
		free := sideBySide - inChannel[channel]
		if free <= 0 {
			continue
		}
		due, err := c.Store.Due(ctx, channel, c.Now(), sideBySide)
		if err != nil {
			return begun, err
		}
		for _, letter := range due {
			to := recipient{letter.Channel, letter.To}
			if busy[to] || free == 0 {
				continue
			}
			free--
			begun++
			c.occupy(to, true)
			underWay.Go(func() {
				recorded := c.deliver(ctx, sender, letter)
				c.occupy(to, false)
				if recorded {
					select {
					case settled <- struct{}{}:
					default: // it was told already
					}
				}
			})
		}
	}
	return begun, nil
}

func (c *Courier) occupy(to recipient, busy bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !busy {
		delete(c.busy, to)
		return
	}
	if c.busy == nil {
		c.busy = map[recipient]bool{}
	}
	c.busy[to] = true
}

// deliver tries a letter once and reports whether the outcome was recorded.
func (c *Courier) deliver(ctx context.Context, sender Sender, letter Outgoing) bool {
	now := c.Now()
	switch claimed, err := c.Store.Claim(ctx, letter.ID, now, now.Add(claimFor)); {
	case err != nil:
		if ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "letter not claimed", "letter", letter.ID, "error", err)
		}
		return false
	case !claimed:
		return false // somebody else has it
	}
	err := c.send(ctx, sender, letter)
	if err == nil && c.record(ctx, letter) {
		return true
	}
	if err == nil || ctx.Err() != nil { // not recorded, or we are asked to stop: it stays due
		if err := c.Store.Release(context.WithoutCancel(ctx), letter.ID); err != nil {
			c.Log.ErrorContext(ctx, "claim not ended", "letter", letter.ID, "error", err)
		}
		return false
	}
	if waited, recorded := c.postpone(ctx, letter, err); waited {
		return recorded
	}
	if errors.Is(err, ErrBlocked) {
		if err := c.Store.Block(ctx, letter.Channel, letter.To, c.Now()); err != nil {
			c.Log.ErrorContext(ctx, "blocked chat not noted", "letter", letter.ID, "error", err)
		}
	}
	next := c.Now().Add(min(firstPause<<min(letter.Attempts, 20), longestPause))
	if errors.Is(err, ErrHopeless) || letter.Attempts+1 >= mostAttempts {
		next = time.Time{}
	}
	if next.IsZero() && c.GivenUp != nil {
		if err := c.GivenUp(ctx, letter); err != nil && ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "nobody told that a letter is given up", "letter", letter.ID, "error", err)
		}
	}
	c.Log.WarnContext(ctx, "letter not delivered", "letter", letter.ID, "channel", letter.Channel, "attempt", letter.Attempts+1, "parked", next.IsZero(), "error", err)
	if err := c.Store.Failed(ctx, letter.ID, err.Error(), next); err != nil {
		c.Log.ErrorContext(ctx, "failure not recorded", "letter", letter.ID, "error", err)
		return false
	}
	return true
}

// postpone puts off a letter that the platform was not there for, or did not
// want yet. The channel itself says once that its platform is away.
func (c *Courier) postpone(ctx context.Context, letter Outgoing, why error) (waited, recorded bool) {
	var asked Postponed
	pause, busy := awayPause+chance.N(awayPause), errors.As(why, &asked)
	switch {
	case busy:
		pause = asked.After
	case !errors.Is(why, ErrAway):
		return false, false
	}
	refused := busy && !asked.Partly && !letter.Doubtful // that it takes nothing now says nothing of what it took before
	c.Log.DebugContext(ctx, "letter put off", "letter", letter.ID, "channel", letter.Channel, "for", pause, "error", why)
	if err := c.Store.Postpone(ctx, letter.ID, why.Error(), c.Now().Add(pause), refused); err != nil {
		c.Log.ErrorContext(ctx, "letter not put off", "letter", letter.ID, "error", err)
		return true, false
	}
	return true, true
}

// send hands a letter to the platform, unless it has it and only we could not
// write that down.
func (c *Courier) send(ctx context.Context, sender Sender, letter Outgoing) error {
	c.mu.Lock()
	_, taken := c.sent[letter.ID]
	c.mu.Unlock()
	if taken {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, longestAttempt)
	defer cancel()
	id, err := sender.Send(ctx, letter)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent == nil {
		c.sent = map[string]string{}
	}
	c.sent[letter.ID] = id
	return nil
}

// record writes down that the platform has a letter, also when we are asked to
// stop: else it would be sent again.
func (c *Courier) record(ctx context.Context, letter Outgoing) bool {
	c.mu.Lock()
	id := c.sent[letter.ID]
	c.mu.Unlock()
	if err := c.Store.Delivered(context.WithoutCancel(ctx), letter.ID, id, c.Now()); err != nil {
		c.Log.ErrorContext(ctx, "delivery not recorded", "letter", letter.ID, "error", err)
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sent, letter.ID)
	return true
}

// WakeCourier tells the courier that letters were stored.
func (e *Engine) WakeCourier() {
	select {
	case e.courier <- struct{}{}:
	default: // it will look anyway
	}
}

// Letters is what a Courier waits for.
func (e *Engine) Letters() <-chan struct{} { return e.courier }
