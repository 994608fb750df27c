package bot_test

import (
	"slices"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/store"
)

// stranger is a conversation of nobody we know, on a stage.
func (s *stage) stranger(chat string) bot.ConversationID {
	s.Helper()
	id, err := s.engine.Start(s.Context(), bot.Record{
		Conversation: bot.Conversation{Channel: "test", Identity: account.Identity{Channel: "test", PlatformID: chat}}, Chat: chat,
	})
	if err != nil {
		s.Fatal(err)
	}
	return id
}

func (s *stage) actions(id bot.ConversationID) (actions []string) {
	s.Helper()
	events, err := s.engine.Store.Events(s.Context(), id, 0, 100)
	if err != nil {
		s.Fatal(err)
	}
	for _, e := range events {
		if e.Told() {
			actions = append(actions, e.Action())
		}
	}
	return actions
}

func TestSomebodyVouchedForIsRecognisedOnce(t *testing.T) {
	s := newStage(t)
	people := store.NewAccount(s.db)
	anna, err := people.Admit(t.Context(), account.NewPerson("anna@giustizia.it", false, "it", s.engine.Now()))
	if err != nil {
		t.Fatal(err)
	}
	nonce := &account.Nonce{Word: "once", Until: s.engine.Now().Add(time.Minute)}
	s.id = s.stranger("a")
	s.expect("a che punto è il mio ticket?", "ask email")
	if err := s.engine.Recognise(t.Context(), s.id, anna, nonce); err != nil {
		t.Fatal(err)
	}
	if got := s.actions(s.id); !slices.Equal(got[2:], []string{"recognise", "status none"}) {
		t.Errorf("what waited for it is not gone on with: %q", got)
	}
	before := len(s.actions(s.id))
	if err := s.engine.Recognise(t.Context(), s.id, anna, nonce); err != nil || len(s.actions(s.id)) != before {
		t.Errorf("once more in the same conversation: %v, %q", err, s.actions(s.id))
	}
	other := s.stranger("b")
	if err := s.engine.Recognise(t.Context(), other, anna, nonce); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same nonce in another conversation: %v", err)
	}
	if got := s.actions(other); len(got) != 1 {
		t.Errorf("a refused one leaves %q", got)
	}
	bruno := account.NewPerson("bruno@giustizia.it", false, "it", s.engine.Now())
	if err := s.engine.Recognise(t.Context(), s.id, bruno, nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("somebody else in the same conversation: %v", err)
	}
	if err := s.engine.Recognise(t.Context(), other, bruno, nil); err != nil {
		t.Fatal(err)
	}
	if who, err := people.PersonByIdentity(t.Context(), account.Identity{Channel: "test", PlatformID: "b"}); err != nil || who.Email != bruno.Email {
		t.Errorf("a new person: %+v, %v", who, err)
	}
}

func TestWhoIsForgottenIsAskedAgain(t *testing.T) {
	s := newStage(t)
	s.expect("a che punto è il mio ticket?", "status none")
	if err := s.engine.Forget(t.Context(), s.id); err != nil {
		t.Fatal(err)
	}
	s.expect("a che punto è il mio ticket?", "ask email")
}

func TestEveryChatOfAnIdentityIsForgotten(t *testing.T) {
	s := newStage(t)
	s.says("apri un ticket per la stampante")
	who := account.Identity{Channel: "test", PlatformID: "stage"}
	if err := s.engine.ForgetChats(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if conv := s.conversation(); conv.Form != nil || conv.Shelf != nil || conv.Asked != (bot.Asked{}) {
		t.Errorf("there is left %+v", conv)
	}
	s.expect("chi sono?", "identity unknown")
}

// A page that vouches for its reader does so today: a conversation of last
// week is no longer too old to know its person.
func TestWhoIsVouchedForTodayIsKnownToday(t *testing.T) {
	s := newStage(t)
	s.engine.TrustFor = 12 * time.Hour
	s.id = s.stranger("old")
	s.says("buongiorno")
	s.now.Store(7 * 24 * 60)
	anna, err := store.NewAccount(s.db).Admit(t.Context(), account.NewPerson("anna@giustizia.it", false, "it", s.engine.Now()))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.engine.Recognise(t.Context(), s.id, anna, nil); err != nil {
		t.Fatal(err)
	}
	s.expect("a che punto è il mio ticket?", "status none")
}
