package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	tg "github.com/go-telegram/bot"
)

// How updates are asked for.
const (
	batch    = 100              // at once
	longPoll = 25 * time.Second // that Telegram may keep us waiting for the next
	glance   = 150 * time.Millisecond
	restless = 6 * 24 * time.Hour // after a week without updates their numbers begin anew
)

// poll asks for updates until ctx ends. The offset, which tells Telegram what
// to forget, moves over what is stored only.
//
// While one chat's update takes its time, such as a large file, the others'
// are still asked for: Telegram then returns the slow one again and again, and
// answers at once, so we ask at a moderate pace.
func (c *Channel) poll(ctx context.Context) {
	tail := tail{settled: make(chan struct{}, 1)}
	tail.read(c.mark(ctx, c.markOffset()))
	defer func() { // what was stored while we were asked to stop
		c.lanes.running.Wait()
		c.saveOffset(ctx, &tail)
	}()
	var pause pause
	for {
		wait := longPoll
		if tail.pending() {
			wait = 0
		}
		offset := tail.offset(c.Now())
		raw, err := c.api.updates(ctx, offset, wait)
		if ctx.Err() != nil {
			return
		}
		c.note(ctx, "receive", err)
		if err != nil {
			if conflicted(err) { // a webhook that somebody set meanwhile
				_ = c.SetWebhook(ctx)
			}
			if !pause.after(ctx, err) {
				return
			}
			continue
		}
		pause.last = 0
		for _, u := range c.readable(ctx, raw) {
			if !tail.begin(u.ID, c.Now()) {
				continue
			}
			c.lanes.add(ctx, u, func(err error) {
				if err == nil {
					tail.settle(u.ID)
				}
			})
		}
		tail.wait(ctx, glance) // what was just begun is mostly done within moments
		c.saveOffset(ctx, &tail)
		if ctx.Err() != nil {
			return
		}
	}
}

// readable are the updates of a batch in the order of their numbers.
func (c *Channel) readable(ctx context.Context, raw []json.RawMessage) []update {
	var list []update
	for _, one := range raw {
		u, err := readUpdate(one)
		if err != nil {
			c.Log.WarnContext(ctx, "update passed over", "error", err)
			continue
		}
		list = append(list, u)
	}
	slices.SortStableFunc(list, func(a, b update) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// saveOffset keeps the offset if it moved.
func (c *Channel) saveOffset(ctx context.Context, t *tail) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.confirmed == t.saved {
		return
	}
	ctx = context.WithoutCancel(ctx)
	value := strconv.FormatInt(t.confirmed, 10) + " " + t.at.UTC().Format(time.RFC3339)
	if err := c.Engine.Store.SetMark(ctx, ChannelName, c.markOffset(), value); err != nil {
		c.Log.ErrorContext(ctx, "telegram's offset not kept", "error", err) // what is delivered again is known by its ID
		return
	}
	t.saved = t.confirmed
}

// mark reads a mark; one that cannot be read is as good as none.
func (c *Channel) mark(ctx context.Context, name string) string {
	value, err := c.Engine.Store.Mark(ctx, ChannelName, name)
	if err != nil {
		c.Log.ErrorContext(ctx, "telegram's mark not read", "mark", name, "error", err)
	}
	return value
}

func conflicted(err error) bool {
	return errors.Is(err, tg.ErrorConflict) && strings.Contains(err.Error(), "webhook")
}

// tail is the end of the updates that we know of.
type tail struct {
	settled chan struct{} // told when one more is stored; may be nil

	mu        sync.Mutex
	confirmed int64 // up to it all are stored
	saved     int64 // of it the database knows
	at        time.Time
	anew      bool           // numbers may have begun anew
	beyond    []int64        // those beyond, sorted
	open      map[int64]bool // those that are not stored yet
}

// read takes what saveOffset wrote.
func (t *tail) read(mark string) {
	id, at, _ := strings.Cut(mark, " ")
	t.confirmed, _ = strconv.ParseInt(id, 10, 64)
	t.saved = t.confirmed
	t.at, _ = time.Parse(time.RFC3339, at)
}

// offset is the first update to ask for. After a long silence it is none: then
// numbers begin anew, maybe lower, and Telegram returns what it was not told
// to forget.
func (t *tail) offset(now time.Time) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.anew = len(t.open) == 0 && (t.confirmed == 0 || now.Sub(t.at) > restless)
	if t.anew {
		return 0
	}
	return t.confirmed + 1
}

// begin notes an update that came, and reports whether it is to be taken. One
// that should have been forgotten is taken again: it is known by its ID.
func (t *tail) begin(id int64, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[int64]bool{}
	}
	if t.anew {
		t.confirmed, t.anew = id-1, false
	}
	at, known := slices.BinarySearch(t.beyond, id)
	if known || t.open[id] {
		return false
	}
	t.open[id], t.at = true, now
	if id > t.confirmed {
		t.beyond = slices.Insert(t.beyond, at, id)
	}
	return true
}

// settle notes that an update is stored.
func (t *tail) settle(id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, id)
	for len(t.beyond) > 0 && !t.open[t.beyond[0]] {
		t.confirmed, t.beyond = t.beyond[0], t.beyond[1:]
	}
	select {
	case t.settled <- struct{}{}:
	default:
	}
}

// pending reports whether updates are not stored yet.
func (t *tail) pending() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.open) > 0
}

// wait waits until all are stored, but no longer than patience.
func (t *tail) wait(ctx context.Context, patience time.Duration) {
	for timeout := time.After(patience); t.pending(); {
		select {
		case <-t.settled:
		case <-timeout:
			return
		case <-ctx.Done():
			return
		}
	}
}
