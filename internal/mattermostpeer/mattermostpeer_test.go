package mattermostpeer_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"sportello/internal/mattermostpeer"

	"github.com/mattermost/mattermost/server/public/model"
)

// `make peers` runs this one, so that no other test has to wait for the build.
func TestTheServerIsBuilt(t *testing.T) {
	program, err := mattermostpeer.Program()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(program); err != nil || info.Mode()&0o100 == 0 {
		t.Errorf("%s is no program: %v", program, err)
	}
}

func TestUsersAndABotTalkOnARealServer(t *testing.T) {
	s := mattermostpeer.Start(t)
	anna, bot := s.User("anna.verdi", "anna.verdi@giustizia.it", "it"), s.User("bruno.neri", "bruno.neri@giustizia.it", "en")
	hers := anna.Listen()
	assistant, token := s.Bot("assistente")
	ears, err := mattermostpeer.Listen(s.Socket(), token)
	if err != nil {
		t.Fatal(err)
	}
	defer ears.Close()
	asked := anna.Post(anna.DirectTo(assistant.UserId), "", "la stampante non stampa")
	heard, err := ears.AwaitPost(func(p *model.Post) bool { return p.Id == asked.Id })
	if err != nil {
		t.Fatal(err)
	}
	if got := heard.Post; got.Message != "la stampante non stampa" || got.UserId != anna.Id {
		t.Errorf("the bot heard %q of %s", got.Message, got.UserId)
	}
	bot.Post(bot.DirectTo(anna.Id), "", "a me sì")
	if _, err := hers.AwaitPost(func(p *model.Post) bool { return p.Message == "a me sì" }); err != nil {
		t.Error(err)
	}
	if anna.Locale != "it" || bot.Locale != "en" {
		t.Errorf("locales are %q and %q", anna.Locale, bot.Locale)
	}
}

func TestAKilledServerComesBackWithAllThatWasPosted(t *testing.T) {
	s := mattermostpeer.Start(t)
	anna := s.User("anna.verdi", "anna.verdi@giustizia.it", "it")
	channel, socket := anna.DirectTo(s.Admin.Id), anna.Listen()
	before := anna.Post(channel, "", "prima")
	s.Kill()
	select {
	case <-socket.Lost():
	case <-time.After(mattermostpeer.Patience):
		t.Fatal("the socket to a killed server is still open")
	}
	if _, _, err := anna.Client.CreatePost(t.Context(), &model.Post{ChannelId: channel, Message: "a nessuno"}); err == nil {
		t.Fatal("a killed server took a post")
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	after := anna.Post(channel, "", "dopo")
	posts, _, err := anna.Client.GetPostsForChannel(t.Context(), channel, 0, 10, "", false, false)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{after.Id, before.Id}; !slices.Equal(posts.Order, want) {
		t.Errorf("there are the posts %v, want %v", posts.Order, want)
	}
}

func TestAFrozenServerDoesNotAnswerUntilItThaws(t *testing.T) {
	s := mattermostpeer.Start(t)
	s.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, _, err := s.Admin.Client.GetMe(ctx, ""); err == nil {
		t.Error("a frozen server answered")
	}
	s.Thaw()
	if _, _, err := s.Admin.Client.GetMe(t.Context(), ""); err != nil {
		t.Error(err)
	}
}

func TestServersOfOneTestKnowNothingOfEachOther(t *testing.T) {
	one, other := mattermostpeer.Start(t), mattermostpeer.Start(t, "MM_EMAILSETTINGS_REQUIREEMAILVERIFICATION=true")
	one.User("anna.verdi", "anna.verdi@giustizia.it", "it")
	if _, _, err := other.Admin.Client.GetUserByUsername(t.Context(), "anna.verdi", ""); err == nil {
		t.Error("somebody is known on both")
	}
	config, _, err := other.Admin.Client.GetConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !*config.EmailSettings.RequireEmailVerification {
		t.Error("a setting of the test's own has no effect")
	}
	other.User("anna.verdi", "anna.verdi@giustizia.it", "it") // verified, so she can sign in
}
