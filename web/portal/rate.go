package portal

import (
	"strconv"
	"strings"

	"sportello/internal/fault"
	"sportello/tickets"
)

// rate keeps a score from 1 to 5, perhaps with a suggestion. Rating again takes
// the place of the earlier one.
func (s sheet) rate() (rule, error) {
	score, err := strconv.Atoi(s.form.get("score"))
	if err != nil {
		return nil, fault.New(fault.Invalid, "mine.score_missing").Because(err)
	}
	suggestion := strings.TrimSpace(s.form.get("suggestion"))
	return func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) {
		return t.Rate(score, suggestion, stamp)
	}, nil
}
