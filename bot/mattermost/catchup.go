package mattermost

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
)

const (
	overlap = 3 * time.Minute // posts may become visible later than others that were posted after them
	perPage = 100
)

// unreadTries is how often in a row a channel is not read, until the others are
// worked on without it.
const unreadTries = 5

// errUnread is what Health tells while a channel cannot be read.
var errUnread = errors.New("the server does not show what was posted in some channel while we were not connected: see its log")

// catchUp adds what was posted since the mark, each channel's posts oldest first.
// It fails with errUnread if all is read but some channels that were tried often:
// the mark stays where it is then.
func (c *Channel) catchUp(ctx context.Context, k *client, in *intake) error {
	since, err := in.begin(ctx, func() (int64, error) { return k.now(ctx) })
	if err != nil {
		return err
	}
	channels, err := patiently(ctx, func() ([]*model.Channel, *model.Response, error) {
		return k.GetChannelsForUserWithLastDeleteAt(ctx, k.me.Id, 0)
	})
	if err != nil {
		return err
	}
	var latest int64
	var unread error
	for _, channel := range channels {
		latest = max(latest, channel.LastPostAt)
		if channel.LastPostAt < since {
			continue
		}
		posts, err := k.since(ctx, channel.Id, since)
		if errors.Is(err, ErrRefused) { // we were taken out of it meanwhile
			continue
		}
		if f, is := errors.AsType[*Failure](err); is && f.ID != "" && f.Status != http.StatusUnauthorized && in.fails(channel.Id) >= unreadTries {
			unread = fmt.Errorf("%w: channel %s: %w", errUnread, channel.Id, err)
			continue
		}
		if err != nil {
			return err
		}
		in.works(channel.Id)
		for _, post := range posts {
			if said(post, k.me.Id) {
				in.add(arrival{post: post, kind: channel.Type, again: true})
			}
		}
	}
	if unread != nil {
		return unread
	}
	in.reach(latest)
	in.release()
	return nil
}

// now is the server's time, from its answer when asked who we are: to the second,
// and not later than it is.
func (k *client) now(ctx context.Context) (int64, error) {
	_, response, err := k.GetMe(ctx, "")
	if err != nil {
		return 0, failed(response, err)
	}
	at, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return 0, fmt.Errorf("the server does not tell its time: %w", err)
	}
	return at.UnixMilli(), nil
}

// since are the posts of a channel from a time on, oldest first.
func (k *client) since(ctx context.Context, channel string, since int64) (posts []*model.Post, err error) {
	err = k.back(ctx, channel, func(post *model.Post) bool {
		if post.CreateAt < since {
			return false
		}
		posts = append(posts, post)
		return true
	})
	slices.Reverse(posts) // of two of the same time, the server tells the later first
	slices.SortStableFunc(posts, func(a, b *model.Post) int { return cmp.Compare(a.CreateAt, b.CreateAt) })
	return posts, err
}

// back shows the posts of a channel, the latest first and each once, until look
// has seen enough. Unlike a list of what changed since a time, it has no limit.
func (k *client) back(ctx context.Context, channel string, look func(*model.Post) bool) error {
	shown := map[string]bool{}
	list, err := patiently(ctx, func() (*model.PostList, *model.Response, error) {
		return k.GetPostsForChannel(ctx, channel, 0, perPage, "", false, false)
	})
	for {
		if err != nil {
			return err
		}
		fresh, oldest := 0, (*model.Post)(nil)
		for _, id := range list.Order {
			post := list.Posts[id]
			if post == nil {
				continue
			}
			oldest = post
			if shown[id] {
				continue
			}
			shown[id] = true
			fresh++
			if !look(post) {
				return nil
			}
		}
		if len(list.Order) < perPage || fresh == 0 {
			return nil
		}
		// What is before a post is what was posted earlier: so that none of the
		// same moment is missed, we ask for what is before a later one.
		anchor := oldest.Id
		for _, id := range slices.Backward(list.Order) {
			if post := list.Posts[id]; post != nil && post.CreateAt > oldest.CreateAt {
				anchor = id
				break
			}
		}
		list, err = patiently(ctx, func() (*model.PostList, *model.Response, error) {
			return k.GetPostsBefore(ctx, channel, anchor, 0, perPage, "", false, false)
		})
	}
}
