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
	// Nonce is spent: a second change that spends it fails with
	// fault.Conflict.
	Nonce *Nonce
}

// Nonce is a word that counts once. It is remembered until it could not be
// told any more.
type Nonce struct {
	Word  string
	Until time.Time
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

	// Having returns those with a role, by address.
	Having(ctx context.Context, role Role) ([]Person, error)

	// People returns those of these IDs who are there.
	People(ctx context.Context, ids []PersonID) (map[PersonID]Person, error)

	// Find returns people whose name or address holds every word of text,
	// whatever its case, by name; at most limit.
	Find(ctx context.Context, text string, limit int) ([]Person, error)

	// Admit returns whoever has p's address, or keeps p as a new person and
	// returns it as kept. However many ask at once, all get the same person.
	Admit(ctx context.Context, p Person) (Person, error)

	// Challenge returns the latest challenge of an identity that is neither
	// spent nor followed by another one. It may have expired.
	Challenge(ctx context.Context, identity Identity) (Challenge, error)

	// Sends returns when codes were sent since a time, for Sends.Check.
	Sends(ctx context.Context, identity Identity, email string, since time.Time) (Sends, error)

	// Apply keeps a change, together or not at all. It fails with
	// fault.Conflict if another person has the e-mail address, if the person
	// has changed since it was read, or if a challenge was tried or spent
	// meanwhile. Whose roles or teams change is signed out everywhere.
	Apply(ctx context.Context, c Change) error
}
