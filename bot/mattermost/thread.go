package mattermost

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"sportello/bot"

	"github.com/mattermost/mattermost/server/public/model"
)

// threads remembers in which threads people's latest posts stand.
type threads struct {
	mu    sync.Mutex
	roots recent[string]
}

func (t *threads) remember(post, root string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.roots.put(post, root)
}

func (t *threads) of(post string) (root string, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.roots.get(post)
}

// answered is the post that an event answers, or the last one before what was
// answered that is no post, such as a tap on a button. It is empty for what is
// said unasked.
func (c *Channel) answered(ctx context.Context, id bot.ConversationID, e bot.Event) (post string, err error) {
	if e.Act == bot.ActNotice {
		return "", nil
	}
	const near = 20
	last := e.Seq - 1
	if e.Answers > 0 {
		last = e.Answers
	}
	before := max(0, last-near)
	if last <= before {
		return "", nil
	}
	events, err := c.Engine.Store.Events(ctx, id, before, int(last-before))
	for _, earlier := range events {
		if earlier.Author == bot.User && model.IsValidId(earlier.Inbound) {
			post = earlier.Inbound
		}
	}
	return post, err
}

// root is the thread in which a direct message stands that we answer.
func (c *Channel) root(ctx context.Context, k *client, post string) (string, error) {
	if post == "" {
		return "", nil
	}
	if root, known := c.threads.of(post); known {
		return root, nil
	}
	answered, err := k.read(ctx, post)
	if errors.Is(err, ErrRefused) { // it was deleted
		answered, err = &model.Post{}, nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the thread of post %s: %w", post, err)
	}
	c.threads.remember(post, answered.RootId)
	return answered.RootId, nil
}
