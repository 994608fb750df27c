package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
)

// Receipt acknowledges a message.
type Receipt struct {
	Seq   int64
	Fresh bool // false: the channel had delivered it before

	Masked []string // kinds of secrets that were taken out of what an operator said
}

// Receive masks a message, stores it and acknowledges it. The answer follows
// by itself, in the order of the messages; Wait and Watch tell when. It fails
// with fault.Invalid for text that is empty, unreadable or too long, and for a
// choice that cannot be taken (any more); with fault.NotFound if there is no
// such conversation.
func (e *Engine) Receive(ctx context.Context, in Inbound) (r Receipt, err error) {
	defer fault.Wrap(&err, "receive a message in conversation %s", in.Conversation)
	conv, err := e.Conversation(ctx, in.Conversation)
	if err != nil {
		return r, err
	}
	said := Event{At: e.Now(), Author: User, Inbound: in.ID, Attachments: in.Attachments}
	said.Afresh = e.afresh(conv, said.At)
	if in.Continue != "" {
		said.Continue, said.Text = hashPassage(in.Continue), e.Phrases.Say(conv.Lang, "elsewhere.go_on", nil)
	} else if in.Choice != "" {
		label, open := conv.label(in.Choice)
		if !open {
			return e.receivedBefore(ctx, in)
		}
		said.Choice, said.Text = in.Choice, label
	} else if err := checkText(in); err != nil {
		return r, err
	} else {
		said.Text = mask(conv.Asked, strings.TrimSpace(in.Text), &said)
		said.noteMaskedNames()
	}
	return e.admit(ctx, in, said)
}

// afresh reports whether a conversation was silent for so long that it may be
// somebody else who speaks now.
func (e *Engine) afresh(conv Conversation, now time.Time) bool {
	return e.TrustFor > 0 && !e.traits(conv).Personal && !conv.SaidAt.IsZero() && now.Sub(conv.SaidAt) > e.TrustFor
}

// admit stores what a person said and sees to it that it is answered.
func (e *Engine) admit(ctx context.Context, in Inbound, said Event) (r Receipt, err error) {
	if r.Seq, r.Fresh, err = e.Store.Receive(ctx, in, said); err != nil {
		return r, err
	}
	if r.Fresh {
		e.schedule(in.Conversation)
		e.changed(in.Conversation, nil)
	}
	return r, nil
}

// Attach keeps a file for a message to mention. Secrets in its name are masked
// like those in a text. It fails with fault.TooLarge once a conversation has
// as many files, or bytes, as one may have.
func (e *Engine) Attach(ctx context.Context, id ConversationID, file Attachment) (_ Attachment, err error) {
	defer fault.Wrap(&err, "attach a file to conversation %s", id)
	if err := e.MayAttach(ctx, id, file.Size); err != nil {
		return file, err
	}
	file.Name, _ = privacy.Mask(file.Name)
	return file, e.Store.Attach(ctx, id, file)
}

// MayAttach fails with fault.TooLarge if a conversation may not have one more
// file of this size.
func (e *Engine) MayAttach(ctx context.Context, id ConversationID, size int64) error {
	files, bytes, err := e.Store.Attached(ctx, id)
	if err == nil && (files >= MaxKept || bytes+size > MaxKeptBytes) {
		err = fault.New(fault.TooLarge, "error.too_many_files", fault.Values{"Most": MaxKept, "Megabytes": MaxKeptBytes >> 20})
	}
	return err
}

// noteMaskedNames remembers which secrets were masked in the names of files.
func (e *Event) noteMaskedNames() {
	for _, kind := range privacy.Kinds {
		inName := func(a Attachment) bool { return strings.Contains(a.Name, kind.Placeholder()) }
		if slices.ContainsFunc(e.Attachments, inName) && !slices.Contains(e.Masked, string(kind)) {
			e.Masked = append(e.Masked, string(kind))
		}
	}
}

// mask takes secrets out of a text. What was asked for is none: the one-time
// code, of which only the digits are kept, and the number to call back.
func mask(asked Asked, text string, said *Event) string {
	if code, found := account.FindCode(text); found && asked.What == "code" {
		return code
	}
	if asked == (Asked{What: "field", Object: tickets.FieldPhone}) && telephone.MatchString(text) {
		return text
	}
	masked, found := privacy.Mask(text)
	for _, kind := range found {
		said.Masked = append(said.Masked, string(kind))
	}
	return masked
}

var telephone = regexp.MustCompile(`^[+\d][\d ./-]{4,24}$`)

// receivedBefore answers for a choice that is not open: if this very message
// came before it was acknowledged, else nobody can take that choice.
func (e *Engine) receivedBefore(ctx context.Context, in Inbound) (Receipt, error) {
	seq, err := e.Store.Received(ctx, in)
	if fault.Is(err, fault.NotFound) {
		return Receipt{}, fault.New(fault.Invalid, "error.choice_unknown")
	}
	return Receipt{Seq: seq}, err
}

func checkText(in Inbound) error {
	switch n := utf8.RuneCountInString(in.Text); {
	case len(in.Attachments) > MaxAttachments:
		return fault.New(fault.Invalid, "error.too_many_attachments", fault.Values{"Most": MaxAttachments})
	case n > MaxText:
		return fault.New(fault.TooLarge, "error.text_too_long", fault.Values{"Most": MaxText})
	case !utf8.ValidString(in.Text) || strings.ContainsFunc(in.Text, unreadable):
		return fault.New(fault.Invalid, "error.text_binary")
	case strings.TrimSpace(in.Text) == "" && len(in.Attachments) == 0:
		return fault.New(fault.Invalid, "error.text_empty")
	}
	return nil
}

func unreadable(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || r == unicode.ReplacementChar
}

// label returns the label of a choice that may be taken now: one of the last
// reply's, or of a notice that was not acted upon.
func (c Conversation) label(choice string) (string, bool) {
	named := func(list []Choice) (string, bool) {
		i := slices.IndexFunc(list, func(one Choice) bool { return one.ID == choice })
		if i < 0 {
			return "", false
		}
		return list[i].Label, true
	}
	for _, h := range c.Heard {
		if label, open := named(h.Reply.Choices); open {
			return label, true
		}
	}
	return named(c.Choices)
}
