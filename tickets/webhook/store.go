package webhook

import (
	"context"
	"time"

	"sportello/tickets"
)

// Store keeps hooks and what they are told. What is not there fails with
// fault.NotFound.
type Store interface {
	Hook(ctx context.Context, id HookID) (Hook, error)

	// Hooks lists all, the oldest first.
	Hooks(ctx context.Context) ([]Hook, error)

	// AddHook keeps a new hook. The same key again (tickets.KeyFor) returns
	// the hook that was added under it; key may be empty. It fails with
	// fault.Invalid beyond MaxHooks.
	AddHook(ctx context.Context, h Hook, key string) (Hook, error)

	// SaveHook keeps what somebody wants of a hook. It fails with
	// fault.Conflict if the hook's Version is not one more than that which is
	// kept.
	SaveHook(ctx context.Context, h Hook) error

	// RemoveHook forgets a hook and its deliveries.
	RemoveHook(ctx context.Context, id HookID) error

	// Mark is how far the feed of happenings was read.
	Mark(ctx context.Context) (int64, error)

	// Plan keeps deliveries and moves the mark, together or not at all. It
	// fails with fault.Conflict if the mark is not at from any more: somebody
	// else planned these.
	Plan(ctx context.Context, from, to int64, planned []Delivery) error

	// Replay plans deliveries again that were made before, and those that
	// were not. The mark stays.
	Replay(ctx context.Context, planned []Delivery) error

	// Claim returns deliveries that are due, each the oldest planned one of
	// its hook and ticket, whose hook is active and does not rest, and keeps
	// them from being claimed again until a time. At most limit, and at most
	// side of one hook, those included that are claimed already.
	Claim(ctx context.Context, now, until time.Time, limit, side int) ([]Delivery, error)

	// Tried keeps what came of a try: next turns the delivery and its hook, as
	// they are then, into what they become. If the delivery or its hook is
	// gone, or it was ended by somebody else, nothing happens.
	Tried(ctx context.Context, d Delivery, next func(Delivery, Hook) (Delivery, Hook)) (Hook, error)

	// Due is when the next delivery may be claimed, zero if none waits.
	Due(ctx context.Context) (time.Time, error)

	// Deliveries lists those of a hook, the newest happening first, before
	// that number if it is not 0.
	Deliveries(ctx context.Context, hook HookID, before int64, limit int) ([]Delivery, error)

	// Delivery returns one.
	Delivery(ctx context.Context, hook HookID, seq int64) (Delivery, error)

	// FirstSince is the number of the first happening since a time, 0 if
	// there is none.
	FirstSince(ctx context.Context, since time.Time) (int64, error)
}

// Happenings is the feed, and the tickets it is about; tickets.Store is one.
type Happenings interface {
	Happenings(ctx context.Context, after int64, limit int) ([]tickets.Event, error)
	LastHappening(ctx context.Context) (int64, error)
	Ticket(ctx context.Context, id tickets.ID) (tickets.Ticket, error)
}
