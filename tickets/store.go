package tickets

import (
	"context"

	"sportello/account"
)

// Filter narrows a list of tickets. Zero parts mean any.
type Filter struct {
	Statuses []Status
	Limit    int    // most tickets wanted, 50 if zero
	Before   Number // only older ones than this: the next page
}

// Store keeps tickets with their history. What is not there fails with
// fault.NotFound.
type Store interface {
	Ticket(ctx context.Context, id ID) (Ticket, error)
	ByNumber(ctx context.Context, number Number) (Ticket, error)

	// ByKey finds the ticket that a change with this key was made to.
	ByKey(ctx context.Context, key string) (Ticket, error)

	// Of lists the tickets somebody has as author, beneficiary or observer,
	// whatever channel opened them, newest first.
	Of(ctx context.Context, person account.PersonID, filter Filter) ([]Ticket, error)

	// History returns what happened to a ticket, oldest first, internal notes
	// included.
	History(ctx context.Context, id ID) ([]Event, error)

	// NextNumber reserves a number for good: it is never given twice, and
	// lost if no ticket takes it.
	NextNumber(ctx context.Context, year int) (Number, error)

	// Save keeps changes together or not at all. A change whose key was seen
	// before is left out silently. It fails with fault.Conflict if a ticket
	// changed since it was read.
	Save(ctx context.Context, changes ...Change) error

	// Happenings reads the feed of all events of all tickets, in the order of
	// Seq, after that number. A reader that remembers the last Seq misses
	// none.
	Happenings(ctx context.Context, after int64, limit int) ([]Event, error)
}
