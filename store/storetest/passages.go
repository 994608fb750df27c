package storetest

import (
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
)

// passages is what every bot.Store promises of codes that continue a
// conversation elsewhere.
func passages(t *testing.T, open func(t *testing.T) Talks) {
	tests := map[string]func(*testing.T, Talks){
		"the conversations of an identity are listed":                           talksListed,
		"a code is found by its hash, and a new one takes the place of the old": passageFound,
		"a code is used once, by one of many at the same time":                  passageOnce,
		"a conversation that moved on meanwhile is read again":                  passageMoved,
		"a turn of a conversation that went on elsewhere is taken again":        passageLeft,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// leads keeps a code that leads away from a conversation.
func leads(t *testing.T, s Talks, from bot.ConversationID, hash string) bot.Passage {
	t.Helper()
	p := bot.Passage{Hash: hash, From: from, ExpiresAt: noon.Add(time.Minute)}
	_, err := s.Append(t.Context(), bot.Turn{Conversation: from, Passage: &p})
	must(t, err)
	return p
}

// crosses uses a code up.
func crosses(t *testing.T, s Talks, into, from bot.ConversationID, hash string, seq int64) error {
	_, err := s.Append(t.Context(), bot.Turn{
		Conversation: into, Events: []bot.Event{said("di qui")},
		Crossing: &bot.Crossing{Hash: hash, From: from, Seq: seq, Events: []bot.Event{{At: noon, Author: bot.Assistant, Act: bot.ActLeft}}},
	})
	return err
}

func talksListed(t *testing.T, s Talks) {
	one := started(t, s, "c1")
	started(t, s, "c2")
	again := talk("c3")
	again.Identity = talk("c1").Identity
	again.StartedAt = again.StartedAt.Add(time.Minute)
	_, err := s.Start(t.Context(), again, nil)
	must(t, err)
	list, err := s.Talks(t.Context(), talk("c1").Identity)
	must(t, err)
	same(t, "conversations", list, []bot.ConversationID{one, "c3"})
	list, err = s.Talks(t.Context(), account.Identity{Channel: "telegram", PlatformID: talk("c1").Identity.PlatformID})
	must(t, err)
	same(t, "conversations in another channel", len(list), 0)
}

func passageFound(t *testing.T, s Talks) {
	one, other := started(t, s, "c1"), started(t, s, "c2")
	_, err := s.Passage(t.Context(), "h1")
	wantFault(t, err, fault.NotFound)
	want, others := leads(t, s, one, "h1"), leads(t, s, other, "h2")
	got, err := s.Passage(t.Context(), "h1")
	must(t, err)
	same(t, "code", got, want)
	leads(t, s, one, "h3")
	_, err = s.Passage(t.Context(), "h1")
	wantFault(t, err, fault.NotFound)
	got, err = s.Passage(t.Context(), "h2")
	must(t, err)
	same(t, "code of another conversation", got, others)
}

func passageOnce(t *testing.T, s Talks) {
	from := started(t, s, "c1")
	leads(t, s, from, "h1")
	into := make([]bot.ConversationID, 8)
	for i := range into {
		into[i] = started(t, s, string(rune('d'+i)))
	}
	var all sync.WaitGroup
	errs := make([]error, len(into))
	for i := range into {
		all.Go(func() { errs[i] = crosses(t, s, into[i], from, "h1", 1) })
	}
	all.Wait()
	var winner bot.ConversationID
	for i, err := range errs {
		if err == nil {
			same(t, "an earlier winner", winner, bot.ConversationID(""))
			winner = into[i]
			wantNumbered(t, events(t, s, into[i]), 2)
			continue
		}
		wantFault(t, err, fault.Conflict)
		wantNumbered(t, events(t, s, into[i]), 1) // nothing of its turn was kept
	}
	used, err := s.Passage(t.Context(), "h1")
	must(t, err)
	same(t, "where it was used", used.UsedIn, winner)
	wantNumbered(t, events(t, s, from), 2)
	leads(t, s, from, "h2")
	_, err = s.Passage(t.Context(), "h1")
	must(t, err) // it can still be said that it was used
}

func passageMoved(t *testing.T, s Talks) {
	from, into := started(t, s, "c1"), started(t, s, "c2")
	leads(t, s, from, "h1")
	received(t, s, from, "m1")
	wantFault(t, crosses(t, s, into, from, "h1", 1), fault.Conflict)
	p, err := s.Passage(t.Context(), "h1")
	must(t, err)
	same(t, "where it was used", p.UsedIn, bot.ConversationID(""))
	must(t, crosses(t, s, into, from, "h1", 2))
}

func passageLeft(t *testing.T, s Talks) {
	from, into := started(t, s, "c1"), started(t, s, "c2")
	leads(t, s, from, "h1")
	seq := received(t, s, from, "m1")
	must(t, crosses(t, s, into, from, "h1", seq))
	turn := bot.Turn{Conversation: from, Handled: seq, Events: []bot.Event{said("inviato")}}
	_, err := s.Commit(t.Context(), turn)
	wantFault(t, err, fault.Conflict)
	turn.Crossed = 1
	_, err = s.Commit(t.Context(), turn)
	must(t, err)
}
