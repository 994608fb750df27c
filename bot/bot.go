// Package bot holds the conversation: what comes in, what the assistant makes
// of it, and what goes out again.
//
// A conversation is its list of Events; what the assistant knows of it is a
// fold over them. A channel translates a platform's message to an Inbound and
// hands it to Engine.Receive, which masks secrets, stores the rest and only
// then acknowledges. A worker then takes one turn: the policies look at the
// message in order, the first that is sure of itself acts, and the events, the
// changes of tickets and accounts and the letters to send are committed
// together or not at all. Channels that show a conversation read its events;
// channels that must be sent to are served by the Courier.
//
// No policy knows a channel.
package bot

import (
	"time"

	"sportello/account"
	"sportello/tickets"
)

// ConversationID names a conversation for ever.
type ConversationID string

// Inbound is a message as a channel received it. Either Text or Choice is
// set, or Continue, or there are attachments.
type Inbound struct {
	Conversation ConversationID
	Channel      string
	ID           string // the platform's own, unique within the channel: a second copy is a no-op
	Text         string
	Choice       string // ID of a choice that was offered
	Attachments  []Attachment
	Fields       map[string]string // of a form that was filled in at once, for Engine.Fill
	Continue     string            // a code that continues another conversation here
}

// Attachment is a file that was kept before the message that mentions it.
type Attachment = tickets.Attachment

// Limits of what one message may hold.
const (
	MaxText        = 10_000    // characters
	MaxAttachments = 5         // of one message
	MaxKept        = 20        // files of one conversation
	MaxKeptBytes   = 100 << 20 // of them together
)

// Author says who speaks.
type Author string

// The authors.
const (
	User      Author = "user"
	Assistant Author = "bot"
	Operator  Author = "operator"
	System    Author = "system"
)

// Reply is what the assistant says in one message.
type Reply struct {
	Markdown string     `json:"markdown"` // CommonMark; the channel renders it
	Choices  []Choice   `json:"choices,omitempty"`
	Links    []Link     `json:"links,omitempty"`
	Sources  []Source   `json:"sources,omitempty"`
	Ticket   *TicketRef `json:"ticket,omitempty"`
}

// Choice is an answer that one tap gives.
type Choice struct {
	ID    string `json:"id"`
	Label string `json:"label"` // plain text
}

// Link is an address that one tap opens.
type Link struct {
	Label string `json:"label"` // plain text
	URL   string `json:"url"`
}

// Source is an article that a reply quotes.
type Source struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URL   string `json:"url"` // of its page: whole where the site has an address, else below its root
}

// TicketRef names a ticket that a reply is about.
type TicketRef struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Status string `json:"status"`
}

// Event is something that happened in a conversation: somebody said
// something, or the assistant did something. Events are never changed.
type Event struct {
	Seq    int64     `json:"-"` // 1, 2, 3 … within the conversation
	At     time.Time `json:"-"`
	Author Author    `json:"author"`

	// What a person said.
	Text        string       `json:"text,omitempty"`   // secrets masked
	Choice      string       `json:"choice,omitempty"` // ID of the choice taken; Text is then its label
	Inbound     string       `json:"inbound,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Masked      []string     `json:"masked,omitempty"` // kinds of secrets that were taken out
	Afresh      bool         `json:"afresh,omitempty"` // after so long a silence that it may be somebody else

	// Who acted or spoke as an operator, and from whom they took the
	// conversation. People are shown neither.
	By       account.PersonID  `json:"by,omitempty"`
	From     account.PersonID  `json:"from,omitempty"`
	Fields   map[string]string `json:"fields,omitempty"`   // of a form filled in at once, secrets masked
	Continue string            `json:"continue,omitempty"` // hash of the code that continues another conversation

	// Answers is the Seq of the message that led to what the assistant did; 0 if
	// none did.
	Answers int64 `json:"answers,omitempty"`

	// What the assistant did: an action and its object, as scripts name them.
	Act    string  `json:"act,omitempty"`
	Object string  `json:"object,omitempty"`
	Phrase string  `json:"phrase,omitempty"` // key of the phrase that Reply tells, if it is one
	Reply  *Reply  `json:"reply,omitempty"`
	Change *Change `json:"change,omitempty"`
}

// Action names what the assistant did, as scripts and `chat --json` write it:
// a word and, mostly, an object.
func (e Event) Action() string {
	if e.Object == "" || e.Act == ActPrivate {
		return e.Act
	}
	return e.Act + " " + e.Object
}

// Told reports whether an action is one that people notice: it says something,
// or changes the language. The others only note how far a form got.
func (e Event) Told() bool {
	return (e.Author == Assistant || e.Author == System) && (e.Reply != nil || e.Act == "language")
}

// Said is what was said by an event, in CommonMark if the service said it. A
// code that leads to the conversation is none of it: whoever reads of the talk
// later, or another person, must not go on with it.
func (e Event) Said() string {
	switch {
	case e.Reply == nil:
		return e.Text
	case e.Act == ActElsewhere:
		return ""
	}
	return e.Reply.Markdown
}

// Outgoing is a letter to a channel that must be sent to.
type Outgoing struct {
	ID           string
	Conversation ConversationID // it belongs to, if any
	Channel      string
	To           string // the platform's address: a chat, a mailbox
	Kind         string // LetterCode, LetterNotice or another sort; may be empty
	Lang         string // it is written in
	Subject      string // where the channel has subjects
	Markdown     string
	Thread       string    // number of the ticket it is about: letters of one ticket belong together
	Unsubscribe  string    // address that one click, or a POST (RFC 8058), switches such letters off with; empty: they cannot be
	Expires      time.Time // it is of no use after that; zero: never
	Secret       bool      // its text is forgotten once it is delivered
	Attempts     int

	// Seq is that of the event of Conversation that the letter tells; such a
	// letter has no text of its own.
	Seq int64

	// Doubtful: an earlier attempt ended without our knowing whether the
	// platform took the letter. Who can look there first does.
	Doubtful bool
}

// The kinds of letters that are treated in a way of their own.
const (
	LetterCode   = "code"   // a one-time code: a later one of the same conversation takes its place
	LetterNotice = "notice" // what happened to a ticket
)

// Turn is all that follows from one message. A Store commits it whole.
type Turn struct {
	Conversation ConversationID
	Handled      int64 // Seq of the message this turn answers
	Floor        int64 // Seq of the last change of the floor it knows of: who has it now answers
	Events       []Event
	Account      account.Change
	Tickets      []TicketChange
	Votes        []Vote
	Outbox       []Outgoing

	Passage  *Passage  // a code to go on elsewhere; earlier ones of the conversation that nobody used are void
	Crossing *Crossing // the conversation goes on here that was begun elsewhere
	Crossed  int       // how often this conversation was known to have gone on elsewhere when the turn was taken
}
