package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/bot"
	"sportello/bot/channeltest"
	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
	"sportello/internal/fault"
	"sportello/kb/markdown"
)

func TestTelegramIsAChannel(t *testing.T) {
	for _, mode := range []string{telegram.Polling, telegram.Webhook} {
		t.Run("by "+mode, func(t *testing.T) {
			t.Parallel()
			s, people := onTelegram(t, mode), int64(1000)
			channeltest.RunPatiently(t, time.Minute, func(t *testing.T) channeltest.Channel {
				s.double.Calm()
				people++
				return &messaged{telegramService: s, TB: t, person: s.double.User(people, "it"), updates: map[string]int64{}}
			})
		})
	}
}

// telegramService is the program with a bot at the double.
type telegramService struct {
	*app
	double  *telegramtest.Double
	url     string        // of the site
	minutes *atomic.Int64 // the clock is ahead by
}

// onTelegram serves an app as `serve --demo` does, with a bot that takes
// updates in by mode.
func onTelegram(t testing.TB, mode string) telegramService {
	t.Helper()
	return onTelegramAt(t, mode, time.Now())
}

// onTelegramAt is onTelegram, where it is another time, and with whatever change
// does to the configuration.
func onTelegramAt(t testing.TB, mode string, at time.Time, change ...func(*config)) telegramService {
	t.Helper()
	double, site := telegramtest.Start(t), newAddress(t)
	begun, minutes := time.Now(), &atomic.Int64{}
	now := func() time.Time { return at.Add(time.Since(begun) + time.Duration(minutes.Load())*time.Minute) }
	ours := func(c *config) {
		c.Telegram.TokenFile, c.Telegram.APIURL, c.Telegram.Mode = tokenFile(t, double), double.URL, mode
		c.SiteURL = site.url
	}
	a := testAppAt(t, now, append([]func(*config){ours}, change...)...)
	site.serve(a)
	return telegramService{a, double, site.url, minutes}
}

func tokenFile(t testing.TB, double *telegramtest.Double) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "telegram.token")
	if err := os.WriteFile(file, []byte(double.Token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// settled waits until everything that people wrote in a chat is answered, and
// the answers are sent.
func (s telegramService) settled(ctx context.Context, chat string) error {
	for {
		quiet, err := s.quiet(ctx, chat)
		if quiet || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond): // the store tells nobody of what others change
		}
	}
}

func (s telegramService) quiet(ctx context.Context, chat string) (bool, error) {
	if s.double.Waiting() > 0 {
		return false, nil
	}
	id, err := s.talks.Chat(ctx, telegram.ChannelName, chat)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if _, err := s.talks.NextUnread(ctx, id); !fault.Is(err, fault.NotFound) {
		return false, err
	}
	events, err := s.talks.Events(ctx, id, 0, 10_000)
	if err != nil {
		return false, err
	}
	for _, e := range events {
		if !e.Posted() {
			continue
		}
		if _, err := s.talks.Posted(ctx, fmt.Sprintf("%s/%d", id, e.Seq)); fault.Is(err, fault.NotFound) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	return true, s.double.Quiet(ctx)
}

// messaged drives a person's app.
type messaged struct {
	telegramService
	testing.TB
	person  *telegramtest.Person
	called  string // how the bot is called upon; empty in private
	updates map[string]int64
	buttons map[int64][][]telegramtest.Button // by message, as they were shown
	away    bool
	refused int // so many things were told as refused
}

func (c *messaged) name() string {
	if c.called == "" {
		return fmt.Sprint(c.person.Chat.ID)
	}
	return fmt.Sprint(c.person.Chat.ID, "/", c.person.ID)
}

// Send implements channeltest.Channel.
func (c *messaged) Send(ctx context.Context, id, text string) (string, error) {
	return c.write(ctx, id, func() { c.person.Say(c.called + text) })
}

// SendFile implements channeltest.Filing.
func (c *messaged) SendFile(ctx context.Context, id, name string, content []byte, words string) (string, error) {
	return c.write(ctx, id, func() {
		c.person.SendDocument(name, "application/octet-stream", content, words)
	})
}

// write delivers what somebody writes, or delivers it again.
func (c *messaged) write(ctx context.Context, id string, write func()) (refused string, err error) {
	if update, again := c.updates[id]; again {
		c.double.Redeliver(update)
	} else {
		write()
		c.updates[id] = c.double.LastUpdate()
	}
	if c.away {
		return "", nil
	}
	if err := c.double.Until(ctx, func() bool { return c.double.Waiting() == 0 }); err != nil {
		return "", err
	}
	_, told, err := c.read(ctx)
	if err != nil {
		return "", err
	}
	if len(told) > c.refused {
		refused = strings.Join(told[c.refused:], "\n")
	}
	c.refused = len(told)
	return refused, nil
}

// read returns the platform's numbers of what was said, and what was told of
// messages that were refused. It is not for waiting.
func (c *messaged) read(ctx context.Context) (refusals map[string]bool, told []string, err error) {
	refusals = map[string]bool{}
	id, err := c.talks.Chat(ctx, telegram.ChannelName, c.name())
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		return refusals, nil, err
	}
	events, err := c.talks.Events(ctx, id, 0, 10_000)
	for _, e := range events {
		if e.Author == bot.System && e.Act == "refuse" {
			refusals[fmt.Sprintf("%s/%d", id, e.Seq)] = true
			told = append(told, markdown.Plain(e.Reply.Markdown))
		}
	}
	return refusals, told, err
}

// Choose implements channeltest.Channel.
func (c *messaged) Choose(ctx context.Context, id, label string) (string, error) {
	if update, again := c.updates[id]; again {
		c.double.Redeliver(update)
		return "", c.double.Until(ctx, func() bool { return c.double.Waiting() == 0 })
	}
	return c.tap(ctx, func() error {
		err := c.person.Tap(label)
		c.updates[id] = c.double.LastUpdate()
		return err
	})
}

// ChooseOld implements channeltest.Lasting.
func (c *messaged) ChooseOld(ctx context.Context, _ string, message int, label string) (string, error) {
	said, err := c.messages(ctx)
	if err != nil {
		return "", err
	}
	for _, row := range c.buttons[said[message].ID] {
		for _, b := range row {
			if b.Text == label {
				return c.tap(ctx, func() error { c.person.TapOn(said[message].ID, b); return nil })
			}
		}
	}
	return "", fmt.Errorf("message %d never had %q", message, label)
}

// tap presses, and returns what the app shows over the chat.
func (c *messaged) tap(ctx context.Context, press func() error) (string, error) {
	notices := func() (all []string) {
		for _, a := range c.double.Acts() {
			if a.Method == "answerCallbackQuery" {
				all = append(all, a.Text)
			}
		}
		return all
	}
	before := len(notices())
	if err := press(); err != nil {
		return "", err
	}
	if err := c.double.Until(ctx, func() bool { return len(notices()) > before && c.double.Waiting() == 0 }); err != nil {
		return "", fmt.Errorf("the tap was not answered: %w", err)
	}
	return notices()[before], nil
}

// messages are what the assistant said, once all is answered.
func (c *messaged) messages(ctx context.Context) ([]telegramtest.Message, error) {
	if err := c.settled(ctx, c.name()); err != nil {
		return nil, fmt.Errorf("not all was answered: %w; people see %v", err, c.person.Chat.Messages())
	}
	refusals, _, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	said := slices.DeleteFunc(c.person.Chat.FromBot(), func(m telegramtest.Message) bool {
		letter, err := c.talks.PostedAs(ctx, telegram.ChannelName, fmt.Sprintf("%d/%d", c.person.Chat.ID, m.ID))
		return err == nil && refusals[letter.ID]
	})
	if c.buttons == nil {
		c.buttons = map[int64][][]telegramtest.Button{}
	}
	for _, m := range said {
		if len(m.Keyboard) > 0 {
			c.buttons[m.ID] = m.Keyboard
		}
	}
	return said, nil
}

// Said implements channeltest.Channel.
func (c *messaged) Said(ctx context.Context) ([]channeltest.Message, error) {
	messages, err := c.messages(ctx)
	var said []channeltest.Message
	for _, m := range messages {
		one := channeltest.Message{Text: m.Text, Choices: m.Labels()}
		if strings.HasPrefix(m.Text, "Operatore:") {
			one.From = string(bot.Operator)
		}
		for _, e := range m.Entities {
			if e.Type == "text_link" && !strings.Contains(m.Text, e.URL) {
				one.Behind = append(one.Behind, e.URL)
			}
		}
		said = append(said, one)
	}
	return said, err
}

// Tell implements channeltest.Telling.
func (c *messaged) Tell(ctx context.Context, reply bot.Reply) error {
	return c.inside(ctx, func(id bot.ConversationID) error { return tell(ctx, c.app, id, reply) })
}

// Operate implements channeltest.Operated.
func (c *messaged) Operate(ctx context.Context, text string) error {
	return c.inside(ctx, func(id bot.ConversationID) error { return operate(ctx, c.app, id, text) })
}

func (c *messaged) inside(ctx context.Context, do func(bot.ConversationID) error) error {
	id, err := c.talks.Chat(ctx, telegram.ChannelName, c.name())
	if err != nil {
		return err
	}
	return do(id)
}

// Elsewhere implements channeltest.Continuing: in the widget.
func (c *messaged) Elsewhere(ctx context.Context) (channeltest.Channel, error) {
	return visit(ctx, c.TB, c.app, c.url)
}

// Code implements channeltest.Mailed.
func (c *messaged) Code(_ context.Context, address string) (string, error) {
	return mailedCode(c.TB, c.url, address), nil
}

// Trouble implements channeltest.Troubled.
func (c *messaged) Trouble(_ context.Context, sort channeltest.Trouble, n int) error {
	fault := map[channeltest.Trouble]telegramtest.Fault{
		channeltest.Slow: telegramtest.Slow, channeltest.Busy: telegramtest.TooMany, channeltest.Broken: telegramtest.BadGateway,
		channeltest.Cut: telegramtest.Dropped, channeltest.Unheard: telegramtest.AnswerLost,
	}[sort]
	c.double.Inject(telegramtest.Faults{Rate: 1, Only: []telegramtest.Fault{fault}, Methods: []string{"sendMessage"}, Most: n, Latency: time.Second})
	return nil
}

// Leave implements channeltest.Leaving.
func (c *messaged) Leave(context.Context) error {
	c.away = true
	c.double.Leave()
	return nil
}

// Return implements channeltest.Leaving.
func (c *messaged) Return(context.Context) error {
	c.away = false
	c.double.Return(c.TB)
	return nil
}

// Block implements channeltest.Blocking.
func (c *messaged) Block(context.Context) error {
	c.person.Block()
	return nil
}

// Unblock implements channeltest.Blocking.
func (c *messaged) Unblock(context.Context) error {
	c.person.Unblock()
	return nil
}

// Gather implements channeltest.Gathering.
func (c *messaged) Gather(context.Context) (channeltest.Channel, error) {
	group := c.double.Group(-c.person.ID, "Cancelleria", c.person)
	return &messaged{telegramService: c.telegramService, TB: c.TB, person: c.person.In(group), called: "@" + c.double.Username + " ", updates: map[string]int64{}}, nil
}

func TestAWebhookWithoutItsSecretIsRefused(t *testing.T) {
	s := onTelegram(t, telegram.Webhook)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s.double.User(1, "it").Say("buongiorno")
	if err := s.settled(ctx, "1"); err != nil {
		t.Fatal(err)
	}
	path := s.double.WebhookURL()
	forged := `{"update_id":1,"message":{"message_id":9,"from":{"id":2,"first_name":"x"},"chat":{"id":2,"type":"private"},"date":1,"text":"buongiorno"}}`
	for _, secret := range []string{"", "wrong"} {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(forged))
		if err != nil {
			t.Fatal(err)
		}
		if secret != "" {
			r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode < 400 {
			t.Errorf("with the secret %q it is answered %s", secret, answer.Status)
		}
	}
	if _, err := s.talks.Chat(ctx, telegram.ChannelName, "2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a forged update began a conversation (%v)", err)
	}
}
