package widget

import (
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sportello/bot"
	"sportello/files"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"
)

// shelf is a Store with one conversation, opened by the token "key", that
// others add to.
type shelf struct {
	bot.Store // the rest is never called
	mu        sync.Mutex
	events    []bot.Event
}

func (s *shelf) add(e bot.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Seq = int64(len(s.events) + 1)
	s.events = append(s.events, e)
}

func (s *shelf) Conversation(context.Context, bot.ConversationID) (bot.Record, error) {
	hash := sha256.Sum256([]byte("key"))
	return bot.Record{Conversation: bot.Conversation{ID: "c", Channel: Channel, Lang: "it"}, TokenHash: hash[:]}, nil
}

func (s *shelf) Events(_ context.Context, _ bot.ConversationID, after int64, limit int) ([]bot.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.events[min(after, int64(len(s.events))):]
	return all[:min(limit, len(all))], nil
}

// streamed is what a reader got who stayed so long.
func streamed(t *testing.T, s *shelf, during time.Duration, headers ...string) string {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	r := chi.NewRouter()
	w := &Widget{
		Engine: bot.NewEngine(bot.Parts{Store: s, Log: log}), Files: files.New(nil, files.DefaultLimits, nil),
		Config: DefaultConfig(), Log: log, Now: time.Now,
	}
	w.Register(humachi.New(r, huma.DefaultConfig("test", "1")))
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, root+"/c/events", nil)
	request.Header.Set("Authorization", "Bearer key")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream is answered %d %v", answer.Code, answer.Header())
	}
	return answer.Body.String()
}

var named = regexp.MustCompile(`(?m)^(?:id: (\d+)\n)?(?:event: (\w+)|: (alive))$`)

// told names the events of a stream, messages by their ID.
func told(stream string) (all []string) {
	for _, m := range named.FindAllStringSubmatch(stream, -1) {
		all = append(all, strings.TrimSpace(m[2]+m[3]+" "+m[1]))
	}
	return all
}

func TestTheAssistantTypesUntilItAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		s.add(bot.Event{Author: bot.Assistant, Act: "disclose", Reply: &bot.Reply{Markdown: "buongiorno"}})
		s.add(bot.Event{Author: bot.User, Text: "aiuto"})
		time.AfterFunc(30*time.Second, func() {
			s.add(bot.Event{Author: bot.Assistant, Act: "note"})
			s.add(bot.Event{Author: bot.Assistant, Act: "answer", Reply: &bot.Reply{Markdown: "ecco"}})
		})
		want := []string{"state", "message 1", "message 2", "typing", "alive", "alive", "message 4"}
		if diff := cmp.Diff(want, told(streamed(t, s, 50*time.Second))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestAnIdleStreamGivesSignsOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		want := []string{"state", "alive", "alive", "alive"}
		if diff := cmp.Diff(want, told(streamed(t, &shelf{}, 70*time.Second))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestAStreamResumes(t *testing.T) {
	s := &shelf{}
	for range 2*page + 10 {
		s.add(bot.Event{Author: bot.Operator, Act: "say", Reply: &bot.Reply{Markdown: "riga"}})
	}
	for last, want := range map[string]int{"0": 2*page + 10, "1": 2*page + 9, "409": 1, "410": 0, "9000": 0} {
		synctest.Test(t, func(t *testing.T) {
			got := told(streamed(t, s, time.Second, "Last-Event-ID", last))[1:]
			if len(got) != want {
				t.Errorf("after %s come %d messages, want %d", last, len(got), want)
			}
		})
	}
}

func TestAMessageTellsWhetherItWantsAReply(t *testing.T) {
	for choice, want := range map[string]bool{"3.cancel": true, "3.skip": true, "3.step-stop": true, "3.solved": false, "3.ticket": false} {
		m, _ := message(bot.Event{Author: bot.Assistant, Reply: &bot.Reply{Markdown: "?", Choices: []bot.Choice{{ID: choice}}}})
		if m.Awaits != want {
			t.Errorf("offering %s, it awaits a reply: %v", choice, m.Awaits)
		}
	}
}
