package mattermost

import (
	"context"
	"errors"
	"strings"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// verdict is what a reaction says of an answer, if it says anything. Skin tones
// stand behind the name.
func verdict(emoji string) (helpful, is bool) {
	for name, helpful := range map[string]bool{"+1": true, "thumbsup": true, "-1": false, "thumbsdown": false} {
		if rest, is := strings.CutPrefix(emoji, name); is && (rest == "" || strings.HasSuffix(rest, "_skin_tone")) {
			return helpful, true
		}
	}
	return false, false
}

// react counts a thumb on one of our answers as a vote on its articles. Each
// person's last one counts.
func (c *Channel) react(ctx context.Context, k *client, r *model.Reaction) (err error) {
	defer fault.Wrap(&err, "count a reaction to post %s", r.PostId)
	helpful, is := verdict(r.EmojiName)
	if !is || r.UserId == k.me.Id {
		return nil
	}
	letter, err := c.Engine.Store.PostedAs(ctx, Name, r.PostId)
	if fault.Is(err, fault.NotFound) { // another part of it, or not ours
		var post *model.Post
		if post, err = k.read(ctx, r.PostId); errors.Is(err, ErrRefused) {
			return nil
		} else if err != nil {
			return err
		}
		id, seq, ours := letterOf(k.markOf(post))
		if !ours {
			return nil
		}
		letter = bot.Outgoing{Conversation: id, Seq: seq}
	}
	if err != nil {
		return err
	}
	record, err := c.Engine.Store.Conversation(ctx, letter.Conversation)
	if fault.Is(err, fault.NotFound) {
		return nil
	} else if err != nil {
		return err
	}
	voter := string(record.ID)
	if record.Identity.PlatformID != r.UserId { // somebody who reads along
		sign, err := c.signer(ctx)
		if err != nil {
			return err
		}
		voter = sign.mac("voter", r.UserId, voter)
	}
	return c.Engine.Judge(ctx, letter.Conversation, letter.Seq, helpful, voter)
}
