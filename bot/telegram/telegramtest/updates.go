package telegramtest

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// update is one that waits for the bot.
type update struct {
	id   int64
	kind string
	line int64 // updates of one line come one after the other
	body json.RawMessage
}

// queue is what waits for the bot.
type queue struct {
	next    int64
	waiting []update
	allowed []string // kinds; nil: those that come unless asked otherwise
	again   []update // were taken, and come again all the same
	told    []update // all there were
	posted  int64    // number of the newest that was posted to the webhook
	poll    chan struct{}
}

// unasked are the kinds that come only to bots that ask for them.
var unasked = []string{"chat_member", "message_reaction", "message_reaction_count"}

// The sorts of lines. A tap and a message of one person are in different ones,
// so by webhook either may come first.
const (
	lineMessages = iota
	lineTaps
	lineMembers
)

// tell puts an update in the queue. The lock is held.
func (d *Double) tell(kind string, sort, from int64, content any) {
	if d.queue.allowed == nil && slices.Contains(unasked, kind) || d.queue.allowed != nil && !slices.Contains(d.queue.allowed, kind) {
		return
	}
	d.queue.next++
	body, err := json.Marshal(map[string]any{"update_id": d.queue.next, kind: content})
	if err != nil {
		panic(err) // it is all ours
	}
	u := update{d.queue.next, kind, from<<2 | sort, body}
	d.queue.waiting, d.queue.told = append(d.queue.waiting, u), append(d.queue.told, u)
	d.change()
}

// LastUpdate is the number of the newest update.
func (d *Double) LastUpdate() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.next
}

// Redeliver sends an update again that the bot took already.
func (d *Double) Redeliver(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, u := range d.queue.told {
		if u.id != id {
			continue
		}
		if d.hook.url == "" {
			d.queue.again = append(d.queue.again, u)
		} else {
			d.queue.waiting = append([]update{u}, d.queue.waiting...)
		}
	}
	d.change()
}

// Waiting counts the updates that the bot has not taken yet.
func (d *Double) Waiting() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.queue.waiting) + len(d.queue.again)
}

// Polled reports whether a long poll waits now.
func (d *Double) Polled() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.poll != nil
}

// allow takes over which kinds of updates the bot wants. The lock is held.
func (d *Double) allow(in *request) *refusal {
	if _, given := in.values["allowed_updates"]; !given {
		return nil
	}
	var kinds []string
	if refused := in.object("allowed_updates", &kinds); refused != nil {
		return badRequest("can't parse allowed updates JSON object")
	}
	d.queue.allowed = kinds
	if len(kinds) == 0 {
		d.queue.allowed = nil
	}
	return nil
}

// longestPoll is how long the server lets a poll wait.
const longestPoll = 50 * time.Second

func (d *Double) getUpdates(ctx context.Context, in *request) (any, *refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hook.url != "" {
		return nil, &refusal{code: http.StatusConflict, description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
	}
	if refused := d.allow(in); refused != nil {
		return nil, refused
	}
	if d.queue.poll != nil {
		close(d.queue.poll) // the earlier poll is the one that ends
	}
	mine := make(chan struct{})
	d.queue.poll = mine
	d.change()
	defer func() {
		if d.queue.poll == mine {
			d.queue.poll = nil
		}
	}()
	d.confirm(in.int("offset", 0))
	limit := int(in.int("limit", 100))
	if limit < 1 || limit > 100 {
		limit = 100
	}
	patience := min(time.Duration(in.int("timeout", 0))*time.Second, longestPoll)
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		if len(d.queue.waiting)+len(d.queue.again) > 0 || patience <= 0 {
			return d.batch(limit), nil
		}
		changed := d.changed
		d.mu.Unlock()
		ended, conflict := false, false
		select {
		case <-changed:
		case <-timeout.C:
			ended = true
		case <-ctx.Done():
			ended = true
		case <-mine:
			conflict = true
		}
		d.mu.Lock()
		switch {
		case conflict:
			return nil, &refusal{code: http.StatusConflict, description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}
		case d.hook.url != "":
			return nil, &refusal{code: http.StatusConflict, description: "Conflict: terminated by setWebhook request"}
		case ended:
			return []json.RawMessage{}, nil
		}
	}
}

// confirm forgets the updates before offset; a negative one counts from the
// end. The lock is held.
func (d *Double) confirm(offset int64) {
	waiting := d.queue.waiting
	switch {
	case offset < 0:
		d.queue.waiting = waiting[max(0, len(waiting)+int(offset)):]
	case offset > 0:
		first := slices.IndexFunc(waiting, func(u update) bool { return u.id >= offset })
		if first < 0 {
			first = len(waiting)
		}
		for _, u := range waiting[:first] {
			if d.throws(Duplicated, "") {
				d.queue.again = append(d.queue.again, u)
			}
		}
		d.queue.waiting = waiting[first:]
	}
	d.change()
}

// batch is what a poll gets. The lock is held.
func (d *Double) batch(limit int) []json.RawMessage {
	some := append(slices.Clone(d.queue.again), d.queue.waiting[:min(limit, len(d.queue.waiting))]...)
	d.queue.again = nil
	if len(some) > 1 && d.throws(OutOfOrder, "") {
		rand.New(rand.NewPCG(d.faults.Seed, uint64(some[0].id))).Shuffle(len(some), func(i, k int) { some[i], some[k] = some[k], some[i] })
	}
	bodies := make([]json.RawMessage, 0, len(some))
	for _, u := range some {
		bodies = append(bodies, u.body)
	}
	return bodies
}
