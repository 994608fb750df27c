package mail

import (
	"context"
	"errors"
	"strings"
)

// Bounce says that a letter did not reach its mailbox, or not yet.
type Bounce struct {
	Letter     string // ID of the letter, empty if the report does not name it
	MessageID  string // of the mail that came back, without brackets
	Recipient  string // normalised; of the address we wrote to, where the report tells it
	Permanent  bool   // false: the server still tries
	Status     string // such as "5.1.1", empty if nobody told one
	Diagnostic string // what the server said, on one line; it names addresses, so it stays out of the log
}

// Gone reports whether no letter will ever arrive there: the address is wrong,
// or its mailbox closed. Other failures are about this one letter: the mailbox
// is full, the letter too large, somebody takes it for spam.
func (b Bounce) Gone() bool {
	if !b.Permanent {
		return false
	}
	class, rest, _ := strings.Cut(b.Status, ".")
	if class != "5" {
		return false
	}
	switch rest {
	case "1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4":
		return true
	}
	return false
}

// Ledger is told of letters that came back.
type Ledger interface {
	// Returned records what became of a letter. Only the ID of a letter, which
	// nobody but its recipient can know, proves that a report is about it:
	// where b.Letter was sent to, not b.Recipient, is the address that failed.
	// If b.Permanent, the letter counts as failed; if b.Gone(), its address as
	// undeliverable. A letter that nobody sent, and a report told twice, change
	// nothing.
	Returned(ctx context.Context, b Bounce) error
}

// Returns reads the mailbox that reports come to.
type Returns struct {
	Config Config
	Ledger Ledger
}

// Take tells the ledger what a mail reports. It says false of a mail that
// reports no failed delivery: that is somebody else's. Once it has returned
// without an error, the mail is done with.
func (r Returns) Take(ctx context.Context, mail []byte) (report bool, err error) {
	bounces, report := r.Config.Bounces(mail)
	var errs []error
	for _, b := range bounces {
		if b.Letter != "" {
			errs = append(errs, r.Ledger.Returned(ctx, b))
		}
	}
	return report, errors.Join(errs...)
}
