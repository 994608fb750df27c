package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
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
	var tail tail
	tail.read(c.mark(ctx, markOffset))
	saved := tail.confirmed
	settled := make(chan int64)
	defer func() { // what was stored while we were asked to stop
		go func() {
			c.lanes.running.Wait()
			close(settled)
		}()
		for id := range settled {
			tail.settle(id)
		}
		if tail.confirmed != saved {
			c.saveOffset(ctx, tail)
		}
	}()
	var pause pause
	for {
		wait := longPoll
		if len(tail.open) > 0 {
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
					settled <- u.ID
				}
			})
		}
		// What was just begun is mostly done within moments.
		for timeout := time.After(glance); len(tail.open) > 0; {
			select {
			case id := <-settled:
				tail.settle(id)
				continue
			case <-timeout:
			case <-ctx.Done():
			}
			break
		}
		if tail.confirmed != saved && c.saveOffset(ctx, tail) {
			saved = tail.confirmed
		}
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

// markOffset is the mark of the last update that is stored, and when it came.
const markOffset = "offset"

func (c *Channel) saveOffset(ctx context.Context, t tail) bool {
	ctx = context.WithoutCancel(ctx)
	value := strconv.FormatInt(t.confirmed, 10) + " " + t.at.UTC().Format(time.RFC3339)
	if err := c.Engine.Store.SetMark(ctx, ChannelName, markOffset, value); err != nil {
		c.Log.ErrorContext(ctx, "telegram's offset not kept", "error", err) // what is delivered again is known by its ID
		return false
	}
	return true
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
	confirmed int64 // up to it all are stored
	at        time.Time
	anew      bool           // numbers may have begun anew
	beyond    []int64        // those beyond, sorted
	open      map[int64]bool // those that are not stored yet
}

// read takes what saveOffset wrote.
func (t *tail) read(mark string) {
	id, at, _ := strings.Cut(mark, " ")
	t.confirmed, _ = strconv.ParseInt(id, 10, 64)
	t.at, _ = time.Parse(time.RFC3339, at)
}

// offset is the first update to ask for. After a long silence it is none: then
// numbers begin anew, maybe lower, and Telegram returns what it was not told
// to forget.
func (t *tail) offset(now time.Time) int64 {
	t.anew = len(t.open) == 0 && (t.confirmed == 0 || now.Sub(t.at) > restless)
	if t.anew {
		return 0
	}
	return t.confirmed + 1
}

// begin notes an update that came, and reports whether it is to be taken. One
// that should have been forgotten is taken again: it is known by its ID.
func (t *tail) begin(id int64, now time.Time) bool {
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
	delete(t.open, id)
	for len(t.beyond) > 0 && !t.open[t.beyond[0]] {
		t.confirmed, t.beyond = t.beyond[0], t.beyond[1:]
	}
}
