package telegramtest

import (
	"slices"
	"time"
)

// own is the bot's message that a call names, if it may be changed.
func (d *Double) own(in *request) (*message, *refusal) {
	c, refused := d.chat(in)
	if refused != nil {
		return nil, refused
	}
	m := c.find(in.int("message_id", 0))
	switch {
	case m == nil || m.deleted:
		return nil, badRequest("message to edit not found")
	case m.from != nil:
		return nil, badRequest("message can't be edited")
	}
	return m, nil
}

func (d *Double) editMessageText(in *request) (any, *refusal) {
	m, refused := d.own(in)
	if refused != nil {
		return nil, refused
	}
	if m.file != nil {
		return nil, badRequest("there is no text in the message to edit")
	}
	next := *m
	if next.text, next.entities, refused = formatted(in, "text", "entities", mostText); refused != nil {
		return nil, refused
	}
	if next.text == "" {
		return nil, badRequest("message text is empty")
	}
	return edit(m, &next, in)
}

func (d *Double) editMessageReplyMarkup(in *request) (any, *refusal) {
	m, refused := d.own(in)
	if refused != nil {
		return nil, refused
	}
	next := *m
	return edit(m, &next, in)
}

// edit makes next of m, unless nothing would change.
func edit(m, next *message, in *request) (any, *refusal) {
	next.keyboard = nil
	if refused := next.markup(in); refused != nil {
		return nil, refused
	}
	if next.text == m.text && slices.Equal(next.entities, m.entities) &&
		slices.EqualFunc(next.keyboard, m.keyboard, func(a, b []Button) bool { return slices.Equal(a, b) }) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if next.text != m.text {
		next.before = append(slices.Clone(m.before), m.text)
	}
	next.edited = time.Now()
	*m = *next
	return m.api(), nil
}

func (d *Double) deleteMessage(in *request) (any, *refusal) {
	c, refused := d.chat(in)
	if refused != nil {
		return nil, refused
	}
	m := c.find(in.int("message_id", 0))
	switch {
	case m == nil || m.deleted:
		return nil, badRequest("message to delete not found")
	case m.old || m.from != nil && c.kind != "private": // a bot that is no administrator
		return nil, badRequest("message can't be deleted")
	}
	m.deleted = true
	return true, nil
}
