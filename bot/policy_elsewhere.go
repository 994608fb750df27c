package bot

import (
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// A conversation can be gone on with elsewhere: a code leads there, for half an
// hour and once. The question, the form and the errand go along; who somebody
// is does not, and a form is shown to nobody but its owner.

// The actions that lead from one conversation to another.
const (
	ActElsewhere = "elsewhere" // tells a code
	ActPrivate   = "private"   // so does this, where others read along: Object is the code
	ActContinue  = "continue"  // goes on with what was begun elsewhere
	ActLeft      = "left"      // this conversation went on elsewhere
)

// Errands that need no known person, but no listeners either.
const (
	errandHuman  = "human"
	errandWhoAmI = "whoami"
)

// goElsewhere tells a code that continues the conversation on another channel.
func (t *turn) goElsewhere() error {
	if t.conv.Public {
		return t.goPrivate("")
	}
	code, err := t.makePassage(passageLifetime)
	if err != nil {
		return err
	}
	t.say(ActElsewhere, "", "elsewhere.code", fault.Values{"Code": Markdown(code), "Minutes": int(passageLifetime / time.Minute)}).
		Reply.Links = t.linksElsewhere(code)
	return nil
}

// goPrivate leads to a conversation in which nobody reads along, and there on
// with an errand.
func (t *turn) goPrivate(errand string) error {
	code, err := t.makePassage(privateLifetime)
	if err != nil {
		return err
	}
	t.say(ActPrivate, code, "elsewhere.private", nil)
	t.change(Change{Errand: &errand, Asked: &Asked{}})
	return nil
}

func (t *turn) makePassage(lifetime time.Duration) (code string, err error) {
	if code, err = newPassageCode(t.Random); err == nil {
		t.result.Passage = &Passage{Hash: hashPassage(code), From: t.conv.ID, ExpiresAt: t.now.Add(lifetime)}
	}
	return code, err
}

func (t *turn) linksElsewhere(code string) []Link {
	if t.Elsewhere == nil {
		return nil
	}
	return t.Elsewhere(t.conv.Channel, t.conv.Lang, code)
}

// continued goes on with the conversation whose code the message holds.
func (t *turn) continued() (bool, error) {
	hash := t.in.Continue
	if hash == "" {
		code, asks := typedCode(t.text)
		if !asks || t.in.Choice != "" || t.awaitsWords() && bareCode.MatchString(t.text) {
			return false, nil
		}
		hash = hashPassage(code)
	}
	t.text, t.intent = "", ""
	if t.conv.Public {
		return true, t.refusePassage("elsewhere.not_here", nil)
	}
	if !t.conv.Guesses.open(t.now) {
		wait := t.conv.Guesses.Last.Add(wrongCodesPause).Sub(t.now)
		return true, t.refusePassage("elsewhere.wait", fault.Values{"Count": int((wait + time.Minute - 1) / time.Minute)})
	}
	passage, err := t.Store.Passage(t.ctx, hash)
	if fault.Is(err, fault.NotFound) {
		guesses := t.conv.Guesses.and(t.now)
		err = t.refusePassage("elsewhere.wrong", nil)
		t.change(Change{Guesses: &guesses})
		return true, err
	}
	if err != nil {
		return true, err
	}
	return true, t.usePassage(passage)
}

// refusePassage says why a code leads nowhere, and comes back to what was under
// way.
func (t *turn) refusePassage(phrase string, values fault.Values) error {
	t.say("refuse", phrase, phrase, values)
	return t.resumeIfOpen()
}

// usePassage goes on with the conversation that a code leads to.
func (t *turn) usePassage(p Passage) error {
	switch {
	case p.From == t.conv.ID || p.UsedIn == t.conv.ID:
		t.say(ActContinue, "here", "elsewhere.here", nil)
		return t.resumeIfOpen()
	case p.UsedIn != "":
		return t.refusePassage("elsewhere.used", nil)
	case !t.now.Before(p.ExpiresAt):
		return t.refusePassage("elsewhere.expired", nil)
	}
	old, err := t.Engine.Conversation(t.ctx, p.From)
	if fault.Is(err, fault.NotFound) { // it was purged
		return t.refusePassage("elsewhere.expired", nil)
	}
	if err != nil {
		return err
	}
	if old.Operated() { // somebody waits, or talks to an operator, over there
		return t.refusePassage("operators.there", nil)
	}
	owner, err := t.ownerOf(old)
	if err != nil {
		return err
	}
	if old.Public && old.Identity != t.conv.Identity || owner.Known() && t.person.Known() && owner.ID != t.person.ID {
		return t.refusePassage("elsewhere.other_person", nil)
	}
	return t.takeOver(p, old, owner)
}

// ownerOf is the person whom a conversation knows, if it knows one.
func (t *turn) ownerOf(c Conversation) (account.Person, error) {
	if c.Public {
		return account.Person{}, nil
	}
	owner, err := t.Accounts.PersonByIdentity(t.ctx, c.Identity)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return owner, err
	}
	return owner, nil
}

// takeOver goes on here with what another conversation was about.
func (t *turn) takeOver(p Passage, old Conversation, owner account.Person) error {
	if old.Lang != t.conv.Lang {
		t.do("language", old.Lang, &Change{Lang: &old.Lang})
	}
	ended := t.allEnded()
	none := Guesses{}
	errand := openErrand(old)
	change := Change{NoForm: true, Shelf: ended.Shelf, Topic: &old.Topic, Errand: &errand, Asked: &Asked{}, Guesses: &none}
	if old.Form != nil && (old.Form.Owner == "" || old.Form.Owner == owner.ID) {
		change.Carried, errand = &Carried{Form: *old.Form}, errandCarry
	}
	if t.person.Known() && t.person.ID == owner.ID {
		change.Ticket = &old.Ticket
	}
	t.say(ActContinue, old.Channel, "elsewhere.continued", fault.Values{
		"Channel": t.channelName(old.Channel), "Question": shortened(old.Topic.Question, 240),
	})
	t.change(change)
	t.result.Crossing = &Crossing{Hash: p.Hash, From: old.ID, Seq: old.Seq, Events: []Event{t.left(old)}}
	switch errand {
	case "":
		return t.goOn(old.Asked)
	case errandHuman, errandWhoAmI:
		nothing := ""
		t.change(Change{Errand: &nothing})
		if errand == errandHuman {
			return t.handOver()
		}
		t.whoAmI()
		return nil
	}
	return t.errand(errand)
}

// left tells in a conversation that it went on here. Nothing is under way there
// any more, so that nothing is sent twice. Where others read along it says
// nothing.
func (t *turn) left(old Conversation) Event {
	none := ""
	e := Event{
		At: t.now, Author: Assistant, Act: ActLeft, Object: t.conv.Channel,
		Change: &Change{NoForm: true, Asked: &Asked{}, Errand: &none, Shelf: &Shelved{}, Carried: &Carried{}},
	}
	if !old.Public {
		e.Phrase = "elsewhere.left"
		e.Reply = &Reply{Markdown: t.tell("elsewhere.left", fault.Values{"Channel": t.channelName(t.conv.Channel)})}
	}
	return e
}

// errandCarry shows a form that came from elsewhere to its owner.
const errandCarry = "carry"

// openErrand is what a conversation was about to do for a known person.
func openErrand(c Conversation) string {
	if c.Errand != "" {
		return c.Errand
	}
	if c.Form != nil {
		return ""
	}
	switch c.Asked.What {
	case "message", "reopen", "close":
		return c.Asked.What + ":" + c.Asked.Object
	case "score", "suggestion":
		if number, ok := tickets.ParseNumber(c.Asked.Object, 0); ok {
			return "rate:" + string(number)
		}
	}
	return ""
}

// goOn comes back to the question that was open elsewhere.
func (t *turn) goOn(asked Asked) error {
	switch asked.What {
	case "solved", "step", "pick":
		t.change(Change{Asked: &asked})
		return t.sayTranslated()
	case "category":
		return t.askCategory()
	case "request":
		return t.askRequest(asked.Object)
	}
	return nil
}

// takeCarried takes up a form that came from elsewhere, if it is the person's.
func (t *turn) takeCarried() error {
	if t.conv.Carried == nil {
		return t.noLonger()
	}
	form := t.conv.Carried.Form
	if form.Owner != "" && form.Owner != t.person.ID {
		t.say("refuse", "elsewhere.other_person", "elsewhere.other_person", nil)
		t.change(Change{Carried: &Carried{}, Asked: &Asked{}})
		return nil
	}
	form.Owner, form.Draft.Channel, form.Draft.Conversation = t.person.ID, t.conv.Channel, string(t.conv.ID)
	t.do("form", "carry", &Change{Form: &form, Carried: &Carried{}})
	return t.resumeForm()
}
