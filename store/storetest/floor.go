package storetest

import (
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
)

// floor is what every bot.Store promises of conversations that operators take.
func floor(t *testing.T, open func(t *testing.T) Talks) {
	tests := map[string]func(*testing.T, Talks){
		"who waits is listed, the longest first":                       waitingListed,
		"news of the floor become letters to operators":                floorTold,
		"a turn made before the floor changed is dropped":              floorDropsTurn,
		"of two who take at once one has it":                           floorOnce,
		"an act is kept once for its key":                              operatedOnce,
		"an act that fails keeps nothing, and its key is free":         operatedWhole,
		"what people write is no news until a turn has looked at it":   floorQuiet,
		"a place in the queue is kept while what was heard changes":    placeKept,
		"who comes back to the queue waits behind those who are there": placeLost,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// moved is an event that changes the floor.
func moved(act string, to bot.Floor, at time.Time) bot.Event {
	return bot.Event{At: at, Author: bot.Assistant, Act: act, Reply: &bot.Reply{Markdown: act}, Change: &bot.Change{Floor: &to}}
}

// operated keeps a change of the floor that knows of the one at seq.
func operated(t *testing.T, s Talks, id bot.ConversationID, key string, known int64, e bot.Event) ([]bot.Event, bool, error) {
	t.Helper()
	return s.Operate(t.Context(), key, bot.Turn{Conversation: id, Floor: known, Events: []bot.Event{e}})
}

func queue(t *testing.T, s Talks, id bot.ConversationID, at time.Time) int64 {
	t.Helper()
	kept, fresh, err := operated(t, s, id, "queue", 0, moved(bot.ActQueue, bot.Floor{Holder: bot.ByQueue, Branch: "1.2"}, at))
	must(t, err)
	same(t, "fresh", fresh, true)
	return kept[0].Seq
}

func waiting(t *testing.T, s Talks) []bot.Waiting {
	t.Helper()
	all, err := s.Waiting(t.Context())
	must(t, err)
	return all
}

func waitingListed(t *testing.T, s Talks) {
	same(t, "at first", len(waiting(t, s)), 0)
	a, b := started(t, s, "a"), started(t, s, "b")
	since := queue(t, s, a, noon.Add(time.Minute))
	queue(t, s, b, noon)
	same(t, "waiting", waiting(t, s), []bot.Waiting{
		{Conversation: b, Channel: "widget", Branch: "1.2", Since: noon},
		{Conversation: a, Channel: "widget", Branch: "1.2", Since: noon.Add(time.Minute)},
	})
	_, _, err := operated(t, s, a, "take", since, moved(bot.ActTake, bot.Floor{Holder: bot.ByOperator, Operator: "o", Branch: "1.2"}, noon))
	must(t, err)
	same(t, "after one was taken", len(waiting(t, s)), 1)
	held, err := s.HeldBy(t.Context(), "o")
	must(t, err)
	same(t, "held", held, []bot.ConversationID{a})
	for by, want := range map[account.PersonID]int{"": 1, "another": 0} {
		held, err = s.HeldBy(t.Context(), by)
		must(t, err)
		same(t, "held by «"+string(by)+"»", len(held), want)
	}
}

func floorTold(t *testing.T, s Talks) {
	id := started(t, s, "a")
	since := queue(t, s, id, noon)
	note := bot.Event{At: noon, Author: bot.Operator, Act: bot.ActNote, Text: "chiamare"}
	kept, _, err := operated(t, s, id, "note", since, note)
	must(t, err)
	spoken, _, err := operated(t, s, id, "say", since, bot.Event{At: noon, Author: bot.Operator, Text: "eccomi"})
	must(t, err)
	for _, want := range []bot.Outgoing{{Seq: since, Kind: bot.ActQueue}, {Seq: kept[0].Seq, Kind: bot.ActNote}, {Seq: spoken[0].Seq}} {
		want.Conversation, want.Channel, want.To, want.Expires = id, bot.OperatorsChannel, string(id), noon.Add(bot.PostedWithin)
		got := due(t, s, bot.OperatorsChannel, noon)
		same(t, "letters due", len(got), 1)
		want.ID = got[0].ID
		same(t, "letter", got[0], want)
		must(t, s.Delivered(t.Context(), got[0].ID, "p"+want.Kind, noon))
	}
	same(t, "left", len(due(t, s, bot.OperatorsChannel, noon)), 0)
}

func floorDropsTurn(t *testing.T, s Talks) {
	id := started(t, s, "a")
	seq := received(t, s, id, "m1")
	since := queue(t, s, id, noon)
	_, err := s.Commit(t.Context(), bot.Turn{Conversation: id, Handled: seq, Events: []bot.Event{said("troppo tardi")}})
	wantFault(t, err, fault.Conflict)
	same(t, "events", len(events(t, s, id)), 3)
	_, err = s.Commit(t.Context(), bot.Turn{Conversation: id, Handled: seq, Floor: since, Events: []bot.Event{said("ora")}})
	must(t, err)
}

func floorOnce(t *testing.T, s Talks) {
	id := started(t, s, "a")
	since := queue(t, s, id, noon)
	var both sync.WaitGroup
	errs := make([]error, 2)
	for i, by := range []string{"anna", "bruno"} {
		both.Go(func() {
			_, _, errs[i] = s.Operate(t.Context(), "take "+by, bot.Turn{Conversation: id, Floor: since, Events: []bot.Event{
				moved(bot.ActTake, bot.Floor{Holder: bot.ByOperator}, noon)}})
		})
	}
	both.Wait()
	lost := errs[0]
	if lost == nil {
		lost = errs[1]
	}
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("they are answered %v and %v", errs[0], errs[1])
	}
	wantFault(t, lost, fault.Conflict)
}

func operatedOnce(t *testing.T, s Talks) {
	id := started(t, s, "a")
	first, fresh, err := operated(t, s, id, "k", 0, bot.Event{At: noon, Author: bot.Operator, Text: "uno"})
	must(t, err)
	same(t, "fresh", fresh, true)
	before := len(events(t, s, id))
	again, fresh, err := operated(t, s, id, "k", 77, bot.Event{At: noon, Author: bot.Operator, Text: "due"})
	must(t, err)
	same(t, "fresh", fresh, false)
	same(t, "seq", again[0].Seq, first[0].Seq)
	same(t, "events", len(events(t, s, id)), before)
	seq, err := s.Received(t.Context(), bot.Inbound{Conversation: id, Channel: bot.OperatorsChannel, ID: "k"})
	must(t, err)
	same(t, "received", seq, first[0].Seq)
}

func operatedWhole(t *testing.T, s Talks) {
	k := opened(t, s.Tickets, draft("Altro"), "open")
	stale, err := k.Close("", by(author, 1, "close"))
	must(t, err)
	stale.Ticket.Version++
	id := started(t, s, "a")
	before := len(events(t, s, id))
	turn := bot.Turn{Conversation: id, Events: []bot.Event{moved(bot.ActTake, bot.Floor{Holder: bot.ByQueue}, noon)}, Tickets: []bot.TicketChange{stale}}
	_, _, err = s.Operate(t.Context(), "k", turn)
	wantFault(t, err, fault.Conflict)
	same(t, "events", len(events(t, s, id)), before)
	same(t, "waiting", len(waiting(t, s)), 0)
	same(t, "letters", len(due(t, s, bot.OperatorsChannel, noon)), 0)
	turn.Tickets = nil
	_, fresh, err := s.Operate(t.Context(), "k", turn)
	must(t, err)
	same(t, "fresh", fresh, true)
}

func floorQuiet(t *testing.T, s Talks) {
	id := started(t, s, "a")
	since := queue(t, s, id, noon)
	must(t, s.Delivered(t.Context(), due(t, s, bot.OperatorsChannel, noon)[0].ID, "p", noon))
	seq := received(t, s, id, "m1")
	same(t, "before the turn", len(due(t, s, bot.OperatorsChannel, noon)), 0)
	letter := bot.ToOperators(id, bot.Event{At: noon, Seq: seq})
	_, err := s.Commit(t.Context(), bot.Turn{Conversation: id, Handled: seq, Floor: since, Outbox: []bot.Outgoing{letter}})
	must(t, err)
	same(t, "after it", due(t, s, bot.OperatorsChannel, noon), []bot.Outgoing{letter})
}

func placeKept(t *testing.T, s Talks) {
	a := started(t, s, "a")
	since := queue(t, s, a, noon)
	_, _, err := operated(t, s, a, "heard", since, moved(bot.ActPass, bot.Floor{Holder: bot.ByQueue, Branch: "1.2", Passing: true}, noon.Add(time.Hour)))
	must(t, err)
	same(t, "since", waiting(t, s)[0].Since, noon)
}

func placeLost(t *testing.T, s Talks) {
	a, b := started(t, s, "a"), started(t, s, "b")
	since := queue(t, s, a, noon)
	queue(t, s, b, noon.Add(time.Minute))
	kept, _, err := operated(t, s, a, "left", since, moved(bot.ActUnqueue, bot.Floor{Holder: bot.ByAssistant}, noon.Add(2*time.Minute)))
	must(t, err)
	_, _, err = operated(t, s, a, "again", kept[0].Seq, moved(bot.ActQueue, bot.Floor{Holder: bot.ByQueue}, noon.Add(3*time.Minute)))
	must(t, err)
	same(t, "who is first", waiting(t, s)[0].Conversation, b)
	same(t, "since", waiting(t, s)[1].Since, noon.Add(3*time.Minute))
}
