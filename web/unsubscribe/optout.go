package unsubscribe

import (
	"context"

	"sportello/account"
	"sportello/internal/fault"
)

// People are those whose letters can be switched off, as account.Store keeps
// them.
type People interface {
	Person(ctx context.Context, id account.PersonID) (account.Person, error)
	Apply(ctx context.Context, c account.Change) error
}

// OptOut keeps the choice with the person.
type OptOut struct {
	People People
	Key    func(context.Context) ([]byte, error) // what tokens are signed with
}

var _ Preferences = OptOut{}

// mostTries is how often a choice is made again that somebody else's change of
// the same person came between.
const mostTries = 5

// Read implements Preferences.
func (o OptOut) Read(ctx context.Context, token string) (s Subscription, err error) {
	defer fault.Wrap(&err, "read who unsubscribes")
	person, kind, err := o.whose(ctx, token)
	return Subscription{Kind: kind, Email: account.Masked(person.Email), Lang: person.Lang}, err
}

// Stop implements Preferences.
func (o OptOut) Stop(ctx context.Context, token string) (err error) {
	defer fault.Wrap(&err, "unsubscribe")
	for range mostTries {
		person, _, err := o.whose(ctx, token)
		if err != nil || person.Preferences.MailOff {
			return err
		}
		person.Preferences.MailOff = true
		if err = o.People.Apply(ctx, account.Change{Person: &person}); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return fault.New(fault.Conflict, "account.person_changed")
}

func (o OptOut) whose(ctx context.Context, token string) (person account.Person, kind string, err error) {
	key, err := o.Key(ctx)
	if err != nil {
		return person, "", err
	}
	id, kind, err := account.Unsubscribe{Key: key}.Verify(token)
	if err != nil {
		return person, "", err
	}
	unknown := fault.New(fault.NotFound, "account.unsubscribe_unknown")
	if kind != account.OptionalMail {
		return person, "", unknown
	}
	person, err = o.People.Person(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return person, "", unknown.Because(err)
	}
	return person, kind, err
}
