package mattermost

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"sportello/bot"
	"sportello/store"

	"github.com/mattermost/mattermost/server/public/model"
)

// overheard is an intake of posts that overheard alone handles.
func overheard(t *testing.T, handle func(*model.Post) error) *intake {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	c := &Channel{
		Engine: bot.NewEngine(bot.Parts{Store: store.NewConversations(db)}), Log: slog.New(slog.DiscardHandler),
		Overheard: func(_ context.Context, post *model.Post) (bool, error) { return true, handle(post) },
	}
	c.link.open.Store(&client{me: &model.User{Id: model.NewId()}})
	ctx, stop := context.WithCancel(t.Context())
	in := newIntake(c, ctx)
	t.Cleanup(func() {
		stop()
		in.wait()
		_ = db.Close()
	})
	return in
}

func posted(at int64) arrival {
	return arrival{post: &model.Post{Id: model.NewId(), ChannelId: model.NewId(), UserId: model.NewId(), CreateAt: at}, kind: model.ChannelTypeOpen}
}

func TestChannelsThatCannotBeWorkedOnHoldUpNoOther(t *testing.T) {
	handled := make(chan struct{})
	good := posted(100)
	in := overheard(t, func(post *model.Post) error {
		if post.Id == good.post.Id {
			close(handled)
			return nil
		}
		return errors.New("always")
	})
	for range 3 * sideBySide {
		in.add(posted(1))
	}
	time.Sleep(300 * time.Millisecond) // the others are all under way
	in.add(good)
	select {
	case <-handled:
	case <-time.After(10 * time.Second):
		t.Error("a channel waits for others that cannot be worked on")
	}
}

func TestWhatTheServerNeverTakesHoldsUpNoChannelForEver(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusForbidden} {
		handled := make(chan struct{})
		poison, next := posted(1), posted(2)
		next.post.ChannelId = poison.post.ChannelId
		in := overheard(t, func(post *model.Post) error {
			if post.Id == next.post.Id {
				close(handled)
				return nil
			}
			return &Failure{Status: status, ID: "api.some.error"}
		})
		in.add(poison)
		in.add(next)
		select {
		case <-handled:
		case <-time.After(10 * time.Second):
			t.Errorf("after a post that the server answers with %d, nothing is taken in", status)
		}
	}
}
