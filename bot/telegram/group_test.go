package telegram_test

import (
	"slices"
	"strings"
	"testing"

	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
	"sportello/internal/fault"
)

func TestInAGroupOnlyWhatIsMeantForTheBotIsAnsweredThere(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada, bob := s.double.User(1, "it"), s.double.User(2, "it")
		s.double.SetPrivacy(false) // the bot hears everything, and must hold its tongue
		group := s.double.Group(-77, "Ufficio", ada, bob)
		ada, bob = ada.In(group), bob.In(group)
		ada.Say("la stampante non va, che si fa?")
		ada.Say("scrivete a ada@SportelloBot.it o @SportelloBotto")
		ada.Say("/aiuto@AltroBot")
		ada.Say("/aiuto")
		if said := s.settled(group); len(said) > 0 {
			t.Fatalf("what was for others is answered\n%s", shown(group))
		}
		asked := ada.Say("@sportellobot la stampante non va")
		said := s.settled(group)
		answer := said[len(said)-1]
		if !strings.Contains(answer.Text, "non stampa") || answer.ReplyTo != asked.ID {
			t.Errorf("the answer is not a reply to the question:\n%s", shown(group))
		}
		bob.TapOn(answer.ID, answer.Keyboard[0][0])
		if after := s.settled(group); len(after) != len(said) {
			t.Errorf("somebody else's tap acted:\n%s", shown(group))
		}
		s.eventually("the other's tap is answered in words", func() bool { // nobody waits for that
			return slices.ContainsFunc(s.double.Acts(), func(a telegramtest.Act) bool {
				return strings.Contains(a.Text, "per la persona che ha fatto la domanda")
			})
		})
		replied := bob.Reply(answer.ID, "grazie")
		said = s.settled(group)
		if last := said[len(said)-1]; !strings.Contains(last.Text, "Prego") || last.ReplyTo != replied.ID {
			t.Errorf("a reply to the bot is answered\n%s", shown(group))
		}
		bob.Say("/aiuto@SportelloBot")
		said = s.settled(group)
		if last := said[len(said)-1]; !strings.Contains(last.Text, "quattro cose") {
			t.Errorf("a command for the bot is answered\n%s", shown(group))
		}
		for who, public := range map[string]bool{"-77/1": true, "-77/2": true} {
			id, err := s.talks.Chat(t.Context(), telegram.ChannelName, who)
			must(t, err)
			record, err := s.talks.Conversation(t.Context(), id)
			must(t, err)
			if record.Public != public {
				t.Errorf("conversation %s is public: %v", who, record.Public)
			}
		}
	})
}

func TestAGroupThatMovesKeepsItsConversations(t *testing.T) {
	for _, heard := range []bool{true, false} {
		s := serve(t, telegram.Polling)
		ada := s.double.User(1, "it")
		group := s.double.Group(-77, "Ufficio", ada)
		ada.In(group).Say("@SportelloBot la stampante")
		s.settled(group)
		id, err := s.talks.Chat(t.Context(), telegram.ChannelName, "-77/1")
		must(t, err)
		if !heard { // the first we learn of it is a refusal
			s.stop()
		}
		super := group.Upgrade(-1000077)
		if !heard {
			_, err := s.reopened().Append(t.Context(), note(id, "Buone notizie"))
			must(t, err)
			s.start()
		} else {
			s.settled(super)
			_, err := s.talks.Append(t.Context(), note(id, "Buone notizie"))
			must(t, err)
		}
		s.await(super, "the notice in the new group", func(fromBot []telegramtest.Message) bool {
			return slices.ContainsFunc(fromBot, func(m telegramtest.Message) bool { return m.Text == "Buone notizie" })
		})
		moved, err := s.talks.Chat(t.Context(), telegram.ChannelName, "-1000077/1")
		if err != nil || moved != id {
			t.Errorf("the conversation is %s, %v, not %s", moved, err, id)
		}
		if _, err := s.talks.Chat(t.Context(), telegram.ChannelName, "-77/1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the old name still leads somewhere: %v", err)
		}
		ada.In(super).Say("@SportelloBot grazie")
		s.await(super, "an answer there", func(fromBot []telegramtest.Message) bool {
			return strings.Contains(fromBot[len(fromBot)-1].Text, "Prego")
		})
	}
}
