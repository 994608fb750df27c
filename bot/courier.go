package bot

import (
	"context"
	"errors"
	"log/slog"
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

// ErrHopeless says that a letter can never be delivered: no such mailbox, a
// chat that blocked us.
var ErrHopeless = errors.New("the platform refuses it for good")

// Courier delivers letters in the order they were stored, each recipient's one
// after the other. What fails is tried again with growing pauses; what is
// hopeless is parked.
type Courier struct {
	Store   Store
	Senders map[string]Sender // by channel
	Log     *slog.Logger
	Now     func() time.Time
	Woken   <-chan struct{} // letters were stored
}

// How often, and after how long, a letter is tried again.
const (
	mostAttempts = 12
	firstPause   = 2 * time.Second
	longestPause = 30 * time.Minute
	perRound     = 32
)

// Run delivers until ctx is done.
func (c *Courier) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		n, err := c.Round(ctx)
		if err != nil && ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "letters not listed", "error", err)
		}
		if n >= perRound {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.Woken:
		case <-tick.C:
		}
	}
}

// Round tries every letter that is due once, different recipients side by
// side, and returns how many it tried. Letters of channels that it has no
// sender for are somebody else's.
func (c *Courier) Round(ctx context.Context) (int, error) {
	var all sync.WaitGroup
	defer all.Wait()
	tried := 0
	for channel, sender := range c.Senders {
		due, err := c.Store.Due(ctx, channel, c.Now(), perRound)
		if err != nil {
			return tried, err
		}
		tried += len(due)
		for _, letter := range due {
			all.Go(func() { c.deliver(ctx, sender, letter) })
		}
	}
	return tried, nil
}

func (c *Courier) deliver(ctx context.Context, sender Sender, letter Outgoing) {
	id, err := sender.Send(ctx, letter)
	if err == nil {
		if err := c.Store.Delivered(ctx, letter.ID, id, c.Now()); err != nil {
			c.Log.ErrorContext(ctx, "delivery not recorded", "letter", letter.ID, "error", err)
		}
		return
	}
	if ctx.Err() != nil {
		return // it stays due
	}
	next := c.Now().Add(min(firstPause<<min(letter.Attempts, 20), longestPause))
	if errors.Is(err, ErrHopeless) || letter.Attempts+1 >= mostAttempts {
		next = time.Time{}
	}
	c.Log.WarnContext(ctx, "letter not delivered", "letter", letter.ID, "channel", letter.Channel, "attempt", letter.Attempts+1, "parked", next.IsZero(), "error", err)
	if err := c.Store.Failed(ctx, letter.ID, err.Error(), next); err != nil {
		c.Log.ErrorContext(ctx, "failure not recorded", "letter", letter.ID, "error", err)
	}
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
