package tickets

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Number is how people call a ticket: "2026-004512", the year it was opened in
// and at least six digits. It is never given twice.
type Number string

// NewNumber returns the number of the nth ticket of a year.
func NewNumber(year, nth int) Number { return Number(fmt.Sprintf("%04d-%06d", year, nth)) }

// Ordinal sorts as numbers were given: by year, then by nth. It is 0 for what
// is no number.
func (n Number) Ordinal() int64 {
	var year, nth int64
	if _, err := fmt.Sscanf(string(n), "%d-%d", &year, &nth); err != nil {
		return 0
	}
	return year*1_000_000_000 + nth
}

// In returns the number with this year, if it was written without one.
func (n Number) In(year int) Number {
	if nth, without := strings.CutPrefix(string(n), "0000-"); without {
		return Number(fmt.Sprintf("%04d-%s", year, nth))
	}
	return n
}

// What people call a ticket, and what stands before its number.
const (
	noun  = `\b(?:ticket|richiesta|segnalazione|request)`
	count = `(?:\s+(?:n|nr|num|numero|number|no)\b\.?)?`
)

// WithoutCount takes the number out of "il ticket n. 12", which becomes "il
// ticket ".
func WithoutCount(text string) string { return afterNoun.ReplaceAllString(text, "$1 ") }

// Year and nth of a number as people write it, perhaps without the year.
var (
	fullNumber  = regexp.MustCompile(`(?:^|[^\d/.-])(20\d{2}) ?[-/–.] ?0*([1-9]\d{0,8})(?:[^\d/-]|$)`)
	shortNumber = regexp.MustCompile(`(?i)(?:#|` + noun + count + `[\s:°#]*)0*([1-9]\d{0,8})(?:[^\d/-]|$)`)
	afterNoun   = regexp.MustCompile(`(?i)(` + noun + `)` + count + `[\s:°#]+(?:20\d{2}[-/])?\d{1,9}\b`)
	bareNumber  = regexp.MustCompile(`^\s*0*([1-9]\d{0,8})\s*$`)
)

// ParseNumber finds a ticket's number in what somebody wrote: "2026-004512",
// "2026/4512", "#4512", "il ticket 4512" or the bare "4512". Without a year it
// is one of thisYear; with thisYear 0 it has none until In gives it one.
func ParseNumber(text string, thisYear int) (Number, bool) {
	if m := fullNumber.FindStringSubmatch(text); m != nil {
		return number(m[1], m[2])
	}
	for _, short := range []*regexp.Regexp{shortNumber, bareNumber} {
		if m := short.FindStringSubmatch(text); m != nil {
			return number(strconv.Itoa(thisYear), m[1])
		}
	}
	return "", false
}

func number(year, nth string) (Number, bool) {
	y, err := strconv.Atoi(year)
	if err != nil {
		return "", false
	}
	n, err := strconv.Atoi(nth)
	if err != nil {
		return "", false
	}
	return NewNumber(y, n), true
}
