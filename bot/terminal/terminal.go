// Package terminal talks to one person through standard input and output: one
// line in, the assistant's replies out, choices as a numbered list. It works
// on pipes, too.
package terminal

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sportello/bot"
	"sportello/internal/fault"
	"sportello/kb/markdown"
)

// Channel is the channel's name.
const Channel = "terminal"

// longestLine is more than any message may hold, so that one that is too long
// is refused with words and not by the reader.
const longestLine = 1 << 20

// Terminal is a conversation with whoever sits in front of it.
type Terminal struct {
	Engine       *bot.Engine
	Conversation bot.ConversationID
	Phrases      bot.Phrases
	JSON         bool // one JSON object a line, see Answer
	Prompt       bool // show where to write

	seen  int64 // seq of the last event shown
	lines int   // read so far
}

// Answer is what `chat --json` prints for each line it reads.
type Answer struct {
	Messages []Message      `json:"messages"`
	Actions  []string       `json:"actions"` // what the assistant did, such as "answer vpn"
	Ticket   *bot.TicketRef `json:"ticket,omitempty"`
}

// Message is one message of an Answer.
type Message struct {
	Author  bot.Author   `json:"author"`
	Text    string       `json:"text"` // plain
	Choices []bot.Choice `json:"choices"`
	Links   []bot.Link   `json:"links,omitempty"`
	Sources []bot.Source `json:"sources"`
}

// Run talks until in ends or ctx is done.
func (t *Terminal) Run(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	defer fault.Wrap(&err, "chat in the terminal")
	if !t.JSON {
		answer, err := t.news(ctx)
		if err != nil {
			return err
		}
		t.print(out, answer)
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 4096), longestLine)
	for {
		if t.Prompt {
			fmt.Fprint(out, "> ")
		}
		if !lines.Scan() || ctx.Err() != nil {
			return lines.Err()
		}
		answer, err := t.Say(ctx, strings.TrimRight(lines.Text(), "\r"))
		if err != nil {
			return err
		}
		if !t.JSON {
			t.print(out, answer)
		} else if err := json.NewEncoder(out).Encode(answer); err != nil {
			return err
		}
	}
}

// Say takes one line and returns what the assistant made of it. What is wrong
// with the line is told in the answer; an error means that the service failed.
func (t *Terminal) Say(ctx context.Context, line string) (Answer, error) {
	return t.take(ctx, bot.Inbound{Text: line})
}

// News is what the assistant did since we looked last, without being spoken to.
func (t *Terminal) News(ctx context.Context) (Answer, error) { return t.news(ctx) }

// Attach sends a file that was kept already, without words.
func (t *Terminal) Attach(ctx context.Context, file bot.Attachment) (Answer, error) {
	return t.take(ctx, bot.Inbound{Attachments: []bot.Attachment{file}})
}

func (t *Terminal) take(ctx context.Context, in bot.Inbound) (Answer, error) {
	t.lines++
	in.Conversation, in.Channel, in.ID = t.Conversation, Channel, strconv.Itoa(t.lines)
	receipt, err := t.Engine.Receive(ctx, in)
	if err != nil {
		return t.refused(ctx, err)
	}
	if err := t.Engine.Wait(ctx, t.Conversation, receipt.Seq); err != nil {
		return Answer{}, err
	}
	return t.news(ctx)
}

// refused tells why a line was not taken.
func (t *Terminal) refused(ctx context.Context, err error) (Answer, error) {
	conv, readErr := t.Engine.Conversation(ctx, t.Conversation)
	phrase, values := fault.Public(err)
	if readErr != nil || phrase == "error.internal" {
		return Answer{}, err
	}
	text := t.Phrases.Say(conv.Lang, phrase, values)
	return Answer{
		Messages: []Message{{Author: bot.System, Text: text, Choices: []bot.Choice{}, Sources: []bot.Source{}}},
		Actions:  []string{"refuse " + phrase},
	}, nil
}

// news is what the assistant did since we looked last.
func (t *Terminal) news(ctx context.Context) (Answer, error) {
	answer := Answer{Messages: []Message{}, Actions: []string{}}
	for {
		events, err := t.Engine.Store.Events(ctx, t.Conversation, t.seen, 100)
		if err != nil {
			return answer, err
		}
		for _, e := range events {
			t.seen = e.Seq
			answer.add(e)
		}
		if len(events) < 100 {
			return answer, nil
		}
	}
}

func (a *Answer) add(e bot.Event) {
	if e.Spoken() {
		a.Messages = append(a.Messages, Message{Author: e.Author, Text: e.Text, Choices: []bot.Choice{}, Sources: []bot.Source{}})
		return
	}
	if !e.Told() {
		return
	}
	a.Actions = append(a.Actions, e.Action())
	if e.Reply == nil {
		return
	}
	a.Messages = append(a.Messages, Message{
		Author: e.Author, Text: markdown.Plain(e.Reply.Markdown),
		Choices: append([]bot.Choice{}, e.Reply.Choices...), Links: e.Reply.Links, Sources: append([]bot.Source{}, e.Reply.Sources...),
	})
	if e.Reply.Ticket != nil {
		a.Ticket = e.Reply.Ticket
	}
}

// print shows an answer to a person.
func (t *Terminal) print(out io.Writer, a Answer) {
	for _, m := range a.Messages {
		fmt.Fprintf(out, "%s\n", harmless(m.Text))
		for _, s := range m.Sources {
			fmt.Fprintf(out, "    %s, %s\n", harmless(s.Title), s.URL)
		}
		for _, l := range m.Links {
			fmt.Fprintf(out, "    %s: %s\n", harmless(l.Label), harmless(l.URL))
		}
		for i, c := range m.Choices {
			fmt.Fprintf(out, "  %d) %s\n", i+1, harmless(c.Label))
		}
		fmt.Fprintln(out)
	}
}

// harmless takes out what would steer the terminal.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, text)
}
