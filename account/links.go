package account

import (
	"context"
	"slices"

	"sportello/internal/fault"
)

// Links are the chats that know a person, for them to see and to end.
type Links struct{ Store Store }

// Of lists a person's chats, the latest link first.
func (l Links) Of(ctx context.Context, person PersonID) (_ []Link, err error) {
	defer fault.Wrap(&err, "list the chats of %s", person)
	links, err := l.Store.Identities(ctx, person)
	return Chats(links), err
}

// End unlinks one of a person's chats; it will ask who they are. One that is
// not theirs, or of nobody, fails with fault.NotFound.
func (l Links) End(ctx context.Context, person PersonID, identity Identity) (err error) {
	defer fault.Wrap(&err, "unlink a chat of %s", person)
	mine, err := l.Of(ctx, person)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(mine, func(one Link) bool { return one.Identity == identity }) {
		return fault.New(fault.NotFound, "account.link_none")
	}
	return l.Store.Apply(ctx, Change{Unlink: &identity})
}
