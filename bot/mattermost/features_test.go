package mattermost

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/kb"
	"sportello/store"

	"github.com/mattermost/mattermost/server/public/model"
)

// sends posts words with files.
func (k *talk) sends(text string, contents ...string) *model.Post {
	k.Helper()
	post := &model.Post{ChannelId: k.channel, Message: text}
	for _, content := range contents {
		up, _, err := k.User.Client.UploadFile(k.Context(), []byte(content), k.channel, "foto.png")
		if err != nil {
			k.Fatal(err)
		}
		post.FileIds = append(post.FileIds, up.FileInfos[0].Id)
	}
	post, _, err := k.User.Client.CreatePost(k.Context(), post)
	if err != nil {
		k.Fatal(err)
	}
	return post
}

// said is what the person said in their direct conversation.
func (k *talk) said() (said []bot.Event) {
	k.Helper()
	events, err := k.house.channel.Engine.Store.Events(k.Context(), k.conversation(), 0, 500)
	if err != nil {
		k.Fatal(err)
	}
	for _, e := range events {
		if e.Author == bot.User {
			said = append(said, e)
		}
	}
	return said
}

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"

func filesIn(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	var failures atomic.Int32
	h.net.breaks(func(w http.ResponseWriter, r *http.Request) bool { // the first try to read one breaks
		if !strings.Contains(r.URL.Path, "/files/") || r.Method != http.MethodGet || failures.Add(1) > 1 {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}, nil)
	anna.sends("ecco la foto della stampante", png, png)
	anna.reads(2)
	if said := anna.said(); len(said) != 1 || len(said[0].Attachments) != 2 || said[0].Attachments[0].Type != "image/png" {
		t.Errorf("kept is %+v", said)
	}
	anna.sends("guardi", "MZ\x90\x00 a program", png)
	posts := anna.reads(2)
	if mark, _ := posts[0].GetProp(ours).(string); !strings.HasPrefix(mark, "refused ") {
		t.Errorf("a program is told as %q", posts[0].Message)
	}
	if said := anna.said(); len(said) != 2 || len(said[1].Attachments) != 1 {
		t.Errorf("kept is %+v", said)
	}
	anna.sends("", "MZ\x90\x00 a program")
	anna.reads(1)
}

func thumbAndLook(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	anna.says("stampante")
	answer := anna.reads(2)[1]
	votes := func() kb.Tally {
		all, err := store.NewArticles(h.db).Votes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all[kb.Key{ID: "stampante", Lang: "it"}]
	}
	react := func(emoji string) {
		if _, _, err := anna.User.Client.SaveReaction(t.Context(), &model.Reaction{UserId: anna.Id, PostId: answer.Id, EmojiName: emoji}); err != nil {
			t.Fatal(err)
		}
	}
	react("+1")
	h.eventually("the thumb counts", func() bool { return votes() == kb.Tally{Helpful: 1} })
	react("heart")
	react("thumbsdown_dark_skin_tone")
	h.eventually("the last thumb counts", func() bool { return votes() == kb.Tally{Unhelpful: 1} })

	id := anna.conversation()
	record, err := h.channel.Engine.Store.Conversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	// Who writes has looked, as the server sees it a moment later: only what is
	// said unasked after that stays unseen.
	time.Sleep(500 * time.Millisecond)
	if _, err := h.channel.Engine.Store.Append(t.Context(), bot.Turn{Conversation: id, Events: []bot.Event{{At: time.Now(), Author: bot.Operator, Text: "È risolto"}}}); err != nil {
		t.Fatal(err)
	}
	h.channel.Engine.WakeCourier()
	anna.reads(1)
	if seq, err := h.channel.Seen(t.Context(), record); err != nil || seq >= 4 {
		t.Errorf("before anybody looked, event %d is seen, %v", seq, err)
	}
	h.eventually("the last event is seen after a look", func() bool { // the server notes when a channel had its last post after the post
		if _, _, err := anna.User.Client.ViewChannel(t.Context(), anna.Id, &model.ChannelView{ChannelId: anna.channel}); err != nil {
			t.Fatal(err)
		}
		seq, err := h.channel.Seen(t.Context(), record)
		if err != nil {
			t.Fatal(err)
		}
		return seq == 4
	})
}

func trustedProfile(t *testing.T, h *house) {
	h.trust = true
	h.opened(false)
	if err := h.channel.Health(); err == nil {
		t.Error("that profiles cannot be believed is not told")
	}
	anna := h.talk("anna", "it")
	anna.says("a che punto è il mio ticket?")
	if got := anna.reads(2)[1].Message; !strings.Contains(got, "e-mail") {
		t.Errorf("without what set-up finds, she is told %q", got)
	}
	h.stop()
	talks := store.NewConversations(h.db)
	if err := talks.SetMark(t.Context(), Name, VerifiedMark, "2026-11-27"); err != nil {
		t.Fatal(err)
	}
	h.open()
	bruno := h.talk("bruno", "it")
	bruno.says("a che punto è il mio ticket?")
	posts := bruno.reads(3)
	if !strings.Contains(posts[1].Message, "bruno") || strings.Contains(posts[2].Message, "e-mail") {
		t.Errorf("believed, he is told %q, %q", posts[1].Message, posts[2].Message)
	}
	who, err := store.NewAccount(h.db).PersonByIdentity(t.Context(), account.Identity{Channel: Name, PlatformID: bruno.Id})
	if err != nil || who.Email != bruno.Email {
		t.Errorf("he is %+v, %v", who, err)
	}
	bruno.says("dimentica chi sono")
	bruno.reads(1)
	bruno.says("a che punto è il mio ticket?")
	if got := bruno.reads(1)[0].Message; !strings.Contains(got, "e-mail") {
		t.Errorf("once forgotten, he is told %q", got)
	}
	carla := h.server.User(h.name("carla"), h.name("carla")+"@altrove.example", "it")
	other := &talk{house: h, User: carla, channel: carla.DirectTo(h.bot.UserId)}
	other.says("a che punto è il mio ticket?")
	if got := other.reads(2)[1].Message; !strings.Contains(got, "e-mail") {
		t.Errorf("with an address that is not admitted, she is told %q", got)
	}
}

func buttonsShown(t *testing.T, h *house) {
	h.calls = "http://127.0.0.1:9"
	h.open()
	anna := h.talk("anna", "it")
	anna.says("stampante")
	answer := anna.reads(2)[1]
	attachments := answer.Attachments()
	if len(attachments) != 1 || len(attachments[0].Actions) < 2 {
		t.Fatalf("the answer carries %+v", attachments)
	}
	for _, action := range attachments[0].Actions {
		if action.Integration != nil {
			t.Errorf("%s shows where it leads: %+v", action.Name, action.Integration)
		}
	}
	if answer.UserId != h.bot.UserId {
		t.Errorf("posted by %s", answer.UserId)
	}
}

func longLetter(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	anna.says("ciao")
	anna.reads(2)
	id := anna.conversation()
	long := strings.Repeat(strings.Repeat("parola ", 100)+"\n\n", 60) + "```\n" + strings.Repeat("codice\n", 2000) + "```"
	letter := bot.Outgoing{ID: string(id) + "/99", Conversation: id, Channel: Name, To: anna.channel, Markdown: long}
	first, err := h.channel.Send(t.Context(), letter)
	if err != nil {
		t.Fatal(err)
	}
	parts := anna.reads(4)
	if last := parts[len(parts)-1]; last.Id != first || !strings.HasSuffix(strings.TrimSpace(last.Message), "```") {
		t.Errorf("the letter is %s, its last part %s ends %q", first, last.Id, last.Message[max(0, len(last.Message)-20):])
	}
	letter.Doubtful = true
	if again, err := h.channel.Send(t.Context(), letter); err != nil || again != first {
		t.Errorf("sent again, the letter is %s, %v", again, err)
	}
	anna.reads(0)
	letter.ID, letter.Doubtful = string(id)+"/100", false
	var asked atomic.Int32
	h.net.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		if !isPost(r) || asked.Add(1) != 3 {
			return false
		}
		http.Error(w, "limit exceeded", http.StatusTooManyRequests)
		return true
	}, nil)
	_, err = h.channel.Send(t.Context(), letter)
	if busy, is := errors.AsType[bot.Postponed](err); !is || !busy.Partly {
		t.Errorf("a server that is busy after two parts: %v", err)
	}
	letter.Doubtful = true
	if _, err := h.channel.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	anna.reads(4)
}

func typingSeen(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	anna.says("ciao")
	anna.reads(2)
	socket := anna.Listen()
	k, err := h.channel.client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id := anna.conversation()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	h.channel.typing(ctx, k, place{channel: anna.channel}, id, 1_000) // which nobody answers
	if _, err := socket.Await(func(e heard) bool { return e.EventType() == model.WebsocketEventTyping }); err != nil {
		t.Error(err)
	}
}

func operatorsWords(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	anna.says("ciao")
	anna.reads(2)
	id := anna.conversation()
	file := h.keeps("guida.png")
	turn := bot.Turn{Conversation: id, Events: []bot.Event{{
		At: time.Now(), Author: bot.Operator, Text: "Guardi **qui**, @all", Attachments: []bot.Attachment{file},
	}}}
	if _, err := h.channel.Engine.Store.Append(t.Context(), turn); err != nil {
		t.Fatal(err)
	}
	h.channel.Engine.WakeCourier()
	post := anna.reads(1)[0]
	if want := "**Operatore:** Guardi \\*\\*qui\\*\\*, @\u2060all"; post.Message != want || len(post.FileIds) != 1 {
		t.Errorf("posted is %q with files %q, want %q", post.Message, post.FileIds, want)
	}
}

// filesUnsent is where the server, or a proxy before it, takes no file of ours.
func filesUnsent(t *testing.T, h *house) {
	h.open()
	anna := h.talk("anna", "it")
	anna.says("ciao")
	anna.reads(2)
	id := anna.conversation()
	file := h.keeps("guida.png")
	for status, body := range map[int]string{
		http.StatusRequestEntityTooLarge: "<html>too large</html>",
		http.StatusNotImplemented:        `{"id":"api.file.attachments.disabled.app_error","message":"x","status_code":501}`,
		http.StatusForbidden:             `{"id":"api.context.permissions.app_error","message":"x","status_code":403}`,
	} {
		h.net.breaks(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/files") {
				return false
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}, nil)
		turn := bot.Turn{Conversation: id, Events: []bot.Event{{
			At: time.Now(), Author: bot.Operator, Text: "Guardi", Attachments: []bot.Attachment{file},
		}}}
		if _, err := h.channel.Engine.Store.Append(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
		h.channel.Engine.WakeCourier()
		if post := anna.reads(1)[0]; !strings.Contains(post.Message, "Guardi\n\nUn file") || len(post.FileIds) != 0 {
			t.Errorf("where files are answered with %d, it says %q with files %q", status, post.Message, post.FileIds)
		}
	}
}

func goneChat(t *testing.T, h *house) {
	h.open()
	_, err := h.channel.Send(t.Context(), bot.Outgoing{ID: "c/1", Channel: Name, To: model.NewId(), Markdown: "ciao"})
	if err == nil || !strings.Contains(err.Error(), bot.ErrBlocked.Error()) {
		t.Errorf("a channel that is not there: %v", err)
	}
}
