package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sportello/bot"
	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
)

// posts hands an update to the webhook as Telegram would, and returns the
// status of the answer.
func (s *service) posts(id int, content string) int {
	s.Helper()
	r, err := http.NewRequest(http.MethodPost, s.site.URL+s.channel.WebhookPath(), strings.NewReader(fmt.Sprintf(`{"update_id":%d,%s}`, 900_000_000+id, content)))
	must(s, err)
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", s.channel.WebhookSecret())
	answer, err := http.DefaultClient.Do(r)
	must(s, err)
	_ = answer.Body.Close()
	return answer.StatusCode
}

const ofAda = `"message_id":%d,"date":1,"from":{"id":1,"first_name":"Ada","language_code":"it"},"chat":{"id":1,"type":"private"}`

func TestWhatHasNoWordsIsToldAndWhatIsNoMessageIsPassedOver(t *testing.T) {
	s := serve(t, telegram.Webhook)
	ada := s.double.User(1, "it")
	ada.Say("buongiorno")
	before := len(s.settled(ada.Chat))
	for i, content := range []string{
		`"sticker":{"file_id":"x","type":"regular"}`, `"location":{"latitude":1,"longitude":1}`, `"contact":{"phone_number":"1","first_name":"x"}`,
		`"poll":{"id":"1","question":"?","options":[],"type":"regular"}`, `"dice":{"emoji":"x","value":1}`,
	} {
		if status := s.posts(i, fmt.Sprintf(`"message":{`+ofAda+`,%s}`, 100+i, content)); status != http.StatusOK {
			t.Errorf("%s is answered %d", content, status)
		}
		said := s.settled(ada.Chat)
		if len(said) != before+1+i || !strings.Contains(said[len(said)-1].Text, "Adesivi") {
			t.Errorf("%s is answered\n%s", content, shown(ada.Chat))
		}
	}
	before += 5
	for i, update := range []string{
		`"message":{` + fmt.Sprintf(ofAda, 200) + `,"new_chat_title":"x"}`,
		`"message":{` + fmt.Sprintf(ofAda, 201) + `,"pinned_message":{"message_id":1,"date":0,"chat":{"id":1}}}`,
		`"message":{"message_id":202,"date":1,"text":"ciao","from":{"id":9,"is_bot":true,"first_name":"Bot"},"chat":{"id":1,"type":"private"}}`,
		`"message":{"message_id":203,"date":1,"text":"ciao","sender_chat":{"id":-5,"type":"channel"},"from":{"id":1,"first_name":"A"},"chat":{"id":1,"type":"private"}}`,
		`"message":{"message_id":204,"date":1,"text":"ciao","from":{"id":1,"first_name":"A"},"chat":{"id":1,"type":"channel"}}`,
		`"channel_post":{"message_id":205,"date":1,"text":"ciao","chat":{"id":1,"type":"channel"}}`,
		`"edited_message":{` + fmt.Sprintf(ofAda, 206) + `,"text":"ciao"}`,
		`"poll":{"id":"1","question":"?","options":[],"type":"regular"}`,
		`"callback_query":{"id":"1","from":{"id":1,"first_name":"A"},"data":"x"}`,
		`"callback_query":{"id":"2","from":{"id":77,"first_name":"B"},"data":"x","message":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"}}}`,
	} {
		if status := s.posts(50+i, update); status != http.StatusOK {
			t.Errorf("%s is answered %d", update, status)
		}
	}
	if said := s.settled(ada.Chat); len(said) != before {
		t.Errorf("something of it is answered\n%s", shown(ada.Chat))
	}
}

// poisoned is a store that one message breaks.
type poisoned struct {
	bot.Store
	down bool // nothing works
	mute bool // nothing can be told
}

func (p *poisoned) Receive(ctx context.Context, in bot.Inbound, said bot.Event) (int64, bool, error) {
	if p.down || said.Text == "veleno" {
		return 0, false, errors.New("a page of the database is damaged")
	}
	return p.Store.Receive(ctx, in, said)
}

func (p *poisoned) Append(ctx context.Context, turn bot.Turn) ([]bot.Event, error) {
	if p.down || p.mute {
		return nil, errors.New("a page of the database is damaged")
	}
	return p.Store.Append(ctx, turn)
}

func TestAMessageThatBreaksUsHoldsUpNobodyAndIsTold(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada, bob := s.double.User(1, "it"), s.double.User(2, "it")
		ada.Say("buongiorno")
		s.settled(ada.Chat)
		s.stop()
		s.poison = &poisoned{}
		s.start()
		ada.Say("veleno")
		ada.Say("grazie")
		bob.Say("grazie")
		s.await(bob.Chat, "another's answer", func(fromBot []telegramtest.Message) bool {
			return len(fromBot) > 0 && strings.Contains(fromBot[len(fromBot)-1].Text, "Prego")
		})
		said := s.await(ada.Chat, "the next answer", func(fromBot []telegramtest.Message) bool {
			return strings.Contains(fromBot[len(fromBot)-1].Text, "Prego")
		})
		if !strings.Contains(said[len(said)-2].Text, "non si è potuto elaborare") {
			t.Errorf("it is answered\n%s", shown(ada.Chat))
		}
	})
}

func (p *poisoned) SetMark(ctx context.Context, channel, name, value string) error {
	if p.down {
		return errors.New("a page of the database is damaged")
	}
	return p.Store.SetMark(ctx, channel, name, value)
}

func TestWhileNothingCanBeStoredNothingIsLost(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada, bob := s.double.User(1, "it"), s.double.User(2, "it")
		group := s.double.Group(-77, "Ufficio", ada, bob)
		ada.Say("buongiorno")
		bob.Say("la stampante")
		bob.In(group).Say("@SportelloBot grazie")
		before, inGroup, offered := len(s.settled(ada.Chat)), len(s.settled(group)), s.settled(bob.Chat)
		s.stop()
		s.poison = &poisoned{down: true}
		s.start()
		ada.Say("grazie")
		bob.In(group).Say("@SportelloBot arrivederci")
		answer := offered[len(offered)-1]
		bob.TapOn(answer.ID, answer.Keyboard[0][0])
		s.eventually("the updates are tried in vain", func() bool { return strings.Count(s.logged(), "update not taken") > 18 })
		if said := ada.Chat.FromBot(); len(said) != before {
			t.Errorf("it is answered\n%s", shown(ada.Chat))
		}
		s.stop()
		s.poison = nil
		s.start()
		s.await(ada.Chat, "the answer", func(fromBot []telegramtest.Message) bool {
			return len(fromBot) == before+1 && strings.Contains(fromBot[before].Text, "Prego")
		})
		s.await(group, "the answer in the group", func(fromBot []telegramtest.Message) bool {
			return len(fromBot) == inGroup+1 && strings.Contains(fromBot[inGroup].Text, "Arrivederci")
		})
		s.await(bob.Chat, "the answer to the tap", func(fromBot []telegramtest.Message) bool { return len(fromBot) == len(offered)+1 })
	})
}

func TestWhatWasWrongWithAFileIsToldThoughWeAreStoppedMeanwhile(t *testing.T) {
	modes(t, func(t *testing.T, s *service) {
		ada := s.double.User(1, "it")
		group := s.double.Group(-77, "Ufficio", ada)
		ada.In(group).Say("@SportelloBot grazie")
		before := len(s.settled(group))
		s.stop()
		s.poison = &poisoned{mute: true}
		s.start()
		sent := ada.In(group).SendDocument("grande.bin", "application/octet-stream", make([]byte, 21<<20), "@SportelloBot la stampante")
		s.eventually("the telling is tried", func() bool { return strings.Contains(s.logged(), "update not taken") })
		s.stop()
		s.poison = nil
		s.start()
		s.await(group, "the notice and the answer", func(fromBot []telegramtest.Message) bool { return len(fromBot) >= before+2 })
		said := s.settled(group)[before:]
		if len(said) != 2 || !strings.Contains(said[0].Text, "troppo grande") || said[0].ReplyTo != sent.ID || !strings.Contains(said[1].Text, "non stampa") {
			t.Errorf("it is answered\n%s", shown(group))
		}
	})
}

func TestAWebhookThatDoesNotReachUsIsTold(t *testing.T) {
	s := serve(t, telegram.Webhook)
	ada := s.double.User(1, "it")
	ada.Say("buongiorno")
	s.settled(ada.Chat)
	s.channel.Look(t.Context())
	if err := s.channel.Health(); err != nil {
		t.Errorf("all is well, and we say %v", err)
	}
	s.site.Close()
	ada.Say("grazie")
	s.eventually("it is told", func() bool {
		s.channel.Look(t.Context())
		return s.channel.Health() != nil && strings.Contains(s.channel.Health().Error(), "cannot deliver")
	})
}
