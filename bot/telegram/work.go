package telegram

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"

	"sportello/internal/fault"
)

// tries of an update before it is passed over: whoever writes next must not
// wait for it for ever.
const tries = 5

// fails counts the tries of updates that Telegram sends again and again.
type fails struct {
	mu    sync.Mutex
	times map[int64]int // by update
}

// mostFails are remembered; they are few, or something else is wrong.
const mostFails = 10_000

// add counts one more failure of an update.
func (f *fails) add(id int64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.times == nil || len(f.times) > mostFails {
		f.times = map[int64]int{}
	}
	f.times[id]++
	return f.times[id]
}

func (f *fails) forget(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.times, id)
}

// work takes an update, or all of an album. An error means that it is to be
// delivered again; while polling there is nobody who would, so we try until
// it works or ctx ends.
func (c *Channel) work(ctx context.Context, updates []update) error {
	first := updates[0]
	var pause pause
	for {
		err := c.takeOnce(ctx, updates)
		if err != nil && ctx.Err() == nil && !fault.Is(err, fault.Unavailable) && c.fails.add(first.ID) >= tries {
			why := err
			if err = c.passOver(ctx, first); err == nil {
				c.Log.ErrorContext(ctx, "update passed over", "update", first.ID, "error", why)
			}
		}
		if err == nil {
			c.fails.forget(first.ID)
			return nil
		}
		if ctx.Err() != nil || c.Config.Mode == Webhook {
			return err
		}
		c.Log.WarnContext(ctx, "update not taken", "update", first.ID, "error", err)
		if !pause.after(ctx, err) {
			return err
		}
	}
}

// takeOnce takes an update; a defect of ours in it is a failure like others.
func (c *Channel) takeOnce(ctx context.Context, updates []update) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Log.ErrorContext(ctx, "update panicked", "update", updates[0].ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("taking update %d panicked", updates[0].ID)
		}
	}()
	first := updates[0]
	switch {
	case first.broken:
		return c.passOver(ctx, first)
	case first.Message != nil:
		return c.takeMessage(ctx, updates)
	case first.CallbackQuery != nil:
		return c.takeTap(ctx, first.CallbackQuery)
	case first.MyChatMember != nil:
		return c.takeMembership(ctx, first.MyChatMember)
	}
	return nil
}

// passOver gives an update up, and tells whoever wrote it. It fails as long as
// nothing can be stored: then the update is not to blame, and still waits.
func (c *Channel) passOver(ctx context.Context, u update) error {
	if err := c.Engine.Store.SetMark(ctx, ChannelName, markPassed, strconv.FormatInt(u.ID, 10)); err != nil {
		return err
	}
	if u.Message == nil || u.Message.From == nil || u.Message.From.IsBot || u.Message.Chat.Type != private {
		return nil
	}
	from, err := c.sender(ctx, u.Message)
	if err != nil {
		return err
	}
	return c.tell(ctx, from, c.messageID(u.Message), "telegram.passed_over", nil)
}
