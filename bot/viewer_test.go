package bot_test

import (
	"context"
	"errors"
	"testing"

	"sportello/bot"
	"sportello/tickets"
)

// onlooker is a platform that saw people look at events up to a seq.
type onlooker struct {
	seq   int64
	fail  error
	asked int
}

func (o *onlooker) Seen(_ context.Context, r bot.Record) (int64, error) {
	o.asked++
	return o.seq, o.fail
}

func TestWhatWasLookedAtOnThePlatformIsNotMailed(t *testing.T) {
	for name, c := range map[string]struct {
		looked  func(seq int64) *onlooker
		letters int
	}{
		"it was looked at":             {func(seq int64) *onlooker { return &onlooker{seq: seq} }, 0},
		"what came before it was":      {func(seq int64) *onlooker { return &onlooker{seq: seq - 1} }, 1},
		"the platform does not know":   {func(int64) *onlooker { return &onlooker{} }, 1},
		"the platform cannot be asked": {func(int64) *onlooker { return &onlooker{fail: errors.New("away")} }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			one := o.opens("Il PC non si accende")
			o.moves(one, "", tickets.Taken, tickets.Working)
			o.quiet()
			before := len(o.told())
			o.moves(one, "Quale stanza?", tickets.Waiting)
			o.round()
			looked := c.looked(o.wantTold(before + 1).Seq)
			o.engine.Viewers = map[string]bot.Viewer{"test": looked}
			o.now.Add(16)
			o.round()
			o.wantLetters(c.letters)
			if looked.asked == 0 {
				t.Error("the platform was not asked")
			}
		})
	}
}
