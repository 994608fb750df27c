package mattermost

import (
	"context"
	"errors"
	"strings"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

var _ bot.Viewer = (*Channel)(nil)

// farBack is how many posts are looked through for the last that was seen.
const farBack = 500

// Seen implements bot.Viewer for direct messages: the server knows when somebody
// last looked at one, and when it took each of our posts.
func (c *Channel) Seen(ctx context.Context, r bot.Record) (seq int64, err error) {
	defer fault.Wrap(&err, "ask whether conversation %s was looked at", r.ID)
	if r.Public || strings.Contains(r.Chat, "/") {
		return 0, nil
	}
	k, err := c.client(ctx)
	if err != nil {
		return 0, err
	}
	member, response, err := k.GetChannelMember(ctx, r.Chat, r.Identity.PlatformID, "")
	if err = failed(response, err); errors.Is(err, ErrRefused) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	looked := 0
	if member.LastViewedAt == 0 {
		return 0, nil
	}
	err = k.back(ctx, r.Chat, func(post *model.Post) bool {
		looked++
		if id, of, ours := letterOf(k.markOf(post)); ours && id == r.ID && post.CreateAt <= member.LastViewedAt {
			seq = of
		}
		return seq == 0 && looked < farBack
	})
	return seq, err
}
