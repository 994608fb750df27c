package desk

import (
	"slices"
	"strings"

	"sportello/tickets"
)

// question is what may be asked of somebody: a field of the request type that
// has no answer.
type question struct {
	ID       string
	Label    string // for operators
	Text     string // in the language of whoever is asked
	Required bool
	Ticked   bool
}

// draft is what a ticket says, as its form had it.
func draft(t tickets.Ticket) tickets.Draft {
	return tickets.Draft{
		RequestType: t.RequestType, Application: t.Application, Subject: t.Subject, Body: t.Body, ErrorText: t.ErrorText, Since: t.Since,
		Deadline: t.Deadline, Impact: t.Impact, Fields: t.Fields, ForMe: !t.Beneficiary.Other(), Beneficiary: t.Beneficiary, Phone: t.Phone, Office: t.Office,
	}
}

// questions are the fields without an answer, the required ones first.
func (v *visit) questions(t tickets.Ticket, lang string, ticked []string) []question {
	var all []question
	r, _ := v.Desk.Catalogue.Request(t.RequestType)
	d := draft(t)
	for _, f := range r.Fields {
		if d.Answer(f.ID) != "" || f.Kind == tickets.KindFiles && len(t.Attachments) > 0 {
			continue
		}
		text := f.Question.In(lang)
		if text == "" {
			text = f.Label.In(lang)
		}
		all = append(all, question{ID: f.ID, Label: f.Label.In(v.lang), Text: text, Required: f.Required, Ticked: slices.Contains(ticked, f.ID)})
	}
	slices.SortStableFunc(all, func(a, b question) int {
		switch {
		case a.Required == b.Required:
			return 0
		case a.Required:
			return -1
		default:
			return 1
		}
	})
	return all
}

// ask asks what was ticked and what was written.
func (v *visit) ask(f form, t tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	if err := v.meet(t.Author); err != nil {
		return nil, err
	}
	lang := v.langOf(t)
	var lines []string
	for _, q := range v.questions(t, lang, f.Values["missing"]) {
		if q.Ticked {
			lines = append(lines, "- "+q.Text)
		}
	}
	text := f.text("text")
	if len(lines) > 0 {
		text = strings.TrimSpace(text + "\n\n" + v.Phrases.Say(lang, "desk.ask_opening", nil) + "\n" + strings.Join(lines, "\n"))
	}
	return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Ask(text, s) }), nil
}

// langOf is the language of whoever asked, once they were met.
func (v *visit) langOf(t tickets.Ticket) string {
	if lang := v.known[t.Author].Lang; slices.Contains(languages, lang) {
		return lang
	}
	return languages[0]
}
