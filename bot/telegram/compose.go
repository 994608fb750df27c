package telegram

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/go-telegram/bot/models"
)

// longestMessage is how long a message may be, in UTF-16 units; the parts of
// ours leave room for the choice that is shown below once it is taken.
const (
	longestMessage = 4096
	longestPart    = 4000
)

// message is a letter as Telegram gets it: some messages, then some files.
type message struct {
	parts   []runs
	markup  models.ReplyMarkup // of the last part
	files   []bot.Attachment
	answers int // the message that it answers, in a group; 0 if none
}

// compose makes a message of a letter.
func (c *Channel) compose(ctx context.Context, letter bot.Outgoing, group bool) (m message, err error) {
	defer fault.Wrap(&err, "compose letter %s", letter.ID)
	if letter.Seq == 0 {
		m.parts = c.parts(render(letter.Markdown, c.SiteURL))
		return m, nil
	}
	events, err := c.Engine.Store.Events(ctx, letter.Conversation, letter.Seq-1, 1)
	if err != nil {
		return m, err
	}
	if len(events) == 0 || events[0].Seq != letter.Seq {
		return m, errors.Join(bot.ErrHopeless, errors.New("the event it tells is gone"))
	}
	e := events[0]
	if group {
		if m.answers, err = c.answered(ctx, letter); err != nil {
			return m, err
		}
	}
	switch {
	case e.Reply != nil:
		m.parts = c.parts(c.reply(letter.Lang, e.Reply))
		m.markup = c.markup(letter, e, group)
	default:
		conv, err := c.Engine.Conversation(ctx, letter.Conversation)
		if err != nil {
			return m, err
		}
		text := runs{{text: c.Phrases.Say(conv.Lang, "telegram.operator", nil), style: bold}}
		text.add(run{text: " " + harmless(e.Text)})
		m.parts, m.files = c.parts(text), e.Attachments
	}
	return m, nil
}

// parts divides a text; there is always something to be sent.
func (c *Channel) parts(text runs) []runs {
	parts := text.split(longestPart)
	if len(parts) == 0 {
		parts = []runs{plain("–")}
	}
	return parts
}

// reply is the text of a reply, with the articles that it quotes.
func (c *Channel) reply(lang string, r *bot.Reply) runs {
	text := render(r.Markdown, c.SiteURL)
	for i, s := range r.Sources {
		lead := "\n"
		if i == 0 {
			lead = "\n\n" + c.Phrases.Say(lang, "telegram.sources", nil) + "\n"
		}
		text.add(run{text: lead + "• "}, run{text: harmless(s.Title), href: c.address(s.URL)})
	}
	return text
}

// address is the address of a path of our site, or nothing if the site has none.
func (c *Channel) address(path string) string {
	if c.SiteURL == "" {
		return ""
	}
	return followed(c.SiteURL + path)
}

// markup is what stands below a reply: its choices, or, where words are asked
// for and nothing is offered, an answer that is begun already.
func (c *Channel) markup(letter bot.Outgoing, e bot.Event, group bool) models.ReplyMarkup {
	if buttons := c.keyboard(letter.Conversation, e.Seq, e.Reply); buttons != nil {
		return buttons
	}
	if e.Act != "ask" || e.Change == nil || e.Change.Asked == nil || !slices.Contains(inWordsOf, e.Change.Asked.What) {
		return nil
	}
	return &models.ForceReply{ForceReply: true, Selective: group, InputFieldPlaceholder: label(c.Phrases.Say(letter.Lang, "telegram.placeholder", nil))}
}

// inWordsOf are the questions that are answered in one's own words.
var inWordsOf = []string{"field", "email", "code", "message", "reopen", "suggestion"}

// answered is the message of the group that an event answers.
func (c *Channel) answered(ctx context.Context, letter bot.Outgoing) (int, error) {
	const back = 12 // events of one turn are fewer
	events, err := c.Engine.Store.Events(ctx, letter.Conversation, max(letter.Seq-1-back, 0), back+1)
	if err != nil {
		return 0, err
	}
	for i := len(events) - 1; i >= 0; i-- {
		if e := events[i]; e.Author == bot.User && e.Seq < letter.Seq {
			if id, err := strconv.Atoi(e.Inbound); err == nil {
				return id, nil
			}
		}
	}
	return 0, nil
}
