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
	id, err := c.privately(ctx, k, from.user)
	if err != nil {
		return "", err
	}
	code := said.event.Object
	_, err = c.Engine.Receive(ctx, bot.Inbound{Conversation: id, Channel: Name, ID: fmt.Sprint("private ", code), Continue: code})
	if err != nil && !isRefusal(err) {
		return "", err
	}
	return c.linkDirect(said.lang), nil
}
