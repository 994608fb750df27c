package privacy_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sportello/privacy"
)

// pile is a shelf in memory.
type pile struct {
	count   int
	asked   []time.Time
	batches int
	broken  error
}

func (p *pile) Purge(_ context.Context, cut time.Time, limit int) (int, error) {
	p.asked = append(p.asked, cut)
	p.batches++
	n := min(limit, p.count)
	p.count -= n
	return n, p.broken
}

func (p *pile) Aged(context.Context, time.Time) (int, error) { return p.count, p.broken }

var rome = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return zone
}()

func TestDutiesAreDoneInBatchesAndOneThatFailsKeepsNone(t *testing.T) {
	now := time.Date(2026, 3, 31, 3, 0, 0, 0, rome)
	chats, broken, logs, never := &pile{count: 250}, &pile{count: 5, broken: errors.New("disk")}, &pile{count: 1}, &pile{count: 9}
	p := &privacy.Purge{
		Terms: privacy.Terms{ChatDays: 30, LinkedMonths: 24, LogDays: 21}, Now: func() time.Time { return now }, Zone: rome, Log: slog.New(slog.DiscardHandler),
		Duties: []privacy.Duty{{"chats", privacy.Chats, chats}, {"linked", privacy.Linked, broken}, {"logs", privacy.Logs, logs}, {"tickets", privacy.Tickets, never}},
	}
	counted, err := p.Once(t.Context(), true)
	if err == nil || counted[0].Count != 250 || chats.count != 250 || counted[0].Cut != "2026-03-01" {
		t.Errorf("dry: %+v, %v", counted, err)
	}
	done, err := p.Once(t.Context(), false)
	if err == nil || !strings.Contains(err.Error(), "linked: disk") {
		t.Errorf("what failed is told as %v", err)
	}
	if done[0].Count != 250 || chats.batches != 4 || chats.count != 0 || logs.count != 0 || never.count != 9 || len(done) != 3 {
		t.Errorf("%+v in %d batches", done, chats.batches)
	}
}

func TestThePurgeWaitsForTheQuietHour(t *testing.T) {
	for name, test := range map[string]struct{ now, want time.Time }{
		"in the evening":               {time.Date(2026, 11, 23, 22, 0, 0, 0, rome), time.Date(2026, 11, 24, 3, 0, 0, 0, rome)},
		"after midnight":               {time.Date(2026, 11, 23, 1, 0, 0, 0, rome), time.Date(2026, 11, 23, 3, 0, 0, 0, rome)},
		"at the hour":                  {time.Date(2026, 11, 23, 3, 0, 0, 0, rome), time.Date(2026, 11, 24, 3, 0, 0, 0, rome)},
		"when summer time begins":      {time.Date(2026, 3, 28, 22, 0, 0, 0, rome), time.Date(2026, 3, 29, 3, 0, 0, 0, rome)},
		"when the hour comes twice":    {time.Date(2026, 10, 24, 22, 0, 0, 0, rome), time.Date(2026, 10, 25, 3, 0, 0, 0, rome)},
		"at the end of the year":       {time.Date(2026, 12, 31, 12, 0, 0, 0, rome), time.Date(2027, 1, 1, 3, 0, 0, 0, rome)},
		"within the hour, a day later": {time.Date(2026, 11, 23, 3, 20, 0, 0, rome), time.Date(2026, 11, 24, 3, 0, 0, 0, rome)},
	} {
		if got := privacy.Night(test.now); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		chats := &pile{count: 3}
		p := &privacy.Purge{Terms: privacy.DefaultTerms(), Now: time.Now, Zone: rome, Log: slog.New(slog.DiscardHandler), Duties: []privacy.Duty{{"chats", privacy.Chats, chats}}}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.Run(ctx)
		}()
		time.Sleep(72 * time.Hour)
		stop()
		<-ended
		if chats.count != 0 || chats.batches != 4 { // the first night two: until nothing is left
			t.Errorf("%d left after three nights, %d batches", chats.count, chats.batches)
		}
		for _, cut := range chats.asked {
			if hour := cut.In(rome).Hour(); hour != 3 {
				t.Errorf("it ran at %s", cut.In(rome))
			}
		}
	})
}

func TestTermsAreChecked(t *testing.T) {
	if err := privacy.DefaultTerms().Check(); err != nil {
		t.Error(err)
	}
	if err := (privacy.Terms{}).Check(); err != nil {
		t.Error(err)
	}
	err := privacy.Terms{ChatDays: -1, LogDays: 22}.Check()
	if err == nil || !strings.Contains(err.Error(), "retention.chat_days") || !strings.Contains(err.Error(), "at most 21 days") {
		t.Error(err)
	}
}
