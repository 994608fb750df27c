package telegramtest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// Fault is something that goes wrong between the bot and Telegram.
type Fault string

// The faults. Those of calls befall every method; Duplicated and OutOfOrder
// befall updates.
const (
	Slow        Fault = "slow"             // a call waits before it is looked at
	TooMany     Fault = "429"              // refused, to be asked again later
	ServerError Fault = "500"              // refused
	BadGateway  Fault = "502"              // refused, with a page instead of JSON
	Dropped     Fault = "dropped"          // the connection breaks before the call is accepted
	AnswerLost  Fault = "answer lost"      // the call is accepted, and the connection breaks before its answer
	Duplicated  Fault = "duplicated"       // an update comes again after it was taken
	OutOfOrder  Fault = "out of order"     // an update comes after a later one
	HookUnheard Fault = "webhook, unheard" // our receipt of an update by webhook is lost: it comes again
)

// AllFaults are the faults there are.
var AllFaults = []Fault{Slow, TooMany, ServerError, BadGateway, Dropped, AnswerLost, Duplicated, OutOfOrder, HookUnheard}

// Faults says what goes wrong, and how often.
type Faults struct {
	Seed       uint64
	Rate       float64  // of calls, and of updates, that something befalls; the sorts share it equally
	Only       []Fault  // the sorts; all if empty
	Methods    []string // that are hit; all if empty
	Latency    time.Duration
	RetryAfter int // seconds; at least 1
	Most       int // faults of each sort; 0: without end
}

// Inject lets faults happen from now on, instead of those before.
func (d *Double) Inject(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.Latency == 0 {
		f.Latency = 200 * time.Millisecond
	}
	if len(f.Only) == 0 {
		f.Only = AllFaults
	}
	d.faults, d.dice = f, rand.New(rand.NewPCG(f.Seed, 20260101))
	d.injected, d.lost = map[Fault]int{}, 0
}

// Calm ends the faults; what happened stays counted.
func (d *Double) Calm() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.Rate = 0
}

// Injected counts the faults since Inject.
func (d *Double) Injected() map[Fault]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.injected)
}

// Lost counts the messages that people see and the bot got no answer for,
// since Inject.
func (d *Double) Lost() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lost
}

// throws decides whether a fault happens now. The lock is held.
func (d *Double) throws(f Fault, method string) bool {
	if d.faults.Rate == 0 || !slices.Contains(d.faults.Only, f) || d.faults.Most > 0 && d.injected[f] >= d.faults.Most {
		return false
	}
	if len(d.faults.Methods) > 0 && method != "" && !slices.Contains(d.faults.Methods, method) {
		return false
	}
	if d.dice.Float64() >= d.faults.Rate/float64(d.sharers(f)) {
		return false
	}
	d.injected[f]++
	return true
}

// sharers is how many sorts share the rate with f: those that may befall the
// same thing.
func (d *Double) sharers(f Fault) int {
	ofUpdates := []Fault{Duplicated, OutOfOrder, HookUnheard}
	n := 0
	for _, other := range d.faults.Only {
		if slices.Contains(ofUpdates, f) == slices.Contains(ofUpdates, other) {
			n++
		}
	}
	return n
}
