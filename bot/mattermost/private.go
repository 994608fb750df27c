package mattermost

import (
	"context"
	"errors"
	"fmt"

	"sportello/bot"
	"sportello/internal/fault"
)

// goPrivate goes on in a direct message with what a person wants in a channel,
// where others read along. It returns a link there, if it can make one, or what
// they have to do themselves if the server lets us begin none. Done again, it
// changes nothing.
func (c *Channel) goPrivate(ctx context.Context, k *client, from place, said composed) (where string, err error) {
	defer fault.Wrap(&err, "go on in private")
	id, err := c.privately(ctx, k, from.user)
	if errors.Is(err, ErrRefused) {
		return c.writeFirst(said.lang), nil
	}
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
