package bot

import (
	"slices"

	"sportello/internal/fault"
	"sportello/tickets"
)

// The guided form asks, before it sends, for what the operator would have to
// ask for afterwards (domain brief, F11–F14 and R4): the application, for whom,
// a subject of keywords, the details, and what the request type needs.

// openForm begins a ticket from what was said so far, or comes back to the one
// that is open. It is for somebody else if third.
func (t *turn) openForm(third bool) error {
	if t.conv.Form != nil {
		return t.resumeForm()
	}
	topic := t.conv.Topic
	if rest := withoutTicketWords(t.text); topic.Question == "" && t.intent == "" && !third && len(plainWords(rest)) > 1 && t.conv.Asked.What == "" {
		topic.Question = rest
	}
	form := t.newForm()
	form.Third, t.sheets = third, true
	t.do("form", "begin", &Change{Form: &form, Topic: &topic})
	return t.askNext()
}

// newForm is a form with what is known of the person.
func (t *turn) newForm() Form {
	form := Form{Draft: tickets.Draft{
		Channel: t.conv.Channel, Conversation: string(t.conv.ID), Attachments: t.conv.Topic.Attachments,
		Office: t.person.Office, Phone: t.person.Phone, Area: t.person.Area,
	}, Owner: t.person.ID}
	if t.person.Office != "" {
		form.Done = append(form.Done, tickets.FieldOffice)
	}
	if t.person.Phone != "" {
		form.Done = append(form.Done, tickets.FieldPhone)
	}
	return form
}

// askNext asks for the first thing that is still missing.
func (t *turn) askNext() error {
	form := *t.conv.Form
	if !form.Has(tickets.FieldApplication) {
		t.askApplication()
		return nil
	}
	request, _ := t.Catalogue.Request(form.Draft.RequestType)
	for _, ask := range request.Asks(t.conv.Lang) {
		if !form.Has(ask.Field.ID) {
			t.askField(ask.Field)
			return nil
		}
	}
	if phone, known := request.Field(tickets.FieldPhone); known && !form.Has(tickets.FieldPhone) {
		t.askField(phone)
		return nil
	}
	if t.askOptional() {
		return nil
	}
	if !form.Warned {
		if warned, err := t.warnDuplicate(); warned || err != nil {
			return err
		}
	}
	t.summarise()
	return nil
}

// askApplication offers the application that the question seems to be about.
func (t *turn) askApplication() {
	var offer []Choice
	guess, known := t.Catalogue.Application(t.subjectApplication())
	phrase := "form.application"
	if known {
		phrase = "form.application_guess"
		offer = append(offer, t.choice("guess:"+guess.ID, "choice.yes_named", fault.Values{"Name": guess.Name}))
	}
	for _, key := range t.conv.Topic.Others {
		article, err := t.article(key)
		if err != nil {
			continue
		}
		a, named := t.Catalogue.Application(article.Application)
		if named && a.ID != guess.ID && len(offer) < 4 && !slices.ContainsFunc(offer, func(c Choice) bool { return c.Label == a.Name }) {
			offer = append(offer, t.labelled("guess:"+a.ID, a.Name))
		}
	}
	if len(offer) > 0 {
		offer = append(offer, t.choice("another", "choice.other_application"))
	}
	offer = append(offer, t.choice("guess:"+otherApplication, "choice.no_application"))
	offer = append(append(offer, t.sheetChoice()...), t.choice("cancel", "choice.cancel"))
	t.say("ask", "ticket.application", phrase, fault.Values{"Name": guess.Name}, offer...)
	t.change(Change{Asked: &Asked{What: "field", Object: tickets.FieldApplication}})
}

// anotherApplication asks for the one that was not guessed.
func (t *turn) anotherApplication() error {
	if t.conv.Form == nil {
		return t.noLonger()
	}
	t.say("ask", "ticket.application", "form.application_other", nil, t.choice("guess:"+otherApplication, "choice.no_application"), t.choice("cancel", "choice.cancel"))
	t.change(Change{Asked: &Asked{What: "field", Object: tickets.FieldApplication}})
	return nil
}

// acceptGuess takes the application by one tap.
func (t *turn) acceptGuess(id string) error {
	if t.conv.Form == nil {
		return t.noLonger()
	}
	return t.setApplication(id)
}

// otherApplication stands for what is in no list.
const otherApplication = "other"

// setApplication decides, with the question, the type of the request.
func (t *turn) setApplication(id string) error {
	form := t.withApplication(*t.conv.Form, id)
	t.do("form", "application", &Change{Form: &form})
	if !form.Chosen {
		t.warnRequest(form)
	}
	return t.askNext()
}

// warnRequest tells what is to be known before anything is asked.
func (t *turn) warnRequest(form Form) {
	request, _ := t.Catalogue.Request(form.Draft.RequestType)
	if warning := request.Warning.In(t.conv.Lang); warning != "" {
		t.write("warn", "request", quote(warning))
	}
}

// withApplication is a form about this application, which decides its type
// unless that was chosen.
func (t *turn) withApplication(form Form, id string) Form {
	if id == otherApplication {
		id = ""
	}
	form.Draft.Application = id
	if !form.Chosen {
		form.Draft.RequestType = t.requestFor(id).ID
	}
	form.Done = append(without(form.Done, tickets.FieldApplication), tickets.FieldApplication)
	return form
}

// requestFor is the type of a request about an application, as far as the
// question tells.
func (t *turn) requestFor(application string) tickets.RequestType {
	request, found := t.Catalogue.RequestFor(application, t.conv.Topic.Question)
	if !found && len(t.Catalogue.Categories) > 0 {
		last := t.Catalogue.Categories[len(t.Catalogue.Categories)-1]
		request = last.Types[0]
	}
	return request
}

func without(list []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == one })
}

// askField asks for one field, and says why.
func (t *turn) askField(f tickets.Field) {
	if f.ID == tickets.FieldBeneficiary && t.conv.Form.Third {
		t.askBeneficiary(f)
		return
	}
	phrase := "form.field"
	values := fault.Values{"Question": f.Question.In(t.conv.Lang), "Why": f.Why.In(t.conv.Lang), "Label": f.Label.In(t.conv.Lang)}
	switch {
	case f.ID == tickets.FieldSubject:
		phrase = "form.subject"
		values["Proposal"] = t.proposedSubject()
	case f.ID == tickets.FieldBody:
		phrase = "form.body"
		if said := t.proposedBody(); said != "" {
			phrase = "form.body_more"
			values["Said"] = shortened(said, 240)
		}
	}
	t.say("ask", "ticket."+f.ID, phrase, values, t.fieldChoices(f)...)
	t.change(Change{Asked: &Asked{What: "field", Object: f.ID}})
}

// fieldChoices are the answers to a field that one tap gives, and the way out.
func (t *turn) fieldChoices(f tickets.Field) []Choice {
	var offer []Choice
	switch {
	case f.ID == tickets.FieldSubject:
		offer = append(offer, t.choice("accept", "choice.accept"))
	case f.ID == tickets.FieldBody && t.proposedBody() != "":
		offer = append(offer, t.choice("accept", "choice.enough"))
	case t.optional(f.ID):
		offer = append(offer, t.choice("skip", "choice.skip"))
	case f.ID == tickets.FieldBeneficiary && t.conv.Form.Third:
		return slices.Concat([]Choice{t.labelled("value:"+tickets.ForMe, t.label(f, tickets.ForMe))}, t.sheetChoice(), []Choice{t.choice("cancel", "choice.cancel")})
	case t.mayBeUnknown(f):
		offer = append(offer, t.choice("unknown", "choice.unknown"))
	}
	for _, c := range f.Choices {
		offer = append(offer, t.labelled("value:"+c.ID, c.Label.In(t.conv.Lang)))
	}
	return append(append(offer, t.sheetChoice()...), t.choice("cancel", "choice.cancel"))
}

// askBeneficiary asks who the other person is.
func (t *turn) askBeneficiary(f tickets.Field) {
	t.say("ask", "ticket.beneficiary.person", "form.beneficiary", nil, t.fieldChoices(f)...)
	t.change(Change{Asked: &Asked{What: "field", Object: tickets.FieldBeneficiary}})
}

// mayBeUnknown reports whether the person may not know the answer: a request
// type asks for it, and it is nothing that they decide themselves.
func (t *turn) mayBeUnknown(f tickets.Field) bool {
	switch f.ID {
	case tickets.FieldBeneficiary, tickets.FieldOffice, tickets.FieldSubject, tickets.FieldBody, tickets.FieldImpact, tickets.FieldPhone:
		return false
	}
	return f.Kind == tickets.KindText || f.Kind == tickets.KindLong
}

// proposedSubject is the subject written before, or one made of the question.
func (t *turn) proposedSubject() string {
	if subject := t.conv.Form.Draft.Subject; subject != "" {
		return subject
	}
	a, _ := t.Catalogue.Application(t.conv.Form.Draft.Application)
	if subject := tickets.ProposeSubject(a.Title(), t.conv.Topic.Question); subject != "" && t.conv.Topic.Question != "" {
		return subject
	}
	request, _ := t.Catalogue.Request(t.conv.Form.Draft.RequestType)
	return tickets.ProposeSubject(a.Title(), request.Label.In(t.conv.Lang))
}

// proposedBody is the description written before, or the question if it tells
// enough to be one.
func (t *turn) proposedBody() string {
	if body := t.conv.Form.Draft.Body; body != "" {
		return body
	}
	if len(plainWords(t.conv.Topic.Question)) >= 4 {
		return t.conv.Topic.Question
	}
	return ""
}

// backInForm takes the last answer back.
func (t *turn) backInForm() error {
	form := *t.conv.Form
	if form.Chosen && len(form.Done) <= form.Begun { // before the first question there is the choice
		t.change(Change{NoForm: true, Asked: &Asked{}})
		request, _ := t.Catalogue.Request(form.Draft.RequestType)
		return t.askRequest(request.Category)
	}
	within := form.Third && t.conv.Asked.Object == tickets.FieldBeneficiary // between "for whom?" and "who?"
	if n := len(form.Done); n > 0 && !within {
		form.Done = form.Done[: n-1 : n-1]
	}
	if !form.Has(tickets.FieldBeneficiary) {
		form.Third, form.Person = false, ""
	}
	t.do("form", "back", &Change{Form: &form})
	return t.askNext()
}

// resumeForm comes back to the question that was open.
func (t *turn) resumeForm() error {
	if t.conv.Form == nil && t.conv.Shelf != nil {
		shelved := *t.conv.Shelf
		t.do("form", "resume", &Change{Form: &shelved.Form, Topic: &shelved.Topic})
	}
	if t.conv.Form == nil {
		return t.noLonger()
	}
	t.sheets = true
	return t.askNext()
}

// noLonger is for choices whose form is gone.
func (t *turn) noLonger() error {
	t.say("stale", "", "error.choice_unknown", nil)
	return nil
}
