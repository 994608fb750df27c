package bot

import (
	"context"

	"sportello/account"
	"sportello/internal/fault"
)

// recognised is the action by which a conversation gets to know its person.
const recognised = "recognise"

// Recognise links a conversation to a person whom somebody else vouches for,
// says so in it, and goes on with what waited for that. The nonce of what
// vouched, if there is one, is spent with it: a second use fails with
// fault.Conflict. So does a conversation that is somebody else's; one that is
// this person's already is left as it is. A person whose Version is 0 is kept
// as new.
func (e *Engine) Recognise(ctx context.Context, id ConversationID, person account.Person, nonce *account.Nonce) (err error) {
	defer fault.Wrap(&err, "recognise the person of conversation %s", id)
	conv, err := e.Conversation(ctx, id)
	if err != nil {
		return err
	}
	owner, err := e.Accounts.PersonByIdentity(ctx, conv.Identity)
	switch {
	case err == nil && owner.ID == person.ID:
		return nil
	case err == nil:
		return fault.New(fault.Conflict, "verify.other_person")
	case !fault.Is(err, fault.NotFound):
		return err
	}
	t := newTurn(ctx, e, conv, Event{Seq: conv.Seq, At: e.Now()})
	t.person = person
	t.result.Account.Nonce = nonce
	t.result.Account.Link = &account.Link{Identity: conv.Identity, Person: person.ID, At: t.now}
	if person.Version == 0 {
		t.result.Account.Person = &person
	}
	t.say(recognised, "", "verify.done", fault.Values{"Email": person.Email})
	t.done()
	if conv.Errand != "" {
		if err := t.errand(conv.Errand); err != nil {
			return err
		}
	}
	events, err := e.Store.Append(ctx, t.result)
	if err != nil {
		return err
	}
	e.changed(id, func(l *live) {
		if l.known = l.known && l.conv.Seq == conv.Seq; l.known {
			l.conv = conv.Fold(events...)
		}
	})
	if len(t.result.Outbox) > 0 || conv.Sent {
		e.WakeCourier()
	}
	return nil
}

// ForgetChats is Forget for every conversation of an identity.
func (e *Engine) ForgetChats(ctx context.Context, identity account.Identity) (err error) {
	defer fault.Wrap(&err, "forget the person of an identity of channel %s", identity.Channel)
	talks, err := e.Store.Talks(ctx, identity)
	if err != nil {
		return err
	}
	for _, id := range talks {
		if err := e.Forget(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// Forget unlinks a conversation from its person, and drops what is theirs, as
// "forget who I am" does.
func (e *Engine) Forget(ctx context.Context, id ConversationID) (err error) {
	defer fault.Wrap(&err, "forget the person of conversation %s", id)
	for try := 1; ; try++ {
		conv, err := e.Conversation(ctx, id)
		if err != nil {
			return err
		}
		t := newTurn(ctx, e, conv, Event{Seq: conv.Seq, At: e.Now()})
		t.result.Account.Unlink = &conv.Identity
		t.dropTheirs()
		_, err = e.Store.Append(ctx, t.result)
		e.forget(id)
		if fault.Is(err, fault.Conflict) && try < tries { // an operator came or went
			continue
		}
		if err == nil {
			e.changed(id, nil)
			e.WakeCourier()
		}
		return err
	}
}
