package telegram_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/bot"
	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
	"sportello/store"
)

// note is something that is said in a conversation by itself.
func note(id bot.ConversationID, text string) bot.Turn {
	return bot.Turn{Conversation: id, Events: []bot.Event{{At: time.Now(), Author: bot.Assistant, Act: "note", Reply: &bot.Reply{Markdown: text}}}}
}

// reopened are the conversations while the service is stopped.
func (s *service) reopened() *store.Conversations {
	db, err := store.Open(context.Background(), s.folder)
	must(s, err)
	s.Cleanup(func() { _ = db.Close() })
	return store.NewConversations(db)
}

func TestWhatWasWrittenWhileWeWereAwayIsAnsweredOnceAndInOrder(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		ada.Say("buongiorno")
		before := len(s.settled(ada.Chat))
		for round := range 3 {
			s.stop()
			ada.Say("grazie")
			ada.Say("arrivederci")
			s.start()
			said := s.await(ada.Chat, "both answers", func(fromBot []telegramtest.Message) bool { return len(fromBot) >= before+2*(round+1) })
			said = said[len(said)-2:]
			if !strings.Contains(said[0].Text, "Prego") || !strings.Contains(said[1].Text, "Arrivederci") {
				t.Errorf("the answers are\n%s", shown(ada.Chat))
			}
		}
		if said := s.settled(ada.Chat); len(said) != before+6 {
			t.Errorf("in the end there are %d messages, not %d:\n%s", len(said), before+6, shown(ada.Chat))
		}
	})
}

func TestFaultsCostNeitherMessagesNorAnswersNorOrder(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		faults := telegramtest.AllFaults
		if s.config.Mode == telegram.Webhook { // what Telegram itself sends in another order, one after the other, we cannot know
			faults = slices.DeleteFunc(slices.Clone(faults), func(f telegramtest.Fault) bool { return f == telegramtest.OutOfOrder })
		}
		s.double.Inject(telegramtest.Faults{Seed: 7, Rate: 0.1, Only: faults, Latency: 30 * time.Millisecond})
		const people, each = 8, 6
		var all []*telegramtest.Person
		for i := range people {
			all = append(all, s.double.User(int64(i+1), "it"))
		}
		for n := range each {
			for _, p := range all {
				p.Say([]string{"grazie", "arrivederci"}[n%2])
			}
		}
		for _, p := range all {
			s.awaitLong(p.Chat, "all answers", func(fromBot []telegramtest.Message) bool { return len(once(fromBot)) >= each+1 })
		}
		s.double.Calm()
		doubled := 0
		for _, p := range all {
			said := s.settled(p.Chat)
			doubled += len(said) - (each + 1)
			for n, m := range once(said)[1:] {
				if want := []string{"Prego", "Arrivederci"}[n%2]; !strings.Contains(m.Text, want) {
					t.Errorf("answer %d is out of order:\n%s", n, shown(p.Chat))
					break
				}
			}
		}
		if lost := s.double.Lost(); doubled > lost {
			t.Errorf("%d messages came twice, and only %d answers were lost", doubled, lost)
		}
	})
}

// once are the messages without those that repeat the one before.
func once(said []telegramtest.Message) (list []telegramtest.Message) {
	for _, m := range said {
		if len(list) == 0 || list[len(list)-1].Text != m.Text {
			list = append(list, m)
		}
	}
	return list
}

func (s *service) awaitLong(chat *telegramtest.Chat, what string, wanted func(fromBot []telegramtest.Message) bool) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	if _, err := chat.Await(ctx, func([]telegramtest.Message) bool { return wanted(chat.FromBot()) }); err != nil {
		s.Fatalf("%s do not come; the chat is\n%s\nand the log\n%s", what, shown(chat), s.logged())
	}
}

func TestAChatThatBlocksUsIsNotedAndEndsItself(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		ada.Say("buongiorno")
		s.settled(ada.Chat)
		id, err := s.talks.Chat(t.Context(), telegram.ChannelName, "1")
		must(t, err)
		ada.Block()
		must(t, s.double.Settled(t.Context()))
		_, err = s.talks.Append(t.Context(), note(id, "Una notizia"))
		must(t, err)
		s.engine.WakeCourier()
		s.eventually("the letter is parked", func() bool {
			due, err := s.talks.Due(t.Context(), telegram.ChannelName, time.Now().Add(time.Hour), 5)
			must(t, err)
			return len(due) == 0
		})
		ada.Unblock()
		ada.Say("grazie")
		s.await(ada.Chat, "an answer after coming back", func(fromBot []telegramtest.Message) bool {
			return strings.Contains(fromBot[len(fromBot)-1].Text, "Prego")
		})
		if err := s.channel.Health(); err != nil {
			t.Errorf("a chat that blocks us is no illness: %v", err)
		}
	})
}

func TestARevokedTokenIsToldAndAnotherOneGoesOn(t *testing.T) {
	s := serve(t, telegram.Polling)
	ada := s.double.User(1, "it")
	ada.Say("buongiorno")
	before := len(s.settled(ada.Chat))
	fresh := s.double.Revoke()
	ada.Say("grazie") // ends the poll that is under way
	s.eventually("the revoked token is told", func() bool {
		return s.channel.Health() != nil && strings.Contains(s.channel.Health().Error(), "@BotFather")
	})
	s.stop()
	must(t, os.WriteFile(s.config.TokenFile, []byte(fresh), 0o600))
	s.start()
	s.await(ada.Chat, "the answer", func(fromBot []telegramtest.Message) bool { return len(fromBot) == before+1 })
	if err := s.channel.Health(); err != nil {
		t.Errorf("with a new token: %v", err)
	}
}

func TestAnotherBotBeginsWithItsOwnNumbers(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		for range 3 {
			ada.Say("grazie")
		}
		s.settled(ada.Chat)
		s.stop()
		s.double = telegramtest.Start(t) // its updates and messages have numbers that the first bot's had
		s.double.BotID++
		s.config.APIURL = s.double.URL
		ada = s.double.User(1, "it")
		ada.Say("arrivederci")
		s.start()
		s.await(ada.Chat, "the answer of the other bot", func(fromBot []telegramtest.Message) bool {
			return len(fromBot) == 1 && strings.Contains(fromBot[0].Text, "Arrivederci")
		})
	})
}

func (s *service) eventually(what string, wanted func() bool) {
	s.Helper()
	for deadline := time.Now().Add(30 * time.Second); !wanted(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("%s: it does not happen; the log is\n%s", what, s.logged())
		}
	}
}

func TestTelegramThatIsAwayIsToldAndComesBack(t *testing.T) {
	s := serve(t, telegram.Polling)
	ada := s.double.User(1, "it")
	ada.Say("buongiorno")
	before := len(s.settled(ada.Chat))
	s.double.Leave()
	s.eventually("the absence is told", func() bool { return s.channel.Health() != nil })
	ada.Say("grazie")
	s.double.Return(t)
	s.awaitLong(ada.Chat, "the answer", func(fromBot []telegramtest.Message) bool { return len(fromBot) == before+1 })
	s.eventually("the return is told", func() bool { return s.channel.Health() == nil })
	if n := strings.Count(s.logged(), "telegram does not work"); n > 2 {
		t.Errorf("one absence makes %d lines of the log:\n%s", n, s.logged())
	}
}

func TestAWebhookWithAWrongSecretIsRefused(t *testing.T) {
	s := serve(t, telegram.Webhook)
	ada := s.double.User(1, "it")
	ada.Say("buongiorno")
	before := s.settled(ada.Chat)
	update := `{"update_id":990000000,"message":{"message_id":999,"date":1,"text":"grazie","from":{"id":1,"first_name":"A"},"chat":{"id":1,"type":"private"}}}`
	post := func(method, path, secret, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, s.site.URL+path, strings.NewReader(body))
		must(t, err)
		if secret != "" {
			r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		}
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	for _, secret := range []string{"", "x", strings.Repeat("0", 64)} {
		if status := post(http.MethodPost, s.channel.WebhookPath(), secret, update); status != http.StatusForbidden {
			t.Errorf("secret %q is answered %d", secret, status)
		}
	}
	if status := post(http.MethodPost, "/telegram/"+strings.Repeat("0", 32), "x", update); status != http.StatusNotFound {
		t.Errorf("a guessed path is answered %d", status)
	}
	secret := s.channel.WebhookSecret()
	for body, want := range map[string]int{
		"": http.StatusBadRequest, "{": http.StatusBadRequest, "[]": http.StatusBadRequest, `{"update_id":"x"}`: http.StatusBadRequest,
		strings.Repeat(" ", 2<<20): http.StatusRequestEntityTooLarge,
	} {
		if status := post(http.MethodPost, s.channel.WebhookPath(), secret, body); status != want {
			t.Errorf("a body of %d bytes is answered %d, not %d", len(body), status, want)
		}
	}
	if status := post(http.MethodGet, s.channel.WebhookPath(), secret, ""); status != http.StatusMethodNotAllowed {
		t.Errorf("a GET is answered %d", status)
	}
	if after := s.settled(ada.Chat); len(after) != len(before) {
		t.Errorf("it had an effect:\n%s", shown(ada.Chat))
	}
	if status := post(http.MethodPost, s.channel.WebhookPath(), secret, update); status != http.StatusOK {
		t.Errorf("a true update is answered %d", status)
	}
	s.await(ada.Chat, "the answer", func(fromBot []telegramtest.Message) bool { return len(fromBot) == len(before)+1 })
}

func TestAnUpdateThatWeCannotReadHoldsUpNobody(t *testing.T) {
	s := serve(t, telegram.Webhook)
	ada := s.double.User(1, "it")
	ada.Say("buongiorno")
	s.settled(ada.Chat)
	body := `{"update_id":990000000,"message":{"message_id":999,"date":1,"text":7,"from":{"id":1,"first_name":"A","language_code":"it"},"chat":{"id":1,"type":"private"}}}`
	for range 2 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.site.URL+s.channel.WebhookPath(), bytes.NewReader([]byte(body)))
		must(t, err)
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", s.channel.WebhookSecret())
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("it is answered %d, so it comes again for ever", answer.StatusCode)
		}
	}
	said := s.settled(ada.Chat)
	told := 0
	for _, m := range said {
		if strings.Contains(m.Text, "non si è potuto elaborare") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the person is told %d times:\n%s", told, shown(ada.Chat))
	}
}

func TestSwitchingTheWayInLosesNothing(t *testing.T) {
	s := serve(t, telegram.Polling)
	ada := s.double.User(1, "it")
	ada.Say("buongiorno")
	want := len(s.settled(ada.Chat))
	for _, mode := range []string{telegram.Webhook, telegram.Polling, telegram.Webhook} {
		s.stop()
		ada.Say("grazie")
		s.config.Mode = mode
		s.start()
		want++
		s.await(ada.Chat, "the answer by "+mode, func(fromBot []telegramtest.Message) bool { return len(fromBot) == want })
	}
}

func TestFilesArriveAndWhatCannotIsTold(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		ada.Say("buongiorno")
		s.settled(ada.Chat)
		picture := append([]byte("\xff\xd8\xff\xe0"), bytes.Repeat([]byte{7}, 2000)...)
		voice := append([]byte("OggS"), bytes.Repeat([]byte{0}, 500)...)
		ada.SendPhoto(picture, "")
		ada.SendDocument("errore.txt", "text/plain", []byte("errore 42"), "la stampante")
		ada.SendVoice(voice)
		ada.SendAlbum("ecco le foto", picture, picture, picture)
		ada.SendDocument("grande.bin", "application/octet-stream", make([]byte, 21<<20), "la stampante è rotta")
		ada.SendDocument("enorme.bin", "application/octet-stream", make([]byte, 21<<20), "")
		ada.SendDocument("strano.exe", "application/octet-stream", []byte("MZ\x00\x01\x02"), "")
		ada.Say("arrivederci")
		s.await(ada.Chat, "the last answer", func(fromBot []telegramtest.Message) bool {
			return slices.ContainsFunc(fromBot, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "Arrivederci") })
		})
		s.settled(ada.Chat)
		id, err := s.talks.Chat(t.Context(), telegram.ChannelName, "1")
		must(t, err)
		events, err := s.talks.Events(t.Context(), id, 0, 200)
		must(t, err)
		var got []string
		for _, e := range events {
			if e.Author == bot.User {
				line := e.Text
				for _, a := range e.Attachments {
					line += fmt.Sprintf(" [%s %d]", a.Type, a.Size)
				}
				got = append(got, strings.TrimSpace(line))
			}
		}
		album := []string{"ecco le foto [image/jpeg 2004] [image/jpeg 2004] [image/jpeg 2004]"}
		if s.config.Mode == telegram.Webhook {
			album = []string{"ecco le foto [image/jpeg 2004]", "[image/jpeg 2004]", "[image/jpeg 2004]"}
		}
		want := []string{
			"buongiorno", "[image/jpeg 2004]", "la stampante [text/plain 9]", "[audio/ogg 504]",
		}
		want = append(append(want, album...), "la stampante è rotta", "arrivederci")
		if !slices.Equal(got, want) {
			t.Errorf("people said\n%q, want\n%q", got, want)
		}
		var told, texts []string
		for _, e := range events {
			if e.Author == bot.System {
				told = append(told, e.Phrase)
				texts = append(texts, e.Reply.Markdown)
			}
		}
		if !slices.Equal(told, []string{"telegram.file_too_large", "telegram.file_too_large", "files.forbidden"}) {
			t.Errorf("they are told %q", told)
		} else if strings.Contains(texts[0], "Il testo") == strings.Contains(texts[1], "Il testo") {
			t.Errorf("with words and without it is told alike: %q", texts)
		}
	})
}

func TestWhatAnOperatorWritesIsTextAndComesWithFiles(t *testing.T) {
	s := serve(t, telegram.Polling)
	ada := s.double.User(1, "it")
	ada.Say("buongiorno")
	s.settled(ada.Chat)
	id, err := s.talks.Chat(t.Context(), telegram.ChannelName, "1")
	must(t, err)
	kept, err := s.cabinet.Accept(t.Context(), "guida.txt", strings.NewReader("prema qui"))
	must(t, err)
	_, err = s.talks.Append(t.Context(), bot.Turn{Conversation: id, Events: []bot.Event{{
		At: time.Now(), Author: bot.Operator, Text: "Provi <b>così</b> & *poi* mi dica", Attachments: []bot.Attachment{{ID: kept.ID, Name: kept.Name, Type: kept.Type, Size: kept.Size}},
	}}})
	must(t, err)
	said := s.settled(ada.Chat)
	words, file := said[len(said)-2], said[len(said)-1]
	if words.Text != "Operatore: Provi <b>così</b> & *poi* mi dica" || len(words.Entities) != 1 || words.Entities[0].Type != "bold" || words.Entities[0].Length != len("Operatore:") {
		t.Errorf("the operator's words are %q with %v", words.Text, words.Entities)
	}
	if file.File == nil || file.File.Name != "guida.txt" || string(file.File.Data) != "prema qui" {
		t.Errorf("the operator's file is %+v", file.File)
	}
}
