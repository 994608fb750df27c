package bot_test

import (
	"crypto/rand"
	"regexp"
	"strings"
	"sync"
	"testing"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/store"
)

// chat is a conversation beside the one of the stage, of a known person if
// there is an address.
func (s *stage) chat(name, address string, public ...bool) bot.ConversationID {
	s.Helper()
	channel, user, _ := strings.Cut(name, "/")
	who := account.Identity{Channel: channel, PlatformID: user}
	if address != "" {
		people := store.NewAccount(s.db)
		person, err := people.PersonByEmail(s.Context(), address)
		change := account.Change{}
		if fault.Is(err, fault.NotFound) {
			person = account.NewPerson(address, false, "it", s.engine.Now())
			change.Person = &person
		} else if err != nil {
			s.Fatal(err)
		}
		change.Link = &account.Link{Identity: who, Person: person.ID, At: s.engine.Now()}
		if err := people.Apply(s.Context(), change); err != nil {
			s.Fatal(err)
		}
	}
	id, err := s.engine.Start(s.Context(), bot.Record{
		Conversation: bot.Conversation{Channel: channel, Identity: who, Public: len(public) > 0}, Chat: name + strings.Repeat("!", len(public)),
	})
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// in makes a conversation the one of the stage while f runs.
func (s *stage) in(id bot.ConversationID, f func()) {
	s.Helper()
	before := s.id
	s.id = id
	defer func() { s.id = before }()
	f()
}

var shownCode = regexp.MustCompile(`\b[A-Z2-9]{4}-[A-Z2-9]{4}\b`)

// code asks for a code in the conversation of the stage.
func (s *stage) code() string {
	s.Helper()
	s.expect("posso continuare dal telefono?", "elsewhere")
	code := shownCode.FindString(s.conversation().Last.Markdown)
	if code == "" {
		s.Fatalf("no code is told: %q", s.conversation().Last.Markdown)
	}
	return code
}

func TestAFormGoesOnInAnotherChatOfTheSamePerson(t *testing.T) {
	s := newStage(t)
	s.engine.Elsewhere = func(_, lang, code string) []bot.Link { return []bot.Link{{Label: lang, URL: "https://there/" + code}} }
	s.says("la stampante non va")
	s.says("apri un ticket")
	s.says("sì")
	code := s.code()
	if links := s.conversation().Last.Links; len(links) != 1 || links[0].URL != "https://there/"+code {
		t.Errorf("the links are %v", links)
	}
	if strings.Contains(texts(s.after(0)), code) {
		t.Error("the code is among what the person said")
	}
	there := s.chat("telegram/1", "ada@giustizia.it")
	s.in(there, func() {
		s.expect("continua "+code, "continue test", "ask ticket.beneficiary")
		if got := replies(s.after(0)); !strings.Contains(got, "la stampante non va") {
			t.Errorf("what it was about is not told: %q", got)
		}
		conv := s.conversation()
		if conv.Form == nil || conv.Form.Draft.Channel != "telegram" || conv.Form.Draft.Conversation != string(there) || conv.Topic.Question != "la stampante non va" {
			t.Errorf("here is known %+v", conv)
		}
		s.expect("continua "+code, "continue here", "ask ticket.beneficiary")
	})
	if last := s.after(s.conversation().Seq - 1); last[0].Action() != "left telegram" || s.conversation().Form != nil || s.conversation().Shelf != nil {
		t.Errorf("the first conversation ends with %q and has the form %+v", last[0].Action(), s.conversation().Form)
	}
	s.expect("riprendo il ticket", "abstain")
}

func TestAFormIsShownToItsOwnerOnly(t *testing.T) {
	s := newStage(t)
	s.says("apri un ticket per la stampante")
	s.says("sì")
	s.says("per me")
	s.says("Tribunale di Bari")
	code := s.code()
	bruno := s.chat("telegram/bruno", "bruno@giustizia.it")
	s.in(bruno, func() { s.expect("continua "+code, "refuse elsewhere.other_person") })
	stranger := s.chat("telegram/2", "")
	s.in(stranger, func() {
		s.expect("continua "+code, "continue test", "ask email")
		if conv := s.conversation(); conv.Form != nil || strings.Contains(replies(s.after(0)), "Tribunale") {
			t.Errorf("a stranger sees %q", replies(s.after(0)))
		}
		ada, err := store.NewAccount(s.db).PersonByEmail(t.Context(), "ada@giustizia.it")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.engine.Recognise(t.Context(), s.id, ada, nil); err != nil {
			t.Fatal(err)
		}
		if conv := s.conversation(); conv.Form == nil || conv.Form.Draft.Office != "Tribunale di Bari" || conv.Carried != nil {
			t.Errorf("once she is known, the form is %+v", conv.Form)
		}
	})

	s.says("apri un ticket per la vpn")
	code = s.code()
	other := s.chat("telegram/3", "")
	s.in(other, func() {
		s.expect("continua "+code, "continue test", "ask email")
		carla, err := store.NewAccount(s.db).Admit(t.Context(), account.NewPerson("carla@giustizia.it", false, "it", s.engine.Now()))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.engine.Recognise(t.Context(), s.id, carla, nil); err != nil {
			t.Fatal(err)
		}
		if conv := s.conversation(); conv.Form != nil || conv.Carried != nil || conv.Errand != "" {
			t.Errorf("somebody else got the form: %+v", conv)
		}
	})
}

func TestWhatWaitedForAnAddressGoesOnWhereThePersonIsKnown(t *testing.T) {
	s := newStage(t)
	ada := s.id
	s.id = s.stranger("a")
	s.expect("i miei ticket", "ask email")
	code := s.code()
	s.in(ada, func() {
		s.expect("continue "+strings.ToLower(strings.ReplaceAll(code, "-", " ")), "continue test", "status none")
	})
}

func TestACodeCountsOnceAndForHalfAnHour(t *testing.T) {
	s := newStage(t)
	s.says("stampante")
	first := s.code()
	second := s.code()
	a, b, c := s.chat("telegram/1", ""), s.chat("telegram/2", ""), s.chat("telegram/3", "")
	s.in(a, func() {
		s.expect("continua "+first, "refuse elsewhere.wrong") // a later one took its place
		s.expect(second, "continue test", "answer stampante")
	})
	s.in(b, func() { s.expect("continua "+second, "refuse elsewhere.used") })
	third := s.code()
	s.expect("continua "+third, "continue here")
	s.now.Add(30)
	s.in(c, func() { s.expect("continua con il codice "+third, "refuse elsewhere.expired") })
}

func TestCodesCannotBeGuessed(t *testing.T) {
	s := newStage(t)
	code := s.code()
	there := s.chat("telegram/1", "")
	s.in(there, func() {
		for range 5 {
			s.expect("continua 2222-AAAA", "refuse elsewhere.wrong")
		}
		s.expect("continua "+code, "refuse elsewhere.wait")
		s.now.Add(14)
		s.expect("continua "+code, "refuse elsewhere.wait")
		s.now.Add(1)
		s.expect("continua "+code, "continue test")
	})
}

func TestACodeOfALinkIsKeptNowhere(t *testing.T) {
	s := newStage(t)
	s.says("stampante")
	code := s.code()
	s.id = s.chat("telegram/1", "")
	for range 2 { // the link is tapped twice
		receipt, err := s.engine.Receive(t.Context(), bot.Inbound{Conversation: s.id, Channel: "telegram", ID: "start", Continue: code})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.engine.Wait(t.Context(), s.id, receipt.Seq); err != nil {
			t.Fatal(err)
		}
	}
	events := s.after(1)
	if len(events) != 3 || events[1].Act != bot.ActContinue || events[0].Text == "" || strings.Contains(texts(events), code) || events[0].Continue == "" {
		t.Errorf("the conversation holds %+v", events)
	}
}

func TestTwoChatsThatUseACodeAtTheSameMomentGetItOnce(t *testing.T) {
	s := newStage(t)
	s.says("apri un ticket per la stampante")
	code := s.code()
	var all sync.WaitGroup
	ids := []bot.ConversationID{s.chat("telegram/1", "ada@giustizia.it"), s.chat("telegram/2", "ada@giustizia.it"), s.chat("telegram/3", "ada@giustizia.it")}
	for _, id := range ids {
		all.Go(func() {
			receipt, err := s.engine.Receive(t.Context(), bot.Inbound{Conversation: id, Channel: "telegram", ID: "1", Continue: code})
			if err == nil {
				err = s.engine.Wait(t.Context(), id, receipt.Seq)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	forms := 0
	for _, id := range ids {
		s.in(id, func() {
			if s.conversation().Form != nil {
				forms++
			} else if last := s.actions(s.id); last[len(last)-1] != "refuse elsewhere.used" {
				t.Errorf("a loser is told %q", last)
			}
		})
	}
	if forms != 1 {
		t.Errorf("%d conversations have the form", forms)
	}
}

func TestWhatIsPersonalGoesOnInPrivate(t *testing.T) {
	s := newStage(t)
	s.engine.Channels = map[string]bot.Traits{"mattermost": {Personal: true, Forms: true}}
	public := s.chat("mattermost/ada", "ada@giustizia.it", true)
	private := s.chat("mattermost/ada", "")
	stranger := s.chat("mattermost/eve", "")
	code := func() string {
		events := s.after(0)
		last := events[len(events)-1]
		if last.Act != bot.ActPrivate || !shownCode.MatchString(last.Object) || strings.Contains(last.Reply.Markdown, last.Object) {
			t.Fatalf("it ends with %+v", last)
		}
		return last.Object
	}
	s.id = public
	s.expect("la stampante non va", "answer stampante")
	s.expect("che numero devo chiamare?", "phone")
	s.expect("apri un ticket", "private")
	opening := code()
	s.in(stranger, func() { s.expect("continua "+opening, "refuse elsewhere.other_person") })
	s.expect("continua "+opening, "refuse elsewhere.not_here")
	s.now.Add(3 * 60) // the platform was away
	s.in(private, func() {
		s.expect("continua "+opening, "continue mattermost", "ask ticket.application")
		if !strings.Contains(replies(s.after(0)), "la stampante non va") {
			t.Error("the question did not go along")
		}
		s.says("annulla")
	})
	if conv := s.conversation(); conv.Errand != "" || conv.Form != nil {
		t.Errorf("in public there is left %+v", conv)
	}
	for said, then := range map[string]string{
		"chi sono?": "identity known", "i miei ticket": "status none", "vorrei parlare con un operatore": "hand-over 1",
		"quali chat sono collegate": "chats 2", "posso continuare su telegram": "",
	} {
		s.expect(said, "private")
		word := code()
		s.in(private, func() {
			want := []string{"continue mattermost"}
			if then != "" {
				want = append(want, then)
			}
			s.expect("continua "+word, want...)
		})
	}
	s.expect("dimentica chi sono", "private")
	if _, err := store.NewAccount(s.db).PersonByIdentity(t.Context(), account.Identity{Channel: "mattermost", PlatformID: "ada"}); err != nil {
		t.Errorf("said in public, it was done: %v", err)
	}
}

func TestTheOldConversationDoesNotSendWhatGoesOnElsewhere(t *testing.T) {
	s := newStage(t)
	s.says("apri un ticket per la stampante")
	code := s.code()
	there := s.chat("telegram/1", "ada@giustizia.it")
	conv := s.conversation()
	s.in(there, func() { s.says("continua " + code) })
	// A turn that was taken before it went on elsewhere comes too late.
	_, err := s.engine.Store.Commit(t.Context(), bot.Turn{Conversation: s.id, Handled: conv.Seq + 1, Crossed: conv.Crossed})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("it is kept: %v", err)
	}
	if s.conversation().Crossed != conv.Crossed+1 {
		t.Errorf("it went on elsewhere %d times", s.conversation().Crossed)
	}
}

func TestCodesAreWordsOfNoLanguage(t *testing.T) {
	for said, want := range map[string]string{
		"continua a non funzionare la stampante": "answer stampante",
		"continua su telegram":                   "elsewhere",
		"continua windows7":                      "abstain",
		"continua ABCD-0000":                     "refuse elsewhere.wrong",
		"ABCD-EFGH":                              "abstain",
	} {
		if got := newStage(t).says(said); len(got) == 0 || got[0] != want {
			t.Errorf("%q is answered by %q, want %q", said, got, want)
		}
	}
}

func TestACodeIsReadAsItIsToldAndTakenForNoSecret(t *testing.T) {
	for range 2_000 {
		code, err := bot.NewPassageCode(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.ReplaceAll(code, "-", "")
		for _, text := range []string{code, "continua " + code, "Continue with the code " + strings.ToLower(code) + ".", "riprendi " + plain} {
			if masked, _ := privacy.Mask(text); masked != text {
				t.Fatalf("%q is masked as %q", text, masked)
			}
			if got, asks := bot.TypedCode(text); !asks || got != plain {
				t.Fatalf("%q is read as %q, %v", text, got, asks)
			}
		}
	}
}
