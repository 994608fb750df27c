package bot

import (
	"slices"
	"strings"

	"sportello/internal/fault"
	"sportello/tickets"
)

// A channel that can show a form offers it beside the questions. What comes
// back fills the same form, by the same rules; the questions go on with what
// is still missing, and end with the same summary.

// other is the answer to "for whom?" that names somebody else.
const other = "other"

// offersSheet reports whether the form can be shown at once, now.
func (t *turn) offersSheet() bool { return t.sheets && t.Channels[t.conv.Channel].Forms }

// sheetChoice is the choice that opens the form, if the channel can show it.
func (t *turn) sheetChoice() []Choice {
	if !t.offersSheet() {
		return nil
	}
	return []Choice{t.choice("sheet", "choice.sheet")}
}

// openSheet is for whoever types out the choice: a form opens by a tap only.
func (t *turn) openSheet() error {
	if t.conv.Form == nil {
		return t.noLonger()
	}
	t.say("help", "sheet", "form.sheet_tap", nil)
	return t.resumeForm()
}

// sheet is the form with all that it asks for.
func (t *turn) sheet() Sheet {
	form := *t.conv.Form
	if guess := t.subjectApplication(); guess != "" && !form.Chosen && !form.Has(tickets.FieldApplication) {
		form = t.withApplication(form, guess) // what follows from it is proposed with it
		t.conv.Form = &form
	}
	request := t.sheetRequest(form)
	s := Sheet{Lang: t.conv.Lang, Title: request.Label.In(t.conv.Lang), Notice: request.Warning.In(t.conv.Lang)}
	if !form.Chosen {
		s.Fields = append(s.Fields, t.sheetApplication(true))
	}
	for _, f := range sheetFields(request, form) {
		switch {
		case f.ID == tickets.FieldApplication:
			if form.Chosen {
				s.Fields = append(s.Fields, t.sheetApplication(false))
			}
		case f.ID == tickets.FieldBeneficiary:
			s.Fields = append(s.Fields, t.sheetPerson(f)...)
		default:
			field := t.sheetField(f)
			field.Own = !form.Chosen && !slices.Contains(commonFields, f.ID)
			s.Fields = append(s.Fields, field)
		}
	}
	return s
}

// commonFields are those that every request has.
var commonFields = []string{
	tickets.FieldBeneficiary, tickets.FieldOffice, tickets.FieldPhone, tickets.FieldSubject, tickets.FieldBody, tickets.FieldError,
	tickets.FieldAttachments, tickets.FieldSince, tickets.FieldImpact, tickets.FieldDeadline,
}

// sheetRequest is the type of the request, or the one that it will be of if the
// application is the one that the question seems to be about.
func (t *turn) sheetRequest(form Form) tickets.RequestType {
	if request, known := t.Catalogue.Request(form.Draft.RequestType); known {
		return request
	}
	return t.requestFor(t.subjectApplication())
}

// sheetFields are those that a conversation asks for, in the order in which it
// does.
func sheetFields(request tickets.RequestType, form Form) (fields []tickets.Field) {
	for _, f := range request.Fields {
		optional := f.ID == tickets.FieldPhone || f.ID == tickets.FieldDeadline && form.Chosen
		if f.Kind != tickets.KindFiles && (f.Required || optional) {
			fields = append(fields, f)
		}
	}
	last := func(f tickets.Field) int {
		if f.Required {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(fields, func(a, b tickets.Field) int { return last(a) - last(b) })
	return fields
}

func (t *turn) sheetField(f tickets.Field) SheetField {
	field := SheetField{
		ID: f.ID, Label: f.Label.In(t.conv.Lang), Help: f.Question.In(t.conv.Lang), Kind: f.Kind, Required: f.Required, Max: f.Longest(),
		Value: t.conv.Form.Draft.Answer(f.ID),
	}
	for _, c := range f.Choices {
		field.Choices = append(field.Choices, Choice{ID: c.ID, Label: c.Label.In(t.conv.Lang)})
	}
	switch {
	case f.ID == tickets.FieldSubject:
		field.Value = t.proposedSubject()
	case f.ID == tickets.FieldBody:
		field.Value = t.proposedBody()
	case f.Kind == tickets.KindDate:
		field.Value = f.Show(field.Value, t.conv.Lang)
	case t.mayBeUnknown(f):
		field.Help += " " + t.Phrases.Say(t.conv.Lang, "form.sheet_unknown", nil)
	}
	return field
}

// sheetApplication offers what the request may be about; if it
// may be about none of them, that as well.
func (t *turn) sheetApplication(none bool) SheetField {
	field := SheetField{
		ID: tickets.FieldApplication, Label: t.Phrases.Say(t.conv.Lang, "form.application_label", nil), Kind: tickets.KindChoice, Required: true,
		Value: t.conv.Form.Draft.Application,
	}
	if none {
		field.Choices = append(field.Choices, Choice{ID: otherApplication, Label: t.Phrases.Say(t.conv.Lang, "choice.no_application", nil)})
	}
	for _, a := range t.Catalogue.Applications {
		field.Choices = append(field.Choices, Choice{ID: a.ID, Label: a.Name})
	}
	switch {
	case field.Value != "":
	case none && t.conv.Form.Has(tickets.FieldApplication):
		field.Value = otherApplication
	}
	return field
}

// sheetPerson asks for whom in two fields: oneself or not, and who.
func (t *turn) sheetPerson(f tickets.Field) []SheetField {
	form := t.conv.Form
	whom := t.sheetField(f)
	whom.Kind, whom.Value = tickets.KindChoice, ""
	who := SheetField{
		ID: SheetPerson, Label: t.Phrases.Say(t.conv.Lang, "form.sheet_person", nil), Help: t.Phrases.Say(t.conv.Lang, "form.sheet_person_help", nil),
		Kind: tickets.KindText, Max: f.Longest(), Value: form.Person,
	}
	switch known := form.Draft.Beneficiary.String(); {
	case known != "":
		whom.Value, who.Value = other, known
	case form.Third:
		whom.Value = other
	case form.Draft.ForMe:
		whom.Value = tickets.ForMe
	}
	return []SheetField{whom, who}
}

// fillSheet puts the values of a sheet into the form, and tells what is wrong
// with them.
func (t *turn) fillSheet(values map[string]string) (Form, []Wrong) {
	form := *t.conv.Form
	var wrong []Wrong
	refuse := func(field string, err error) {
		phrase, values := fault.Public(err)
		wrong = append(wrong, Wrong{Field: field, Phrase: phrase, Values: values})
	}
	request := t.sheetRequest(form)
	if application, given := values[tickets.FieldApplication]; given || !form.Chosen {
		switch _, known := t.Catalogue.Application(application); {
		case known || application == otherApplication && !form.Chosen:
			form = t.withApplication(form, application)
			request = t.sheetRequest(form)
		case application == "":
			refuse(tickets.FieldApplication, fault.New(fault.Invalid, "ticket.field_missing", fault.Values{"Label": t.Phrases.Say(t.conv.Lang, "form.application_label", nil)}))
		default:
			refuse(tickets.FieldApplication, fault.New(fault.Invalid, "ticket.field_application"))
		}
	}
	for _, f := range sheetFields(request, form) {
		value, given := values[f.ID]
		if !given || f.ID == tickets.FieldApplication {
			continue // it was not asked for; it will be
		}
		at := f.ID
		if f.ID == tickets.FieldBeneficiary {
			if value, at = whom(value, strings.TrimSpace(values[SheetPerson])); value == other {
				refuse(at, fault.New(fault.Invalid, "ticket.beneficiary_who"))
				continue
			}
		}
		read, err := t.readSheet(f, value)
		if err != nil {
			refuse(at, err)
			continue
		}
		form = t.withValue(form, f, read)
	}
	return form, wrong
}

// whom is the answer to "for whom?" of two fields, and the field to mend if it
// is none.
func whom(chosen, person string) (value, field string) {
	switch {
	case chosen == tickets.ForMe && person == "":
		return tickets.ForMe, tickets.FieldBeneficiary
	case person == "" && chosen == "":
		return "", tickets.FieldBeneficiary
	case person == "":
		return other, SheetPerson
	}
	return person, SheetPerson // who is named is meant, whatever was chosen
}

// readSheet reads the value of a field as if it had been asked for.
func (t *turn) readSheet(f tickets.Field, value string) (string, error) {
	if f.ID == tickets.FieldPhone && value != "" && !telephone.MatchString(value) {
		return "", fault.New(fault.Invalid, "form.phone_invalid")
	}
	read, err := f.Read(value, t.conv.Lang, t.now)
	if err == nil && read == "" && f.Required {
		err = fault.New(fault.Invalid, "ticket.field_missing", fault.Values{"Label": f.Label.In(t.conv.Lang)})
	}
	return read, err
}

// toldSheet tells what was filled in, for whoever reads the conversation.
func (t *turn) toldSheet(form Form) string {
	const most = 200
	return t.Phrases.Say(t.conv.Lang, "form.sheet_told", fault.Values{"Subject": shortened(form.Draft.Subject, most)})
}

// takeSheet takes the form that was filled in at once.
func (t *turn) takeSheet() (bool, error) {
	if len(t.in.Fields) == 0 {
		return false, nil
	}
	if t.conv.Form == nil { // it was sent, or given up, meanwhile
		return true, t.noLonger()
	}
	t.text, t.intent, t.sheets = "", "", true
	before := t.conv.Form.Draft.RequestType
	form, wrong := t.fillSheet(t.in.Fields)
	t.do("form", "sheet", &Change{Form: &form, Asked: &Asked{}})
	if len(wrong) > 0 { // the content has changed since it was checked
		if f, known := t.field(wrong[0].Field); known {
			t.change(Change{Asked: &Asked{What: "field", Object: f.ID}})
			return true, t.refuseField(fault.New(fault.Invalid, wrong[0].Phrase, wrong[0].Values), f)
		}
	}
	if form.Draft.RequestType != before {
		t.warnRequest(form)
	}
	return true, t.askNext()
}
