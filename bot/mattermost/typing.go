package mattermost

import (
	"context"
	"time"

	"sportello/bot"

	"github.com/mattermost/mattermost/server/public/model"
)

// When we are seen to write: not if the answer comes at once, and not for ever.
const (
	typingAfter = 200 * time.Millisecond
	typingEvery = 4 * time.Second
	typingMost  = time.Minute
)

// typing shows that we write, until the message of this seq is answered. Nobody
// waits for it.
func (c *Channel) typing(ctx context.Context, k *client, p place, id bot.ConversationID, seq int64) {
	begin := time.Now()
	var show func()
	show = func() {
		if ctx.Err() != nil || time.Since(begin) > typingMost {
			return
		}
		record, err := c.Engine.Store.Conversation(ctx, id)
		if err != nil || record.Handled >= seq {
			return
		}
		short, cancel := context.WithTimeout(ctx, typingEvery)
		defer cancel()
		_, _ = k.PublishUserTyping(short, k.me.Id, model.TypingRequest{ChannelId: p.channel, ParentId: p.root}) // it is a courtesy
		time.AfterFunc(typingEvery, show)
	}
	time.AfterFunc(typingAfter, show)
}
