package mattermost

import (
	"context"
	"regexp"
	"strings"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// place is where somebody talks to us: a direct message, or a thread of a
// channel, where each person has a conversation of their own.
type place struct {
	channel string
	root    string // of the thread; empty outside of one
	user    string // whose it is, in a channel
}

// chat is the name of the place's conversation.
func (p place) chat() string {
	if p.user == "" {
		return p.channel
	}
	return p.channel + "/" + p.root + "/" + p.user
}

// placeOf is the place of a conversation by its name. Of a direct message the
// thread is not known from it.
func placeOf(chat string) place {
	var p place
	p.channel, chat, _ = strings.Cut(chat, "/")
	p.root, p.user, _ = strings.Cut(chat, "/")
	return p
}

// meant finds out where a post was said to us, and what. A post of a channel is
// meant for us if it names us, or stands in a thread where its author talks with
// us.
func (c *Channel) meant(ctx context.Context, k *client, a arrival) (p place, text string, is bool, err error) {
	if a.kind == model.ChannelTypeDirect {
		return place{channel: a.post.ChannelId, root: a.post.RootId}, a.post.Message, true, nil
	}
	p = place{channel: a.post.ChannelId, root: a.post.RootId, user: a.post.UserId}
	if p.root == "" {
		p.root = a.post.Id
	}
	if text, is = unaddressed(a.post.Message, k.named); is {
		return p, text, true, nil
	}
	if a.post.RootId == "" {
		return p, "", false, nil
	}
	_, err = c.Engine.Store.Chat(ctx, Name, p.chat())
	if fault.Is(err, fault.NotFound) {
		return p, "", false, nil
	}
	return p, a.post.Message, err == nil, err
}

// mentions finds where a name is called, and what stands around.
func mentions(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(^|[^a-z0-9@._-])@` + regexp.QuoteMeta(name) + `([.,:;!?-]*(?:[^a-z0-9._-]|$))`)
}

// unaddressed takes a name out of a message, and reports whether it was there.
func unaddressed(message string, named *regexp.Regexp) (string, bool) {
	if !named.MatchString(message) {
		return message, false
	}
	for named.MatchString(message) { // what ends one mention may begin the next
		message = named.ReplaceAllStringFunc(message, func(found string) string {
			parts := named.FindStringSubmatch(found)
			return parts[1] + strings.TrimLeft(parts[2], ".,:;!?-")
		})
	}
	return strings.TrimSpace(message), true
}

// conversation is the one of a place, begun if there is none.
func (c *Channel) conversation(ctx context.Context, k *client, p place, user string) (id bot.ConversationID, err error) {
	id, err = c.Engine.Store.Chat(ctx, Name, p.chat())
	if !fault.Is(err, fault.NotFound) {
		return id, err
	}
	who, err := k.user(ctx, user)
	if err != nil {
		return "", err
	}
	return c.Engine.Start(ctx, bot.Record{
		Conversation: bot.Conversation{
			Channel: Name, Lang: langOf(who), Public: p.user != "",
			Identity: account.Identity{Channel: Name, PlatformID: user},
		},
		Chat: p.chat(),
	})
}

// langOf is the language that somebody reads the platform in, as far as we speak
// it.
func langOf(who *model.User) string {
	if who.Locale == "" || strings.HasPrefix(strings.ToLower(who.Locale), "it") {
		return "it"
	}
	return "en"
}
