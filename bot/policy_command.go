package bot

import (
	"slices"
	"strings"

	"sportello/internal/fault"
	"sportello/kb"
	"sportello/tickets"
)

// command acts on what a person asks the service to do, wherever they are in
// the conversation. While a field of a form is open, only words that cannot be
// its content count.
func (t *turn) command() (bool, error) {
	if t.awaitsWords() && !t.leaves() {
		return false, nil
	}
	if t.bareCode() {
		return t.takeCode()
	}
	if number, named := tickets.ParseNumber(t.text, 0); named && onlyNumber(t.text) && t.conv.Asked.What != "code" {
		return true, t.errand("show:" + string(number))
	}
	switch t.intent {
	case Cancel, Stop:
		if t.conv.Form == nil && t.conv.Asked.What == "" && t.conv.Topic.Step == 0 {
			t.say("help", "", "bot.nothing_to_cancel", nil)
			return true, nil
		}
		if t.conv.Topic.Step > 0 && t.conv.Form == nil {
			return true, t.stopSteps()
		}
		return true, t.cancel()
	case Back:
		if t.conv.Asked.What == "request" {
			return true, t.askCategory()
		}
		return t.back()
	case Next:
		if t.conv.Topic.Step > 0 {
			return true, t.step(t.conv.Topic.Step + 1)
		}
	case Restart:
		return true, t.restart()
	case Repeat:
		if t.last == nil {
			return false, nil
		}
		t.repeat()
		return true, nil
	case Human:
		return true, t.handOver()
	case TicketOpen, TicketThird:
		return true, t.errand(t.opening())
	case TicketStatus:
		return true, t.errand(t.about("show", statusErrand(t.text)))
	case Services:
		return true, t.askCategory()
	case Chats:
		return true, t.errand("chats")
	case TicketMessage:
		return true, t.errand(t.about("message", "which-message"))
	case TicketClose:
		return true, t.errand(t.about("close", "which-close"))
	case TicketReopen:
		return true, t.errand(t.about("reopen", "which-reopen"))
	case TicketRate:
		return true, t.errand(t.about("rate", "which-rate"))
	case SpeakItalian:
		return true, t.speak("it")
	case SpeakEnglish:
		return true, t.speak("en")
	case Elsewhere:
		return true, t.goElsewhere()
	case ForgetMe:
		if t.conv.Public {
			return true, t.goPrivate(errandWhoAmI)
		}
		t.forgetPerson()
		t.say("identity", "forgotten", "bot.forgotten", nil)
		return true, nil
	case SendCode:
		if t.conv.Asked.What == "code" {
			return true, t.resend()
		}
	}
	if id, asked := t.asksRequest(); asked {
		return true, t.errand("request:" + id)
	}
	if wantsTicket(t.text) && t.conv.Form == nil {
		topic := Topic{Attachments: t.conv.Topic.Attachments, Question: withoutTicketWords(t.text)}
		if len(plainWords(somebodyElse.ReplaceAllString(topic.Question, ""))) < 2 { // "for a colleague" is not what is wrong
			topic.Question = ""
		}
		t.change(Change{Topic: &topic})
		return true, t.errand(t.opening())
	}
	return false, nil
}

// awaitsWords reports whether any words may be what the assistant waits for.
func (t *turn) awaitsWords() bool {
	if t.conv.Asked.What == "field" && t.conv.Form != nil {
		field, _ := t.field(t.conv.Asked.Object)
		return t.conv.Asked.Object != confirmation && (field.Kind != tickets.KindChoice || field.ID == tickets.FieldBeneficiary)
	}
	return slices.Contains([]string{"field", "message", "reopen", "suggestion"}, t.conv.Asked.What)
}

// leaves reports whether the message can hardly be the words that we wait for.
func (t *turn) leaves() bool {
	switch t.intent {
	case Cancel, Stop, Restart, Human, TicketStatus, ForgetMe, SpeakItalian, SpeakEnglish, Elsewhere:
		return true
	case TicketClose, TicketReopen, TicketRate, TicketOpen:
		return t.conv.Asked.What != "field" && len(plainWords(t.text)) <= 6
	case Back, Repeat:
		return len(plainWords(t.text)) <= 4
	}
	return false
}

// digressions are intents that are no answer to a field that wants a few
// words; the description is free to hold them.
var digressions = []Intent{Greet, Thanks, Goodbye, Complaint, Insult, Help, Identity, WhoAmI, Privacy, Solved, Hours, Phone}

// opening is the errand to open a ticket, for oneself or for somebody else.
func (t *turn) opening() string {
	if t.intent == TicketThird || forSomebodyElse(t.text) {
		return "open:other"
	}
	return "open"
}

// onlyNumber reports whether a message is a ticket's number and next to
// nothing else: a sentence about RG 2026/1234 is no question for a ticket.
func onlyNumber(text string) bool {
	without := withoutNumber(text)
	rest := plainWords(without)
	return without != text && (len(rest) == 0 || len(rest) == 1 && rest[0] == "ticket")
}

// about makes an errand with the ticket that the message names, or the one
// without a name.
func (t *turn) about(named, unnamed string) string {
	if number, found := tickets.ParseNumber(t.text, 0); found {
		return named + ":" + string(number)
	}
	return unnamed
}

// cancel gives up what was under way. A form can be taken up again.
func (t *turn) cancel() error {
	ended := t.allEnded()
	if t.conv.Form == nil {
		t.say("cancel", "", "bot.cancelled", nil)
	} else {
		t.say("cancel", "", "bot.cancelled_ticket", nil, t.choice("resume", "choice.resume"))
	}
	t.change(ended)
	return nil
}

// restart forgets the question, too.
func (t *turn) restart() error {
	ended := t.allEnded()
	t.say("restart", "", "bot.restarted", nil)
	t.change(ended)
	return nil
}

// allEnded ends whatever is under way; a form goes on the shelf.
func (t *turn) allEnded() Change {
	none := ""
	ended := Change{NoForm: true, Asked: &Asked{}, Topic: &Topic{}, Errand: &none}
	if t.conv.Carried != nil {
		ended.Carried = &Carried{}
	}
	if t.conv.Form != nil {
		ended.Shelf = &Shelved{Form: *t.conv.Form, Topic: t.conv.Topic}
	}
	return ended
}

// back returns to the step or the field before.
func (t *turn) back() (bool, error) {
	switch {
	case t.conv.Form != nil:
		return true, t.backInForm()
	case t.conv.Asked.What == "code":
		return true, t.askAddress()
	case t.conv.Topic.Step > 1:
		return true, t.step(t.conv.Topic.Step - 1)
	case t.last != nil:
		t.repeat()
		return true, nil
	}
	return false, nil
}

func (t *turn) speak(lang string) error {
	if lang != t.conv.Lang { // else they were followed already
		t.do("language", lang, &Change{Lang: &lang})
	}
	t.say("confirm", "language", "bot.language", nil)
	if t.conv.Form != nil {
		return t.resumeForm()
	}
	return t.sayTranslated()
}

// sayTranslated says what the person was about to answer again, in the language
// that was just chosen; what has no translation is passed over.
func (t *turn) sayTranslated() error {
	topic := t.conv.Topic
	translated := func(keys []kb.Key) (all []kb.Article) {
		for _, key := range keys {
			if article, err := t.article(kb.Key{ID: key.ID, Lang: t.conv.Lang}); err == nil {
				all = append(all, article)
			}
		}
		return all
	}
	switch t.conv.Asked.What {
	case "pick":
		var offer []Choice
		var ids []string
		for _, article := range translated(topic.Others) {
			offer = append(offer, t.labelled("pick:"+article.ID, article.Title))
			ids = append(ids, article.ID)
		}
		if len(offer) > 0 {
			t.say("clarify", strings.Join(ids, " "), "bot.clarify", nil, append(offer, t.choice("none", "choice.none"))...)
		}
	case "solved", "step":
		articles := translated(topic.Articles)
		if len(articles) != 1 {
			return nil
		}
		topic.Articles = []kb.Key{{ID: articles[0].ID, Lang: t.conv.Lang}}
		if step := topic.Step; t.conv.Asked.What == "step" && step <= len(articles[0].Steps()) {
			t.change(Change{Topic: &topic})
			return t.step(step)
		}
		t.sayArticle(articles[0], "", "", topic)
	}
	return nil
}

func (t *turn) whoAmI() {
	if !t.person.Known() {
		t.say("identity", "unknown", "bot.stranger", nil, t.choice("address", "choice.confirm_address"))
		return
	}
	phrase := "bot.known"
	if t.person.Called() == t.person.Email {
		phrase = "bot.known_address"
	}
	t.say("identity", "known", phrase, fault.Values{"Name": t.person.Called(), "Email": t.person.Email}, t.choice("status", "choice.status"))
}
