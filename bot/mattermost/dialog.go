package mattermost

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// What a form of the server can be.
const (
	longestLabel = model.DialogElementDisplayNameMaxLength
	longestHelp  = model.DialogElementHelpTextMaxLength
	longestText  = model.DialogElementTextMaxLength
	longestArea  = model.DialogElementTextareaMaxLength
	mostRadios   = 5 // more choices are a menu
)

// formTime is how long a form may lie open.
const formTime = 2 * time.Hour

// form is one that was opened, as it comes back.
type form struct {
	conversation bot.ConversationID
	user         string
	id           string
	expires      time.Time
}

// state is what a form carries. Its user sees it, and cannot change it.
func (s signer) state(f form) string {
	parts := []string{string(f.conversation), f.user, f.id, strconv.FormatInt(f.expires.Unix(), 10)}
	return strings.Join(append(parts, s.mac(append([]string{"dialog"}, parts...)...)), " ")
}

// form reads a state. It fails with fault.Forbidden for what we did not make.
func (s signer) form(state string) (f form, err error) {
	parts := strings.Split(state, " ")
	if len(parts) != 5 || subtle.ConstantTimeCompare([]byte(parts[4]), []byte(s.mac(append([]string{"dialog"}, parts[:4]...)...))) != 1 {
		return f, fault.New(fault.Forbidden, "error.choice_unknown")
	}
	seconds, err := strconv.ParseInt(parts[3], 10, 64)
	return form{bot.ConversationID(parts[0]), parts[1], parts[2], time.Unix(seconds, 0)}, err
}

// openSheet shows the form under way.
func (b *Callbacks) openSheet(ctx context.Context, conv bot.Conversation, tap Tap, call model.PostActionIntegrationRequest) (answer model.PostActionIntegrationResponse, err error) {
	sheet, err := b.Engine.Sheet(ctx, conv.ID)
	if isRefusal(err) && conv.Form == nil {
		return b.closed(ctx, conv.Lang, tap, call.PostId)
	}
	if isRefusal(err) { // not now
		phrase, values := fault.Public(err)
		answer.EphemeralText = b.Phrases.Say(conv.Lang, phrase, values)
		return answer, nil
	}
	if err != nil {
		return answer, err
	}
	k, err := b.client(ctx)
	if err != nil {
		return answer, err
	}
	dialog := b.dialog(sheet)
	dialog.State = b.sign.state(form{conv.ID, call.UserId, rand.Text(), b.Now().Add(formTime)})
	response, err := k.OpenInteractiveDialog(ctx, model.OpenDialogRequest{TriggerId: call.TriggerId, URL: b.Config.CallbackURL + b.sign.path("dialog"), Dialog: dialog})
	if err := failed(response, err); err != nil {
		b.Log.WarnContext(ctx, "form not opened", "conversation", conv.ID, "error", err)
		answer.EphemeralText = b.Phrases.Say(conv.Lang, "mattermost.form_fails", nil)
	}
	return answer, nil
}

// dialog is a sheet as a form of the server.
func (b *Callbacks) dialog(sheet bot.Sheet) model.Dialog {
	d := model.Dialog{
		CallbackId: "ticket", Title: clipped(sheet.Title, model.DialogTitleMaxLength), IntroductionText: plain(sheet.Notice),
		SubmitLabel: b.Phrases.Say(sheet.Lang, "mattermost.form_submit", nil),
	}
	for _, f := range sheet.Fields {
		if e, fits := element(f); fits {
			d.Elements = append(d.Elements, e)
		}
	}
	return d
}

// element is a field of a form. One whose value is too long for the server is
// left out: the conversation asks for it. What only some applications need may be
// left empty as far as the server is concerned: we know once we know which.
func element(f bot.SheetField) (model.DialogElement, bool) {
	e := model.DialogElement{
		DisplayName: clipped(f.Label, longestLabel), Name: f.ID, HelpText: clipped(f.Help, longestHelp), Optional: !f.Required || f.Own, Default: f.Value, MaxLength: f.Max,
	}
	if e.HelpText == "" && e.DisplayName != f.Label {
		e.HelpText = clipped(f.Label, longestHelp)
	}
	switch f.Kind {
	case bot.SheetPick:
		e.Type, e.MaxLength = "select", 0
		if len(f.Choices) <= mostRadios {
			e.Type = "radio"
		}
		for _, c := range f.Choices {
			e.Options = append(e.Options, &model.PostActionOptions{Text: c.Label, Value: c.ID})
		}
	case bot.SheetLines:
		e.Type, e.MaxLength = "textarea", min(f.Max, longestArea)
	default:
		e.Type, e.MaxLength = "text", min(f.Max, longestText)
		if f.ID == bot.SheetPhone {
			e.SubType = "tel"
		}
	}
	return e, f.Kind == bot.SheetPick || len(e.Default) <= e.MaxLength
}

// clipped shortens a text to so many bytes.
func clipped(text string, most int) string {
	const dots = "…"
	if len(text) <= most {
		return text
	}
	for text = text[:most-len(dots)]; !utf8.ValidString(text); {
		text = text[:len(text)-1]
	}
	return strings.TrimRight(text, " ,;:") + dots
}

// submitted takes a form that was filled in. What is wrong is told at its field.
func (b *Callbacks) submitted(ctx context.Context, call model.SubmitDialogRequest) (answer model.SubmitDialogResponse, err error) {
	defer fault.Wrap(&err, "take a form")
	f, err := b.sign.form(call.State)
	if err == nil && f.user != call.UserId {
		err = fault.New(fault.Forbidden, "mattermost.not_yours")
	}
	if err != nil || call.Cancelled {
		return answer, err
	}
	conv, err := b.Engine.Conversation(ctx, f.conversation)
	if err != nil {
		return answer, err
	}
	var many bool
	if answer.Error, many = b.tooMany(call.UserId, conv.Lang); many {
		return answer, nil
	}
	if conv.Identity.PlatformID != call.UserId || b.Now().After(f.expires) {
		answer.Error = b.Phrases.Say(conv.Lang, "error.choice_unknown", nil)
		return answer, nil
	}
	in := bot.Inbound{Conversation: conv.ID, Channel: Name, ID: "dialog " + f.id, Fields: b.values(ctx, conv.ID, call.Submission)}
	_, wrong, err := b.Engine.Fill(ctx, in)
	if isRefusal(err) {
		phrase, values := fault.Public(err)
		answer.Error = b.Phrases.Say(conv.Lang, phrase, values)
		return answer, nil
	}
	for _, one := range wrong {
		if answer.Errors == nil {
			answer.Errors = map[string]string{}
		}
		answer.Errors[one.Field] = b.Phrases.Say(conv.Lang, one.Phrase, one.Values)
	}
	return answer, err
}

// values are what a form says of its fields; one that was left empty may be
// missing in what the server sends.
func (b *Callbacks) values(ctx context.Context, id bot.ConversationID, submission map[string]any) map[string]string {
	values := map[string]string{}
	if sheet, err := b.Engine.Sheet(ctx, id); err == nil {
		for _, f := range sheet.Fields {
			if _, shown := element(f); shown {
				values[f.ID] = ""
			}
		}
	}
	for name, value := range submission {
		switch v := value.(type) {
		case nil:
			values[name] = ""
		case string:
			values[name] = v
		default:
			values[name] = fmt.Sprint(v)
		}
	}
	return values
}
