package unsubscribe_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/web/unsubscribe"
)

// register keeps one person as a store does: a change of an old version is a
// conflict.
type register struct {
	kept      account.Person
	meanwhile int // how many changes of others come between
	applied   int
}

func (r *register) Person(_ context.Context, id account.PersonID) (account.Person, error) {
	if id != r.kept.ID {
		return account.Person{}, fault.New(fault.NotFound, "account.not_found")
	}
	seen := r.kept
	if r.meanwhile > 0 {
		r.meanwhile--
		r.kept.Version++
	}
	return seen, nil
}

func (r *register) Apply(_ context.Context, c account.Change) error {
	if c.Person.Version != r.kept.Version {
		return fault.New(fault.Conflict, "account.person_changed")
	}
	r.kept, r.applied = *c.Person, r.applied+1
	r.kept.Version++
	return nil
}

var key = bytes.Repeat([]byte{3}, 32)

func optOut(r *register) unsubscribe.OptOut {
	return unsubscribe.OptOut{People: r, Key: func(context.Context) ([]byte, error) { return key, nil }}
}

func TestOptionalMailIsSwitchedOffForGoodAndOnce(t *testing.T) {
	r := &register{kept: account.Person{ID: "p", Email: "anna@giustizia.it", Lang: "en", Name: "Anna"}, meanwhile: 2}
	token := account.Unsubscribe{Key: key}.Sign("p", account.OptionalMail)
	about, err := optOut(r).Read(t.Context(), token)
	if err != nil || about != (unsubscribe.Subscription{Kind: account.OptionalMail, Email: "a•••@giustizia.it", Lang: "en"}) {
		t.Errorf("it is about %+v (%v)", about, err)
	}
	for range 3 {
		if err := optOut(r).Stop(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if !r.kept.Preferences.MailOff || r.applied != 1 || r.kept.Name != "Anna" {
		t.Errorf("%+v after %d changes", r.kept, r.applied)
	}
}

func TestNothingElseIsSwitchedOff(t *testing.T) {
	r := &register{kept: account.Person{ID: "p"}}
	sign := account.Unsubscribe{Key: key}.Sign
	for name, token := range map[string]string{"codes": sign("p", "code"), "somebody unknown": sign("q", account.OptionalMail), "nothing": ""} {
		_, err := optOut(r).Read(t.Context(), token)
		if stop := optOut(r).Stop(t.Context(), token); !fault.Is(err, fault.NotFound) || !fault.Is(stop, fault.NotFound) || r.applied > 0 {
			t.Errorf("%s: %v, %v", name, err, stop)
		}
	}
	r.meanwhile = 100
	if err := optOut(r).Stop(t.Context(), sign("p", account.OptionalMail)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a choice that was never kept ends with %v", err)
	}
	none := unsubscribe.OptOut{People: r, Key: func(context.Context) ([]byte, error) { return nil, errors.New("no disk") }}
	if _, err := none.Read(t.Context(), sign("p", account.OptionalMail)); err == nil || fault.Is(err, fault.NotFound) {
		t.Errorf("without its key a token is %v", err)
	}
}
