package bot

import (
	"context"
	"errors"
	"fmt"
	chance "math/rand/v2"
	"slices"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
)

// What operators do in conversations. Each act is kept once for its key, with
// all that follows from it. Who may not do it is refused with
// fault.Forbidden.

// Take gives the floor to an operator: the assistant is silent from now on,
// and a turn of it that is under way is dropped. Of two who take at once one
// has it; the other fails with fault.Conflict, and so does who takes what a
// colleague has, unless over says that they know.
func (e *Engine) Take(ctx context.Context, id ConversationID, by account.Person, key string, over bool) (err error) {
	defer fault.Wrap(&err, "take conversation %s", id)
	_, err = e.operate(ctx, id, by, key, func(t *turn) error {
		floor := t.conv.Floor
		taken := Event{Author: System, Act: ActTake, By: by.ID}
		phrase := "operators.taken"
		switch {
		case floor.Holder == ByOperator && floor.Operator == by.ID:
			return nil
		case floor.Holder == ByOperator && !over:
			return t.elsewhereHeld()
		case floor.Holder == ByOperator:
			taken.Object, taken.From, phrase = "over", floor.Operator, "operators.taken_over"
		}
		floor.Holder, floor.Operator, floor.Waited = ByOperator, by.ID, false
		t.note(taken, phrase, nil)
		t.change(Change{Floor: &floor})
		t.pauseAsking()
		return nil
	})
	return err
}

// Speak says something to the person. Only who has the floor may: it fails
// with fault.Conflict for everybody else. Secrets are masked, and named in the
// receipt.
func (e *Engine) Speak(ctx context.Context, id ConversationID, by account.Person, key, text string, files []Attachment) (r Receipt, err error) {
	defer fault.Wrap(&err, "speak in conversation %s", id)
	if err := checkText(Inbound{Text: text, Attachments: files}); err != nil {
		return r, err
	}
	said := Event{Author: Operator, By: by.ID, Inbound: key, Attachments: files}
	masked, found := privacy.Mask(strings.TrimSpace(text))
	said.Text = masked
	for _, kind := range found {
		said.Masked = append(said.Masked, string(kind))
	}
	r, err = e.operate(ctx, id, by, key, func(t *turn) error {
		if err := t.holds(by); err != nil {
			return err
		}
		t.add(said)
		return nil
	})
	r.Masked = said.Masked
	return r, err
}

// HandBack gives the floor back to the assistant, which goes on where it was.
func (e *Engine) HandBack(ctx context.Context, id ConversationID, by account.Person, key string) (err error) {
	defer fault.Wrap(&err, "hand back conversation %s", id)
	_, err = e.operate(ctx, id, by, key, func(t *turn) error {
		if err := t.holds(by); err != nil {
			return err
		}
		t.note(Event{Author: System, Act: ActHandBack, By: by.ID}, "operators.handed_back", t.toGoOn())
		t.change(Change{Floor: &Floor{Holder: ByAssistant}})
		if t.conv.Form != nil {
			return t.resumeForm()
		}
		return nil
	})
	return err
}

// End closes the talk with the operator and asks whether it helped, or for a
// rating of the ticket it was about.
func (e *Engine) End(ctx context.Context, id ConversationID, by account.Person, key string) (err error) {
	defer fault.Wrap(&err, "end the talk in conversation %s", id)
	_, err = e.operate(ctx, id, by, key, func(t *turn) error {
		if err := t.holds(by); err != nil {
			return err
		}
		t.note(Event{Author: System, Act: ActEnd, By: by.ID}, "operators.ended", nil)
		ended := t.allEnded()
		// The articles did not help, the operator did: no vote is for them.
		ended.Topic = &Topic{Question: t.conv.Topic.Question, Attachments: t.conv.Topic.Attachments}
		ended.Floor = &Floor{Holder: ByAssistant}
		t.change(ended)
		offer := []Choice{t.choice("solved", "choice.solved"), t.choice("unsolved", "choice.unsolved")}
		if one, err := t.mine(string(t.conv.Ticket)); err == nil && t.person.Known() && suits("rate", one) && one.Rating == nil {
			offer = append(offer, t.choice("rate:"+string(one.Number), "choice.rate_ticket"))
		}
		t.ask("solved", ByOperatorSolved, "bot.solved?", nil, offer...)
		return nil
	})
	return err
}

// ByOperatorSolved is the object of the question whether an operator helped.
const ByOperatorSolved = "operator"

// Note keeps what operators should know of a conversation, and adds it to the
// ticket that it is about. People never see it.
func (e *Engine) Note(ctx context.Context, id ConversationID, by account.Person, key, text string) (err error) {
	defer fault.Wrap(&err, "note on conversation %s", id)
	if err := checkText(Inbound{Text: text}); err != nil {
		return err
	}
	masked, _ := privacy.Mask(strings.TrimSpace(text))
	_, err = e.operate(ctx, id, by, key, func(t *turn) error {
		t.add(Event{Author: Operator, Act: ActNote, Text: masked, By: by.ID})
		if t.conv.Ticket == "" {
			return nil
		}
		one, err := t.Tickets.ByNumber(ctx, t.conv.Ticket)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		change, err := one.Say(tickets.Message{Text: masked, Internal: true}, tickets.Stamp{By: by, At: t.now, Key: fmt.Sprintf("%s/note/%s", id, key)})
		if fault.Is(err, fault.Invalid) { // it takes no notes any more
			return nil
		}
		if err == nil {
			t.keep(change)
		}
		return err
	})
	return err
}

// note records what the service tells of an operator.
func (t *turn) note(e Event, phrase string, choices []Choice) {
	e.Phrase, e.Reply = phrase, &Reply{Markdown: t.tell(phrase, nil), Choices: choices}
	t.add(e)
}

// holds fails unless this operator has the floor.
func (t *turn) holds(by account.Person) error {
	switch {
	case t.conv.Holder != ByOperator:
		return fault.New(fault.Conflict, "operators.not_taken")
	case t.conv.Operator != by.ID:
		return t.elsewhereHeld()
	}
	return nil
}

// elsewhereHeld is the failure that names the colleague who has the floor.
func (t *turn) elsewhereHeld() error {
	holder, err := t.Accounts.Person(t.ctx, t.conv.Operator)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return fault.New(fault.Conflict, "operators.has_it", fault.Values{"Name": holder.Called()})
}

// operate keeps what an operator does, once for its key. What others did
// meanwhile is looked at again.
func (e *Engine) operate(ctx context.Context, id ConversationID, by account.Person, key string, act func(*turn) error) (r Receipt, err error) {
	if !account.Can(by, account.TakeConversation, account.Thing{}) {
		return r, fault.New(fault.Forbidden, "operators.not_one")
	}
	return e.act(ctx, id, key, act)
}

// act keeps a turn that answers no message, once for its key.
func (e *Engine) act(ctx context.Context, id ConversationID, key string, do func(*turn) error) (r Receipt, err error) {
	if key == "" {
		return r, errors.New("an act without a key")
	}
	seq, err := e.Store.Received(ctx, Inbound{Conversation: id, Channel: OperatorsChannel, ID: key})
	if err == nil || !fault.Is(err, fault.NotFound) {
		return Receipt{Seq: seq}, err
	}
	for try := 1; ; try++ {
		conv, err := e.Conversation(ctx, id)
		if err != nil {
			return r, err
		}
		t := newTurn(ctx, e, conv, Event{Seq: conv.Seq, At: e.Now()})
		if err := t.identify(); err != nil {
			return r, err
		}
		if err := do(t); err != nil || len(t.result.Events) == 0 {
			return r, err
		}
		events, fresh, err := e.Store.Operate(ctx, key, t.result)
		if fault.Is(err, fault.Conflict) && try < tries {
			e.forget(id)
			time.Sleep(time.Duration(chance.IntN(5)+1) * time.Millisecond)
			continue
		}
		if err != nil {
			return r, err
		}
		if fresh {
			e.changed(id, func(l *live) {
				if l.known = l.known && l.conv.Seq == conv.Seq; l.known {
					l.conv = conv.Fold(events...)
				}
			})
			e.WakeCourier()
		}
		return Receipt{Seq: events[0].Seq, Fresh: fresh}, nil
	}
}

// Place is where a conversation is in the queue, from 1, or 0 if it waits for
// nobody.
func (e *Engine) Place(ctx context.Context, id ConversationID) (n int, err error) {
	defer fault.Wrap(&err, "look for the place of conversation %s", id)
	waiting, err := e.Store.Waiting(ctx)
	if !slices.ContainsFunc(waiting, func(w Waiting) bool { return w.Conversation == id }) {
		return 0, err
	}
	return place(waiting, id), err
}

// KeepQueue looks after those who wait: who waits long hears how it stands,
// once, and when the operators have gone nobody waits on. Run calls it.
func (e *Engine) KeepQueue(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "look after the queue")
	waiting, err := e.Store.Waiting(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, w := range waiting {
		now, hours := e.Now(), e.Book.Operators()
		switch {
		case !e.Operated || !hours.OpenAt(now):
			errs = append(errs, e.endWait(ctx, w))
		case now.Sub(w.Since) >= e.Patience:
			errs = append(errs, e.tellWait(ctx, w, place(waiting, w.Conversation)-1))
		}
	}
	return errors.Join(append(errs, e.keepHeld(ctx))...)
}

// keepHeld looks after conversations that an operator has and does not answer:
// the person hears once that they may go on without, and when the operators have
// gone the assistant is there again.
func (e *Engine) keepHeld(ctx context.Context) error {
	held, err := e.Store.HeldBy(ctx, "")
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range held {
		conv, err := e.Conversation(ctx, id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		now, last := e.Now(), conv.SpokenAt
		if conv.SaidAt.After(last) {
			last = conv.SaidAt
		}
		switch {
		case now.Sub(last) < e.Patience:
		case !e.Operated || !e.Book.Operators().OpenAt(now):
			_, err = e.act(ctx, id, fmt.Sprint("left ", conv.Since), func(t *turn) error {
				if t.conv.Since != conv.Since || t.conv.SaidAt.After(last) || t.conv.SpokenAt.After(last) {
					return nil
				}
				return t.endOperated("operators.left")
			})
		case conv.SaidAt.After(conv.SpokenAt) && !conv.Waited:
			_, err = e.act(ctx, id, fmt.Sprint("silent ", conv.Since), func(t *turn) error {
				if t.conv.Since != conv.Since || t.conv.SpokenAt.After(last) {
					return nil
				}
				floor := t.conv.Floor
				floor.Waited = true
				t.say(ActStill, t.conv.Branch, "operators.silent", nil, t.choice("assistant", "choice.assistant"))
				t.change(Change{Floor: &floor})
				return nil
			})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// tellWait tells once that it takes longer than it should.
func (e *Engine) tellWait(ctx context.Context, w Waiting, before int) error {
	_, err := e.act(ctx, w.Conversation, fmt.Sprintf("waited %d", w.Since.UnixMilli()), func(t *turn) error {
		if t.conv.Holder != ByQueue || t.conv.Waited {
			return nil
		}
		floor := t.conv.Floor
		floor.Waited = true
		t.say(ActStill, t.conv.Branch, placeIn("operators.still", before), fault.Values{"Count": before}, append(t.withoutOperator(), t.choice("wait", "choice.wait"))...)
		t.change(Change{Floor: &floor})
		return nil
	})
	return err
}

// endWait gives a conversation that nobody took back to the assistant.
func (e *Engine) endWait(ctx context.Context, w Waiting) error {
	_, err := e.act(ctx, w.Conversation, fmt.Sprintf("closed %d", w.Since.UnixMilli()), func(t *turn) error {
		if t.conv.Holder != ByQueue {
			return nil
		}
		return t.endOperated("operators.closed")
	})
	return err
}

// endOperated gives the conversation back to the assistant, as the operators
// have gone.
func (t *turn) endOperated(phrase string) error {
	advice := t.Book.Advise(t.Book.Operators(), t.conv.Lang, t.now)
	offer := []Choice{t.choice("ticket", "choice.ticket"), t.choice("status", "choice.status")}
	if t.conv.Form != nil {
		offer = []Choice{t.choice("resume", "choice.resume"), t.choice("cancel", "choice.cancel")}
	}
	t.say(ActUnqueue, "closed", phrase, fault.Values{"Advice": Markdown(advice.Markdown(t.sayIn()))}, offer...)
	t.change(Change{Floor: &Floor{Holder: ByAssistant}})
	return nil
}
