// Package mattermost is the channel to a Mattermost server: people write to the
// assistant's bot account directly, or mention it in a channel, and are answered
// there.
//
// Posts come in by a WebSocket, and what was posted while there was none is read
// by REST before anything newer is worked on: each post is stored once, in the
// order of its channel. What the assistant says is posted by Send, each letter
// once, found again by a property that its posts carry. Only the server's own
// times count: its clock and ours may differ.
package mattermost

import (
	"context"
	"log/slog"
	"time"

	"sportello/bot"
	"sportello/files"

	"github.com/mattermost/mattermost/server/public/model"
)

// Name is the channel's name.
const Name = "mattermost"

// Channel is the assistant on one Mattermost server. Run takes in what people
// post; Send answers, whether Run runs or not.
type Channel struct {
	Engine  *bot.Engine
	Files   *files.Cabinet
	Phrases bot.Phrases
	Log     *slog.Logger
	Now     func() time.Time
	Config  Config

	// Key is a secret key of the installation, as Store.Key gives it: callbacks
	// are signed with one.
	Key func(ctx context.Context, name string) ([]byte, error)

	// Overheard is shown each post of somebody else in a channel that many may
	// read, before anything is made of it. What it has handled goes no further;
	// what it fails at is shown to it again. It may be nil, and has to bear
	// being shown a post twice.
	Overheard func(ctx context.Context, post *model.Post) (handled bool, err error)

	// Changed is shown each post of somebody else that was edited or deleted, of
	// any channel, as far as we were there to hear of it. It may be nil.
	Changed func(ctx context.Context, post *model.Post) error

	// Commanded is shown each slash command before anything is made of it, and
	// returns what only its user sees. It may be nil.
	Commanded func(ctx context.Context, command Command) (answer string, handled bool, err error)

	// Writing is told that somebody is writing in a thread of a channel, and has
	// a few seconds to do something about it. It may be nil.
	Writing func(ctx context.Context, channel, root, user string) error

	link    link    // to the server
	health  health  // what is known of it
	threads threads // that posts stand in
	asides  asides  // answers to commands
}
