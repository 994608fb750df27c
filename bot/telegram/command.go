package telegram

import (
	"context"
	"regexp"
	"strings"

	"sportello/bot"

	"github.com/go-telegram/bot/models"
)

// aCommand is how commands are written: /stato, /stato@bot, /stato RGL-1.
var aCommand = regexp.MustCompile(`(?s)^/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?$`)

// parseCommand reads a command, the bot it is for if it says so, and what
// follows.
func parseCommand(text string) (command, to, rest string, is bool) {
	m := aCommand.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return "", "", "", false
	}
	return strings.ToLower(m[1]), m[2], strings.TrimSpace(m[3]), true
}

// commands are those of the menu, by their names in both languages, and the
// phrase with the words that they stand for.
var commands = map[string]string{
	"aiuto": "telegram.says.help", "help": "telegram.says.help",
	"stato": "telegram.says.status", "status": "telegram.says.status",
	"ticket":    "telegram.says.ticket",
	"operatore": "telegram.says.operator", "operator": "telegram.says.operator",
	"scollega": "telegram.says.unlink", "unlink": "telegram.says.unlink",
	"lingua": "telegram.says.language", "language": "telegram.says.language",
}

// continues begins what follows /start in a link that goes on with another
// conversation.
const continues = "c_"

// asked is what became of a message's words.
type asked bool

// What there may be.
const (
	nothing   asked = false // it is dealt with
	something asked = true
)

// understand puts the words of a message into in. Commands become the words
// that the engine knows.
func (c *Channel) understand(ctx context.Context, in *bot.Inbound, from talk, m *models.Message, text string) (asked, error) {
	command, _, rest, is := parseCommand(text)
	if !is {
		in.Text = text
		if text == "" && from.public && len(filesOf(m)) == 0 && !unreadable(m) { // only our name was said
			in.Text = c.Phrases.Say(from.lang, "telegram.says.start", nil)
		}
		return something, nil
	}
	if command == "start" {
		return c.start(ctx, in, from, rest)
	}
	phrase, known := commands[command]
	switch {
	case !known: // somebody's own word: /vpn
		in.Text = strings.TrimSpace(strings.ReplaceAll(command, "_", " ") + " " + rest)
		return something, nil
	case phrase == "telegram.says.language":
		in.Text = c.Phrases.Say(otherLang(from.lang, rest), phrase, nil)
		return something, nil
	}
	in.Text = c.Phrases.Say(from.lang, phrase, nil)
	switch {
	case rest == "":
	case phrase == "telegram.says.ticket":
		in.Text += ": " + rest
	case phrase == "telegram.says.status":
		in.Text = c.Phrases.Say(from.lang, "telegram.says.status_of", map[string]any{"Number": rest})
	default: // /aiuto la stampante non stampa: that is the question
		in.Text = rest
		if phrase == "telegram.says.operator" || phrase == "telegram.says.unlink" {
			in.Text = c.Phrases.Say(from.lang, phrase, nil)
		}
	}
	return something, nil
}

// otherLang is the language that is asked for, or the one that is not spoken.
func otherLang(lang, wanted string) string {
	switch wanted = strings.ToLower(wanted); {
	case strings.HasPrefix(wanted, "it"):
		return "it"
	case strings.HasPrefix(wanted, "en"), strings.HasPrefix(wanted, "ing"):
		return "en"
	case lang == "it":
		return "en"
	}
	return "it"
}

// start answers the button that opens a chat. It says something only in a
// conversation that was there before: a new one has introduced itself.
func (c *Channel) start(ctx context.Context, in *bot.Inbound, from talk, payload string) (asked, error) {
	if code, is := strings.CutPrefix(payload, continues); is && code != "" {
		in.Continue = code
		return something, nil
	}
	if from.fresh {
		return nothing, c.Engine.Store.SetMark(ctx, markStart, string(from.id), in.ID)
	}
	begun, err := c.Engine.Store.Mark(ctx, markStart, string(from.id))
	if err != nil || begun == in.ID {
		return nothing, err
	}
	in.Text = c.Phrases.Say(from.lang, "telegram.says.start", nil)
	return something, nil
}
