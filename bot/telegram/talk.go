package telegram

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"

	"github.com/go-telegram/bot/models"
)

// private is a chat with one person; all others are groups.
const private = models.ChatTypePrivate

// talk is a conversation as we find it when somebody writes.
type talk struct {
	id     bot.ConversationID
	lang   string
	public bool
	fresh  bool // it began just now
}

// sender is the conversation of whoever wrote a message; it begins if there is
// none yet.
func (c *Channel) sender(ctx context.Context, m *models.Message) (talk, error) {
	return c.talk(ctx, m.Chat, m.From, true)
}

// talk finds the conversation of a person in a chat.
func (c *Channel) talk(ctx context.Context, chat models.Chat, from *models.User, begin bool) (t talk, err error) {
	t.public = chat.Type != private
	name := chatName(chat, from.ID)
	t.id, err = c.Engine.Store.Chat(ctx, ChannelName, name)
	if fault.Is(err, fault.NotFound) && begin {
		t.fresh = true
		t.id, err = c.Engine.Start(ctx, bot.Record{
			Conversation: bot.Conversation{
				ID: bot.ConversationID(rand.Text()), Channel: ChannelName, Lang: langOf(from.LanguageCode), Public: t.public,
				Identity: account.Identity{Channel: ChannelName, PlatformID: strconv.FormatInt(from.ID, 10)},
			},
			Chat: name,
		})
	}
	if err != nil {
		return t, err
	}
	conv, err := c.Engine.Conversation(ctx, t.id)
	t.lang = conv.Lang
	return t, err
}

// chatName is our name of a person's conversation in a chat. In a group each
// has one of their own.
func chatName(chat models.Chat, person int64) string {
	name := strconv.FormatInt(chat.ID, 10)
	if chat.Type != private {
		name += "/" + strconv.FormatInt(person, 10)
	}
	return name
}

// chatOf is the platform's chat behind a name of ours, and whether it is a
// group.
func chatOf(name string) (id int64, group bool, err error) {
	chat, _, group := strings.Cut(name, "/")
	id, err = strconv.ParseInt(chat, 10, 64)
	return id, group, err
}

// langOf is the language of ours that fits somebody's app: Italian, if that is
// what it speaks or if it does not say.
func langOf(code string) string {
	if code == "" || code == "it" || strings.HasPrefix(code, "it-") {
		return "it"
	}
	return "en"
}

// messageID is our name of a message, unique within its conversation. Whoever
// numbers it is part of it: a supergroup numbers its messages, and a group that
// becomes one begins anew; those of all other chats each bot numbers for itself,
// and a conversation may go on with another bot.
func (c *Channel) messageID(m *models.Message) string {
	by := c.me.Load().ID
	if m.Chat.Type == models.ChatTypeSupergroup {
		by = m.Chat.ID
	}
	return fmt.Sprintf("%d/%d", by, m.ID)
}

// supergroups have numbers from here downwards.
const supergroups = -1_000_000_000_000

// numberIn is the number in a group of a message of that name, if it was
// written there.
func numberIn(chat int64, message string) (int, bool) {
	first, second, _ := strings.Cut(message, "/")
	by, err := strconv.ParseInt(first, 10, 64)
	if err != nil || by != chat && (by < 0 || chat <= supergroups) {
		return 0, false
	}
	n, err := strconv.Atoi(second)
	return n, err == nil
}

// tell says why something could not be taken, once for each name of it. It is
// an event of the conversation, so it is sent in order with all else, and
// survives us.
func (c *Channel) tell(ctx context.Context, t talk, about, phrase string, values fault.Values) error {
	before, err := c.Engine.Store.Mark(ctx, markTold, string(t.id))
	if err != nil {
		return err
	}
	told := strings.Fields(before)
	name := strings.ReplaceAll(about+":"+phrase, " ", "_")
	if slices.Contains(told, name) {
		return nil
	}
	said := bot.Event{
		At: c.Now(), Author: bot.System, Act: "refuse", Object: phrase, Phrase: phrase, Inbound: about,
		Reply: &bot.Reply{Markdown: c.Phrases.Say(t.lang, phrase, values)},
	}
	if _, err := c.Engine.Store.Append(ctx, bot.Turn{Conversation: t.id, Events: []bot.Event{said}}); err != nil {
		return err
	}
	c.Engine.WakeCourier()
	told = append(told, name)
	return c.Engine.Store.SetMark(ctx, markTold, string(t.id), strings.Join(told[max(0, len(told)-mostTold):], " "))
}

// mostTold are remembered of each conversation.
const mostTold = 12

// refusal tells whether a failure is one of the person's, and how it is told.
func refusal(err error) (phrase string, values fault.Values, is bool) {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge, fault.TooMany, fault.Conflict:
		phrase, values = fault.Public(err)
		return phrase, values, true
	}
	return "", nil, false
}
