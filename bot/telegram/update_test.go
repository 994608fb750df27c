package telegram

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func FuzzUpdate(f *testing.F) {
	for _, raw := range []string{
		`{"update_id":1,"message":{"message_id":2,"date":1,"text":"a","from":{"id":3},"chat":{"id":3,"type":"private"}}}`,
		`{"update_id":1,"message":{"message_id":2,"text":7,"from":{"id":3},"chat":{"id":3,"type":"private"}}}`,
		`{"update_id":1,"callback_query":{"id":"x","from":{"id":3},"data":"y","message":{"message_id":2,"date":0,"chat":{"id":3}}}}`,
		`{"update_id":1,"my_chat_member":{"chat":{"id":3},"new_chat_member":{"status":"kicked","user":{"id":1}}}}`,
		`{"update_id":1,"message":{"forward_origin":{"type":"of the future"}}}`, `{"update_id":1}`, `{}`, `[]`, `null`, `{"update_id":"1"}`, `{"update_id":1e3}`,
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := readUpdate(raw)
		if (err == nil) != (u.ID != 0) {
			t.Fatalf("%q is update %d, %v", raw, u.ID, err)
		}
		if err != nil {
			return
		}
		u.album()
		if u.Message != nil {
			isWritten(u.Message)
			filesOf(u.Message)
			(&Channel{}).addressed(u.Message)
		}
	})
}

func TestAFailureToReadAnUpdateDoesNotQuoteIt(t *testing.T) {
	_, err := readUpdate([]byte(`{"message":{"text":"la mia password"}}`))
	if err == nil || strings.Contains(err.Error(), "password") {
		t.Errorf("the failure is %v", err)
	}
}

func TestTheOffsetMovesOverWhatIsStoredOnly(t *testing.T) {
	now := time.Now()
	var tail tail
	if tail.offset(now) != 0 {
		t.Error("the first offset is one")
	}
	for _, id := range []int64{10, 11, 12} {
		if !tail.begin(id, now) || tail.begin(id, now) {
			t.Errorf("update %d is not taken once", id)
		}
	}
	for _, step := range []struct{ settled, next int64 }{{11, 10}, {12, 10}, {10, 13}} {
		tail.settle(step.settled)
		if got := tail.offset(now); got != step.next {
			t.Errorf("after %d the offset is %d, not %d", step.settled, got, step.next)
		}
	}
	if !tail.begin(11, now) {
		t.Error("what comes again is not looked at")
	}
	tail.settle(11)
	if got := tail.offset(now); got != 13 {
		t.Errorf("what comes again moves the offset to %d", got)
	}
	if got := tail.offset(now.Add(8 * 24 * time.Hour)); got != 0 {
		t.Errorf("after a week of silence the offset is %d", got)
	}
	tail.begin(3, now) // numbers began anew
	tail.settle(3)
	if got := tail.offset(now); got != 4 {
		t.Errorf("after numbers began anew the offset is %d", got)
	}
}

func TestUpdatesThatOvertakeOneAnotherAreBroughtIntoOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sequence
		passed := make(chan int64, 10)
		arrive := func(id int64) { s.arrive(id, func() { passed <- id }) }
		for _, id := range []int64{12, 11, 14, 13} { // who comes first after a start may not be the first
			arrive(id)
		}
		arrive(17) // 15 and 16 never come
		for _, want := range []int64{11, 12, 13, 14, 17} {
			select {
			case got := <-passed:
				if got != want {
					t.Errorf("update %d comes, not %d", got, want)
				}
			case <-time.After(5 * time.Second):
				t.Fatalf("update %d does not come", want)
			}
		}
		arrive(18)
		arrive(16)
		if first, second := <-passed, <-passed; first != 18 || second != 16 {
			t.Errorf("then come %d and %d", first, second)
		}
	})
}
