package mattermost

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// Administrators, and what imports for them, date posts as they like.
func datedAhead(t *testing.T, h *house) {
	h.open()
	anna, admin := h.talk("anna", "it"), h.server.Admin
	anna.says("ciao")
	anna.reads(2)
	direct := admin.DirectTo(h.bot.UserId)
	ahead := time.Now().Add(24 * time.Hour).UnixMilli()
	post, _, err := admin.Client.CreatePost(t.Context(), &model.Post{ChannelId: direct, Message: "ciao", CreateAt: ahead})
	if err != nil || post.CreateAt != ahead {
		t.Fatalf("the post is of %d, %v", post.CreateAt, err)
	}
	h.eventually("the post is taken in", func() bool {
		_, err := h.channel.Engine.Store.Chat(t.Context(), Name, direct)
		return !fault.Is(err, fault.NotFound)
	})
	h.stop()
	anna.says("grazie")
	h.open()
	anna.reads(1)
}

func unreadable(t *testing.T, h *house) {
	h.open()
	anna, bruno := h.talk("anna", "it"), h.talk("bruno", "it")
	for _, one := range []*talk{anna, bruno} {
		one.says("ciao")
		one.reads(2)
	}
	h.stop()
	anna.says("grazie")
	bruno.says("grazie")
	h.net.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/channels/"+anna.channel+"/posts") {
			return false
		}
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"id":"app.post.get_posts.app_error","message":"x","status_code":500}`)
		return true
	}, nil)
	h.opened(false) // it says what is missing
	bruno.reads(1)
	bruno.says("grazie")
	bruno.reads(1)
	anna.reads(0)
	h.net.breaks(nil, nil)
	anna.reads(1)
	h.eventually("all is well", func() bool { return h.channel.Health() == nil })
}
