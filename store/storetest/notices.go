package storetest

import (
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
)

// Notifier is a bot.NoticeStore with its neighbours.
type Notifier struct {
	Talks
	bot.NoticeStore
}

// Notices is what every bot.NoticeStore promises. open returns an empty one.
func Notices(t *testing.T, open func(t *testing.T) Notifier) {
	tests := map[string]func(*testing.T, Notifier){
		"the mark moves from where it was read, or nothing is kept":              announceMark,
		"of many who announce the same happenings one does":                      announceSideBySide,
		"a notice comes back as it was kept until nothing is left to do":         noticeRoundTrip,
		"a notice that somebody saw to meanwhile is not seen to again":           noticeOnce,
		"a notice is told at the end of the conversation":                        noticeTold,
		"what a client showed, or the person spoke after, is read":               noticeRead,
		"what is read meanwhile is not mailed":                                   noticeReadWhileMailed,
		"who may be another person has read nothing":                             noticeAfresh,
		"a conversation that is not the person's any more is told nothing":       noticeNotTheirs,
		"conversations are listed by when the person last did something in them": chatsListed,
		"people are listed while a notice is due for them":                       expectingListed,
		"a letter that came back makes its address undeliverable":                letterReturned,
		"a key is made once": secretKeyOnce,
		"old notices are forgotten, those still to be told are not": noticesForgotten,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// known is a person whose conversation c1 is.
func known(t *testing.T, s Notifier) account.Person {
	t.Helper()
	p := account.NewPerson("ada@giustizia.it", false, "it", noon)
	p.ID = "ada"
	must(t, s.Accounts.Apply(t.Context(), account.Change{
		Person: &p, Link: &account.Link{Identity: talk("c1").Identity, Person: p.ID, At: noon},
	}))
	return p
}

func notice(id string, due time.Time) bot.Placed {
	return bot.Placed{Notice: bot.Notice{
		ID: id, Person: "ada", Ticket: "t1", Number: "2026-000001", Kind: bot.NoticeWaiting, Bond: bot.AsAuthor,
		Happening: 1, At: noon, Text: "Quale stanza?", By: "Bruno", Due: due,
	}}
}

func announced(t *testing.T, s Notifier) int64 {
	t.Helper()
	mark, err := s.Announced(t.Context())
	must(t, err)
	return mark
}

func noticesOf(t *testing.T, s Notifier, by time.Time) []bot.Notice {
	t.Helper()
	list, err := s.Notices(t.Context(), "ada", by)
	must(t, err)
	return list
}

func announceMark(t *testing.T, s Notifier) {
	known(t, s)
	same(t, "mark at first", announced(t, s), int64(0))
	must(t, s.Announce(t.Context(), bot.Announcement{From: 0, To: 7}))
	same(t, "mark", announced(t, s), int64(7))
	err := s.Announce(t.Context(), bot.Announcement{From: 0, To: 9, Notices: []bot.Placed{notice("n", noon)}})
	wantFault(t, err, fault.Conflict)
	same(t, "mark after a conflict", announced(t, s), int64(7))
	same(t, "notices after a conflict", len(noticesOf(t, s, noon)), 0)
	must(t, s.Announce(t.Context(), bot.Announcement{From: 7, To: 9}))
	same(t, "mark moved on", announced(t, s), int64(9))
}

func announceSideBySide(t *testing.T, s Notifier) {
	known(t, s)
	started(t, s.Talks, "c1")
	var all sync.WaitGroup
	won := make([]bool, 12)
	for i := range won {
		all.Go(func() {
			err := s.Announce(t.Context(), bot.Announcement{
				From: 0, To: 1, Notices: []bot.Placed{notice("n", noon)}, Told: []bot.Told{{Conversation: "c1", Person: "ada", Event: said("avviso"), Notices: []string{"n"}}},
				Letters: []bot.Outgoing{{ID: fmt.Sprint("l", i), Channel: "mail", To: "ada@giustizia.it"}},
			})
			if won[i] = err == nil; err != nil && !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	winners := 0
	for _, w := range won {
		if w {
			winners++
		}
	}
	same(t, "winners", winners, 1)
	wantNumbered(t, events(t, s.Talks, "c1"), 2)
	same(t, "letters", len(due(t, s.Talks, "mail", noon)), 1)
}

func noticeRoundTrip(t *testing.T, s Notifier) {
	known(t, s)
	n := notice("n", noon.Add(time.Minute))
	must(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{n}}))
	same(t, "before it is due", len(noticesOf(t, s, noon)), 0)
	same(t, "notice", noticesOf(t, s, noon.Add(time.Minute)), []bot.Notice{n.Notice})
	n.Was, n.Due = n.Due, time.Time{}
	must(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{n}}))
	same(t, "once nothing is left to do", len(noticesOf(t, s, noon.AddDate(1, 0, 0))), 0)
}

func noticeOnce(t *testing.T, s Notifier) {
	known(t, s)
	n := notice("n", noon)
	must(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{n}}))
	wantFault(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{n}}), fault.Conflict) // there is one already
	n.Was, n.Due = noon, time.Time{}
	letter := bot.Outgoing{ID: "l1", Channel: "mail", To: "ada@giustizia.it"}
	must(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{n}, Letters: []bot.Outgoing{letter}}))
	letter.ID = "l2"
	wantFault(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{n}, Letters: []bot.Outgoing{letter}}), fault.Conflict)
	same(t, "letters", len(due(t, s.Talks, "mail", noon)), 1)
}

// toldNotice tells a notice in c1, and returns it as it is due.
func toldNotice(t *testing.T, s Notifier) bot.Placed {
	t.Helper()
	known(t, s)
	started(t, s.Talks, "c1")
	n := notice("n", noon.Add(time.Minute))
	n.Conversation = "c1"
	must(t, s.Announce(t.Context(), bot.Announcement{
		Notices: []bot.Placed{n}, Told: []bot.Told{{Conversation: "c1", Person: "ada", Event: said("avviso"), Notices: []string{"n"}}},
	}))
	n.Seq, n.Was = 2, n.Due
	return n
}

func noticeTold(t *testing.T, s Notifier) {
	n := toldNotice(t, s)
	wantNumbered(t, events(t, s.Talks, "c1"), 2)
	same(t, "notice", noticesOf(t, s, n.Due), []bot.Notice{n.Notice})
}

func noticeRead(t *testing.T, s Notifier) {
	n := toldNotice(t, s)
	read := func() bool { return noticesOf(t, s, n.Due)[0].Read }
	must(t, s.Seen(t.Context(), "c1", 1))
	same(t, "read when less was shown", read(), false)
	must(t, s.Seen(t.Context(), "c1", 2))
	same(t, "read when it was shown", read(), true)
	must(t, s.Seen(t.Context(), "c1", 1))
	same(t, "still read", read(), true)

	other := notice("n2", n.Due)
	other.Conversation, other.Happening = "c1", 2
	must(t, s.Seen(t.Context(), "c1", 1_000_000)) // a client cannot have seen what is not there yet
	must(t, s.Announce(t.Context(), bot.Announcement{
		Notices: []bot.Placed{other}, Told: []bot.Told{{Conversation: "c1", Person: "ada", Event: said("avviso"), Notices: []string{"n2"}}},
	}))
	same(t, "read before it was told", noticesOf(t, s, n.Due)[1].Read, false)
	received(t, s.Talks, "c1", "m1")
	same(t, "read when the person spoke", noticesOf(t, s, n.Due)[1].Read, true)
}

func noticeReadWhileMailed(t *testing.T, s Notifier) {
	n := toldNotice(t, s)
	must(t, s.Seen(t.Context(), "c1", 2))
	n.Due = time.Time{}
	mailed := bot.Announcement{Notices: []bot.Placed{n}, Letters: []bot.Outgoing{{ID: "l1", Channel: "mail", To: "ada@giustizia.it"}}}
	wantFault(t, s.Announce(t.Context(), mailed), fault.Conflict)
	same(t, "letters", len(due(t, s.Talks, "mail", noon)), 0)
	n.Read = true
	must(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{n}}))
	same(t, "left", len(noticesOf(t, s, noon.AddDate(1, 0, 0))), 0)
}

func noticeAfresh(t *testing.T, s Notifier) {
	n := toldNotice(t, s)
	_, _, err := s.Receive(t.Context(), heard("c1", "m1"), bot.Event{At: noon, Author: bot.User, Text: "buongiorno", Afresh: true})
	must(t, err)
	same(t, "read", noticesOf(t, s, n.Due)[0].Read, false)
}

func noticeNotTheirs(t *testing.T, s Notifier) {
	known(t, s)
	started(t, s.Talks, "c1")
	identity := talk("c1").Identity
	must(t, s.Accounts.Apply(t.Context(), account.Change{Unlink: &identity}))
	err := s.Announce(t.Context(), bot.Announcement{
		From: 0, To: 1, Told: []bot.Told{{Conversation: "c1", Person: "ada", Event: said("avviso")}},
	})
	wantFault(t, err, fault.Conflict)
	wantNumbered(t, events(t, s.Talks, "c1"), 1)
	same(t, "mark", announced(t, s), int64(0))
}

func chatsListed(t *testing.T, s Notifier) {
	p := known(t, s)
	for i, id := range []string{"c1", "c2", "c3"} {
		r := talk(id)
		r.StartedAt = noon.Add(time.Duration(i) * time.Minute)
		_, err := s.Start(t.Context(), r, nil)
		must(t, err)
		if id != "c3" {
			must(t, s.Accounts.Apply(t.Context(), account.Change{Link: &account.Link{Identity: r.Identity, Person: p.ID, At: noon}}))
		}
	}
	listed := func(channels ...string) (ids []bot.ConversationID) {
		list, err := s.Chats(t.Context(), p.ID, channels, 5)
		must(t, err)
		for _, c := range list {
			ids = append(ids, c.Conversation)
		}
		return ids
	}
	same(t, "theirs", listed("widget", "telegram"), []bot.ConversationID{"c2", "c1"})
	_, _, err := s.Receive(t.Context(), heard("c1", "m1"), bot.Event{At: noon.Add(time.Hour), Author: bot.User, Text: "ciao"})
	must(t, err)
	same(t, "by the last word", listed("widget"), []bot.ConversationID{"c1", "c2"})
	same(t, "of another channel", len(listed("telegram")), 0)
	same(t, "of none", len(listed()), 0)
}

func expectingListed(t *testing.T, s Notifier) {
	known(t, s)
	n := notice("n", noon.Add(time.Minute))
	must(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{n}}))
	expecting := func(now time.Time) []account.PersonID {
		list, err := s.Expecting(t.Context(), now, 10)
		must(t, err)
		return list
	}
	same(t, "before", len(expecting(noon)), 0)
	same(t, "then", expecting(n.Due), []account.PersonID{"ada"})
	n.Was, n.Due = n.Due, time.Time{}
	must(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{n}}))
	same(t, "after", len(expecting(noon.AddDate(1, 0, 0))), 0)
}

func letterReturned(t *testing.T, s Notifier) {
	p := known(t, s)
	post(t, s.Talks, started(t, s.Talks, "c1"), bot.Outgoing{ID: "l1", Channel: "mail", To: p.Email})
	undeliverable := func() bool {
		_, is, err := s.Undeliverable(t.Context(), p.Email)
		must(t, err)
		return is
	}
	must(t, s.Returned(t.Context(), "no letter of ours", "5.1.1", true, noon))
	must(t, s.Returned(t.Context(), "l1", "5.2.2 mailbox full", false, noon))
	same(t, "after a full mailbox", undeliverable(), false)
	same(t, "due", len(due(t, s.Talks, "mail", noon)), 0)
	must(t, s.Returned(t.Context(), "l1", "5.1.1 no such user", true, noon))
	must(t, s.Returned(t.Context(), "l1", "5.1.1 no such user", true, noon))
	reason, is, err := s.Undeliverable(t.Context(), p.Email)
	must(t, err)
	same(t, "reason", reason, "5.1.1 no such user")
	same(t, "undeliverable", is, true)

	// Who confirms the address reads mail there again.
	must(t, s.Accounts.Apply(t.Context(), account.Change{Link: &account.Link{Identity: talk("c1").Identity, Person: p.ID, At: noon}}))
	same(t, "after it was confirmed", undeliverable(), false)

	// So does who signs in by a code that came there.
	must(t, s.Returned(t.Context(), "l1", "5.1.1 no such user again", true, noon))
	same(t, "refused again", undeliverable(), true)
	browser := account.Identity{Channel: "browser", PlatformID: "b1"}
	challenge, code, err := account.NewChallenge(browser, p.Email, noon, rand.Reader)
	must(t, err)
	must(t, s.Accounts.Apply(t.Context(), account.Change{Challenge: &challenge}))
	same(t, "a code that was only sent", undeliverable(), true)
	challenge, err = challenge.Verify(code, noon)
	must(t, err)
	must(t, s.Accounts.Apply(t.Context(), account.Change{Challenge: &challenge, Spent: &browser}))
	same(t, "after a code came back", undeliverable(), false)
}

func secretKeyOnce(t *testing.T, s Notifier) {
	var all sync.WaitGroup
	keys := make([][]byte, 8)
	for i := range keys {
		all.Go(func() {
			var err error
			if keys[i], err = s.Key(t.Context(), "unsubscribe"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, k := range keys {
		same(t, "key", k, keys[0])
	}
	same(t, "length", len(keys[0]), 32)
	other, err := s.Key(t.Context(), "other")
	must(t, err)
	same(t, "another one is another one", string(other) == string(keys[0]), false)
}

func noticesForgotten(t *testing.T, s Notifier) {
	known(t, s)
	done, waits := notice("done", time.Time{}), notice("waits", noon)
	must(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{done, waits}}))
	must(t, s.ForgetNotices(t.Context(), noon.Add(time.Hour)))
	same(t, "left to tell", len(noticesOf(t, s, noon)), 1)
	must(t, s.Announce(t.Context(), bot.Announcement{Notices: []bot.Placed{done}})) // it is not there any more
}
