package bot

import (
	"slices"
	"strings"

	"sportello/internal/fault"
)

// waits are what the assistant may wait for across a digression.
var waits = []string{"email", "code", "field", "duplicate", "message", "reopen", "close", "score", "suggestion", "which", "step", "about", "category", "request"}

// wrapUp comes back to the form that something else was done beside.
func (t *turn) wrapUp() error {
	if t.conv.Form != nil && t.conv.Asked.What == "" {
		if err := t.askNext(); err != nil {
			return err
		}
	}
	t.offerReply()
	t.leaveWayOut()
	return nil
}

// leaveWayOut sees to it that people can end what is under way by one tap,
// also after they asked something else in between.
func (t *turn) leaveWayOut() {
	if len(t.result.Events) == 0 || t.conv.Form == nil && !slices.Contains(waits, t.conv.Asked.What) || slices.ContainsFunc(t.conv.Choices, leadsOut) {
		return
	}
	last := &t.result.Events[len(t.result.Events)-1]
	if last.Reply == nil {
		return
	}
	reply := *last.Reply // it may be the one of an earlier event, repeated
	reply.Choices = slices.Clone(reply.Choices)
	if t.conv.Asked.What == "step" && t.conv.Form == nil {
		reply.Choices = append(reply.Choices, t.choice("step-here", "choice.step_here"), t.choice("step-stop", "choice.step_stop"))
	} else {
		reply.Choices = append(reply.Choices, t.choice("cancel", "choice.cancel"))
	}
	last.Reply = &reply
	t.conv = t.conv.Fold(Event{Author: Assistant, Reply: &reply})
}

// Awaits reports whether something is being asked for, so that what the person
// says next is its reply: whoever is asked for something is offered a way out.
func (r Reply) Awaits() bool {
	return slices.ContainsFunc(r.Choices, leadsOut) || slices.ContainsFunc(r.Choices, asksReply)
}

// asksReply reports whether a choice is that of a notice with a question.
func asksReply(c Choice) bool {
	of, action, _ := strings.Cut(c.ID, ".")
	return strings.HasPrefix(of, "n") && strings.HasPrefix(action, "reply:")
}

// leadsOut reports whether a choice ends what is under way.
func leadsOut(c Choice) bool {
	_, action, _ := strings.Cut(c.ID, ".")
	return slices.Contains([]string{"cancel", "no", "skip", "resume", "step-stop", "enough"}, action)
}

// awaited takes the message as the answer to what the assistant asked.
func (t *turn) awaited() (bool, error) {
	asked := t.conv.Asked
	switch asked.What {
	case "email":
		return t.takeAddress()
	case "code":
		return t.takeCode()
	case "field":
		return t.takeField(asked.Object)
	case "message":
		return true, t.sendMessage(asked.Object)
	case "reopen":
		return true, t.reopen(asked.Object)
	case "score":
		return t.takeScore()
	case "suggestion":
		return true, t.suggest(asked.Object)
	}
	return false, nil
}

// attachmentsOnly keeps files that came without words: for the form under
// way, or for the ticket that may follow.
func (t *turn) attachmentsOnly() (bool, error) {
	files := t.in.Attachments
	if len(files) == 0 {
		return false, nil
	}
	values := fault.Values{"Count": len(files), "Name": files[0].Name}
	switch {
	case t.conv.Form != nil:
		form := *t.conv.Form
		form.Draft.Attachments = append(form.Draft.Attachments[:len(form.Draft.Attachments):len(form.Draft.Attachments)], files...)
		t.do("attach", "ticket", &Change{Form: &form})
		if t.text != "" {
			return false, nil
		}
		t.say("confirm", "attachment", "bot.attached", values)
		return true, t.resumeForm()
	case t.conv.Asked.What == "message" || len(t.fresh) > 0 && t.in.Choice == "":
		return false, nil // they go with the message
	case t.text != "":
		topic := t.conv.Topic
		topic.Attachments = append(topic.Attachments[:len(topic.Attachments):len(topic.Attachments)], files...)
		t.do("attach", "topic", &Change{Topic: &topic})
		return false, nil
	}
	topic := t.conv.Topic
	topic.Attachments = append(topic.Attachments[:len(topic.Attachments):len(topic.Attachments)], files...)
	offer := []Choice{t.choice("ticket", "choice.ticket")}
	if one, err := t.mine(string(t.conv.Ticket)); err == nil && suits("message", one) && t.person.Known() {
		offer = append([]Choice{t.choice("attach:"+string(one.Number), "choice.attach_ticket", fault.Values{"Count": len(files), "Number": one.Number})}, offer...)
	}
	t.say("confirm", "attachment", "bot.attached_without_ticket", values, offer...)
	t.change(Change{Topic: &topic})
	return true, nil
}
