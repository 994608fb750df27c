package bot

import (
	"regexp"
	"slices"

	"sportello/internal/fault"
	"sportello/tickets"
)

// The service catalogue in a conversation: a category, a request type, then
// its form, asked like any other.

// askCategory offers the categories. Who looks need not be known.
func (t *turn) askCategory() error {
	if t.conv.Form != nil {
		return t.resumeForm()
	}
	var offer []Choice
	for _, c := range t.Catalogue.Categories {
		offer = append(offer, t.labelled("category:"+c.ID, c.Label.In(t.conv.Lang)))
	}
	t.say("ask", "category", "catalogue.ask_category", nil, append(offer, t.choice("cancel", "choice.cancel"))...)
	t.change(Change{Asked: &Asked{What: "category"}})
	return nil
}

// askRequest offers the request types of a category.
func (t *turn) askRequest(id string) error {
	if t.conv.Form != nil {
		return t.resumeForm()
	}
	i := slices.IndexFunc(t.Catalogue.Categories, func(c tickets.Category) bool { return c.ID == id })
	if i < 0 { // the content has changed
		return t.noLonger()
	}
	category := t.Catalogue.Categories[i]
	var offer []Choice
	for _, r := range category.Types {
		offer = append(offer, t.labelled("request:"+r.ID, r.Label.In(t.conv.Lang)))
	}
	offer = append(offer, t.choice("catalogue", "choice.other_category"), t.choice("cancel", "choice.cancel"))
	t.say("ask", "request."+id, "catalogue.ask_request", fault.Values{"Category": category.Label.In(t.conv.Lang)}, offer...)
	t.change(Change{Asked: &Asked{What: "request", Object: id}})
	return nil
}

// openRequest begins the form of a request type.
func (t *turn) openRequest(id string) error {
	if t.conv.Form != nil {
		return t.resumeForm()
	}
	request, known := t.Catalogue.Request(id)
	if !known {
		return t.noLonger()
	}
	form := t.newForm()
	form.Draft.RequestType, form.Chosen, t.sheets = id, true, true
	if f, asks := request.Field(tickets.FieldApplication); !asks || !f.Required {
		a, _ := t.Catalogue.FindApplication(request.Label.In("it"))
		form.Draft.Application = a.ID
		form.Done = append(form.Done, tickets.FieldApplication)
	}
	form.Begun = len(form.Done)
	t.say("form", id, "catalogue.begin", fault.Values{"Request": request.Label.In(t.conv.Lang)})
	t.change(Change{Form: &form, Asked: &Asked{}})
	t.warnRequest(form)
	return t.askNext()
}

// asksRequest finds the request type that somebody asks for outright: one that
// needs an authorisation, for which there is nothing to look up and solve.
func (t *turn) asksRequest() (string, bool) {
	words := plainWords(t.text)
	if t.conv.Form != nil || t.intent != "" || len(words) > 12 || !wantsSomething.MatchString(t.text) || wantsToKnow.MatchString(t.text) {
		return "", false
	}
	request, found := t.Catalogue.RequestFor(t.applicationOf(t.text), t.text)
	authorised := slices.ContainsFunc(request.Fields, func(f tickets.Field) bool {
		return f.Required && (f.ID == fieldAuthoriser || f.ID == fieldOwner)
	})
	return request.ID, found && authorised
}

// The fields of the catalogue that name whoever authorises a request.
const (
	fieldAuthoriser = "authoriser"
	fieldOwner      = "owner"
)

var (
	wantsSomething = regexp.MustCompile(`(?i)^(?:(?:buongiorno|buonasera|salve|ciao|hello|hi|good morning)[,!. ]+)?(?:vorrei|voglio|vorremmo|desidero|mi serve|ci serve|mi servirebbe|chiedo|richiedo|si richiede|devo (?:chiedere|richiedere)|posso (?:chiedere|richiedere)|(?:ho|avrei|abbiamo) bisogno di|richiesta (?:di|per)|i need|we need|i would like|i'd like|i want|i request|i have to request|can i (?:have|request|get)|request for)\b`)
	wantsToKnow    = regexp.MustCompile(`(?i)\?|\b(?:non|come|perch[eé]'?|sapere|capire|aiuto|how|why|not|know|cannot|can't|help|doesn't)\b`)
)

// askOptional asks for what a request from the catalogue may tell besides.
func (t *turn) askOptional() bool {
	form := *t.conv.Form
	request, _ := t.Catalogue.Request(form.Draft.RequestType)
	deadline, known := request.Field(tickets.FieldDeadline)
	if !form.Chosen || !known || form.Has(deadline.ID) {
		return false
	}
	t.askField(deadline)
	return true
}

// optional reports whether a field may be left out.
func (t *turn) optional(id string) bool {
	if t.conv.Form == nil {
		return false
	}
	f, known := t.field(id)
	return known && !f.Required && (id == tickets.FieldPhone || id == tickets.FieldDeadline)
}

// leaveOut goes on without a field.
func (t *turn) leaveOut(id string) error {
	form := *t.conv.Form
	form.Done = append(without(form.Done, id), id)
	t.do("form", id, &Change{Form: &form})
	return t.askNext()
}
