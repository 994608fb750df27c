package tickets

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sportello/account"
)

// Filter narrows somebody's own list. Zero parts mean any.
type Filter struct {
	Statuses []Status
	Text     string // words that the ticket holds
	Channel  string // they came in by
	Part     Part   // that the person has in them
	Limit    int    // most tickets wanted, 50 if zero
	Before   Number // only older ones than this: the next page
}

// Queue narrows the list of everybody's tickets. Zero parts mean any.
type Queue struct {
	Teams      []string
	Statuses   []Status
	Open       bool             // only those that somebody has to do something about
	Assignee   account.PersonID // only those of this operator
	Unassigned bool
	Priorities []Priority
	// IDs of the catalogue, and channels that a ticket came in by.
	Applications, RequestTypes, Channels []string

	Overdue time.Time        // only those that were due by then
	Person  account.PersonID // only those of this person
	Text    string           // words that the ticket holds; then the newest come first
	Since   time.Time        // only those opened since
	Newest  bool             // the newest first, not those that are due first
	Limit   int              // most tickets wanted, 50 if zero
	After   string           // Cursor of the last ticket of the page before
}

// Cursor is where a list in q's order goes on after t.
func (q Queue) Cursor(t Ticket) string {
	if q.ByNumber() {
		return string(t.Number)
	}
	return strconv.FormatInt(t.DueRank(), 10) + "." + string(t.Number)
}

// From reads After: the rank and the number that a list begins behind. ok is
// false for the beginning, and for what is no cursor.
func (q Queue) From() (rank int64, number Number, ok bool) {
	text := q.After
	if !q.ByNumber() {
		before, after, cut := strings.Cut(text, ".")
		var err error
		if rank, err = strconv.ParseInt(before, 10, 64); err != nil || !cut {
			return 0, "", false
		}
		text = after
	}
	number = Number(text)
	return rank, number, number.Ordinal() > 0
}

// ByNumber reports whether the newest come first.
func (q Queue) ByNumber() bool { return q.Newest || len(SearchWords(q.Text)) > 0 }

// neverDue is the rank of tickets whose clock stands: after all others.
const neverDue = int64(1) << 52

// DueRank sorts tickets by when they are due, in milliseconds since 1970.
func (t Ticket) DueRank() int64 {
	if t.DueAt.IsZero() {
		return neverDue
	}
	return t.DueAt.UnixMilli()
}

// Count is how many tickets of a team have a status.
type Count struct {
	Team       string
	Status     Status
	Unassigned bool
	Tickets    int
}

// Store keeps tickets with their history. What is not there fails with
// fault.NotFound.
type Store interface {
	Ticket(ctx context.Context, id ID) (Ticket, error)
	ByNumber(ctx context.Context, number Number) (Ticket, error)

	// ByKey finds the ticket that a change with this key was made to. Here and
	// in all methods a key that knows what was asked (KeyFor) fails with
	// KeyUsed if something else was asked under it before.
	ByKey(ctx context.Context, key string) (Ticket, error)

	// Done says what was done under a key.
	Done(ctx context.Context, key string) (Receipt, error)

	// Of lists the tickets somebody has as author, beneficiary or observer,
	// whatever channel opened them, newest first.
	Of(ctx context.Context, person account.PersonID, filter Filter) ([]Ticket, error)

	// Queue lists tickets of everybody.
	Queue(ctx context.Context, q Queue) ([]Ticket, error)

	// Counts counts the open tickets.
	Counts(ctx context.Context) ([]Count, error)

	// Waking lists tickets whose WakeAt has come, the longest due first.
	Waking(ctx context.Context, now time.Time, limit int) ([]Ticket, error)

	// History returns what happened to a ticket, oldest first, internal notes
	// included.
	History(ctx context.Context, id ID) ([]Event, error)

	// NextNumber reserves a number for good: it is never given twice, and
	// lost if no ticket takes it.
	NextNumber(ctx context.Context, year int) (Number, error)

	// Open keeps a new ticket under the next number of a year and returns it
	// with that. If the change's key was seen before, the ticket that was
	// changed under it is returned as it is now, and nothing else happens.
	Open(ctx context.Context, year int, c Change) (Ticket, error)

	// Save keeps changes together or not at all. A change whose key was seen
	// before is left out silently. It fails with fault.Conflict if a ticket
	// changed since it was read.
	Save(ctx context.Context, changes ...Change) error

	// Happenings reads the feed of all events of all tickets, in the order of
	// Seq, after that number. A reader that remembers the last Seq misses
	// none.
	Happenings(ctx context.Context, after int64, limit int) ([]Event, error)

	// LastHappening is the Seq of the newest one, 0 if there is none.
	LastHappening(ctx context.Context) (int64, error)
}
