package telegram

import (
	"context"
	"strings"

	"sportello/bot"
	"sportello/internal/fault"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// takeTap takes a tap on a button. The choice is stored first; then the tap is
// answered and the message changed in its place, which nobody waits for. All
// taps on one button are one: whoever taps twice acts once.
func (c *Channel) takeTap(ctx context.Context, q *models.CallbackQuery) error {
	var chat models.Chat
	switch m := q.Message; {
	case m.Message != nil:
		chat = m.Message.Chat
	case m.InaccessibleMessage != nil:
		chat = m.InaccessibleMessage.Chat
	default:
		c.answer(q, c.Phrases.Say(langOf(q.From.LanguageCode), "error.choice_unknown", nil))
		return nil
	}
	from, err := c.talk(ctx, chat, &q.From, false)
	if fault.Is(err, fault.NotFound) {
		from, err = talk{lang: langOf(q.From.LanguageCode), public: chat.Type != private}, nil
	}
	if err != nil {
		return err
	}
	choice, err := c.chosen(ctx, from.id, q.Data)
	if err != nil {
		return err
	}
	if choice.ID == "" {
		phrase := "error.choice_unknown"
		if from.public {
			phrase = "telegram.not_yours"
		}
		c.answer(q, c.Phrases.Say(from.lang, phrase, nil))
		return nil
	}
	receipt, err := c.Engine.Receive(ctx, bot.Inbound{
		Conversation: from.id, Channel: ChannelName, ID: "cb " + q.Data[:strings.LastIndexByte(q.Data, '.')], Choice: choice.ID,
	})
	if phrase, values, is := refusal(err); is {
		c.answer(q, c.Phrases.Say(from.lang, phrase, values))
		c.settle(q, "")
		return nil
	}
	if err != nil {
		return err
	}
	words := ""
	if !receipt.Fresh { // pressed before; if only our answer was lost, Telegram shows no second one
		words = c.Phrases.Say(from.lang, "telegram.taken", fault.Values{"Label": choice.Label})
	}
	c.toast(q, words)
	c.settle(q, choice.Label)
	if receipt.Fresh && q.Message.Message != nil {
		c.typing(q.Message.Message, from.id, receipt.Seq)
	}
	return nil
}

// chosen is the choice behind what a button said; it has no ID if there is
// none in this conversation.
func (c *Channel) chosen(ctx context.Context, id bot.ConversationID, data string) (none bot.Choice, err error) {
	seq, n, ours := c.place(id, data)
	if !ours {
		return none, nil
	}
	e, is, err := c.Engine.Event(ctx, id, seq)
	if err != nil || !is || e.Reply == nil || n >= len(e.Reply.Choices) {
		return none, err
	}
	return e.Reply.Choices[n], nil
}

// longestNote is how much of a text Telegram shows in answer to a tap.
const longestNote = 200

// answer ends the tap's waiting, with words to be read and put away.
func (c *Channel) answer(q *models.CallbackQuery, words string) {
	c.respond(q, words, true)
}

// toast ends the tap's waiting, with words that go away by themselves, or none.
func (c *Channel) toast(q *models.CallbackQuery, words string) {
	c.respond(q, words, false)
}

func (c *Channel) respond(q *models.CallbackQuery, words string, alert bool) {
	if units(words) > longestNote {
		words = words[:cutAt(words, longestNote)]
	}
	c.asides.aside(func(ctx context.Context) {
		_, _ = c.api.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{CallbackQueryID: q.ID, Text: words, ShowAlert: alert}) // it ends by itself, too
	})
}

// settle takes the choices away from the message whose button was pressed, and
// shows there which one was taken.
func (c *Channel) settle(q *models.CallbackQuery, label string) {
	chat, id := pressedIn(q)
	m := q.Message.Message
	left := links(m)
	c.asides.aside(func(ctx context.Context) {
		if m != nil && label != "" && m.Text != "" {
			text := m.Text + "\n\n✓ " + harmless(label)
			if units(text) <= longestMessage {
				_, err := c.api.EditMessageText(ctx, &tg.EditMessageTextParams{ // with the looks that it has
					ChatID: chat, MessageID: id, Text: text, Entities: m.Entities, ReplyMarkup: left, LinkPreviewOptions: noPreview,
				})
				if err == nil || refused(err, "not modified") {
					return
				}
			}
		}
		_, _ = c.api.EditMessageReplyMarkup(ctx, &tg.EditMessageReplyMarkupParams{ChatID: chat, MessageID: id, ReplyMarkup: left}) // pressed again, it is refused
	})
}

// links are the buttons of a message that open an address: they stay.
func links(m *models.Message) models.ReplyMarkup {
	if m == nil || m.ReplyMarkup == nil {
		return nil
	}
	var rows [][]models.InlineKeyboardButton
	for _, row := range m.ReplyMarkup.InlineKeyboard {
		for _, b := range row {
			if b.URL != "" {
				rows = append(rows, []models.InlineKeyboardButton{b})
			}
		}
	}
	if rows == nil {
		return nil
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}
