package telegram

import (
	"context"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sportello/bot"
	"sportello/internal/fault"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// takeMessage takes what somebody wrote: one message, or all parts of an album.
func (c *Channel) takeMessage(ctx context.Context, updates []update) error {
	m := updates[0].Message
	if to := m.MigrateToChatID; to != 0 {
		return c.moved(ctx, m.Chat.ID, to)
	}
	if from := m.MigrateFromChatID; from != 0 {
		return c.moved(ctx, from, m.Chat.ID)
	}
	if m.From == nil || m.From.IsBot || m.SenderChat != nil || !isWritten(m) {
		return nil
	}
	if m.Chat.Type != private && m.Chat.Type != models.ChatTypeGroup && m.Chat.Type != models.ChatTypeSupergroup {
		return nil
	}
	text, ours := c.addressed(m)
	for _, u := range updates[1:] {
		if more, too := c.addressed(u.Message); too {
			text, ours = strings.TrimSpace(text+"\n"+more), true
		}
	}
	if !ours {
		return nil
	}
	from, err := c.sender(ctx, m)
	if err != nil {
		return err
	}
	if m.MediaGroupID == "" || c.Config.Mode == Webhook {
		return c.takeParts(ctx, from, c.messageID(m), text, updates)
	}
	return c.takeAlbum(ctx, from, text, updates)
}

// moved follows a group that became a supergroup: its chat has another ID.
func (c *Channel) moved(ctx context.Context, from, to int64) error {
	c.Log.InfoContext(ctx, "telegram group moved", "from", from, "to", to)
	return c.Engine.Store.MoveChat(ctx, ChannelName, strconv.FormatInt(from, 10), strconv.FormatInt(to, 10))
}

// isWritten reports whether a person wrote a message: others tell that
// somebody came, or that the group has a new name.
func isWritten(m *models.Message) bool {
	return m.Text != "" || m.Caption != "" || len(filesOf(m)) > 0 || unreadable(m)
}

// unreadable reports whether a message holds something that has no words.
func unreadable(m *models.Message) bool {
	return m.Sticker != nil || m.Location != nil || m.Venue != nil || m.Contact != nil || m.Poll != nil || m.Dice != nil || m.Game != nil ||
		m.Story != nil || m.Checklist != nil || m.PaidMedia != nil || m.Invoice != nil || m.Giveaway != nil
}

// addressed returns what a message says to us, and whether it is for us: in a
// group only what names the bot, or replies to it.
func (c *Channel) addressed(m *models.Message) (text string, ours bool) {
	text = strings.TrimSpace(m.Text + m.Caption) // a message has one of them
	if m.Chat.Type == private {
		return text, true
	}
	me := c.me.Load()
	if me == nil {
		return "", false
	}
	if command, to, _, is := parseCommand(text); is && command != "" && to != "" {
		return text, strings.EqualFold(to, me.Username)
	}
	rest, named := withoutName(text, me.Username)
	replies := m.ReplyToMessage != nil && m.ReplyToMessage.From != nil && m.ReplyToMessage.From.ID == me.ID
	return rest, named || replies
}

// withoutName takes a bot's name out of a text, and reports whether it was there.
func withoutName(text, name string) (string, bool) {
	if name == "" {
		return text, false
	}
	mention := regexp.MustCompile(`(?i)(^|[^\p{L}\p{N}_@/])@` + regexp.QuoteMeta(name) + `($|[^\p{L}\p{N}_])`)
	if !mention.MatchString(text) {
		return text, false
	}
	rest := mention.ReplaceAllString(text, "$1 $2")
	lines := strings.Split(rest, "\n")
	for i := range lines {
		lines[i] = strings.Join(strings.Fields(lines[i]), " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), " \n,:"), true
}

// takeParts takes messages as one, under this ID.
func (c *Channel) takeParts(ctx context.Context, from talk, id, text string, updates []update) error {
	m := updates[0].Message
	in := bot.Inbound{Conversation: from.id, Channel: ChannelName, ID: id}
	asked, err := c.understand(ctx, &in, from, m, text)
	if err != nil || asked == nothing {
		return err
	}
	seq, err := c.Engine.Store.Received(ctx, in)
	if err == nil { // its files are not fetched again: without them it might look empty
		return c.erase(ctx, from, seq, updates)
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	var wrong []fault.Error
	if in.Attachments, wrong, err = c.fetchAll(ctx, from.id, updates); err != nil {
		return err
	}
	for _, u := range updates {
		if unreadable(u.Message) {
			wrong = append(wrong, *fault.New(fault.Invalid, "telegram.unreadable"))
		}
	}
	// First, since once the words are stored nobody knows what was wrong.
	for _, w := range wrong {
		values := fault.Values{"Words": in.Text != ""}
		maps.Copy(values, w.Values)
		if err := c.tell(ctx, from, id, w.Phrase, values); err != nil {
			return err
		}
	}
	if in.Text == "" && in.Continue == "" && len(in.Attachments) == 0 && len(wrong) > 0 {
		return nil
	}
	return c.receive(ctx, from, in, updates)
}

// receive hands a message to the engine. What is wrong with it is told.
func (c *Channel) receive(ctx context.Context, from talk, in bot.Inbound, updates []update) error {
	receipt, err := c.Engine.Receive(ctx, in)
	if phrase, values, is := refusal(err); is {
		return c.tell(ctx, from, in.ID, phrase, values)
	}
	if err != nil {
		return err
	}
	if receipt.Fresh {
		c.typing(updates[0].Message, from.id, receipt.Seq)
	}
	return c.erase(ctx, from, receipt.Seq, updates)
}

// typingPause is how long an answer may take without our saying that it comes.
const typingPause = 300 * time.Millisecond

// typing shows that an answer is being written, unless it was already.
func (c *Channel) typing(m *models.Message, id bot.ConversationID, seq int64) {
	c.asides.aside(func(ctx context.Context) {
		if !sleep(ctx, typingPause) {
			return
		}
		if record, err := c.Engine.Store.Conversation(ctx, id); err != nil || record.Handled >= seq {
			return
		}
		_, _ = c.api.SendChatAction(ctx, &tg.SendChatActionParams{ChatID: m.Chat.ID, MessageThreadID: threadOf(m), Action: models.ChatActionTyping}) // nobody misses it
	})
}

var _ bot.Typist = (*Channel)(nil)

// ShowTyping implements bot.Typist.
func (c *Channel) ShowTyping(_ context.Context, r bot.Record) {
	chat, _, err := chatOf(r.Chat)
	if err != nil || c.prepare() != nil {
		return
	}
	c.asides.aside(func(ctx context.Context) {
		_, _ = c.api.SendChatAction(ctx, &tg.SendChatActionParams{ChatID: chat, Action: models.ChatActionTyping})
	})
}

// threadOf is the topic of a group that a message was written in.
func threadOf(m *models.Message) int {
	if m.IsTopicMessage {
		return m.MessageThreadID
	}
	return 0
}

// takeMembership notes that a person blocked us. That a group put us out, the
// next message to it tells: it may have become another one.
func (c *Channel) takeMembership(ctx context.Context, change *models.ChatMemberUpdated) error {
	if change.Chat.Type != private {
		return nil
	}
	switch change.NewChatMember.Type {
	case models.ChatMemberTypeLeft, models.ChatMemberTypeBanned:
		return c.Engine.Store.Block(ctx, ChannelName, strconv.FormatInt(change.Chat.ID, 10), c.Now())
	}
	return nil
}
