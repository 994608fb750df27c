package bot

import (
	"context"
	"slices"

	"sportello/internal/fault"
	"sportello/kb"
)

// Judge counts what somebody thinks of an answer, given without a word, as by a
// reaction: the article that the event of this seq answered with helped, or did
// not. It says nothing, and what is no answer is not judged. Of a voter, the last
// vote on an article counts; the conversation itself is the voter for its own
// person.
func (e *Engine) Judge(ctx context.Context, id ConversationID, seq int64, helpful bool, voter string) (err error) {
	defer fault.Wrap(&err, "judge event %d of conversation %s", seq, id)
	record, err := e.Store.Conversation(ctx, id)
	if err != nil {
		return err
	}
	conv, judged := record.Conversation, Event{}
	for conv.Seq < seq {
		events, err := e.Store.Events(ctx, id, conv.Seq, int(min(seq-conv.Seq, 500)))
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return nil
		}
		conv, judged = conv.Fold(events...), events[len(events)-1]
	}
	if judged.Author != Assistant || judged.Act != "answer" || judged.Object == "" {
		return nil
	}
	article := kb.Key{ID: judged.Object, Lang: conv.Lang}
	if i := slices.IndexFunc(conv.Topic.Articles, func(k kb.Key) bool { return k.ID == article.ID }); i >= 0 {
		article = conv.Topic.Articles[i]
	}
	_, err = e.Store.Append(ctx, Turn{Conversation: id, Votes: []Vote{{Article: article, Voter: voter, Helpful: helpful, At: e.Now()}}})
	return err
}

// Met reports whether a conversation ever knew its person, even if it does not
// any more.
func (e *Engine) Met(ctx context.Context, id ConversationID) (met bool, err error) {
	defer fault.Wrap(&err, "look whether conversation %s knew its person", id)
	const page = 500
	for seq := int64(0); ; {
		events, err := e.Store.Events(ctx, id, seq, page)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(events, func(e Event) bool { return e.Act == recognised }) {
			return true, nil
		}
		if len(events) < page {
			return false, nil
		}
		seq = events[len(events)-1].Seq
	}
}
