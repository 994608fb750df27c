package mattermost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sportello/internal/checklist"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// findTeam finds the team; the only one there is needs no name.
func (w *work) findTeam(ctx context.Context) error {
	teams, response, err := w.admin.GetAllTeams(ctx, "", 0, 100)
	if err != nil {
		return failed(response, err)
	}
	var names []string
	for _, team := range teams {
		if team.DeleteAt == 0 {
			names = append(names, team.Name)
		}
		if team.DeleteAt == 0 && (team.Name == w.Config.Team || w.Config.Team == "" && len(teams) == 1) {
			w.team = team
		}
	}
	if w.team == nil && w.Config.Team != "" { // there may be more than a hundred
		w.team, response, err = w.admin.GetTeamByName(ctx, w.Config.Team, "")
		if err = failed(response, err); err != nil && !missing(err) {
			return err
		}
	}
	switch {
	case w.team != nil:
		w.list.Team = w.team.Name
		w.tell("team", checklist.Okay, "", fault.Values{"Team": w.team.Name})
	case w.Config.Team == "":
		w.tell("team", checklist.ToDo, "team_which", fault.Values{"Team": "", "Teams": strings.Join(names, ", ")})
	default:
		w.tell("team", checklist.ToDo, "team_none", fault.Values{"Team": w.Config.Team, "Teams": strings.Join(names, ", ")})
	}
	return nil
}

// account finds or makes the bot account.
func (w *work) account(ctx context.Context) error {
	named := fault.Values{"Bot": w.Bot}
	user, response, err := w.admin.GetUserByUsername(ctx, w.Bot, "")
	err = failed(response, err)
	switch {
	case missing(err) && !*w.config.ServiceSettings.EnableBotAccountCreation:
		w.tell("bot", checklist.ToDo, "bot_forbidden", named)
		return nil
	case missing(err):
		return w.change("bot", named, func() error { return w.makeAccount(ctx) })
	case err != nil:
		return err
	case !user.IsBot:
		w.tell("bot", checklist.ToDo, "bot_person", named)
		return nil
	case user.DeleteAt > 0:
		w.bot = user
		return w.change("bot", named, func() error {
			_, response, err := w.admin.EnableBot(ctx, user.Id)
			return failed(response, err)
		})
	}
	w.bot = user
	w.tell("bot", checklist.Okay, "", named)
	return nil
}

func (w *work) makeAccount(ctx context.Context) error {
	made, response, err := w.admin.CreateBot(ctx, &model.Bot{
		Username: w.Bot, DisplayName: w.Say("mattermost.setup.bot_name"), Description: w.Say("mattermost.setup.bot_description"),
	})
	if err != nil {
		return failed(response, err)
	}
	w.bot, response, err = w.admin.GetUser(ctx, made.UserId, "")
	return failed(response, err)
}

// rights sees that the account has no more of them than anybody.
func (w *work) rights(context.Context) error {
	if w.bot == nil {
		return nil
	}
	if w.bot.Roles != model.SystemUserRoleId {
		w.tell("bot_rights", checklist.ToDo, "bot_rights_click", fault.Values{"Bot": w.Bot, "Roles": w.bot.Roles})
		return nil
	}
	w.tell("bot_rights", checklist.Okay, "", nil)
	return nil
}

// join sees that the bot is in the team.
func (w *work) join(ctx context.Context) error {
	if w.bot == nil || w.team == nil {
		return nil
	}
	named := fault.Values{"Team": w.team.Name}
	member, response, err := w.admin.GetTeamMember(ctx, w.team.Id, w.bot.Id, "")
	if err = failed(response, err); err != nil && !missing(err) {
		return err
	}
	if err == nil && member.DeleteAt == 0 {
		w.tell("bot_team", checklist.Okay, "", named)
		return nil
	}
	return w.change("bot_team", named, func() error {
		_, response, err := w.admin.AddTeamMember(ctx, w.team.Id, w.bot.Id)
		return failed(response, err)
	})
}

// botToken sees that the file holds a token of the bot's that the server takes.
func (w *work) botToken(ctx context.Context) error {
	if w.bot == nil {
		return nil
	}
	named := fault.Values{"File": w.Config.TokenFile}
	token, err := readToken(w.Config.TokenFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w.change("bot_token", named, func() error { return w.makeToken(ctx) })
	case err != nil:
		return err
	}
	me, response, err := speak(w.Config.URL, token).GetMe(ctx, "")
	err = failed(response, err)
	switch {
	case errors.Is(err, ErrRevoked):
		return w.change("bot_token", named, func() error { return w.makeToken(ctx) })
	case err != nil:
		return err
	case me.Id != w.bot.Id:
		named["User"] = me.Username
		w.tell("bot_token", checklist.ToDo, "bot_token_other", named)
		return nil
	}
	w.token = token
	return w.kept("bot_token", w.Config.TokenFile)
}

// kept sees that others on this machine cannot read a token's file.
func (w *work) kept(id, file string) error {
	named := fault.Values{"File": file}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return w.change(id, named, func() error { return os.Chmod(file, 0o600) })
	}
	w.tell(id, checklist.Okay, "", named)
	return nil
}

// makeToken makes a token and keeps it; one that cannot be kept is revoked.
func (w *work) makeToken(ctx context.Context) error {
	made, response, err := w.admin.CreateUserAccessToken(ctx, w.bot.Id, "Sportello")
	if err != nil {
		return failed(response, err)
	}
	if err := writeToken(w.Config.TokenFile, made.Token); err != nil {
		_, revoking := w.admin.RevokeUserAccessToken(context.WithoutCancel(ctx), made.Id)
		return errors.Join(err, revoking)
	}
	w.token = made.Token
	return nil
}

// writeToken writes a file that only its owner reads, whole or not at all.
func writeToken(file, token string) error {
	fresh, err := os.CreateTemp(filepath.Dir(file), ".token-") // 0600
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(fresh, token)
	if err = errors.Join(err, fresh.Sync(), fresh.Close()); err == nil {
		err = os.Rename(fresh.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(fresh.Name()))
	}
	return nil
}
