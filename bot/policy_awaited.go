package bot

import (
	"sportello/internal/fault"
)

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
	case t.conv.Asked.What == "message":
		return false, nil // they go with the message
	case t.text != "":
		topic := t.conv.Topic
		topic.Attachments = append(topic.Attachments[:len(topic.Attachments):len(topic.Attachments)], files...)
		t.do("attach", "topic", &Change{Topic: &topic})
		return false, nil
	}
	topic := t.conv.Topic
	topic.Attachments = append(topic.Attachments[:len(topic.Attachments):len(topic.Attachments)], files...)
	t.say("confirm", "attachment", "bot.attached_without_ticket", values, t.choice("ticket", "choice.ticket"))
	t.change(Change{Topic: &topic})
	return true, nil
}
