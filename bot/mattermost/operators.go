package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// Operators is the channel of the server where operators take requests for a
// person. Each request is a post there, and its thread carries what the person
// and the operator say to each other: Send brings there what is news, Overheard
// takes what operators write, Routes the buttons, Command the slash commands.
type Operators struct {
	Channel *Channel
	Lang    string // that operators are spoken to in; "it" if empty

	// Reply is a ready-made reply, filled in: see desk.Replies.Ready.
	Reply func(lang, id, number, name string) (text string, whole bool, known []string)

	mu      sync.Mutex
	room    string // ID of the channel on the server, once known
	trouble error  // what keeps us from posting there
}

var _ bot.Sender = (*Operators)(nil)

// errNotThere is what Health tells while operators cannot be reached.
var errNotThere = errors.New("the bot is not in the operators' channel, or there is none of that name: add it there, see mattermost.operators_channel")

// Health tells what keeps requests from reaching operators, or nil. They wait
// meanwhile.
func (o *Operators) Health() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.trouble
}

// reached notes how the last attempt to reach the operators' channel went.
func (o *Operators) reached(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.trouble = err; err != nil {
		o.room = "" // it may be another one by then
	}
}

// where is the operators' channel. It fails with errNotThere if the bot is not
// in it.
func (o *Operators) where(ctx context.Context, k *client) (string, error) {
	o.mu.Lock()
	room := o.room
	o.mu.Unlock()
	if room != "" {
		return room, nil
	}
	found, response, err := k.GetChannelByNameForTeamName(ctx, o.Channel.Config.OperatorsChannel, o.Channel.Config.Team, "")
	if err = failed(response, err); err == nil {
		_, response, err = k.GetChannelMember(ctx, found.Id, k.me.Id, "")
		err = failed(response, err)
	}
	if errors.Is(err, ErrRefused) {
		return "", fmt.Errorf("%w: %w", errNotThere, err)
	}
	if err != nil {
		return "", err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.room = found.Id
	return found.Id, nil
}

// Send implements bot.Sender: it tells operators what is news of a conversation,
// and keeps the card of the request as it stands. Letters wait for as long as
// the bot is not in the channel.
func (o *Operators) Send(ctx context.Context, letter bot.Outgoing) (id string, err error) {
	defer fault.Wrap(&err, "tell operators %s", letter.ID)
	defer func() {
		if errors.Is(err, ErrRefused) || errors.Is(err, errNotThere) {
			err = fmt.Errorf("%w: %w", bot.ErrAway, err)
			o.reached(errNotThere)
		} else if err == nil {
			o.reached(nil)
		}
	}()
	k, err := o.Channel.client(ctx)
	if err != nil {
		return "", outcome(err)
	}
	room, err := o.where(ctx, k)
	if err != nil {
		return "", outcome(err)
	}
	e, err := o.event(ctx, letter)
	if err != nil {
		return "", err
	}
	c, err := o.Channel.Engine.Case(ctx, letter.Conversation, letter.Seq)
	if err != nil {
		return "", err
	}
	thread, err := o.thread(ctx, c.ID, c.Request)
	if err != nil {
		return "", err
	}
	if letter.Seq == c.Request || thread == "" {
		if thread, err = o.open(ctx, k, room, letter, c); err != nil || letter.Seq == c.Request {
			return thread, outcome(err)
		}
	}
	if e.Change != nil && e.Change.Floor != nil {
		if err := o.renew(ctx, k, thread, c); err != nil {
			return "", outcome(err)
		}
	}
	if e.Spoken() && model.IsValidId(e.Inbound) { // they wrote it there themselves
		return e.Inbound, outcome(o.tick(ctx, k, e.Inbound))
	}
	id, err = o.reply(ctx, k, room, thread, letter, o.news(e, c), e.Attachments)
	return id, outcome(err)
}

// event is what a letter tells.
func (o *Operators) event(ctx context.Context, letter bot.Outgoing) (bot.Event, error) {
	e, is, err := o.Channel.Engine.Event(ctx, letter.Conversation, letter.Seq)
	if err == nil && !is {
		err = fmt.Errorf("%w: %w", bot.ErrHopeless, fault.New(fault.NotFound, "error.not_found"))
	}
	return e, err
}

// thread is the post of a request, or empty if it has none.
func (o *Operators) thread(ctx context.Context, id bot.ConversationID, request int64) (string, error) {
	post, err := o.Channel.Engine.Store.Posted(ctx, bot.ToOperators(id, bot.Event{Seq: request}).ID)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return post, err
}

// open posts a request, unless an earlier attempt did.
func (o *Operators) open(ctx context.Context, k *client, room string, letter bot.Outgoing, c bot.Case) (string, error) {
	mark := markOf(letter.ID, 0)
	if letter.Doubtful {
		const far = 2_000 // posts: an attempt was not that long ago
		looked, there := 0, ""
		err := k.back(ctx, room, func(post *model.Post) bool {
			looked++
			if k.markOf(post) == mark && post.DeleteAt == 0 {
				there = post.Id
			}
			return there == "" && looked < far
		})
		if err != nil || there != "" {
			return there, err
		}
	}
	card, err := o.card(ctx, c)
	if err != nil {
		return "", err
	}
	card.ChannelId, card.PendingPostId = room, k.me.Id+":"+mark
	card.AddProp(ours, mark)
	posted, err := k.post(ctx, card)
	if err != nil {
		return "", err
	}
	return posted.Id, nil
}

// settled reports whether the server says no to something that is not worth
// stopping for, such as a change of a post that was deleted, or that is too old
// to be changed on this server.
func settled(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Status >= 400 && f.Status < 500 && f.Status != http.StatusUnauthorized && f.Status != http.StatusTooManyRequests ||
		f != nil && f.Status == http.StatusNotImplemented
}

// renew shows on the card of a request how it stands, if it can be changed.
func (o *Operators) renew(ctx context.Context, k *client, thread string, c bot.Case) error {
	old, err := k.read(ctx, thread)
	if settled(err) {
		return nil
	}
	if err != nil {
		return err
	}
	card, err := o.card(ctx, c)
	if err != nil {
		return err
	}
	props := card.GetProps()
	if mark := old.GetProp(ours); mark != nil {
		props[ours] = mark
	}
	_, response, err := k.PatchPost(ctx, thread, &model.PostPatch{Message: &card.Message, Props: &props})
	if err = failed(response, err); settled(err) {
		o.Channel.Log.WarnContext(ctx, "a request's card was not changed", "post", thread, "error", err)
		return nil
	}
	return err
}

// reply posts in the thread of a request what is not there yet.
func (o *Operators) reply(ctx context.Context, k *client, room, thread string, letter bot.Outgoing, said *model.Post, files []bot.Attachment) (id string, err error) {
	texts := split(said.Message)
	there := map[string]string{}
	if letter.Doubtful {
		var marks []string
		for i := range texts {
			marks = append(marks, markOf(letter.ID, i))
		}
		there, err = k.marked(ctx, place{channel: room, root: thread, user: k.me.Id}, marks, func(*model.Post) bool { return false })
		if err != nil && !errors.Is(err, ErrRefused) {
			return "", err
		}
	}
	for i, text := range texts {
		mark := markOf(letter.ID, i)
		if id = there[mark]; id != "" {
			continue
		}
		post := &model.Post{ChannelId: room, RootId: thread, Message: text, PendingPostId: k.me.Id + ":" + mark}
		post.AddProp(ours, mark)
		if i == len(texts)-1 {
			post.FileIds, err = o.Channel.upload(ctx, k, room, files)
			if settled(err) { // then at least it is told that there are files
				for _, file := range files {
					post.Message += "\n[" + words(file.Name) + "]"
				}
			} else if err != nil {
				return "", err
			}
			if rows := said.Attachments(); len(rows) > 0 {
				post.AddProp(model.PostPropsAttachments, rows)
			}
		}
		posted, err := k.post(ctx, post)
		if rootIsGone(err) { // somebody deleted the request: its story goes on without
			post.RootId = ""
			posted, err = k.post(ctx, post)
		}
		if err != nil {
			return "", err
		}
		id = posted.Id
	}
	return id, nil
}

// tick tells an operator that what they wrote is kept for the person.
func (o *Operators) tick(ctx context.Context, k *client, post string) error {
	_, response, err := k.SaveReaction(ctx, &model.Reaction{UserId: k.me.Id, PostId: post, EmojiName: "white_check_mark"})
	if err = failed(response, err); settled(err) { // they deleted it: said is said
		return nil
	}
	return err
}

// requestOf is the conversation, and the event, that a post of ours is the
// request of.
func (o *Operators) requestOf(ctx context.Context, k *client, post string) (id bot.ConversationID, seq int64, is bool, err error) {
	letter, err := o.Channel.Engine.Store.PostedAs(ctx, bot.OperatorsChannel, post)
	if err == nil {
		return letter.Conversation, letter.Seq, true, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return "", 0, false, err
	}
	root, err := k.read(ctx, post) // it may be posted, and not written down yet
	if errors.Is(err, ErrRefused) {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, err
	}
	mark, _, _ := strings.Cut(k.markOf(root), "#")
	parts := strings.Split(mark, "/")
	if len(parts) != 3 || parts[0] != bot.OperatorsChannel {
		return "", 0, false, nil
	}
	seq, err = strconv.ParseInt(parts[2], 10, 64)
	return bot.ConversationID(parts[1]), seq, err == nil, nil
}

// operator is the person behind an account of the server: the one it is linked
// to, or the one of the profile's address where that is to be trusted.
func (o *Operators) operator(ctx context.Context, k *client, user string) (account.Person, error) {
	engine := o.Channel.Engine
	person, err := engine.Accounts.PersonByIdentity(ctx, account.Identity{Channel: Name, PlatformID: user})
	if !fault.Is(err, fault.NotFound) || !o.Channel.Config.TrustEmail {
		return known(person, err)
	}
	if found, err := engine.Store.Mark(ctx, Name, VerifiedMark); err != nil || found == "" {
		return account.Person{}, err
	}
	who, err := k.user(ctx, user)
	if err != nil {
		return account.Person{}, err
	}
	address, _, err := engine.Domains.Decide(who.Email)
	if err != nil { // none, or not one of ours
		return account.Person{}, nil
	}
	return known(engine.Accounts.PersonByEmail(ctx, address))
}

// known is a person, or a stranger if there is none.
func known(person account.Person, err error) (account.Person, error) {
	if fault.Is(err, fault.NotFound) {
		return account.Person{}, nil
	}
	return person, err
}

// say is a phrase in the operators' language.
func (o *Operators) say(phrase string, values fault.Values) string {
	lang := o.Lang
	if lang == "" {
		lang = "it"
	}
	return o.Channel.Phrases.Say(lang, phrase, values)
}
