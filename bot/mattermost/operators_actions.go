package mattermost

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"

	"github.com/go-chi/chi/v5"
	"github.com/mattermost/mattermost/server/public/model"
)

// callback is the kind of callbacks that operators' buttons come back by.
const operatorsCallback = "operators"

// What operators' buttons do; each is followed by the change of the floor that
// the button was made for.
const (
	tapTake     = "take"
	tapOver     = "over"
	tapHandBack = "hand-back"
	tapEnd      = "end"
)

// buttons are what can be done with a request as it stands.
func (o *Operators) buttons(ctx context.Context, c bot.Case) ([]*model.MessageAttachment, error) {
	switch {
	case !c.Opens:
		return []*model.MessageAttachment{}, nil
	case c.Now.Holder == bot.ByOperator:
		return o.row(ctx, c, tapHandBack, tapEnd, tapOver)
	}
	return o.row(ctx, c, tapTake)
}

// row is a row of buttons. What they carry is signed and ends.
func (o *Operators) row(ctx context.Context, c bot.Case, acts ...string) ([]*model.MessageAttachment, error) {
	if o.Channel.Config.CallbackURL == "" { // then it goes by words
		return []*model.MessageAttachment{}, nil
	}
	sign, err := o.Channel.signer(ctx)
	if err != nil {
		return nil, err
	}
	tap := Tap{Conversation: c.ID, Letter: bot.ToOperators(c.ID, bot.Event{Seq: c.Request}).ID, Expires: o.Channel.Now().Add(tapTime)}
	var actions []*model.PostAction
	for _, act := range acts {
		tap.Choice = act + " " + strconv.FormatInt(c.Now.Since, 10)
		actions = append(actions, &model.PostAction{
			Id: strings.ReplaceAll(act, "-", ""), Type: model.PostActionTypeButton, Name: o.say("operators.button."+strings.ReplaceAll(act, "-", "_"), nil),
			Integration: &model.PostActionIntegration{URL: o.Channel.Config.CallbackURL + sign.path(operatorsCallback), Context: sign.context(tap)},
		})
	}
	return []*model.MessageAttachment{{Actions: actions}}, nil
}

// Routes adds the page that operators' buttons come back to.
func (o *Operators) Routes(r chi.Router) {
	sign, err := o.Channel.signer(context.Background())
	if err != nil {
		o.Channel.Log.Error("operators' buttons have no page", "error", err)
		return
	}
	r.Post(sign.path(operatorsCallback), o.tapped)
}

// longestTap is how long a callback may be, in bytes.
const longestTap = 64 << 10

// tapped does what a button says. A tap that comes twice counts once.
func (o *Operators) tapped(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var asked model.PostActionIntegrationRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestTap)).Decode(&asked); err != nil {
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	answer, err := o.tap(ctx, asked)
	if err != nil && !isTold(err) {
		o.Channel.Log.WarnContext(ctx, "an operator's button failed", "post", asked.PostId, "error", err)
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	if err != nil {
		phrase, values := fault.Public(err)
		answer = o.say(phrase, values)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(model.PostActionIntegrationResponse{EphemeralText: answer}) // who went away needs no answer
}

// isTold reports whether a failure is one that operators are told in words.
func isTold(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Forbidden, fault.Conflict, fault.NotFound, fault.TooLarge, fault.TooMany:
		return true
	}
	return false
}

func (o *Operators) tap(ctx context.Context, asked model.PostActionIntegrationRequest) (told string, err error) {
	sign, err := o.Channel.signer(ctx)
	if err != nil {
		return "", err
	}
	tap, err := sign.tap(asked.Context, o.Channel.Now())
	if err != nil {
		return "", err
	}
	k, err := o.Channel.client(ctx)
	if err != nil {
		return "", err
	}
	by, err := o.entitled(ctx, k, asked.UserId)
	if err != nil {
		return "", err
	}
	act, _, _ := strings.Cut(tap.Choice, " ")
	key := fmt.Sprintf("tap %s %s %s", tap.Letter, tap.Choice, asked.UserId)
	engine := o.Channel.Engine
	switch act {
	case tapTake:
		err = engine.Take(ctx, tap.Conversation, by, key, false)
	case tapOver:
		err = engine.Take(ctx, tap.Conversation, by, key, true)
	case tapHandBack:
		err = engine.HandBack(ctx, tap.Conversation, by, key)
	case tapEnd:
		err = engine.End(ctx, tap.Conversation, by, key)
	default:
		err = fault.New(fault.Invalid, "error.choice_unknown")
	}
	return "", err
}

// entitled is the operator behind an account of the server. It fails with
// fault.Forbidden for whoever is none, and says what to do.
func (o *Operators) entitled(ctx context.Context, k *client, user string) (account.Person, error) {
	by, err := o.operator(ctx, k, user)
	switch {
	case err != nil:
		return by, err
	case !by.Known():
		return by, fault.New(fault.Forbidden, "operators.not_linked", fault.Values{"Bot": k.me.Username})
	case !account.Can(by, account.TakeConversation, account.Thing{}):
		return by, fault.New(fault.Forbidden, "operators.not_one")
	}
	return by, nil
}
