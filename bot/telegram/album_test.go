package telegram_test

import (
	"fmt"
	"strings"
	"testing"

	"sportello/bot"
	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
)

func TestAnAlbumIsOneMessageHoweverOftenAndInWhateverPartsItComes(t *testing.T) {
	s := serve(t, telegram.Polling)
	ada := s.double.User(1, "it")
	ada.Say("buongiorno")
	s.settled(ada.Chat)
	id, err := s.talks.Chat(t.Context(), telegram.ChannelName, "1")
	must(t, err)
	picture := []byte("\xff\xd8\xff\xe0" + strings.Repeat("x", 500))
	sent := ada.SendAlbum("ecco", picture, picture)
	said := s.settled(ada.Chat)
	album := sent[0].Album
	must(t, s.talks.SetMark(t.Context(), telegram.ChannelName+" albums", string(id), fmt.Sprintf("%s:%d,%d", album, sent[0].ID, sent[1].ID)))
	told := func() (lines []string) {
		events, err := s.talks.Events(t.Context(), id, 0, 100)
		must(t, err)
		for _, e := range events {
			if e.Author == bot.User {
				lines = append(lines, fmt.Sprintf("%s+%d", e.Text, len(e.Attachments)))
			}
		}
		return lines
	}
	if got := fmt.Sprint(told()); got != "[buongiorno+0 ecco+2]" {
		t.Errorf("the person said %s", got)
	}
	if mark, err := s.talks.Mark(t.Context(), telegram.ChannelName+" albums", string(id)); err != nil || !strings.HasPrefix(mark, album+":") {
		t.Errorf("of albums we remember %q, %v", mark, err)
	}
	s.stop() // everything is delivered again, for the offset was not kept
	must(t, s.reopened().SetMark(t.Context(), telegram.ChannelName, "offset", ""))
	s.start()
	ada.Say("grazie")
	s.await(ada.Chat, "the next answer", func(fromBot []telegramtest.Message) bool { return len(fromBot) == len(said)+1 })
	if got := fmt.Sprint(told()); got != "[buongiorno+0 ecco+2 grazie+0]" {
		t.Errorf("in the end the person said %s", got)
	}
}
