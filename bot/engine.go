package bot

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	chance "math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"sportello/account"
	"sportello/contacts"
	"sportello/internal/fault"
	"sportello/kb"
	"sportello/search"
	"sportello/tickets"
)

// Searcher finds articles. It is the part of search.Index that we need.
type Searcher interface {
	Search(ctx context.Context, q search.Query) (search.Result, error)
}

// Library gives articles to readers of these audiences.
type Library interface {
	Article(ctx context.Context, key kb.Key, audiences []account.Audience) (kb.Article, error)
}

// Phrases tells a phrase of content/phrases.
type Phrases interface {
	Say(lang, key string, values map[string]any) string
}

// Parts is what an Engine is made of.
type Parts struct {
	Store     Store
	Search    Searcher
	Writer    search.Writer // words answers; nil if nobody does
	Library   Library
	Tickets   tickets.Store
	Catalogue tickets.Catalogue
	Terms     tickets.Terms
	Accounts  account.Store
	Domains   account.Domains
	Book      contacts.Book
	Phrases   Phrases
	Intents   *Intents
	Log       *slog.Logger
	Now       func() time.Time
	Random    io.Reader // crypto/rand.Reader if nil

	SiteURL string // root of the site that article links lead to, without a final slash; may be empty
	MailBy  string // channel that one-time codes are sent by, "mail" if empty
	NoMail  bool   // nothing can send letters, so no address can be confirmed
	Workers int    // most turns at the same time, 8 if zero

	// Channels are those whose conversations this engine serves: Run answers
	// what an earlier process left there, and notices are told in those that
	// are pushable.
	Channels map[string]Traits

	// Operated says that operators can take conversations over: who asks for
	// a person in their hours waits for them.
	Operated bool
	// Patience is how long somebody waits for an operator before they hear
	// how it stands, ten minutes if zero.
	Patience time.Duration

	// Viewers know, by channel, what people looked at: they are asked before
	// an unread notice is mailed.
	Viewers map[string]Viewer
	// Typists show, by channel, that an operator is writing.
	Typists map[string]Typist

	// TrustFor is how long a silent conversation knows its person, for ever if
	// zero: on a shared PC the next person is another one. Channels with
	// accounts of a person's own are trusted for ever.
	TrustFor time.Duration

	// Elsewhere makes the links by which a conversation of a channel can be
	// continued on others with a code. It may be nil.
	Elsewhere func(channel, lang, code string) []Link

	// Observe hears of every turn, for figures; it may be nil.
	Observe func(events []Event, took time.Duration)
}

// Engine takes messages in and answers them. It is safe for concurrent use.
type Engine struct {
	Parts
	turns chan struct{} // as many as may be taken at the same time

	mu      sync.Mutex
	live    map[ConversationID]*live
	running sync.WaitGroup
	stopped bool
	courier chan struct{} // woken when letters were stored
}

// NewEngine returns an engine. Call Run to answer what an earlier process left
// unanswered, and to wait for the turns under way at the end.
func NewEngine(p Parts) *Engine {
	if p.Random == nil {
		p.Random = rand.Reader
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.MailBy == "" {
		p.MailBy = MailChannel
	}
	if p.Patience == 0 {
		p.Patience = 10 * time.Minute
	}
	if p.Workers == 0 {
		p.Workers = 8
	}
	return &Engine{Parts: p, turns: make(chan struct{}, p.Workers), live: map[ConversationID]*live{}, courier: make(chan struct{}, 1)}
}

// Run answers messages that were stored but not answered when the last process
// ended, looks for such from time to time, and returns when ctx is done and no
// turn is under way.
func (e *Engine) Run(ctx context.Context) error {
	defer func() {
		e.mu.Lock()
		e.stopped = true
		e.mu.Unlock()
		e.running.Wait()
	}()
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		for channel := range e.Channels {
			unread, err := e.Store.Unread(ctx, channel)
			if err != nil && ctx.Err() == nil {
				e.Log.ErrorContext(ctx, "unread messages not listed", "error", err)
			}
			for _, id := range unread {
				e.schedule(id)
			}
		}
		if err := e.KeepQueue(ctx); err != nil && ctx.Err() == nil {
			e.Log.ErrorContext(ctx, "queue not looked after", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Start opens a conversation, or returns the one that the channel has for the
// same chat. The assistant introduces itself as what it is (Regulation (EU)
// 2024/1689, art. 50; Law 132/2025).
func (e *Engine) Start(ctx context.Context, r Record) (id ConversationID, err error) {
	defer fault.Wrap(&err, "start a conversation")
	if r.ID == "" {
		r.ID = ConversationID(rand.Text())
	}
	if r.Lang != "en" {
		r.Lang = "it"
	}
	r.StartedAt, r.Sent = e.Now(), e.traits(r.Conversation).Sent
	t := &turn{Engine: e, ctx: ctx, conv: r.Conversation, now: r.StartedAt}
	t.say("disclose", "", "bot.disclose", nil)
	if id, err = e.Store.Start(ctx, r, t.result.Events); err == nil && r.Sent {
		e.WakeCourier()
	}
	return id, err
}

// Conversation returns what the assistant knows now.
func (e *Engine) Conversation(ctx context.Context, id ConversationID) (Conversation, error) {
	e.mu.Lock()
	l := e.live[id]
	var conv Conversation
	known := l != nil && l.known
	if known {
		conv = l.conv
	}
	e.mu.Unlock()
	if !known {
		record, err := e.Store.Conversation(ctx, id)
		if err != nil {
			return conv, err
		}
		conv = record.Conversation
	}
	return e.catchUp(ctx, conv)
}

// Event returns the event of this seq of a conversation; is tells whether there
// is one.
func (e *Engine) Event(ctx context.Context, id ConversationID, seq int64) (one Event, is bool, err error) {
	events, err := e.Store.Events(ctx, id, seq-1, 1)
	if err != nil || len(events) == 0 || events[0].Seq != seq {
		return Event{}, false, err
	}
	return events[0], true, nil
}

// catchUp folds in the events that came since.
func (e *Engine) catchUp(ctx context.Context, conv Conversation) (Conversation, error) {
	const page = 500
	for {
		events, err := e.Store.Events(ctx, conv.ID, conv.Seq, page)
		if err != nil {
			return conv, err
		}
		if conv = conv.Fold(events...); len(events) < page {
			return conv, nil
		}
	}
}

// follow folds in events if they are the next ones. If others were stored in
// between, by Receive or the Announcer, all of them are still to be read.
func (c Conversation) follow(events []Event) Conversation {
	if len(events) == 0 || events[0].Seq != c.Seq+1 {
		return c
	}
	return c.Fold(events...)
}

// schedule sees to it that somebody answers the conversation's messages.
func (e *Engine) schedule(id ConversationID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.remembered(id)
	if l.busy || e.stopped {
		l.again = true
		return
	}
	l.busy = true
	e.running.Go(func() { e.answerAll(id) })
}

// tries of a turn before the person hears an apology instead.
const tries = 6

// answerAll takes turns until every message of the conversation is answered.
func (e *Engine) answerAll(id ConversationID) {
	ctx := context.Background() // a turn is short; Run waits for it
	for try := 1; ; {
		e.turns <- struct{}{}
		more, err := e.answerOne(ctx, id, try == tries)
		<-e.turns
		switch {
		case err == nil && more:
			try = 1
			continue
		case err != nil && try < tries:
			e.forget(id)
			pause := time.Duration(chance.IntN(5)+1) * time.Millisecond
			if !fault.Is(err, fault.Conflict) {
				e.Log.WarnContext(ctx, "turn failed", "conversation", id, "try", try, "error", err)
				pause = time.Duration(try*try) * 20 * time.Millisecond
			}
			time.Sleep(pause)
			try++
			continue
		case err != nil: // the database does not answer: Run comes back to it
			e.Log.ErrorContext(ctx, "turn given up", "conversation", id, "error", err)
		}
		e.mu.Lock()
		l := e.live[id]
		if l.again && err == nil && !e.stopped {
			l.again = false
			e.mu.Unlock()
			continue
		}
		l.busy, l.again = false, false
		e.mu.Unlock()
		return
	}
}

// aside runs what waits for another server: a turn that waits keeps no other
// one from being taken.
func (e *Engine) aside(wait func()) {
	<-e.turns
	defer func() { e.turns <- struct{}{} }()
	wait()
}

// answerOne takes the turn of the oldest unread message. It reports whether
// there was one. At the last try a message that we cannot answer gets an
// apology: the next ones must not wait for it.
func (e *Engine) answerOne(ctx context.Context, id ConversationID, lastTry bool) (bool, error) {
	said, err := e.Store.NextUnread(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	conv, err := e.Conversation(ctx, id)
	if err != nil {
		return false, err
	}
	begin := time.Now()
	result, err := e.take(ctx, conv, said)
	if err != nil && lastTry && !fault.Is(err, fault.Unavailable) {
		e.Log.ErrorContext(ctx, "turn failed for good", "conversation", id, "seq", said.Seq, "error", err)
		result, err = e.apology(ctx, conv, said), nil
	}
	if err != nil {
		return false, err
	}
	events, err := e.Store.Commit(ctx, result)
	if err != nil {
		return false, err
	}
	e.changed(id, func(l *live) { l.known, l.conv = true, conv.follow(events) })
	if result.Crossing != nil {
		e.changed(result.Crossing.From, nil)
	}
	if len(result.Outbox) > 0 || conv.Sent || result.Crossing != nil {
		e.WakeCourier()
	}
	took := time.Since(begin)
	if e.Observe != nil {
		e.Observe(events, took)
	}
	e.Log.DebugContext(ctx, "answered", "conversation", id, "seq", said.Seq, "events", len(events), "took", took)
	return true, nil
}

// take runs the policies. A defect in one of them costs an apology, not the
// conversation.
func (e *Engine) take(ctx context.Context, conv Conversation, said Event) (result Turn, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.Log.ErrorContext(ctx, "turn panicked", "conversation", conv.ID, "seq", said.Seq, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			result, err = e.apology(ctx, conv, said), nil
		}
	}()
	t := newTurn(ctx, e, conv, said)
	if err := t.run(); err != nil {
		if phrase, values := fault.Public(err); phrase != "error.internal" && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Unavailable) {
			t = newTurn(ctx, e, conv, said)
			t.say("refuse", phrase, phrase, values)
			t.leaveWayOut()
			return t.result, nil
		}
		return Turn{}, err
	}
	return t.result, nil
}

// apology is the turn of a message that we failed to answer.
func (e *Engine) apology(ctx context.Context, conv Conversation, said Event) Turn {
	t := newTurn(ctx, e, conv, said)
	t.say("fail", "", "error.internal", nil)
	t.leaveWayOut()
	return t.result
}
