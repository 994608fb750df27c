package telegram

import (
	"encoding/json"
	"fmt"

	"github.com/go-telegram/bot/models"
)

// allowed are the sorts of updates that we take.
var allowed = []string{models.AllowedUpdateMessage, models.AllowedUpdateCallbackQuery, models.AllowedUpdateMyChatMember}

// update is what Telegram tells at once.
type update struct {
	models.Update
	chat   int64 // it happened in; 0 if in none
	broken bool  // it cannot be read, beyond who wrote where
}

// readUpdate reads an update. One that is not as we know it is broken, not an
// error, as long as it has a number: it has to be passed over some day.
func readUpdate(raw []byte) (u update, err error) {
	if err := json.Unmarshal(raw, &u.Update); err != nil {
		var least struct {
			ID      int64           `json:"update_id"`
			Message json.RawMessage `json:"message"`
		}
		if json.Unmarshal(raw, &least) != nil {
			return update{}, fmt.Errorf("an update of %d bytes cannot be read", len(raw)) // not why: that would quote it
		}
		u = update{Update: models.Update{ID: least.ID}, broken: true}
		var sent struct {
			ID   int         `json:"message_id"`
			From models.User `json:"from"`
			Chat models.Chat `json:"chat"`
		}
		if json.Unmarshal(least.Message, &sent) == nil && sent.Chat.ID != 0 {
			u.Message = &models.Message{ID: sent.ID, From: &sent.From, Chat: sent.Chat}
		}
	}
	if u.ID == 0 {
		return u, fmt.Errorf("an update of %d bytes has no number", len(raw))
	}
	switch {
	case u.Message != nil:
		u.chat = u.Message.Chat.ID
	case u.CallbackQuery != nil:
		u.chat, _ = pressedIn(u.CallbackQuery)
	case u.MyChatMember != nil:
		u.chat = u.MyChatMember.Chat.ID
	}
	return u, nil
}

// album is the album that a message is part of, or nothing.
func (u update) album() string {
	if u.Message == nil || u.broken {
		return ""
	}
	return u.Message.MediaGroupID
}
