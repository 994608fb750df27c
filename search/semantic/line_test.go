package semantic

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func testLine(log *logged, c *clock, n *counts) *line {
	return newLine("question", Options{Log: log.logger(), Now: c.read, Observe: n.observe})
}

func failing(kind string) func(context.Context) error {
	return func(context.Context) error { return &failure{kind: kind, err: errors.New("it is down")} }
}

func fine(context.Context) error { return nil }

func TestALineClosesAfterFailuresAndTriesAgainLater(t *testing.T) {
	log, now, seen := &logged{}, newClock(), &counts{}
	l := testLine(log, now, seen)
	for range patience {
		if err := l.call(t.Context(), time.Second, failing("broken")); errors.Is(err, errClosed) {
			t.Fatal("it is closed before its time")
		}
	}
	pause := shortestPause
	for range 10 {
		if err := l.call(t.Context(), time.Second, fine); !errors.Is(err, errClosed) {
			t.Fatalf("within its pause of %s it gives %v", pause, err)
		}
		now.pass(pause - time.Second)
		if err := l.call(t.Context(), time.Second, fine); !errors.Is(err, errClosed) {
			t.Fatalf("before the end of its pause of %s it gives %v", pause, err)
		}
		now.pass(time.Second)
		if err := l.call(t.Context(), time.Second, failing("broken")); errors.Is(err, errClosed) {
			t.Fatalf("after its pause of %s nobody tries", pause)
		}
		pause = min(2*pause, longestPause)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("the log has %d lines, want one:\n%s", n, log)
	}
	now.pass(longestPause)
	for range 2 {
		if err := l.call(t.Context(), time.Second, fine); err != nil {
			t.Errorf("a server that is back gives %v", err)
		}
	}
	if !strings.Contains(log.String(), "answers again") {
		t.Errorf("the log does not hear that it is back:\n%s", log)
	}
	if got := seen.of("question closed"); got != 20 {
		t.Errorf("%d calls found it closed, want 20", got)
	}
}

func TestALineClosesAtOnceWhereTryingAgainIsVain(t *testing.T) {
	for _, kind := range []string{"refused", "unusable"} {
		l := testLine(&logged{}, newClock(), &counts{})
		l.call(t.Context(), time.Second, failing(kind))
		if err := l.call(t.Context(), time.Second, fine); !errors.Is(err, errClosed) {
			t.Errorf("after one reply that is %s it gives %v", kind, err)
		}
	}
}

func TestALineHeedsTheServersWish(t *testing.T) {
	now := newClock()
	l := testLine(&logged{}, now, &counts{})
	l.call(t.Context(), time.Second, func(context.Context) error {
		return &failure{kind: "busy", after: time.Minute, err: errors.New("later")}
	})
	now.pass(59 * time.Second)
	if err := l.call(t.Context(), time.Second, fine); !errors.Is(err, errClosed) {
		t.Errorf("after 59 of 60 seconds it gives %v", err)
	}
	now.pass(time.Second)
	if err := l.call(t.Context(), time.Second, fine); err != nil {
		t.Errorf("after 60 seconds it gives %v", err)
	}
}

func TestOneTriesAndTheOthersStayAway(t *testing.T) {
	now, seen := newClock(), &counts{}
	l := testLine(&logged{}, now, seen)
	l.call(t.Context(), time.Second, failing("refused"))
	now.pass(shortestPause)
	begun, end := make(chan bool), make(chan bool)
	var trial sync.WaitGroup
	trial.Go(func() {
		l.call(t.Context(), time.Minute, func(context.Context) error { close(begun); <-end; return nil })
	})
	<-begun
	if err := l.call(t.Context(), time.Second, fine); !errors.Is(err, errClosed) {
		t.Errorf("beside the trial it gives %v", err)
	}
	close(end)
	trial.Wait()
	if err := l.call(t.Context(), time.Second, fine); err != nil {
		t.Errorf("after the trial it gives %v", err)
	}
}

func TestWhoeverGoesAwaySaysNothingOfTheServer(t *testing.T) {
	now := newClock()
	l := testLine(&logged{}, now, &counts{})
	for range 2 * patience {
		ctx, cancel := context.WithCancel(t.Context())
		l.call(ctx, time.Second, func(ctx context.Context) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		})
	}
	if err := l.call(t.Context(), time.Second, fine); err != nil {
		t.Errorf("after calls that were given up it gives %v", err)
	}
}

func TestACrowdDoesNotQueue(t *testing.T) {
	l := testLine(&logged{}, newClock(), &counts{})
	end := make(chan bool)
	var begun, calls sync.WaitGroup
	for range mostAtOnce {
		begun.Add(1)
		calls.Go(func() {
			l.call(t.Context(), time.Minute, func(context.Context) error { begun.Done(); <-end; return nil })
		})
	}
	begun.Wait()
	if err := l.call(t.Context(), time.Minute, fine); !errors.Is(err, errCrowded) {
		t.Errorf("one too many gives %v", err)
	}
	close(end)
	calls.Wait()
}
