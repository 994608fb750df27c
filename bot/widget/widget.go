// Package widget is the conversation API: what the embeddable widget, and any
// other program, talks to. A conversation has a secret token; whoever has the
// token has the conversation, and nobody else learns that it exists.
package widget

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/files"
	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/internal/phrases"
	"sportello/internal/ratelimit"

	"github.com/danielgtaylor/huma/v2"
)

// Channel is the channel's name.
const Channel = "widget"

// Widget serves conversations. It is safe for concurrent use.
type Widget struct {
	Engine  *bot.Engine
	Files   *files.Cabinet
	Phrases bot.Phrases
	Config  Config
	Log     *slog.Logger
	Now     func() time.Time

	// Signed reads what pages elsewhere say of their reader; without keys
	// nothing they say counts.
	Signed account.SignedIdentity

	limits  ratelimit.Limits
	streams streams
}

const root = "/api/v1/conversations"

// Register adds the operations to an API.
func (w *Widget) Register(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "start-conversation", Method: http.MethodPost, Path: root, Tags: []string{"conversations"},
		Summary: "Start a conversation", DefaultStatus: http.StatusCreated, MaxBodyBytes: 4 << 10,
		Description: "Returns the token that is the only key to the conversation. Its first message, from the assistant, is there already. With a code it goes on with the conversation that the code was told in: what becomes of that is told by messages, too.",
		Errors:      []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}, w.start)
	huma.Register(api, huma.Operation{
		OperationID: "send-message", Method: http.MethodPost, Path: root + "/{id}/messages", Tags: []string{"conversations"},
		Summary: "Send a message or take a choice", DefaultStatus: http.StatusAccepted, MaxBodyBytes: 256 << 10, Security: bearer,
		Description: "The message is stored when this returns. The same client_id again returns the same seq and does nothing.",
		Errors:      []int{http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}, w.send)
	huma.Register(api, huma.Operation{
		OperationID: "attach-file", Method: http.MethodPost, Path: root + "/{id}/attachments", Tags: []string{"conversations"},
		Summary: "Send a file, to be mentioned in a message", DefaultStatus: http.StatusCreated, Security: bearer,
		Errors: []int{http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}, w.attach)
	api.OpenAPI().Paths[root+"/{id}/attachments"].Post.RequestBody = aForm // known to the operation, it would be read before the key
	huma.Register(api, huma.Operation{
		OperationID: "download-file", Method: http.MethodGet, Path: root + "/{id}/attachments/{file}", Tags: []string{"conversations"},
		Summary: "Have a file that was sent in the conversation", Security: bearer,
		Errors: []int{http.StatusNotFound, http.StatusTooManyRequests},
	}, w.download)
	huma.Register(api, huma.Operation{
		OperationID: "identify-person", Method: http.MethodPost, Path: root + "/{id}/identity", Tags: []string{"conversations"},
		Summary: "Say who is talking, by a token that the page around the chat has signed", DefaultStatus: http.StatusNoContent, MaxBodyBytes: 8 << 10, Security: bearer,
		Description: "A compact JWT, HS256, with email, name, nonce, iat, exp (at most five minutes later) and aud (the address of this service). It counts once; sent again for the same conversation it does nothing. 409: the conversation is somebody else's, so start a new one.",
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}, w.identify)
	huma.Register(api, huma.Operation{
		OperationID: "note-seen", Method: http.MethodPost, Path: root + "/{id}/seen", Tags: []string{"conversations"},
		Summary: "Say what the person has seen", DefaultStatus: http.StatusNoContent, MaxBodyBytes: 4 << 10, Security: bearer,
		Description: "A client that shows the conversation to the person, in a window that is visible, says up to which seq. What nobody saw is sent by mail after a while, if it is a notice.",
		Errors:      []int{http.StatusNotFound, http.StatusTooManyRequests},
	}, w.seen)
	huma.Register(api, huma.Operation{
		OperationID: "follow-conversation", Method: http.MethodGet, Path: root + "/{id}/events", Tags: []string{"conversations"},
		Summary: "Follow a conversation", Security: bearer,
		Description: "Server-sent events message, typing and state; resumes after Last-Event-ID. With Accept: application/json, the messages after seq `after` as a list.",
		Errors:      []int{http.StatusNotFound},
		Responses:   map[string]*huma.Response{"200": eventsResponse(api.OpenAPI())},
	}, w.follow)
}

var bearer = []map[string][]string{{"conversation": {}}}

// StartInput asks for a conversation.
type StartInput struct {
	Address string `header:"X-Sportello-Peer" hidden:"true"` // set by our own server, never by the client
	Body    struct {
		Lang     string `json:"lang,omitempty" enum:"it,en" doc:"Language of the assistant; Italian by default"`
		Continue string `json:"continue,omitempty" maxLength:"20" doc:"A code, told in another conversation, that continues that one here"`
	} `required:"false"`
}

// Started is a new conversation.
type Started struct {
	Body struct {
		ID    bot.ConversationID `json:"id"`
		Token string             `json:"token" doc:"Send it as bearer token; it cannot be had again"`
	}
}

func (w *Widget) start(ctx context.Context, in *StartInput) (*Started, error) {
	if wait := w.limits.Take("start "+in.Address, w.Config.StartsPerMinute, w.Now()); wait > 0 {
		return nil, w.tooMany(in.Body.Lang, wait)
	}
	token := rand.Text() + rand.Text()
	id := bot.ConversationID(rand.Text())
	hash := sha256.Sum256([]byte(token))
	_, err := w.Engine.Start(ctx, bot.Record{
		Conversation: bot.Conversation{ID: id, Channel: Channel, Lang: in.Body.Lang, Identity: account.Identity{Channel: Channel, PlatformID: string(id)}},
		Chat:         string(id), TokenHash: hash[:],
	})
	if err == nil && in.Body.Continue != "" {
		_, err = w.Engine.Receive(ctx, bot.Inbound{Conversation: id, Channel: Channel, ID: "continue", Continue: in.Body.Continue})
	}
	if err != nil {
		return nil, w.problem(ctx, in.Body.Lang, err)
	}
	out := &Started{}
	out.Body.ID, out.Body.Token = id, token
	return out, nil
}

// Key is what every request about a conversation carries.
type Key struct {
	ID            string `path:"id"`
	Authorization string `header:"Authorization" doc:"Bearer and the token"`
	Language      string `header:"Accept-Language" doc:"Of answers about conversations that do not open"`
}

// opened returns the conversation that the key opens. A wrong token and a
// conversation that does not exist are told alike.
func (w *Widget) opened(ctx context.Context, k Key) (bot.Record, error) {
	record, err := w.Engine.Store.Conversation(ctx, bot.ConversationID(k.ID))
	if err != nil {
		return record, w.problem(ctx, phrases.Preferred(k.Language), err)
	}
	hash := sha256.Sum256([]byte(strings.TrimPrefix(k.Authorization, "Bearer ")))
	if subtle.ConstantTimeCompare(hash[:], record.TokenHash) != 1 {
		return bot.Record{}, w.problem(ctx, phrases.Preferred(k.Language), fault.New(fault.NotFound, "error.conversation"))
	}
	return record, nil
}

// SendInput is a message or a choice.
type SendInput struct {
	Key
	Body struct {
		ClientID    string   `json:"client_id" minLength:"1" maxLength:"100" doc:"Chosen by the client, unique in the conversation"`
		Text        string   `json:"text,omitempty"`
		Choice      string   `json:"choice,omitempty" maxLength:"200" doc:"ID of a choice that was offered"`
		Attachments []string `json:"attachments,omitempty" maxItems:"5" doc:"IDs of files sent before"`
	}
}

// Sent acknowledges a message.
type Sent struct {
	Body struct {
		Seq int64 `json:"seq"`
	}
}

func (w *Widget) send(ctx context.Context, in *SendInput) (*Sent, error) {
	record, err := w.opened(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	if wait := w.limits.Take("send "+in.ID, w.Config.MessagesPerMinute, w.Now()); wait > 0 {
		return nil, w.tooMany(w.langOf(ctx, record), wait)
	}
	message := bot.Inbound{Conversation: record.ID, Channel: Channel, ID: in.Body.ClientID, Text: in.Body.Text, Choice: in.Body.Choice}
	for _, id := range in.Body.Attachments {
		file, err := w.Engine.Store.Attachment(ctx, record.ID, id)
		if err != nil {
			return nil, w.problem(ctx, w.langOf(ctx, record), err)
		}
		message.Attachments = append(message.Attachments, file)
	}
	receipt, err := w.Engine.Receive(ctx, message)
	if err != nil {
		return nil, w.problem(ctx, w.langOf(ctx, record), err)
	}
	out := &Sent{}
	out.Body.Seq = receipt.Seq
	return out, nil
}

// SeenInput says what was shown.
type SeenInput struct {
	Key
	Body struct {
		Seq int64 `json:"seq" minimum:"0" doc:"Of the last event shown"`
	}
}

func (w *Widget) seen(ctx context.Context, in *SeenInput) (*struct{}, error) {
	record, err := w.opened(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	if wait := w.limits.Take("seen "+in.ID, followed*w.Config.MessagesPerMinute, w.Now()); wait > 0 {
		return nil, w.tooMany(w.langOf(ctx, record), wait)
	}
	if err := w.Engine.Store.Seen(ctx, record.ID, in.Body.Seq); err != nil {
		return nil, w.problem(ctx, w.langOf(ctx, record), err)
	}
	return nil, nil
}

func (w *Widget) problem(ctx context.Context, lang string, err error) error {
	return httpstatus.Problems{Phrases: w.Phrases, Log: w.Log}.Of(ctx, lang, err)
}

func (w *Widget) tooMany(lang string, wait time.Duration) error {
	return httpstatus.Problems{Phrases: w.Phrases, Log: w.Log}.TooMany(lang, wait)
}

// langOf is the language the conversation is held in now.
func (w *Widget) langOf(ctx context.Context, r bot.Record) string {
	conv, err := w.Engine.Conversation(ctx, r.ID)
	if err != nil {
		return r.Lang
	}
	return conv.Lang
}
