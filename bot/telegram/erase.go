package telegram

import (
	"context"

	tg "github.com/go-telegram/bot"
)

// erase takes messages that held a secret out of the chat. What was masked is
// known once the message is stored. If Telegram does not let us, the person is
// asked to do it.
func (c *Channel) erase(ctx context.Context, from talk, seq int64, updates []update) {
	events, err := c.Engine.Store.Events(ctx, from.id, seq-1, 1)
	if err != nil || len(events) == 0 || len(events[0].Masked) == 0 {
		return
	}
	c.asides.aside(ctx, func(ctx context.Context) {
		for _, u := range updates {
			_, err := c.api.DeleteMessage(ctx, &tg.DeleteMessageParams{ChatID: u.Message.Chat.ID, MessageID: u.Message.ID})
			if wait, is := retryAfter(err); is && sleep(ctx, wait) {
				_, err = c.api.DeleteMessage(ctx, &tg.DeleteMessageParams{ChatID: u.Message.Chat.ID, MessageID: u.Message.ID})
			}
			if err == nil || refused(err, "not found") {
				continue
			}
			if err := c.tell(ctx, from, messageID(u.Message), "telegram.not_erased", nil); err != nil {
				c.Log.ErrorContext(ctx, "a secret stays in a chat", "conversation", from.id, "error", err)
			}
			return
		}
	})
}
