// Package contacts knows how the help desk is reached: the phone tree with its
// keys, when somebody answers, holidays included, and the other channels. It
// computes answers; what they are computed from is content (contacts.yaml and
// holidays.yaml), read by Read.
package contacts

import (
	"slices"
	"strings"
	"time"
)

// Book is everything one can dial, write to or open. It does not change after
// it was read, and is safe for concurrent use.
type Book struct {
	Number    string // the toll-free number, as printed
	Portal    string // URL of the portal
	Email     Email
	OfficeKey string   // after this key, callers from an office telephone are connected
	Branches  []Branch // the first keys of the tree

	operators string
	elsewhere []string
	calendar  *calendar
}

// Email is the mail channel.
type Email struct {
	Address       string
	OneWay        bool     // nobody answers by e-mail
	SenderDomains []string // domains of the personal mailboxes it takes mail from
}

// Branch is one place of the phone tree.
type Branch struct {
	Path     string   // the keys that lead here, joined by dots: "1.4"
	Branches []Branch // what the next key chooses among

	label        map[string]string
	applications []string
	topics       []string
	who          []string
	must         []string
	unless       []string
	week         week
	calendar     *calendar
}

// Keys are the keys to press, from the first.
func (b Branch) Keys() []string { return strings.Split(b.Path, ".") }

// Label is the branch's name in lang, as the tree announces it.
func (b Branch) Label(lang string) string { return in(b.label, lang) }

// Dial is the number as a telephone takes it, digits only.
func (b Book) Dial() string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, b.Number)
}

// Branch returns the branch at a path such as "1.4".
func (b Book) Branch(path string) (Branch, bool) {
	for branch := range b.all {
		if branch.Path == path {
			return branch, true
		}
	}
	return Branch{}, false
}

// Operators is the branch whose hours are those of the people who take over
// conversations.
func (b Book) Operators() Branch {
	branch, _ := b.Branch(b.operators) // Read has checked that it exists
	return branch
}

// ForApplication returns the branches that support an application. One that
// the book does not name is supported by the operators' branch; one that is
// supported by somebody else has none.
func (b Book) ForApplication(id string) []Branch {
	if slices.Contains(b.elsewhere, id) {
		return nil
	}
	var found []Branch
	for branch := range b.all {
		if slices.Contains(branch.applications, id) {
			found = append(found, branch)
		}
	}
	if len(found) == 0 {
		return []Branch{b.Operators()}
	}
	return found
}

// all yields every branch, each before those below it.
func (b Book) all(yield func(Branch) bool) {
	var walk func([]Branch) bool
	walk = func(branches []Branch) bool {
		for _, branch := range branches {
			if !yield(branch) || !walk(branch.Branches) {
				return false
			}
		}
		return true
	}
	walk(b.Branches)
}

// Zone is where the hours are meant.
func (b Book) Zone() *time.Location { return b.calendar.zone }

// in chooses a text by language; Italian is always there.
func in(texts map[string]string, lang string) string {
	if text := texts[lang]; text != "" {
		return text
	}
	return texts["it"]
}
