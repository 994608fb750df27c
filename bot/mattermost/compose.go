package mattermost

import (
	"context"
	"fmt"
	"strings"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// composed is a letter as it is posted.
type composed struct {
	texts   []string // at least one
	choices []*model.MessageAttachment
	files   []bot.Attachment
	answers string // the post that it answers, if any
	event   bot.Event
	lang    string
}

// compose writes a letter in the server's Markdown.
func (c *Channel) compose(ctx context.Context, letter bot.Outgoing) (composed, error) {
	if letter.Seq == 0 {
		return composed{texts: split(rewritten(letter.Markdown, c.Engine.SiteURL))}, nil
	}
	e, is, err := c.Engine.Event(ctx, letter.Conversation, letter.Seq)
	if err != nil {
		return composed{}, err
	}
	if !is || !e.Posted() {
		return composed{}, fmt.Errorf("%w: there is nothing to say", bot.ErrHopeless)
	}
	conv, err := c.Engine.Conversation(ctx, letter.Conversation)
	if fault.Is(err, fault.NotFound) { // it was erased
		err = fmt.Errorf("%w: %w", bot.ErrHopeless, err)
	}
	if err != nil {
		return composed{}, err
	}
	said := composed{files: e.Attachments, event: e, lang: conv.Lang}
	if said.answers, err = c.answered(ctx, letter.Conversation, e); err != nil {
		return said, err
	}
	if e.Reply == nil {
		said.texts = split(c.spoken(conv.Lang, e))
		return said, nil
	}
	parts := []string{rewritten(e.Reply.Markdown, c.Engine.SiteURL)}
	if e.Author == bot.Operator {
		parts[0] = c.byline(conv.Lang) + " " + parts[0]
	}
	for _, link := range e.Reply.Links {
		parts = append(parts, linked(link.Label, link.URL))
	}
	if links := c.sources(conv.Lang, e.Reply.Sources); links != "" {
		parts = append(parts, links)
	}
	if len(e.Reply.Choices) > 0 {
		if c.Config.CallbackURL == "" {
			parts = append(parts, numbered(e.Reply.Choices))
		} else if said.choices, err = c.buttons(ctx, letter, conv.Lang, e.Reply.Choices); err != nil {
			return said, err
		}
	}
	said.texts = split(strings.Join(parts, "\n\n"))
	return said, nil
}

// byline says that an operator speaks: never which one.
func (c *Channel) byline(lang string) string {
	return "**" + words(c.Phrases.Say(lang, "mattermost.operator", nil)) + "**"
}

// spoken are the words of an operator, as they are; addresses can be followed.
func (c *Channel) spoken(lang string, e bot.Event) string {
	return strings.TrimSpace(c.byline(lang) + " " + plainWithLinks(e.Text))
}

// sources are links to the articles that a reply quotes.
func (c *Channel) sources(lang string, sources []bot.Source) string {
	if c.Engine.SiteURL == "" || len(sources) == 0 {
		return ""
	}
	var links []string
	for _, s := range sources {
		links = append(links, linked(s.Title, s.URL))
	}
	return c.Phrases.Say(lang, "mattermost.sources", fault.Values{"Count": len(links), "Links": strings.Join(links, ", ")})
}

// linked is a link under a label of plain text.
func linked(label, address string) string {
	return "[" + words(label) + "](" + strings.NewReplacer("(", "%28", ")", "%29", " ", "%20").Replace(address) + ")"
}

// numbered are choices where there can be no buttons: people write the number.
func numbered(choices []bot.Choice) string {
	var lines []string
	for i, choice := range choices {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, words(choice.Label)))
	}
	return strings.Join(lines, "\n")
}
