package telegram

import (
	"crypto/hmac"
	"encoding/base64"
	"net"
	"net/url"
	"strconv"
	"strings"

	"sportello/bot"

	"github.com/go-telegram/bot/models"
)

// Buttons as they fit on a phone, in UTF-16 units.
const (
	longestLabel = 60
	shortLabel   = 16  // of two that stand beside one another
	mostButtons  = 100 // of one message
)

// keyboard are the choices of a reply, and links, as buttons; or nil.
func (c *Channel) keyboard(id bot.ConversationID, seq int64, r *bot.Reply, links []bot.Link) *models.InlineKeyboardMarkup {
	var rows [][]models.InlineKeyboardButton
	paired := false
	put := func(b models.InlineKeyboardButton) {
		short := units(b.Text) <= shortLabel
		if last := len(rows) - 1; paired && short {
			rows[last] = append(rows[last], b)
			paired = false
			return
		}
		rows = append(rows, []models.InlineKeyboardButton{b})
		paired = short
	}
	for i, choice := range r.Choices {
		if i == mostButtons-len(links) {
			break
		}
		put(models.InlineKeyboardButton{Text: label(choice.Label), CallbackData: c.pressed(id, seq, i)})
	}
	for _, l := range links {
		paired = false
		put(models.InlineKeyboardButton{Text: label(l.Label), URL: l.URL})
	}
	if len(rows) == 0 {
		return nil
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}

// label is a label that fits on a button.
func label(text string) string {
	text = strings.Join(strings.Fields(harmless(text)), " ")
	if text == "" {
		return "–"
	}
	if units(text) <= longestLabel {
		return text
	}
	cut := text[:cutAt(text, longestLabel-1)]
	return strings.TrimRight(cut, " .,;:") + "…"
}

// proof is how many bytes prove that a button is ours.
const proof = 12

// pressed is what a button says when it is pressed: which choice of which
// event it is, and a proof that we made it for this conversation.
func (c *Channel) pressed(id bot.ConversationID, seq int64, choice int) string {
	place := strconv.FormatInt(seq, 36) + "." + strconv.FormatInt(int64(choice), 36)
	return place + "." + c.proof(id, place)
}

func (c *Channel) proof(id bot.ConversationID, place string) string {
	return base64.RawURLEncoding.EncodeToString(c.sum("button", string(id)+"\x00"+place)[:proof])
}

// place reads what a button said; it is false for what we never made, or not
// for this conversation.
func (c *Channel) place(id bot.ConversationID, data string) (seq int64, choice int, ours bool) {
	at := strings.LastIndexByte(data, '.')
	if at < 0 || !hmac.Equal([]byte(data[at+1:]), []byte(c.proof(id, data[:at]))) {
		return 0, 0, false
	}
	first, second, _ := strings.Cut(data[:at], ".")
	seq, err := strconv.ParseInt(first, 36, 64)
	n, err2 := strconv.ParseInt(second, 36, 32)
	return seq, int(n), err == nil && err2 == nil && seq > 0 && n >= 0
}

// opens reports whether Telegram takes an address on a button: one that is
// reached from anywhere.
func opens(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || !strings.Contains(u.Hostname(), ".") {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback() && !ip.IsPrivate()
}

// pressedIn is the chat of the message whose button was pressed.
func pressedIn(q *models.CallbackQuery) (chat int64, message int) {
	switch {
	case q.Message.Message != nil:
		return q.Message.Message.Chat.ID, q.Message.Message.ID
	case q.Message.InaccessibleMessage != nil:
		return q.Message.InaccessibleMessage.Chat.ID, q.Message.InaccessibleMessage.MessageID
	}
	return 0, 0
}
