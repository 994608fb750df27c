package tickets

import (
	"strings"

	"sportello/internal/fault"
)

// KeyFor is an idempotency key that knows what was asked under it: sum stands
// for the whole request. The same name again with the same sum does nothing;
// with another sum it fails with fault.Invalid instead of passing for done.
func KeyFor(name, sum string) string { return name + keyGap + sum }

// CutKey takes a key apart. The sum of one that KeyFor did not make is empty.
func CutKey(key string) (name, sum string) {
	name, sum, _ = strings.Cut(key, keyGap)
	return name, sum
}

const keyGap = "\n"

// KeyUsed is told where a key that knows what was asked comes with something
// else.
var KeyUsed = fault.New(fault.Invalid, "ticket.key_other")

// Receipt says what was done under a key.
type Receipt struct {
	Ticket ID
	Seq    int64 // of the first line of history that was written, as Event.Seq
}
