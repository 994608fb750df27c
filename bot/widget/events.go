package widget

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"time"

	"sportello/bot"
	"sportello/internal/sse"
	"sportello/kb/markdown"

	"github.com/danielgtaylor/huma/v2"
)

// Message is one event of the stream, and one item of the list.
type Message struct {
	Seq         int64            `json:"seq"`
	Author      bot.Author       `json:"author" enum:"user,bot,operator,system"`
	Text        string           `json:"text" doc:"Plain text"`
	HTML        string           `json:"html" doc:"The same, sanitised"`
	Choices     []bot.Choice     `json:"choices"`
	Links       []MessageLink    `json:"links,omitempty" doc:"Addresses to offer as buttons that open them"`
	Sources     []bot.Source     `json:"sources"`
	Attachments []bot.Attachment `json:"attachments,omitempty"`
	Ticket      *bot.TicketRef   `json:"ticket,omitempty"`
	Awaits      bool             `json:"awaits,omitempty" doc:"What the person says next is taken as the reply to this, and no new question"`
	Notice      bool             `json:"notice,omitempty" doc:"Nobody asked for it: whoever shows it to the person says so, see seen"`
	ClientID    string           `json:"client_id,omitempty" doc:"Of a message of this client"`
	At          time.Time        `json:"at"`
}

// MessageLink is an address that one tap opens.
type MessageLink struct {
	Label string `json:"label" doc:"Plain text"`
	URL   string `json:"url"`
}

// message is what people see of an event, if they see anything.
func message(e bot.Event) (Message, bool) {
	m := Message{Seq: e.Seq, Author: e.Author, At: e.At, Choices: []bot.Choice{}, Sources: []bot.Source{}}
	if e.Author == bot.User {
		m.Text, m.ClientID, m.Attachments = e.Text, e.Inbound, e.Attachments
		m.HTML = asHTML(e.Text)
		return m, true
	}
	if e.Spoken() {
		m.Text, m.HTML, m.Attachments = e.Text, asHTML(e.Text), e.Attachments
		return m, true
	}
	if e.Reply == nil {
		return m, false
	}
	html, _ := markdown.HTML(e.Reply.Markdown, markdown.Options{})
	m.Text, m.HTML, m.Ticket = markdown.Plain(e.Reply.Markdown), string(html), e.Reply.Ticket
	m.Awaits, m.Notice = e.Reply.Awaits(), e.Act == bot.ActNotice
	m.Choices = append(m.Choices, e.Reply.Choices...)
	for _, l := range e.Reply.Links {
		m.Links = append(m.Links, MessageLink(l))
	}
	m.Sources = append(m.Sources, e.Reply.Sources...)
	return m, true
}

// FollowInput asks for what happened, and what happens.
type FollowInput struct {
	Key
	Accept string `header:"Accept"`
	LastID int64  `header:"Last-Event-ID" minimum:"0" doc:"Seq of the last event seen"`
	After  int64  `query:"after" minimum:"0" doc:"The same, for the list"`
}

// How the stream behaves.
const (
	page     = 200
	followed = 10 // readings of a conversation for each message that one may send
)

func (w *Widget) follow(ctx context.Context, in *FollowInput) (*huma.StreamResponse, error) {
	record, err := w.opened(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	if wait := w.limits.Take("follow "+in.ID, followed*w.Config.MessagesPerMinute, w.Now()); wait > 0 {
		return nil, w.tooMany(w.langOf(ctx, record), wait)
	}
	after := max(in.LastID, in.After)
	if strings.Contains(in.Accept, "application/json") {
		return w.list(ctx, record, after)
	}
	if !w.streams.begin(record.ID) {
		return nil, w.tooMany(w.langOf(ctx, record), sse.Heartbeat)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer w.streams.end(record.ID)
		s := stream{Stream: sse.Begin(hc.BodyWriter().(http.ResponseWriter)), w: w, id: record.ID, seen: after}
		s.run(hc.Context())
	}}, nil
}

func (w *Widget) list(ctx context.Context, record bot.Record, after int64) (*huma.StreamResponse, error) {
	messages := []Message{}
	for {
		events, err := w.Engine.Store.Events(ctx, record.ID, after, page)
		if err != nil {
			return nil, w.problem(ctx, record.Lang, err)
		}
		for _, e := range events {
			after = e.Seq
			if m, seen := message(e); seen {
				messages = append(messages, m)
			}
		}
		if len(events) < page {
			break
		}
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "application/json")
		hc.SetHeader("Cache-Control", "no-store")
		_ = json.NewEncoder(hc.BodyWriter()).Encode(messages) // who went away needs no answer
	}}, nil
}

// stream writes server-sent events to one reader.
type stream struct {
	*sse.Stream
	w    *Widget
	id   bot.ConversationID
	seen int64

	holder bot.Holder // who answers, after the event with the seq known
	known  int64
	told   State     // the last one
	typed  time.Time // when an operator was seen to write, as far as the reader knows or need not know
}

// State says who answers, and how many wait for an operator before the person.
// It never tells who the operator is.
type State struct {
	Holder   bot.Holder `json:"holder"`
	Position int        `json:"position,omitempty"`
}

func (s *stream) run(ctx context.Context) {
	woken, stop := s.w.Engine.Watch(s.id)
	defer stop()
	s.typed = s.w.Engine.Typed(s.id)
	alive := time.NewTicker(sse.Heartbeat)
	defer alive.Stop()
	conv, err := s.w.Engine.Conversation(ctx, s.id)
	if err == nil {
		s.holder, s.known = conv.HeldBy(), conv.Seq
		err = s.state(ctx)
	}
	if err != nil {
		return
	}
	for {
		if err := s.news(ctx); err != nil {
			if ctx.Err() == nil {
				s.w.Log.WarnContext(ctx, "stream ended", "conversation", s.id, "error", err)
			}
			return
		}
		if s.Flush() != nil {
			return
		}
		select {
		case <-ctx.Done():
			s.End()
			return
		case <-woken:
		case <-alive.C:
			if s.Alive() != nil {
				return
			}
		}
	}
}

// state writes who answers, if that or the place in the queue has changed.
func (s *stream) state(ctx context.Context) (err error) {
	now := State{Holder: s.holder}
	if now.Holder == bot.ByQueue {
		if now.Position, err = s.w.Engine.Place(ctx, s.id); err != nil {
			return err
		}
	}
	if now == s.told {
		return nil
	}
	s.told = now
	return s.Event("state", 0, now)
}

// news writes what happened since, and who is writing an answer.
func (s *stream) news(ctx context.Context) error {
	typed := s.w.Engine.Typed(s.id) // before: what they wrote may be among the events
	asked, answered := false, false
	for {
		events, err := s.w.Engine.Store.Events(ctx, s.id, s.seen, page)
		if err != nil {
			return err
		}
		for _, e := range events {
			s.seen = e.Seq
			asked = e.Author == bot.User
			answered = answered || e.Spoken()
			if e.Change != nil && e.Change.Floor != nil && e.Seq > s.known {
				s.holder = e.Change.Floor.HeldBy()
			}
			if m, seen := message(e); seen {
				if err := s.Event("message", e.Seq, m); err != nil {
					return err
				}
			}
		}
		if len(events) < page {
			break
		}
	}
	if err := s.state(ctx); err != nil {
		return err
	}
	writes := typed.After(s.typed) && !answered && s.told.Holder == bot.ByOperator
	s.typed = typed
	switch {
	case asked && s.told.Holder == bot.ByAssistant:
		return s.Event("typing", 0, map[string]any{"author": bot.Assistant})
	case writes:
		return s.Event("typing", 0, map[string]any{"author": bot.Operator})
	}
	return nil
}

func eventsResponse(api *huma.OpenAPI) *huma.Response {
	schema := huma.SchemaFromType(api.Components.Schemas, reflect.TypeFor[Message]())
	return &huma.Response{
		Description: "Events as they happen, or the messages as a list",
		Content: map[string]*huma.MediaType{
			"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}},
			"application/json":  {Schema: &huma.Schema{Type: huma.TypeArray, Items: schema}},
		},
	}
}
