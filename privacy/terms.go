package privacy

import (
	"errors"
	"fmt"
	"time"
)

// Terms are how long things are kept. No law names one for most of them, so
// each is configuration; 0 is for ever.
type Terms struct {
	ChatDays     int `yaml:"chat_days"`     // conversations of nobody we know, after their last word
	LinkedMonths int `yaml:"linked_months"` // conversations of a known person, after their last word
	TicketMonths int `yaml:"ticket_months"` // a ticket's words and people, after it was closed; the figures stay
	LogDays      int `yaml:"log_days"`      // who was written to, and when
	DraftDays    int `yaml:"draft_days"`    // requests on forms that nobody sent, after they were last written
}

// DefaultTerms are our proposal. That for logs is what the Italian authority
// allows for those of staff's mail (document 364 of 6 June 2024).
func DefaultTerms() Terms {
	return Terms{ChatDays: 30, LinkedMonths: 24, TicketMonths: 24, LogDays: 21, DraftDays: 30}
}

// Check tells what is wrong.
func (t Terms) Check() error {
	var errs []error
	for name, value := range map[string]int{
		"chat_days": t.ChatDays, "linked_months": t.LinkedMonths, "ticket_months": t.TicketMonths, "log_days": t.LogDays, "draft_days": t.DraftDays,
	} {
		if value < 0 || value > 36_500 {
			errs = append(errs, fmt.Errorf("retention.%s: %d is no term; 0 is for ever", name, value))
		}
	}
	if t.LogDays > 21 {
		errs = append(errs, fmt.Errorf("retention.log_days: logs of staff's mail are kept for at most 21 days, not %d", t.LogDays))
	}
	return errors.Join(errs...)
}

// Term is one of the terms.
type Term func(Terms) (months, days int)

// The terms, and one of a day for what nobody needs any longer.
var (
	Chats     Term = func(t Terms) (int, int) { return 0, t.ChatDays }
	Linked    Term = func(t Terms) (int, int) { return t.LinkedMonths, 0 }
	Tickets   Term = func(t Terms) (int, int) { return t.TicketMonths, 0 }
	Logs      Term = func(t Terms) (int, int) { return 0, t.LogDays }
	Drafts    Term = func(t Terms) (int, int) { return 0, t.DraftDays }
	Leftovers Term = func(Terms) (int, int) { return 0, 1 }
)

// Cut is when what is older goes; ok is false where nothing ever does.
func (t Terms) Cut(term Term, now time.Time) (cut time.Time, ok bool) {
	months, days := term(t)
	return now.AddDate(0, -months, -days), months+days > 0
}
