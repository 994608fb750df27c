package tickets

import "slices"

// Status is where a ticket stands.
type Status string

// The statuses, as the people who asked see them.
const (
	Received  Status = "received"
	Taken     Status = "taken"
	Working   Status = "working"
	Waiting   Status = "waiting" // for an answer of the person who asked
	Solved    Status = "solved"
	Closed    Status = "closed"
	Reopened  Status = "reopened"
	Cancelled Status = "cancelled"
)

// Statuses lists every status in the order of a ticket's life.
var Statuses = []Status{Received, Taken, Working, Waiting, Solved, Closed, Reopened, Cancelled}

// moves is the way of a ticket: received, taken, working and waiting to and
// fro, solved, closed. What is missing may be asked at any time (domain brief,
// F14), and an answer leads back to where work can go on. Besides, whoever
// asked may close an open request at any time (the problem went away), and an
// open one may be cancelled.
var moves = map[Status][]Status{
	Received: {Taken, Waiting, Closed, Cancelled},
	Taken:    {Working, Waiting, Closed, Cancelled},
	Working:  {Waiting, Solved, Closed, Cancelled},
	Waiting:  {Working, Received, Solved, Closed, Cancelled},
	Solved:   {Closed, Reopened},
	Closed:   {Reopened},
	Reopened: {Taken, Working, Waiting, Closed, Cancelled},
}

// CanBecome reports whether a ticket may move from s to next.
func (s Status) CanBecome(next Status) bool { return slices.Contains(moves[s], next) }

// Next lists what a ticket may become from s.
func (s Status) Next() []Status { return slices.Clone(moves[s]) }

// Open reports whether somebody still has to do something about the ticket.
func (s Status) Open() bool { return s != Solved && s != Closed && s != Cancelled }

// Phrase is the key of the status's label.
func (s Status) Phrase() string { return "ticket.status." + string(s) }
