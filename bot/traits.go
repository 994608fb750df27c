package bot

import "time"

// Traits say what sort of channel one is, as far as the conversation must
// know. A channel without traits shows its conversations by reading their
// events, and says nothing unasked.
type Traits struct {
	Sent     bool // what is said must be sent to the platform: its events go to the outbox
	Pushable bool // people see, or are told of, what is said without having to write first
	Personal bool // an account of the platform is one person's own: silence makes nobody a stranger
	Erases   bool // the channel takes a message that held a secret out of the chat
	Forms    bool // the channel can show a form at once
}

// traits are those of a conversation's channel.
func (e *Engine) traits(c Conversation) Traits { return e.Channels[c.Channel] }

// PostedWithin is how long what was said may still be posted: a platform that is
// away for a weekend is waited for, and what it never takes holds up a chat no
// longer than that.
const PostedWithin = 72 * time.Hour

// Posted reports whether a channel that must be sent to is sent this event:
// all that somebody else than the person said.
func (e Event) Posted() bool {
	return e.Reply != nil || e.Author == Operator && e.Act == "" && (e.Text != "" || len(e.Attachments) > 0)
}
