package telegramtest

import (
	"fmt"
	"strings"
	"time"
)

// Person is somebody with Telegram, in one chat.
type Person struct {
	ID   int64
	Lang string // of the app
	Name string
	Chat *Chat // the private one with the bot, or a group; see In

	double *Double
}

// User is somebody who has not written to the bot yet: it may not write first.
func (d *Double) User(id int64, lang string) *Person {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p, known := d.users[id]; known {
		return p
	}
	p := &Person{ID: id, Lang: lang, Name: fmt.Sprint("Persona ", id), double: d}
	p.Chat = &Chat{ID: id, double: d, kind: "private", members: []*Person{p}}
	d.users[id], d.chats[id] = p, p.Chat
	return p
}

// In is the same person, in a group.
func (p *Person) In(group *Chat) *Person {
	there := *p
	there.Chat = group
	return &there
}

func (p *Person) api() map[string]any {
	return map[string]any{"id": p.ID, "is_bot": false, "first_name": p.Name, "language_code": p.Lang}
}

// Say writes a message.
func (p *Person) Say(text string) Message { return p.write(&message{text: text}) }

// Start opens the bot by a link https://t.me/<bot>?start=<payload>.
func (p *Person) Start(payload string) Message {
	return p.Say(strings.TrimSpace("/start " + payload))
}

// Reply writes a message as the reply to one of the chat.
func (p *Person) Reply(to int64, text string) Message {
	p.double.mu.Lock()
	first := p.Chat.find(to)
	p.double.mu.Unlock()
	return p.write(&message{text: text, replyTo: first})
}

// SendDocument sends a file, with words or none.
func (p *Person) SendDocument(name, mime string, data []byte, words string) Message {
	return p.write(&message{text: words, file: p.double.keep(&file{kind: "document", name: name, mime: mime, data: data})})
}

// SendPhoto sends a picture, with words or none.
func (p *Person) SendPhoto(data []byte, words string) Message {
	return p.write(&message{text: words, file: p.double.keep(&file{kind: "photo", mime: "image/jpeg", data: data})})
}

// SendVoice sends a recording.
func (p *Person) SendVoice(data []byte) Message {
	return p.write(&message{file: p.double.keep(&file{kind: "voice", mime: "audio/ogg", data: data})})
}

// SendAlbum sends several pictures at once: they come as a message each, all in
// the same moment, and the first has the words.
func (p *Person) SendAlbum(words string, pictures ...[]byte) []Message {
	d := p.double
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Message
	album := fmt.Sprint("album-", p.ID, "-", time.Now().UnixNano())
	for _, data := range pictures {
		all = append(all, p.written(&message{text: words, album: album, file: d.kept(&file{kind: "photo", mime: "image/jpeg", data: data})}))
		words = ""
	}
	return all
}

func (p *Person) write(m *message) Message {
	p.double.mu.Lock()
	defer p.double.mu.Unlock()
	return p.written(m)
}

// written puts a message into the chat. The lock is held.
func (p *Person) written(m *message) Message {
	d := p.double
	m.from, m.entities = p, found(m.text)
	p.Chat.add(m)
	if p.Chat.kind == "private" {
		p.Chat.started = true
		if p.Chat.out != "" {
			return m.seen() // the app does not let who blocked a bot write to it; a test that tries reaches nobody
		}
	}
	if p.hears(m) {
		d.tell("message", lineMessages, p.Chat.ID, m.api())
	}
	return m.seen()
}

// hears reports whether the bot is told of a message: in groups only if it is
// meant for the bot, as far as Telegram can see. The lock is held.
func (p *Person) hears(m *message) bool {
	d := p.double
	if p.Chat.kind == "private" || !d.privacy {
		return p.Chat.out == ""
	}
	if p.Chat.out != "" {
		return false
	}
	if m.replyTo != nil && m.replyTo.from == nil {
		return true
	}
	if command, is := strings.CutPrefix(m.text, "/"); is {
		word, _, _ := strings.Cut(command, " ")
		_, whose, named := strings.Cut(word, "@")
		return !named || strings.EqualFold(whose, d.Username)
	}
	return strings.Contains(strings.ToLower(m.text), "@"+strings.ToLower(d.Username))
}

// Edit changes what somebody wrote.
func (p *Person) Edit(id int64, text string) {
	d := p.double
	d.mu.Lock()
	defer d.mu.Unlock()
	m := p.Chat.find(id)
	m.before = append(m.before, m.text)
	m.text, m.entities, m.edited = text, found(text), time.Now()
	if p.hears(m) {
		d.tell("edited_message", lineMessages, p.Chat.ID, m.api())
	}
}

// Tap presses the newest button with this label. It fails if nobody shows one.
func (p *Person) Tap(label string) error {
	d := p.double
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(p.Chat.messages) - 1; i >= 0; i-- {
		m := p.Chat.messages[i]
		if m.deleted {
			continue
		}
		for _, row := range m.keyboard {
			for _, b := range row {
				if b.Text == label && b.Data != "" {
					d.tap(p, m, b)
					return nil
				}
			}
		}
	}
	return fmt.Errorf("no button says %q", label)
}

// TapOn presses a button that a message shows, or showed once: apps may still
// have the old one on the screen.
func (p *Person) TapOn(id int64, b Button) {
	d := p.double
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tap(p, p.Chat.find(id), b)
}

// tap tells the bot of a press. The lock is held.
func (d *Double) tap(p *Person, m *message, b Button) {
	id := number(p.ID<<20 + int64(len(d.taps)))
	d.taps[id] = tapOpen
	shown := m.api()
	if m.old {
		shown = map[string]any{"message_id": m.id, "chat": m.chat.api(), "date": 0}
	}
	d.tell("callback_query", lineTaps, p.ID, map[string]any{
		"id": id, "from": p.api(), "message": shown, "chat_instance": number(p.Chat.ID), "data": b.Data,
	})
}

// Age makes a message so old that it comes without its content when somebody
// taps on it, and can be neither edited nor deleted.
func (c *Chat) Age(id int64) {
	c.double.mu.Lock()
	defer c.double.mu.Unlock()
	c.find(id).old = true
}

// ExpireTaps makes it too late to answer the taps so far.
func (d *Double) ExpireTaps() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id := range d.taps {
		d.taps[id] = tapExpired
	}
}

// Block ends the private chat from the person's side.
func (p *Person) Block() {
	d := p.double
	d.mu.Lock()
	defer d.mu.Unlock()
	private := d.chats[p.ID]
	private.out = "bot was blocked by the user"
	d.tell("my_chat_member", lineMembers, p.ID, d.membership(private, p, "member", "kicked"))
}

// Unblock opens it again. It does not write anything.
func (p *Person) Unblock() {
	d := p.double
	d.mu.Lock()
	defer d.mu.Unlock()
	private := d.chats[p.ID]
	private.out = ""
	d.tell("my_chat_member", lineMembers, p.ID, d.membership(private, p, "kicked", "member"))
}
