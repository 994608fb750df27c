package ratelimit_test

import (
	"testing"
	"time"

	"sportello/internal/ratelimit"
)

func TestHalfAtOnceThenAtThePaceOfTheLimit(t *testing.T) {
	var l ratelimit.Limits
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i := range 30 {
		if wait := l.Take("ada", 60, now); wait > 0 {
			t.Fatalf("act %d has to wait %v", i+1, wait)
		}
	}
	if wait := l.Take("ada", 60, now); wait <= 0 || wait > time.Second {
		t.Errorf("one too many has to wait %v", wait)
	}
	if wait := l.Take("bruno", 60, now); wait > 0 {
		t.Errorf("somebody else has to wait %v", wait)
	}
	if wait := l.Take("ada", 60, now.Add(time.Second)); wait > 0 {
		t.Errorf("a second later there is still %v to wait", wait)
	}
}
