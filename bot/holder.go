package bot

import (
	"context"
	"fmt"
	"time"

	"sportello/account"
)

// Holder says who answers in a conversation.
type Holder string

// The holders. A conversation that nobody asked a person for has none, which
// is the same as the assistant.
const (
	ByAssistant Holder = "bot"
	ByQueue     Holder = "queue" // a person was asked for, and has not come yet
	ByOperator  Holder = "operator"
)

// Floor is who has the floor in a conversation, and what the person heard of
// it. While the queue or an operator has it, the assistant answers nothing.
type Floor struct {
	Holder   Holder           `json:"holder"`
	Operator account.PersonID `json:"operator,omitempty"` // who, if an operator has it
	Branch   string           `json:"branch,omitempty"`   // of the phone tree, that the request went to
	Passing  bool             `json:"passing,omitempty"`  // they heard that what they write is passed on
	Waited   bool             `json:"waited,omitempty"`   // they heard that it takes longer than it should

	Since int64 `json:"-"` // seq of the last event that changed it
}

// Operated reports whether what the person says is for operators.
func (f Floor) Operated() bool { return f.Holder == ByQueue || f.Holder == ByOperator }

// HeldBy is who has the floor; it is never empty.
func (f Floor) HeldBy() Holder {
	if f.Operated() {
		return f.Holder
	}
	return ByAssistant
}

// The actions of events by which the floor changes, and of what operators keep
// for one another.
const (
	ActQueue    = "queue"       // the person waits for an operator
	ActStill    = "still-queue" // it takes longer than it should
	ActUnqueue  = "unqueue"     // the person waits no more; the object says why
	ActTake     = "take"        // an operator has the floor
	ActHandBack = "hand-back"   // the assistant has it again
	ActEnd      = "end"         // so it has, and the operator says it is done
	ActNote     = "note"        // of an operator for operators; people never see it
)

// Spoken reports whether an operator says this to the person.
func (e Event) Spoken() bool { return e.Author == Operator && e.Act == "" }

// ForOperators reports whether an event of the service, or of an operator, is
// news for the operators' channel.
func (e Event) ForOperators() bool {
	return e.Spoken() || e.Act == ActUndelivered || e.Act == ActNote && e.Author == Operator || e.Change != nil && e.Change.Floor != nil && e.Act != ActPass
}

// OperatorsChannel is the channel of letters to operators: To is the
// conversation, Seq the event they are about.
const OperatorsChannel = "operators"

// ToOperators is the letter that tells operators an event of a conversation.
func ToOperators(id ConversationID, e Event) Outgoing {
	return Outgoing{
		ID: letterToOperators(id, e.Seq), Conversation: id, Channel: OperatorsChannel, To: string(id), Seq: e.Seq, Kind: e.Act, Expires: e.At.Add(PostedWithin),
	}
}

// Waiting is a conversation in the queue.
type Waiting struct {
	Conversation ConversationID
	Channel      string
	Branch       string
	Since        time.Time
}

// QueueStore keeps who waits for operators, and what operators do. A Store is
// one, too.
type QueueStore interface {
	// Waiting lists the conversations that wait for an operator, who waits
	// longest first.
	Waiting(ctx context.Context) ([]Waiting, error)

	// HeldBy lists the conversations in which this operator has the floor, or
	// any operator if it is empty.
	HeldBy(ctx context.Context, operator account.PersonID) ([]ConversationID, error)

	// Operate keeps a turn that answers no message but is somebody's act, once
	// for a key: a second time nothing is kept, seq is that of the first
	// event it had then, and fresh is false. It fails with fault.Conflict if
	// the floor changed after Turn.Floor, and so does Commit.
	Operate(ctx context.Context, key string, turn Turn) (events []Event, fresh bool, err error)
}

func letterToOperators(id ConversationID, seq int64) string {
	return fmt.Sprintf("%s/%s/%d", OperatorsChannel, id, seq)
}
