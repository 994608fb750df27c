package intake

import (
	"time"

	"sportello/internal/fault"
)

// Mail is a mail as we read it: plain text, files, and who it says it is from.
// Nothing in it is believed yet.
type Mail struct {
	header header

	MessageID string // without angle brackets, empty if there is none
	Date      time.Time
	Senders   []Address // of all From lines
	Subject   string    // in plain letters, on one line, without Re: and the like
	Reply     bool      // the subject began with Re: or R:
	Forward   bool      // or with Fwd: or I:
	Text      string    // what was written for us
	Aside     string    // what came along: quoted mails, signatures, disclaimers
	Files     []File
	Troubles  []Trouble
	Bomb      bool // more parts, levels or lines of header than any honest mail has
}

// Address is one address of a header line. Email is normal, see
// account.Address, and empty if what stood there is no ordinary address.
type Address struct {
	Name  string
	Email string
}

// File is something attached.
type File struct {
	Name    string
	Content []byte
	Inline  bool // shown within the text
}

// Trouble is something of a mail that could not be read or kept, told by a
// phrase to those who work on the ticket.
type Trouble struct {
	Phrase string
	Values fault.Values
}
