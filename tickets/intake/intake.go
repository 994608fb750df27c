// Package intake makes tickets of e-mail, one way: nobody is ever asked to
// answer a mail (domain brief, F8 to F14).
//
// A source (tickets/intake/imap, tickets/intake/lmtp) hands the raw mail to
// Intake.Take and lets go of it only when Take has returned without an error:
// then the ticket, the message, the refusal or the place in quarantine is on
// disk, in one transaction with the mark that this mail was taken. Whatever
// dies in between, the mail comes again and nothing happens twice.
//
// A mail is believed only where the organisation's own relay vouches for its
// From line, and becomes a ticket only from a personal mailbox of the
// organisation. Who else can be told so is told, at most once a day; what is
// left waits in quarantine for an operator. Nothing is silently lost.
package intake

import (
	"context"
	"io"
	"log/slog"
	"time"

	"sportello/account"
	"sportello/files"
	"sportello/tickets"
)

// Channel is how tickets and messages that came by mail are marked.
const Channel = "email"

// Intake takes mails in. It is safe for concurrent use.
type Intake struct {
	Config  Config
	Store   Store
	Desk    *tickets.Desk
	People  People
	Domains account.Domains
	Guess   Guesser     // nil: by the catalogue's names alone
	Files   Files       // what people attach
	Mails   files.Store // raw mails in quarantine
	Bounces Bounces     // nil: reports on our letters are ignored
	Phrases Phrases
	SiteURL string // as people reach it, without a final slash
	Phone   string // the number to call, as printed
	Log     *slog.Logger
	Now     func() time.Time
	Changed func()                                                      // called after a ticket was opened or changed; may be nil
	Observe func(outcome Outcome, reason Reason, tookFor time.Duration) // may be nil
}

// Envelope is what a source knows of a mail beside the mail.
type Envelope struct {
	ReturnPath string // of the envelope, without angle brackets
	Known      bool   // ReturnPath is known: if it is empty, nobody is to be answered
}

// null reports whether the envelope has no sender: then no answer may go out.
func (e Envelope) null(h header) bool {
	if e.Known {
		return e.ReturnPath == ""
	}
	for _, f := range h {
		if f.name == "return-path" {
			return f.value == "<>"
		}
	}
	return false
}

// People knows persons by address; an account.Store is one.
type People interface {
	PersonByEmail(ctx context.Context, email string) (account.Person, error)

	// Admit returns whoever has p.Email already, else keeps p.
	Admit(ctx context.Context, p account.Person) (account.Person, error)
}

// Guesser guesses which application of the catalogue a question is about, by
// its ID; empty if it cannot tell.
type Guesser interface {
	Application(ctx context.Context, question, lang string) string
}

// Files keeps what is attached; a *files.Cabinet is one.
type Files interface {
	Accept(ctx context.Context, name string, r io.Reader) (files.File, error)
	Remove(ctx context.Context, id string) error
	Limits() files.Limits
}

// Bounces reads reports on letters that could not be delivered. The same
// report may come twice.
type Bounces interface {
	Bounced(ctx context.Context, report []byte) error
}

// Phrases tells things in a language; a *phrases.Catalogue is one.
type Phrases interface {
	Say(lang, key string, values map[string]any) string
}
