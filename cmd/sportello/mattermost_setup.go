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

	"sportello/bot/mattermost"
	"sportello/internal/phrases"
	"sportello/store"
)

type mattermostCommand struct {
	Setup mattermostSetup `cmd:"" help:"Create or check what the assistant needs on a Mattermost server, and test the connection. Repeating it does no harm."`
}

type mattermostSetup struct {
	URL              string `help:"Address of the server, as its users reach it; this and what follows else from the configuration." name:"url" placeholder:"URL"`
	AdminTokenFile   string `help:"File with the access token of a system administrator; else SPORTELLO_ADMIN_TOKEN, else it is asked for. It is not kept." type:"path" placeholder:"FILE"`
	Team             string `help:"Name of the team, as in its address; needed if there are several."`
	OperatorsChannel string `help:"Name of the private channel where operators take requests." placeholder:"NAME"`
	CallbackURL      string `help:"Address of this service, as the server reaches it; else site_url of the configuration." name:"callback-url" placeholder:"URL"`
	Bot              string `help:"User name of the assistant's account." default:"sportello"`
	TokenFile        string `help:"Where the account's token is kept; a new one else is mattermost.token in the data folder." type:"path" placeholder:"FILE"`
	CommandTokenFile string `help:"Where the token of the command /sportello is kept; a new one else is mattermost-command.token in the data folder." type:"path" placeholder:"FILE"`
	Check            bool   `help:"Change nothing, only tell."`
	JSON             bool   `help:"Print JSON." name:"json"`
}

func (c *mattermostSetup) Run(ctx context.Context, con *console) (err error) {
	admin, err := con.administrator(c.AdminTokenFile)
	if err != nil {
		return err
	}
	settings, err := con.settings()
	if err != nil {
		return err
	}
	texts, err := readContent(settings.Content)
	if err != nil {
		return err
	}
	config, err := c.config(settings, con.Data)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, con.Data) // no more is needed than what the channel remembers
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	talks := store.NewConversations(db)
	setup := mattermost.Setup{
		Config: config, Admin: admin, Bot: c.Bot, Check: c.Check, Key: talks.Key, Now: time.Now,
		SetMark: func(ctx context.Context, name, value string) error {
			return talks.SetMark(ctx, mattermost.Name, name, value)
		},
		Say: func(phrase string) string { return texts.phrases.Say(phrases.Fallback, phrase, nil) },
	}
	list, failure := setup.Run(ctx)
	block := ""
	if failure == nil {
		config.Team = cmp.Or(list.Team, config.Team)
		block = configurationOf(config, list.Trust)
	}
	if err := con.setUp(mattermost.Name, list.Steps, block, c.JSON); err != nil && failure == nil {
		return err
	}
	return failure
}

// config is what the service will have: what the command line says, else what
// the configuration does.
func (c *mattermostSetup) config(settings config, data string) (mattermost.Config, error) {
	base, err := filepath.Abs(data)
	has := settings.Mattermost
	return mattermost.Config{
		URL:              strings.TrimSuffix(cmp.Or(c.URL, has.URL), "/"),
		Team:             cmp.Or(c.Team, has.Team),
		OperatorsChannel: cmp.Or(c.OperatorsChannel, has.OperatorsChannel),
		CallbackURL:      strings.TrimSuffix(cmp.Or(c.CallbackURL, has.CallbackURL, settings.SiteURL), "/"),
		TokenFile:        cmp.Or(c.TokenFile, has.TokenFile, filepath.Join(base, "mattermost.token")),
		CommandTokenFile: cmp.Or(c.CommandTokenFile, has.CommandTokenFile, filepath.Join(base, "mattermost-command.token")),
		TrustEmail:       has.TrustEmail,
	}, err
}

// adminTokenVariable may hold an administrator's token, for programs.
const adminTokenVariable = "SPORTELLO_ADMIN_TOKEN"

// administrator reads the token of an administrator of another system: from
// a file, from the environment, or from the terminal or a pipe.
func (c *console) administrator(file string) (token string, err error) {
	switch {
	case file != "":
		var text []byte
		text, err = os.ReadFile(file)
		token = string(text)
	case os.Getenv(adminTokenVariable) != "":
		token = os.Getenv(adminTokenVariable)
	default:
		token, _ = c.secret(say("mattermost.setup.ask_token", nil)) // an empty input is no token
	}
	if token = strings.TrimSpace(token); err == nil && token == "" {
		err = usageError{errors.New(say("mattermost.setup.no_token", nil))}
	}
	return token, err
}

// configurationOf is a configuration as it stands in the file, without what is
// empty. To trust addresses is for a person to decide.
func configurationOf(c mattermost.Config, mayTrust bool) string {
	if c.CallbackURL == "" || c.Team == "" { // what cannot be, without them
		c.CommandTokenFile = ""
	}
	if c.Team == "" {
		c.OperatorsChannel = ""
	}
	var b strings.Builder
	fmt.Fprintln(&b, "mattermost:")
	for _, s := range []struct{ key, value string }{
		{"url", c.URL}, {"token_file", c.TokenFile}, {"team", c.Team}, {"operators_channel", c.OperatorsChannel},
		{"callback_url", c.CallbackURL}, {"command_token_file", c.CommandTokenFile},
	} {
		if _, err := os.Stat(s.value); s.value != "" && (err == nil || !strings.HasSuffix(s.key, "_file")) {
			fmt.Fprintf(&b, "  %s: %s\n", s.key, strconv.Quote(s.value))
		}
	}
	comment := ""
	if mayTrust && !c.TrustEmail {
		comment = " # " + say("mattermost.setup.may_trust", nil)
	}
	fmt.Fprintf(&b, "  trust_email: %t%s\n", c.TrustEmail, comment)
	return b.String()
}
