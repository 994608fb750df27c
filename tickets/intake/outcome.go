package intake

// Outcome is what became of a mail.
type Outcome string

// The outcomes.
const (
	Opened    Outcome = "opened"    // a new ticket
	Joined    Outcome = "joined"    // a message on a ticket
	Refused   Outcome = "refused"   // its sender is told why and where to go, at most once a day
	Held      Outcome = "held"      // in quarantine, for an operator to look at
	Ignored   Outcome = "ignored"   // an answer of a machine, which nobody waits for
	Bounced   Outcome = "bounced"   // the report on a letter of ours, handed on
	Duplicate Outcome = "duplicate" // taken before
)

// Reason says why a mail was refused, held or ignored. It is told by the
// phrase intake.reason.<reason>.
type Reason string

// The reasons.
const (
	Outside         Reason = "outside"         // not of the organisation
	Shared          Reason = "shared"          // an office's mailbox, not a person's
	Certified       Reason = "certified"       // PEC
	Unauthenticated Reason = "unauthenticated" // nobody vouches for the From line
	Senders         Reason = "senders"         // several From addresses
	NoSender        Reason = "no_sender"       // none that can be read
	Disguised       Reason = "disguised"       // the name shows another address
	List            Reason = "list"            // a mailing list or a newsletter
	Automatic       Reason = "automatic"       // sent by a program
	Reply           Reason = "reply"           // an automatic answer
	Receipt         Reason = "receipt"         // of delivery or of reading
	Loop            Reason = "loop"            // our own letter came back
	Bomb            Reason = "bomb"            // made to break programs
	Large           Reason = "large"           // more bytes than we take
	Many            Reason = "many"            // too many mails of one sender
	Empty           Reason = "empty"           // neither text nor file
	Altered         Reason = "altered"         // the same Message-ID as another mail
	Unworkable      Reason = "unworkable"      // it failed again and again
)

// Reasons lists every reason, for pages that explain them.
var Reasons = []Reason{
	Outside, Shared, Certified, Unauthenticated, Senders, NoSender, Disguised, List, Automatic, Reply, Receipt,
	Loop, Bomb, Large, Many, Empty, Altered, Unworkable,
}
