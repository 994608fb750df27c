package bot

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
)

// UnsubscribePath is where, below the root of the site, one click switches
// optional letters off; the token follows. A POST there does it at once (RFC
// 8058), a GET shows a page that asks: programs that look at links in mails
// must not unsubscribe anybody.
const UnsubscribePath = "/unsubscribe/"

// OptionalMail is all mail that asks nothing of the person.
const OptionalMail = "optional"

// unsubscribeKey names the key that tokens are signed with.
const unsubscribeKey = "unsubscribe"

// Unsubscription is what a link in a letter switches off. It does not expire:
// people keep letters for years.
type Unsubscription struct {
	Person account.PersonID
	Kind   string
}

// Token is u as it stands in an address: nobody without the key can make one.
func (u Unsubscription) Token(key []byte) string {
	told := string(u.Person) + " " + u.Kind
	return encoding.EncodeToString([]byte(told)) + "." + encoding.EncodeToString(u.sign(key))
}

var encoding = base64.RawURLEncoding

func (u Unsubscription) sign(key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("unsubscribe " + string(u.Person) + " " + u.Kind))
	return mac.Sum(nil)
}

// ReadUnsubscription reads a token. It fails with fault.NotFound for one that
// we did not make.
func ReadUnsubscription(token string, key []byte) (Unsubscription, error) {
	refused := fault.New(fault.NotFound, "error.not_found")
	told, signed, cut := strings.Cut(token, ".")
	text, err1 := encoding.DecodeString(told)
	signature, err2 := encoding.DecodeString(signed)
	person, kind, named := strings.Cut(string(text), " ")
	u := Unsubscription{Person: account.PersonID(person), Kind: kind}
	if !cut || err1 != nil || err2 != nil || !named || !hmac.Equal(signature, u.sign(key)) {
		return Unsubscription{}, refused
	}
	return u, nil
}

// Unsubscribe does what the token of a letter says, and returns whose it is.
// Doing it again changes nothing. It fails with fault.NotFound for a token that
// we did not make.
func (a *Announcer) Unsubscribe(ctx context.Context, token string) (person account.Person, err error) {
	defer fault.Wrap(&err, "unsubscribe")
	key, err := a.Store.Key(ctx, unsubscribeKey)
	if err != nil {
		return person, err
	}
	u, err := ReadUnsubscription(token, key)
	if err != nil {
		return person, err
	}
	for range noticeTries {
		if person, err = a.Engine.Accounts.Person(ctx, u.Person); err != nil || person.Preferences.MailOff {
			return person, err
		}
		person.Preferences.MailOff = true
		if err = a.Engine.Accounts.Apply(ctx, account.Change{Person: &person}); !fault.Is(err, fault.Conflict) {
			return person, err
		}
	}
	return person, err
}
