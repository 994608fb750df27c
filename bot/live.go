package bot

import (
	"context"
	"time"
)

// live is what the engine remembers of a conversation between turns: nothing
// that could not be read again.
type live struct {
	known    bool
	conv     Conversation // valid if known
	busy     bool         // a goroutine answers its messages
	again    bool         // a message came while busy
	watchers map[chan struct{}]bool
	typed    time.Time // when an operator was last seen to write
}

// mostLive conversations are remembered; idle ones beyond are read again.
const mostLive = 5_000

// remembered returns the entry of id; e.mu is held.
func (e *Engine) remembered(id ConversationID) *live {
	if l := e.live[id]; l != nil {
		return l
	}
	if len(e.live) >= mostLive {
		for old, l := range e.live {
			if !l.busy && len(l.watchers) == 0 {
				delete(e.live, old)
			}
		}
	}
	l := &live{watchers: map[chan struct{}]bool{}}
	e.live[id] = l
	return l
}

func (e *Engine) forget(id ConversationID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l := e.live[id]; l != nil {
		l.known = false
	}
}

// changed updates what is remembered of a conversation and wakes its watchers.
func (e *Engine) changed(id ConversationID, update func(*live)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.live[id]
	if l == nil {
		return
	}
	if update != nil {
		update(l)
	}
	for w := range l.watchers {
		select {
		case w <- struct{}{}:
		default: // it has a wake-up waiting already
		}
	}
}

// Watch returns a channel that gets a value after something was added to the
// conversation, and a function that ends the watch.
func (e *Engine) Watch(id ConversationID) (<-chan struct{}, func()) {
	w := make(chan struct{}, 1)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.remembered(id).watchers[w] = true
	return w, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if l := e.live[id]; l != nil {
			delete(l.watchers, w)
		}
	}
}

// Wait returns when the message of this seq was answered.
func (e *Engine) Wait(ctx context.Context, id ConversationID, seq int64) error {
	woken, stop := e.Watch(id)
	defer stop()
	for {
		record, err := e.Store.Conversation(ctx, id)
		if err != nil {
			return err
		}
		if record.Handled >= seq {
			return nil
		}
		select {
		case <-woken:
		case <-time.After(5 * time.Second): // another process may have answered
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
