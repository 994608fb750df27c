package telegram

import (
	"context"
	"errors"

	tg "github.com/go-telegram/bot"
)

// erase takes messages that held a secret out of the chat. What was masked is
// known once the message is stored. If Telegram does not let us, the person is
// asked to do it. Only then does the update count as taken: a secret that we
// left there because we were stopped is found again.
func (c *Channel) erase(ctx context.Context, from talk, seq int64, updates []update) error {
	said, is, err := c.Engine.Event(ctx, from.id, seq)
	if err != nil || !is || len(said.Masked) == 0 {
		return err
	}
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	for _, u := range updates {
		switch err := c.remove(call, u.Message.Chat.ID, u.Message.ID); {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return c.tell(ctx, from, c.messageID(u.Message), "telegram.not_erased", nil)
		}
	}
	return nil
}

// remove deletes a message, unless it is gone already. It tries until ctx ends.
func (c *Channel) remove(ctx context.Context, chat int64, id int) error {
	var pause pause
	for {
		_, err := c.api.DeleteMessage(ctx, &tg.DeleteMessageParams{ChatID: chat, MessageID: id})
		switch {
		case err == nil || refused(err, "not found"):
			return nil
		case refused(err) || errors.Is(err, tg.ErrorForbidden) || !pause.after(ctx, err):
			return err
		}
	}
}
