package telegram

import (
	"context"
	"slices"
	"strings"

	"sportello/bot"
	"sportello/internal/fault"
)

// takeAlbum takes the photographs of an album as one message. Which parts
// belong to that message is settled before it is stored: if we are killed in
// between, the same parts make the same message again; a part that comes later
// is a message of its own.
func (c *Channel) takeAlbum(ctx context.Context, from talk, text string, updates []update) error {
	album := updates[0].album()
	before, err := c.Engine.Store.Mark(ctx, markAlbums, string(from.id))
	if err != nil {
		return err
	}
	known := albums(strings.Fields(before))
	parts, planned := known.parts(album)
	there := func(id string) bool {
		return slices.ContainsFunc(updates, func(u update) bool { return c.messageID(u.Message) == id })
	}
	if !planned || slices.ContainsFunc(parts, func(id string) bool { return !there(id) }) {
		in := bot.Inbound{Conversation: from.id, Channel: ChannelName, ID: "album " + album}
		switch _, err := c.Engine.Store.Received(ctx, in); {
		case err != nil && !fault.Is(err, fault.NotFound):
			return err
		case err != nil: // nothing of it is stored: those that are here make the message
			parts = nil
			for _, u := range updates {
				parts = append(parts, c.messageID(u.Message))
			}
			if err := c.Engine.Store.SetMark(ctx, markAlbums, string(from.id), known.with(album, parts)); err != nil {
				return err
			}
		}
	}
	var together, late []update
	for _, u := range updates {
		if slices.Contains(parts, c.messageID(u.Message)) {
			together = append(together, u)
		} else {
			late = append(late, u)
		}
	}
	if len(together) > 0 {
		if err := c.takeParts(ctx, from, "album "+album, text, together); err != nil {
			return err
		}
	}
	for _, u := range late {
		words, _ := c.addressed(u.Message)
		if err := c.takeParts(ctx, from, c.messageID(u.Message), words, []update{u}); err != nil {
			return err
		}
	}
	return nil
}

// albums are the last ones of a conversation, each as album:part,part.
type albums []string

// mostAlbums are remembered of each conversation.
const mostAlbums = 10

func (a albums) parts(album string) ([]string, bool) {
	for _, one := range a {
		if name, parts, _ := strings.Cut(one, ":"); name == album {
			return strings.Split(parts, ","), true
		}
	}
	return nil, false
}

func (a albums) with(album string, parts []string) string {
	others := slices.DeleteFunc(slices.Clone(a), func(one string) bool { return strings.HasPrefix(one, album+":") })
	all := append(others, album+":"+strings.Join(parts, ","))
	return strings.Join(all[max(0, len(all)-mostAlbums):], " ")
}
