package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"sportello/bot"
)

// letters is what every bot.Store promises of the letters to send.
func letters(t *testing.T, open func(t *testing.T) Talks) {
	tests := map[string]func(*testing.T, Talks){
		"of each recipient the oldest letter is due, in the order of storing": dueOrder,
		"letters of other channels are not due":                               dueChannel,
		"a letter that failed holds back the later ones until it is due":      dueAfterFailure,
		"a parked letter lets the next one pass":                              dueAfterParking,
		"the text of a secret is kept as long as it may be sent":              secretForgotten,
		"a claimed letter is due to nobody else, until its claim ends":        letterClaimed,
		"of several who claim a letter one gets it":                           letterClaimedSideBySide,
		"a letter of no more use holds back none and is never sent":           letterExpired,
		"a later code takes the place of one that was not delivered":          codeSuperseded,
		"every field of a letter comes back":                                  letterRoundTrip,
		"letters stored side by side are all delivered once, in order":        lettersSideBySide,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func due(t *testing.T, s Talks, channel string, now time.Time) []bot.Outgoing {
	t.Helper()
	list, err := s.Due(t.Context(), channel, now, 100)
	must(t, err)
	return list
}

// ids are those of the letters that are due by mail.
func ids(t *testing.T, s Talks, now time.Time) (list []string) {
	t.Helper()
	for _, l := range due(t, s, "mail", now) {
		list = append(list, l.ID)
	}
	return list
}

// posted stores letters named recipient/number, each in a turn of its own.
func posted(t *testing.T, s Talks, names ...string) {
	t.Helper()
	id := started(t, s, "c1")
	for _, name := range names {
		post(t, s, id, bot.Outgoing{ID: name, Channel: "mail", To: name[:1] + "@giustizia.it", Subject: "Oggetto", Markdown: "testo"})
	}
}

func post(t *testing.T, s Talks, id bot.ConversationID, l bot.Outgoing) {
	t.Helper()
	l.Conversation = id
	_, err := s.Commit(t.Context(), bot.Turn{Conversation: id, Handled: received(t, s, id, l.ID), Outbox: []bot.Outgoing{l}})
	must(t, err)
}

func dueOrder(t *testing.T, s Talks) {
	posted(t, s, "b/1", "a/1", "b/2", "a/2", "c/1")
	same(t, "due", ids(t, s, noon), []string{"b/1", "a/1", "c/1"})
	first, err := s.Due(t.Context(), "mail", noon, 2)
	must(t, err)
	same(t, "due at most two", len(first), 2)
	must(t, s.Delivered(t.Context(), "b/1", "platform-1", noon))
	same(t, "due with one delivered", ids(t, s, noon), []string{"a/1", "b/2", "c/1"})
}

func dueChannel(t *testing.T, s Talks) {
	posted(t, s, "a/1")
	post(t, s, "c1", bot.Outgoing{ID: "t/1", Channel: "telegram", To: "a@giustizia.it"})
	same(t, "due by mail", ids(t, s, noon), []string{"a/1"})
	same(t, "due by telegram", due(t, s, "telegram", noon)[0].ID, "t/1") // although a/1 is older
	same(t, "due by none", len(due(t, s, "none", noon)), 0)
}

func dueAfterFailure(t *testing.T, s Talks) {
	posted(t, s, "a/1", "a/2", "b/1")
	later := noon.Add(time.Minute)
	must(t, s.Failed(t.Context(), "a/1", "no answer", later))
	same(t, "due at once", ids(t, s, noon), []string{"b/1"})
	same(t, "due just before", ids(t, s, later.Add(-time.Millisecond)), []string{"b/1"})
	list := due(t, s, "mail", later)
	same(t, "due then", list[0].ID, "a/1")
	same(t, "attempts", list[0].Attempts, 1)
	same(t, "text", list[0].Markdown, "testo")
}

func dueAfterParking(t *testing.T, s Talks) {
	posted(t, s, "a/1", "a/2")
	must(t, s.Failed(t.Context(), "a/1", "no such mailbox", time.Time{}))
	same(t, "due", ids(t, s, noon.AddDate(1, 0, 0)), []string{"a/2"})
}

func secretForgotten(t *testing.T, s Talks) {
	id := started(t, s, "c1")
	post(t, s, id, bot.Outgoing{ID: "a/1", Channel: "mail", To: "a@giustizia.it", Markdown: "codice 123456", Secret: true})
	must(t, s.Failed(t.Context(), "a/1", "no answer", noon))
	l := due(t, s, "mail", noon)[0]
	same(t, "text after a failure", l.Markdown, "codice 123456")
	same(t, "secret", l.Secret, true)

	// What was settled can be seen only once it is due again.
	must(t, s.Delivered(t.Context(), "a/1", "platform-1", noon))
	same(t, "due once delivered", len(due(t, s, "mail", noon)), 0)
	must(t, s.Failed(t.Context(), "a/1", "", noon))
	same(t, "text after delivery", due(t, s, "mail", noon)[0].Markdown, "")

	post(t, s, id, bot.Outgoing{ID: "b/1", Channel: "mail", To: "b@giustizia.it", Markdown: "codice 654321", Secret: true})
	must(t, s.Failed(t.Context(), "b/1", "no such mailbox", time.Time{}))
	must(t, s.Failed(t.Context(), "b/1", "", noon))
	same(t, "text after parking", due(t, s, "mail", noon)[1].Markdown, "")
}

func lettersSideBySide(t *testing.T, s Talks) {
	var all sync.WaitGroup
	for c := range 4 {
		id := started(t, s, fmt.Sprint("c", c))
		all.Go(func() {
			for n := range 5 {
				seq, _, err := receive(t, s, heard(id, fmt.Sprint("m", n)))
				if err == nil {
					_, err = s.Commit(t.Context(), bot.Turn{Conversation: id, Handled: seq, Outbox: []bot.Outgoing{
						{ID: fmt.Sprintf("%d/%d", c, n), Conversation: id, Channel: "mail", To: fmt.Sprint(c), Markdown: "testo"},
					}})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	got := map[string][]string{}
	for range 5 {
		for _, l := range due(t, s, "mail", noon) {
			got[l.To] = append(got[l.To], l.ID)
			must(t, s.Delivered(t.Context(), l.ID, "", noon))
		}
	}
	for c := range 4 {
		to := fmt.Sprint(c)
		same(t, "letters to "+to, got[to], []string{to + "/0", to + "/1", to + "/2", to + "/3", to + "/4"})
	}
	same(t, "left", len(due(t, s, "mail", noon)), 0)
}

func letterClaimed(t *testing.T, s Talks) {
	posted(t, s, "a/1", "a/2")
	until := noon.Add(time.Minute)
	got, err := s.Claim(t.Context(), "a/1", noon, until)
	must(t, err)
	same(t, "claimed", got, true)
	same(t, "due while claimed", len(due(t, s, "mail", noon)), 0) // a/2 has to wait
	got, err = s.Claim(t.Context(), "a/1", noon, until)
	must(t, err)
	same(t, "claimed twice", got, false)
	same(t, "due after the claim", ids(t, s, until), []string{"a/1"})
	must(t, s.Release(t.Context(), "a/1"))
	same(t, "due once released", ids(t, s, noon), []string{"a/1"})

	_, err = s.Claim(t.Context(), "a/1", noon, until)
	must(t, err)
	must(t, s.Failed(t.Context(), "a/1", "no answer", noon))
	same(t, "due after a failure", ids(t, s, noon), []string{"a/1"})
	must(t, s.Delivered(t.Context(), "a/1", "p", noon))
	got, err = s.Claim(t.Context(), "a/1", noon, until)
	must(t, err)
	same(t, "claimed once delivered", got, false)
}

func letterClaimedSideBySide(t *testing.T, s Talks) {
	posted(t, s, "a/1")
	var all sync.WaitGroup
	won := make([]bool, 12)
	for i := range won {
		all.Go(func() {
			var err error
			if won[i], err = s.Claim(t.Context(), "a/1", noon, noon.Add(time.Minute)); err != nil {
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
}

func letterExpired(t *testing.T, s Talks) {
	id := started(t, s, "c1")
	post(t, s, id, bot.Outgoing{ID: "a/1", Channel: "mail", To: "a@giustizia.it", Markdown: "codice", Secret: true, Expires: noon.Add(time.Minute)})
	post(t, s, id, bot.Outgoing{ID: "a/2", Channel: "mail", To: "a@giustizia.it", Markdown: "altro"})
	same(t, "due in time", ids(t, s, noon), []string{"a/1"})
	late := noon.Add(time.Minute)
	same(t, "due too late", ids(t, s, late), []string{"a/2"})
	got, err := s.Claim(t.Context(), "a/1", late, late.Add(time.Minute))
	must(t, err)
	same(t, "claimed too late", got, false)
	must(t, s.Expire(t.Context(), late))
	must(t, s.Failed(t.Context(), "a/1", "", noon)) // to see it once more
	same(t, "text", due(t, s, "mail", noon)[0].Markdown, "")
}

func codeSuperseded(t *testing.T, s Talks) {
	id, other := started(t, s, "c1"), started(t, s, "c2")
	code := bot.Outgoing{Channel: "mail", To: "a@giustizia.it", Kind: bot.LetterCode, Secret: true, Markdown: "codice"}
	for i, c := range []bot.ConversationID{id, other, id} {
		code.ID = fmt.Sprint("a/", i+1)
		post(t, s, c, code)
	}
	same(t, "due", ids(t, s, noon), []string{"a/2"}) // the code of another conversation still counts
	must(t, s.Failed(t.Context(), "a/1", "no answer", noon))
	same(t, "due although the first one failed just then", ids(t, s, noon), []string{"a/2"})
	must(t, s.Delivered(t.Context(), "a/2", "p", noon))
	same(t, "due next", ids(t, s, noon), []string{"a/3"})
}

func letterRoundTrip(t *testing.T, s Talks) {
	want := bot.Outgoing{
		ID: "l1", Conversation: "c1", Channel: "mail", To: "a@giustizia.it", Kind: bot.LetterNotice, Lang: "en", Subject: "Oggetto «è»", Markdown: "**testo**",
		Thread: "2026-000001", Unsubscribe: "https://help.example/off", Expires: noon.Add(time.Hour), Secret: true,
	}
	post(t, s, started(t, s, "c1"), want)
	same(t, "letter", due(t, s, "mail", noon), []bot.Outgoing{want})
}
