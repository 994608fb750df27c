package tickets

import (
	"context"
	"time"

	"sportello/account"
	"sportello/privacy"
)

// Unsent is a request that somebody began to write on a form and has not sent:
// what stands in the form, right or wrong, but for secrets.
type Unsent struct {
	Person      account.PersonID
	RequestType string            // ID; a person has one of each
	Key         string            // under which it is opened, once
	Values      map[string]string // what was written, by the form's names
	Masked      []privacy.Kind    // what was taken out of it
	Attachments []Attachment      // oldest first
	SavedAt     time.Time
}

// Expired reports whether u was kept for longer than that; zero is for ever.
func (u Unsent) Expired(now time.Time, keep time.Duration) bool {
	return keep > 0 && now.Sub(u.SavedAt) > keep
}

// Forms keeps what people have not sent yet. Everything is by person: what
// belongs to somebody else fails with fault.NotFound, as what is not there.
type Forms interface {
	Unsent(ctx context.Context, person account.PersonID, requestType string) (Unsent, error)

	// AllUnsent lists somebody's, the latest first.
	AllUnsent(ctx context.Context, person account.PersonID) ([]Unsent, error)

	// Keep writes what stands in a form now over what stood there before; it
	// leaves the attachments alone. A form that was sent under its key
	// meanwhile is not kept: a late copy brings nothing back.
	Keep(ctx context.Context, u Unsent) error

	// Attach adds a file to a form, which is kept with nothing in it if it was
	// not yet. It fails with fault.Invalid if there are most files already,
	// and with fault.Conflict if the form was sent.
	Attach(ctx context.Context, u Unsent, a Attachment, most int) error

	// Detach takes a file away from a form. Its content is for whoever called.
	Detach(ctx context.Context, person account.PersonID, requestType, file string) error

	// File finds a file of somebody's forms.
	File(ctx context.Context, person account.PersonID, file string) (Attachment, error)

	// Send opens the ticket as Store.Open does and forgets the form, both or
	// neither. It fails with fault.Conflict if the form's files are not those
	// of the change any more.
	Send(ctx context.Context, year int, c Change, requestType string) (Ticket, error)

	// Discard forgets a form and returns its files, whose contents are for
	// whoever called.
	Discard(ctx context.Context, person account.PersonID, requestType string) ([]Attachment, error)

	// Deflect remembers that an article solved what somebody was about to ask
	// for. The same key again counts nothing.
	Deflect(ctx context.Context, d Deflection) error

	// Deflections counts them since a time, by article and request type.
	Deflections(ctx context.Context, since time.Time) ([]Deflected, error)
}

// Deflection is a request that an article made unnecessary. It does not say
// whose it was.
type Deflection struct {
	Key         string
	Article     string // ID
	Lang        string // of the article
	RequestType string // ID
	At          time.Time
}

// Deflected is how often an article did so.
type Deflected struct {
	Article     string
	Lang        string
	RequestType string
	Times       int
}
