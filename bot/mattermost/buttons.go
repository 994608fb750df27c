package mattermost

import (
	"context"
	"strconv"
	"unicode/utf8"

	"sportello/bot"

	"github.com/mattermost/mattermost/server/public/model"
)

// What a row of buttons can be; anything else is a menu.
const (
	mostButtons   = 5
	longestButton = 40
	longestRow    = 120
)

// buttons are choices to tap. What they carry is signed, belongs to the letter
// and ends.
func (c *Channel) buttons(ctx context.Context, letter bot.Outgoing, lang string, choices []bot.Choice) ([]*model.MessageAttachment, error) {
	sign, err := c.signer(ctx)
	if err != nil {
		return nil, err
	}
	tap := Tap{Conversation: letter.Conversation, Letter: letter.ID, Expires: c.Now().Add(tapTime)}
	calls := func(choice string) *model.PostActionIntegration {
		tap.Choice = choice
		return &model.PostActionIntegration{URL: c.Config.CallbackURL + sign.path("action"), Context: sign.context(tap)}
	}
	var actions []*model.PostAction
	if inARow(choices) {
		for i, choice := range choices {
			actions = append(actions, &model.PostAction{
				Id: "choice" + strconv.Itoa(i), Type: model.PostActionTypeButton, Name: choice.Label, Integration: calls(choice.ID),
			})
		}
	} else {
		menu := &model.PostAction{
			Id: "choices", Type: model.PostActionTypeSelect, Name: c.Phrases.Say(lang, "mattermost.choose", nil), Integration: calls(""),
		}
		for _, choice := range choices {
			menu.Options = append(menu.Options, &model.PostActionOptions{Text: choice.Label, Value: choice.ID})
		}
		actions = append(actions, menu)
	}
	return []*model.MessageAttachment{{Actions: actions}}, nil
}

// inARow reports whether choices fit side by side.
func inARow(choices []bot.Choice) bool {
	all := 0
	for _, choice := range choices {
		n := utf8.RuneCountInString(choice.Label)
		if n > longestButton {
			return false
		}
		all += n
	}
	return len(choices) <= mostButtons && all <= longestRow
}
