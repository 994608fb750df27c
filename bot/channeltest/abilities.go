package channeltest

import (
	"context"

	"sportello/bot"
)

// What some platforms can do and others cannot. A driver that has the methods
// of one of these is asked the cases that need it; the others are not, and the
// run prints which.
type (
	// Filing is a platform that people send files by.
	Filing interface {
		// SendFile delivers a file, with words or none, as Channel.Send does.
		SendFile(ctx context.Context, id, name string, content []byte, words string) (refused string, err error)
	}

	// Lasting is a platform whose old messages stay where people can tap on
	// them.
	Lasting interface {
		// ChooseOld delivers a tap on a choice of an earlier message, given
		// by its place in what Said returned. It returns what the person is
		// told on the spot, if anything.
		ChooseOld(ctx context.Context, id string, message int, label string) (told string, err error)
	}

	// Telling is a driver that can make the assistant say something.
	Telling interface {
		Tell(ctx context.Context, reply bot.Reply) error
	}

	// Mailed is a driver that gets the letters the service sends.
	Mailed interface {
		// Code waits for the newest one-time code sent to an address.
		Code(ctx context.Context, address string) (string, error)
	}

	// Troubled is a platform that can be made to fail.
	Troubled interface {
		// Trouble makes the platform fail the next n calls that would show
		// something to the person, in this way.
		Trouble(ctx context.Context, sort Trouble, n int) error
	}

	// Leaving is a platform that can be away for a while. What people write
	// meanwhile waits with it.
	Leaving interface {
		Leave(ctx context.Context) error
		Return(ctx context.Context) error
	}

	// Blocking is a platform where a person can refuse our messages, and take
	// them again.
	Blocking interface {
		Block(ctx context.Context) error
		Unblock(ctx context.Context) error
	}

	// Operated is a driver with an operator at hand.
	Operated interface {
		// Operate has an operator take the conversation and say something.
		Operate(ctx context.Context, text string) error
	}

	// Continuing is a driver that can open other conversations.
	Continuing interface {
		// Elsewhere opens a stranger's conversation in Italian on another
		// channel of the same service, or on this one.
		Elsewhere(ctx context.Context) (Channel, error)
	}

	// Gathering is a platform with places where others read along.
	Gathering interface {
		// Gather returns the same person's conversation in such a place.
		Gather(ctx context.Context) (Channel, error)
	}
)

// Trouble is a way in which a platform fails.
type Trouble string

// The troubles.
const (
	Slow    Trouble = "slow"    // it takes the message, after a while
	Busy    Trouble = "busy"    // it refuses, and asks to come again later
	Broken  Trouble = "broken"  // it answers that something is wrong with it
	Cut     Trouble = "cut"     // the connection breaks before it took the message
	Unheard Trouble = "unheard" // it takes the message, and its receipt is lost
)

// able asserts an ability.
func able[Ability any](c Channel) bool {
	_, has := c.(Ability)
	return has
}
