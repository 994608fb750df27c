package telegramtest

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// The limits of buttons.
const (
	mostButtons    = 100
	mostInRow      = 8
	mostData       = 64 // bytes
	mostHint       = 64 // characters
	mostButtonText = 256
)

// markup reads reply_markup into m.
func (m *message) markup(in *request) *refusal {
	if in.values["reply_markup"] == "" {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(in.values["reply_markup"]), &fields) != nil {
		return badRequest("can't parse reply keyboard markup JSON object")
	}
	if fields["inline_keyboard"] != nil {
		return m.buttons(fields["inline_keyboard"])
	}
	if string(fields["force_reply"]) == "true" {
		m.asks = true
		_ = json.Unmarshal(fields["input_field_placeholder"], &m.hint) // none is none
		if utf8.RuneCountInString(m.hint) > mostHint {
			return badRequest("the input field placeholder is too long")
		}
		return nil
	}
	if fields["keyboard"] != nil || string(fields["remove_keyboard"]) == "true" || len(fields) == 0 {
		return nil
	}
	return badRequest("object expected as reply markup")
}

func (m *message) buttons(raw json.RawMessage) *refusal {
	var rows [][]map[string]json.RawMessage
	if json.Unmarshal(raw, &rows) != nil {
		return badRequest("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays")
	}
	total := 0
	for _, row := range rows {
		var shown []Button
		for _, fields := range row {
			b, refused := button(fields)
			if refused != nil {
				return refused
			}
			shown = append(shown, b)
		}
		if total += len(shown); len(shown) > mostInRow || total > mostButtons {
			return badRequest("reply markup is too long")
		}
		if len(shown) > 0 {
			m.keyboard = append(m.keyboard, shown)
		}
	}
	return nil
}

func button(fields map[string]json.RawMessage) (b Button, _ *refusal) {
	if json.Unmarshal(fields["text"], &b.Text) != nil || strings.TrimSpace(b.Text) == "" {
		return b, badRequest("can't parse inline keyboard button: Field \"text\" must be a non-empty String")
	}
	if utf8.RuneCountInString(b.Text) > mostButtonText {
		return b, badRequest("BUTTON_TEXT_INVALID")
	}
	switch {
	case fields["url"] != nil:
		_ = json.Unmarshal(fields["url"], &b.URL) // what is no text is no address either
		if !isAddress(b.URL) {
			return b, badRequest("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
		}
	case fields["callback_data"] != nil:
		if json.Unmarshal(fields["callback_data"], &b.Data) != nil || b.Data == "" || len(b.Data) > mostData {
			return b, badRequest("BUTTON_DATA_INVALID")
		}
	default:
		return b, badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	}
	return b, nil
}

// isAddress reports whether Telegram takes it for one; a host without a dot is
// none.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "tg" || (u.Scheme == "http" || u.Scheme == "https") && strings.Contains(u.Hostname(), "."))
}
