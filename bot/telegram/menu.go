package telegram

import (
	"context"
	"strings"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// menus are the commands that each language shows, in order. What is shown to
// who speaks neither is English.
var menus = []struct {
	code     string // as Telegram wants it; "" for all others
	lang     string
	commands []string
}{
	{"it", "it", []string{"aiuto", "ticket", "stato", "operatore", "lingua", "scollega"}},
	{"", "en", []string{"help", "ticket", "status", "operator", "language", "unlink"}},
}

// setCommands sets the menu of commands in each language.
func (c *Channel) setCommands(ctx context.Context) error {
	for _, m := range menus {
		if _, err := c.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: c.menu(m.lang, m.commands), LanguageCode: m.code}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Channel) menu(lang string, names []string) (list []models.BotCommand) {
	for _, name := range names {
		list = append(list, models.BotCommand{Command: name, Description: c.Phrases.Say(lang, strings.Replace(commands[name], ".says.", ".menu.", 1), nil)})
	}
	return list
}
