package mattermost

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/internal/mattermostpeer"

	"github.com/mattermost/mattermost/server/public/model"
)

func directMessage(t *testing.T, h *house) {
	anna := h.talk("anna", "it")
	anna.says("prima che ci fosse un assistente")
	time.Sleep(1100 * time.Millisecond) // the server tells its time in seconds
	h.open()
	anna.reads(0)
	early := anna.says("stampante")
	first := anna.reads(2)
	if !strings.Contains(first[0].Message, "automatico") || !strings.Contains(first[1].Message, "Stampante ferma") {
		t.Errorf("the first posts are %q, %q", first[0].Message, first[1].Message)
	}
	if found := addressed(first[1].Message); len(found) > 0 {
		t.Errorf("the article calls %q", found)
	}
	if !strings.Contains(first[1].Message, "(https://site.example/kb/it/") || !strings.Contains(first[1].Message, "1. ") {
		t.Errorf("without callbacks, the answer is %q", first[1].Message)
	}
	inThread := anna.User.Post(anna.channel, early.Id, "buongiorno")
	if got := anna.reads(1)[0]; got.RootId != early.Id {
		t.Errorf("what was written in thread %s as %s is answered in %q", early.Id, inThread.Id, got.RootId)
	}
	if _, _, err := anna.User.Client.PatchPost(t.Context(), early.Id, &model.PostPatch{Message: model.NewPointer("stampante!")}); err != nil {
		t.Fatal(err)
	}
	anna.reads(0) // what is edited is not said anew
	anna.says("grazie")
	if got := anna.reads(1)[0]; got.RootId != "" {
		t.Errorf("outside of the thread is answered in %q", got.RootId)
	}
	john := h.talk("john", "en-GB")
	john.says("hello")
	if got := john.reads(2)[0]; !strings.Contains(got.Message, "automatic") {
		t.Errorf("in English, the assistant says %q", got.Message)
	}
}

func refusedOnce(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	anna.says("ciao")
	anna.reads(2)
	anna.says(strings.Repeat("lungo ", 2000))
	if got := anna.reads(1)[0]; !strings.Contains(got.Message, "10") || !strings.HasPrefix(got.GetProp(ours).(string), "refused ") {
		t.Errorf("what is too long is told as %q", got.Message)
	}
	h.stop()
	h.open() // catches up with the same posts
	anna.says("grazie")
	anna.reads(1)
}

func TestPostsOfTheTimeWithoutUsAreAnsweredInOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t, mattermostpeer.Start(t))
	h.open()
	anna, bruno := h.talk("anna", "it"), h.talk("bruno", "it")
	anna.says("ciao")
	anna.reads(2)
	h.stop()
	h.skew = -5 * time.Hour // of our clock: only the server's counts
	const missed = 2*perPage + 10
	for range missed / 2 {
		anna.says("sei un robot?")
		anna.says("grazie")
	}
	bruno.says("ciao")
	gone := bruno.says("stampante")
	if _, err := bruno.User.Client.DeletePost(t.Context(), gone.Id); err != nil {
		t.Fatal(err)
	}
	h.open()
	for i, post := range anna.reads(missed) {
		if robot := strings.Contains(post.Message, "automatico"); robot != (i%2 == 0) {
			t.Errorf("answer %d is %q", i, post.Message)
		}
	}
	bruno.reads(2)
	if err := h.server.Restart(); err != nil {
		t.Fatal(err)
	}
	anna.says("grazie")
	anna.reads(1)
	h.eventually("the assistant is connected again", func() bool { return h.channel.Health() == nil })
	anna.says("grazie")
	anna.reads(1)
}

func lostAnswers(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	var lost atomic.Int32
	h.net.breaks(nil, func(r *http.Request) bool { return isPost(r) && lost.Add(1)%2 == 1 })
	for range 4 {
		anna.says("grazie")
	}
	anna.reads(5)
	h.eventually("five posts are answered", func() bool { return lost.Load() >= 5 }) // a post is seen before it is answered
}

func busyServer(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	var refused atomic.Int32
	h.net.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		if !isPost(r) || refused.Add(1) > 1 {
			return false
		}
		w.Header().Set("Retry-After", "2")
		http.Error(w, "limit exceeded", http.StatusTooManyRequests)
		return true
	}, nil)
	anna.says("grazie")
	anna.reads(2)
}

func revokedToken(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	tokens, _, err := h.server.Admin.Client.GetUserAccessTokensForUser(t.Context(), h.bot.UserId, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		if _, err := h.server.Admin.Client.RevokeUserAccessToken(t.Context(), token.Id); err != nil {
			t.Fatal(err)
		}
	}
	h.eventually("the refused token is told", func() bool {
		err := h.channel.Health()
		return err != nil && strings.Contains(err.Error(), "token_file")
	})
	anna.says("ciao")
	fresh, _, err := h.server.Admin.Client.CreateUserAccessToken(t.Context(), h.bot.UserId, "nuovo")
	if err != nil {
		t.Fatal(err)
	}
	h.write(fresh.Token)
	anna.reads(2)
	h.eventually("all is well", func() bool { return h.channel.Health() == nil })
}

func TestAFrozenServerIsNoticed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, mattermostpeer.Start(t))
	h.open()
	h.server.Freeze()
	defer h.server.Thaw()
	begin := time.Now()
	h.eventually("the silence is noticed", func() bool { return h.channel.Health() != nil })
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it is noticed after %s", took)
	}
}

func mentioned(t *testing.T, h *house) {
	h.open()
	anna, bruno := h.talk("anna", "it"), h.talk("bruno", "it")
	channel, _, err := h.server.Admin.Client.CreateChannel(t.Context(), &model.Channel{TeamId: h.server.Team.Id, Name: h.name("ufficio"), DisplayName: "Ufficio", Type: model.ChannelTypeOpen})
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{anna.Id, bruno.Id, h.bot.UserId} {
		if _, _, err := h.server.Admin.Client.AddChannelMember(t.Context(), channel.Id, user); err != nil {
			t.Fatal(err)
		}
	}
	anna.channel, bruno.channel = channel.Id, channel.Id
	anna.says("chi sa della stampante?")
	root := anna.says("@" + h.bot.Username + ", stampante")
	for _, post := range anna.reads(2) {
		if post.RootId != root.Id {
			t.Errorf("%q stands in %q, not in %s", post.Message, post.RootId, root.Id)
		}
	}
	bruno.User.Post(channel.Id, root.Id, "grazie")
	anna.User.Post(channel.Id, root.Id, "grazie")
	anna.reads(1)
	bruno.User.Post(channel.Id, root.Id, "grazie @"+h.bot.Username+"!")
	anna.reads(2) // Bruno has a conversation of his own
	record, err := h.channel.Engine.Store.Chat(t.Context(), Name, channel.Id+"/"+root.Id+"/"+bruno.Id)
	if err != nil {
		t.Fatal(err)
	}
	if conv, err := h.channel.Engine.Store.Conversation(t.Context(), record); err != nil || !conv.Public || conv.Identity.PlatformID != bruno.Id {
		t.Errorf("Bruno's conversation is %+v, %v", conv, err)
	}
	anna.User.Post(channel.Id, root.Id, "a che punto è il mio ticket?")
	if got := anna.reads(1)[0].Message; !strings.Contains(got, "privato") {
		t.Errorf("what is personal is answered by %q", got)
	}
	alone := &talk{house: h, User: anna.User, channel: anna.DirectTo(h.bot.UserId)}
	if posts := alone.reads(3); !strings.Contains(posts[2].Message, "e-mail") {
		t.Errorf("in private, it goes on with %q", posts[2].Message)
	}
}
