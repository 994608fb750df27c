package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sportello/bot/telegram"
	"sportello/internal/fault"
	"sportello/store"

	"golang.org/x/term"
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
	if err := c.print(con, steps, config); err != nil && failure == nil {
		return err
	}
	return failure
}

// botToken reads the token from its file, or else from the terminal, which does
// not show it, or from a pipe; typed says that it has no file yet.
func (c *console) botToken(config telegram.Config) (token string, typed bool, err error) {
	if config.TokenFile != "" {
		token, err = config.Token()
		return token, false, err
	}
	var line string
	if in, is := c.In.(*os.File); is && term.IsTerminal(int(in.Fd())) {
		fmt.Fprint(c.Err, say("telegram.setup.ask_token", nil))
		var secret []byte
		secret, err = term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(c.Err)
		line = string(secret)
	} else {
		line, _ = readLine(c.In) // an empty input is no token
	}
	if err != nil {
		return "", false, err
	}
	if token, err = telegram.CheckToken(line); err != nil {
		err = usageError{errors.New(say("telegram.setup.no_token", nil))}
	}
	return token, true, err
}

// toldTelegramStep is a step as programs read it.
type toldTelegramStep struct {
	ID     string         `json:"id"`
	State  telegram.State `json:"state"`
	Text   string         `json:"text"`
	Detail string         `json:"detail,omitempty"`
}

// print tells the checklist and the configuration that goes with it. It fails
// if something is left to do.
func (c *telegramSetup) print(con *console, list []telegram.Step, config telegram.Config) error {
	steps, left := []toldTelegramStep{}, 0
	for _, s := range list {
		told := toldTelegramStep{ID: s.ID, State: s.State, Text: say("telegram.setup."+s.ID, s.Values)}
		if s.Detail != "" {
			told.Detail = say(s.Detail, s.Values)
		}
		if s.State == telegram.StepToDo {
			left++
		}
		steps = append(steps, told)
	}
	block := telegramBlock(config)
	if c.JSON {
		if err := json.NewEncoder(con.Out).Encode(map[string]any{"ready": left == 0 && len(steps) > 0, "steps": steps, "configuration": block}); err != nil {
			return err
		}
	} else {
		for _, s := range steps {
			fmt.Fprintf(con.Out, "%-8s %s\n", say("telegram.setup.state_"+strings.ReplaceAll(string(s.State), " ", ""), nil), s.Text)
			if s.Detail != "" {
				fmt.Fprintf(con.Out, "%-8s %s\n", "", s.Detail)
			}
		}
		if len(steps) > 0 {
			fmt.Fprintf(con.Out, "\n%s\n\n%s", say("telegram.setup.configure", nil), block)
		}
	}
	if left > 0 {
		fmt.Fprintln(con.Err, "sportello:", say("telegram.setup.left", fault.Values{"Count": left}))
		return errTold
	}
	return nil
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
