package bot

import (
	"fmt"
	"slices"
	"strings"

	"sportello/internal/fault"
	"sportello/tickets"
)

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
		t.choice("duplicate:"+string(same.Number), "choice.add_there"), t.choice("anyway", "choice.open_anyway"), t.choice("cancel", "choice.cancel")).Reply.Ticket = t.ref(same)
	t.change(Change{Form: &form, Asked: &Asked{What: "duplicate", Object: string(same.Number)}})
	return true, nil
}

// openAnyway goes on with the form in spite of the ticket that looks the same.
func (t *turn) openAnyway() error {
	if t.conv.Form == nil {
		return t.noLonger()
	}
	return t.askNext()
}

// resolveDuplicate turns the form into a message on the ticket that is there
// already.
func (t *turn) resolveDuplicate(number string) error {
	if t.conv.Form == nil {
		return t.noLonger()
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
			lines = append(lines, fmt.Sprintf("- **%s:** %s", quote(strings.TrimRight(label, "?")), quote(shortened(value, 600))))
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
	if id == tickets.FieldBeneficiary {
		form.Third = false
	}
	t.do("form", "edit", &Change{Form: &form})
	if id == tickets.FieldApplication {
		t.askApplication()
		return nil
	}
	return t.askNext()
}

// sendForm opens the ticket.
func (t *turn) sendForm() error {
	if t.conv.Form == nil || !t.person.Known() {
		return t.noLonger()
	}
	draft := t.conv.Form.Draft
	draft.Body = t.wholeBody(draft)
	number, err := t.Tickets.NextNumber(t.ctx, t.year())
	if err != nil {
		return err
	}
	about, _ := t.Catalogue.Application(draft.Application)
	change, err := tickets.Open(t.Terms.Route(draft, about, t.person), number, t.stamp())
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
		title := key.ID
		if article, err := t.article(key); err == nil {
			title = article.Title
		}
		tried := t.Phrases.Say(t.conv.Lang, "form.tried", fault.Values{"Article": title})
		if topic.FailedStep > 0 {
			tried = t.Phrases.Say(t.conv.Lang, "form.tried_step", fault.Values{"Article": title, "Step": topic.FailedStep})
		}
		body += "\n" + tried
	}
	return strings.TrimSpace(body)
}

// transcript is the conversation since the last ticket was opened, for whoever
// works on this one. Of a long one the end is what matters.
func (t *turn) transcript() (string, error) {
	const most = 200
	events, err := t.Store.Events(t.ctx, t.conv.ID, max(0, t.in.Seq-most), most)
	if err != nil {
		return "", err
	}
	var lines []string
	size := 0
	for _, e := range slices.Backward(events) {
		text := e.Said()
		if size += len(text); e.Act == "open" || size > tickets.MaxMessage/2 {
			break
		}
		if text != "" {
			lines = append(lines, string(e.Author)+": "+text)
		}
	}
	slices.Reverse(lines)
	return strings.Join(lines, "\n"), nil
}

// keep adds a ticket's change to the turn, with what follows from it.
func (t *turn) keep(c tickets.Change) {
	t.result.Tickets = append(t.result.Tickets, t.Terms.Settle(c))
}
