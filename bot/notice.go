package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sportello/account"
	"sportello/tickets"
)

// NoticeKind says what a notice tells. Its phrases are notice.<kind>.….
type NoticeKind string

// The kinds of notices.
const (
	NoticeOpened      NoticeKind = "opened"      // we have it: of requests that no conversation acknowledged
	NoticeTaken       NoticeKind = "taken"       //
	NoticeWorking     NoticeKind = "working"     //
	NoticeWaiting     NoticeKind = "waiting"     // the operator asks something (domain brief, F14)
	NoticeReminded    NoticeKind = "reminded"    // and still has no answer
	NoticeMessage     NoticeKind = "message"     // somebody wrote, or sent a file
	NoticeSolved      NoticeKind = "solved"      //
	NoticeWarned      NoticeKind = "warned"      // it will be closed
	NoticeClosed      NoticeKind = "closed"      //
	NoticeReopened    NoticeKind = "reopened"    //
	NoticeCancelled   NoticeKind = "cancelled"   //
	NoticeTransferred NoticeKind = "transferred" // to another team
	NoticeMerged      NoticeKind = "merged"      // another ticket is worked on in its place
)

// NoticeKinds lists them, the weightiest first: of several about one ticket it
// decides what the person is asked.
var NoticeKinds = []NoticeKind{
	NoticeWaiting, NoticeReminded, NoticeWarned, NoticeSolved, NoticeMessage, NoticeMerged, NoticeClosed,
	NoticeReopened, NoticeCancelled, NoticeOpened, NoticeTransferred, NoticeWorking, NoticeTaken,
}

// Bond is what a person is to a ticket: it decides what they hear of it, and
// in which words.
type Bond string

// The bonds, the closest first.
const (
	AsAuthor      Bond = "author"
	AsBeneficiary Bond = "beneficiary"
	AsObserver    Bond = "observer"
)

// BondOf is what somebody is to a ticket; false if nothing.
func BondOf(t tickets.Ticket, person account.PersonID) (Bond, bool) {
	switch {
	case person == "":
		return "", false
	case t.Author == person:
		return AsAuthor, true
	case t.Beneficiary.Person == person:
		return AsBeneficiary, true
	case slices.Contains(t.Observers, person):
		return AsObserver, true
	}
	return "", false
}

// Notice tells one person of something that happened to a ticket.
type Notice struct {
	ID        string // of the happening and the person: there is no second one
	Person    account.PersonID
	Ticket    tickets.ID
	Number    tickets.Number
	Kind      NoticeKind
	Bond      Bond
	Happening int64 // its Seq in the feed
	At        time.Time
	Text      string // what was asked or written; forgotten once nothing is left to do
	By        string // who wrote, of a message of one of the people

	Conversation ConversationID // it was told in, if any
	Seq          int64          // of the event there
	Read         bool           // the person showed there that they saw it

	// Due is when to see to it again: to mail it, unless it was read. Zero:
	// nothing is left to do.
	Due time.Time
}

// Needed reports whether the notice asks something of the person, or brings
// what somebody wrote to them: such notices cannot be switched off.
func (n Notice) Needed() bool {
	if n.Bond == AsObserver {
		return false
	}
	switch n.Kind {
	case NoticeWaiting, NoticeReminded, NoticeWarned, NoticeMessage:
		return true
	}
	return false
}

// news is how old something may be that is told as news. What is older comes
// from an import, or from a service that was down for long: the list of tickets
// tells it.
const news = 24 * time.Hour

// NoticeOf decides whether somebody hears of a happening, and how. Nobody
// hears of internal notes, nor of what they did themselves; but whoever wrote
// by a channel that acknowledges nothing hears that the ticket is there.
func NoticeOf(e tickets.Event, t tickets.Ticket, person account.PersonID, now time.Time) (Notice, bool) {
	bond, has := BondOf(t, person)
	if !has || !e.Public || now.Sub(e.At) > news || e.By == person && e.Kind != tickets.KindOpened {
		return Notice{}, false
	}
	kind, told := noticeKind(e, t, bond)
	if !told {
		return Notice{}, false
	}
	text := e.Text
	if kind == NoticeMerged || kind == NoticeWarned {
		text = e.New // the other ticket; the day
	}
	return Notice{
		ID: fmt.Sprintf("%d/%s", e.Seq, person), Person: person, Ticket: t.ID, Number: t.Number, Kind: kind, Bond: bond,
		Happening: e.Seq, At: e.At, Text: text,
	}, true
}

func noticeKind(e tickets.Event, t tickets.Ticket, bond Bond) (NoticeKind, bool) {
	asked := bond != AsObserver // the rest is for those whose request it is
	switch e.Kind {
	case tickets.KindOpened:
		return NoticeOpened, asked && (t.Conversation == "" || bond == AsBeneficiary)
	case tickets.KindMessage:
		if _, own := BondOf(t, e.By); !own && t.Status == tickets.Waiting && asked {
			return NoticeWaiting, true // one more question
		}
		return NoticeMessage, true
	case tickets.KindAttached:
		return NoticeMessage, true
	case tickets.KindMoved:
		return moveNotice(e, t)
	case tickets.KindWarned:
		return NoticeWarned, asked
	case tickets.KindReminded:
		return NoticeReminded, asked
	case tickets.KindLinked:
		return NoticeMerged, e.Field == string(tickets.DuplicateOf) && e.New != ""
	case tickets.KindChanged:
		return NoticeTransferred, e.Field == tickets.ChangedTeam && asked
	}
	return "", false
}

func moveNotice(e tickets.Event, t tickets.Ticket) (NoticeKind, bool) {
	switch e.To {
	case tickets.Taken:
		return NoticeTaken, true
	case tickets.Working:
		_, own := BondOf(t, e.By) // by their answer, which is told
		return NoticeWorking, !own
	case tickets.Waiting:
		return NoticeWaiting, true
	case tickets.Solved:
		return NoticeSolved, true
	case tickets.Closed:
		return NoticeClosed, true
	case tickets.Reopened:
		return NoticeReopened, true
	case tickets.Cancelled:
		return NoticeCancelled, true
	}
	return "", false
}

// weightiest returns the notice that decides what the person is asked, the
// latest of its kind.
func weightiest(list []Notice) Notice {
	return slices.MinFunc(list, func(a, b Notice) int {
		if by := slices.Index(NoticeKinds, a.Kind) - slices.Index(NoticeKinds, b.Kind); by != 0 {
			return by
		}
		return int(b.Happening - a.Happening)
	})
}

// quietEnd is when the quiet hours end that a moment lies in; zero if in none.
func quietEnd(p account.Preferences, now time.Time) time.Time {
	if !p.Quiet(now) {
		return time.Time{}
	}
	end := time.Date(now.Year(), now.Month(), now.Day(), 0, p.QuietUntil, 0, 0, now.Location())
	if !end.After(now) {
		end = time.Date(now.Year(), now.Month(), now.Day()+1, 0, p.QuietUntil, 0, 0, now.Location())
	}
	return end
}

// Chat is a conversation that a person had, as far as notices need to know.
type Chat struct {
	Conversation ConversationID
	Channel      string
	StirredAt    time.Time // when the person began it, or last said something there
}

// Placed is a notice as it becomes.
type Placed struct {
	Notice
	Was time.Time // its Due as it was read; zero for a new notice
}

// Told is an event that tells notices in a conversation.
type Told struct {
	Conversation ConversationID
	Person       account.PersonID
	Event        Event
	Notices      []string // IDs of those it tells
}

// Announcement is all that follows from looking at the feed, or at what is due.
// A NoticeStore keeps it whole.
type Announcement struct {
	From, To int64 // the mark in the feed moves; both zero: it stays
	Notices  []Placed
	Told     []Told
	Letters  []Outgoing
}

// NoticeStore keeps who was told what.
type NoticeStore interface {
	// Announced is the mark: the Seq of the last happening that was turned
	// into notices.
	Announced(ctx context.Context) (int64, error)

	// Announce keeps an announcement whole: the mark, the notices, events at
	// the end of their conversations and letters. It fails with
	// fault.Conflict if the mark, or one of the notices, is not as it was
	// read; if one that is mailed was read in the conversation meanwhile; or
	// if a conversation is not the person's any more.
	Announce(ctx context.Context, a Announcement) error

	// Chats lists a person's conversations in these channels, the one they
	// began, or last spoke in, latest first.
	Chats(ctx context.Context, person account.PersonID, channels []string, limit int) ([]Chat, error)

	// Expecting lists whom a notice is due for by now.
	Expecting(ctx context.Context, now time.Time, limit int) ([]account.PersonID, error)

	// Notices lists a person's notices that are due by then, oldest first.
	Notices(ctx context.Context, person account.PersonID, by time.Time) ([]Notice, error)

	// Returned records that a letter came back for good. If its mailbox is
	// gone, its address counts as undeliverable from then on, until its owner
	// confirms it again. A letter that nobody sent, and a report told twice,
	// change nothing.
	Returned(ctx context.Context, letter, reason string, gone bool, at time.Time) error

	// Undeliverable tells whether an address is, and what a server said.
	Undeliverable(ctx context.Context, email string) (reason string, is bool, err error)

	// Key is a secret key of the installation, made when first asked for.
	Key(ctx context.Context, name string) ([]byte, error)

	// ForgetNotices forgets notices from before a time that nothing is left to
	// do for.
	ForgetNotices(ctx context.Context, before time.Time) error
}
