package mattermost

import (
	"context"
	"slices"

	"github.com/mattermost/mattermost/server/public/model"
)

// ours is the property by which our posts are found again: it holds the letter
// and the part of it.
const ours = "sportello"

// markOf is what our property says of one of our own posts.
func (k *client) markOf(post *model.Post) string {
	text, _ := post.GetProp(ours).(string)
	if post.UserId != k.me.Id {
		return ""
	}
	return text
}

// marked looks in a place for posts of ours with these marks, and returns their
// IDs. In a channel it reads the thread; else it goes back from the latest post
// until one is before what is looked for.
func (k *client) marked(ctx context.Context, p place, marks []string, before func(*model.Post) bool) (map[string]string, error) {
	found := map[string]string{}
	look := func(post *model.Post) bool {
		if mark := k.markOf(post); slices.Contains(marks, mark) && post.DeleteAt == 0 {
			found[mark] = post.Id
		}
		return len(found) < len(marks) && !before(post)
	}
	if p.user == "" {
		return found, k.back(ctx, p.channel, look)
	}
	thread, response, err := k.GetPostThread(ctx, p.root, "", false)
	if err != nil {
		return nil, failed(response, err)
	}
	for _, post := range thread.Posts {
		if !look(post) && len(found) == len(marks) {
			break
		}
	}
	return found, nil
}
