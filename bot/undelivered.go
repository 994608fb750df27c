package bot

import "context"

// ActUndelivered notes that what an operator said did not reach the person.
const ActUndelivered = "undelivered"

// Undelivered tells operators that what one of them said in a conversation
// cannot be delivered: the person blocked us, or left. Whoever gives a letter
// up calls it, again if need be: they hear of it once. Of other letters they
// hear nothing.
func (e *Engine) Undelivered(ctx context.Context, letter Outgoing) error {
	if letter.Seq == 0 || letter.Channel == OperatorsChannel {
		return nil
	}
	said, is, err := e.Event(ctx, letter.Conversation, letter.Seq)
	if err != nil || !is || !said.Spoken() {
		return err
	}
	_, err = e.act(ctx, letter.Conversation, ActUndelivered+" "+letter.ID, func(t *turn) error {
		t.add(Event{Author: System, Act: ActUndelivered, By: said.By})
		return nil
	})
	return err
}
