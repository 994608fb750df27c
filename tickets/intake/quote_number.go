package intake

import (
	"context"
	"regexp"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
)

// reference is the ticket that a mail is about, if it names one.
type reference struct {
	ticket tickets.Ticket
	joins  bool           // the mail becomes a message on it
	links  bool           // it belongs to the sender, but takes no more messages
	others tickets.Number // a number that is not the sender's to write on; told to operators only
}

// numberWritten is how our letters and pages write a ticket's number, or how
// people do who say that it is one. Files of the courts have numbers too.
var numberWritten = regexp.MustCompile(`(?i)(?:^|[^\d/.-])(20\d{2}-\d{6,9})(?:[^\d/-]|$)|(?:\b(?:ticket|richiesta|segnalazione|request)(?:\s+(?:n|nr|num|numero|number|no)\b\.?)?[\s:°#]*|#)((?:20\d{2}[-/])?\d{1,9})(?:[^\d/-]|$)`)

// numbers are those a text names, in order, each once.
func numbers(text string, thisYear int) (found []tickets.Number) {
	seen := map[tickets.Number]bool{}
	for _, m := range numberWritten.FindAllStringSubmatch(text, 20) {
		number, is := tickets.ParseNumber(m[1]+m[2], thisYear)
		if is && !seen[number] {
			seen[number] = true
			found = append(found, number)
		}
	}
	return found
}

// quoted finds the ticket that a mail is about: the first number in subject,
// text or what came along that is a ticket its sender takes part in.
func (h *handling) quoted(ctx context.Context, person account.Person) (r reference, err error) {
	text := strings.Join([]string{h.mail.Subject, shortened(h.mail.Text, 20_000), shortened(h.mail.Aside, 20_000)}, "\n")
	for _, number := range numbers(text, h.year()) {
		t, err := h.Desk.Store.ByNumber(ctx, number)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return reference{}, err
		}
		if !part(t, person) {
			if r.others == "" {
				r.others = number
			}
			continue
		}
		r.ticket = t
		r.joins = h.takesMail(t)
		r.links = !r.joins
		return r, nil
	}
	return r, nil
}

// part reports whether a person writes on a ticket as one of those it belongs
// to: operators who send a mail ask for themselves.
func part(t tickets.Ticket, person account.Person) bool {
	asking := person
	asking.Roles = nil
	return account.Can(asking, account.WriteTicket, t.Thing())
}

// takesMail reports whether a mail can go on a ticket.
func (h *handling) takesMail(t tickets.Ticket) bool {
	switch t.Status {
	case tickets.Cancelled:
		return false
	case tickets.Closed:
		return h.taken.At.Sub(t.MovedAt) <= h.Desk.Terms.Reopening()
	}
	return true
}

// thanks are words after which nobody waits for more.
var thanks = regexp.MustCompile(`(?i)^[\s,.!]*(?:(?:ok|bene|perfetto|ottimo|grazie|molte|mille|infinite|tante|risolto|tutto|a posto|funziona|adesso|ora|gentilissim[ioa]|thanks|thank you|solved|great|many|all good|works|now|e|and|it|buona giornata|buon lavoro|cordiali saluti|saluti)[\s,.!]*)+$`)

// join makes a message of a mail. A solved or closed ticket is taken up again,
// unless the mail only says thanks.
func (h *handling) join(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) {
	text := h.message()
	again := t.Status == tickets.Closed || t.Status == tickets.Solved && !thanks.MatchString(h.mail.Text)
	var change tickets.Change
	var err error
	if again {
		change, err = t.Reopen(text, h.Desk.Terms.Reopening(), stamp)
	} else {
		change, err = t.Say(tickets.Message{Text: text, Attachments: h.files, Aside: h.aside(), Channel: Channel}, stamp)
	}
	if err != nil {
		return change, err
	}
	if again { // the move tells the message
		said := &change.Happened[0]
		said.Attachments, said.Channel = h.files, Channel
		said.Aside, _ = privacy.Mask(h.aside())
	}
	h.troubles(&change)
	return h.Desk.Terms.Settle(change), nil
}

// message is the text of a mail as it stands on a ticket that is there.
func (h *handling) message() string {
	text := strings.TrimSpace(h.mail.Text)
	if text == "" {
		if text = h.mail.Subject; text == "" || len(h.files) > 0 {
			text = h.say("intake.body_none", nil)
		}
	}
	return shortened(text, tickets.MaxMessage-200) // masking may lengthen it
}
