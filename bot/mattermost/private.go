package mattermost

import (
	"context"
	"fmt"

	"sportello/bot"
	"sportello/internal/fault"
)

// direct is the channel of the direct messages with a user.
func (k *client) direct(ctx context.Context, user string) (string, error) {
	channel, response, err := k.CreateDirectChannel(ctx, k.me.Id, user)
	if err != nil {
		return "", failed(response, err)
	}
	return channel.Id, nil
}

// privately begins, or goes on with, the direct conversation with a user.
func (c *Channel) privately(ctx context.Context, k *client, user string) (id bot.ConversationID, err error) {
	defer fault.Wrap(&err, "open a direct conversation")
	channel, err := k.direct(ctx, user)
	if err != nil {
		return "", err
	}
	if id, _, err = c.conversation(ctx, k, place{channel: channel}, user); err != nil {
		return id, err
	}
	return id, c.vouch(ctx, k, id, user)
}

// goPrivate goes on in a direct message with what a letter says is personal. The
// same letter again goes on with nothing.
func (c *Channel) goPrivate(ctx context.Context, k *client, user string, letter bot.Outgoing, code string) error {
	id, err := c.privately(ctx, k, user)
	if err != nil {
		return err
	}
	_, err = c.Engine.Receive(ctx, bot.Inbound{Conversation: id, Channel: Name, ID: "private " + letter.ID, Continue: code})
	return err
}

// Direct is the address of the direct messages with the bot, empty as long as it
// is not known.
func (c *Channel) Direct() string {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	if c.link.open == nil || c.Config.Team == "" {
		return ""
	}
	return fmt.Sprintf("%s/%s/messages/@%s", c.Config.URL, c.Config.Team, c.link.open.me.Username)
}

// inPrivate says where a direct message is, as a link where that is known.
func (c *Channel) inPrivate(lang string) string {
	address := c.Direct()
	if address == "" {
		return ""
	}
	return fmt.Sprintf("[%s](%s)", words(c.Phrases.Say(lang, "mattermost.private_link", nil)), address)
}
