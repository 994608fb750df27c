package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/bot"
	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
	"sportello/internal/fault"
	"sportello/store"
)

// How hard Telegram is made to fail.
const (
	barPeople  = 50
	barRate    = 0.10 // of calls and of updates
	barAway    = 3    // times that the server is away
	barKills   = 5
	barUpdates = 200 // SPORTELLO_UPDATES says otherwise; the bar is 1,000
)

// barQuestions have one answer each; no two that follow one another have the
// same.
var barQuestions = []string{"sei un robot?", "grazie", "annulla", "arrivederci"}

// bar is people who write while everything fails, and what is judged of it.
type bar struct {
	testing.TB
	ctx    context.Context
	double *telegramtest.Double
	talks  *store.Conversations
	people []*telegramtest.Person
	each   int
	killed int // messages that were taken while their answer died with us
}

func newBar(t testing.TB, double *telegramtest.Double, talks *store.Conversations) *bar {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(cancel)
	updates := barUpdates
	if said := os.Getenv("SPORTELLO_UPDATES"); said != "" {
		var err error
		if updates, err = strconv.Atoi(said); err != nil || updates < barPeople {
			t.Fatalf("SPORTELLO_UPDATES=%q: a number of at least %d is needed", said, barPeople)
		}
	}
	b := &bar{TB: t, ctx: ctx, double: double, talks: talks, each: updates / barPeople}
	for i := range barPeople {
		b.people = append(b.people, double.User(int64(5001+i), "it"))
	}
	return b
}

// question is the one that a person writes at a place.
func question(place int) string { return barQuestions[place%len(barQuestions)] }

// reference is what somebody is answered by a Telegram that works.
func (b *bar) reference() (texts []string) {
	b.Helper()
	calm := b.double.User(5000, "it")
	for i := range b.each {
		calm.Say(question(i))
	}
	if err := b.settled(calm); err != nil {
		b.Fatalf("without any fault not all was answered: %v", err)
	}
	for _, m := range calm.Chat.FromBot() {
		texts = append(texts, m.Text)
	}
	if len(texts) <= b.each || len(slices.Compact(slices.Clone(texts))) != len(texts) {
		b.Fatalf("without any fault %d messages got %q", b.each, texts)
	}
	return texts
}

// write has everybody write, in bursts, until all is said or ctx ends.
func (b *bar) write(meanwhile func()) {
	var writing sync.WaitGroup
	for n, p := range b.people {
		chance := rand.New(rand.NewPCG(7, uint64(n)))
		writing.Go(func() {
			for i := range b.each {
				p.Say(question(i))
				if chance.IntN(3) == 0 {
					select {
					case <-b.ctx.Done():
						return
					case <-time.After(time.Duration(chance.IntN(1500)) * time.Millisecond):
					}
				}
			}
		})
	}
	meanwhile()
	writing.Wait()
}

// letters are the posted events of a person's conversation by the number of
// the message that people see, and whether all was said and sent.
func (b *bar) letters(p *telegramtest.Person) (events []bot.Event, sent map[int64]bot.Event, all bool) {
	b.Helper()
	id, err := b.talks.Chat(b.ctx, telegram.ChannelName, fmt.Sprint(p.ID))
	if fault.Is(err, fault.NotFound) {
		return nil, nil, false
	}
	if err == nil {
		events, err = b.talks.Events(b.ctx, id, 0, 100_000)
	}
	if err != nil {
		b.Fatal(err)
	}
	sent, all = map[int64]bot.Event{}, true
	for _, e := range events {
		if !e.Posted() {
			continue
		}
		platformID, err := b.talks.Posted(b.ctx, fmt.Sprintf("%s/%d", id, e.Seq))
		if fault.Is(err, fault.NotFound) {
			all = false
			continue
		}
		if err != nil {
			b.Fatal(err)
		}
		_, number, _ := strings.Cut(platformID, "/")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			b.Fatalf("a letter was delivered as %q", platformID)
		}
		sent[n] = e
	}
	_, err = b.talks.NextUnread(b.ctx, id)
	return events, sent, all && fault.Is(err, fault.NotFound)
}

// settled waits until all that a person wrote is there, answered and sent.
func (b *bar) settled(p *telegramtest.Person) error {
	for {
		if events, _, all := b.letters(p); all && b.double.Waiting() == 0 && said(events) == b.each {
			return b.double.Quiet(b.ctx)
		}
		select {
		case <-b.ctx.Done():
			return b.ctx.Err()
		case <-time.After(100 * time.Millisecond): // the store tells nobody of what others change
		}
	}
}

func said(events []bot.Event) (n int) {
	for _, e := range events {
		if e.Author == bot.User {
			n++
		}
	}
	return n
}

// unexplained is how many messages people see of which we have no record, and
// that are not the double's to answer for.
func (b *bar) unexplained() int {
	seen, recorded := 0, 0
	for _, p := range b.people {
		_, sent, _ := b.letters(p)
		seen, recorded = seen+len(p.Chat.FromBot()), recorded+len(sent)
	}
	return seen - recorded - b.double.Lost()
}

// judge compares what everybody said and sees with what is expected.
func (b *bar) judge(expected []string) {
	b.Helper()
	handled, doubles := 0, 0
	for _, p := range b.people {
		if err := b.settled(p); err != nil {
			events, sent, _ := b.letters(p)
			b.Errorf("of %d messages of person %d, %d came and %d answers were sent: %v", b.each, p.ID, said(events), len(sent), err)
			continue
		}
		events, sent, _ := b.letters(p)
		last := int64(0)
		for _, e := range events {
			if e.Author != bot.User {
				continue
			}
			handled++
			_, number, _ := strings.Cut(e.Inbound, "/")
			if n, err := strconv.ParseInt(number, 10, 64); err != nil || n <= last {
				b.Errorf("person %d: message %s was taken after %d", p.ID, e.Inbound, last)
			} else {
				last = n
			}
		}
		var texts []string
		var seq int64
		for _, m := range p.Chat.FromBot() {
			letter, recorded := sent[m.ID]
			if !recorded {
				doubles++
			} else if letter.Seq <= seq {
				b.Errorf("person %d: the answers are not in order", p.ID)
			} else {
				seq = letter.Seq
			}
			delete(sent, m.ID)
			texts = append(texts, m.Text)
		}
		if len(sent) > 0 {
			b.Errorf("person %d does not see %d answers that count as sent", p.ID, len(sent))
		}
		if once := slices.Compact(texts); !slices.Equal(once, expected) {
			b.Errorf("person %d sees\n%q, not\n%q", p.ID, once, expected)
		}
	}
	counts := b.double.Injected()
	var injected []string
	for _, f := range slices.Sorted(maps.Keys(counts)) {
		injected = append(injected, fmt.Sprintf("%d %s", counts[f], f))
	}
	b.Logf("%d messages of %d people, each handled once: %d; faults: %s; receipts lost by Telegram: %d, by our death: %d; replies that people see twice: %d",
		b.each*barPeople, barPeople, handled, strings.Join(injected, ", "), b.double.Lost(), b.killed, doubles)
	if handled != b.each*barPeople {
		b.Errorf("%d messages were handled of %d", handled, b.each*barPeople)
	}
	if doubles != b.double.Lost()+b.killed {
		b.Errorf("people see %d replies twice, %d were taken without our hearing of it", doubles, b.double.Lost()+b.killed)
	}
}

// away has the server gone for a while, some times.
func (b *bar) away() {
	for range barAway {
		b.sleep(500 * time.Millisecond)
		b.double.Leave()
		b.sleep(300 * time.Millisecond)
		b.double.Return(b.TB)
	}
}

func (b *bar) sleep(d time.Duration) {
	select {
	case <-b.ctx.Done():
	case <-time.After(d):
	}
}

func TestWhileTelegramFailsEachMessageIsHandledOnceAndNoReplyIsLost(t *testing.T) {
	for i, mode := range []string{telegram.Polling, telegram.Webhook} {
		t.Run("by "+mode, func(t *testing.T) {
			t.Parallel()
			s := onTelegram(t, mode)
			b := newBar(t, s.double, s.talks)
			expected := b.reference()
			s.double.Inject(telegramtest.Faults{Seed: uint64(40 + i), Rate: barRate})
			b.write(b.away)
			b.judge(expected)
		})
	}
}

// The real service is killed meanwhile. What Telegram took while we died is
// sent again: before each start it is counted what people see and the store
// does not know.
func TestKilledWhileTelegramFailsEachMessageIsHandledOnceAndNoReplyIsLost(t *testing.T) {
	for i, mode := range []string{telegram.Polling, telegram.Webhook} {
		t.Run("by "+mode, func(t *testing.T) {
			double := telegramtest.Start(t)
			s := unserved(t)
			s.more = fmt.Sprintf("site_url: http://%s\ntelegram:\n  token_file: %s\n  api_url: %s\n  mode: %s\n", s.address, tokenFile(t, double), double.URL, mode)
			s.start(t)
			db, err := store.Open(t.Context(), s.data)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
			b := newBar(t, double, store.NewConversations(db))
			expected := b.reference()
			double.Inject(telegramtest.Faults{Seed: uint64(50 + i), Rate: barRate})
			b.write(func() {
				for range barKills {
					b.sleep(time.Duration(300+rand.IntN(1200)) * time.Millisecond)
					s.kill()
					if err := double.Quiet(b.ctx); err != nil {
						t.Fatal(err)
					}
					b.killed = b.unexplained()
					s.start(t)
				}
			})
			b.judge(expected)
			if text, err := os.ReadFile(filepath.Clean(s.log.Name())); err != nil || strings.Contains(string(text), double.Token) {
				t.Errorf("the service tells its token in the log (%v)", err)
			}
		})
	}
}
