package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/tickets"
)

// wrong says what is wrong with single parts of a request.
type wrong tickets.Problems

// Error tells it to whoever reads the log.
func (w wrong) Error() string { return tickets.Problems(w).Error() }

// Unwrap gives it a kind and a phrase.
func (w wrong) Unwrap() error { return fault.New(fault.Invalid, "api.fields_wrong") }

// add notes something wrong with a field.
func (w *wrong) add(field, phrase string, values ...fault.Values) {
	p := tickets.Problem{Field: field, Phrase: phrase}
	if len(values) > 0 {
		p.Values = values[0]
	}
	*w = append(*w, p)
}

// choice notes a value that is none of those admitted.
func choice[T ~string](w *wrong, field string, admitted []T) {
	var all []string
	for _, one := range admitted {
		all = append(all, string(one))
	}
	w.add(field, "api.field_choice", fault.Values{"Values": strings.Join(all, ", ")})
}

// err is w, if anything is wrong.
func (w wrong) err() error {
	if len(w) == 0 {
		return nil
	}
	return w
}

// stale is a change that was decided on another version.
type stale struct{}

func (stale) Error() string { return "the ticket is not the version in If-Match" }

// problem is what programs read of a failure.
func (d *Door) problem(ctx context.Context, lang string, err error) *httpstatus.Problem {
	if errors.As(err, new(stale)) {
		return &httpstatus.Problem{
			Status: http.StatusPreconditionFailed, Title: http.StatusText(http.StatusPreconditionFailed), Type: "urn:sportello:precondition_failed",
			Detail: d.Phrases.Say(lang, "api.changed", nil),
		}
	}
	p := d.problems().Of(ctx, lang, err)
	var found tickets.Problems
	if of, is := errors.AsType[wrong](err); is {
		found = tickets.Problems(of)
	} else if of, is := errors.AsType[tickets.Problems](err); is {
		found, p.Detail = of, d.Phrases.Say(lang, "api.fields_wrong", nil)
	}
	for _, one := range found {
		p.Errors = append(p.Errors, httpstatus.Wrong{Field: one.Field, Detail: d.Phrases.Say(lang, one.Phrase, d.inWords(lang, one.Values))})
	}
	return p
}

// inWords replaces the key of a sort of value by its words.
func (d *Door) inWords(lang string, values fault.Values) fault.Values {
	key, is := values["Type"].(string)
	if !is || !strings.HasPrefix(key, "api.type_") {
		return values
	}
	return fault.Values{"Type": d.Phrases.Say(lang, key, nil)}
}
