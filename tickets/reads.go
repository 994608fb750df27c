package tickets

import (
	"context"

	"sportello/account"
)

// Reads remembers how far people have read the tickets they have, so that a
// list shows where something is new, whichever device it was read on.
type Reads interface {
	// Read notes that a person has seen a ticket up to the event seq. What was
	// read stays read: a lower seq than before changes nothing.
	Read(ctx context.Context, person account.PersonID, ticket ID, seq int64) error

	// Unread counts, for those of the tickets that have any, what happened
	// since, was public and was done by others.
	Unread(ctx context.Context, person account.PersonID, list []ID) (map[ID]int, error)
}
