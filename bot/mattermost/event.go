package mattermost

import (
	"encoding/json"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

// arrival is a post, a reaction to one, or a change of one, as it came to us.
type arrival struct {
	post     *model.Post
	kind     model.ChannelType // of its channel
	reaction *model.Reaction   // then post is nil
	changed  *model.Post       // one that was edited or deleted; then post is nil
	again    bool              // it may have come before
	try      int               // from 1
}

// channel is where it came.
func (a arrival) channel() string {
	if a.reaction != nil {
		return a.reaction.ChannelId
	}
	if a.changed != nil {
		return a.changed.ChannelId
	}
	return a.post.ChannelId
}

// read makes an arrival of an event of the socket. Other events, and what is no
// post or reaction at all, are none.
func read(event *model.WebSocketEvent) (arrival, bool) {
	text := func(name string) string {
		value, _ := event.GetData()[name].(string)
		return value
	}
	switch kind := event.EventType(); kind {
	case model.WebsocketEventPosted, model.WebsocketEventPostEdited, model.WebsocketEventPostDeleted:
		var post *model.Post
		if json.Unmarshal([]byte(text("post")), &post) != nil || post == nil || !model.IsValidId(post.Id) || !model.IsValidId(post.ChannelId) {
			return arrival{}, false
		}
		if kind != model.WebsocketEventPosted {
			return arrival{changed: post}, true
		}
		return arrival{post: post, kind: model.ChannelType(text("channel_type"))}, true
	case model.WebsocketEventReactionAdded:
		var reaction *model.Reaction
		if json.Unmarshal([]byte(text("reaction")), &reaction) != nil || reaction == nil || !model.IsValidId(reaction.PostId) {
			return arrival{}, false
		}
		if b := event.GetBroadcast(); reaction.ChannelId == "" && b != nil {
			reaction.ChannelId = b.ChannelId
		}
		return arrival{reaction: reaction}, model.IsValidId(reaction.ChannelId)
	}
	return arrival{}, false
}

// said reports whether a person said this post, and it is there still: not the
// bot with this ID, nor another one, nor the system.
func said(post *model.Post, me string) bool {
	return post.UserId != me && post.Type == "" && post.DeleteAt == 0 &&
		!isSet(post.GetProp(model.PostPropsFromBot)) && !isSet(post.GetProp(model.PostPropsFromWebhook))
}

// isSet reads a property that is true or "true".
func isSet(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true")
	}
	return false
}
