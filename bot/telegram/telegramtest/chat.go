package telegramtest

import (
	"context"
	"slices"
	"time"
)

// Chat is a private chat with the bot, or a group that it is in.
type Chat struct {
	ID    int64
	Title string // of a group

	double   *Double
	kind     string // private, group, supergroup
	members  []*Person
	out      string // why the bot may not write; empty if it may
	started  bool   // the person has written to the bot at least once
	movedTo  *Chat
	messages []*message
}

// Messages are what people see in the chat now, oldest first.
func (c *Chat) Messages() []Message {
	return slices.DeleteFunc(c.History(), func(m Message) bool { return m.Deleted })
}

// History is everything that was ever in the chat, also what was deleted.
func (c *Chat) History() []Message {
	c.double.mu.Lock()
	defer c.double.mu.Unlock()
	return c.history()
}

func (c *Chat) history() []Message {
	var all []Message
	for _, m := range c.messages {
		all = append(all, m.seen())
	}
	return all
}

// FromBot are the messages of the bot among those that people see.
func (c *Chat) FromBot() []Message {
	return slices.DeleteFunc(c.Messages(), func(m Message) bool { return !m.FromBot })
}

// Await waits until the messages that people see are such as what says, and
// returns them.
func (c *Chat) Await(ctx context.Context, what func([]Message) bool) ([]Message, error) {
	var seen []Message
	err := c.double.Until(ctx, func() bool {
		seen = c.Messages()
		return what(seen)
	})
	return seen, err
}

// find is a message by its number, deleted or not. The lock is held.
func (c *Chat) find(id int64) *message {
	for _, m := range c.messages {
		if m.id == id {
			return m
		}
	}
	return nil
}

// add puts a message into the chat. The lock is held.
func (c *Chat) add(m *message) *message {
	c.double.nextID[c.ID]++
	m.id, m.chat, m.at = c.double.nextID[c.ID], c, time.Now()
	c.messages = append(c.messages, m)
	c.double.change()
	return m
}

func (c *Chat) api() map[string]any {
	shown := map[string]any{"id": c.ID, "type": c.kind}
	if c.kind == "private" {
		shown["first_name"] = c.members[0].Name
		return shown
	}
	shown["title"] = c.Title
	return shown
}

// Group makes a group with these people and the bot in it.
func (d *Double) Group(id int64, title string, people ...*Person) *Chat {
	d.mu.Lock()
	defer d.mu.Unlock()
	group := &Chat{ID: id, Title: title, double: d, kind: "group", members: people, started: true}
	d.chats[id] = group
	d.tell("my_chat_member", lineMembers, id, d.membership(group, people[0], "left", "member"))
	return group
}

// Upgrade makes a supergroup of a group, which gets another number: calls with
// the old one are refused, and told the new one.
func (c *Chat) Upgrade(id int64) *Chat {
	d := c.double
	d.mu.Lock()
	defer d.mu.Unlock()
	larger := &Chat{ID: id, Title: c.Title, double: d, kind: "supergroup", members: c.members, started: true}
	d.chats[id], c.movedTo = larger, larger
	left := c.add(&message{from: c.members[0], movedTo: id})
	d.tell("message", lineMessages, c.ID, left.api())
	came := larger.add(&message{from: c.members[0], movedFrom: c.ID})
	d.tell("message", lineMessages, id, came.api())
	return larger
}

// Remove takes the bot out of a group.
func (c *Chat) Remove() {
	c.double.mu.Lock()
	defer c.double.mu.Unlock()
	c.out = "bot was kicked from the " + c.kind + " chat"
	c.double.tell("my_chat_member", lineMembers, c.ID, c.double.membership(c, c.members[0], "member", "kicked"))
}

// Readmit lets the bot in again.
func (c *Chat) Readmit() {
	c.double.mu.Lock()
	defer c.double.mu.Unlock()
	c.out = ""
	c.double.tell("my_chat_member", lineMembers, c.ID, c.double.membership(c, c.members[0], "kicked", "member"))
}

func (d *Double) membership(c *Chat, by *Person, before, after string) map[string]any {
	member := func(status string) map[string]any {
		shown := map[string]any{"user": d.bot(), "status": status}
		if status == "kicked" {
			shown["until_date"] = 0
		}
		return shown
	}
	return map[string]any{
		"chat": c.api(), "from": by.api(), "date": time.Now().Unix(), "old_chat_member": member(before), "new_chat_member": member(after),
	}
}
