package bot

import (
	"slices"
	"time"

	"sportello/account"
	"sportello/kb"
	"sportello/tickets"
)

// Conversation is what the assistant knows of a conversation: the fold of its
// events, together with the few facts that are settled when it starts.
type Conversation struct {
	ID       ConversationID
	Channel  string
	Identity account.Identity // who speaks, as the channel sees them
	Lang     string           // "it" or "en"
	Public   bool             // others read along: nothing personal is said here
	Sent     bool             // what is said here is sent to the platform
	Seq      int64            // of the last event folded in
	SaidAt   time.Time        // when the person last said something, or proved who they are
	SpokenAt time.Time        // when an operator last said something, or took the conversation

	Topic   Topic          // the question under way
	Form    *Form          // the ticket being written
	Shelf   *Shelved       // the one that was cancelled last
	Asked   Asked          // what the assistant waits for
	Choices []Choice       // those that may be taken now
	Last    *Reply         // the last reply, to be repeated on request
	Errand  string         // what to go on with once the person is known
	Ticket  tickets.Number // the ticket last spoken of
	Human   bool           // a person was asked for
	Heard   []Heard        // notices that were told here, one a ticket, the latest last
	Floor                  // who answers
	Request int64          // seq of the event by which a person was asked for last
	Carried *Carried       // a form that came from elsewhere and waits for its person
	Guesses Guesses        // wrong codes to go on from elsewhere
	Crossed int            // how often this conversation went on elsewhere
}

// Heard is a notice that was told in a conversation. It can be answered by its
// choices as long as it is there, and in words while it is fresh.
type Heard struct {
	Number tickets.Number `json:"number"`
	Kind   NoticeKind     `json:"kind"`
	Bond   Bond           `json:"bond"`

	Seq   int64  `json:"-"` // of its event
	Reply *Reply `json:"-"` // that told it
	Fresh bool   `json:"-"` // the assistant has said nothing else since
}

// mostHeard notices are remembered.
const mostHeard = 10

// Topic is a question and how far we got with it.
type Topic struct {
	Question   string   `json:"question,omitempty"`
	Articles   []kb.Key `json:"articles,omitempty"`    // what was answered; two if two things were asked
	Others     []kb.Key `json:"others,omitempty"`      // further hits, best first
	Step       int      `json:"step,omitempty"`        // of the guided procedure, from 1; 0 outside it
	FailedStep int      `json:"failed_step,omitempty"` // the step that did not work
	Failures   int      `json:"failures,omitempty"`    // attempts that led nowhere
	// Attachments came without a ticket to put them in: the next one gets them.
	Attachments []Attachment `json:"attachments,omitempty"`
}

// Asked is what the assistant waits for. The zero Asked is nothing.
type Asked struct {
	What string `json:"what,omitempty"`
	// Object narrows it down: a field, a ticket's number.
	Object string `json:"object,omitempty"`
}

// Form is a ticket being written, field by field.
type Form struct {
	Draft  tickets.Draft `json:"draft"`
	Done   []string      `json:"done,omitempty"`   // fields answered or skipped, in order
	Warned bool          `json:"warned,omitempty"` // told about a ticket that looks the same
	Third  bool          `json:"third,omitempty"`  // help is asked for somebody else
	Person string        `json:"person,omitempty"` // what we know of them before it is complete
	Chosen bool          `json:"chosen,omitempty"` // the request type was chosen from the catalogue
	Begun  int           `json:"begun,omitempty"`  // how many fields were known before anything was asked

	Owner account.PersonID `json:"owner,omitempty"` // whose it is; nobody else sees it
}

// Carried is a form that was begun in another conversation. It is shown once
// its owner is known here, and to nobody else.
type Carried struct {
	Form Form `json:"form"`
}

// Shelved is a form that was cancelled, with the question it came from: who
// cancelled by mistake takes it up again.
type Shelved struct {
	Form  Form  `json:"form"`
	Topic Topic `json:"topic"`
}

// Has reports whether field was answered or skipped.
func (f Form) Has(field string) bool { return slices.Contains(f.Done, field) }

// Change is what an event changes in a conversation. A nil part changes
// nothing; the zero value of a part clears it.
type Change struct {
	Lang   *string         `json:"lang,omitempty"`
	Topic  *Topic          `json:"topic,omitempty"`
	Form   *Form           `json:"form,omitempty"`
	NoForm bool            `json:"no_form,omitempty"`
	Shelf  *Shelved        `json:"shelf,omitempty"`
	Asked  *Asked          `json:"asked,omitempty"`
	Errand *string         `json:"errand,omitempty"`
	Ticket *tickets.Number `json:"ticket,omitempty"`
	Human  *bool           `json:"human,omitempty"`
	Floor  *Floor          `json:"floor,omitempty"`

	Carried *Carried `json:"carried,omitempty"`
	Guesses *Guesses `json:"guesses,omitempty"`

	Heard    []Heard          `json:"heard,omitempty"`    // notices that are told
	Answered []tickets.Number `json:"answered,omitempty"` // whose notices were acted upon
	Attends  *tickets.Number  `json:"attends,omitempty"`  // whose notice stays fresh all the same
	Unheard  bool             `json:"unheard,omitempty"`  // all notices are forgotten
}

// Fold adds events to c and returns the result. It is total: events of a
// later version, or in an order that never happens, change what they can.
func (c Conversation) Fold(events ...Event) Conversation {
	for _, e := range events {
		c.Seq = max(c.Seq, e.Seq)
		if e.Author == User || e.Act == recognised {
			c.SaidAt = e.At
		}
		if e.Act == ActLeft {
			c.Crossed++
		}
		if e.Spoken() || e.Act == ActTake {
			c.SpokenAt = e.At
		}
		switch {
		case e.Spoken(): // a notice before it is not what is answered next
			c.attend("")
			continue
		case e.Author == System && e.Change == nil: // a remark in passing: what was offered still is
			continue
		case e.Author != Assistant && e.Author != System:
			continue
		case e.Act == ActNotice: // what is under way goes on
			c.hear(e)
			continue
		case e.Reply != nil:
			c.Choices, c.Last = e.Reply.Choices, e.Reply
			c.attend("")
		}
		operated := c.Operated()
		c.apply(e.Change)
		if e.Change != nil && e.Change.Floor != nil {
			c.Since = e.Seq
			if !operated && (c.Holder == ByQueue || c.Operated() && c.Request == 0) {
				c.Request = e.Seq
			}
		}
	}
	return c
}

// hear remembers notices. They ask nothing yet: a message that was written
// before is not about them, whenever it is answered.
func (c *Conversation) hear(e Event) {
	if e.Change == nil {
		return
	}
	for _, h := range e.Change.Heard {
		h.Seq, h.Reply, h.Fresh = e.Seq, e.Reply, true
		c.Heard = append(c.without(h.Number), h)
	}
	c.Heard = c.Heard[max(0, len(c.Heard)-mostHeard):]
}

// without are the notices of other tickets.
func (c *Conversation) without(number tickets.Number) []Heard {
	return slices.DeleteFunc(slices.Clone(c.Heard), func(h Heard) bool { return h.Number == number })
}

// attend says that a ticket's notice alone is fresh, or none.
func (c *Conversation) attend(number tickets.Number) {
	c.Heard = slices.Clone(c.Heard)
	for i := range c.Heard {
		c.Heard[i].Fresh = c.Heard[i].Number == number && number != ""
	}
}

// heard is the notice of a ticket.
func (c Conversation) heard(number tickets.Number) (Heard, bool) {
	i := slices.IndexFunc(c.Heard, func(h Heard) bool { return h.Number == number })
	if i < 0 {
		return Heard{}, false
	}
	return c.Heard[i], true
}

// underWay reports whether the assistant waits for something particular: a
// notice does not come in between.
func (c Conversation) underWay() bool { return c.Form != nil || slices.Contains(waits, c.Asked.What) }

func (c *Conversation) apply(change *Change) {
	if change == nil {
		return
	}
	for _, number := range change.Answered {
		c.Heard = c.without(number)
	}
	if change.Attends != nil {
		c.attend(*change.Attends)
	}
	if change.Unheard {
		c.Heard = nil
	}
	set(&c.Lang, change.Lang)
	set(&c.Topic, change.Topic)
	set(&c.Asked, change.Asked)
	set(&c.Errand, change.Errand)
	set(&c.Ticket, change.Ticket)
	set(&c.Human, change.Human)
	if change.Floor != nil {
		since := c.Since
		c.Floor = *change.Floor
		c.Since = since
	}
	if change.Form != nil {
		c.Form = change.Form
	}
	if change.NoForm {
		c.Form = nil
	}
	set(&c.Guesses, change.Guesses)
	if change.Carried != nil {
		c.Carried = change.Carried
		if change.Carried.Form.Draft.Channel == "" { // every form has one: this is none
			c.Carried = nil
		}
	}
	if change.Shelf != nil {
		c.Shelf = change.Shelf
		if change.Shelf.Form.Draft.Channel == "" { // every form has one: this is none
			c.Shelf = nil
		}
	}
}

func set[T any](part *T, value *T) {
	if value != nil {
		*part = *value
	}
}
