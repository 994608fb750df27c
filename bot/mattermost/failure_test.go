package mattermost

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sportello/bot"

	"github.com/mattermost/mattermost/server/public/model"
)

// answering is a channel whose server answers every request so.
func answering(t *testing.T, status int, body string, headers ...string) *Channel {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/users/me") && status != http.StatusUnauthorized {
			_, _ = io.WriteString(w, `{"id":"me","username":"assistente"}`)
			return
		}
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("the-secret-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Channel{Engine: bot.NewEngine(bot.Parts{}), Config: Config{URL: s.URL, TokenFile: token}}
}

const told = `{"id":"api.some.error","message":"x","status_code":400}`

func TestTheCourierIsToldWhatAFailureMeans(t *testing.T) {
	postponed := func(d time.Duration) func(error) bool {
		return func(err error) bool {
			var asked bot.Postponed
			return errors.As(err, &asked) && asked.After == d
		}
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	for name, c := range map[string]struct {
		channel *Channel
		is      func(error) bool
	}{
		"too many requests":             {answering(t, 429, "limit exceeded", "Retry-After", "7"), postponed(7 * time.Second)},
		"too many requests, later ones": {answering(t, 429, "limit exceeded", "X-RateLimit-Reset", "3"), postponed(3 * time.Second)},
		"too many requests, no word":    {answering(t, 429, "limit exceeded"), postponed(time.Second)},
		"the token is revoked":          {answering(t, 401, told), is(bot.ErrAway)},
		"a proxy's page":                {answering(t, 502, "<html>bad gateway</html>"), is(bot.ErrAway)},
		"a proxy that knows no server":  {answering(t, 404, "<html>not found</html>"), is(bot.ErrAway)},
		"a proxy that lets less pass":   {answering(t, 413, "<html>too large</html>"), is(bot.ErrHopeless)},
		"what breaks off":               {answering(t, 201, `{"id":`), is(bot.ErrAway)},
		"may not":                       {answering(t, 403, told), is(bot.ErrBlocked)},
		"no such channel":               {answering(t, 404, told), is(bot.ErrBlocked)},
		"what it can never take":        {answering(t, 400, told), is(bot.ErrHopeless)},
		"an error of its own":           {answering(t, 500, told), func(err error) bool { return !errors.Is(err, bot.ErrAway) && !errors.Is(err, bot.ErrHopeless) }},
	} {
		_, err := c.channel.Send(context.Background(), bot.Outgoing{ID: "c/1", To: "room/post/anna", Markdown: "ciao"})
		if err == nil || !c.is(err) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "html")) {
			t.Errorf("%s tells too much: %v", name, err)
		}
	}
}

func TestAServerThatIsNotThereIsAway(t *testing.T) {
	c := answering(t, 200, "")
	c.Config.URL = "http://127.0.0.1:1"
	if _, err := c.Send(context.Background(), bot.Outgoing{ID: "c/1", To: "c", Markdown: "ciao"}); !errors.Is(err, bot.ErrAway) {
		t.Errorf("it is %v", err)
	}
	c.Config.TokenFile += ".gone"
	if _, err := c.Send(context.Background(), bot.Outgoing{ID: "c/1", To: "c", Markdown: "ciao"}); !errors.Is(err, bot.ErrAway) || !errors.Is(err, ErrRevoked) {
		t.Errorf("without a token it is %v", err)
	}
}

// Who knows the address that answers to a command go to can answer, too.
func TestWhereAnAnswerAsideGoesIsNotTold(t *testing.T) {
	c := answering(t, 200, `{"id":"`+model.NewId()+`"}`)
	k, err := c.client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hook, p := model.NewId(), place{channel: "c", root: asideRoot, user: "u"}
	c.Now, c.Config.URL = time.Now, "http://127.0.0.1:1"
	c.asides.put(p.chat(), "https://chat.example/hooks/commands/"+hook, time.Now())
	_, err = c.sayAside(t.Context(), k, p, composed{texts: []string{"ciao"}})
	if !errors.Is(err, ErrServerAway) || strings.Contains(err.Error(), hook) {
		t.Errorf("a server that is away: %v", err)
	}
}

// Other channels ask for it while they answer.
func TestWhereToGoOnIsToldWhileTheServerIsSilent(t *testing.T) {
	asked, over := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-over
	}))
	defer s.Close()
	defer close(over)
	c := answering(t, 200, "{}")
	c.Config.URL, c.Config.Team = s.URL, "ufficio"
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _, _ = c.client(ctx) }()
	<-asked
	told := make(chan string, 1)
	go func() { told <- c.Direct() }()
	select {
	case address := <-told:
		if address != "" {
			t.Errorf("it is %q before the server said who we are", address)
		}
	case <-time.After(2 * time.Second):
		t.Error("who asks where to go on waits for the server")
	}
}
