package bot

import (
	"time"

	"sportello/tickets"
)

// reopening is how long a solved or closed ticket can be taken up again.
func reopening(*Engine) time.Duration { return tickets.DefaultReopening }

// urgentTicket reports whether a ticket is told of at any hour.
func urgentTicket(tickets.Ticket) bool { return false }
