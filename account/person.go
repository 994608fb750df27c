// Package account knows who somebody is and what they may do: persons and
// their roles, the chat identities that belong to a person, the proof of an
// e-mail address by a one-time code, and the one table of rights.
//
// It decides from values and keeps nothing itself; a Store keeps it.
package account

import (
	"crypto/rand"
	"slices"
	"time"
)

// PersonID names a person for ever. It tells nothing about them.
type PersonID string

// Role is a duty a person has. Everybody with an account is a User; the other
// roles add to it, and none includes another.
type Role string

// The roles.
const (
	User          Role = "user"          // asks, and has tickets
	Operator      Role = "operator"      // works on tickets and conversations
	Editor        Role = "editor"        // writes articles
	Reviewer      Role = "reviewer"      // publishes and archives them
	Manager       Role = "manager"       // sees how the service does, in sums
	Administrator Role = "administrator" // keeps accounts and the installation
)

// Roles lists every role, in the order in which they are shown.
var Roles = []Role{User, Operator, Editor, Reviewer, Manager, Administrator}

// Person is somebody whose address was confirmed. The zero Person is a
// stranger.
type Person struct {
	ID        PersonID
	Email     string // normalised, see Address; unique
	Name      string
	Office    string
	Area      string // area of the phone tree their office belongs to
	Phone     string
	External  bool // not of the organisation: a lawyer, for instance
	Roles     []Role
	Lang      string // "it" or "en"
	CreatedAt time.Time
	Version   int // counts changes; 0 is a person that no Store has seen yet
}

// NewPerson returns a person with a new ID and the role of a user. The email
// is one that Domains.Decide returned.
func NewPerson(email string, external bool, lang string, now time.Time) Person {
	return Person{
		ID: PersonID(rand.Text()), Email: email, External: external,
		Roles: []Role{User}, Lang: lang, CreatedAt: now,
	}
}

// Known reports whether p is somebody we know, not a stranger.
func (p Person) Known() bool { return p.ID != "" }

// Has reports whether p has this role.
func (p Person) Has(role Role) bool { return p.Known() && slices.Contains(p.Roles, role) }

// Called is how p is shown to others: the name, or the address without one.
func (p Person) Called() string {
	if p.Name != "" {
		return p.Name
	}
	return p.Email
}

// Identity is somebody as a channel sees them. A person may have several.
type Identity struct {
	Channel    string // "widget", "telegram", …
	PlatformID string // the channel's own ID of them
}

// Link says that an identity belongs to a person, since when.
type Link struct {
	Identity Identity
	Person   PersonID
	At       time.Time
}
