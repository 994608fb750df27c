package mattermost

import (
	"context"
	"fmt"

	"sportello/bot"
	"sportello/internal/fault"
)

// goPrivate goes on in a direct message with what a person wants in a channel,
// where others read along. It returns a link there, if it can make one. Done
// again, it changes nothing.
func (c *Channel) goPrivate(ctx context.Context, k *client, from place, said composed) (link string, err error) {
	defer fault.Wrap(&err, "go on in private")
	direct, response, err := k.CreateDirectChannel(ctx, k.me.Id, from.user)
	if err != nil {
		return "", failed(response, err)
	}
	id, _, err := c.conversation(ctx, k, place{channel: direct.Id}, from.user)
	if err != nil {
		return "", err
	}
	if err := c.vouch(ctx, k, id, from.user); err != nil {
		return "", err
	}
	code := said.event.Object
	_, err = c.Engine.Receive(ctx, bot.Inbound{Conversation: id, Channel: Name, ID: fmt.Sprint("private ", code), Continue: code})
	if err != nil && !isRefusal(err) {
		return "", err
	}
	if c.Config.Team == "" {
		return "", nil
	}
	return linked(c.Phrases.Say(said.lang, "mattermost.direct", nil), c.Config.URL+"/"+c.Config.Team+"/messages/@"+k.me.Username), nil
}
