package bot

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
)

// Sheet is the form under way in a conversation, with all its fields at once,
// for channels that can show a form.
type Sheet struct {
	Lang   string
	Title  string // what is asked for
	Notice string // to be read before, may be empty
	Fields []SheetField
}

// SheetField is one field of a Sheet. Its labels are in the language of the
// conversation, plain text.
type SheetField struct {
	ID       string
	Label    string
	Help     string
	Kind     tickets.FieldKind // SheetLine, SheetLines, SheetPick or SheetDay
	Required bool
	Own      bool // of the application that is proposed: another one may not ask for it
	Max      int  // characters
	Choices  []Choice
	Value    string // what is known already; of a choice, its ID
}

// Wrong is a field of a sheet with a value that cannot be taken, told by a
// phrase.
type Wrong struct {
	Field  string
	Phrase string
	Values fault.Values
}

// The kinds of the fields of a sheet.
const (
	SheetLine  = tickets.KindText
	SheetLines = tickets.KindLong
	SheetPick  = tickets.KindChoice
	SheetDay   = tickets.KindDate
)

// SheetPhone is the field of the number to call back.
const SheetPhone = tickets.FieldPhone

// SheetPerson is the field of a sheet for whom help is asked, if that is
// somebody else.
const SheetPerson = "beneficiary.person"

// OpensSheet reports whether a choice stands for the form at once: a channel
// opens it, with Engine.Sheet, instead of taking the choice.
func OpensSheet(choice string) bool {
	_, action, _ := strings.Cut(choice, ".")
	return action == "sheet"
}

// fillable fails with fault.Invalid if there is no form that can be filled in
// at once now. What is said while operators have the floor is for them.
func (c Conversation) fillable() error {
	switch {
	case c.Form == nil:
		return fault.New(fault.Invalid, "error.choice_unknown")
	case c.Operated():
		return fault.New(fault.Invalid, "form.sheet_operated")
	}
	return nil
}

// Sheet returns the form under way. It fails with fault.Invalid if there is
// none (any more), or if operators have the floor.
func (e *Engine) Sheet(ctx context.Context, id ConversationID) (s Sheet, err error) {
	defer fault.Wrap(&err, "show the form of conversation %s", id)
	conv, err := e.Conversation(ctx, id)
	if err != nil {
		return s, err
	}
	if err := conv.fillable(); err != nil {
		return s, err
	}
	return newTurn(ctx, e, conv, Event{Seq: conv.Seq}).sheet(), nil
}

// Fill takes the fields of a form that was filled in at once, by their IDs. If
// some of them cannot be taken it says which, and stores nothing; what is not
// a field of the sheet is passed over. Otherwise it is like Receive. It fails
// with fault.Invalid where Sheet does.
func (e *Engine) Fill(ctx context.Context, in Inbound) (r Receipt, wrong []Wrong, err error) {
	defer fault.Wrap(&err, "fill in the form of conversation %s", in.Conversation)
	if seq, err := e.Store.Received(ctx, in); err == nil {
		return Receipt{Seq: seq}, nil, nil
	} else if !fault.Is(err, fault.NotFound) {
		return r, nil, err
	}
	conv, err := e.Conversation(ctx, in.Conversation)
	if err != nil {
		return r, nil, err
	}
	if err := conv.fillable(); err != nil {
		return r, nil, err
	}
	said := Event{At: e.Now(), Author: User, Inbound: in.ID, Attachments: in.Attachments, Fields: map[string]string{}}
	said.Afresh = e.afresh(conv, said.At)
	for id, value := range in.Fields {
		if !utf8.ValidString(value) || strings.ContainsFunc(value, unreadable) {
			wrong = append(wrong, Wrong{Field: id, Phrase: "error.text_binary"})
			continue
		}
		said.Fields[id] = maskField(id, strings.TrimSpace(value), &said)
	}
	if len(wrong) > 0 {
		return r, wrong, nil
	}
	t := newTurn(ctx, e, conv, said)
	form, wrong := t.fillSheet(said.Fields)
	if len(wrong) > 0 {
		return r, wrong, nil
	}
	said.Text = t.toldSheet(form)
	r, err = e.admit(ctx, in, said)
	return r, nil, err
}

// maskField takes secrets out of the value of a field; a number to call back is
// none where it is asked for.
func maskField(id, value string, said *Event) string {
	if id == tickets.FieldPhone && telephone.MatchString(value) {
		return value
	}
	masked, found := privacy.Mask(value)
	for _, kind := range found {
		if !slices.Contains(said.Masked, string(kind)) {
			said.Masked = append(said.Masked, string(kind))
		}
	}
	return masked
}
