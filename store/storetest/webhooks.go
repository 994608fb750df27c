package storetest

import (
	"fmt"
	"testing"
	"time"

	"sportello/internal/fault"
	"sportello/tickets"
	"sportello/tickets/webhook"
)

// Hooks is a webhook.Store with the tickets it is about.
type Hooks struct {
	webhook.Store
	Tickets tickets.Store
}

// Webhooks is what every webhook.Store promises. open returns an empty one.
func Webhooks(t *testing.T, open func(t *testing.T) Hooks) {
	tests := map[string]func(*testing.T, Hooks){
		"a hook comes back as it was saved, until it is removed":           hookRoundTrip,
		"a hook is added once for a key":                                   hookAddedOnce,
		"a hook changed meanwhile is not overwritten":                      hookConflict,
		"there are only so many hooks":                                     hooksBounded,
		"deliveries are planned with the mark, once":                       plannedOnce,
		"of a ticket's deliveries only the oldest is claimed":              claimedInOrder,
		"a claim is nobody else's until it ends":                           claimedOnce,
		"a hook takes only so many at once, and none while it rests":       claimBounded,
		"what came of a try is kept with the health of the hook":           triedKept,
		"a delivery is planned again, and so is one that was never made":   replayed,
		"the log is listed, newest first":                                  logKept,
		"the first happening since a time is found":                        firstSince,
		"nothing is planned for a hook that is gone, and its log goes too": hookGone,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var allowing = webhook.Config{AllowPrivate: []string{"127.0.0.0/8"}, PauseAfter: 72 * time.Hour}

func aHook(t *testing.T, s Hooks, name string) webhook.Hook {
	t.Helper()
	h, err := webhook.New(webhook.Wanted{Name: name, URL: "https://hooks.example.it/" + name, Events: []tickets.Kind{tickets.KindMoved}, Active: true}, author.ID, noon, allowing)
	must(t, err)
	kept, err := s.AddHook(t.Context(), h, "")
	must(t, err)
	return kept
}

func planned(h webhook.Hook, seq int64, ticket string) webhook.Delivery {
	return webhook.Delivery{
		Hook: h.ID, Seq: seq, Ticket: tickets.ID(ticket), Kind: tickets.KindMoved, Payload: []byte(fmt.Sprintf(`{"seq":%d}`, seq)), State: webhook.Planned,
		PlannedAt: noon, NextAt: noon,
	}
}

func hookRoundTrip(t *testing.T, s Hooks) {
	h := aHook(t, s, "itsm")
	got, err := s.Hook(t.Context(), h.ID)
	must(t, err)
	same(t, "hook", got, h)
	h.Version, h.Notes, h.Active, h.Stopped, h.Events = 2, true, false, webhook.Paused, nil
	h.Failing, h.Resting, h.Failures = noon, noon.Add(time.Minute), 3
	must(t, s.SaveHook(t.Context(), h))
	second := aHook(t, s, "second")
	all, err := s.Hooks(t.Context())
	must(t, err)
	if len(all) != 2 {
		t.Fatalf("%d hooks, want 2", len(all))
	}
	for _, one := range all {
		if one.ID == h.ID {
			same(t, "changed hook", one, h)
		}
	}
	must(t, s.RemoveHook(t.Context(), second.ID))
	_, err = s.Hook(t.Context(), second.ID)
	wantFault(t, err, fault.NotFound)
	wantFault(t, s.RemoveHook(t.Context(), second.ID), fault.NotFound)
}

func hookConflict(t *testing.T, s Hooks) {
	h := aHook(t, s, "itsm")
	h.Version = 2
	must(t, s.SaveHook(t.Context(), h))
	wantFault(t, s.SaveHook(t.Context(), h), fault.Conflict)
}

func hooksBounded(t *testing.T, s Hooks) {
	for i := range webhook.MaxHooks {
		aHook(t, s, fmt.Sprint(i))
	}
	h, err := webhook.New(webhook.Wanted{URL: "https://hooks.example.it/", Active: true}, author.ID, noon, allowing)
	must(t, err)
	_, err = s.AddHook(t.Context(), h, "")
	wantFault(t, err, fault.Invalid)
}

func hookAddedOnce(t *testing.T, s Hooks) {
	key := tickets.KeyFor("key", "first")
	add := func(key string) (webhook.Hook, error) {
		h, err := webhook.New(webhook.Wanted{URL: "https://hooks.example.it/", Active: true}, author.ID, noon, allowing)
		must(t, err)
		return s.AddHook(t.Context(), h, key)
	}
	first, err := add(key)
	must(t, err)
	again, err := add(key)
	must(t, err)
	same(t, "the hook added under the same key", again, first)
	_, err = add(tickets.KeyFor("key", "second"))
	wantFault(t, err, fault.Invalid)
}

func plannedOnce(t *testing.T, s Hooks) {
	h := aHook(t, s, "itsm")
	mark, err := s.Mark(t.Context())
	must(t, err)
	if mark != 0 {
		t.Fatalf("the mark begins at %d", mark)
	}
	must(t, s.Plan(t.Context(), 0, 7, []webhook.Delivery{planned(h, 3, "a"), planned(h, 7, "b")}))
	wantFault(t, s.Plan(t.Context(), 0, 7, []webhook.Delivery{planned(h, 5, "c")}), fault.Conflict)
	mark, err = s.Mark(t.Context())
	must(t, err)
	log, err := s.Deliveries(t.Context(), h.ID, 0, 10)
	must(t, err)
	same(t, "deliveries", log, []webhook.Delivery{planned(h, 7, "b"), planned(h, 3, "a")})
	if mark != 7 {
		t.Errorf("the mark is at %d, want 7", mark)
	}
}

func claim(t *testing.T, s Hooks, at time.Time, limit, side int) (seqs []int64) {
	t.Helper()
	claimed, err := s.Claim(t.Context(), at, at.Add(time.Minute), limit, side)
	must(t, err)
	for _, d := range claimed {
		seqs = append(seqs, d.Seq)
	}
	return seqs
}

func tried(t *testing.T, s Hooks, h webhook.Hook, seq int64, o webhook.Outcome) webhook.Hook {
	t.Helper()
	d, err := s.Delivery(t.Context(), h.ID, seq)
	must(t, err)
	now, err := s.Tried(t.Context(), d, func(d webhook.Delivery, h webhook.Hook) (webhook.Delivery, webhook.Hook) {
		return webhook.After(d, h, o, allowing)
	})
	must(t, err)
	return now
}

func claimedInOrder(t *testing.T, s Hooks) {
	h := aHook(t, s, "itsm")
	must(t, s.Plan(t.Context(), 0, 4, []webhook.Delivery{planned(h, 1, "a"), planned(h, 2, "b"), planned(h, 3, "a"), planned(h, 4, "b")}))
	same(t, "claimed", claim(t, s, noon, 10, 10), []int64{1, 2})
	tried(t, s, h, 1, webhook.Outcome{At: noon, Status: 204})
	same(t, "claimed then", claim(t, s, noon, 10, 10), []int64{3})
}

func claimedOnce(t *testing.T, s Hooks) {
	h := aHook(t, s, "itsm")
	must(t, s.Plan(t.Context(), 0, 1, []webhook.Delivery{planned(h, 1, "a")}))
	same(t, "claimed", claim(t, s, noon, 10, 10), []int64{1})
	if again := claim(t, s, noon.Add(30*time.Second), 10, 10); len(again) != 0 {
		t.Errorf("claimed again: %v", again)
	}
	due, err := s.Due(t.Context())
	must(t, err)
	if !due.Equal(noon.Add(time.Minute)) {
		t.Errorf("due at %v", due)
	}
	same(t, "claimed after the claim ended", claim(t, s, noon.Add(2*time.Minute), 10, 10), []int64{1})
}

func claimBounded(t *testing.T, s Hooks) {
	h, other := aHook(t, s, "itsm"), aHook(t, s, "other")
	var all []webhook.Delivery
	for i := range int64(5) {
		all = append(all, planned(h, i+1, fmt.Sprint("t", i)), planned(other, i+1, fmt.Sprint("t", i)))
	}
	must(t, s.Plan(t.Context(), 0, 5, all))
	if got := claim(t, s, noon, 10, 2); len(got) != 4 {
		t.Errorf("claimed %v, want two of each hook", got)
	}
	if got := claim(t, s, noon, 10, 3); len(got) != 2 {
		t.Errorf("claimed %v, want one more of each hook", got)
	}
	h = tried(t, s, h, 1, webhook.Outcome{At: noon, Status: 500, Failed: true, Broken: true})
	tried(t, s, other, 1, webhook.Outcome{At: noon, Status: 200})
	if got := claim(t, s, noon, 10, 10); len(got) != 2 {
		t.Errorf("claimed %v, want the two that are left of the hook that does not rest", got)
	}
	if got := claim(t, s, h.Resting.Add(time.Minute), 1, 10); len(got) != 1 {
		t.Errorf("claimed %v, want one", got)
	}
}

func triedKept(t *testing.T, s Hooks) {
	h := aHook(t, s, "itsm")
	must(t, s.Plan(t.Context(), 0, 1, []webhook.Delivery{planned(h, 1, "a")}))
	health := tried(t, s, h, 1, webhook.Outcome{At: noon, Status: 500, Took: 1200 * time.Millisecond, Answer: "oops", Failed: true, Broken: true})
	d, err := s.Delivery(t.Context(), h.ID, 1)
	must(t, err)
	kept, err := s.Hook(t.Context(), h.ID)
	must(t, err)
	if d.State != webhook.Planned || d.Tries != 1 || d.Status != 500 || d.Took != 1200*time.Millisecond || d.Answer != "oops" || !d.FirstAt.Equal(noon) || !d.NextAt.After(noon) {
		t.Errorf("after a failure: %+v", d)
	}
	if kept.Failures != 1 || !kept.Failing.Equal(noon) || !kept.Resting.After(noon) || !kept.Active || health.Failures != 1 {
		t.Errorf("the hook after a failure: %+v", kept)
	}
	tried(t, s, h, 1, webhook.Outcome{At: noon.Add(time.Minute), Status: 200})
	d, err = s.Delivery(t.Context(), h.ID, 1)
	must(t, err)
	if d.State != webhook.Delivered || d.Tries != 2 || !d.EndedAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("after a success: %+v", d)
	}
	if now := tried(t, s, h, 1, webhook.Outcome{At: noon, Status: 500, Failed: true}); now.ID != "" {
		t.Errorf("a try of a delivery that has an end changes the hook: %+v", now)
	}
	_, err = s.Delivery(t.Context(), h.ID, 2)
	wantFault(t, err, fault.NotFound)
}

func replayed(t *testing.T, s Hooks) {
	h := aHook(t, s, "itsm")
	must(t, s.Plan(t.Context(), 0, 2, []webhook.Delivery{planned(h, 1, "a")}))
	tried(t, s, h, 1, webhook.Outcome{At: noon, Status: 200})
	must(t, s.Replay(t.Context(), []webhook.Delivery{planned(h, 1, "a"), planned(h, 2, "b")}))
	log, err := s.Deliveries(t.Context(), h.ID, 0, 10)
	must(t, err)
	same(t, "deliveries", log, []webhook.Delivery{planned(h, 2, "b"), planned(h, 1, "a")})
}

func logKept(t *testing.T, s Hooks) {
	h, other := aHook(t, s, "itsm"), aHook(t, s, "other")
	must(t, s.Plan(t.Context(), 0, 3, []webhook.Delivery{planned(h, 1, "a"), planned(h, 2, "b"), planned(h, 3, "c"), planned(other, 2, "b")}))
	page, err := s.Deliveries(t.Context(), h.ID, 3, 1)
	must(t, err)
	same(t, "second page", page, []webhook.Delivery{planned(h, 2, "b")})
}

func firstSince(t *testing.T, s Hooks) {
	first, err := s.FirstSince(t.Context(), noon)
	must(t, err)
	opened(t, s.Tickets, draft("Consolle"), "")
	second := opened(t, s.Tickets, draft("Altro"), "")
	history, err := s.Tickets.History(t.Context(), second.ID)
	must(t, err)
	after, err := s.FirstSince(t.Context(), noon.Add(time.Second))
	must(t, err)
	from, err := s.FirstSince(t.Context(), noon)
	must(t, err)
	if first != 0 || after != 0 || from != history[0].Seq-1 {
		t.Errorf("the first since are %d, %d and %d; history %+v", first, after, from, history)
	}
}

func hookGone(t *testing.T, s Hooks) {
	h := aHook(t, s, "itsm")
	must(t, s.Plan(t.Context(), 0, 1, []webhook.Delivery{planned(h, 1, "a")}))
	must(t, s.RemoveHook(t.Context(), h.ID))
	must(t, s.Plan(t.Context(), 1, 2, []webhook.Delivery{planned(h, 2, "a")}))
	log, err := s.Deliveries(t.Context(), h.ID, 0, 10)
	must(t, err)
	if len(log) != 0 {
		t.Errorf("left of a hook that is gone: %+v", log)
	}
}
