package mattermost

import (
	"context"
	"strings"

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
	if id, err = c.conversation(ctx, k, place{channel: channel}, user); err != nil {
		return id, err
	}
	return id, c.vouch(ctx, k, id, user)
}

// Direct is the address of the direct messages with the bot, empty as long as it
// is not known.
func (c *Channel) Direct() string {
	open := c.link.open.Load()
	if open == nil || c.Config.Team == "" {
		return ""
	}
	return c.Config.URL + "/" + c.Config.Team + "/messages/@" + open.me.Username
}

// writeFirst asks somebody to begin the conversation that the server does not let
// us begin.
func (c *Channel) writeFirst(lang string) string {
	return strings.TrimSpace(c.Phrases.Say(lang, "mattermost.write_first", nil) + " " + c.linkDirect(lang))
}

// linkDirect is a link to the direct messages with the bot, if it can be made.
func (c *Channel) linkDirect(lang string) string {
	address := c.Direct()
	if address == "" {
		return ""
	}
	return linked(c.Phrases.Say(lang, "mattermost.direct", nil), address)
}
