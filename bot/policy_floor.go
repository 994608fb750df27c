package bot

import (
	"regexp"
	"slices"
	"strings"

	"sportello/internal/fault"
	"sportello/privacy"
)

// ActPass is the action by which a message goes to operators.
const ActPass = "pass-on"

// queue lets the conversation wait for an operator, and says how many wait
// before it. A form under way stays where it is.
func (t *turn) queue(branch string) error {
	waiting, err := t.Store.Waiting(t.ctx)
	if err != nil {
		return err
	}
	wanted := true
	t.say(ActQueue, branch, placeIn("operators.queued", len(waiting)), fault.Values{"Count": len(waiting)}, t.withoutOperator()...)
	t.change(Change{Human: &wanted, Floor: &Floor{Holder: ByQueue, Branch: branch}})
	t.pauseAsking()
	return nil
}

// pauseAsking drops questions that cannot wait until operators are through: what
// is said to them shall be taken for no code, and for no message to a ticket. A
// form asks again.
func (t *turn) pauseAsking() {
	if !slices.Contains([]string{"", "solved", "step", "rephrase", "field"}, t.conv.Asked.What) || t.conv.Asked.What == "field" && t.conv.Form == nil {
		t.done()
	}
}

// placeIn is the phrase for whoever waits behind so many others.
func placeIn(phrase string, before int) string {
	if before == 0 {
		return phrase + "_next"
	}
	return phrase
}

// withoutOperator is how to go on without waiting.
func (t *turn) withoutOperator() []Choice {
	back := t.choice("assistant", "choice.assistant")
	if t.conv.Form != nil {
		return []Choice{t.choice("resume", "choice.resume"), back}
	}
	return []Choice{t.choice("ticket", "choice.ticket"), back}
}

// operated gives the message to operators, if they have the floor. Only what
// takes the person back to the assistant is understood.
func (t *turn) operated() (bool, error) {
	if !t.conv.Operated() {
		return false, nil
	}
	if !t.Engine.Operated { // nobody serves them any more
		t.leaveQueue("unserved")
		return false, nil
	}
	_, code := typedCode(t.text)
	if t.in.Continue != "" || code && !bareCode.MatchString(t.text) || len(t.in.Fields) > 0 { // a code, or a form that was open already
		t.say("refuse", "choice", "operators.choice_later", nil, t.conv.Choices...)
		return true, nil
	}
	if t.in.Choice != "" || t.conv.Holder == ByQueue && t.typedWayOut() != "" {
		return t.chosenInQueue()
	}
	t.intent = t.hear()
	short := len(plainWords(t.text)) <= 4
	switch {
	case backToAssistant.MatchString(t.text) && len(plainWords(t.text)) <= 8,
		t.conv.Holder == ByQueue && short && (t.intent == Cancel || t.intent == Stop):
		return true, t.backToAssistant()
	case t.conv.Holder == ByQueue && short && t.intent == Human:
		return true, t.tellPlace()
	case t.intent == ForgetMe && len(plainWords(t.text)) <= 6: // no operator can do that
		return false, nil
	}
	t.pass()
	return true, nil
}

var backToAssistant = regexp.MustCompile(`(?i)\b(?:torn\w+|ritorn\w+|riprend\w+|back|return)\b.*\b(?:assistente|bot|assistant)\b|\b(?:continuo|vado avanti|go on|continue)\b.*\b(?:senza (?:un )?operatore|without (?:an )?operator)\b`)

// typedWayOut is the choice of the queue that the text names, or none.
func (t *turn) typedWayOut() string {
	said := strings.Join(plainWords(t.text), " ")
	n, numbered := numberIn(t.text)
	for i, c := range t.conv.Choices {
		if said != "" && said == strings.Join(plainWords(c.Label), " ") || numbered && n == i+1 {
			return c.ID
		}
	}
	return ""
}

// chosenInQueue acts on a choice. One that leads out of the queue ends the
// wait first; those of notices are for later.
func (t *turn) chosenInQueue() (bool, error) {
	id := t.in.Choice
	if id == "" {
		id = t.typedWayOut()
	}
	_, action, _ := strings.Cut(id, ".")
	switch _, open := t.conv.label(id); {
	case open && action == "assistant":
		return true, t.backToAssistant()
	case open && action == "wait":
		return true, t.tellPlace()
	case open && t.conv.Holder == ByQueue && (action == "ticket" || action == "resume"):
		t.leaveQueue(action)
		return false, nil
	}
	t.say("refuse", "choice", "operators.choice_later", nil, t.conv.Choices...)
	return true, nil
}

// leaveQueue gives the floor back to the assistant without a word, and tells
// operators.
func (t *turn) leaveQueue(why string) {
	t.do(ActUnqueue, why, &Change{Floor: &Floor{Holder: ByAssistant}})
}

// backToAssistant is what the person wants.
func (t *turn) backToAssistant() error {
	t.say(ActUnqueue, "assistant", "operators.back", nil, t.toGoOn()...)
	t.change(Change{Floor: &Floor{Holder: ByAssistant}})
	if t.conv.Form != nil {
		return t.resumeForm()
	}
	return nil
}

// toGoOn is what one may want of the assistant after operators.
func (t *turn) toGoOn() []Choice {
	switch {
	case t.conv.Form != nil:
		return nil
	case len(t.conv.Topic.Articles) > 0:
		return []Choice{t.choice("solved", "choice.solved"), t.choice("unsolved", "choice.unsolved"), t.choice("ticket", "choice.ticket")}
	}
	return []Choice{t.choice("ticket", "choice.ticket"), t.choice("status", "choice.status")}
}

// tellPlace tells how many wait before this conversation.
func (t *turn) tellPlace() error {
	waiting, err := t.Store.Waiting(t.ctx)
	if err != nil {
		return err
	}
	before := place(waiting, t.conv.ID) - 1
	t.say("place", t.conv.Branch, placeIn("operators.place", before), fault.Values{"Count": before}, t.withoutOperator()...)
	return nil
}

// place is where a conversation is in the queue, from 1; behind everybody if
// it is not there.
func place(waiting []Waiting, id ConversationID) int {
	for i, w := range waiting {
		if w.Conversation == id {
			return i + 1
		}
	}
	return len(waiting) + 1
}

// pass gives the message to operators. The person hears so once.
func (t *turn) pass() {
	for _, kind := range t.in.Masked {
		t.say("warn", kind, privacy.Kind(kind).Phrase(), nil, t.conv.Choices...)
	}
	t.result.Outbox = append(t.result.Outbox, ToOperators(t.conv.ID, t.in))
	if t.conv.Holder == ByOperator || t.conv.Passing {
		return
	}
	floor := t.conv.Floor
	floor.Passing = true
	t.say(ActPass, "", "operators.passed_on", nil, t.conv.Choices...)
	t.change(Change{Floor: &floor})
}
