package mattermost

import (
	"context"

	"sportello/internal/checklist"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// channel finds or makes the operators' channel, private, with the bot in it.
func (w *work) channel(ctx context.Context) error {
	if w.Config.OperatorsChannel == "" {
		w.tell("operators", checklist.Note, "operators_none", fault.Values{"Channel": ""})
		return nil
	}
	if w.team == nil {
		return nil
	}
	named := fault.Values{"Channel": w.Config.OperatorsChannel}
	found, response, err := w.admin.GetChannelByNameIncludeDeleted(ctx, w.Config.OperatorsChannel, w.team.Id, "")
	err = failed(response, err)
	switch {
	case missing(err):
		if err := w.change("operators", named, func() error { return w.makeChannel(ctx) }); err != nil {
			return err
		}
	case err != nil:
		return err
	case found.DeleteAt > 0:
		w.tell("operators", checklist.ToDo, "operators_archived", named)
		return nil
	case found.Type != model.ChannelTypePrivate:
		w.tell("operators", checklist.ToDo, "operators_public", named)
		return nil
	default:
		w.operators = found
		w.tell("operators", checklist.Okay, "", named)
	}
	return w.admit(ctx)
}

func (w *work) makeChannel(ctx context.Context) error {
	made, response, err := w.admin.CreateChannel(ctx, &model.Channel{
		TeamId: w.team.Id, Name: w.Config.OperatorsChannel, Type: model.ChannelTypePrivate,
		DisplayName: w.Say("mattermost.setup.operators_name"), Purpose: w.Say("mattermost.setup.operators_purpose"),
	})
	w.operators = made
	return failed(response, err)
}

// admit sees that the bot is in the operators' channel.
func (w *work) admit(ctx context.Context) error {
	if w.operators == nil || w.bot == nil {
		return nil
	}
	named := fault.Values{"Channel": w.Config.OperatorsChannel}
	_, response, err := w.admin.GetChannelMember(ctx, w.operators.Id, w.bot.Id, "")
	err = failed(response, err)
	switch {
	case missing(err):
		return w.change("operators_bot", named, func() error {
			_, response, err := w.admin.AddChannelMember(ctx, w.operators.Id, w.bot.Id)
			return failed(response, err)
		})
	case err != nil:
		return err
	}
	w.tell("operators_bot", checklist.Okay, "", named)
	return nil
}
