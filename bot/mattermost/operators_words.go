package mattermost

import (
	"context"
	"errors"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// Overheard takes what operators write in the thread of a request; it is what
// Channel.Overheard wants. Who has the conversation speaks to the person; the
// first who writes to somebody who waits has it; everybody else hears who has.
func (o *Operators) Overheard(ctx context.Context, post *model.Post) (handled bool, err error) {
	if post.RootId == "" {
		return false, nil
	}
	defer fault.Wrap(&err, "take an operator's post %s", post.Id)
	k, err := o.Channel.client(ctx)
	if err != nil {
		return false, err
	}
	id, seq, is, err := o.threadOf(ctx, k, post.ChannelId, post.RootId)
	if !is || err != nil {
		return false, err
	}
	_, err = o.Channel.Engine.Store.Received(ctx, bot.Inbound{Conversation: id, Channel: bot.OperatorsChannel, ID: post.Id})
	if !fault.Is(err, fault.NotFound) { // it came before, or the conversation's data cannot be read
		return true, err
	}
	by, err := o.entitled(ctx, k, post.UserId)
	if err == nil {
		err = o.speak(ctx, k, id, seq, by, post)
	}
	if isTold(err) {
		err = o.hint(ctx, k, id, seq, post, err)
	}
	return true, err
}

// threadOf is the conversation, and the event, that a thread of a channel is
// the request of, if that is the operators' channel.
func (o *Operators) threadOf(ctx context.Context, k *client, channel, root string) (id bot.ConversationID, seq int64, is bool, err error) {
	room, err := o.where(ctx, k)
	if errors.Is(err, errNotThere) || err == nil && room != channel {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, err
	}
	return o.requestOf(ctx, k, root)
}

// Writing shows the person that the operator who talks with them is writing in
// the thread of their request.
func (o *Operators) Writing(ctx context.Context, channel, root, user string) (err error) {
	defer fault.Wrap(&err, "show that an operator writes")
	k, err := o.Channel.client(ctx)
	if err != nil {
		return err
	}
	id, _, is, err := o.threadOf(ctx, k, channel, root)
	if !is || err != nil {
		return err
	}
	by, err := o.operator(ctx, k, user)
	if err != nil {
		return err
	}
	return o.Channel.Engine.Typing(ctx, id, by)
}

// speak says to the person what an operator wrote.
func (o *Operators) speak(ctx context.Context, k *client, id bot.ConversationID, seq int64, by account.Person, post *model.Post) error {
	engine := o.Channel.Engine
	conv, err := engine.Conversation(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case conv.Request != seq:
		return fault.New(fault.Conflict, "operators.another_request")
	case !conv.Operated():
		return fault.New(fault.Conflict, "operators.gone")
	}
	if conv.Holder == bot.ByQueue {
		if err := engine.Take(ctx, id, by, "claim "+post.Id, false); err != nil {
			return err
		}
	} else if conv.Operator != by.ID {
		return engine.Take(ctx, id, by, "claim "+post.Id, false) // it says who has it
	}
	files, err := o.Channel.fetch(ctx, k, id, post, fileTries)
	if err != nil {
		return err
	}
	if post.Message != "" || len(files.kept) > 0 {
		receipt, err := engine.Speak(ctx, id, by, post.Id, post.Message, files.kept)
		if err != nil {
			return err
		}
		if len(receipt.Masked) > 0 {
			files.refused = append(files.refused, fault.New(fault.Invalid, "operators.masked"))
		}
	}
	if len(files.refused) > 0 {
		return files.refused[0]
	}
	return nil
}

// hint tells in the thread, once, why a post did not reach the person, or not as
// it was written, and offers what can be done.
func (o *Operators) hint(ctx context.Context, k *client, id bot.ConversationID, seq int64, post *model.Post, why error) error {
	phrase, values := fault.Public(why)
	mark := "hint " + post.Id
	if phrase == "operators.edited" {
		mark = "edited " + post.Id
	}
	there, err := k.marked(ctx, place{channel: post.ChannelId, root: post.RootId, user: k.me.Id}, []string{mark}, func(*model.Post) bool { return false })
	if errors.Is(err, ErrRefused) || there[mark] != "" {
		return nil
	}
	if err != nil {
		return err
	}
	for name, value := range values {
		if text, is := value.(string); is {
			values[name] = words(text)
		}
	}
	text := o.say(phrase, values)
	answer := &model.Post{ChannelId: post.ChannelId, RootId: post.RootId, Message: text, PendingPostId: k.me.Id + ":" + mark}
	answer.AddProp(ours, mark)
	c, err := o.Channel.Engine.Case(ctx, id, seq)
	if err != nil {
		return err
	}
	var row []*model.MessageAttachment
	switch phrase {
	case "operators.has_it":
		answer.Message += "\n\n" + o.say("operators.not_sent", nil)
		row, err = o.row(ctx, c, tapOver)
	case "operators.gone":
		row, err = o.row(ctx, c, tapTake)
	}
	if err != nil {
		return err
	}
	if len(row) > 0 {
		answer.AddProp(model.PostPropsAttachments, row)
	}
	if _, err = k.post(ctx, answer); rootIsGone(err) {
		return nil
	}
	return err
}

// Changed tells in the thread, once for each post, that what an operator edits or
// deletes is said all the same; it is what Channel.Changed wants.
func (o *Operators) Changed(ctx context.Context, post *model.Post) (err error) {
	if post.RootId == "" {
		return nil
	}
	defer fault.Wrap(&err, "look at the change of an operator's post %s", post.Id)
	k, err := o.Channel.client(ctx)
	if err != nil {
		return err
	}
	if room, err := o.where(ctx, k); errors.Is(err, errNotThere) || err == nil && room != post.ChannelId {
		return nil
	} else if err != nil {
		return err
	}
	id, seq, is, err := o.requestOf(ctx, k, post.RootId)
	if !is || err != nil {
		return err
	}
	_, err = o.Channel.Engine.Store.Received(ctx, bot.Inbound{Conversation: id, Channel: bot.OperatorsChannel, ID: post.Id})
	if fault.Is(err, fault.NotFound) { // it never went to the person
		return nil
	}
	if err != nil {
		return err
	}
	return o.hint(ctx, k, id, seq, post, fault.New(fault.Invalid, "operators.edited"))
}

// nameOf is the name of an operator.
func (o *Operators) nameOf(id account.PersonID) string {
	if id == "" {
		return ""
	}
	person, err := o.Channel.Engine.Accounts.Person(context.Background(), id)
	if err != nil { // they were erased; what they did stays
		return o.say("operators.somebody", nil)
	}
	return person.Called()
}
