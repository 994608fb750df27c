package bot

import (
	"context"
	"math"
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
	events, err := e.until(ctx, id, seq)
	if err != nil || len(events) == 0 {
		return err
	}
	conv, judged := record.Conversation.Fold(events...), events[len(events)-1]
	if judged.Seq != seq || judged.Author != Assistant || judged.Act != "answer" || judged.Object == "" {
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
	events, err := e.until(ctx, id, math.MaxInt64)
	return slices.ContainsFunc(events, func(e Event) bool { return e.Act == recognised }), err
}
