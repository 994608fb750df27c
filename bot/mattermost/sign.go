package mattermost

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"sportello/bot"
	"sportello/internal/fault"
)

// CallbackKey names the key of the installation that callbacks are signed with.
const CallbackKey = "mattermost callbacks"

// tapTime is how long a button can be tapped.
const tapTime = 7 * 24 * time.Hour

// Tap is what a button of ours carries to the server and back. People do not see
// it; who knows neither the key nor the message cannot make one up.
type Tap struct {
	Conversation bot.ConversationID
	Letter       string // that offered it
	Choice       string // ID of the choice; empty on a menu: the server adds what was chosen
	Expires      time.Time
}

// signer signs what comes back by callbacks, and knows the path they come to.
type signer struct{ key []byte }

func (c *Channel) signer(ctx context.Context) (signer, error) {
	key, err := c.Key(ctx, CallbackKey)
	return signer{key}, err
}

// path is where callbacks of this kind ("action", "dialog", "command", …) come
// to, below the root of the service: nobody guesses it.
func (s signer) path(kind string) string {
	return "/mattermost/" + s.mac("path", kind)[:32] + "/" + kind
}

// context is what an action of a message carries.
func (s signer) context(t Tap) map[string]any {
	expires := strconv.FormatInt(t.Expires.Unix(), 10)
	return map[string]any{
		"conversation": string(t.Conversation), "letter": t.Letter, "choice": t.Choice, "expires": expires,
		"mac": s.mac("tap", string(t.Conversation), t.Letter, t.Choice, expires),
	}
}

// tap reads what an action carried. It fails with fault.Forbidden for what we
// did not make, and with fault.Invalid for what is too old.
func (s signer) tap(context map[string]any, now time.Time) (Tap, error) {
	text := func(name string) string {
		value, _ := context[name].(string)
		return value
	}
	t := Tap{Conversation: bot.ConversationID(text("conversation")), Letter: text("letter"), Choice: text("choice")}
	want := s.mac("tap", string(t.Conversation), t.Letter, t.Choice, text("expires"))
	if subtle.ConstantTimeCompare([]byte(want), []byte(text("mac"))) != 1 {
		return Tap{}, fault.New(fault.Forbidden, "error.choice_unknown")
	}
	seconds, err := strconv.ParseInt(text("expires"), 10, 64)
	if err != nil {
		return Tap{}, fault.New(fault.Forbidden, "error.choice_unknown").Because(err)
	}
	if t.Expires = time.Unix(seconds, 0); now.After(t.Expires) {
		return t, fault.New(fault.Invalid, "error.choice_unknown")
	}
	return t, nil
}

// mac is over the parts, each with its length: no two lists of parts look the
// same.
func (s signer) mac(parts ...string) string {
	h := hmac.New(sha256.New, s.key)
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
