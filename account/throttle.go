package account

import (
	"context"
	"slices"
	"time"

	"sportello/internal/fault"
)

// ThrottleWindow is how far back attempts count.
const ThrottleWindow = time.Hour

// Throttle bounds how often something is attempted. Attempts are counted
// before they are judged, so that many at once gain nothing, and are kept, so
// that a restart forgives nothing.
type Throttle struct {
	Store ThrottleStore
	Now   func() time.Time
}

// ThrottleStore keeps attempts.
type ThrottleStore interface {
	// Attempt adds one under a name and returns all since a time, the new one
	// among them.
	Attempt(ctx context.Context, name string, at, since time.Time) ([]time.Time, error)

	// Forgive forgets the attempts under a name.
	Forgive(ctx context.Context, name string) error
}

// Bound is how often is too often.
type Bound struct {
	Within time.Duration // at most ThrottleWindow
	Most   int
}

// What is bounded. A network may be a whole ministry behind one address.
var (
	ByAccount = []Bound{{5 * time.Minute, 5}, {ThrottleWindow, 20}}      // attempts at one account's password or code
	ByNetwork = []Bound{{5 * time.Minute, 200}, {ThrottleWindow, 1_000}} // attempts from one network, at any account
	MailsFrom = []Bound{{ThrottleWindow, 500}}                           // codes asked for from one network
)

// Take counts an attempt under a name; it fails with fault.TooMany if it is one
// too many. The phrase tells in how many minutes it will not be.
func (t *Throttle) Take(ctx context.Context, name string, bounds []Bound) (err error) {
	defer fault.Wrap(&err, "count an attempt")
	now := t.Now()
	times, err := t.Store.Attempt(ctx, name, now, now.Add(-ThrottleWindow))
	if err != nil {
		return err
	}
	slices.SortFunc(times, time.Time.Compare)
	var wait time.Duration
	for _, b := range bounds {
		if pause(times, now, b.Within, b.Most+1) > 0 { // this attempt is among the times
			wait = max(wait, pause(times, now, b.Within, b.Most))
		}
	}
	if wait <= 0 {
		return nil
	}
	return fault.New(fault.TooMany, "account.throttled", fault.Values{"Count": int((wait + time.Minute - 1) / time.Minute)})
}

// Forgive forgets the attempts under a name: the last one was right.
func (t *Throttle) Forgive(ctx context.Context, name string) error { return t.Store.Forgive(ctx, name) }
