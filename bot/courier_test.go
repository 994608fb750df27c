package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// outbox is the part of a Store that the Courier uses, in memory.
type outbox struct {
	Store   // the rest is never called
	mu      sync.Mutex
	letters []*waiting
	fail    error // of Delivered
	blocked []string
}

type waiting struct {
	Outgoing
	due     time.Time
	done    bool
	parked  bool
	claimed time.Time
	id      string // the platform's
	reason  string
}

func (o *outbox) add(letters ...Outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range letters {
		if l.Channel == "" {
			l.Channel = "mail"
		}
		o.letters = append(o.letters, &waiting{Outgoing: l})
	}
}

func (o *outbox) Due(_ context.Context, channel string, now time.Time, limit int) (due []Outgoing, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := map[string]bool{}
	for _, w := range o.letters {
		if w.Channel != channel || w.done || w.parked || seen[w.To] {
			continue
		}
		seen[w.To] = true
		if !w.due.After(now) && !w.claimed.After(now) && len(due) < limit {
			due = append(due, w.Outgoing)
		}
	}
	return due, nil
}

func (o *outbox) Claim(ctx context.Context, id string, now, until time.Time) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.letter(id)
	if ctx.Err() != nil || w.done || w.parked || w.claimed.After(now) {
		return false, ctx.Err()
	}
	w.claimed, w.Doubtful = until, true
	return true, nil
}

func (o *outbox) Release(_ context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.letter(id).claimed = time.Time{}
	return nil
}

func (o *outbox) Expire(context.Context, time.Time) error { return nil }

func (o *outbox) Delivered(ctx context.Context, id, platformID string, _ time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := errors.Join(ctx.Err(), o.fail); err != nil {
		return err
	}
	w := o.letter(id)
	w.done, w.id, w.claimed = true, platformID, time.Time{}
	return nil
}

func (o *outbox) Failed(_ context.Context, id, reason string, next time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.letter(id)
	w.Attempts++
	w.claimed = time.Time{}
	w.due, w.parked, w.reason = next, next.IsZero(), reason
	return nil
}

func (o *outbox) Postpone(_ context.Context, id, reason string, next time.Time, refused bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.letter(id)
	w.claimed, w.due, w.reason, w.Doubtful = time.Time{}, next, reason, !refused
	return nil
}

func (o *outbox) Block(_ context.Context, channel, chat string, _ time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.blocked = append(o.blocked, channel+" "+chat)
	return nil
}

func (o *outbox) letter(id string) *waiting {
	return o.letters[slices.IndexFunc(o.letters, func(w *waiting) bool { return w.ID == id })]
}

// platform is a Sender that answers as its function says, and notes what it
// was given and when.
type platform struct {
	answer func(ctx context.Context, l Outgoing) error
	mu     sync.Mutex
	given  []string
	at     []time.Duration
	begin  time.Time
}

func (p *platform) Send(ctx context.Context, l Outgoing) (string, error) {
	p.mu.Lock()
	p.given, p.at = append(p.given, l.ID), append(p.at, time.Since(p.begin))
	p.mu.Unlock()
	if p.answer != nil {
		if err := p.answer(ctx, l); err != nil {
			return "", err
		}
	}
	return "platform's " + l.ID, nil
}

// run has a courier deliver for so long, and stops it.
func run(t *testing.T, o *outbox, p *platform, during time.Duration) {
	t.Helper()
	c := &Courier{Store: o, Senders: map[string]Sender{"mail": p}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now}
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	p.begin = time.Now()
	if err := c.Run(ctx); err != nil {
		t.Error(err)
	}
}

func wantGiven(t *testing.T, p *platform, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, p.given); diff != "" {
		t.Errorf("letters given to the platform (-want +got):\n%s", diff)
	}
}

var errNoAnswer = errors.New("no answer")

func TestEachRecipientGetsLettersInOrderWhateverFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, p := &outbox{}, &platform{}
		for n := range 6 {
			for r := range 5 {
				o.add(Outgoing{ID: fmt.Sprintf("%d/%d", r, n), To: fmt.Sprint(r)})
			}
		}
		arrived := map[string][]string{}
		var mu sync.Mutex
		p.answer = func(_ context.Context, l Outgoing) error {
			mu.Lock()
			defer mu.Unlock()
			if l.Attempts < (len(arrived[l.To])+len(l.ID)+int(l.To[0]))%4 {
				return errNoAnswer
			}
			arrived[l.To] = append(arrived[l.To], l.ID)
			return nil
		}
		run(t, o, p, time.Hour)
		for r := range 5 {
			var want []string
			for n := range 6 {
				want = append(want, fmt.Sprintf("%d/%d", r, n))
			}
			if diff := cmp.Diff(want, arrived[fmt.Sprint(r)]); diff != "" {
				t.Errorf("letters to %d (-want +got):\n%s", r, diff)
			}
		}
		for _, w := range o.letters {
			if !w.done || w.id != "platform's "+w.ID {
				t.Errorf("letter %s: delivered %v under %q", w.ID, w.done, w.id)
			}
		}
	})
}

func TestPausesGrowUntilTheLetterIsParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		p := &platform{answer: func(context.Context, Outgoing) error { return errNoAnswer }}
		o.add(Outgoing{ID: "a", To: "a"})
		run(t, o, p, 24*time.Hour)
		var pauses []time.Duration
		for i := 1; i < len(p.at); i++ {
			pauses = append(pauses, p.at[i]-p.at[i-1])
		}
		s := time.Second
		want := []time.Duration{2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 64 * s, 128 * s, 256 * s, 512 * s, 1024 * s, 1800 * s}
		if diff := cmp.Diff(want, pauses); diff != "" {
			t.Errorf("pauses (-want +got):\n%s", diff)
		}
		if w := o.letter("a"); !w.parked || w.Attempts != mostAttempts || w.reason != "no answer" {
			t.Errorf("after a day the letter is %+v, want it parked with the reason", w)
		}
	})
}

func TestAPlatformThatIsAwayOrAsksToWaitCostsNoLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		begin, back := time.Now(), 3*24*time.Hour
		p := &platform{answer: func(context.Context, Outgoing) error {
			if time.Since(begin) < back {
				return errors.Join(ErrAway, errors.New("connection refused"))
			}
			return nil
		}}
		o.add(Outgoing{ID: "a/1", To: "a"}, Outgoing{ID: "a/2", To: "a"})
		run(t, o, p, back+time.Minute)
		for _, id := range []string{"a/1", "a/2"} {
			if w := o.letter(id); !w.done || w.Attempts != 0 {
				t.Errorf("after three days without the platform and a minute with it, letter %s is %+v", id, w)
			}
		}
		o, first := &outbox{}, true
		p = &platform{answer: func(context.Context, Outgoing) error {
			if first {
				first = false
				return fmt.Errorf("send: %w", Postponed{After: 42 * time.Second, Err: errors.New("too many requests")})
			}
			return nil
		}}
		o.add(Outgoing{ID: "a/1", To: "a"})
		run(t, o, p, time.Minute)
		if w := o.letter("a/1"); !w.done || w.Attempts != 0 || len(p.at) != 2 || p.at[1]-p.at[0] < 42*time.Second || p.at[1]-p.at[0] > 43*time.Second {
			t.Errorf("a letter that was to wait for 42 s is %+v, tried at %v", w, p.at)
		}
	})
}

func TestWhatThePlatformMayHaveIsInDoubtUntilItIsFound(t *testing.T) {
	busy := func(partly bool) error {
		return Postponed{After: time.Second, Err: errors.New("too many requests"), Partly: partly}
	}
	away := errors.Join(ErrAway, errors.New("connection reset"))
	for name, c := range map[string]struct {
		answers []error
		want    []bool // whether each attempt was in doubt
	}{
		"it was away, then busy, while we looked": {[]error{away, busy(false), busy(false)}, []bool{false, true, true, true}},
		"it was busy":                        {[]error{busy(false), busy(false)}, []bool{false, false, false}},
		"it was busy after the first part":   {[]error{busy(true), busy(false)}, []bool{false, true, true}},
		"it failed, and was busy after that": {[]error{errors.New("500"), busy(false)}, []bool{false, true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, got := &outbox{}, []bool(nil)
				p := &platform{answer: func(_ context.Context, l Outgoing) error {
					got = append(got, l.Doubtful)
					if len(got) <= len(c.answers) {
						return c.answers[len(got)-1]
					}
					return nil
				}}
				o.add(Outgoing{ID: "a/1", To: "a"})
				run(t, o, p, time.Minute)
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("in doubt (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAChatThatBlockedUsIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		p := &platform{answer: func(context.Context, Outgoing) error { return fmt.Errorf("send: %w", ErrBlocked) }}
		o.add(Outgoing{ID: "a/1", To: "a"})
		run(t, o, p, time.Minute)
		if !o.letter("a/1").parked || !slices.Equal(o.blocked, []string{"mail a"}) {
			t.Errorf("blocked are %q, and the letter is %+v", o.blocked, o.letter("a/1"))
		}
	})
}

func TestSomebodyHearsOfALetterThatIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, given := &outbox{}, []string{}
		p := &platform{answer: func(_ context.Context, l Outgoing) error {
			if l.To == "a" {
				return ErrHopeless
			}
			return nil
		}}
		o.add(Outgoing{ID: "a/1", To: "a"}, Outgoing{ID: "b/1", To: "b"})
		c := &Courier{Store: o, Senders: map[string]Sender{"mail": p}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now,
			GivenUp: func(_ context.Context, l Outgoing) error {
				given = append(given, l.ID)
				return errNoAnswer
			}}
		if _, err := c.Round(t.Context()); err != nil {
			t.Error(err)
		}
		if !slices.Equal(given, []string{"a/1"}) || !o.letter("a/1").parked {
			t.Errorf("given up are %q, and the letter is %+v", given, o.letter("a/1"))
		}
	})
}

func TestAHopelessLetterIsParkedAtOnceAndLetsTheNextPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		p := &platform{answer: func(_ context.Context, l Outgoing) error {
			if l.ID == "a/1" {
				return errors.Join(ErrHopeless, errors.New("550 no such mailbox"))
			}
			return nil
		}}
		o.add(Outgoing{ID: "a/1", To: "a"}, Outgoing{ID: "a/2", To: "a"})
		run(t, o, p, time.Minute)
		wantGiven(t, p, "a/1", "a/2")
		if !o.letter("a/1").parked || !o.letter("a/2").done {
			t.Error("the hopeless letter is not parked, or the next one did not pass")
		}
	})
}

func TestALetterThatWasSentButNotRecorded(t *testing.T) {
	t.Run("is not sent again by the same process", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o, p := &outbox{fail: errors.New("disk full")}, &platform{}
			o.add(Outgoing{ID: "a/1", To: "a"}, Outgoing{ID: "a/2", To: "a"})
			time.AfterFunc(time.Minute, func() {
				o.mu.Lock()
				defer o.mu.Unlock()
				o.fail = nil
			})
			run(t, o, p, 2*time.Minute)
			wantGiven(t, p, "a/1", "a/2")
			if w := o.letter("a/1"); !w.done || w.id != "platform's a/1" {
				t.Errorf("once there is room the letter is %+v, want it recorded", w)
			}
		})
	})
	t.Run("is sent again, under the same ID, after the process was killed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o, p := &outbox{fail: errors.New("killed")}, &platform{}
			o.add(Outgoing{ID: "a/1", To: "a"})
			run(t, o, p, 10*time.Second)
			o.fail = nil
			run(t, o, p, 10*time.Second)
			wantGiven(t, p, "a/1", "a/1")
			if !o.letter("a/1").done {
				t.Error("the letter is not recorded")
			}
		})
	})
}

func TestALetterTakenWhileStoppingIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		p := &platform{answer: func(context.Context, Outgoing) error {
			time.Sleep(3 * time.Second) // longer than the courier has
			return nil
		}}
		o.add(Outgoing{ID: "a", To: "a"}, Outgoing{ID: "b", To: "b"})
		run(t, o, p, time.Second)
		if !o.letter("a").done || !o.letter("b").done {
			t.Error("letters that the platform took are not recorded")
		}
	})
}

func TestALetterCutOffWhileStoppingStaysDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		p := &platform{answer: func(ctx context.Context, _ Outgoing) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		o.add(Outgoing{ID: "a", To: "a"})
		run(t, o, p, time.Second)
		if w := o.letter("a"); w.done || w.parked || w.Attempts != 0 || !w.due.IsZero() {
			t.Errorf("the letter is %+v, want it due as before", w)
		}
	})
}

func TestRecipientsAreServedSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		p := &platform{answer: func(context.Context, Outgoing) error {
			time.Sleep(time.Second)
			return nil
		}}
		for i := range 10 * sideBySide {
			o.add(Outgoing{ID: fmt.Sprint(i), To: fmt.Sprint(i)})
		}
		run(t, o, p, time.Minute)
		if len(p.given) != 10*sideBySide {
			t.Errorf("%d letters were given, want each once", len(p.given))
		}
		if last := p.at[len(p.at)-1]; last > 10*time.Second {
			t.Errorf("the last letter went after %v", last)
		}
	})
}

func TestASlowRecipientHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		p := &platform{answer: func(_ context.Context, l Outgoing) error {
			if l.To == "slow" {
				time.Sleep(50 * time.Second)
			}
			return nil
		}}
		o.add(Outgoing{ID: "slow/1", To: "slow"}, Outgoing{ID: "slow/2", To: "slow"}, Outgoing{ID: "a/1", To: "a"}, Outgoing{ID: "a/2", To: "a"})
		time.AfterFunc(10*time.Second, func() { o.add(Outgoing{ID: "a/3", To: "a"}, Outgoing{ID: "b/1", To: "b"}) })
		run(t, o, p, 3*time.Minute)
		when := map[string]time.Duration{}
		for i, id := range p.given {
			when[id] = p.at[i]
		}
		for id, latest := range map[string]time.Duration{"a/1": time.Second, "a/2": time.Second, "a/3": 12 * time.Second, "b/1": 12 * time.Second} {
			if when[id] > latest {
				t.Errorf("letter %s went after %v, want %v at most", id, when[id], latest)
			}
		}
		if len(p.given) != 6 || when["slow/2"] < 50*time.Second {
			t.Errorf("given: %v at %v; want each once, and one at a time to the slow recipient", p.given, p.at)
		}
	})
}

func TestLettersOfOtherChannelsAreLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, p := &outbox{}, &platform{}
		o.add(Outgoing{ID: "t", Channel: "telegram", To: "a"}, Outgoing{ID: "m", To: "a"})
		run(t, o, p, time.Minute)
		wantGiven(t, p, "m")
		if w := o.letter("t"); w.done || w.Attempts != 0 {
			t.Errorf("a letter of a channel without a sender is %+v", w)
		}
	})
}

func TestARoundTriesEachRecipientOnce(t *testing.T) {
	o := &outbox{}
	p := &platform{answer: func(_ context.Context, l Outgoing) error {
		if l.To == "a" {
			return errNoAnswer
		}
		return nil
	}}
	o.add(Outgoing{ID: "a/1", To: "a"}, Outgoing{ID: "a/2", To: "a"}, Outgoing{ID: "b/1", To: "b"})
	c := &Courier{Store: o, Senders: map[string]Sender{"mail": p}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now}
	for _, want := range []int{2, 0} {
		if n, err := c.Round(t.Context()); err != nil || n != want {
			t.Errorf("a round tries %d letters (%v), want %d", n, err, want)
		}
	}
	if !o.letter("b/1").done || o.letter("a/1").Attempts != 1 {
		t.Error("a round ends before its letters are through")
	}
}
