package mattermost

import (
	"context"
	"time"

	"sportello/bot"

	"github.com/mattermost/mattermost/server/public/model"
	"golang.org/x/sync/errgroup"
)

// When we are seen to write: not if the answer comes at once, and not for ever.
const (
	typingAfter = 200 * time.Millisecond
	typingEvery = 4 * time.Second
	typingMost  = time.Minute

	writersAtOnce = 4 // whose writing is passed on at the same time; of more, some are not
)

var _ bot.Typist = (*Channel)(nil)

// ShowTyping implements bot.Typist.
func (c *Channel) ShowTyping(ctx context.Context, r bot.Record) {
	p := placeOf(r.Chat)
	if p.isAside() {
		return // there is nothing to show it at
	}
	ctx, cancel := context.WithTimeout(ctx, typingEvery)
	defer cancel()
	k, err := c.client(ctx)
	if err != nil {
		return
	}
	if p.user == "" { // in the thread where they wrote last
		if post, err := c.answered(ctx, r.ID, bot.Event{Seq: r.Seq + 1}); err == nil {
			p.root, _ = c.root(ctx, k, post)
		}
	}
	c.publishTyping(ctx, k, p)
}

// publishTyping shows that we write. It is a courtesy.
func (c *Channel) publishTyping(ctx context.Context, k *client, p place) {
	_, _ = k.PublishUserTyping(ctx, k.me.Id, model.TypingRequest{ChannelId: p.channel, ParentId: p.root})
}

// readTyping makes of an event of the socket who writes, and in which thread of
// which channel.
func readTyping(event *model.WebSocketEvent) (channel, root, user string, is bool) {
	b := event.GetBroadcast()
	if event.EventType() != model.WebsocketEventTyping || b == nil {
		return "", "", "", false
	}
	root, _ = event.GetData()["parent_id"].(string)
	user, _ = event.GetData()["user_id"].(string)
	return b.ChannelId, root, user, model.IsValidId(b.ChannelId) && model.IsValidId(root) && model.IsValidId(user)
}

// passOn tells Writing of an event, if it is one of that kind and few others are
// under way. Nobody waits for it.
func (c *Channel) passOn(ctx context.Context, event *model.WebSocketEvent, writing *errgroup.Group) {
	channel, root, user, is := readTyping(event)
	if !is || c.Writing == nil {
		return
	}
	writing.TryGo(func() error {
		ctx, cancel := context.WithTimeout(ctx, typingEvery)
		defer cancel()
		if err := c.Writing(ctx, channel, root, user); err != nil {
			c.Log.DebugContext(ctx, "not passed on that somebody writes", "channel", channel, "error", err)
		}
		return nil
	})
}

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
		c.publishTyping(short, k, p)
		time.AfterFunc(typingEvery, show)
	}
	time.AfterFunc(typingAfter, show)
}
