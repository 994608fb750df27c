package bot

import "context"

// Viewer is a platform that knows what people looked at.
type Viewer interface {
	// Seen returns the seq of the last event of a conversation that its person
	// had before their eyes; 0 if that is not known.
	Seen(ctx context.Context, r Record) (seq int64, err error)
}

// looked asks the platforms whether notices that are unread in their
// conversations were looked at, and reports whether some were. A platform that
// cannot be asked keeps no letter back.
func (a *Announcer) looked(ctx context.Context, list []Notice) (news bool) {
	asked := map[ConversationID]bool{"": true}
	for _, n := range list {
		if n.Read || asked[n.Conversation] {
			continue
		}
		asked[n.Conversation] = true
		seen, err := a.seen(ctx, n.Conversation)
		if err == nil && seen > 0 {
			err = a.Engine.Store.Seen(ctx, n.Conversation, seen)
			news = news || err == nil
		}
		if err != nil && ctx.Err() == nil {
			a.Log.WarnContext(ctx, "not known whether a notice was looked at", "conversation", n.Conversation, "error", err)
		}
	}
	return news
}

func (a *Announcer) seen(ctx context.Context, id ConversationID) (int64, error) {
	if len(a.Engine.Viewers) == 0 {
		return 0, nil
	}
	record, err := a.Engine.Store.Conversation(ctx, id)
	if err != nil {
		return 0, err
	}
	viewer := a.Engine.Viewers[record.Channel]
	if viewer == nil {
		return 0, nil
	}
	return viewer.Seen(ctx, record)
}
