package bot

import (
	"context"
	"time"

	"sportello/account"
	"sportello/kb"
	"sportello/tickets"
)

// TicketChange and Vote are what a turn changes elsewhere.
type (
	TicketChange = tickets.Change
	Vote         = kb.Vote
)

// Record is a conversation as it is kept: the facts that are settled when it
// starts, and how far it got.
type Record struct {
	Conversation
	Chat      string // the platform's name of it, unique within the channel
	TokenHash []byte // of the key that opens it, where the channel has keys
	StartedAt time.Time
	Handled   int64 // Seq of the last message that was answered
}

// Store keeps conversations, their events and the letters to send.
type Store interface {
	QueueStore

	// Start keeps a new conversation with its first events. If the channel
	// has one for the same chat already, that one is returned and nothing
	// changes.
	Start(ctx context.Context, r Record, first []Event) (ConversationID, error)

	// Chat returns the conversation that a channel has for a chat. It fails
	// with fault.NotFound if there is none.
	Chat(ctx context.Context, channel, chat string) (ConversationID, error)

	// Conversation returns the record, without any event folded in. It fails
	// with fault.NotFound if there is none.
	Conversation(ctx context.Context, id ConversationID) (Record, error)

	// Events returns those after seq, oldest first, at most limit.
	Events(ctx context.Context, id ConversationID, after int64, limit int) ([]Event, error)

	// Receive keeps what a person said and returns its seq. If the channel
	// delivered a message of this ID before, that seq is returned, fresh is
	// false and nothing changes.
	Receive(ctx context.Context, in Inbound, said Event) (seq int64, fresh bool, err error)

	// Received returns the seq of a message that was received before; it
	// fails with fault.NotFound if it was not.
	Received(ctx context.Context, in Inbound) (seq int64, err error)

	// NextUnread returns the oldest message that no turn has answered; it
	// fails with fault.NotFound if there is none.
	NextUnread(ctx context.Context, id ConversationID) (Event, error)

	// Talks lists the conversations of an identity, the oldest first.
	Talks(ctx context.Context, identity account.Identity) ([]ConversationID, error)

	// Passage returns the code of this hash, used or not, as long as it is
	// kept; it fails with fault.NotFound if there is none.
	Passage(ctx context.Context, hash string) (Passage, error)

	// Attach keeps what is known of a file that somebody sent into a
	// conversation, before the message that mentions it.
	Attach(ctx context.Context, id ConversationID, file Attachment) error

	// Attached tells how many files a conversation has, and their bytes.
	Attached(ctx context.Context, id ConversationID) (files int, bytes int64, err error)

	// Attachment returns a file of this conversation; it fails with
	// fault.NotFound if the file belongs to none, or to another one.
	Attachment(ctx context.Context, id ConversationID, file string) (Attachment, error)

	// Unread lists a channel's conversations with messages that no turn has
	// answered.
	Unread(ctx context.Context, channel string) ([]ConversationID, error)

	// Commit keeps a turn whole: events, numbered in order after the last,
	// changes and letters. It fails with fault.Conflict if another turn
	// answered the message meanwhile, if a ticket has changed, if somebody else
	// has the floor since Turn.Floor, if the conversation went on elsewhere
	// since the turn was taken, if the code that it uses was used up, or if the
	// conversation that it continues is not as it was read. Events that are for
	// operators become letters to them. It returns the events with their
	// numbers.
	Commit(ctx context.Context, turn Turn) ([]Event, error)

	// Append keeps a turn that answers no message: its Handled counts for
	// nothing. Otherwise it is like Commit.
	Append(ctx context.Context, turn Turn) ([]Event, error)

	// Seen records that a client of the conversation showed its events up to
	// seq to the person.
	Seen(ctx context.Context, id ConversationID, seq int64) error

	// Block records that a chat refuses to be sent to. Notices are told
	// elsewhere until its person says something there.
	Block(ctx context.Context, channel, chat string, at time.Time) error

	// MoveChat records that the platform gave a chat another name: its
	// conversation, those named <from>/…, and the letters that still wait for
	// them. A conversation whose new name is taken keeps its old one.
	MoveChat(ctx context.Context, channel, from, to string) error

	// Due returns a channel's letters to deliver by now: of each recipient
	// the oldest only, so that order is kept. Letters that somebody claimed,
	// or that are of no use any more, are not due.
	Due(ctx context.Context, channel string, now time.Time, limit int) ([]Outgoing, error)

	// Claim reserves a letter that is due for one courier until a time, and
	// reports whether it got it: of several processes, one sends it.
	Claim(ctx context.Context, id string, now, until time.Time) (bool, error)

	// Release ends a claim; the letter is due as it was.
	Release(ctx context.Context, id string) error

	// Expire parks letters that are of no use any more, and forgets what
	// their secrets said.
	Expire(ctx context.Context, now time.Time) error

	// Delivered records that the platform took a letter under its own ID.
	// It ends the claim, and so does Failed.
	Delivered(ctx context.Context, id, platformID string, at time.Time) error

	// Failed records a failed attempt; the letter is due again at next, or
	// parked for good if next is zero.
	Failed(ctx context.Context, id, reason string, next time.Time) error

	// Postpone ends a claim without counting an attempt; the letter is due
	// again at next. Refused says that the platform surely did not take it.
	Postpone(ctx context.Context, id, reason string, next time.Time, refused bool) error

	// Unclaim ends all claims of letters in these channels. It is for a
	// service that knows itself to be the only one, when it starts: those who
	// claimed them are dead.
	Unclaim(ctx context.Context, channels []string) error

	// Posted returns the platform's ID of a letter; it fails with
	// fault.NotFound if it was not delivered.
	Posted(ctx context.Context, letter string) (platformID string, err error)

	// PostedAs returns the letter that the platform has under its ID; it
	// fails with fault.NotFound if none of ours is.
	PostedAs(ctx context.Context, channel, platformID string) (Outgoing, error)

	// Mark returns what a channel remembers under a name, "" if nothing.
	Mark(ctx context.Context, channel, name string) (string, error)

	// SetMark remembers something for a channel.
	SetMark(ctx context.Context, channel, name, value string) error
}
