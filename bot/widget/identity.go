package widget

import (
	"context"

	"sportello/account"
	"sportello/internal/fault"
)

// IdentifyInput carries what a page says of its reader.
type IdentifyInput struct {
	Key
	Body struct {
		Token string `json:"token" minLength:"1" maxLength:"4096"`
	}
}

// identify links a conversation to whoever the page around it vouches for.
func (w *Widget) identify(ctx context.Context, in *IdentifyInput) (*struct{}, error) {
	record, err := w.opened(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	lang := w.langOf(ctx, record)
	if wait := w.limits.Take("send "+in.ID, w.Config.MessagesPerMinute, w.Now()); wait > 0 {
		return nil, w.tooMany(lang, wait)
	}
	vouched, err := w.Signed.Verify(in.Body.Token, w.Now())
	if err != nil {
		w.Log.WarnContext(ctx, "signed identity refused", "conversation", record.ID, "error", err)
		return nil, w.problem(ctx, lang, err)
	}
	person, err := w.Engine.Accounts.PersonByEmail(ctx, vouched.Email)
	if fault.Is(err, fault.NotFound) {
		_, external, refused := w.Engine.Domains.Decide(vouched.Email)
		if refused != nil {
			return nil, w.problem(ctx, lang, refused)
		}
		person = account.NewPerson(vouched.Email, external, lang, w.Now())
		person.Name = vouched.Name
		person, err = w.Engine.Accounts.Admit(ctx, person)
	}
	if err == nil {
		err = w.Engine.Recognise(ctx, record.ID, person, &vouched.Nonce)
	}
	if err != nil {
		return nil, w.problem(ctx, lang, err)
	}
	return nil, nil
}
