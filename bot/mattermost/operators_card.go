package mattermost

import (
	"context"
	"fmt"
	"strings"

	"sportello/bot"
	"sportello/internal/fault"
	"sportello/kb/markdown"

	"github.com/mattermost/mattermost/server/public/model"
)

// What a card shows of a conversation.
const (
	longestSaying  = 400
	longestSubject = 100
)

// card is the post of a request: how it stands, who asks, what was said, and
// the buttons that are good now.
func (o *Operators) card(ctx context.Context, c bot.Case) (*model.Post, error) {
	lines := []string{"#### " + o.say("operators.card.title", fault.Values{"Code": codeOf(c.ID)}), o.standing(c), ""}
	item := func(phrase, text string) {
		if text != "" {
			lines = append(lines, "- **"+o.say(phrase, nil)+"** "+text)
		}
	}
	item("operators.card.person", o.person(c))
	item("operators.card.area", words(c.Area))
	item("operators.card.channel", words(o.say("operators.channel."+c.Channel, nil)))
	item("operators.card.language", o.say("operators.language."+c.Lang, nil))
	var open []string
	for _, one := range c.Open {
		open = append(open, fmt.Sprintf("%s «%s» (%s)", o.link(string(one.Number), one.URL), words(short(one.Subject, longestSubject)), words(o.say(one.Status.Phrase(), nil))))
	}
	item("operators.card.tickets", strings.Join(open, ", "))
	var articles []string
	for _, a := range c.Articles {
		articles = append(articles, o.link(a.Title, a.URL))
	}
	item("operators.card.articles", strings.Join(articles, ", "))
	if story := o.story(c.Said); story != "" {
		lines = append(lines, "", "**"+o.say("operators.card.story", nil)+"**", story)
	}
	post := &model.Post{Message: strings.Join(lines, "\n")}
	buttons, err := o.buttons(ctx, c)
	if err != nil {
		return nil, err
	}
	// Without buttons the property is empty all the same: old ones go.
	post.AddProp(model.PostPropsAttachments, buttons)
	return post, nil
}

// standing is one line: who has the conversation.
func (o *Operators) standing(c bot.Case) string {
	switch {
	case !c.Opens:
		return o.say("operators.standing.past", nil)
	case c.Now.Holder == bot.ByQueue:
		return o.say("operators.standing.queue", nil)
	case c.Now.Holder == bot.ByOperator:
		return o.say("operators.standing.operator", fault.Values{"Name": words(c.Holder)})
	}
	return o.say("operators.standing.bot", nil)
}

// person is who asks, as far as it is known.
func (o *Operators) person(c bot.Case) string {
	if !c.Person.Known() {
		return o.say("operators.card.stranger", nil)
	}
	parts := []string{words(c.Person.Called())}
	for _, more := range []string{c.Person.Office, c.Person.Email} {
		if more != "" && more != c.Person.Called() {
			parts = append(parts, words(more))
		}
	}
	if c.Person.Phone != "" {
		parts = append(parts, o.say("operators.card.phone", fault.Values{"Phone": words(c.Person.Phone)}))
	}
	return strings.Join(parts, ", ")
}

// story are the last exchanges, each a quotation.
func (o *Operators) story(said []bot.Saying) string {
	var lines []string
	for _, s := range said {
		text := s.Text
		if s.By == bot.Assistant || s.By == bot.System {
			text = markdown.Plain(text)
		}
		text = words(short(text, longestSaying))
		for _, f := range s.Files {
			text += " [" + words(f.Name) + "]"
		}
		lines = append(lines, "> **"+o.say("operators.said."+string(s.By), nil)+"** "+strings.TrimSpace(text))
	}
	return strings.Join(lines, "\n>\n")
}

// link leads to a page of the site, if it has an address.
func (o *Operators) link(label, path string) string {
	if o.Channel.Engine.SiteURL == "" {
		return words(label)
	}
	return "[" + words(label) + "](" + o.Channel.Engine.SiteURL + path + ")"
}

// short is the beginning of a text, on one line.
func short(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= most {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:most])) + " …"
}

// codeOf is the short name of a conversation, for commands.
func codeOf(id bot.ConversationID) string { return strings.ToUpper(string(id[:min(4, len(id))])) }

// news is what the thread of a request tells of an event.
func (o *Operators) news(e bot.Event, c bot.Case) *model.Post {
	name := words(o.nameOf(e.By))
	text := func(phrase string) *model.Post {
		return &model.Post{Message: o.say(phrase, fault.Values{"Name": name, "From": words(o.nameOf(e.From))})}
	}
	said := func(who string) *model.Post {
		return &model.Post{Message: strings.TrimSpace("**" + who + "** " + plain(e.Text))}
	}
	switch {
	case e.Author == bot.User:
		return said(o.say("operators.said.user", nil))
	case e.Spoken():
		return said(o.say("operators.spoken", fault.Values{"Name": name}))
	case e.Act == bot.ActNote:
		return said(o.say("operators.noted", fault.Values{"Name": name}))
	case e.Act == bot.ActTake && e.From != "":
		return text("operators.news.over")
	case e.Act == bot.ActUnqueue:
		return text("operators.news.unqueue_" + e.Object)
	}
	return text("operators.news." + strings.ReplaceAll(e.Act, "-", "_"))
}
