package tickets

import (
	"strings"
	"unicode/utf8"

	"sportello/internal/fault"
)

// Problem is one thing that is wrong with a draft, told by a phrase.
type Problem struct {
	Field  string // ID
	Phrase string
	Values fault.Values
}

// Problems is everything that is wrong with a draft. As an error it is
// fault.Invalid and tells people the first of them.
type Problems []Problem

// Error tells the problems to whoever reads the log.
func (p Problems) Error() string {
	var told []string
	for _, one := range p {
		told = append(told, one.Field+": "+one.Phrase)
	}
	return strings.Join(told, "; ")
}

// Unwrap gives the first problem as a failure with its phrase.
func (p Problems) Unwrap() error {
	if len(p) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, p[0].Phrase, p[0].Values)
}

// check says what is wrong with what every ticket has.
func (d Draft) check() Problems {
	var found Problems
	if oneLine(d.Subject) == "" {
		found = append(found, Problem{Field: FieldSubject, Phrase: "ticket.subject_missing"})
	}
	if tooLong(oneLine(d.Subject), MaxSubject) {
		found = append(found, Problem{FieldSubject, "ticket.subject_long", fault.Values{"Max": MaxSubject}})
	}
	if strings.TrimSpace(d.Body) == "" {
		found = append(found, Problem{Field: FieldBody, Phrase: "ticket.body_missing"})
	}
	if tooLong(d.Body, MaxBody) {
		found = append(found, Problem{FieldBody, "ticket.body_long", fault.Values{"Max": MaxBody}})
	}
	return found
}

func (m Message) check() error {
	if m.Text == "" && len(m.Attachments) == 0 {
		return fault.New(fault.Invalid, "ticket.message_missing")
	}
	if tooLong(m.Text, MaxMessage) {
		return tooLongFault("ticket.message_long", MaxMessage)
	}
	return nil
}

func tooLong(text string, limit int) bool { return utf8.RuneCountInString(text) > limit }

func tooLongFault(phrase string, limit int) error {
	return fault.New(fault.TooLarge, phrase, fault.Values{"Max": limit})
}

// oneLine joins the lines of a text and trims it.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
