package desk

import "sportello/tickets"

// linesShown of the conversation that a ticket was opened from, the last.
const linesShown = 40

type said struct {
	At       string
	User     bool
	Operator bool
	Text     string
}

// transcript is what was said before the ticket was opened.
func (v *visit) transcript(t tickets.Ticket) ([]said, error) {
	if v.Transcript == nil || t.Conversation == "" {
		return nil, nil
	}
	lines, err := v.Transcript.Lines(v.r.Context(), t.Conversation, linesShown)
	if missing(err) { // it was forgotten, as conversations are
		return nil, nil
	}
	var all []said
	for _, l := range lines {
		all = append(all, said{v.moment(l.At), l.User, l.Operator, l.Text})
	}
	return all, err
}
