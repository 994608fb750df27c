package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

var _ bot.Sender = (*Channel)(nil)

// Send implements bot.Sender: it posts a letter, in several posts if it is long.
// If the server may have some of them, it looks there first. The ID is that of
// the last post, which has the buttons.
func (c *Channel) Send(ctx context.Context, letter bot.Outgoing) (id string, err error) {
	defer fault.Wrap(&err, "post letter %s", letter.ID)
	k, err := c.client(ctx)
	if err != nil {
		return "", outcome(err)
	}
	said, err := c.compose(ctx, letter)
	if err != nil {
		return "", err
	}
	p := placeOf(letter.To)
	if said.event.Act == bot.ActPrivate && p.user != "" {
		where, err := c.goPrivate(ctx, k, p, said)
		if err != nil {
			return "", outcome(err)
		}
		said.texts = []string{strings.TrimSpace(said.texts[0] + "\n\n" + where)}
	}
	if p.isAside() {
		taken, err := c.sayAside(ctx, k, p, said)
		if taken {
			return "aside " + letter.ID, nil
		}
		if err == nil {
			p.channel, err = k.direct(ctx, p.user)
		}
		if err != nil {
			return "", blocked(outcome(err))
		}
		p.root, p.user = "", ""
	}
	if p.user == "" {
		if p.root, err = c.root(ctx, k, said.answers); err != nil {
			return "", outcome(err)
		}
	}
	there := map[string]string{}
	if letter.Doubtful {
		if there, err = c.there(ctx, k, p, letter, said); err != nil {
			return "", outcome(err)
		}
	}
	for i, text := range said.texts {
		mark := markOf(letter.ID, i)
		if id = there[mark]; id != "" {
			continue
		}
		post := &model.Post{ChannelId: p.channel, RootId: p.root, Message: text, PendingPostId: k.me.Id + ":" + mark}
		post.AddProp(ours, mark)
		if i == len(said.texts)-1 {
			post.FileIds, err = c.upload(ctx, k, p.channel, said.files)
			if settled(err) && !errors.Is(err, ErrServerAway) { // the words count still
				post.Message = strings.TrimSpace(post.Message + "\n\n" + c.Phrases.Say(said.lang, "mattermost.file_unsent", nil))
			} else if err != nil {
				return "", partly(outcome(err), i)
			}
			if len(said.choices) > 0 {
				post.AddProp(model.PostPropsAttachments, said.choices)
			}
		}
		posted, err := k.post(ctx, post)
		if rootIsGone(err) && p.user == "" { // the thread was deleted: the answer counts still
			post.RootId = ""
			posted, err = k.post(ctx, post)
		}
		if err != nil {
			return "", partly(blocked(outcome(err)), i)
		}
		id = posted.Id
	}
	return id, nil
}

// markOf is the mark of one part of a letter.
func markOf(letter string, part int) string { return letter + "#" + strconv.Itoa(part) }

// letterOf is the conversation and the event that a mark names.
func letterOf(mark string) (id bot.ConversationID, seq int64, is bool) {
	letter, _, is := strings.Cut(mark, "#")
	name, number, two := strings.Cut(letter, "/")
	seq, err := strconv.ParseInt(number, 10, 64)
	return bot.ConversationID(name), seq, is && two && err == nil
}

// there are the parts of a letter that the server has. It goes back to the post
// that is answered, or to what we said before.
func (c *Channel) there(ctx context.Context, k *client, p place, letter bot.Outgoing, said composed) (map[string]string, error) {
	var marks []string
	for i := range said.texts {
		marks = append(marks, markOf(letter.ID, i))
	}
	return k.marked(ctx, p, marks, func(post *model.Post) bool {
		if post.Id == said.answers {
			return true
		}
		id, seq, is := letterOf(k.markOf(post))
		return is && id == letter.Conversation && seq < letter.Seq
	})
}

// rootIsGone reports whether a post was refused for its thread.
func rootIsGone(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Status == http.StatusBadRequest && strings.Contains(f.ID, "root_id")
}

// outcome tells the courier what to make of a failure.
func outcome(err error) error {
	var f *Failure
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrServerAway), errors.Is(err, ErrRevoked):
		return fmt.Errorf("%w: %w", bot.ErrAway, err)
	case errors.As(err, &f) && f.Status == http.StatusTooManyRequests:
		return bot.Postponed{After: max(f.After, time.Second), Err: err}
	case errors.As(err, &f) && (f.Status == http.StatusBadRequest || f.Status == http.StatusRequestEntityTooLarge):
		return fmt.Errorf("%w: %w", bot.ErrHopeless, err)
	}
	return err
}

// partly says of a server that is busy now that it took parts before.
func partly(err error, parts int) error {
	if busy, is := errors.AsType[bot.Postponed](err); is && parts > 0 {
		busy.Partly = true
		return busy
	}
	return err
}

// blocked says that a place refuses us, if that is why a post failed.
func blocked(err error) error {
	if errors.Is(err, ErrRefused) {
		return fmt.Errorf("%w: %w", bot.ErrBlocked, err)
	}
	return err
}
