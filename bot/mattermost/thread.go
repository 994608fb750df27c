package mattermost

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"sportello/bot"
	"sportello/internal/fault"

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

// answered is the post that an event answers: the last one that the person wrote
// before, or the very one. It is empty for what is said unasked.
func (c *Channel) answered(ctx context.Context, id bot.ConversationID, e bot.Event) (post string, err error) {
	if e.Act == bot.ActNotice {
		return "", nil
	}
	const near = 20
	before := max(0, e.Seq-1-near)
	if e.Answers > 0 {
		before = e.Answers - 1
	}
	events, err := c.Engine.Store.Events(ctx, id, before, int(e.Seq-1-before))
	if err != nil {
		return "", err
	}
	for _, earlier := range events {
		said := earlier.Inbound
		if tap, is := strings.CutPrefix(said, "act "); is { // the post that had the button
			letter, _, _ := strings.Cut(tap, " ")
			if said, err = c.Engine.Store.Posted(ctx, letter); err != nil && !fault.Is(err, fault.NotFound) {
				return "", err
			}
		}
		if earlier.Author == bot.User && model.IsValidId(said) {
			post = said
			if e.Answers > 0 {
				break
			}
		}
	}
	return post, nil
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
