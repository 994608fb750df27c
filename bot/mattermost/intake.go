package mattermost

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// What the channel remembers, in milliseconds of the server's time.
const (
	mark      = "last"  // every post up to it is taken in
	firstMark = "first" // what was posted before there was a channel is of no interest
)

// How arrivals are worked on.
const (
	sideBySide = 16 // channels of the server
	mostTries  = 3  // of what makes us panic, or asks the server for what it never does
	longestTry = 20 * time.Second
	markEvery  = time.Second
)

// intake works on arrivals, those of one channel of the server one after the
// other, and knows up to when all of them are taken in.
type intake struct {
	c       *Channel
	ctx     context.Context
	slots   chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	lanes   map[string][]arrival // by channel: what waits, while its worker runs
	open    map[string]int64     // posts that are not taken in: when they were posted
	known   recent[struct{}]     // posts that came before
	held    bool                 // there may be posts that we know nothing of
	reached int64                // the latest post that we know of, as it is dated
	now     int64                // the server's time when we last asked
	unread  map[string]int       // channels that could not be read: how often in a row
	marked  int64                // what the store remembers
	first   int64                // so is this
}

func newIntake(c *Channel, ctx context.Context) *intake {
	in := &intake{c: c, ctx: ctx, slots: make(chan struct{}, sideBySide), lanes: map[string][]arrival{}, open: map[string]int64{}, unread: map[string]int{}, held: true}
	in.running.Go(in.remember)
	return in
}

// wait returns when nothing is under way any more, after the context is done.
func (in *intake) wait() {
	in.running.Wait()
	in.save(context.WithoutCancel(in.ctx))
}

// add takes an arrival up, unless it did before.
func (in *intake) add(a arrival) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if a.post != nil {
		if _, came := in.known.get(a.post.Id); came {
			return
		}
		in.known.put(a.post.Id, struct{}{})
		in.open[a.post.Id] = a.post.CreateAt
		in.reached = max(in.reached, a.post.CreateAt)
	}
	lane, busy := in.lanes[a.channel()]
	in.lanes[a.channel()] = append(lane, a)
	if !busy {
		in.running.Go(func() { in.work(a.channel()) })
	}
}

// work takes in what waits in a lane until nothing does.
func (in *intake) work(channel string) {
	in.slots <- struct{}{}
	defer func() { <-in.slots }()
	for {
		in.mu.Lock()
		lane := in.lanes[channel]
		if len(lane) == 0 || in.ctx.Err() != nil {
			delete(in.lanes, channel)
			in.mu.Unlock()
			return
		}
		in.mu.Unlock()
		if !in.one(lane[0]) {
			continue // we are asked to stop: it stays open
		}
		in.mu.Lock()
		if lane[0].post != nil {
			delete(in.open, lane[0].post.Id)
		}
		in.lanes[channel] = in.lanes[channel][1:]
		in.mu.Unlock()
	}
}

// one takes one arrival in, however long that takes, unless it never will. It
// reports whether that is settled.
func (in *intake) one(a arrival) bool {
	for try := 1; ; try++ {
		a.try, a.again = try, a.again || try > 1
		err := in.try(a)
		if err == nil {
			return true
		}
		if in.ctx.Err() != nil {
			return false
		}
		level := in.c.Log.WarnContext
		if errors.Is(err, ErrRefused) || isDefect(err) && try >= mostTries {
			in.c.Log.ErrorContext(in.ctx, "post given up", "channel", a.channel(), "error", err)
			return true
		} else if errors.Is(err, ErrServerAway) || try > 5 {
			level = in.c.Log.DebugContext
		}
		level(in.ctx, "post not taken in yet", "channel", a.channel(), "try", try, "error", err)
		pause := min(100*time.Millisecond<<min(try, 10), longestTry)
		var f *Failure
		if errors.As(err, &f) {
			pause = max(pause, f.After)
		}
		if !in.rest(pause/2 + rand.N(pause)) {
			return false
		}
	}
}

// rest makes way for other channels for a while, unless we are asked to stop.
func (in *intake) rest(pause time.Duration) bool {
	<-in.slots
	defer func() { in.slots <- struct{}{} }()
	select {
	case <-in.ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// isDefect reports whether an error is ours, and trying again hardly helps.
func isDefect(err error) bool {
	if _, is := errors.AsType[panicked](err); is {
		return true
	}
	failure, is := errors.AsType[*Failure](err)
	return is && failure.ID != "" && failure.Status == http.StatusBadRequest
}

// panicked is a defect of ours: it costs one post, not all that follow.
type panicked struct {
	what  string
	stack []byte
}

func (p panicked) Error() string { return fmt.Sprintf("panic: %s\n%s", p.what, p.stack) }

func (in *intake) try(a arrival) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked{fmt.Sprint(p), debug.Stack()}
		}
	}()
	k, err := in.c.client(in.ctx)
	if err != nil {
		return err
	}
	if a.reaction != nil {
		return in.c.react(in.ctx, k, a.reaction)
	}
	if a.changed != nil {
		if in.c.Changed == nil || a.changed.UserId == k.me.Id {
			return nil
		}
		return in.c.Changed(in.ctx, a.changed)
	}
	return in.c.take(in.ctx, k, a)
}

// hold says that there may be posts that we do not know of yet; release that
// there are none.
func (in *intake) hold() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.held = true
}

func (in *intake) release() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.held = false
}

func (in *intake) isHeld() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.held
}

// reach says that everything up to a time is known of.
func (in *intake) reach(at int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.reached = max(in.reached, at)
}

// begin is since when posts are looked for. It reads the marks when it is first
// asked; with none, what was posted before the server's time now is of no
// interest.
func (in *intake) begin(ctx context.Context, now func() (int64, error)) (since int64, err error) {
	in.mu.Lock()
	first, marked := in.first, in.marked
	in.mu.Unlock()
	if first == 0 {
		if first, err = in.number(ctx, firstMark, now); err == nil {
			marked, err = in.number(ctx, mark, func() (int64, error) { return first, nil })
		}
		if err != nil {
			return 0, err
		}
		in.mu.Lock()
		in.first, in.marked, in.reached = first, marked, max(in.reached, marked)
		in.mu.Unlock()
	}
	return max(first, marked-overlap.Milliseconds()), nil
}

// number is what is remembered under a name, or else what is remembered from now
// on.
func (in *intake) number(ctx context.Context, name string, otherwise func() (int64, error)) (int64, error) {
	value, err := in.c.Engine.Store.Mark(ctx, Name, name)
	if err != nil {
		return 0, err
	}
	if value != "" {
		return strconv.ParseInt(value, 10, 64)
	}
	at, err := otherwise()
	if err != nil {
		return 0, err
	}
	return at, in.c.Engine.Store.SetMark(ctx, Name, name, strconv.FormatInt(at, 10))
}

// remember saves the mark from time to time.
func (in *intake) remember() {
	tick := time.NewTicker(markEvery)
	defer tick.Stop()
	for {
		select {
		case <-in.ctx.Done():
			return
		case <-tick.C:
			in.save(in.ctx)
		}
	}
}

// clock notes the server's time. Posts may be dated ahead of it: the mark is not.
func (in *intake) clock(now int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.now = now
}

// fails notes that a channel cannot be read, and returns how often it could not.
func (in *intake) fails(channel string) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.unread[channel]++
	return in.unread[channel]
}

// works notes that a channel can be read.
func (in *intake) works(channel string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.unread, channel)
}

// save moves the mark past posts that are taken in, with all before them.
func (in *intake) save(ctx context.Context) {
	in.mu.Lock()
	at := min(in.reached, in.now)
	for _, posted := range in.open {
		at = min(at, posted-1)
	}
	late := in.held || at <= in.marked
	in.mu.Unlock()
	if late {
		return
	}
	if err := in.c.Engine.Store.SetMark(ctx, Name, mark, strconv.FormatInt(at, 10)); err != nil {
		if ctx.Err() == nil {
			in.c.Log.WarnContext(ctx, "mark not moved", "error", err)
		}
		return
	}
	in.mu.Lock()
	in.marked = at
	in.mu.Unlock()
}
