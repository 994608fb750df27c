package mattermost

import (
	"context"
	"errors"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// actionID names a tap among the messages of a conversation: the same tap again
// is the same message.
func actionID(letter, choice string) string { return "act " + letter + " " + choice }

// tapped takes a choice. The buttons are taken away at once; the answer follows
// as a post of its own.
func (b *Callbacks) tapped(ctx context.Context, call model.PostActionIntegrationRequest) (answer model.PostActionIntegrationResponse, err error) {
	defer fault.Wrap(&err, "take a tap")
	tap, err := b.sign.tap(call.Context, b.Now())
	if err != nil && !fault.Is(err, fault.Invalid) {
		return answer, err
	}
	ended := err != nil
	conv, err := b.Engine.Conversation(ctx, tap.Conversation)
	if fault.Is(err, fault.NotFound) { // it was purged
		conv, ended, err = bot.Conversation{ID: tap.Conversation, Channel: Name, Lang: "it"}, true, nil
		conv.Identity.PlatformID = call.UserId
	}
	if err != nil {
		return answer, err
	}
	if conv.Channel != Name || conv.Identity.PlatformID != call.UserId {
		answer.EphemeralText = b.Phrases.Say(conv.Lang, "mattermost.not_yours", nil)
		return answer, nil
	}
	var many bool
	if answer.EphemeralText, many = b.tooMany(call.UserId, conv.Lang); many {
		return answer, nil
	}
	choice := tap.Choice
	if choice == "" {
		choice, _ = call.Context["selected_option"].(string)
	}
	label, offered, err := b.offered(ctx, tap, choice)
	if err != nil {
		return answer, err
	}
	if ended || !offered {
		return b.closed(ctx, conv.Lang, tap, call.PostId)
	}
	if bot.OpensSheet(choice) {
		return b.openSheet(ctx, conv, tap, call)
	}
	_, err = b.Engine.Receive(ctx, bot.Inbound{Conversation: conv.ID, Channel: Name, ID: actionID(tap.Letter, choice), Choice: choice})
	if isRefusal(err) {
		return b.closed(ctx, conv.Lang, tap, call.PostId)
	}
	if err != nil {
		return answer, err
	}
	answer.Update, err = b.settled(ctx, tap, call.PostId, b.Phrases.Say(conv.Lang, "mattermost.chosen", fault.Values{"Label": words(label)}))
	return answer, err
}

// offered finds the label of a choice that a letter offered: menus carry what
// their user sent.
func (b *Callbacks) offered(ctx context.Context, tap Tap, choice string) (label string, is bool, err error) {
	id, seq, is := letterOf(markOf(tap.Letter, 0))
	if !is || id != tap.Conversation {
		return "", false, nil
	}
	e, is, err := b.Engine.Event(ctx, id, seq)
	if err != nil || !is || e.Reply == nil {
		return "", false, err
	}
	for _, one := range e.Reply.Choices {
		if one.ID == choice {
			return one.Label, true, nil
		}
	}
	return "", false, nil
}

// closed tells that a choice can no longer be taken, and takes the buttons away.
func (b *Callbacks) closed(ctx context.Context, lang string, tap Tap, post string) (answer model.PostActionIntegrationResponse, err error) {
	answer.EphemeralText = b.Phrases.Say(lang, "error.choice_unknown", nil)
	answer.Update, err = b.settled(ctx, tap, post, "")
	return answer, err
}

// settled is a letter's post without its buttons. It keeps what it is found
// again by. It is nil if there is no such post of ours: an answer that only one
// person sees, or one that was deleted.
func (b *Callbacks) settled(ctx context.Context, tap Tap, id, note string) (*model.Post, error) {
	k, err := b.client(ctx)
	if err != nil {
		return nil, err
	}
	post, err := k.read(ctx, id)
	if errors.Is(err, ErrRefused) {
		return nil, nil
	}
	if err != nil { // the choice is taken all the same
		b.Log.WarnContext(ctx, "post keeps its buttons", "letter", tap.Letter, "error", err)
		return nil, nil
	}
	of, seq, _ := letterOf(k.markOf(post))
	if tapped, at, is := letterOf(markOf(tap.Letter, 0)); !is || of != tapped || seq != at {
		return nil, nil
	}
	post.DelProp(model.PostPropsAttachments)
	if note != "" {
		post.AddProp(model.PostPropsAttachments, []*model.MessageAttachment{{Text: note, Fallback: note}})
	}
	return post, nil
}
