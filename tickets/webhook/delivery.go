package webhook

import (
	"math/rand/v2"
	"strconv"
	"time"

	"sportello/tickets"
)

// State says where a delivery stands.
type State string

// The states.
const (
	Planned   State = "planned"
	Delivered State = "delivered"
	Parked    State = "parked" // given up, until it is replayed
)

// Delivery is one happening as one hook is told of it.
type Delivery struct {
	Hook    HookID
	Seq     int64 // of the happening
	Ticket  tickets.ID
	Kind    tickets.Kind
	Payload []byte
	State   State

	PlannedAt time.Time
	FirstAt   time.Time // of the first try; zero before it
	NextAt    time.Time // it is not tried before
	EndedAt   time.Time
	Tries     int

	// Of the last try.
	Status int           // of the answer, 0 if there was none
	Took   time.Duration // in whole milliseconds
	Answer string        // its beginning, or why there was none
}

// ID is that of the message, the same whenever it is sent.
func (d Delivery) ID() string { return string(d.Hook) + "_" + strconv.FormatInt(d.Seq, 10) }

// steps are the pauses between the tries of a delivery.
var steps = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour,
}

// tryFor is how long a delivery is tried before it is parked.
const tryFor = 24 * time.Hour

// pause is how long to wait after so many tries: more each time, and not the
// same for all.
func pause(tries int) time.Duration {
	step := steps[min(max(tries, 1), len(steps))-1]
	return step*4/5 + time.Duration(rand.Int64N(int64(step)*2/5))
}

// rests is how long a hook is left alone after so many failures in a row.
func rests(failures int) time.Duration {
	return pause(min(failures, 3)) // its deliveries wait longer themselves
}

// Outcome is what came of a try.
type Outcome struct {
	At     time.Time
	Status int
	Took   time.Duration
	Answer string
	Failed bool
	Gone   bool          // the other side wants no more
	Broken bool          // the other side as a whole, not with this message
	After  time.Duration // the other side asked to wait so long
}

// After is the delivery and its hook after a try.
func After(d Delivery, h Hook, o Outcome, c Config) (Delivery, Hook) {
	if d.FirstAt.IsZero() {
		d.FirstAt = o.At
	}
	d.Status, d.Took, d.Answer = o.Status, o.Took.Truncate(time.Millisecond), o.Answer
	d.Tries++
	if !o.Failed {
		d.State, d.EndedAt = Delivered, o.At
		h.Failures, h.Failing, h.Resting = 0, time.Time{}, time.Time{}
		return d, h
	}
	d.NextAt = o.At.Add(max(pause(d.Tries), min(o.After, steps[len(steps)-1])))
	if d.NextAt.Sub(d.FirstAt) > tryFor || o.Gone {
		d.State, d.EndedAt = Parked, o.At
	}
	h.Failures++
	if h.Failing.IsZero() {
		h.Failing = o.At
	}
	if o.Broken {
		h.Resting = o.At.Add(max(rests(h.Failures), min(o.After, time.Hour)))
	}
	switch {
	case o.Gone:
		h.Active, h.Stopped = false, Gone
	case h.Active && o.At.Sub(h.Failing) > c.PauseAfter:
		h.Active, h.Stopped = false, Faulty
	}
	return d, h
}
