package telegramtest

import (
	"slices"
	"strconv"
	"unicode/utf16"
)

// posted is what a call put into a chat.
type posted interface {
	messages() []*message
	result() any
}

type one struct {
	message *message
	shown   map[string]any // as it was then
}

func (o one) messages() []*message { return []*message{o.message} }
func (o one) result() any          { return o.shown }

type several struct {
	sent  []*message
	shown []map[string]any
}

func (s several) messages() []*message { return s.sent }
func (s several) result() any          { return s.shown }

// The limits of texts, in UTF-16 units after parsing.
const (
	mostText     = 4096
	mostCaption  = 1024
	mostEntities = 100 // the rest is shown plain
)

// chat is the one that a call names, if the bot may write there.
func (d *Double) chat(in *request) (*Chat, *refusal) {
	if in.values["chat_id"] == "" {
		return nil, badRequest("chat_id is empty")
	}
	id, err := strconv.ParseInt(in.values["chat_id"], 10, 64)
	c := d.chats[id]
	switch {
	case err != nil || c == nil:
		return nil, badRequest("chat not found")
	case c.movedTo != nil:
		return nil, &refusal{
			code: 400, description: "Bad Request: group chat was upgraded to a supergroup chat", parameters: map[string]any{"migrate_to_chat_id": c.movedTo.ID},
		}
	case c.out != "":
		return nil, forbidden(c.out)
	case !c.started:
		return nil, forbidden("bot can't initiate conversation with a user")
	}
	return c, nil
}

// formatted reads a text with its parse mode and entities.
func formatted(in *request, words, entities string, most int) (string, []Entity, *refusal) {
	text, marks := in.values[words], []Entity(nil)
	switch mode := in.values["parse_mode"]; {
	case mode == "HTML" || mode == "html":
		var err error
		if text, marks, err = parseHTML(text); err != nil {
			return "", nil, badRequest("can't parse entities: %v", err)
		}
	case mode != "":
		return "", nil, badRequest("unsupported parse_mode") // Markdown is not doubled: nobody here uses it
	default:
		if refused := in.object(entities, &marks); refused != nil {
			return "", nil, refused
		}
	}
	text, marks = trim(text, marks)
	if len(utf16.Encode([]rune(text))) > most {
		if most == mostCaption {
			return "", nil, badRequest("message caption is too long")
		}
		return "", nil, badRequest("message is too long")
	}
	if len(marks) > mostEntities {
		marks = marks[:mostEntities]
	}
	marks = append(marks, plainMarks(text, marks)...)
	inOrder(marks)
	return text, marks, nil
}

// plainMarks are the entities that Telegram finds by itself outside the others.
func plainMarks(text string, marks []Entity) []Entity {
	return slices.DeleteFunc(found(text), func(e Entity) bool {
		return slices.ContainsFunc(marks, func(m Entity) bool { return e.Offset < m.Offset+m.Length && m.Offset < e.Offset+e.Length })
	})
}

func (d *Double) sendMessage(in *request) (any, *refusal) {
	c, refused := d.chat(in)
	if refused != nil {
		return nil, refused
	}
	m := &message{}
	if m.text, m.entities, refused = formatted(in, "text", "entities", mostText); refused != nil {
		return nil, refused
	}
	if m.text == "" {
		return nil, badRequest("message text is empty")
	}
	if refused := d.around(in, c, m); refused != nil {
		return nil, refused
	}
	c.add(m)
	return one{m, m.api()}, nil
}

// around reads what goes with every message: its buttons, and what it replies
// to.
func (d *Double) around(in *request, c *Chat, m *message) *refusal {
	if refused := m.markup(in); refused != nil {
		return refused
	}
	m.silent = in.bool("disable_notification")
	reply := struct {
		Message int64 `json:"message_id"`
		Anyway  bool  `json:"allow_sending_without_reply"`
	}{in.int("reply_to_message_id", 0), in.bool("allow_sending_without_reply")}
	if refused := in.object("reply_parameters", &reply); refused != nil {
		return refused
	}
	if reply.Message == 0 {
		return nil
	}
	if m.replyTo = c.find(reply.Message); m.replyTo == nil || m.replyTo.deleted {
		m.replyTo = nil
		if !reply.Anyway {
			return badRequest("message to be replied not found")
		}
	}
	return nil
}

var chatActions = []string{
	"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document", "choose_sticker", "find_location",
	"record_video_note", "upload_video_note",
}

func (d *Double) sendChatAction(in *request) (any, *refusal) {
	c, refused := d.chat(in)
	if refused != nil {
		return nil, refused
	}
	if !slices.Contains(chatActions, in.values["action"]) {
		return nil, badRequest("wrong parameter action in request")
	}
	d.acts = append(d.acts, Act{Method: "sendChatAction", Chat: c.ID, Text: in.values["action"]})
	return true, nil
}

func (d *Double) answerCallbackQuery(in *request) (any, *refusal) {
	id := in.values["callback_query_id"]
	if d.taps[id] != tapOpen && d.taps[id] != tapAnswered {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	if len([]rune(in.values["text"])) > 200 {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	if d.taps[id] == tapAnswered { // the app shows the first answer only
		return true, nil
	}
	d.taps[id] = tapAnswered
	d.acts = append(d.acts, Act{Method: "answerCallbackQuery", Text: in.values["text"], Alert: in.bool("show_alert")})
	return true, nil
}
