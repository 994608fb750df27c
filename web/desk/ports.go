package desk

import (
	"context"
	"time"

	"sportello/account"
	"sportello/search"
	"sportello/tickets"
)

// People are those an operator meets: who asks, who is asked for, colleagues.
type People interface {
	Person(ctx context.Context, id account.PersonID) (account.Person, error)
	PersonByEmail(ctx context.Context, email string) (account.Person, error)

	// People returns those of these persons that exist.
	People(ctx context.Context, ids []account.PersonID) (map[account.PersonID]account.Person, error)

	// Find lists people by a part of their name or address.
	Find(ctx context.Context, text string, limit int) ([]account.Person, error)

	// Admit returns whoever has p's address, or creates p.
	Admit(ctx context.Context, p account.Person) (account.Person, error)

	// Operators lists those who may work on tickets, by name.
	Operators(ctx context.Context) ([]account.Person, error)
}

// Searcher finds articles, as search.Index does.
type Searcher interface {
	Search(ctx context.Context, q search.Query) (search.Result, error)
}

// Mail is one that was not let in, for an operator to judge.
type Mail struct {
	ID      string
	From    string
	Subject string
	Reason  string // in words for operators
	At      time.Time

	// Only where they were asked for: the text, plain; what was set aside of
	// it; the names of the files.
	Text  string
	Aside string
	Files []string
}

// Quarantine keeps the mails that were not let in. What another operator judged
// before fails with fault.Conflict.
type Quarantine interface {
	// Quarantined lists those that wait, the newest first, without their text.
	Quarantined(ctx context.Context, by account.Person, lang string) ([]Mail, error)
	Preview(ctx context.Context, by account.Person, id, lang string) (Mail, error)
	// Release makes it a ticket after all, and returns its number.
	Release(ctx context.Context, by account.Person, id string) (tickets.Number, error)
	Discard(ctx context.Context, by account.Person, id string) error
}

// Letter is one that could not be delivered.
type Letter struct {
	Channel, To, Subject string
	Attempts             int
	Reason               string // what the other side said
}

// Letters tells which letters were given up, the newest first, without their
// text: it may hold a code.
type Letters interface {
	Undelivered(ctx context.Context, limit int) ([]Letter, error)
}

// Line is something said in a conversation.
type Line struct {
	At       time.Time
	User     bool
	Operator bool // if neither, the assistant
	Text     string
}

// Transcript tells what was said in the conversation that a ticket was opened
// from.
type Transcript interface {
	Lines(ctx context.Context, conversation string, limit int) ([]Line, error)
}
