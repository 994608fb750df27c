package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot/mattermost"
	"sportello/internal/mattermostpeer"

	"github.com/mattermost/mattermost/server/public/model"
)

// atWork is a time when operators are there.
var atWork = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// operatorsRoom is an operators' channel on a real Mattermost server, with Olga
// in it.
type operatorsRoom struct {
	*testing.T
	server  *mattermostpeer.Server
	channel *model.Channel
	bot     string // user ID
	olga    *mattermostpeer.User
	tokens  map[string]string // files
	trigger string
	read    map[string]bool // posts, as they were
}

// newOperatorsRoom makes a channel, whose name is of this room alone.
func newOperatorsRoom(t *testing.T, server *mattermostpeer.Server, name string) *operatorsRoom {
	t.Helper()
	assistant, token := server.Bot("assistente-" + name)
	olga := server.User("olga-"+name, "olga-"+name+"@giustizia.it", "it")
	channel, _, err := server.Admin.Client.CreateChannel(t.Context(), &model.Channel{
		TeamId: server.Team.Id, Name: "operatori-" + name, DisplayName: "Operatori", Type: model.ChannelTypePrivate,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{assistant.UserId, olga.Id} {
		if _, _, err := server.Admin.Client.AddChannelMember(t.Context(), channel.Id, member); err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	r := &operatorsRoom{
		T: t, server: server, channel: channel, bot: assistant.UserId, olga: olga, trigger: "sportello-" + name, read: map[string]bool{},
		tokens: map[string]string{"bot": filepath.Join(folder, "bot"), "command": filepath.Join(folder, "command")},
	}
	r.write("bot", token)
	r.write("command", "not-yet")
	return r
}

func (r *operatorsRoom) write(name, token string) {
	r.Helper()
	if err := os.WriteFile(r.tokens[name], []byte(token+"\n"), 0o600); err != nil {
		r.Fatal(err)
	}
}

// configure lets an app have this room; the address of its site is known.
func (r *operatorsRoom) configure(c *config) {
	c.Mattermost = mattermost.Config{
		URL: r.server.URL, TokenFile: r.tokens["bot"], Team: r.server.Team.Name, OperatorsChannel: r.channel.Name,
		CommandTokenFile: r.tokens["command"], CallbackURL: c.SiteURL,
	}
}

// admit makes Olga an operator of an app that is served, and its command one of
// the server.
func (r *operatorsRoom) admit(a *app) {
	r.Helper()
	person := account.NewPerson(r.olga.Email, false, "it", a.now())
	person.Name, person.Roles = "Olga Neri", []account.Role{account.User, account.Operator}
	if err := a.people.Apply(r.Context(), account.Change{Person: &person, Link: &account.Link{
		Identity: account.Identity{Channel: mattermost.Name, PlatformID: r.olga.Id}, Person: person.ID, At: a.now(),
	}}); err != nil {
		r.Fatal(err)
	}
	callbacks, err := (&mattermost.Channel{Config: a.config.Mattermost, Key: a.talks.Key}).Callbacks(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	made, _, err := r.server.Admin.Client.CreateCommand(r.Context(), &model.Command{
		TeamId: r.server.Team.Id, Trigger: r.trigger, Method: model.CommandMethodPost, URL: callbacks.CommandURL(),
	})
	if err != nil {
		r.Fatal(err)
	}
	r.write("command", made.Token)
}

// reads waits for a post of the service with these words, which was not read
// as it stands.
func (r *operatorsRoom) reads(text string) *model.Post {
	r.Helper()
	var found *model.Post
	r.eventually("the operators read "+text, func() bool {
		list, _, err := r.olga.Client.GetPostsForChannel(r.Context(), r.channel.Id, 0, 100, "", false, false)
		if err != nil {
			r.Fatal(err)
		}
		for _, post := range list.Posts {
			if post.UserId == r.bot && strings.Contains(post.Message, text) && !r.read[post.Id+post.Message] {
				found = post
				r.read[post.Id+post.Message] = true
				return true
			}
		}
		return false
	})
	return found
}

// readsBelow is reads, and where the post must stand.
func (r *operatorsRoom) readsBelow(card *model.Post, text string) *model.Post {
	r.Helper()
	post := r.reads(text)
	if post.RootId != card.Id {
		r.Errorf("%q stands in the thread of %q, not of the request", text, post.RootId)
	}
	return post
}

// taps presses a button of a request as soon as it has it.
func (r *operatorsRoom) taps(card *model.Post, label string) {
	r.Helper()
	r.eventually("the request offers "+label, func() bool {
		post, _, err := r.olga.Client.GetPost(r.Context(), card.Id, "")
		if err != nil {
			r.Fatal(err)
		}
		for _, row := range post.Attachments() {
			for _, button := range row.Actions {
				if button.Name != label {
					continue
				}
				if _, err := r.olga.Client.DoPostActionWithCookie(r.Context(), card.Id, button.Id, "", ""); err != nil {
					r.Fatal(err)
				}
				return true
			}
		}
		return false
	})
}

// takes takes a request over. Everybody reads that it did: the server fails at
// two first posts of one thread that come at the same time.
func (r *operatorsRoom) takes(card *model.Post) {
	r.Helper()
	r.taps(card, "Prendo io")
	r.readsBelow(card, "**Olga Neri** ha preso in carico la conversazione")
}

// answers writes below a request.
func (r *operatorsRoom) answers(card *model.Post, text string) {
	r.olga.Post(r.channel.Id, card.Id, text)
}

// answersWith is answers, with a file.
func (r *operatorsRoom) answersWith(card *model.Post, text, name string, content []byte) {
	r.Helper()
	up, _, err := r.olga.Client.UploadFile(r.Context(), content, r.channel.Id, name)
	if err != nil {
		r.Fatal(err)
	}
	if _, _, err := r.olga.Client.CreatePost(r.Context(), &model.Post{
		ChannelId: r.channel.Id, RootId: card.Id, Message: text, FileIds: []string{up.FileInfos[0].Id},
	}); err != nil {
		r.Fatal(err)
	}
}

// commands gives a command, and looks at what it is answered.
func (r *operatorsRoom) commands(text, want string) {
	r.Helper()
	got, _, err := r.olga.Client.ExecuteCommandWithTeam(r.Context(), r.channel.Id, r.server.Team.Id, "/"+r.trigger+" "+text)
	if err != nil {
		r.Fatalf("%s is answered %v", text, err)
	}
	if !strings.Contains(got.Text, want) {
		r.Errorf("%s is answered %q, want %q", text, got.Text, want)
	}
}

// writes has Olga be seen to write below a request, again and again until a test
// has seen it: who looks away meanwhile misses it.
func (r *operatorsRoom) writes(card *model.Post, seen func() bool) {
	r.Helper()
	r.eventually("the person sees that Olga writes", func() bool {
		_, err := r.olga.Client.PublishUserTyping(r.Context(), r.olga.Id, model.TypingRequest{ChannelId: r.channel.Id, ParentId: card.Id})
		if err != nil {
			r.Fatal(err)
		}
		return seen()
	})
}

func (r *operatorsRoom) eventually(what string, is func() bool) {
	r.Helper()
	for until := time.Now().Add(mattermostpeer.Patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	r.Fatalf("in vain: %s", what)
}
