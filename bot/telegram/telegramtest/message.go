package telegramtest

import (
	"slices"
	"strings"
	"time"
)

// Message is a message as people see it.
type Message struct {
	ID          int64
	FromBot     bool
	From        int64 // who wrote it, if not the bot
	At          time.Time
	Text        string // or what is written below a file
	Entities    []Entity
	Keyboard    [][]Button // below it
	Asks        bool       // the person's app opens a reply to it
	Placeholder string     // in that reply
	ReplyTo     int64
	File        *File
	Album       string   // of files sent together
	Before      []string // what it said before it was edited
	Deleted     bool
	Silent      bool
}

// Labels are the words on the buttons.
func (m Message) Labels() []string {
	var labels []string
	for _, row := range m.Keyboard {
		for _, b := range row {
			labels = append(labels, b.Text)
		}
	}
	return labels
}

// Entity is a part of a text that looks, or does, something special. Offset
// and Length count UTF-16 units.
type Entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`
	Language string `json:"language,omitempty"`
}

// Button is one below a message.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// File is one that people see.
type File struct {
	Name, Type, Kind string // Kind is document, photo or voice
	Data             []byte
}

// message is one in a chat, with what only the server knows.
type message struct {
	id        int64
	chat      *Chat
	from      *Person // nil: the bot
	at        time.Time
	text      string
	entities  []Entity
	keyboard  [][]Button
	asks      bool
	hint      string
	replyTo   *message
	file      *file
	album     string
	before    []string
	edited    time.Time
	deleted   bool
	silent    bool
	old       bool // too old to come with a tap
	movedTo   int64
	movedFrom int64
}

func (m *message) seen() Message {
	seen := Message{
		ID: m.id, FromBot: m.from == nil, At: m.at, Text: m.text, Entities: slices.Clone(m.entities), Keyboard: slices.Clone(m.keyboard),
		Asks: m.asks, Placeholder: m.hint, Album: m.album, Before: slices.Clone(m.before), Deleted: m.deleted, Silent: m.silent,
	}
	if m.from != nil {
		seen.From = m.from.ID
	}
	if m.replyTo != nil {
		seen.ReplyTo = m.replyTo.id
	}
	if m.file != nil {
		seen.File = &File{Name: m.file.name, Type: m.file.mime, Kind: m.file.kind, Data: m.file.data}
	}
	return seen
}

// api is the message as the bot gets it. The lock is held.
func (m *message) api() map[string]any {
	shown := map[string]any{"message_id": m.id, "chat": m.chat.api(), "date": m.at.Unix()}
	if m.from != nil {
		shown["from"] = m.from.api()
	} else {
		shown["from"] = m.chat.double.bot()
	}
	words, entities := "text", "entities"
	if m.file != nil {
		words, entities = "caption", "caption_entities"
		shown[m.file.kind] = m.file.api()
	}
	if m.text != "" {
		shown[words] = m.text
	}
	if len(m.entities) > 0 {
		shown[entities] = m.entities
	}
	if len(m.keyboard) > 0 {
		shown["reply_markup"] = map[string]any{"inline_keyboard": m.keyboard}
	}
	if m.replyTo != nil {
		first := m.replyTo.api()
		delete(first, "reply_to_message")
		shown["reply_to_message"] = first
	}
	if m.album != "" {
		shown["media_group_id"] = m.album
	}
	if !m.edited.IsZero() {
		shown["edit_date"] = m.edited.Unix()
	}
	if m.movedTo != 0 {
		shown["migrate_to_chat_id"] = m.movedTo
	}
	if m.movedFrom != 0 {
		shown["migrate_from_chat_id"] = m.movedFrom
	}
	return shown
}

// String tells a message in one line, for failed tests.
func (m Message) String() string {
	who := "person"
	if m.FromBot {
		who = "bot"
	}
	line := who + ": " + m.Text
	if m.File != nil {
		line += " [" + m.File.Kind + " " + m.File.Name + "]"
	}
	if labels := m.Labels(); len(labels) > 0 {
		line += " [" + strings.Join(labels, "] [") + "]"
	}
	return line
}
