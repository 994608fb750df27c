package bot_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/search"
	"sportello/store"
)

// stage is one conversation of a known person with an engine of its own.
type stage struct {
	*testing.T
	engine *bot.Engine
	db     *store.DB
	id     bot.ConversationID
	now    atomic.Int64 // minutes after nine
	sent   int
}

func newStage(t *testing.T) *stage {
	s := &stage{T: t}
	s.engine, s.db = newEngine(t, t.TempDir(), func() time.Time {
		return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Add(time.Duration(s.now.Load()) * time.Minute)
	})
	who := account.Identity{Channel: "test", PlatformID: "stage"}
	person := account.NewPerson("ada@giustizia.it", false, "it", s.engine.Now())
	if err := store.NewAccount(s.db).Apply(t.Context(), account.Change{Person: &person, Link: &account.Link{Identity: who, Person: person.ID, At: s.engine.Now()}}); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.id, err = s.engine.Start(t.Context(), bot.Record{Conversation: bot.Conversation{Channel: "test", Identity: who}, Chat: "stage"}); err != nil {
		t.Fatal(err)
	}
	return s
}

// says sends a message and returns the actions that answer it.
func (s *stage) says(text string, files ...bot.Attachment) []string {
	s.Helper()
	s.sent++
	receipt, err := s.engine.Receive(s.Context(), bot.Inbound{Conversation: s.id, Channel: "test", ID: strings.Repeat("m", s.sent), Text: text, Attachments: files})
	if err != nil {
		s.Fatal(err)
	}
	if err := s.engine.Wait(s.Context(), s.id, receipt.Seq); err != nil {
		s.Fatal(err)
	}
	events, err := s.engine.Store.Events(s.Context(), s.id, receipt.Seq, 50)
	if err != nil {
		s.Fatal(err)
	}
	var actions []string
	for _, e := range events {
		if e.Told() {
			actions = append(actions, e.Action())
		}
	}
	return actions
}

func (s *stage) expect(text string, want ...string) {
	s.Helper()
	if got := s.says(text); strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.Errorf("%q is answered by %q, want %q", text, got, want)
	}
}

// broken fails on one word.
type broken struct{ bot.Searcher }

func (b broken) Search(ctx context.Context, q search.Query) (search.Result, error) {
	if strings.Contains(q.Text, "vpn") {
		return search.Result{}, errors.New("a page of the index is damaged")
	}
	return b.Searcher.Search(ctx, q)
}

func TestAMessageThatCannotBeAnsweredGetsAnApologyAndHoldsUpNobody(t *testing.T) {
	s := newStage(t)
	s.engine.Search = broken{s.engine.Search}
	s.expect("la vpn", "fail")
	s.expect("annulla", "help")
	s.expect("stampante", "answer stampante")
}

func TestAfterALongSilenceItMayBeSomebodyElse(t *testing.T) {
	s := newStage(t)
	s.engine.TrustFor = 12 * time.Hour
	s.expect("chi sono?", "identity known")
	s.now.Add(11 * 60)
	s.expect("chi sono?", "identity known")
	s.now.Add(13 * 60)
	s.expect("i miei ticket", "ask email")
	if _, err := store.NewAccount(s.db).PersonByIdentity(t.Context(), account.Identity{Channel: "test", PlatformID: "stage"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("the identity still belongs to somebody: %v", err)
	}
}

func TestWhoLeavesIsForgotten(t *testing.T) {
	s := newStage(t)
	s.says("apri un ticket per la stampante")
	s.expect("dimentica chi sono", "identity forgotten")
	s.expect("chi sono?", "identity unknown")
	s.expect("i miei ticket", "ask email")
}

func TestSecretsInTheNamesOfFilesAreMaskedToo(t *testing.T) {
	s := newStage(t)
	file, err := s.engine.Attach(t.Context(), s.id, bot.Attachment{ID: "f", Name: "RSSMRA85T10A562S.pdf", Type: "application/pdf", Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file.Name, "RSSMRA85T10A562S") {
		t.Errorf("the name is kept as %q", file.Name)
	}
	if got := s.says("", file); len(got) == 0 || got[0] != "warn tax_code" {
		t.Errorf("the person is told %q", got)
	}
}

func TestAConversationHasSoManyFilesAndNoMore(t *testing.T) {
	s := newStage(t)
	for i := range bot.MaxKept {
		if _, err := s.engine.Attach(t.Context(), s.id, bot.Attachment{ID: strings.Repeat("f", i+1), Name: "a.png", Size: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.engine.Attach(t.Context(), s.id, bot.Attachment{ID: "one more", Name: "a.png", Size: 1}); !fault.Is(err, fault.TooLarge) {
		t.Errorf("one more is answered %v", err)
	}
	many := make([]bot.Attachment, bot.MaxAttachments+1)
	if _, err := s.engine.Receive(t.Context(), bot.Inbound{Conversation: s.id, Channel: "test", ID: "x", Attachments: many}); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many at once are answered %v", err)
	}
}
