package bot

import (
	"sportello/contacts"
	"sportello/internal/fault"
)

// contacts answers questions for numbers, keys and hours from the phone tree.
func (t *turn) contacts() (bool, error) {
	day, dated := t.Book.ParseDay(t.text, t.now)
	switch {
	case t.intent == Hours && !dated, t.intent == Phone:
	case dated && asksOpening(t.text):
	case asksPhone(t.text):
	default:
		return false, nil
	}
	app, branches := t.branches()
	if dated {
		t.write("hours", day.Format("2006-01-02"), t.Book.Day(day, t.conv.Lang, branches...).Markdown(t.sayIn()), t.afterContacts()...)
		return true, nil
	}
	if t.intent == Hours && len(branches) == 0 {
		branches = t.Book.Branches
	}
	t.tellBranches(app, branches)
	return true, nil
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

func (t *turn) afterContacts() []Choice {
	if t.conv.Form != nil {
		return []Choice{t.choice("resume", "choice.resume")}
	}
	return []Choice{t.choice("ticket", "choice.ticket")}
}

// handOver takes the request for a person. Nobody takes over conversations
// yet, so it says who can be spoken to, when, and offers the ticket, on which
// an operator writes back.
func (t *turn) handOver() error {
	wanted := true
	branch := t.Book.Operators()
	if app := t.subjectApplication(); app != "" {
		if own := t.Book.ForApplication(app); len(own) > 0 {
			branch = own[0]
		}
	}
	phrase := "bot.human_closed"
	if branch.OpenAt(t.now) {
		phrase = "bot.human_open"
	}
	advice := t.Book.Advise(branch, t.conv.Lang, t.now)
	t.say("hand-over", branch.Path, phrase, fault.Values{
		"Advice": Markdown(advice.Markdown(t.sayIn())),
	}, t.choice("ticket", "choice.ticket"), t.choice("status", "choice.status"))
	t.change(Change{Human: &wanted, Asked: &Asked{}})
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
	return hasAny(text, "aperti", "aperto", "aperta", "chiusi", "chiuso", "orario", "orari", "rispondete", "lavorate", "attivi", "attivo", "servizio",
		"open", "closed", "hours", "available", "ora", "disponibili")
}

func asksPhone(text string) bool {
	return hasAny(text, "numero", "telefono", "chiamo", "chiamare", "tasto", "tasti", "telefonare", "telefonico", "centralino", "number", "call", "phone", "keys", "dial", "press") &&
		hasAny(text, "che", "quale", "quali", "qual", "dove", "come", "chi", "what", "which", "where", "who") &&
		!hasAny(text, "ticket", "protocollo", "rg", "inventario", "interno", "serie", "squilla", "muto", "guasto", "ringing")
}

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
