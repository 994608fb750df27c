package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sportello/bot"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

var noPreview = &models.LinkPreviewOptions{IsDisabled: tg.True()}

// Send implements bot.Sender. The platform's ID is <chat>/<message>, of the
// last one if the letter needs several. How many of them were taken is kept, so
// that a letter that is tried again goes on where it broke off.
func (c *Channel) Send(ctx context.Context, letter bot.Outgoing) (id string, err error) {
	if err := c.prepare(); err != nil {
		return "", errors.Join(bot.ErrAway, err)
	}
	chat, group, err := chatOf(letter.To)
	if err != nil {
		return "", errors.Join(bot.ErrHopeless, errors.New("this is no chat of Telegram"))
	}
	m, err := c.compose(ctx, letter, group)
	if err != nil {
		return "", err
	}
	ctx, cancel := patient(ctx)
	defer cancel()
	post := poster{c, ctx, letter, chat}
	last, err := post.all(m)
	c.sent(ctx, err)
	if err != nil {
		return "", judged(err)
	}
	if letter.Seq > 0 && !group { // the phone told them
		if err := c.Engine.Store.Seen(ctx, letter.Conversation, letter.Seq); err != nil {
			c.Log.ErrorContext(ctx, "seen not noted", "conversation", letter.Conversation, "error", err)
		}
	}
	return fmt.Sprintf("%d/%d", post.chat, last), nil
}

// grace is how long a call goes on after we are asked to stop: what Telegram
// takes without our hearing of it would be sent again.
const grace = 5 * time.Second

// patient is ctx, but ends only a while after it.
func patient(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() {
		stop()
		cancel()
	}
}

// sent notes whether Telegram can be sent to; that a chat refuses us says
// nothing of that.
func (c *Channel) sent(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err == nil, errors.Is(err, tg.ErrorForbidden), errors.Is(err, tg.ErrorBadRequest):
		c.note(ctx, "send", nil)
	case errors.Is(err, bot.ErrAway), errors.Is(err, tg.ErrorUnauthorized), errors.Is(err, tg.ErrorNotFound):
		c.note(ctx, "send", err)
	}
}

// poster sends one letter.
type poster struct {
	*Channel
	ctx    context.Context
	letter bot.Outgoing
	chat   int64
}

// all sends what of m was not sent before.
func (p *poster) all(m message) (last int, err error) {
	steps := len(m.parts) + len(m.files)
	done, last := 0, 0
	if steps > 1 {
		if done, last, err = p.taken(); err != nil {
			return 0, err
		}
	}
	for step := done; step < steps; step++ {
		one := func() (*models.Message, error) { return p.part(m, step) }
		if step >= len(m.parts) {
			one = func() (*models.Message, error) { return p.file(m, m.files[step-len(m.parts)]) }
		}
		posted, err := one()
		if to, moved := movedTo(err); moved {
			if err := p.Channel.moved(p.ctx, p.chat, to); err != nil {
				return 0, err
			}
			p.chat = to
			posted, err = one()
		}
		if err != nil {
			return 0, err
		}
		last = posted.ID
		if steps > 1 {
			p.took(step+1, last)
		}
	}
	return last, nil
}

// mark is under which name it is kept how far the letter of this chat got: a
// chat gets one letter at a time.
func (p *poster) mark() string { return cmp.Or(string(p.letter.Conversation), p.letter.To) }

func (p *poster) taken() (steps, last int, err error) {
	value, err := p.Engine.Store.Mark(p.ctx, markSent, p.mark())
	if rest, is := strings.CutPrefix(value, p.letter.ID+" "); is {
		first, second, _ := strings.Cut(rest, " ")
		steps, _ = strconv.Atoi(first)
		last, _ = strconv.Atoi(second)
	}
	return steps, last, err
}

func (p *poster) took(steps, last int) {
	value := fmt.Sprintf("%s %d %d", p.letter.ID, steps, last)
	if err := p.Engine.Store.SetMark(context.WithoutCancel(p.ctx), markSent, p.mark(), value); err != nil {
		p.Log.ErrorContext(p.ctx, "sent part not noted", "letter", p.letter.ID, "error", err)
	}
}

// part sends one part of the text. Should Telegram not understand our HTML, it
// gets the text without.
func (p *poster) part(m message, n int) (*models.Message, error) {
	ctx, cancel := context.WithTimeout(p.ctx, callTime)
	defer cancel()
	text := m.parts[n]
	params := &tg.SendMessageParams{ChatID: p.chat, Text: text.html(), ParseMode: models.ParseModeHTML, LinkPreviewOptions: noPreview}
	if n == 0 {
		params.ReplyParameters = p.answers(m)
	}
	if n == len(m.parts)-1 {
		params.ReplyMarkup = m.markup
	}
	posted, err := p.api.SendMessage(ctx, params)
	if refused(err, "parse entities", "entity") {
		p.Log.ErrorContext(ctx, "telegram does not understand our HTML", "letter", p.letter.ID) // not why: that quotes it
		if params.Text, params.ParseMode = text.spelled(), ""; units(params.Text) > longestMessage {
			params.Text = text.words()
		}
		posted, err = p.api.SendMessage(ctx, params)
	}
	return posted, err
}

func (p *poster) answers(m message) *models.ReplyParameters {
	if m.answers == 0 {
		return nil
	}
	return &models.ReplyParameters{MessageID: m.answers, AllowSendingWithoutReply: true}
}

// file sends a file of an operator.
func (p *poster) file(m message, a bot.Attachment) (*models.Message, error) {
	ctx, cancel := context.WithTimeout(p.ctx, uploadTime)
	defer cancel()
	content, err := p.Files.Open(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	upload := &models.InputFileUpload{Filename: a.Name, Data: content}
	if (a.Type == "image/jpeg" || a.Type == "image/png") && a.Size <= largestPhoto {
		posted, err := p.api.SendPhoto(ctx, &tg.SendPhotoParams{ChatID: p.chat, Photo: upload, ReplyParameters: p.answers(m)})
		if !refused(err) {
			return posted, err
		}
		if _, moved := movedTo(err); moved { // what is no photograph to Telegram is a file all the same
			return nil, err
		}
		if _, err := content.Seek(0, 0); err != nil {
			return nil, err
		}
	}
	return p.api.SendDocument(ctx, &tg.SendDocumentParams{ChatID: p.chat, Document: upload, ReplyParameters: p.answers(m)})
}

// largestPhoto is how large a photograph may be for Telegram to show it.
const largestPhoto = 10 << 20
