package telegram

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"sportello/bot"
	"sportello/internal/checklist"
	"sportello/internal/fault"

	tg "github.com/go-telegram/bot"
)

// Setup creates or checks what the bot needs at Telegram. Doing it again does
// no harm.
type Setup struct {
	Config  Config
	Token   string // if the configuration does not name a file with it yet
	SiteURL string
	Key     []byte // the installation's, see Channel
	Phrases bot.Phrases
	Check   bool // change nothing
	Now     func() time.Time

	channel *Channel
	steps   checklist.List
}

// Run returns the checklist. It fails if Telegram cannot be asked; what was
// found until then is returned all the same.
func (s *Setup) Run(ctx context.Context) (steps checklist.List, err error) {
	defer fault.Wrap(&err, "set up telegram")
	api, err := newAPI(s.Config.root(), s.Token)
	if err != nil {
		return nil, err
	}
	s.channel = &Channel{Config: s.Config, SiteURL: s.SiteURL, Key: s.Key, Phrases: s.Phrases, api: api}
	s.channel.prepared.Do(func() {}) // it has its api
	ctx, cancel := context.WithTimeout(ctx, 3*callTime)
	defer cancel()
	me, err := api.GetMe(ctx)
	if errors.Is(err, tg.ErrorUnauthorized) || errors.Is(err, tg.ErrorNotFound) {
		s.add("token", checklist.ToDo, "telegram.setup.token_refused", nil)
		return s.steps, nil
	}
	if err != nil {
		return nil, err
	}
	s.add("token", checklist.Okay, "", fault.Values{"Name": me.Username})
	for _, part := range []func(context.Context) error{s.commands, s.descriptions, s.delivery} {
		if err := part(ctx); err != nil {
			return s.steps, err
		}
	}
	name := fault.Values{"Name": me.Username}
	if me.CanReadAllGroupMessages {
		s.add("privacy", checklist.ToDo, "telegram.setup.privacy_off", name)
	} else {
		s.add("privacy", checklist.Okay, "", name)
	}
	if me.CanJoinGroups {
		s.add("groups", checklist.Note, "telegram.setup.groups_allowed", name)
	} else {
		s.add("groups", checklist.Note, "telegram.setup.groups_forbidden", name)
	}
	return s.steps, nil
}

func (s *Setup) add(id string, state checklist.State, detail string, values fault.Values) {
	s.steps = append(s.steps, checklist.Step{ID: id, State: state, Detail: detail, Values: values})
}

// settle adds a step that is as it should be, or that change makes so.
func (s *Setup) settle(id string, okay bool, change func() error) error {
	switch {
	case okay:
		s.add(id, checklist.Okay, "", nil)
	case s.Check:
		s.add(id, checklist.ToDo, "telegram.setup.run_again", nil)
	default:
		if err := change(); err != nil {
			return err
		}
		s.add(id, checklist.Done, "", nil)
	}
	return nil
}

func (s *Setup) commands(ctx context.Context) error {
	okay := true
	for _, m := range menus {
		there, err := s.channel.api.GetMyCommands(ctx, &tg.GetMyCommandsParams{LanguageCode: m.code})
		if err != nil {
			return err
		}
		okay = okay && reflect.DeepEqual(there, s.channel.menu(m.lang, m.commands))
	}
	return s.settle("commands", okay, func() error { return s.channel.setCommands(ctx) })
}

// descriptions are what people read before they write, and on the bot's page.
func (s *Setup) descriptions(ctx context.Context) error {
	api, okay := s.channel.api, true
	long := func(lang string) string { return s.Phrases.Say(lang, "telegram.description", nil) }
	short := func(lang string) string { return s.Phrases.Say(lang, "telegram.about", nil) }
	for _, m := range menus {
		description, err := api.GetMyDescription(ctx, &tg.GetMyDescriptionParams{LanguageCode: m.code})
		if err != nil {
			return err
		}
		about, err := api.GetMyShortDescription(ctx, &tg.GetMyShortDescriptionParams{LanguageCode: m.code})
		if err != nil {
			return err
		}
		okay = okay && description.Description == long(m.lang) && about.ShortDescription == short(m.lang)
	}
	return s.settle("descriptions", okay, func() error {
		for _, m := range menus {
			if _, err := api.SetMyDescription(ctx, &tg.SetMyDescriptionParams{Description: long(m.lang), LanguageCode: m.code}); err != nil {
				return err
			}
			if _, err := api.SetMyShortDescription(ctx, &tg.SetMyShortDescriptionParams{ShortDescription: short(m.lang), LanguageCode: m.code}); err != nil {
				return err
			}
		}
		return nil
	})
}

// recent is how long a failure of Telegram to reach us is worth telling.
const recent = time.Hour

// delivery sees to it that updates come the way of the configuration.
func (s *Setup) delivery(ctx context.Context) error {
	info, err := s.channel.api.GetWebhookInfo(ctx)
	if err != nil {
		return err
	}
	if s.Config.Mode != Webhook {
		return s.settle("polling", info.URL == "", func() error { return s.channel.SetWebhook(ctx) })
	}
	if !strings.HasPrefix(s.SiteURL, "https://") && s.Config.APIURL == "" {
		s.add("webhook", checklist.ToDo, "telegram.setup.needs_site", nil)
		return nil
	}
	okay := info.URL == s.SiteURL+s.channel.WebhookPath() && sameKinds(info.AllowedUpdates)
	if okay && !s.Check { // whether it has our secret it does not say
		if err := s.channel.SetWebhook(ctx); err != nil {
			return err
		}
	}
	err = s.settle("webhook", okay, func() error { return s.channel.SetWebhook(ctx) })
	if refused(err) { // such as an address that it cannot resolve
		s.add("webhook", checklist.ToDo, "telegram.setup.webhook_refused", fault.Values{"Reason": err.Error()})
		return nil
	}
	if err != nil {
		return err
	}
	if since := s.Now().Sub(time.Unix(int64(info.LastErrorDate), 0)); okay && info.LastErrorMessage != "" && since < recent {
		s.add("reached", checklist.ToDo, "telegram.setup.not_reached", fault.Values{"Reason": info.LastErrorMessage, "Minutes": int(since.Minutes()), "Waiting": info.PendingUpdateCount})
	}
	return nil
}

// sameKinds reports whether a webhook gets the sorts of updates that we take.
func sameKinds(kinds []string) bool {
	there := slices.Sorted(slices.Values(kinds))
	return slices.Equal(there, slices.Sorted(slices.Values(allowed)))
}
