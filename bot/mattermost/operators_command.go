package mattermost

import (
	"context"
	"errors"
	"strings"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
)

// orders are the words of operators' commands.
var orders = map[string]string{
	"nota": "note", "note": "note",
	"risposta": "reply", "reply": "reply",
	"restituisci": tapHandBack, "hand-back": tapHandBack,
	"chiudi": tapEnd, "close": tapEnd, "end": tapEnd,
}

// Command carries an operator's command out and returns what is told to them
// alone. Only in the operators' channel are there such commands: elsewhere, and
// for other words, is is false. Where the server does not say in which thread a
// command was given, it is about the conversation that the operator has, or the
// one whose code they name.
func (o *Operators) Command(ctx context.Context, order Command) (answer string, is bool, err error) {
	word, _, _ := strings.Cut(strings.TrimSpace(order.Text), " ")
	verb := orders[strings.ToLower(word)]
	if verb == "" {
		return "", false, nil
	}
	defer fault.Wrap(&err, "carry out an operator's command")
	k, err := o.Channel.client(ctx)
	if err != nil {
		return "", false, err
	}
	room, err := o.where(ctx, k)
	if errors.Is(err, errNotThere) || err == nil && room != order.Channel {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	by, err := o.entitled(ctx, k, order.User)
	if err == nil {
		answer, err = o.obey(ctx, k, by, verb, order)
	}
	if isTold(err) {
		phrase, values := fault.Public(err)
		return o.say(phrase, values), true, nil
	}
	return answer, true, err
}

func (o *Operators) obey(ctx context.Context, k *client, by account.Person, verb string, order Command) (string, error) {
	_, rest, _ := strings.Cut(strings.TrimSpace(order.Text), " ")
	id, rest, err := o.which(ctx, k, by, order.Root, strings.TrimSpace(rest))
	if err != nil {
		return "", err
	}
	engine, key := o.Channel.Engine, order.ID()
	switch verb {
	case "note":
		if rest == "" {
			return o.say("operators.command.note_how", nil), nil
		}
		return o.say("operators.command.noted", nil), engine.Note(ctx, id, by, key, rest)
	case "reply":
		return o.canned(ctx, id, by, key, rest)
	case tapHandBack:
		return o.say("operators.command.handed_back", nil), engine.HandBack(ctx, id, by, key)
	}
	return o.say("operators.command.ended", nil), engine.End(ctx, id, by, key)
}

// which is the conversation that a command is about: that of the thread, the
// one whose code begins it, with # or without, or the only one that the operator
// has.
func (o *Operators) which(ctx context.Context, k *client, by account.Person, root, text string) (id bot.ConversationID, rest string, err error) {
	if root != "" {
		if id, _, is, err := o.requestOf(ctx, k, root); is || err != nil {
			return id, text, err
		}
	}
	mine, err := o.Channel.Engine.Store.HeldBy(ctx, by.ID)
	if err != nil {
		return "", text, err
	}
	first, rest, _ := strings.Cut(text, " ")
	code := strings.ToUpper(strings.TrimPrefix(first, "#"))
	var codes []string
	for _, one := range mine {
		if codeOf(one) == code {
			return one, strings.TrimSpace(rest), nil
		}
		codes = append(codes, "#"+codeOf(one))
	}
	switch {
	case len(mine) == 0:
		return "", text, fault.New(fault.Conflict, "operators.command.none")
	case len(mine) == 1 && !strings.HasPrefix(first, "#"): // a code that is not theirs is none of it
		return mine[0], text, nil
	}
	return "", text, fault.New(fault.Conflict, "operators.command.which", fault.Values{"Codes": strings.Join(codes, ", ")})
}

// canned says a ready-made reply to the person.
func (o *Operators) canned(ctx context.Context, id bot.ConversationID, by account.Person, key, name string) (string, error) {
	engine := o.Channel.Engine
	conv, err := engine.Conversation(ctx, id)
	if err != nil {
		return "", err
	}
	person, err := known(engine.Accounts.PersonByIdentity(ctx, conv.Identity))
	if err != nil {
		return "", err
	}
	called := ""
	if person.Known() {
		called = person.Called()
	}
	text, whole, names := o.Reply(conv.Lang, strings.ToLower(name), string(conv.Ticket), called)
	switch {
	case text == "":
		return o.say("operators.command.replies", fault.Values{"Names": strings.Join(names, ", ")}), nil
	case !whole:
		return o.say("operators.command.reply_gap", nil), nil
	}
	_, err = engine.Speak(ctx, id, by, key, text, nil)
	return o.say("operators.command.replied", nil), err
}
