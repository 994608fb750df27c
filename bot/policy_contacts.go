package bot

import (
	"strings"

	"sportello/contacts"
	"sportello/internal/fault"
)

// contacts answers questions for numbers, keys and hours from the phone tree.
func (t *turn) contacts() (bool, error) {
	if !t.asksContacts() {
		return false, nil
	}
	app, branches := t.branches()
	if day, dated := t.Book.ParseDay(t.text, t.now); dated {
		t.write("hours", day.Format("2006-01-02"), t.Book.Day(day, t.conv.Lang, branches...).Markdown(t.sayIn()), t.afterContacts()...)
		return true, t.resumeIfOpen()
	}
	if t.intent == Hours && len(branches) == 0 {
		branches = t.Book.Branches
	}
	t.tellBranches(app, branches)
	return true, t.resumeIfOpen()
}

// asksContacts reports whether the message asks for numbers, keys or hours.
func (t *turn) asksContacts() bool {
	if t.intent == Hours || t.intent == Phone || asksPhone(t.text) {
		return true
	}
	if asksTime(t.text) && len(t.Book.Find(t.text)) > 0 {
		return true
	}
	_, dated := t.Book.ParseDay(t.text, t.now)
	return dated && (asksOpening(t.text) || onlyDay(t.text))
}

// sayIn tells phrases in the conversation's language.
func (t *turn) sayIn() contacts.Say {
	return func(key string, values map[string]any) string { return t.Phrases.Say(t.conv.Lang, key, values) }
}

// branches are those of the phone tree that the message is about, and the
// application it names, if any.
func (t *turn) branches() (app string, found []contacts.Branch) {
	if a, named := t.Catalogue.FindApplication(t.text); named {
		app = a.ID
	}
	if found = t.Book.Find(t.text); len(found) > 0 {
		return app, found
	}
	if app != "" {
		return app, t.Book.ForApplication(app)
	}
	return "", nil
}

// tellBranches tells how to reach these branches; none at all means every way
// to reach the help desk.
func (t *turn) tellBranches(app string, branches []contacts.Branch) {
	object, text := app, ""
	for _, b := range branches {
		if text != "" {
			text += "\n\n"
		}
		text += t.Book.Advise(b, t.conv.Lang, t.now).Markdown(t.sayIn())
		if app == "" {
			object += " " + b.Path
		}
	}
	if len(branches) == 0 {
		text = t.Book.Channels(t.conv.Lang, t.now, t.sayIn())
	}
	if len(object) > 0 && object[0] == ' ' {
		object = object[1:]
	}
	t.write("phone", object, text, t.afterContacts()...)
}

// tellPhone is the choice "give me the number": for the application under
// discussion, if any.
func (t *turn) tellPhone(app string) error {
	if app == "" {
		t.tellBranches("", nil)
		return nil
	}
	t.tellBranches(app, t.Book.ForApplication(app))
	return nil
}

// afterContacts is what one may want next; a form that is open comes back by
// itself.
func (t *turn) afterContacts() []Choice {
	if t.conv.Form != nil {
		return nil
	}
	return []Choice{t.choice("ticket", "choice.ticket"), t.choice("human", "choice.human")}
}

// handOver takes the request for a person. In the hours of operators who can
// take over, the conversation waits for one. Else it says who can be spoken
// to, when, and offers the ticket, on which an operator writes back.
func (t *turn) handOver() error {
	if t.conv.Public {
		return t.goPrivate(errandHuman)
	}
	wanted := true
	branch := t.Book.Operators()
	if app := t.subjectApplication(); app != "" {
		if own := t.Book.ForApplication(app); len(own) > 0 {
			branch = own[0]
		}
	}
	if t.Operated && !t.conv.Public && t.Book.Operators().OpenAt(t.now) {
		return t.queue(branch.Path)
	}
	phrase := "bot.human_closed"
	if branch.OpenAt(t.now) {
		phrase = "bot.human_open"
	}
	offer := []Choice{t.choice("ticket", "choice.ticket"), t.choice("status", "choice.status")}
	if t.conv.Form != nil {
		offer = []Choice{t.choice("resume", "choice.resume"), t.choice("cancel", "choice.cancel")}
	}
	advice := t.Book.Advise(branch, t.conv.Lang, t.now)
	t.say("hand-over", branch.Path, phrase, fault.Values{"Advice": Markdown(advice.Markdown(t.sayIn()))}, offer...)
	t.change(Change{Human: &wanted})
	if t.conv.Form == nil {
		t.done()
	}
	return nil
}

// subjectApplication is the application the conversation is about, if known.
func (t *turn) subjectApplication() string {
	if t.conv.Form != nil && t.conv.Form.Draft.Application != "" {
		return t.conv.Form.Draft.Application
	}
	if a, named := t.Catalogue.FindApplication(t.text); named {
		return a.ID
	}
	if len(t.conv.Topic.Articles) > 0 {
		if article, err := t.article(t.conv.Topic.Articles[0]); err == nil && article.Application != "" {
			return article.Application
		}
	}
	if a, named := t.Catalogue.FindApplication(t.conv.Topic.Question); named {
		return a.ID
	}
	return ""
}

// asksOpening and asksPhone recognise the two questions in sentences that no
// sample utterance covers: they name a day, an application or an office.
func asksOpening(text string) bool {
	return hasAny(text, "aperti", "aperto", "aperta", "chiusi", "chiuso", "orario", "orari", "rispondete", "risponde", "rispondono", "aprite", "chiudete", "lavorate", "attivi", "attivo", "servizio",
		"open", "closed", "hours", "available", "ora", "disponibili")
}

func asksTime(text string) bool {
	said := " " + strings.Join(plainWords(text), " ") + " "
	return strings.Contains(said, " a che ora ") || strings.Contains(said, " orari ") || strings.Contains(said, " what time ") || strings.Contains(said, " hours ")
}

func asksPhone(text string) bool {
	return hasAny(text, "numero", "telefono", "chiamo", "chiamare", "tasto", "tasti", "telefonare", "telefonico", "centralino", "number", "call", "phone", "keys", "dial", "press") &&
		hasAny(text, "che", "quale", "quali", "qual", "dove", "come", "chi", "what", "which", "where", "who") &&
		!hasAny(text, "ticket", "protocollo", "rg", "inventario", "interno", "serie", "squilla", "muto", "guasto", "ringing")
}

// onlyDay reports whether a message is a question for a day and no more: "e il
// 4 ottobre?".
func onlyDay(text string) bool {
	if !strings.HasSuffix(strings.TrimSpace(text), "?") {
		return false
	}
	for _, w := range plainWords(text) {
		if !light[w] && !hasAny(w, dayWords...) && strings.Trim(w, "0123456789") != "" {
			return false
		}
	}
	return true
}

var dayWords = strings.Fields(`
	anche invece domani dopodomani lunedi martedi mercoledi giovedi venerdi sabato domenica mattina pomeriggio sera
	gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
	capodanno epifania pasqua pasquetta ferragosto natale santo stefano vigilia primo
	what about today tomorrow monday tuesday wednesday thursday friday saturday sunday
	january february march april may june july august september october november december christmas easter eve day boxing th st nd rd`)

func hasAny(text string, words ...string) bool {
	for _, w := range plainWords(text) {
		for _, one := range words {
			if w == one {
				return true
			}
		}
	}
	return false
}
