package mattermost

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"strings"

	"sportello/internal/checklist"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// trigger is what people type after the slash.
const trigger = "sportello"

// command finds or makes the slash command, and keeps its token.
func (w *work) command(ctx context.Context) error {
	if w.team == nil || w.Config.CallbackURL == "" || !*w.config.ServiceSettings.EnableCommands {
		return nil // told by other steps
	}
	address, err := w.commandURL(ctx)
	if err != nil {
		return err
	}
	named := fault.Values{"Command": "/" + trigger, "Team": w.team.Name}
	there, err := w.findCommand(ctx)
	if err != nil {
		return err
	}
	switch {
	case there == nil:
		err = w.change("command", named, func() error {
			made, response, err := w.admin.CreateCommand(ctx, w.wantedCommand(address))
			there = made
			return failed(response, err)
		})
	case there.URL == address:
		w.tell("command", checklist.Okay, "", named)
	case !isCommand(there.URL):
		named["Host"] = hostOf(there.URL)
		w.tell("command", checklist.ToDo, "command_other", named)
		return nil
	default: // of another installation, or at another address: its people must hear of it
		named["Host"] = hostOf(there.URL)
		defer w.detail("command", "command_moved")
		err = w.change("command", named, func() error {
			moved := *there
			moved.URL = address
			updated, response, err := w.admin.UpdateCommand(ctx, &moved)
			there = updated
			return failed(response, err)
		})
	}
	if err != nil || there == nil {
		return err
	}
	return w.commandToken(there.Token)
}

// commandURL is where the server calls the command.
func (w *work) commandURL(ctx context.Context) (string, error) {
	key, err := w.Key(ctx, CallbackKey)
	return w.Config.CallbackURL + signer{key}.path("command"), err
}

func (w *work) findCommand(ctx context.Context) (*model.Command, error) {
	all, response, err := w.admin.ListCommands(ctx, w.team.Id, true)
	if err != nil {
		return nil, failed(response, err)
	}
	for _, c := range all {
		if c.Trigger == trigger && c.DeleteAt == 0 {
			return c, nil
		}
	}
	return nil, nil
}

func (w *work) wantedCommand(address string) *model.Command {
	return &model.Command{
		TeamId: w.team.Id, Trigger: trigger, Method: model.CommandMethodPost, URL: address, Username: w.Bot,
		DisplayName: w.Say("mattermost.setup.bot_name"), Description: w.Say("mattermost.setup.command_description"),
		AutoComplete: true, AutoCompleteDesc: w.Say("mattermost.setup.command_description"), AutoCompleteHint: w.Say("mattermost.setup.command_hint"),
	}
}

// isCommand tells the callback of a command of some Sportello.
func isCommand(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.Contains(u.Path, "/mattermost/") && strings.HasSuffix(u.Path, "/command")
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// commandToken sees that the file holds the command's token.
func (w *work) commandToken(token string) error {
	named := fault.Values{"File": w.Config.CommandTokenFile}
	kept, err := readToken(w.Config.CommandTokenFile)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err == nil && kept == token:
		return w.kept("command_token", w.Config.CommandTokenFile)
	}
	return w.change("command_token", named, func() error { return writeToken(w.Config.CommandTokenFile, token) })
}
