package telegram_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/bot"
	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
)

// modes are the ways in, each of which must do the same.
func modes(t *testing.T, test func(t *testing.T, s *service)) {
	for _, mode := range []string{telegram.Polling, telegram.Webhook} {
		t.Run("by "+mode, func(t *testing.T) {
			t.Parallel()
			test(t, serve(t, mode))
		})
	}
}

func TestAChatBeginsWithOneIntroduction(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		ada.Start("")
		if said := s.settled(ada.Chat); len(said) != 1 || !strings.Contains(said[0].Text, "automatico") {
			t.Errorf("the start is answered\n%s", shown(ada.Chat))
		}
		ada.Start("")
		if said := s.settled(ada.Chat); len(said) != 2 {
			t.Errorf("the second start is answered\n%s", shown(ada.Chat))
		}
		bob := s.double.User(2, "de")
		bob.Start("")
		if said := s.settled(bob.Chat); len(said) != 1 || !strings.Contains(said[0].Text, "automatic assistant") {
			t.Errorf("to who speaks neither language we say\n%s", shown(bob.Chat))
		}
	})
}

func TestAnAnswerHasItsLooksSourcesAndButtons(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		ada.Say("la stampante")
		said := s.settled(ada.Chat)
		answer := said[len(said)-1]
		if !strings.Contains(answer.Text, "non stampa") || strings.Contains(answer.Text, "*") || strings.Contains(answer.Text, "<b>") {
			t.Errorf("the answer is %q", answer.Text)
		}
		bold := slices.ContainsFunc(answer.Entities, func(e telegramtest.Entity) bool { return e.Type == "bold" })
		linked := slices.ContainsFunc(answer.Entities, func(e telegramtest.Entity) bool {
			return e.Type == "text_link" && strings.HasSuffix(e.URL, "/kb/it/stampante")
		})
		if !bold || !linked {
			t.Errorf("the answer looks like %v", answer.Entities)
		}
		if labels := answer.Labels(); !slices.Contains(labels, "Sì, risolto") {
			t.Errorf("the choices are %q", labels)
		}
	})
}

func TestAChoiceIsShownInItsPlaceAndActsOnce(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		ada.Say("la stampante")
		said := s.settled(ada.Chat)
		answer := said[len(said)-1]
		button := answer.Keyboard[0][0]
		for range 3 {
			ada.TapOn(answer.ID, button)
		}
		s.await(ada.Chat, "the mark of the choice", func(fromBot []telegramtest.Message) bool {
			return slices.ContainsFunc(fromBot, func(m telegramtest.Message) bool {
				return m.ID == answer.ID && strings.HasSuffix(m.Text, "✓ "+button.Text) && len(m.Keyboard) == 0
			})
		})
		after := s.settled(ada.Chat)
		if len(after) != len(said)+1 {
			t.Errorf("three taps on one button are answered\n%s", shown(ada.Chat))
		}
		if edited := after[len(said)-1]; len(edited.Entities) != len(answer.Entities) {
			t.Errorf("the message lost its looks: %v, not %v", edited.Entities, answer.Entities)
		}
	})
}

func TestAButtonThatIsNoLongerOpenIsRefusedInWords(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		ada.Say("la stampante")
		said := s.settled(ada.Chat)
		answer := said[len(said)-1]
		ada.Say("aiuto")
		s.settled(ada.Chat)
		ada.TapOn(answer.ID, answer.Keyboard[0][0])
		s.await(ada.Chat, "the old keyboard's end", func(fromBot []telegramtest.Message) bool {
			return slices.ContainsFunc(fromBot, func(m telegramtest.Message) bool { return m.ID == answer.ID && len(m.Keyboard) == 0 })
		})
		s.eventually("the tap is answered in words", func() bool {
			return slices.ContainsFunc(s.double.Acts(), func(a telegramtest.Act) bool { return strings.Contains(a.Text, "non è più disponibile") && a.Alert })
		})
		for _, forged := range []string{"", ".", "zz.0.AAAA", answer.Keyboard[0][0].Data + "x", strings.Replace(answer.Keyboard[0][0].Data, ".0.", ".1.", 1)} {
			ada.TapOn(answer.ID, telegramtest.Button{Text: "x", Data: forged})
		}
		if again := s.settled(ada.Chat); slices.ContainsFunc(again, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "✓") }) {
			t.Errorf("a forged button acted:\n%s", shown(ada.Chat))
		}
	})
}

func TestAQuestionThatWantsWordsOpensAReply(t *testing.T) {
	s := serve(t, telegram.Polling)
	ada := s.double.User(1, "it")
	ada.Say("grazie")
	s.settled(ada.Chat)
	id, err := s.talks.Chat(t.Context(), telegram.ChannelName, "1")
	must(t, err)
	_, err = s.talks.Append(t.Context(), bot.Turn{Conversation: id, Events: []bot.Event{{
		At: time.Now(), Author: bot.Assistant, Act: "ask", Object: "field.subject", Reply: &bot.Reply{Markdown: "Di che cosa si tratta?"},
		Change: &bot.Change{Asked: &bot.Asked{What: "field", Object: "subject"}},
	}}})
	must(t, err)
	said := s.settled(ada.Chat)
	if last := said[len(said)-1]; !last.Asks || last.Placeholder == "" {
		t.Errorf("the question is %+v", last)
	}
}

func TestALongAnswerComesInPartsInOrder(t *testing.T) {
	s := serve(t, telegram.Polling)
	ada := s.double.User(1, "it")
	ada.Say("vpn")
	said := s.settled(ada.Chat)
	if len(said) < 3 {
		t.Fatalf("the answer is\n%s", shown(ada.Chat))
	}
	for _, m := range said[1 : len(said)-1] {
		if len(m.Keyboard) > 0 {
			t.Error("the choices stand below a part that is not the last")
		}
	}
	if last := said[len(said)-1]; len(last.Keyboard) == 0 {
		t.Error("there are no choices below the last part")
	}
	if !strings.Contains(said[1].Text, "Sede | Numero\nRoma | 1") {
		t.Errorf("the table is %.80q", said[1].Text)
	}
}

func TestWhatCannotBeReadIsToldInWordsOnce(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		ada.Say("buongiorno")
		before := len(s.settled(ada.Chat))
		ada.Say(strings.Repeat("parola ", 1500))
		said := s.settled(ada.Chat)
		if len(said) != before+1 || !strings.Contains(said[before].Text, "troppo lungo") {
			t.Errorf("too long a message is answered\n%s", shown(ada.Chat))
		}
		ada.Say("grazie")
		if said = s.settled(ada.Chat); !strings.Contains(said[len(said)-1].Text, "Prego") {
			t.Errorf("the next message is answered\n%s", shown(ada.Chat))
		}
	})
}

func TestEditedMessagesAreNotNewOnes(t *testing.T) {
	s := serve(t, telegram.Polling)
	ada := s.double.User(1, "it")
	m := ada.Say("grazie")
	before := len(s.settled(ada.Chat))
	ada.Edit(m.ID, "la stampante")
	if after := len(s.settled(ada.Chat)); after != before {
		t.Errorf("an edit is answered\n%s", shown(ada.Chat))
	}
}

func TestASecretIsTakenOutOfTheChat(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		m := ada.Say("la mia password è Zuppa-44 e la stampante non va")
		s.settled(ada.Chat)
		s.await(ada.Chat, "the deletion", func([]telegramtest.Message) bool {
			return slices.ContainsFunc(ada.Chat.History(), func(one telegramtest.Message) bool { return one.ID == m.ID && one.Deleted })
		})
	})
}

func TestASecretIsTakenOutOfTheChatThoughWeAreStoppedMeanwhile(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		ada.Say("buongiorno")
		s.settled(ada.Chat)
		s.double.Inject(telegramtest.Faults{Rate: 1, Only: []telegramtest.Fault{telegramtest.ServerError}, Methods: []string{"deleteMessage"}})
		m := ada.Say("la mia password è Zuppa-44 e la stampante non va")
		s.eventually("its deletion is tried", func() bool { return s.double.Calls("deleteMessage") > 0 })
		s.stop()
		s.double.Calm()
		s.start()
		s.await(ada.Chat, "the deletion", func([]telegramtest.Message) bool {
			return slices.ContainsFunc(ada.Chat.History(), func(one telegramtest.Message) bool { return one.ID == m.ID && one.Deleted })
		})
		for _, said := range s.settled(ada.Chat) {
			if strings.Contains(said.Text, "Lo cancelli Lei") {
				t.Errorf("the person is asked to delete what is deleted:\n%s", shown(ada.Chat))
			}
		}
	})
}

func TestCommandsAreUnderstoodInBothLanguages(t *testing.T) {
	s := serve(t, telegram.Polling)
	for i, want := range []struct{ command, said string }{
		{"/aiuto", "quattro cose"}, {"/help", "quattro cose"}, {"/stato", "indirizzo"}, {"/status", "indirizzo"}, {"/ticket", "indirizzo"},
		{"/operatore", "persona"}, {"/operator", "persona"}, {"/scollega", "dimenticato"}, {"/unlink", "dimenticato"}, {"/lingua", "English"}, {"/language en", "English"},
		{"/stampante", "non stampa"}, {"/Aiuto@SportelloBot", "quattro cose"}, {"/aiuto la stampante", "non stampa"},
	} {
		ada := s.double.User(int64(100+i), "it")
		ada.Say(want.command)
		if said := s.settled(ada.Chat); !strings.Contains(said[len(said)-1].Text, want.said) {
			t.Errorf("%s is answered\n%s", want.command, shown(ada.Chat))
		}
	}
}
