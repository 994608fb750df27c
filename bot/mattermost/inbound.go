package mattermost

import (
	"context"
	"fmt"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// take takes a post in. It may be given the same post again.
func (c *Channel) take(ctx context.Context, k *client, a arrival) (err error) {
	defer fault.Wrap(&err, "take in post %s", a.post.Id)
	if !said(a.post, k.me.Id) {
		return nil
	}
	if a.kind != model.ChannelTypeDirect && c.Overheard != nil {
		if handled, err := c.Overheard(ctx, a.post); handled || err != nil {
			return err
		}
	}
	p, text, meant, err := c.meant(ctx, k, a)
	if !meant || err != nil {
		return err
	}
	id, err := c.conversation(ctx, k, p, a.post.UserId)
	if err != nil {
		return err
	}
	c.threads.remember(a.post.Id, a.post.RootId)
	in := bot.Inbound{Conversation: id, Channel: Name, ID: a.post.Id, Text: text}
	if p.user != "" && text == "" && len(a.post.FileIds) == 0 {
		conv, err := c.Engine.Conversation(ctx, id)
		if err != nil || conv.SaidAt.IsZero() {
			return err // somebody only called us, and we have introduced ourselves
		}
	}
	if a.again || len(a.post.FileIds) > 0 {
		if _, err := c.Engine.Store.Received(ctx, in); !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if p.user == "" {
		if err := c.vouch(ctx, k, id, a.post.UserId); err != nil {
			return err
		}
	}
	said, err := c.fetch(ctx, k, id, a.post, a.try)
	if err != nil {
		return err
	}
	for i, why := range said.refused {
		if err := c.refuse(ctx, k, p, a.post, fmt.Sprintf("file %d", i+1), id, why); err != nil {
			return err
		}
	}
	if in.Attachments = said.kept; text == "" && len(in.Attachments) == 0 && len(said.refused) > 0 {
		return nil // it is told what was wrong with them
	}
	receipt, err := c.Engine.Receive(ctx, in)
	if isRefusal(err) {
		return c.refuse(ctx, k, p, a.post, "message", id, err)
	}
	if err == nil && receipt.Fresh {
		c.typing(ctx, k, p, id, receipt.Seq)
	}
	return err
}

// isRefusal reports whether an error is about what somebody sent, to be told to
// them.
func isRefusal(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge, fault.TooMany, fault.Forbidden:
		return true
	}
	return false
}

// refuse tells somebody, once, why a part of their post was not taken.
func (c *Channel) refuse(ctx context.Context, k *client, p place, post *model.Post, part string, id bot.ConversationID, why error) error {
	conv, err := c.Engine.Conversation(ctx, id)
	if err != nil {
		return err
	}
	phrase, values := fault.Public(why)
	mark := "refused " + post.Id + " " + part
	told, err := k.marked(ctx, p, []string{mark}, func(other *model.Post) bool { return other.CreateAt < post.CreateAt })
	if err != nil || told[mark] != "" {
		return err
	}
	_, err = k.post(ctx, &model.Post{
		ChannelId: p.channel, RootId: p.root, Message: plain(c.Phrases.Say(conv.Lang, phrase, values)),
		Props: model.StringInterface{ours: mark},
	})
	return err
}
