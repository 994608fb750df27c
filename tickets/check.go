package tickets

import (
	"maps"
	"slices"
	"strings"
	"time"
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
	if trimmed(d.Body) == "" {
		found = append(found, Problem{Field: FieldBody, Phrase: "ticket.body_missing"})
	}
	if tooLong(d.Body, MaxBody) {
		found = append(found, Problem{FieldBody, "ticket.body_long", fault.Values{"Max": MaxBody}})
	}
	return found
}

// Complete fills in what follows from the rest of a draft: the application from
// the subject, which begins with it by convention (domain brief, F11), the
// request type from the application and the text, the application from the
// request type.
func (c Catalogue) Complete(d Draft) Draft {
	if d.RequestType == "" && d.Application == "" {
		named, _ := c.FindApplication(d.Subject)
		d.Application = named.ID
	}
	if d.RequestType == "" {
		r, _ := c.RequestFor(d.Application, d.Subject+" "+d.Body)
		d.RequestType = r.ID
	}
	if d.Application == "" {
		about := slices.DeleteFunc(slices.Clone(c.Applications), func(a Application) bool { return a.Request != d.RequestType })
		if len(about) == 1 {
			d.Application = about[0].ID
		}
	}
	return d
}

// Missing lists the required fields of a draft's request type that have no
// answer yet, in order.
func (c Catalogue) Missing(d Draft) []Field {
	r, _ := c.Request(d.RequestType)
	return slices.DeleteFunc(slices.Clone(r.Fields), func(f Field) bool { return !f.Required || d.Answer(f.ID) != "" })
}

// Check says everything that is wrong with a draft by its request type, in the
// order of the form. The phrases name fields by their labels in lang.
func (c Catalogue) Check(d Draft, lang string) Problems {
	r, known := c.Request(d.RequestType)
	switch {
	case d.RequestType == "":
		return Problems{{Field: "request_type", Phrase: "ticket.request_type_missing"}}
	case !known:
		return Problems{{Field: "request_type", Phrase: "ticket.request_type_unknown"}}
	}
	found := d.check()
	for _, f := range r.Fields {
		if !slices.ContainsFunc(found, func(p Problem) bool { return p.Field == f.ID }) {
			found = append(found, c.checkField(f, d.Answer(f.ID), lang)...)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.Fields)) {
		if _, own := r.Field(id); !own {
			found = append(found, Problem{id, "ticket.field_unknown", fault.Values{"Label": id}})
		}
	}
	order := func(p Problem) int {
		return slices.IndexFunc(r.Fields, func(f Field) bool { return f.ID == p.Field })
	}
	slices.SortStableFunc(found, func(a, b Problem) int { return order(a) - order(b) })
	return found
}

func (c Catalogue) checkField(f Field, value, lang string) Problems {
	problem := func(phrase string) Problems {
		return Problems{{f.ID, phrase, fault.Values{"Label": f.Label.In(lang), "Max": f.Longest()}}}
	}
	_, choice := f.Choice(value)
	_, errDate := time.Parse(time.DateOnly, value)
	_, application := c.Application(value)
	switch {
	case value == "" && f.Required:
		return problem("ticket.field_missing")
	case value == "":
		return nil
	case tooLong(value, f.Longest()):
		return problem("ticket.field_long")
	case f.Kind == KindChoice && !choice:
		return problem("ticket.field_choice")
	case f.Kind == KindDate && errDate != nil:
		return problem("ticket.field_date")
	case f.Kind == KindApplication && !application:
		return problem("ticket.field_application")
	case f.Kind == KindPerson && value != ForMe:
		if _, err := f.readPerson(value); err != nil {
			phrase, _ := fault.Public(err)
			return problem(phrase)
		}
	}
	return nil
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
