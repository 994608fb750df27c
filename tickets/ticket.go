// Package tickets holds the requests that somebody has to work on: what one
// says and how it came in, who has to do with it, how it may move, and the
// catalogue of what can be asked for.
//
// Rules are methods on values. They check the right and the move, and return a
// Change: the ticket as it becomes, and what happened. Whoever called keeps the
// Change in a Store, alone or in the same transaction as a conversation's turn.
package tickets

import (
	"time"

	"sportello/account"
)

// ID names a ticket for machines. People use its Number.
type ID string

// Ticket is one request.
type Ticket struct {
	ID     ID
	Number Number
	Status Status

	RequestType string // ID of the catalogue
	Application string // ID of the catalogue, may be empty
	Subject     string
	Body        string
	ErrorText   string            // the exact text of the error
	Since       string            // when it began, in the person's words
	Deadline    string            // what has to be done by when, in the person's words
	Impact      Impact            // may be empty
	Urgency     Urgency           // may be empty
	Priority    Priority          // follows from impact and urgency, see Terms.Settle
	Fields      map[string]string // the request type's own fields, by ID
	Attachments []Attachment      // of the request; messages have their own

	Author      account.PersonID
	Beneficiary Beneficiary
	Proposed    Beneficiary // whom a mail seems to be about, until an operator decides
	Observers   []account.PersonID
	Phone       string
	Office      string
	Area        string           // of the phone tree
	Team        string           // ID of the terms
	Assignee    account.PersonID // the operator who works on it, if any

	Channel      string // it came in by
	Conversation string // it was opened from, if any

	OpenedAt time.Time
	MovedAt  time.Time     // of the last change of status
	DueAt    time.Time     // when the help desk wants to have solved it; zero while its clock stands
	Left     time.Duration // working time that was left when the clock stopped; below zero if it was late
	WakeAt   time.Time     // when the service itself has something to do about it, zero if never
	Rating   *Rating
	Links    []Link
	Version  int // counts changes, from 1
}

// Beneficiary is whom help is asked for; zero means the author.
type Beneficiary struct {
	Name   string           `json:"name,omitempty"`
	Email  string           `json:"email,omitempty"`
	Person account.PersonID `json:"person,omitempty"` // where the address is somebody's we know
}

// Other reports whether help is asked for somebody other than the author.
func (b Beneficiary) Other() bool { return b != Beneficiary{} }

// Impact says who is affected.
type Impact string

// The impacts.
const (
	Me     Impact = "me"
	Office Impact = "office"
	Site   Impact = "site"
)

// Attachment is a file that was kept elsewhere.
type Attachment struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// Rating is what somebody thinks of the service they got.
type Rating struct {
	Score      int       `json:"score"` // 1 to 5
	Suggestion string    `json:"suggestion,omitempty"`
	At         time.Time `json:"at"`
}

// Kind says what sort of thing happened to a ticket.
type Kind string

// The kinds.
const (
	KindOpened   Kind = "opened"
	KindMoved    Kind = "moved"
	KindMessage  Kind = "message" // a message that everybody on the ticket sees
	KindNote     Kind = "note"    // seen by operators only
	KindRated    Kind = "rated"
	KindChanged  Kind = "changed"  // a field, such as the team
	KindAttached Kind = "attached" // files without a message
	KindLinked   Kind = "linked"   // to another ticket, or no longer
	KindWarned   Kind = "warned"   // it will be closed at WakeAt
	KindReminded Kind = "reminded" // it still waits for an answer
)

// Event is one line of a ticket's history.
type Event struct {
	Seq         int64 // its place in the feed of all happenings, given by the Store
	Ticket      ID
	Kind        Kind
	By          account.PersonID // empty: the service itself
	At          time.Time
	Public      bool
	Text        string
	From, To    Status // of a move
	Field       string // that was changed, see the Changed constants
	Old, New    string // what it was and is; a link's other ticket and sort
	Aside       string // what was set aside of a mail: quotations, signature, disclaimer
	Channel     string // a message came by, where it is not the page of the ticket
	Attachments []Attachment
}

// Change is a ticket as it becomes and what happened to it. Its Version is one
// more than that of the ticket it started from.
type Change struct {
	Key      string // idempotency key: the same key again does nothing
	Ticket   Ticket
	Happened []Event
}

// Thing describes t to account.Can.
func (t Ticket) Thing() account.Thing {
	return account.Thing{Author: t.Author, Beneficiary: t.Beneficiary.Person, Observers: t.Observers}
}

// People lists everybody who has t in their list, each once.
func (t Ticket) People() []account.PersonID {
	var people []account.PersonID
	seen := map[account.PersonID]bool{"": true}
	for _, id := range append([]account.PersonID{t.Author, t.Beneficiary.Person}, t.Observers...) {
		if !seen[id] {
			seen[id] = true
			people = append(people, id)
		}
	}
	return people
}
