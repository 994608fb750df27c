package intake

import (
	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

func isShared(p account.Person) bool { return false }

func (h *handling) opened(draft tickets.Draft, person account.Person, stamp tickets.Stamp, about reference) (tickets.Change, error) {
	change, err := tickets.Open(draft, "", stamp)
	if err != nil {
		return change, err
	}
	if about.links {
		h.note(&change, h.say("intake.note.links", fault.Values{"Number": about.ticket.Number}))
	}
	return change, nil
}

// complete adds what came along with a mail.
func (h *handling) complete(c *tickets.Change) {
	if h.mail.Aside != "" {
		h.note(c, h.say("intake.note.aside", nil)+"\n\n"+h.mail.Aside)
	}
	h.troubles(c)
}
