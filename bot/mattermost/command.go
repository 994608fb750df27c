package mattermost

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// Command is the slash command as somebody gave it.
type Command struct {
	User, Channel, ChannelName string
	Root                       string // of the thread that it was given in, if the server says: Mattermost 9 does not
	Text                       string // what stands behind the command
	Trigger                    string // unique
	ResponseURL                string
}

// ID names the command among the messages of a conversation.
func (c Command) ID() string {
	sum := sha256.Sum256([]byte(c.Trigger))
	return "command " + hex.EncodeToString(sum[:16])
}

// command takes the slash command. Whoever does not know its token is refused.
func (b *Callbacks) command(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largestCall)
	if r.ParseForm() != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err := b.admits(r); err != nil {
		b.answer(w, r, nil, err)
		return
	}
	text, err := b.commanded(r.Context(), commandOf(r.PostForm))
	b.answer(w, r, model.CommandResponse{ResponseType: model.CommandResponseTypeEphemeral, Text: text, SkipSlackParsing: true}, err)
}

// admits compares the token of a command with ours. The file is read each time:
// an administrator may make a new one.
func (b *Callbacks) admits(r *http.Request) error {
	token, err := readToken(b.Config.CommandTokenFile)
	if err != nil {
		return err
	}
	refused := fault.New(fault.Forbidden, "error.forbidden")
	if subtle.ConstantTimeCompare([]byte(r.PostForm.Get("token")), []byte(token)) != 1 {
		return refused
	}
	if header, is := strings.CutPrefix(r.Header.Get("Authorization"), "Token "); is && subtle.ConstantTimeCompare([]byte(header), []byte(token)) != 1 {
		return refused
	}
	return nil
}

func commandOf(form url.Values) Command {
	return Command{
		User: form.Get("user_id"), Channel: form.Get("channel_id"), ChannelName: form.Get("channel_name"), Root: form.Get("root_id"),
		Text: strings.TrimSpace(form.Get("text")), Trigger: form.Get("trigger_id"), ResponseURL: form.Get("response_url"),
	}
}

// subCommands are words that stand for a sentence, by language, which the
// assistant understands like any other. All of them are personal.
var subCommands = map[string]map[string]string{
	"stato": {"it": "i miei ticket", "en": "my tickets"}, "status": {"it": "i miei ticket", "en": "my tickets"},
	"operatore": {"it": "vorrei parlare con un operatore", "en": "I want to talk to an operator"},
	"operator":  {"it": "vorrei parlare con un operatore", "en": "I want to talk to an operator"},
	"ticket":    {"it": "apri un ticket", "en": "open a ticket"},
}

// commanded does what a command says, and returns the answer that only its user
// sees.
func (b *Callbacks) commanded(ctx context.Context, command Command) (answer string, err error) {
	defer fault.Wrap(&err, "carry out a command")
	k, err := b.client(ctx)
	if err != nil {
		return "", err
	}
	who, err := k.user(ctx, command.User)
	if err != nil {
		return "", err
	}
	lang := langOf(who)
	if words, many := b.tooMany(command.User, lang); many {
		return words, nil
	}
	if b.Commanded != nil {
		if answer, handled, err := b.Commanded(ctx, command); handled || err != nil {
			return answer, err
		}
	}
	word, rest, _ := strings.Cut(command.Text, " ")
	switch word, rest = strings.ToLower(word), strings.TrimSpace(rest); {
	case word == "" || word == "aiuto" || word == "help":
		return b.Phrases.Say(lang, "mattermost.command_help", nil), nil
	case word == "ticket" && rest != "":
		command.Text = b.ticketWords(lang, rest)
		return b.askPrivately(ctx, k, lang, command)
	case subCommands[word] != nil && rest == "":
		command.Text = subCommands[word][lang]
		return b.askPrivately(ctx, k, lang, command)
	case word == "continua" || word == "continue", command.ChannelName == model.GetDMNameFromIds(k.me.Id, command.User):
		return b.askPrivately(ctx, k, lang, command)
	}
	return b.askAside(ctx, k, lang, command)
}

// ticketWords is what "ticket" with something behind it says.
func (b *Callbacks) ticketWords(lang, rest string) string {
	if strings.Trim(rest, "0123456789-/# ") == "" {
		return "ticket " + rest
	}
	return subCommands["ticket"][lang] + map[string]string{"it": " per ", "en": " for "}[lang] + rest
}

// askPrivately says it in the direct conversation, and where that is.
func (b *Callbacks) askPrivately(ctx context.Context, k *client, lang string, command Command) (string, error) {
	id, err := b.privately(ctx, k, command.User)
	if errors.Is(err, ErrRefused) {
		return b.writeFirst(lang), nil
	}
	if err != nil {
		return "", err
	}
	heard, taken, err := b.say(ctx, id, lang, command)
	if err != nil || !taken || command.ChannelName == model.GetDMNameFromIds(k.me.Id, command.User) {
		return heard, err
	}
	return strings.TrimSpace(b.Phrases.Say(lang, "mattermost.in_private", nil) + " " + b.linkDirect(lang)), nil
}

// askAside asks where others read along. Only who asked sees question and
// answer.
func (b *Callbacks) askAside(ctx context.Context, k *client, lang string, command Command) (string, error) {
	p := place{channel: command.Channel, root: asideRoot, user: command.User}
	b.asides.put(p.chat(), command.ResponseURL, b.Now())
	id, err := b.conversation(ctx, k, p, command.User)
	if err != nil {
		return "", err
	}
	heard, _, err := b.say(ctx, id, lang, command)
	return heard, err
}

// say says in a conversation what a command says, and returns what was heard, for
// a command leaves no trace of itself; or, if it was not taken, why.
func (b *Callbacks) say(ctx context.Context, id bot.ConversationID, lang string, command Command) (heard string, taken bool, err error) {
	receipt, err := b.Engine.Receive(ctx, bot.Inbound{Conversation: id, Channel: Name, ID: command.ID(), Text: command.Text})
	if isRefusal(err) {
		phrase, values := fault.Public(err)
		return b.Phrases.Say(lang, phrase, values), false, nil
	}
	if err != nil {
		return "", false, err
	}
	said, is, err := b.Engine.Event(ctx, id, receipt.Seq) // without what was masked
	if err != nil || !is {
		return "", true, err
	}
	return "> " + strings.ReplaceAll(plain(said.Text), "\n", "\n> "), true, nil
}
