package telegram

import (
	"context"
	"errors"
	"slices"
	"strings"

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
	e, is, err := c.Engine.Event(ctx, letter.Conversation, letter.Seq)
	if err != nil {
		return m, err
	}
	if !is {
		return m, errors.Join(bot.ErrHopeless, errors.New("the event it tells is gone"))
	}
	conv, err := c.Engine.Conversation(ctx, letter.Conversation) // a letter has the language that it began with
	if err != nil {
		return m, err
	}
	if group {
		if m.answers, err = c.answered(ctx, letter); err != nil {
			return m, err
		}
	}
	switch {
	case e.Reply != nil:
		links, err := c.linksOf(conv.Lang, e)
		if err != nil {
			return m, err
		}
		text := c.reply(conv.Lang, e.Reply)
		var buttons []bot.Link
		for _, l := range links {
			if opens(l.URL) {
				buttons = append(buttons, l)
			} else {
				text.add(run{text: "\n\n"}, run{text: harmless(l.Label), href: followed(l.URL)})
			}
		}
		m.parts, m.markup = c.parts(text), c.markup(conv, e, buttons, group)
	default:
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

// address is where a source is read: paths are below our site, if it has an
// address.
func (c *Channel) address(url string) string {
	if strings.HasPrefix(url, "/") {
		url = c.SiteURL + url
	}
	return followed(url)
}

// linksOf are the links of an event. Where others read along, one leads to the
// private chat, with the code that goes on there.
func (c *Channel) linksOf(lang string, e bot.Event) ([]bot.Link, error) {
	if e.Act != bot.ActPrivate {
		return e.Reply.Links, nil
	}
	link, known := c.Continues(lang, "telegram.private", e.Object)
	if !known {
		return nil, errors.Join(bot.ErrAway, errors.New("our name is not known yet"))
	}
	return append([]bot.Link{link}, e.Reply.Links...), nil
}

// Continues is the link that opens a private chat with us and goes on there
// with the conversation behind a code. It is false as long as Telegram has not
// told us our name.
func (c *Channel) Continues(lang, phrase, code string) (bot.Link, bool) {
	name := c.Name()
	return bot.Link{Label: c.Phrases.Say(lang, phrase, nil), URL: "https://t.me/" + name + "?start=" + continues + code}, name != ""
}

// markup is what stands below a reply: its choices, or, where words are asked
// for and nothing is offered, an answer that is begun already.
func (c *Channel) markup(conv bot.Conversation, e bot.Event, links []bot.Link, group bool) models.ReplyMarkup {
	if buttons := c.keyboard(conv.ID, e.Seq, e.Reply, links); buttons != nil {
		return buttons
	}
	if e.Act != "ask" || e.Change == nil || e.Change.Asked == nil || !slices.Contains(inWordsOf, e.Change.Asked.What) {
		return nil
	}
	return &models.ForceReply{ForceReply: true, Selective: group, InputFieldPlaceholder: label(c.Phrases.Say(conv.Lang, "telegram.placeholder", nil))}
}

// inWordsOf are the questions that are answered in one's own words.
var inWordsOf = []string{"field", "email", "code", "message", "reopen", "suggestion"}

// answered is the message of the group that an event answers.
func (c *Channel) answered(ctx context.Context, letter bot.Outgoing) (int, error) {
	const back = 12 // events of one turn are fewer
	chat, _, err := chatOf(letter.To)
	if err != nil {
		return 0, err
	}
	events, err := c.Engine.Store.Events(ctx, letter.Conversation, max(letter.Seq-1-back, 0), back+1)
	if err != nil {
		return 0, err
	}
	for i := len(events) - 1; i >= 0; i-- {
		if e := events[i]; e.Author == bot.User || e.Seq == letter.Seq { // what could not be taken it names itself
			if id, here := numberIn(chat, e.Inbound); here {
				return id, nil
			}
		}
	}
	return 0, nil
}
