package telegram

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"sportello/bot"

	tg "github.com/go-telegram/bot"
)

// condition is what is wrong now, by what we were doing.
type condition struct {
	mu    sync.Mutex
	wrong map[string]error
}

// note records how something went. It is logged when it changes: a platform
// that is away for a night makes one line.
func (c *Channel) note(ctx context.Context, doing string, err error) {
	if err != nil {
		err = inWords(err)
	}
	c.condition.mu.Lock()
	before := c.condition.wrong[doing]
	if c.condition.wrong == nil {
		c.condition.wrong = map[string]error{}
	}
	if c.condition.wrong[doing] = err; err == nil {
		delete(c.condition.wrong, doing)
	}
	c.condition.mu.Unlock()
	switch {
	case err != nil && (before == nil || before.Error() != err.Error()):
		c.Log.ErrorContext(ctx, "telegram does not work", "doing", doing, "error", err)
	case err == nil && before != nil:
		c.Log.InfoContext(ctx, "telegram works again", "doing", doing)
	}
}

// Health returns nil, or what is wrong in words for whoever runs the service.
func (c *Channel) Health() error {
	c.condition.mu.Lock()
	defer c.condition.mu.Unlock()
	for _, doing := range slices.Sorted(maps.Keys(c.condition.wrong)) {
		return c.condition.wrong[doing]
	}
	return nil
}

// What goes wrong with a bot, for whoever runs it.
var (
	errToken   = errors.New("the token is refused: it was revoked or is wrong; get one from @BotFather (/mybots, API Token), write it to telegram.token_file and start again")
	errAnother = errors.New("somebody else asks for the updates of this bot: another service with the same token, or a webhook; stop the other one, or give it a bot of its own")
	errAway    = errors.New("the Bot API cannot be reached")
)

// inWords says what is to be done, where we know.
func inWords(err error) error {
	switch {
	case errors.Is(err, tg.ErrorUnauthorized), errors.Is(err, tg.ErrorNotFound):
		return errToken
	case errors.Is(err, tg.ErrorConflict):
		return errAnother
	case errors.Is(err, bot.ErrAway):
		return errAway
	}
	return err
}
