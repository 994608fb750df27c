package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sportello/bot/telegram"
	"sportello/store"
)

type telegramCommand struct {
	Setup telegramSetup `cmd:"" help:"Set the bot up at Telegram, or check it, and say what is left to do. Repeating it does no harm."`
}

type telegramSetup struct {
	TokenFile string `help:"File with the token from @BotFather; else the one of the configuration, else it is asked for and kept in telegram.token in the data folder." type:"path" placeholder:"FILE"`
	Mode      string `help:"How messages come in, instead of the configured way: polling or webhook." enum:"polling,webhook," default:""`
	SiteURL   string `help:"Address of this service, as Telegram reaches it, for a webhook; else site_url of the configuration." name:"site-url" placeholder:"URL"`
	Check     bool   `help:"Change nothing, only tell."`
	JSON      bool   `help:"Print JSON." name:"json"`
}

func (c *telegramSetup) Run(ctx context.Context, con *console) (err error) {
	settings, err := con.settings()
	if err != nil {
		return err
	}
	texts, err := readContent(settings.Content)
	if err != nil {
		return err
	}
	config := settings.Telegram
	config.Mode = cmp.Or(c.Mode, config.Mode)
	config.TokenFile = cmp.Or(c.TokenFile, config.TokenFile)
	token, typed, err := con.botToken(config)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, con.Data) // it keeps what proves the webhook
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if typed {
		if config.TokenFile, err = filepath.Abs(filepath.Join(con.Data, "telegram.token")); err != nil {
			return err
		}
		if !c.Check {
			_ = os.Remove(config.TokenFile) // one that others may read would stay so
			if err := os.WriteFile(config.TokenFile, []byte(token+"\n"), 0o600); err != nil {
				return err
			}
		}
	}
	key, err := store.NewConversations(db).Key(ctx, telegramKey)
	if err != nil {
		return err
	}
	setup := telegram.Setup{
		Config: config, Token: token, SiteURL: strings.TrimSuffix(cmp.Or(c.SiteURL, settings.SiteURL), "/"), Key: key,
		Phrases: texts.phrases, Check: c.Check, Now: time.Now,
	}
	steps, failure := setup.Run(ctx)
	block := ""
	if len(steps) > 0 {
		block = telegramBlock(config)
	}
	if err := con.setUp(telegram.ChannelName, steps, block, c.JSON); err != nil && failure == nil {
		return err
	}
	return failure
}

// botToken reads the token from its file, or else from the terminal or a pipe;
// typed says that it has no file yet.
func (c *console) botToken(config telegram.Config) (token string, typed bool, err error) {
	if config.TokenFile != "" {
		token, err = config.Token()
		return token, false, err
	}
	line, _ := c.secret(say("telegram.setup.ask_token", nil)) // an empty input is no token
	if token, err = telegram.CheckToken(line); err != nil {
		err = usageError{errors.New(say("telegram.setup.no_token", nil))}
	}
	return token, true, err
}

// telegramBlock is the configuration as it stands in the file.
func telegramBlock(c telegram.Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "telegram:\n  token_file: %s\n  mode: %s\n", strconv.Quote(c.TokenFile), c.Mode)
	if c.APIURL != "" {
		fmt.Fprintf(&b, "  api_url: %s\n", strconv.Quote(c.APIURL))
	}
	return b.String()
}
