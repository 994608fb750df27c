package bot

import (
	"fmt"
	"slices"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/kb"
	"sportello/search"
	"sportello/tickets"
)

// The guided form asks, before it sends, for what the operator would have to
// ask for afterwards (domain brief, F11–F14 and R4): the application, for whom,
// a subject of keywords, the details, and what the request type needs.

// openForm begins a ticket from what was said so far, or comes back to the one
// that is open.
func (t *turn) openForm() error {
	if t.conv.Form != nil {
		return t.resumeForm()
	}
	topic := t.conv.Topic
	if rest := withoutTicketWords(t.text); topic.Question == "" && len(plainWords(rest)) > 1 && t.conv.Asked.What == "" {
		topic.Question = rest
	}
	form := Form{Draft: tickets.Draft{
		Channel: t.conv.Channel, Conversation: string(t.conv.ID), Attachments: topic.Attachments,
		Office: t.person.Office, Phone: t.person.Phone, Area: t.person.Area,
	}}
	if t.person.Office != "" {
		form.Done = append(form.Done, tickets.FieldOffice)
	}
	if t.person.Phone != "" {
		form.Done = append(form.Done, tickets.FieldPhone)
	}
	t.do("form", "begin", &Change{Form: &form, Topic: &topic})
	return t.askNext()
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
	offer = append(offer, t.choice("guess", "choice.other_application"), t.choice("cancel", "choice.cancel"))
	t.say("ask", "ticket.application", phrase, fault.Values{"Name": guess.Name}, offer...)
	t.change(Change{Asked: &Asked{What: "field", Object: tickets.FieldApplication}})
}

// acceptGuess takes the application by one tap.
func (t *turn) acceptGuess(id string) error {
	if t.conv.Form == nil {
		return t.noLonger()
	}
	if id == "" {
		t.say("ask", "ticket.application", "form.application_other", nil, t.choice("value:"+otherApplication, "choice.no_application"), t.choice("cancel", "choice.cancel"))
		t.change(Change{Asked: &Asked{What: "field", Object: tickets.FieldApplication}})
		return nil
	}
	return t.setApplication(id)
}

// otherApplication stands for what is in no list.
const otherApplication = "other"

// setApplication decides, with the question, the type of the request.
func (t *turn) setApplication(id string) error {
	form := *t.conv.Form
	if id == otherApplication {
		id = ""
	}
	form.Draft.Application = id
	request, found := t.Catalogue.RequestFor(id, t.conv.Topic.Question)
	if !found && len(t.Catalogue.Categories) > 0 {
		last := t.Catalogue.Categories[len(t.Catalogue.Categories)-1]
		request = last.Types[0]
	}
	form.Draft.RequestType = request.ID
	form.Done = append(without(form.Done, tickets.FieldApplication), tickets.FieldApplication)
	t.do("form", "application", &Change{Form: &form})
	if warning := request.Warning.In(t.conv.Lang); warning != "" {
		t.write("warn", "request", quote(warning))
	}
	return t.askNext()
}

func without(list []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == one })
}

// askField asks for one field, and says why.
func (t *turn) askField(f tickets.Field) {
	values := fault.Values{"Question": f.Question.In(t.conv.Lang), "Why": f.Why.In(t.conv.Lang), "Label": f.Label.In(t.conv.Lang)}
	phrase := "form.field"
	var offer []Choice
	switch {
	case f.ID == tickets.FieldSubject:
		phrase = "form.subject"
		values["Proposal"] = t.proposedSubject()
		offer = append(offer, t.choice("accept", "choice.accept"))
	case f.ID == tickets.FieldBody:
		phrase = "form.body"
		if len(plainWords(t.conv.Topic.Question)) >= 4 {
			phrase = "form.body_more"
			values["Said"] = t.conv.Topic.Question
			offer = append(offer, t.choice("accept", "choice.enough"))
		}
	case f.ID == tickets.FieldPhone:
		offer = append(offer, t.choice("skip", "choice.skip"))
	}
	if t.mayBeUnknown(f) {
		offer = append(offer, t.choice("unknown", "choice.unknown"))
	}
	for _, c := range f.Choices {
		offer = append(offer, t.labelled("value:"+c.ID, c.Label.In(t.conv.Lang)))
	}
	offer = append(offer, t.choice("cancel", "choice.cancel"))
	t.say("ask", "ticket."+f.ID, phrase, values, offer...)
	t.change(Change{Asked: &Asked{What: "field", Object: f.ID}})
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

// fillUnknown notes that the person does not know: the operator need not ask.
func (t *turn) fillUnknown() error {
	return t.fill(t.Phrases.Say(t.conv.Lang, "choice.unknown", nil))
}

func (t *turn) proposedSubject() string {
	a, _ := t.Catalogue.Application(t.conv.Form.Draft.Application)
	question := t.conv.Topic.Question
	if question == "" {
		request, _ := t.Catalogue.Request(t.conv.Form.Draft.RequestType)
		question = request.Label.In(t.conv.Lang)
	}
	return tickets.ProposeSubject(a.Title(), question)
}

// takeField takes words as the answer to a field, unless they ask something
// else that we can answer: then the form waits.
func (t *turn) takeField(id string) (bool, error) {
	if t.conv.Form == nil {
		return false, nil
	}
	if t.digresses(id) {
		return false, nil
	}
	if id == tickets.FieldApplication {
		return true, t.takeApplication()
	}
	if id == confirmation {
		t.summarise()
		return true, nil
	}
	return true, t.fill(t.text)
}

// confirmation is the last question of the form.
const confirmation = "confirm"

// digresses reports whether the message asks something else. A description may
// hold questions itself, so it is never taken for one.
func (t *turn) digresses(field string) bool {
	if field == tickets.FieldBody || !strings.HasSuffix(strings.TrimSpace(t.text), "?") {
		return false
	}
	if _, dated := t.Book.ParseDay(t.text, t.now); asksPhone(t.text) || dated && asksOpening(t.text) || t.intent == Hours || t.intent == Phone {
		return true
	}
	r, err := t.find(t.text)
	return err == nil && r.Decision == search.Answer
}

// takeApplication finds the application that the words name, or the article
// that is about it.
func (t *turn) takeApplication() error {
	if a, named := t.Catalogue.FindApplication(t.text); named {
		return t.setApplication(a.ID)
	}
	topic := t.conv.Topic
	if topic.Question == "" {
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
	form := *t.conv.Form
	request, _ := t.Catalogue.Request(form.Draft.RequestType)
	field, known := request.Field(id)
	if !known {
		return t.noLonger()
	}
	if id == tickets.FieldBeneficiary && value == "other" {
		t.say("ask", "ticket.beneficiary.person", "form.beneficiary", nil, t.labelled("value:me", t.label(field, tickets.ForMe)), t.choice("cancel", "choice.cancel"))
		return nil
	}
	if id == tickets.FieldPhone && !telephone.MatchString(value) {
		return t.refuseField(fault.New(fault.Invalid, "form.phone_invalid"), field)
	}
	value, err := field.Read(value, t.conv.Lang, t.now)
	if err != nil {
		return t.refuseField(err, field)
	}
	if value == "" {
		t.askField(field)
		return nil
	}
	draft := form.Draft.With(id, value)
	if draft.Beneficiary.Email != "" {
		if who, err := t.Accounts.PersonByEmail(t.ctx, draft.Beneficiary.Email); err == nil {
			draft.Beneficiary.Person = who.ID
		}
	}
	form.Draft = draft
	form.Done = append(without(form.Done, id), id)
	t.do("form", id, &Change{Form: &form})
	return t.askNext()
}

func (t *turn) label(f tickets.Field, id string) string {
	c, _ := f.Choice(id)
	return c.Label.In(t.conv.Lang)
}

// refuseField tells what is wrong and asks for the field again.
func (t *turn) refuseField(err error, f tickets.Field) error {
	phrase, values := fault.Public(err)
	if phrase == "error.internal" {
		return err
	}
	t.say("refuse", phrase, phrase, values)
	t.askField(f)
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
		return t.fill(t.conv.Topic.Question)
	}
	return t.noLonger()
}

// skip leaves out what is not required.
func (t *turn) skip() error {
	switch {
	case t.conv.Asked.What == "suggestion":
		return t.finishRating()
	case t.conv.Form != nil && t.conv.Asked.Object == tickets.FieldPhone:
		form := *t.conv.Form
		form.Done = append(form.Done, tickets.FieldPhone)
		t.do("form", tickets.FieldPhone, &Change{Form: &form})
		return t.askNext()
	}
	return t.noLonger()
}

// warnDuplicate warns of an open ticket of the same person that looks the same.
func (t *turn) warnDuplicate() (bool, error) {
	form := *t.conv.Form
	form.Warned = true
	mine, err := t.Tickets.Of(t.ctx, t.person.ID, tickets.Filter{})
	if err != nil {
		return false, err
	}
	open := slices.DeleteFunc(mine, func(one tickets.Ticket) bool { return !one.Status.Open() })
	same, found := tickets.Similar(open, form.Draft)
	if !found {
		t.do("form", "checked", &Change{Form: &form})
		return false, nil
	}
	t.say("warn", "duplicate "+string(same.Number), "form.duplicate", fault.Values{"Number": same.Number, "Subject": same.Subject, "Status": t.statusLabel(same.Status)},
		t.choice("duplicate:"+string(same.Number), "choice.add_there"), t.choice("duplicate", "choice.open_anyway"), t.choice("cancel", "choice.cancel")).Reply.Ticket = t.ref(same)
	t.change(Change{Form: &form, Asked: &Asked{What: "duplicate", Object: string(same.Number)}})
	return true, nil
}

// resolveDuplicate goes on with the form, or turns it into a message on the
// ticket that is there already.
func (t *turn) resolveDuplicate(number string) error {
	if t.conv.Form == nil {
		return t.noLonger()
	}
	if number == "" {
		return t.askNext()
	}
	draft := t.conv.Form.Draft
	t.change(Change{NoForm: true})
	same, err := t.mine(number)
	if err != nil {
		return err
	}
	change, err := same.Say(tickets.Message{Text: t.wholeBody(draft), Attachments: draft.Attachments}, t.stamp())
	if err != nil {
		return err
	}
	t.keep(change)
	t.say("message", number, "ticket.chat.message_sent", fault.Values{"Number": same.Number}).Reply.Ticket = t.ref(change.Ticket)
	t.change(Change{NoForm: true, Asked: &Asked{}, Topic: &Topic{}, Ticket: &same.Number})
	return nil
}

// summarise shows the whole ticket before it is sent.
func (t *turn) summarise() {
	form := *t.conv.Form
	request, _ := t.Catalogue.Request(form.Draft.RequestType)
	var lines []string
	line := func(label, value string) {
		if value != "" {
			lines = append(lines, fmt.Sprintf("- **%s:** %s", quote(label), quote(strings.Join(strings.Fields(value), " "))))
		}
	}
	line(t.Phrases.Say(t.conv.Lang, "form.request", nil), request.Label.In(t.conv.Lang))
	for _, f := range request.Fields {
		line(f.Label.In(t.conv.Lang), t.shown(f, form.Draft))
	}
	if n := len(form.Draft.Attachments); n > 0 {
		var names []string
		for _, a := range form.Draft.Attachments {
			names = append(names, a.Name)
		}
		line(t.Phrases.Say(t.conv.Lang, "form.attachments", nil), strings.Join(names, ", "))
	}
	t.say("ask", "ticket.confirm", "form.summary", fault.Values{"Summary": Markdown(strings.Join(lines, "\n"))},
		t.choice("confirm", "choice.send"), t.choice("edit", "choice.edit"), t.choice("cancel", "choice.cancel"))
	t.change(Change{Asked: &Asked{What: "field", Object: confirmation}})
}

// shown is a field's value as people read it.
func (t *turn) shown(f tickets.Field, d tickets.Draft) string {
	value := d.Answer(f.ID)
	if f.ID == tickets.FieldApplication {
		a, _ := t.Catalogue.Application(value)
		return a.Name
	}
	return f.Show(value, t.conv.Lang)
}

// edit asks which field to change, or asks for that field again.
func (t *turn) edit(id string) error {
	if t.conv.Form == nil {
		return t.noLonger()
	}
	form := *t.conv.Form
	request, _ := t.Catalogue.Request(form.Draft.RequestType)
	if id == "" {
		var offer []Choice
		for _, done := range form.Done {
			if f, known := request.Field(done); known && done != tickets.FieldApplication {
				offer = append(offer, t.labelled("edit:"+done, f.Label.In(t.conv.Lang)))
			}
		}
		offer = append(offer, t.choice("edit:"+tickets.FieldApplication, "form.application_label"), t.choice("cancel", "choice.cancel"))
		t.say("ask", "ticket.edit", "form.edit", nil, offer...)
		return nil
	}
	form.Done = without(form.Done, id)
	t.do("form", "edit", &Change{Form: &form})
	if id == tickets.FieldApplication {
		t.askApplication()
		return nil
	}
	return t.askNext()
}

// backInForm takes the last answer back.
func (t *turn) backInForm() error {
	form := *t.conv.Form
	if n := len(form.Done); n > 0 {
		form.Done = form.Done[: n-1 : n-1]
	}
	t.do("form", "back", &Change{Form: &form})
	return t.askNext()
}

// resumeForm comes back to the question that was open.
func (t *turn) resumeForm() error {
	if t.conv.Form == nil {
		return t.noLonger()
	}
	return t.askNext()
}

// noLonger is for choices whose form is gone.
func (t *turn) noLonger() error {
	t.say("stale", "", "error.choice_unknown", nil)
	return nil
}

// sendForm opens the ticket.
func (t *turn) sendForm() error {
	if t.conv.Form == nil || !t.person.Known() {
		return t.noLonger()
	}
	draft := t.conv.Form.Draft
	draft.Body = t.wholeBody(draft)
	number, err := t.Tickets.NextNumber(t.ctx, t.now.In(t.Book.Zone()).Year())
	if err != nil {
		return err
	}
	change, err := tickets.Open(draft, number, t.stamp())
	if err != nil {
		return err
	}
	story, err := t.transcript()
	if err != nil {
		return err
	}
	change.Happened = append(change.Happened, tickets.Event{
		Ticket: change.Ticket.ID, Kind: tickets.KindNote, By: t.person.ID, At: t.now, Text: story,
	})
	t.keep(change)
	t.say("open", string(number), "ticket.chat.opened", fault.Values{"Number": number, "Subject": change.Ticket.Subject},
		t.choice("show:"+string(number), "choice.show_ticket"), t.choice("message:"+string(number), "choice.write_ticket")).Reply.Ticket = t.ref(change.Ticket)
	t.change(Change{NoForm: true, Asked: &Asked{}, Topic: &Topic{}, Ticket: &number})
	return nil
}

// wholeBody is the description with the first question and what was tried, so
// that the operator need not ask.
func (t *turn) wholeBody(d tickets.Draft) string {
	body, topic := d.Body, t.conv.Topic
	if topic.Question != "" && !strings.Contains(body, topic.Question) {
		body += "\n\n" + t.Phrases.Say(t.conv.Lang, "form.question_was", fault.Values{"Question": topic.Question})
	}
	for _, key := range topic.Articles {
		tried := t.Phrases.Say(t.conv.Lang, "form.tried", fault.Values{"Article": key.ID})
		if topic.FailedStep > 0 {
			tried = t.Phrases.Say(t.conv.Lang, "form.tried_step", fault.Values{"Article": key.ID, "Step": topic.FailedStep})
		}
		body += "\n" + tried
	}
	return strings.TrimSpace(body)
}

// transcript is the conversation so far, for whoever works on the ticket.
func (t *turn) transcript() (string, error) {
	const most = 200
	events, err := t.Store.Events(t.ctx, t.conv.ID, max(0, t.in.Seq-most), most)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, e := range events {
		text := e.Text
		if e.Reply != nil {
			text = e.Reply.Markdown
		}
		if text != "" && b.Len() < tickets.MaxMessage/2 {
			fmt.Fprintf(&b, "%s: %s\n", e.Author, text)
		}
	}
	return strings.TrimSpace(b.String()), nil
}

// keep adds a ticket's change to the turn.
func (t *turn) keep(c tickets.Change) { t.result.Tickets = append(t.result.Tickets, c) }

// mine returns a ticket that the person may see.
func (t *turn) mine(number string) (tickets.Ticket, error) {
	found, err := t.Tickets.ByNumber(t.ctx, tickets.Number(number))
	if err == nil && !account.Can(t.person, account.ReadTicket, found.Thing()) {
		err = fault.New(fault.NotFound, "ticket.not_found", fault.Values{"Number": number})
	}
	return found, err
}

// withoutTicketWords leaves of "apri un ticket per la stampante" what it is for.
func withoutTicketWords(text string) string {
	rest := strings.TrimSpace(text)
	for again := true; again; {
		again = false
		for _, words := range openingWords {
			if n := len(words); len(rest) > n && rest[n] == ' ' && strings.EqualFold(rest[:n], words) {
				rest, again = strings.TrimSpace(rest[n:]), true
			}
		}
	}
	return rest
}

// openingWords begin a request for a ticket, before what it is for.
var openingWords = []string{
	"buongiorno", "salve", "per favore", "vorrei", "voglio", "devo", "può", "puo", "puoi", "mi", "aprire", "aprirmi", "aprimi", "apri", "apra",
	"creare", "crea", "segnalare", "un nuovo ticket", "un ticket", "una segnalazione", "una richiesta", "ticket", "per", "perché", "perche", "che",
	"please", "open", "create", "i want to", "i'd like to", "i need to", "can you", "a ticket", "a request", "for", "about", "because",
}

// wantsTicket reports whether a sentence asks for a ticket and says what for.
func wantsTicket(text string) bool {
	return hasAny(text, "aprire", "apri", "aprimi", "apra", "aprite", "aprirmi", "crea", "creare", "open", "create", "raise") &&
		hasAny(text, "ticket", "segnalazione") && !hasAny(text, "come", "how", "dove", "where", "quando", "posso")
}
