package storetest

import (
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
)

// chats is what every bot.Store promises of conversations on platforms that
// must be sent to.
func chats(t *testing.T, open func(t *testing.T) Talks) {
	tests := map[string]func(*testing.T, Talks){
		"what is said where it must be sent gets a letter, in order":              eventsGetLetters,
		"what is said elsewhere gets none":                                        eventsGetNone,
		"a chat's conversation is found by its name on the platform":              chatFound,
		"a letter whose attempt ended nobody knows how is doubtful":               letterDoubtful,
		"a letter that is put off is due later, and counts no attempt":            letterPostponed,
		"claims of a service that died end when the next one starts":              letterUnclaimed,
		"a post of ours leads to its letter, and a letter to its post":            letterPostedAs,
		"what a channel remembers is kept, each name by itself":                   marksKept,
		"a chat that blocked us is blocked until its person says something there": chatBlocked,
		"a chat that got another name keeps its conversations and letters":        chatMoved,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// sentTalk is a conversation with somebody on Telegram.
func sentTalk(id string) bot.Record {
	r := talk(id)
	r.Channel, r.Identity, r.Sent, r.TokenHash = "telegram", account.Identity{Channel: "telegram", PlatformID: "user of " + id}, true, nil
	return r
}

func eventsGetLetters(t *testing.T, s Talks) {
	id, err := s.Start(t.Context(), sentTalk("c1"), []bot.Event{said("buongiorno")})
	must(t, err)
	seq, _, err := receive(t, s, bot.Inbound{Conversation: id, Channel: "telegram", ID: "m1", Text: "ciao"})
	must(t, err)
	quiet := bot.Event{At: noon, Author: bot.Assistant, Act: "note"}
	_, err = s.Commit(t.Context(), bot.Turn{Conversation: id, Handled: seq, Events: []bot.Event{quiet, said("a Lei")}})
	must(t, err)
	_, err = s.Append(t.Context(), bot.Turn{Conversation: id, Events: []bot.Event{{At: noon, Author: bot.Operator, Text: "eccomi"}}})
	must(t, err)
	for _, want := range []bot.Outgoing{{ID: "c1/1", Seq: 1}, {ID: "c1/4", Seq: 4}, {ID: "c1/5", Seq: 5}} {
		want.Conversation, want.Channel, want.To, want.Lang, want.Expires = id, "telegram", "chat of c1", "it", noon.Add(bot.PostedWithin)
		same(t, "due", due(t, s, "telegram", noon), []bot.Outgoing{want})
		must(t, s.Delivered(t.Context(), want.ID, "p", noon))
	}
	same(t, "left", len(due(t, s, "telegram", noon)), 0)
}

func eventsGetNone(t *testing.T, s Talks) {
	started(t, s, "c1")
	same(t, "due", len(due(t, s, "widget", noon)), 0)
}

func chatFound(t *testing.T, s Talks) {
	r := sentTalk("c1")
	r.Public = true
	id, err := s.Start(t.Context(), r, nil)
	must(t, err)
	got, err := s.Chat(t.Context(), "telegram", r.Chat)
	must(t, err)
	same(t, "conversation", got, id)
	for _, other := range [][2]string{{"widget", r.Chat}, {"telegram", "another"}} {
		_, err = s.Chat(t.Context(), other[0], other[1])
		wantFault(t, err, fault.NotFound)
	}
}

func letterDoubtful(t *testing.T, s Talks) {
	posted(t, s, "a/1")
	doubtful := func() bool { return due(t, s, "mail", noon.Add(time.Hour))[0].Doubtful }
	same(t, "at first", doubtful(), false)
	_, err := s.Claim(t.Context(), "a/1", noon, noon.Add(time.Minute))
	must(t, err)
	same(t, "after a claim that lapsed", doubtful(), true)
	must(t, s.Postpone(t.Context(), "a/1", "too many", noon, true))
	same(t, "after a refusal", doubtful(), false)
	_, err = s.Claim(t.Context(), "a/1", noon, noon.Add(time.Minute))
	must(t, err)
	must(t, s.Postpone(t.Context(), "a/1", "away", noon, false))
	same(t, "after silence", doubtful(), true)
	must(t, s.Failed(t.Context(), "a/1", "no answer", noon))
	same(t, "after a failure", doubtful(), true)
}

func letterPostponed(t *testing.T, s Talks) {
	posted(t, s, "a/1", "a/2")
	_, err := s.Claim(t.Context(), "a/1", noon, noon.Add(time.Hour))
	must(t, err)
	later := noon.Add(time.Minute)
	must(t, s.Postpone(t.Context(), "a/1", "away", later, false))
	same(t, "due before", len(ids(t, s, noon)), 0) // a/2 waits for its turn
	same(t, "due then", ids(t, s, later), []string{"a/1"})
	same(t, "attempts", due(t, s, "mail", later)[0].Attempts, 0)
	must(t, s.Delivered(t.Context(), "a/1", "p", noon))
	must(t, s.Postpone(t.Context(), "a/1", "away", later, false))
	same(t, "due once delivered", ids(t, s, later), []string{"a/2"})
}

func letterUnclaimed(t *testing.T, s Talks) {
	posted(t, s, "a/1")
	_, err := s.Claim(t.Context(), "a/1", noon, noon.Add(time.Hour))
	must(t, err)
	must(t, s.Unclaim(t.Context(), []string{"telegram"}))
	same(t, "due in spite of another channel's end", len(ids(t, s, noon)), 0)
	must(t, s.Unclaim(t.Context(), []string{"telegram", "mail"}))
	same(t, "due", ids(t, s, noon), []string{"a/1"})
}

func letterPostedAs(t *testing.T, s Talks) {
	posted(t, s, "a/1", "b/1")
	_, err := s.Posted(t.Context(), "a/1")
	wantFault(t, err, fault.NotFound)
	must(t, s.Delivered(t.Context(), "a/1", "post 1", noon))
	post, err := s.Posted(t.Context(), "a/1")
	must(t, err)
	same(t, "post", post, "post 1")
	letter, err := s.PostedAs(t.Context(), "mail", "post 1")
	must(t, err)
	same(t, "letter", letter.ID, "a/1")
	for _, other := range [][2]string{{"telegram", "post 1"}, {"mail", "post 2"}} {
		_, err = s.PostedAs(t.Context(), other[0], other[1])
		wantFault(t, err, fault.NotFound)
	}
}

func marksKept(t *testing.T, s Talks) {
	mark := func(channel, name string) string {
		value, err := s.Mark(t.Context(), channel, name)
		must(t, err)
		return value
	}
	same(t, "before", mark("telegram", "offset"), "")
	for _, value := range []string{"1", "2"} {
		must(t, s.SetMark(t.Context(), "telegram", "offset", value))
		same(t, "after", mark("telegram", "offset"), value)
	}
	same(t, "of another name", mark("telegram", "other"), "")
	same(t, "of another channel", mark("mattermost", "offset"), "")
}

func chatBlocked(t *testing.T, s Talks) {
	notices, is := s.Store.(bot.NoticeStore)
	if !is {
		t.Fatal("this store has no notices")
	}
	p := account.NewPerson("ada@giustizia.it", false, "it", noon)
	r := sentTalk("c1")
	id, err := s.Start(t.Context(), r, nil)
	must(t, err)
	must(t, s.Accounts.Apply(t.Context(), account.Change{Person: &p, Link: &account.Link{Identity: r.Identity, Person: p.ID, At: noon}}))
	listed := func() int {
		list, err := notices.Chats(t.Context(), p.ID, []string{"telegram"}, 5)
		must(t, err)
		return len(list)
	}
	same(t, "before", listed(), 1)
	must(t, s.Block(t.Context(), "telegram", r.Chat, noon))
	same(t, "while blocked", listed(), 0)
	_, _, err = receive(t, s, bot.Inbound{Conversation: id, Channel: "telegram", ID: "m1", Text: "ciao"})
	must(t, err)
	same(t, "after the person came back", listed(), 1)
}

func chatMoved(t *testing.T, s Talks) {
	begin := func(id, chat string) {
		r := sentTalk(id)
		r.Chat = chat
		_, err := s.Start(t.Context(), r, []bot.Event{said("buongiorno")})
		must(t, err)
	}
	begin("c1", "-100/7")
	begin("c2", "-100/8")
	begin("c3", "-100")
	begin("other", "-1000/7")
	begin("third", "-10")
	begin("taken", "-200/8")
	must(t, s.MoveChat(t.Context(), "telegram", "-100", "-200"))
	must(t, s.MoveChat(t.Context(), "telegram", "-100", "-200")) // told twice
	for chat, want := range map[string]bot.ConversationID{
		"-200/7": "c1", "-200": "c3", "-1000/7": "other", "-10": "third",
		"-200/8": "taken", "-100/8": "c2", // its new name was taken
	} {
		got, err := s.Chat(t.Context(), "telegram", chat)
		must(t, err)
		same(t, "conversation of "+chat, got, want)
	}
	_, err := s.Chat(t.Context(), "telegram", "-100/7")
	wantFault(t, err, fault.NotFound)
	to := map[string]string{}
	for range 2 { // the oldest of each first
		for _, l := range due(t, s, "telegram", noon) {
			to[l.ID] = l.To
			must(t, s.Delivered(t.Context(), l.ID, "p", noon))
		}
	}
	same(t, "recipients", to, map[string]string{
		"c1/1": "-200/7", "c2/1": "-200/8", "c3/1": "-200", "other/1": "-1000/7", "third/1": "-10", "taken/1": "-200/8",
	})
	must(t, s.MoveChat(t.Context(), "mattermost", "-1000", "-3"))
	_, err = s.Chat(t.Context(), "telegram", "-1000/7")
	must(t, err)
}
