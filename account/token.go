package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"sportello/internal/fault"
)

// Scope is what a token lets a program do. What its person may not do, no
// scope allows.
type Scope string

// The scopes.
const (
	TicketsRead   Scope = "tickets:read"
	TicketsWrite  Scope = "tickets:write"
	TicketsActFor Scope = "tickets:act-for" // for other persons, who are told
	ArticlesRead  Scope = "articles:read"
	RatingsWrite  Scope = "ratings:write"
	Webhooks      Scope = "webhooks"
)

// Scopes lists every scope, in the order in which they are shown.
var Scopes = []Scope{TicketsRead, TicketsWrite, TicketsActFor, ArticlesRead, RatingsWrite, Webhooks}

// Token lets a program act as a person. The secret itself is nowhere in it.
type Token struct {
	ID        string
	Person    PersonID
	Name      string // what it is for, in its owner's words
	Scopes    []Scope
	Hash      []byte // of the secret
	CreatedAt time.Time
	UsedAt    time.Time // zero if never; to the minute
	ExpiresAt time.Time // zero if never
	RevokedAt time.Time // zero if it was not
}

// tokenSign begins every secret, so that programs that look for secrets in
// places where none should be know ours.
const tokenSign = "sportello_"

// NewToken returns a token and its secret, which is shown once. A lifetime of
// 0 is for ever. It fails with fault.Invalid without a scope, or with one that
// is none.
func NewToken(person PersonID, name string, scopes []Scope, now time.Time, lifetime time.Duration) (Token, string, error) {
	for _, s := range scopes {
		if !slices.Contains(Scopes, s) {
			return Token{}, "", fault.New(fault.Invalid, "account.scope_unknown", fault.Values{"Scope": string(s)})
		}
	}
	if len(scopes) == 0 {
		return Token{}, "", fault.New(fault.Invalid, "account.scope_none")
	}
	secret := tokenSign + rand.Text() + rand.Text()
	t := Token{ID: rand.Text(), Person: person, Name: name, Scopes: scopes, Hash: hashSecret(secret), CreatedAt: now}
	if lifetime > 0 {
		t.ExpiresAt = now.Add(lifetime)
	}
	return t, secret, nil
}

// hashSecret is for secrets that are random and long: nobody guesses them, so
// it need not be slow.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Open reports whether t may be used now.
func (t Token) Open(now time.Time) bool {
	return t.ID != "" && t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
}

// Allows reports whether t has a scope.
func (t Token) Allows(s Scope) bool { return slices.Contains(t.Scopes, s) }

// TokenStore keeps tokens. What is not there fails with fault.NotFound.
type TokenStore interface {
	// TokenByHash finds a token, open or not, by the hash of its secret.
	TokenByHash(ctx context.Context, hash []byte) (Token, error)

	// Tokens lists a person's, the latest first.
	Tokens(ctx context.Context, person PersonID) ([]Token, error)

	// AddToken keeps a new token.
	AddToken(ctx context.Context, t Token) error

	// TokenUsed notes when a token was used last.
	TokenUsed(ctx context.Context, id string, at time.Time) error

	// RevokeToken closes a token of this person for good; once more changes
	// nothing.
	RevokeToken(ctx context.Context, person PersonID, id string, at time.Time) error
}

// Keyring says who a program is that comes with a token.
type Keyring struct {
	Tokens TokenStore
	People interface {
		Person(ctx context.Context, id PersonID) (Person, error)
	}
	Now func() time.Time
}

// Holder returns the token of a secret and the person it acts as, as they are
// now. Whatever is wrong with the secret, it fails with the same
// fault.Unauthenticated.
func (k *Keyring) Holder(ctx context.Context, secret string) (t Token, p Person, err error) {
	defer fault.Wrap(&err, "look at a token")
	refused := fault.New(fault.Unauthenticated, "account.token_refused")
	if !strings.HasPrefix(secret, tokenSign) {
		return Token{}, Person{}, refused
	}
	now := k.Now()
	t, err = k.Tokens.TokenByHash(ctx, hashSecret(secret))
	if fault.Is(err, fault.NotFound) || err == nil && !t.Open(now) {
		return Token{}, Person{}, refused.Because(err)
	}
	if err != nil {
		return Token{}, Person{}, err
	}
	if p, err = k.People.Person(ctx, t.Person); fault.Is(err, fault.NotFound) {
		return Token{}, Person{}, refused.Because(err)
	} else if err != nil {
		return Token{}, Person{}, err
	}
	if now.Sub(t.UsedAt) >= time.Minute { // not a write for each request
		t.UsedAt = now.Truncate(time.Minute)
		err = k.Tokens.TokenUsed(ctx, t.ID, t.UsedAt)
	}
	return t, p, err
}

// ParseScopes reads scopes as people list them, between commas or spaces.
func ParseScopes(text []string) (scopes []Scope, err error) {
	var wrong []error
	for _, word := range strings.FieldsFunc(strings.Join(text, ","), func(r rune) bool { return r == ',' || r == ' ' }) {
		s := Scope(word)
		if !slices.Contains(Scopes, s) {
			wrong = append(wrong, fault.New(fault.Invalid, "account.scope_unknown", fault.Values{"Scope": word}))
		} else if !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return scopes, errors.Join(wrong...)
}
