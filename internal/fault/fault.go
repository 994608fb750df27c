// Package fault gives every failure a kind for machines, a phrase for people
// and a chain of causes for whoever reads the log.
//
// The phrase is a key of content/phrases with its values, so that the same
// failure can be told in each language. Only the phrase may be shown to people.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure it is; callers branch on it, pages and the
// API turn it into a status code.
type Kind string

// The kinds. A failure that is none of ours is Internal.
const (
	Internal        Kind = "internal"        // a defect or a broken machine: nothing the person can mend
	Invalid         Kind = "invalid"         // what was sent breaks a rule
	NotFound        Kind = "not_found"       // no such thing, or none that this person may see
	Conflict        Kind = "conflict"        // it has changed meanwhile, or exists already
	Unauthenticated Kind = "unauthenticated" // we do not know who is asking
	Forbidden       Kind = "forbidden"       // we know, and they may not
	TooLarge        Kind = "too_large"       // more bytes or characters than the limit
	TooMany         Kind = "too_many"        // too often in too short a time
	Unavailable     Kind = "unavailable"     // a part we need does not answer now
)

// Values fill the gaps of a phrase.
type Values map[string]any

// Error is a failure with its kind and public phrase.
type Error struct {
	Kind   Kind
	Phrase string // key in content/phrases
	Values Values
	cause  error
}

// New returns a failure of this kind that is told to people by phrase.
func New(kind Kind, phrase string, values ...Values) *Error {
	e := &Error{Kind: kind, Phrase: phrase}
	if len(values) > 0 {
		e.Values = values[0]
	}
	return e
}

// Because returns a copy of e that keeps cause in its chain.
func (e *Error) Because(cause error) *Error {
	copied := *e
	copied.cause = cause
	return &copied
}

// Error tells the failure to whoever reads the log. It is not for people.
func (e *Error) Error() string {
	text := string(e.Kind) + ": " + e.Phrase
	if len(e.Values) > 0 {
		text += fmt.Sprint(" ", map[string]any(e.Values))
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the cause, if one was given.
func (e *Error) Unwrap() error { return e.cause }

// Wrap prepends what was being done to *err, unless *err is nil. It is
// deferred once, at the top of an exported function.
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *err)
	}
}

// KindOf returns the kind of the outermost Error in err's chain, or Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a failure of this kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Public returns the phrase that may be shown to people, with its values. A
// failure without one is told as "error.internal".
func Public(err error) (phrase string, values Values) {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind != Internal {
		return e.Phrase, e.Values
	}
	return "error.internal", nil
}
