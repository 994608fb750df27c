package account

import (
	"context"
	"time"
)

// Change is what a turn of a conversation, or a page, does to accounts. All of
// it is kept together or not at all, in this order; nil parts change nothing.
type Change struct {
	// Person is created if its Version is 0, else updated.
	Person *Person
	// Challenge is added if it was never tried, taking the place of earlier
	// ones of its identity; else its attempts are updated.
	Challenge *Challenge
	// Spent ends all challenges of this identity: a code serves once.
	Spent *Identity
	// Link gives an identity to a person, taking it from another one.
	Link *Link
	// Unlink takes an identity from whoever has it.
	Unlink *Identity
}

// Empty reports whether c changes nothing.
func (c Change) Empty() bool { return c == Change{} }

// Store keeps persons, their identities and open challenges. What is not there
// fails with fault.NotFound.
type Store interface {
	Person(ctx context.Context, id PersonID) (Person, error)

	// PersonByEmail finds by an address as Address normalises it.
	PersonByEmail(ctx context.Context, email string) (Person, error)

	PersonByIdentity(ctx context.Context, identity Identity) (Person, error)

	// Identities lists what belongs to a person, the latest link first.
	Identities(ctx context.Context, id PersonID) ([]Link, error)

	// List returns everybody, by address.
	List(ctx context.Context) ([]Person, error)

	// Challenge returns the latest challenge of an identity that is neither
	// spent nor followed by another one. It may have expired.
	Challenge(ctx context.Context, identity Identity) (Challenge, error)

	// Sends returns when codes were sent since a time, for Sends.Check.
	Sends(ctx context.Context, identity Identity, email string, since time.Time) (Sends, error)

	// Apply keeps a change, together or not at all. It fails with
	// fault.Conflict if another person has the e-mail address, if the person
	// has changed since it was read, or if a challenge was tried or spent
	// meanwhile.
	Apply(ctx context.Context, c Change) error
}
