package bot

import (
	"context"
	"time"

	"sportello/account"
)

// Typist is a platform that can show that somebody is writing.
type Typist interface {
	// ShowTyping shows it in the chat of a conversation, for some seconds.
	// Nobody misses it if it fails.
	ShowTyping(ctx context.Context, r Record)
}

// typingEvery is how often it is shown that an operator writes, at most; what
// is shown lasts a little longer.
const typingEvery = 3 * time.Second

// Typing shows the person that the operator who has the floor is writing. It
// is kept nowhere. From anybody else it is nothing.
func (e *Engine) Typing(ctx context.Context, id ConversationID, by account.Person) error {
	conv, err := e.Conversation(ctx, id)
	if err != nil || conv.Holder != ByOperator || conv.Operator != by.ID {
		return err
	}
	now := e.Now()
	e.mu.Lock()
	l := e.remembered(id)
	again := now.Sub(l.typed) < typingEvery
	if !again {
		l.typed = now
	}
	e.mu.Unlock()
	if again {
		return nil
	}
	e.changed(id, nil)
	typist := e.Typists[conv.Channel]
	if typist == nil {
		return nil
	}
	record, err := e.Store.Conversation(ctx, id)
	if err != nil {
		return err
	}
	record.Conversation = conv
	typist.ShowTyping(ctx, record)
	return nil
}

// Typed is when an operator was last seen to write in a conversation, as far
// as this process saw it; Watch tells when that is news.
func (e *Engine) Typed(id ConversationID) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l := e.live[id]; l != nil {
		return l.typed
	}
	return time.Time{}
}
