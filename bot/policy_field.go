package bot

import (
	"slices"
	"strings"

	"sportello/internal/fault"
	"sportello/kb"
	"sportello/search"
	"sportello/tickets"
)

// confirmation is the last question of the form.
const confirmation = "confirm"

// takeField takes words as the answer to a field, unless they ask something
// else that we can answer: then the form waits.
func (t *turn) takeField(id string) (bool, error) {
	if t.conv.Form == nil {
		return false, nil
	}
	if t.digresses(id) {
		return false, nil
	}
	switch {
	case id == tickets.FieldApplication:
		return true, t.takeApplication()
	case id == confirmation:
		t.addToBody()
		t.summarise()
		return true, nil
	case t.optional(id) && (t.intent == Skip || t.intent == No || t.intent == None):
		return true, t.leaveOut(id)
	case t.intent == Skip || t.intent == Yes || t.intent == No:
		return true, t.needField(id)
	}
	return true, t.fill(t.text)
}

// addToBody takes a sentence in the place of a yes or no as something that was
// left out.
func (t *turn) addToBody() {
	if t.intent != "" || len(plainWords(t.text)) < 3 {
		return
	}
	form := *t.conv.Form
	form.Draft.Body = strings.TrimSpace(form.Draft.Body + "\n\n" + t.text)
	t.do("form", tickets.FieldBody, &Change{Form: &form})
}

// needField tells that a field cannot be left out, in reply to "boh" or "ok",
// unless not knowing is one of its answers.
func (t *turn) needField(id string) error {
	field, known := t.field(id)
	if !known {
		return t.noLonger()
	}
	unknown := strings.Join(plainWords(t.Phrases.Say(t.conv.Lang, "choice.unknown", nil)), " ")
	for _, c := range field.Choices {
		if t.intent == Skip && strings.Contains(strings.Join(plainWords(c.Label.In(t.conv.Lang)), " "), unknown) {
			return t.fill(c.ID)
		}
	}
	return t.refuseField(fault.New(fault.Invalid, "form.needed"), field)
}

// field is a field of the request being written.
func (t *turn) field(id string) (tickets.Field, bool) {
	request, _ := t.Catalogue.Request(t.conv.Form.Draft.RequestType)
	return request.Field(id)
}

// digresses reports whether the message asks something else. A description may
// hold questions itself, so it is never taken for one; a subject may be put as
// a question, so it is one only if we know an answer.
func (t *turn) digresses(field string) bool {
	asks := strings.HasSuffix(strings.TrimSpace(t.text), "?")
	if field == tickets.FieldApplication && !asks && t.applicationOf(t.text) != "" {
		return false
	}
	if slices.Contains(digressions, t.intent) && (field != tickets.FieldBody && field != tickets.FieldSubject || len(plainWords(t.text)) <= 2) {
		return true
	}
	if field == tickets.FieldBody || !asks {
		return false
	}
	if field != tickets.FieldSubject || t.asksContacts() {
		return true
	}
	r, err := t.find(t.text)
	return err == nil && (r.Decision == search.Answer || r.Decision == search.Clarify && beginsQuestion(t.text))
}

func beginsQuestion(text string) bool {
	words := plainWords(text)
	return len(words) > 2 && hasAny(words[0], "come", "dove", "quando", "perche", "chi", "quale", "quali", "how", "where", "when", "why", "who", "which", "what")
}

// takeApplication finds the application that the words name, or the article
// that is about it.
func (t *turn) takeApplication() error {
	if a, named := t.Catalogue.FindApplication(t.text); named {
		return t.setApplication(a.ID)
	}
	if t.intent == Yes || t.intent == No {
		return t.anotherApplication()
	}
	topic := t.conv.Topic
	if topic.Question == "" && t.intent == "" {
		topic.Question = t.text
		t.change(Change{Topic: &topic})
	}
	if r, err := t.find(t.text); err == nil && len(r.Hits) > 0 && r.Decision != search.Abstain {
		article, err := t.article(kb.Key{ID: r.Hits[0].ID, Lang: r.Hits[0].Lang})
		if err == nil && article.Application != "" {
			return t.setApplication(article.Application)
		}
	}
	return t.setApplication(otherApplication)
}

// fill puts a value into the field that was asked for.
func (t *turn) fill(value string) error {
	if t.conv.Form == nil || t.conv.Asked.What != "field" {
		return t.noLonger()
	}
	id := t.conv.Asked.Object
	if id == tickets.FieldApplication {
		return t.setApplication(value)
	}
	field, known := t.field(id)
	if !known {
		return t.noLonger()
	}
	form := *t.conv.Form
	if id == tickets.FieldBeneficiary {
		if value == "other" || t.intent == TicketThird {
			form.Third = true
			t.do("form", id, &Change{Form: &form})
			t.askBeneficiary(field)
			return nil
		}
		if form.Third && value != tickets.ForMe { // the name may have come before the address
			value = strings.TrimSpace(form.Person + " " + value)
		}
	}
	if id == tickets.FieldPhone && !telephone.MatchString(value) {
		return t.refuseField(fault.New(fault.Invalid, "form.phone_invalid"), field)
	}
	read, err := field.Read(value, t.conv.Lang, t.now)
	if err != nil {
		return t.refuseValue(err, field, value)
	}
	if read == "" {
		t.askField(field)
		return nil
	}
	form = t.withValue(form, field, read)
	t.do("form", id, &Change{Form: &form})
	return t.askNext()
}

// withValue is a form in which a field has this value, as it was read.
func (t *turn) withValue(form Form, f tickets.Field, read string) Form {
	draft := form.Draft.With(f.ID, read)
	if draft.Beneficiary.Email != "" {
		if who, err := t.Accounts.PersonByEmail(t.ctx, draft.Beneficiary.Email); err == nil {
			draft.Beneficiary.Person = who.ID
		}
	}
	form.Draft, form.Person = draft, ""
	if f.ID == tickets.FieldBeneficiary {
		form.Third = read != tickets.ForMe
	}
	form.Done = append(without(form.Done, f.ID), f.ID)
	return form
}

// fillUnknown notes that the person does not know: the operator need not ask.
func (t *turn) fillUnknown() error {
	return t.fill(t.Phrases.Say(t.conv.Lang, "choice.unknown", nil))
}

func (t *turn) label(f tickets.Field, id string) string {
	c, _ := f.Choice(id)
	return c.Label.In(t.conv.Lang)
}

// refuseValue tells what is wrong with a value. Half of a person is kept until
// the other half comes.
func (t *turn) refuseValue(err error, f tickets.Field, value string) error {
	if phrase, _ := fault.Public(err); f.ID == tickets.FieldBeneficiary {
		form := *t.conv.Form
		form.Third = true
		switch {
		case phrase == "ticket.beneficiary_who":
			form.Person = ""
		case form.Person != "": // it did not fit: what was written last is nearer
			form.Person = t.text
		default:
			form.Person = value
		}
		t.do("form", f.ID, &Change{Form: &form})
	}
	return t.refuseField(err, f)
}

// refuseField tells what is wrong, and offers the field's answers again.
func (t *turn) refuseField(err error, f tickets.Field) error {
	phrase, values := fault.Public(err)
	if phrase == "error.internal" {
		return err
	}
	t.sheets = true
	offer := t.fieldChoices(f)
	t.say("refuse", phrase, phrase, values, slices.Insert(offer, len(offer)-1, t.choice("human", "choice.human"))...)
	return nil
}

// acceptProposal takes the subject, or the description, that we proposed.
func (t *turn) acceptProposal() error {
	if t.conv.Form == nil {
		return t.noLonger()
	}
	switch t.conv.Asked.Object {
	case tickets.FieldSubject:
		return t.fill(t.proposedSubject())
	case tickets.FieldBody:
		return t.fill(t.proposedBody())
	}
	return t.noLonger()
}

// skip leaves out what is not required.
func (t *turn) skip() error {
	switch {
	case t.conv.Asked.What == "suggestion":
		return t.finishRating()
	case t.optional(t.conv.Asked.Object):
		return t.leaveOut(t.conv.Asked.Object)
	}
	return t.noLonger()
}
