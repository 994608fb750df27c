package tickets

import (
	"context"
	"slices"
)

// Talk tells who spoke last on tickets. Stores that serve desks have it.
type Talk interface {
	// LastWords returns the newest public message of each of these tickets
	// that has one; a move with a text counts, it is one to those who read it.
	LastWords(ctx context.Context, ids []ID) (map[ID]Event, error)
}

// Unanswered reports whether the last word on an open ticket is one of the
// people who asked.
func (t Ticket) Unanswered(last Event) bool {
	return t.Status.Open() && last.By != "" && slices.Contains(t.People(), last.By)
}
