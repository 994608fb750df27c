package mattermost

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

const (
	aPost    = `{"id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","channel_id":"bbbbbbbbbbbbbbbbbbbbbbbbbb","user_id":"cccccccccccccccccccccccccc","message":"ciao","create_at":5}`
	aThumb   = `{"user_id":"cccccccccccccccccccccccccc","post_id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","emoji_name":"+1"}`
	asPosted = "posted"
)

func event(t testing.TB, name, key, value string) *model.WebSocketEvent {
	text, err := json.Marshal(map[string]any{
		"event": name, "data": map[string]any{key: value, "channel_type": "D"},
		"broadcast": map[string]any{"channel_id": "bbbbbbbbbbbbbbbbbbbbbbbbbb"}, "seq": 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := model.WebSocketEventFromJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPostsAndReactionsAreRead(t *testing.T) {
	if a, is := read(event(t, asPosted, "post", aPost)); !is || a.post.Message != "ciao" || a.kind != model.ChannelTypeDirect || a.channel() != "bbbbbbbbbbbbbbbbbbbbbbbbbb" {
		t.Errorf("a post is read as %+v, %v", a, is)
	}
	if a, is := read(event(t, "reaction_added", "reaction", aThumb)); !is || a.reaction.EmojiName != "+1" || a.channel() != "bbbbbbbbbbbbbbbbbbbbbbbbbb" {
		t.Errorf("a reaction is read as %+v, %v", a, is)
	}
	for _, kind := range []string{"post_edited", "post_deleted"} {
		if a, is := read(event(t, kind, "post", aPost)); !is || a.post != nil || a.changed.Message != "ciao" || a.channel() != "bbbbbbbbbbbbbbbbbbbbbbbbbb" {
			t.Errorf("%s is read as %+v, %v", kind, a, is)
		}
	}
	for name, e := range map[string]*model.WebSocketEvent{
		"a post as nothing": event(t, asPosted, "post", "null"),
		"a post without ID": event(t, asPosted, "post", "{}"),
		"no post":           event(t, asPosted, "other", aPost),
	} {
		if a, is := read(e); is {
			t.Errorf("%s is read as %+v", name, a)
		}
	}
}

func TestWhatNoPersonSaidIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*model.Post)
		want   bool
	}{
		"a person":                {func(*model.Post) {}, true},
		"ourselves":               {func(p *model.Post) { p.UserId = "me" }, false},
		"the system":              {func(p *model.Post) { p.Type = model.PostTypeJoinChannel }, false},
		"deleted":                 {func(p *model.Post) { p.DeleteAt = 7 }, false},
		"a bot":                   {func(p *model.Post) { p.AddProp("from_bot", "true") }, false},
		"a webhook":               {func(p *model.Post) { p.AddProp("from_webhook", "true") }, false},
		"a webhook, in a boolean": {func(p *model.Post) { p.AddProp("from_webhook", true) }, false},
	} {
		post := &model.Post{UserId: "somebody"}
		c.change(post)
		if got := said(post, "me"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestOurNameIsTakenOutOfAMention(t *testing.T) {
	for message, want := range map[string]string{
		"@help la VPN cade": "la VPN cade", "ciao @help, la VPN": "ciao  la VPN", "@Help": "", "aiuto @help.": "aiuto",
		"@helper ciao": "-", "@help-desk ciao": "-", "mail@help ciao": "-", "@@help": "-", "help": "-", "@help.me": "-", "(@help)": "()",
		"@help @help ciao": "ciao",
	} {
		got, named := unaddressed(message, mentions("help"))
		if !named {
			got = "-"
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", message, got, want)
		}
	}
}

func FuzzEventsOfTheSocket(f *testing.F) {
	f.Add(aPost, "D")
	f.Add(aThumb, "O")
	f.Add("null", "")
	f.Add(`{"id":1}`, "G")
	f.Add(strings.Replace(aPost, `"create_at":5`, `"props":{"from_bot":[1]},"file_ids":null`, 1), "D")
	f.Fuzz(func(t *testing.T, value, kind string) {
		for name, key := range map[string]string{asPosted: "post", "reaction_added": "reaction"} {
			a, is := read(event(t, name, key, value))
			if !is {
				continue
			}
			if !model.IsValidId(a.channel()) {
				t.Errorf("%q belongs to channel %q", value, a.channel())
			}
			if a.post != nil {
				said(a.post, "me")
				unaddressed(a.post.Message, mentions("help"))
			}
		}
	})
}
