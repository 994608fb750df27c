package intake

import (
	"context"
	"time"

	"sportello/tickets"
)

// Taken is all that follows from one mail. A Store keeps it whole.
type Taken struct {
	Key     string // of the mail: a second one with this key changes nothing
	Content string // tells apart two mails with one key
	At      time.Time
	Sender  string // a hash of the address, empty if there is none
	Outcome Outcome
	Reason  Reason

	Year   int             // if not zero, Opens gets the next number of this year
	Opens  *tickets.Change // a new ticket, without its number
	Linked *tickets.Change // of a ticket that Opens is linked to: its empty link gets the number
	Joins  *tickets.Change // a change of a ticket that is there
	Remark *tickets.Change // a note on another ticket
	Letter *Letter         // sent unless one went to this address within a day
	Held   *HeldMail       // goes to quarantine
}

// Letter is a refusal.
type Letter struct {
	ID       string
	To       string
	Subject  string
	Markdown string
}

// Status is what became of a mail in quarantine.
type Status string

// The statuses.
const (
	Waiting   Status = "waiting"
	Released  Status = "released"
	Discarded Status = "discarded"
)

// HeldMail is a mail in quarantine.
type HeldMail struct {
	ID      string
	At      time.Time
	Reason  Reason
	From    string // address, or what stood in its place
	Subject string // secrets masked
	Bytes   int64
	Raw     string // of the mail's bytes in the store of files; empty once they are gone
	Status  Status
	By      string         // ID of who released or discarded it
	Ticket  tickets.Number // that it was released to
}

// Settlement ends a mail's time in quarantine.
type Settlement struct {
	ID    string
	As    Status
	By    string // ID of a person
	At    time.Time
	Year  int
	Opens *tickets.Change // for Released
}

// Store keeps what became of mails. What is not there fails with
// fault.NotFound.
type Store interface {
	// Seen returns the content under a key, and whether there is one.
	Seen(ctx context.Context, key string) (content string, seen bool, err error)

	// Take keeps all that follows from a mail together or not at all, and
	// returns the number of the ticket opened or joined. If the key was taken
	// before, nothing changes and fresh is false. It fails with
	// fault.Conflict if a ticket changed since it was read.
	Take(ctx context.Context, t Taken) (number tickets.Number, fresh bool, err error)

	// Count tells how many mails of a sender became tickets or messages, or
	// were too many, since a time; and how many of them were too many.
	Count(ctx context.Context, sender string, since time.Time) (taken, many int, err error)

	// Quarantined lists mails that wait, the latest first: those before an
	// ID, or from the first one.
	Quarantined(ctx context.Context, before string, limit int) ([]HeldMail, error)

	// HeldMail returns one of them, also when it waits no more.
	HeldMail(ctx context.Context, id string) (HeldMail, error)

	// HeldBytes sums the mails that wait.
	HeldBytes(ctx context.Context) (int64, error)

	// Settle ends a mail's time in quarantine, in one transaction with the
	// ticket it opens. It fails with fault.Conflict if it waits no more.
	Settle(ctx context.Context, s Settlement) (tickets.Number, error)

	// Expire forgets the mails in quarantine since before a time, settled or
	// not, and returns them; and who sent what before traces.
	Expire(ctx context.Context, held, traces time.Time) ([]HeldMail, error)
}
