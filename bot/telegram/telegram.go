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
	"sync"
	"sync/atomic"
	"time"

	"sportello/bot"
	"sportello/files"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
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

	prepared sync.Once
	api      *api
	broken   error           // why there is no api
	life     context.Context // of what webhooks began, until Run ends
	end      context.CancelFunc
	me       atomic.Pointer[models.User]

	condition condition
	lanes     *lanes
	sequence  sequence
	fails     fails
	asides    asides
}

var _ bot.Sender = (*Channel)(nil)

// prepare makes what all parts share. It calls nobody.
func (c *Channel) prepare() error {
	c.prepared.Do(func() {
		pause := albumPause
		if c.Config.Mode == Webhook {
			pause = 0
		}
		c.lanes = newLanes(pause, c.work)
		c.life, c.end = context.WithCancel(context.Background())
		token, err := c.Config.Token()
		if err == nil {
			c.api, err = newAPI(c.Config.root(), token)
		}
		c.broken = err
	})
	return c.broken
}

// Run takes updates in until ctx ends, and waits for what is under way. What
// goes wrong meanwhile Health tells; Run goes on.
func (c *Channel) Run(ctx context.Context) error {
	if err := c.prepare(); err != nil {
		c.note(ctx, "start", err)
		<-ctx.Done()
		return nil
	}
	defer c.asides.wait()
	defer c.lanes.running.Wait()
	defer c.end()
	if !c.begin(ctx) {
		return nil
	}
	if c.Config.Mode == Webhook {
		c.watch(ctx)
		return nil
	}
	c.poll(ctx)
	return nil
}

// begin learns who we are and has Telegram send updates the way of the
// configuration. It tries until that succeeds; false says that ctx ended first.
func (c *Channel) begin(ctx context.Context) bool {
	var pause pause
	for {
		err := c.introduce(ctx)
		if c.note(ctx, "start", err); err == nil {
			return true
		}
		if !pause.after(ctx, err) {
			return false
		}
	}
}

func (c *Channel) introduce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	me, err := c.api.GetMe(ctx)
	if err != nil {
		return err
	}
	c.me.Store(me)
	if err := c.SetWebhook(ctx); err != nil {
		return err
	}
	if err := c.setCommands(ctx); err != nil { // without them people can still write
		c.Log.WarnContext(ctx, "telegram's menu of commands not set", "error", inWords(err))
	}
	return nil
}

// SetWebhook has Telegram call us, or no longer, as the configuration says.
func (c *Channel) SetWebhook(ctx context.Context) error {
	if err := c.prepare(); err != nil {
		return err
	}
	if c.Config.Mode != Webhook {
		_, err := c.api.DeleteWebhook(ctx, &tg.DeleteWebhookParams{})
		return err
	}
	_, err := c.api.SetWebhook(ctx, &tg.SetWebhookParams{
		URL: c.SiteURL + c.WebhookPath(), SecretToken: c.WebhookSecret(), AllowedUpdates: allowed, MaxConnections: sideBySide,
	})
	return err
}

// Name is the bot's user name, once Telegram has told it.
func (c *Channel) Name() string {
	if me := c.me.Load(); me != nil {
		return me.Username
	}
	return ""
}
