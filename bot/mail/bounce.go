package mail

import (
	"context"
	"errors"
	"strings"
	"time"
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
// is full, the letter too large, somebody takes it for spam, or no way is found,
// which a name server that is down can cause for everybody at once.
func (b Bounce) Gone() bool {
	if !b.Permanent {
		return false
	}
	class, rest, _ := strings.Cut(b.Status, ".")
	if class != "5" {
		return false
	}
	switch rest {
	case "1.1", "1.2", "1.3", "1.6", "1.10", "2.1":
		return true
	}
	return false
}

// Reason is what there is to know about the failure, for the ledger.
func (b Bounce) Reason() string {
	if b.Status == "" || strings.Contains(b.Diagnostic, b.Status) {
		return b.Diagnostic
	}
	return strings.TrimSpace(b.Status + " " + b.Diagnostic)
}

// Ledger is told of letters that came back.
type Ledger interface {
	// Returned records that a letter came back for good. Only the letter's ID,
	// which nobody but its recipient can know, proves that a report is about
	// it: if gone, the address that the letter was sent to, whatever the report
	// says of it, counts as undeliverable. A letter that nobody sent, and a
	// report told twice, change nothing.
	Returned(ctx context.Context, letter, reason string, gone bool, at time.Time) error
}

// Returns reads the mailbox that reports come to.
type Returns struct {
	Config Config
	Ledger Ledger
	Now    func() time.Time
}

// Take tells the ledger what a mail reports of letters of ours that came back
// for good. It says false of a mail that is no report of a delivery: that is
// somebody else's. Once it has returned without an error, the mail is done with.
func (r Returns) Take(ctx context.Context, mail []byte) (report bool, err error) {
	bounces, report := r.Config.Bounces(mail)
	var errs []error
	for _, b := range bounces {
		if b.Letter != "" && b.Permanent {
			errs = append(errs, r.Ledger.Returned(ctx, b.Letter, b.Reason(), b.Gone(), r.Now()))
		}
	}
	return report, errors.Join(errs...)
}

// Bounced is Take for whoever knows already that a mail is a report, as the
// intake does.
func (r Returns) Bounced(ctx context.Context, report []byte) error {
	_, err := r.Take(ctx, report)
	return err
}
