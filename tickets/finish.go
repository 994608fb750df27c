package tickets

// Finish solves an open ticket in one go, however far it had come: an operator
// who has the answer takes it, works on it and solves it. The answer is shown to
// everybody on the ticket.
func (t Ticket) Finish(answer string, s Stamp) (Change, error) {
	var steps []Status
	switch t.Status {
	case Received:
		steps = []Status{Taken, Working}
	case Taken, Reopened:
		steps = []Status{Working}
	}
	var whole Change
	for _, to := range append(steps, Solved) {
		note := ""
		if to == Solved {
			note = answer
		}
		c, err := t.Move(to, note, s)
		if err != nil {
			return Change{}, err
		}
		c.Happened = append(whole.Happened, c.Happened...)
		whole, t = c, c.Ticket
		t.Version-- // all of it is one change
	}
	return whole, nil
}
