package bot_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/search"
	"sportello/store"
)

// operators are two who may take conversations over, and one who may not.
func operators(t *testing.T, db *store.DB) (anna, bruno, clerk account.Person) {
	t.Helper()
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	all := []account.Person{
		account.NewPerson("anna@giustizia.it", false, "it", now),
		account.NewPerson("bruno@giustizia.it", false, "it", now),
		account.NewPerson("carla@giustizia.it", false, "it", now),
	}
	for i := range all {
		all[i].Name = strings.Split(all[i].Email, "@")[0]
		if i < 2 {
			all[i].Roles = append(all[i].Roles, account.Operator)
		}
		if err := store.NewAccount(db).Apply(t.Context(), account.Change{Person: &all[i]}); err != nil {
			t.Fatal(err)
		}
	}
	return all[0], all[1], all[2]
}

// queued is a stage whose person waits for an operator.
func queued(t *testing.T) *stage {
	t.Helper()
	s := newStage(t)
	s.engine.Operated = true
	s.expect("voglio un operatore", "queue 1")
	return s
}

func (s *stage) holder() bot.Floor {
	s.Helper()
	conv, err := s.engine.Conversation(s.Context(), s.id)
	if err != nil {
		s.Fatal(err)
	}
	return conv.Floor
}

func TestOfTwoOperatorsWhoTakeAtOnceOneHasItAndTheOtherHearsWho(t *testing.T) {
	s := queued(t)
	anna, bruno, _ := operators(t, s.db)
	errs := map[account.PersonID]error{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, by := range []account.Person{anna, bruno} {
		all.Go(func() {
			err := s.engine.Take(t.Context(), s.id, by, "take "+string(by.ID), false)
			mu.Lock()
			defer mu.Unlock()
			errs[by.ID] = err
		})
	}
	all.Wait()
	has := s.holder().Operator
	for _, by := range []account.Person{anna, bruno} {
		switch err := errs[by.ID]; {
		case by.ID == has && err != nil:
			t.Errorf("who has it is told %v", err)
		case by.ID != has && !fault.Is(err, fault.Conflict):
			t.Errorf("the other is told %v", err)
		}
	}
	if phrase, values := fault.Public(errs[bruno.ID]); has == anna.ID && (phrase != "operators.has_it" || values["Name"] != "anna") {
		t.Errorf("the other is told %s %v", phrase, values)
	}
}

func TestOnlyOperatorsTakeConversations(t *testing.T) {
	s := queued(t)
	_, _, clerk := operators(t, s.db)
	for name, err := range map[string]error{
		"take":      s.engine.Take(t.Context(), s.id, clerk, "1", true),
		"hand back": s.engine.HandBack(t.Context(), s.id, clerk, "2"),
		"end":       s.engine.End(t.Context(), s.id, clerk, "3"),
		"note":      s.engine.Note(t.Context(), s.id, clerk, "4", "x"),
	} {
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.engine.Speak(t.Context(), s.id, clerk, "5", "x", nil); !fault.Is(err, fault.Forbidden) {
		t.Errorf("speak: %v", err)
	}
}

func TestEveryActOfAnOperatorCountsOnceForItsKey(t *testing.T) {
	s := queued(t)
	anna, bruno, _ := operators(t, s.db)
	act := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	act(s.engine.Take(t.Context(), s.id, anna, "take", false))
	for range 2 {
		if r, err := s.engine.Speak(t.Context(), s.id, anna, "post", "la password è Segreta.2026", nil); err != nil || strings.Join(r.Masked, "") != "password" {
			t.Errorf("speaking is answered %v, %v", r, err)
		}
		act(s.engine.Note(t.Context(), s.id, anna, "note", "chiamare il tecnico"))
	}
	act(s.engine.Take(t.Context(), s.id, bruno, "over", true))
	act(s.engine.Take(t.Context(), s.id, anna, "take", false)) // delivered again: she does not have it back
	if got := s.holder(); got.Operator != bruno.ID {
		t.Errorf("%v has it", got)
	}
	act(s.engine.End(t.Context(), s.id, bruno, "end"))
	act(s.engine.End(t.Context(), s.id, bruno, "end"))
	events, err := s.engine.Store.Events(t.Context(), s.id, 0, 50)
	act(err)
	var said []string
	for _, e := range events {
		if e.Author == bot.Operator || e.Author == bot.System {
			said = append(said, e.Action()+e.Text)
		}
	}
	want := "take|la password è ‹password›|notechiamare il tecnico|take over|end"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("kept is %q, want %q", got, want)
	}
}

// slow holds the first search up until it is let go.
type slow struct {
	bot.Searcher
	first       *sync.Once
	begun, goOn chan struct{}
}

func (s slow) Search(ctx context.Context, q search.Query) (search.Result, error) {
	s.first.Do(func() {
		close(s.begun)
		<-s.goOn
	})
	return s.Searcher.Search(ctx, q)
}

func TestATurnUnderWayIsDroppedWhenAnOperatorTakesOver(t *testing.T) {
	s := newStage(t)
	s.engine.Operated = true
	anna, _, _ := operators(t, s.db)
	held := slow{Searcher: s.engine.Search, first: &sync.Once{}, begun: make(chan struct{}), goOn: make(chan struct{})}
	s.engine.Search = held
	receipt, err := s.engine.Receive(t.Context(), bot.Inbound{Conversation: s.id, Channel: "test", ID: "slow", Text: "stampante"})
	if err != nil {
		t.Fatal(err)
	}
	<-held.begun // the assistant is about to answer
	if err := s.engine.Take(t.Context(), s.id, anna, "take", false); err != nil {
		t.Fatal(err)
	}
	close(held.goOn)
	if err := s.engine.Wait(t.Context(), s.id, receipt.Seq); err != nil {
		t.Fatal(err)
	}
	events, err := s.engine.Store.Events(t.Context(), s.id, receipt.Seq, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if strings.HasPrefix(e.Act, "answer") {
			t.Errorf("the assistant answered over the operator: %s", e.Action())
		}
	}
	letters, err := s.engine.Store.Due(t.Context(), bot.OperatorsChannel, s.engine.Now(), 10)
	if err != nil || len(letters) != 1 || letters[0].Kind != bot.ActTake {
		t.Fatalf("due are %v, %v", letters, err)
	}
	if err := s.engine.Store.Delivered(t.Context(), letters[0].ID, "p", s.engine.Now()); err != nil {
		t.Fatal(err)
	}
	letters, err = s.engine.Store.Due(t.Context(), bot.OperatorsChannel, s.engine.Now(), 10)
	if err != nil || len(letters) != 1 || letters[0].Seq != receipt.Seq {
		t.Errorf("the operator is sent %v, %v", letters, err)
	}
}

func TestWhileAnOperatorHasTheFloorChoicesOfTheAssistantWait(t *testing.T) {
	s := queued(t)
	anna, _, _ := operators(t, s.db)
	conv, _ := s.engine.Conversation(t.Context(), s.id)
	ticket := conv.Choices[0].ID
	if err := s.engine.Take(t.Context(), s.id, anna, "take", false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.engine.Receive(t.Context(), bot.Inbound{Conversation: s.id, Channel: "test", ID: "old", Choice: ticket}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a button of the queue is answered %v", err)
	}
	s.expect("apri un ticket")
	if got := s.holder().HeldBy(); got != bot.ByOperator {
		t.Errorf("%s has it", got)
	}
	s.expect("torna all'assistente", "unqueue assistant")
}

func TestWithoutOperatorsNobodyWaitsForThem(t *testing.T) {
	s := queued(t)
	s.engine.Operated = false // they were taken out of the configuration
	s.expect("stampante", "answer stampante")
	s.engine.Operated = true
	s.expect("voglio un operatore", "queue 1")
	s.engine.Operated = false
	if err := s.engine.KeepQueue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.holder().HeldBy(); got != bot.ByAssistant {
		t.Errorf("%s has it", got)
	}
}

func TestANoteGoesToTheTicketAndNeverToThePerson(t *testing.T) {
	s := queued(t)
	anna, _, _ := operators(t, s.db)
	conv, _ := s.engine.Conversation(t.Context(), s.id)
	if err := s.engine.Note(t.Context(), s.id, anna, "n", "cliente difficile"); err != nil {
		t.Fatal(err)
	}
	events, err := s.engine.Store.Events(t.Context(), s.id, conv.Seq, 10)
	if err != nil || len(events) != 1 {
		t.Fatalf("kept are %v, %v", events, err)
	}
	if e := events[0]; e.Posted() || e.Spoken() || e.Told() || !e.ForOperators() {
		t.Errorf("the note is posted %v, spoken %v, told %v, for operators %v", e.Posted(), e.Spoken(), e.Told(), e.ForOperators())
	}
}

func TestWhatIsSaidToOperatorsIsTakenForNoCode(t *testing.T) {
	s := newStage(t)
	s.engine.Operated = true
	s.says("dimentica chi sono")
	s.expect("i miei ticket", "ask email")
	s.expect("ada@giustizia.it", "ask code")
	s.expect("voglio un operatore", "queue 1")
	conv, err := s.engine.Conversation(t.Context(), s.id)
	if err != nil || conv.Asked.What != "" {
		t.Errorf("it still waits for %q, %v", conv.Asked.What, err)
	}
	s.expect("torna all'assistente", "unqueue assistant")
}

func TestWhoAsksToBeForgottenIsForgottenWhateverAnOperatorHas(t *testing.T) {
	s := queued(t)
	anna, _, _ := operators(t, s.db)
	if err := s.engine.Take(t.Context(), s.id, anna, "take", false); err != nil {
		t.Fatal(err)
	}
	s.expect("non si dimentichi di me, per favore, quando ha finito con gli altri")
	s.expect("dimentica chi sono", "unqueue forgotten", "identity forgotten")
	s.expect("chi sono?", "identity unknown")
	if got := s.holder().HeldBy(); got != bot.ByAssistant {
		t.Errorf("%s has it", got)
	}
	if _, err := s.engine.Speak(t.Context(), s.id, anna, "post", "il Suo ticket 2026-000001", nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("an operator who still speaks to the person is told %v", err)
	}
}

func TestAfterALongSilenceOperatorsSpeakToNobodyTheyTakeForAnother(t *testing.T) {
	for name, later := range map[string]func(s *stage){
		"the next person writes": func(s *stage) {
			s.now.Add(13 * 60)
			s.expect("stampante", "unqueue forgotten", "answer stampante")
		},
		"the chat is taken from its person": func(s *stage) {
			if err := s.engine.ForgetChats(s.Context(), account.Identity{Channel: "test", PlatformID: "stage"}); err != nil {
				s.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := queued(t)
			s.T = t
			s.engine.TrustFor = 12 * time.Hour
			anna, _, _ := operators(t, s.db)
			if err := s.engine.Take(t.Context(), s.id, anna, "take", false); err != nil {
				t.Fatal(err)
			}
			later(s)
			if got := s.holder().HeldBy(); got != bot.ByAssistant {
				t.Errorf("%s has it", got)
			}
		})
	}
}

func TestWhoWaitedLongHearsOfAnOperatorWhoIsSilentToo(t *testing.T) {
	s := queued(t)
	anna, _, _ := operators(t, s.db)
	told := func(want int) {
		t.Helper()
		if err := s.engine.KeepQueue(t.Context()); err != nil {
			t.Fatal(err)
		}
		events, err := s.engine.Store.Events(t.Context(), s.id, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range events {
			if e.Act == bot.ActStill {
				n++
			}
		}
		if n != want {
			t.Errorf("they heard %d times how it stands, want %d", n, want)
		}
	}
	s.now.Add(15)
	told(1)
	if err := s.engine.Take(t.Context(), s.id, anna, "take", false); err != nil {
		t.Fatal(err)
	}
	s.now.Add(1)
	s.expect("la stampante non va")
	s.now.Add(15)
	told(2)
}

func TestACodeTypedToAnOperatorIsNotPassedOn(t *testing.T) {
	s := queued(t)
	s.expect("continua ABCD-EF23", "refuse choice")
	s.expect("il numero di inventario è AB12-CD34", "pass-on")
	s.expect("AB12-CD34")
}

func TestWhatNobodyTellsOperatorsIsNotKeptForEver(t *testing.T) {
	s := queued(t)
	s.now.Add(int64(bot.PostedWithin/time.Minute) + 1)
	letters, err := s.engine.Store.Due(t.Context(), bot.OperatorsChannel, s.engine.Now(), 10)
	if err != nil || len(letters) != 0 {
		t.Errorf("still due are %v, %v", letters, err)
	}
}

func TestOperatorsHearOnceThatTheirWordsDidNotArrive(t *testing.T) {
	s := queued(t)
	anna, _, _ := operators(t, s.db)
	if err := s.engine.Take(t.Context(), s.id, anna, "take", false); err != nil {
		t.Fatal(err)
	}
	spoken, err := s.engine.Speak(t.Context(), s.id, anna, "post", "eccomi", nil)
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.engine.Conversation(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	letter := bot.Outgoing{ID: "a letter", Conversation: s.id, Channel: "telegram", Seq: spoken.Seq}
	others := []bot.Outgoing{
		{ID: "of the assistant", Conversation: s.id, Channel: "telegram", Seq: 1},
		{ID: "a code", Conversation: s.id, Channel: "mail"},
		{ID: "to operators", Conversation: s.id, Channel: bot.OperatorsChannel, Seq: spoken.Seq},
	}
	for _, l := range append(others, letter, letter) {
		if err := s.engine.Undelivered(t.Context(), l); err != nil {
			t.Errorf("%s: %v", l.ID, err)
		}
	}
	news, err := s.engine.Store.Events(t.Context(), s.id, before.Seq, 10)
	if err != nil || len(news) != 1 || news[0].Action() != bot.ActUndelivered || news[0].By != anna.ID || news[0].Posted() || !news[0].ForOperators() {
		t.Errorf("kept is %+v, %v", news, err)
	}
}
