// Package privacy takes out of free text what must not be kept: passwords,
// PINs, tax codes, bank details, keys, private telephone numbers. Every way in
// calls Mask before anything is stored, indexed, logged or shown.
//
// It errs on the side of masking where a value looks like a secret, and leaves
// ordinary sentences about passwords alone: "la password è scaduta" is what
// people come to say.
package privacy

import (
	"slices"
	"strings"
)

// Kind is a sort of secret.
type Kind string

// The kinds of secret that Mask knows.
const (
	Password Kind = "password"
	Code     Kind = "code" // PIN, PUK, OTP, CVV
	TaxCode  Kind = "tax_code"
	IBAN     Kind = "iban"
	Card     Kind = "card"
	Mobile   Kind = "mobile"
	Key      Kind = "key" // private keys and access tokens
)

// Kinds are all kinds, the gravest first.
var Kinds = []Kind{Password, Code, Key, Card, IBAN, TaxCode, Mobile}

var placeholders = map[Kind]string{
	Password: "‹password›", Code: "‹PIN›", Key: "‹token›", Card: "‹carta›",
	IBAN: "‹IBAN›", TaxCode: "‹codice-fiscale›", Mobile: "‹cellulare›",
}

// Placeholder stands where a secret of this kind was.
func (k Kind) Placeholder() string { return placeholders[k] }

// Phrase is the key of the sentence that tells a person what was taken out, and
// why: "privacy.password".
func (k Kind) Phrase() string { return "privacy." + string(k) }

// Mask returns text with a placeholder for each secret, and the kinds that it
// found, the gravest first, each once. Masking what is masked changes nothing.
// It takes time proportional to the length of the text.
func Mask(text string) (masked string, found []Kind) {
	kinds := map[Kind]bool{}
	// A replacement may uncover what stood beside it; it settles in one or two rounds.
	for range 8 {
		spans := secrets(text)
		if len(spans) == 0 {
			break
		}
		text = replace(text, spans)
		for _, s := range spans {
			kinds[s.kind] = true
		}
	}
	for _, kind := range Kinds {
		if kinds[kind] {
			found = append(found, kind)
		}
	}
	return text, found
}

// span is a secret's place in a text.
type span struct {
	start, end int
	kind       Kind
}

// secrets returns what must go, in order and without overlaps.
func secrets(text string) []span {
	spans := slices.Concat(keys(text), taxCodes(text), told(text))
	if n := digits(text); n >= fewestDigits { // most texts have none of these
		spans = slices.Concat(spans, ibans(text), cards(text), mobiles(text))
	}
	slices.SortStableFunc(spans, func(a, b span) int { return a.start - b.start })
	var apart []span
	for _, s := range spans {
		if last := len(apart) - 1; last >= 0 && s.start < apart[last].end {
			apart[last].end = max(apart[last].end, s.end)
			continue
		}
		apart = append(apart, s)
	}
	return apart
}

// fewestDigits are those of a mobile number; cards and IBANs have more.
const fewestDigits = 9

func digits(text string) (n int) {
	for i := range len(text) {
		if isDigit(text[i]) {
			n++
		}
	}
	return n
}

func replace(text string, spans []span) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.start])
		b.WriteString(s.kind.Placeholder())
		at = s.end
	}
	b.WriteString(text[at:])
	return b.String()
}

func isPlaceholder(token string) bool {
	for _, p := range placeholders {
		if token == p {
			return true
		}
	}
	return false
}
