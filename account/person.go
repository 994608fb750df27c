// Package account knows who somebody is and what they may do: persons and
// their roles, the chat identities that belong to a person, the proof of an
// e-mail address by a one-time code, and the one table of rights.
//
// It decides from values and keeps nothing itself; a Store keeps it.
package account

import (
	"crypto/rand"
	"slices"
	"strings"
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

// Person is somebody known by an address: the organisation told it, or they
// confirmed it. The zero Person is a stranger.
type Person struct {
	ID       PersonID
	Email    string // normalised, see Address; unique
	Name     string
	Office   string
	Area     string // area of the phone tree their office belongs to
	Phone    string
	External bool // not of the organisation: a lawyer, for instance
	Shared   bool // no person: a mailbox that several read
	Roles    []Role
	Teams    []string // those an operator works in
	Lang     string   // "it" or "en"
	// Preferences are what they chose themselves.
	Preferences Preferences
	CreatedAt   time.Time
	Version     int // counts changes; 0 is a person that no Store has seen yet
}

// Preferences are how a person wants to hear of what is optional. The zero
// value is everything, at any hour.
type Preferences struct {
	MailOff    bool `json:"mail_off,omitempty"`
	ChatOff    bool `json:"chat_off,omitempty"`
	QuietFrom  int  `json:"quiet_from,omitempty"`  // minute of the day
	QuietUntil int  `json:"quiet_until,omitempty"` // the same as QuietFrom: no quiet hours
}

// Quiet reports whether optional notices wait at this time, which is one of
// the person's own clock. The hours may reach over midnight.
func (p Preferences) Quiet(at time.Time) bool {
	minute := at.Hour()*60 + at.Minute()
	if p.QuietFrom <= p.QuietUntil {
		return p.QuietFrom <= minute && minute < p.QuietUntil
	}
	return minute >= p.QuietFrom || minute < p.QuietUntil
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

// ProviderChannel begins the channel of identities that are none of a chat:
// those by which a provider knows somebody who signs in.
const ProviderChannel = "oidc:"

// Chats are the links of a list that belong to chats, as people unlink them.
func Chats(links []Link) []Link {
	var chats []Link
	for _, l := range links {
		if !strings.HasPrefix(l.Identity.Channel, ProviderChannel) {
			chats = append(chats, l)
		}
	}
	return chats
}
