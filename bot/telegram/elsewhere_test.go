package telegram_test

import (
	"strings"
	"testing"

	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
)

func TestWhatIsPersonalGoesOnInPrivateByALink(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		group := s.double.Group(-77, "Ufficio", ada)
		ada.In(group).Say("@SportelloBot i miei ticket")
		said := s.settled(group)
		last := said[len(said)-1]
		if len(last.Keyboard) != 1 || !strings.HasPrefix(last.Keyboard[0][0].URL, "https://t.me/SportelloBot?start=c_") {
			t.Fatalf("in the group it is answered\n%s with %v", shown(group), last.Keyboard)
		}
		_, payload, _ := strings.Cut(last.Keyboard[0][0].URL, "?start=")
		ada.Start(payload)
		private := s.await(ada.Chat, "the errand in private", func(fromBot []telegramtest.Message) bool {
			return len(fromBot) > 1 && strings.Contains(fromBot[len(fromBot)-1].Text, "indirizzo e-mail")
		})
		ada.Start(payload) // the link still stands in the group
		after := s.settled(ada.Chat)
		if len(after) != len(private)+1 && len(after) != len(private)+2 || strings.Contains(shown(group), "indirizzo e-mail") {
			t.Errorf("in private it is answered\n%s\nand in the group\n%s", shown(ada.Chat), shown(group))
		}
	})
}

func TestALinkOfAnotherChatGoesOnWithIt(t *testing.T) {
	s := serve(t, telegram.Polling)
	ada, same := s.double.User(1, "it"), s.double.User(2, "it")
	ada.Say("continuo da un'altra parte")
	said := s.settled(ada.Chat)
	_, rest, found := strings.Cut(said[len(said)-1].Text, "continua ")
	if !found {
		t.Fatalf("there is no code:\n%s", shown(ada.Chat))
	}
	same.Start("c_" + strings.Fields(rest)[0])
	s.await(same.Chat, "the conversation", func(fromBot []telegramtest.Message) bool {
		return len(fromBot) > 1 && strings.Contains(fromBot[1].Text, "Continuiamo da qui")
	})
}
