package bot

import (
	"slices"
	"strconv"
	"strings"

	"sportello/internal/fault"
	"sportello/kb"
)

// takeChoice acts on a choice: a button, its label typed out, or its number in
// the list as it was shown.
func (t *turn) takeChoice() (bool, error) {
	id := t.in.Choice
	if id == "" {
		id = t.typedChoice()
	}
	if id == "" {
		return t.noSuchNumber(), nil
	}
	if _, open := t.conv.label(id); !open { // another message was answered in between
		t.say("stale", "", "error.choice_unknown", nil)
		t.repeat()
		return true, nil
	}
	_, action, _ := strings.Cut(id, ".")
	verb, object, _ := strings.Cut(action, ":")
	act, known := choices[verb]
	if !known {
		return false, nil
	}
	t.text = "" // it was a tap, not words
	return true, act(t, object)
}

// noSuchNumber answers a number that is in no list, where one was to be chosen.
func (t *turn) noSuchNumber() bool {
	_, numbered := numberIn(t.text)
	if !numbered || t.awaitsWords() || slices.Contains([]string{"code", "score"}, t.conv.Asked.What) {
		return false
	}
	if len(t.conv.Choices) == 0 {
		t.say("ask", "question", "bot.what", nil)
		return true
	}
	t.say("refuse", "number", "bot.no_such_number", fault.Values{"Most": len(t.conv.Choices)}, t.conv.Choices...)
	return true
}

// typedChoice returns the ID of the choice that the text names, or none.
func (t *turn) typedChoice() string {
	words := strings.Join(plainWords(t.text), " ")
	for _, c := range t.conv.Choices {
		if words != "" && words == strings.Join(plainWords(c.Label), " ") {
			return c.ID
		}
	}
	if n, numbered := numberIn(t.text); numbered && n >= 1 && n <= len(t.conv.Choices) {
		return t.conv.Choices[n-1].ID
	}
	if id := t.meantChoice(); id != "" {
		return id
	}
	return t.begunChoice(words)
}

// numberIn is the number of a choice that a text consists of, such as "2" or
// "2)". Longer ones are codes, years, rooms.
func numberIn(text string) (int, bool) {
	text = strings.TrimRight(strings.TrimSpace(text), ".)")
	n, err := strconv.Atoi(text)
	return n, err == nil && len(text) <= 2
}

// begunChoice returns the only choice whose label begins with these words.
func (t *turn) begunChoice(words string) string {
	if len(words) < 4 {
		return ""
	}
	var begun []string
	for _, c := range t.conv.Choices {
		if strings.HasPrefix(strings.Join(plainWords(c.Label), " ")+" ", words+" ") {
			begun = append(begun, c.ID)
		}
	}
	if len(begun) != 1 {
		return ""
	}
	return begun[0]
}

// meantChoice returns the choice that a "yes" or "still broken" stands for.
func (t *turn) meantChoice() string {
	meaning := map[Intent][]string{
		Yes:      {"solved", "yes", "confirm", "guess", "step-done", "accept", "duplicate"},
		Solved:   {"solved", "step-done"},
		No:       {"unsolved", "no", "step-fails", "none", "another", "anyway", "edit"},
		Unsolved: {"unsolved", "step-fails", "none"},
		None:     {"none", "no"},
		Skip:     {"skip", "unknown", "accept"},
		Next:     {"step-done", "guide"},
		Back:     {"step-back"},
		Stop:     {"step-stop"},
		SendCode: {"resend"},
	}
	for _, action := range meaning[t.intent] {
		for _, c := range t.conv.Choices {
			if _, a, _ := strings.Cut(c.ID, "."); a == action || strings.HasPrefix(a, action+":") {
				return c.ID
			}
		}
	}
	return ""
}

// choices is what the choices do, by the first word of their action. It is
// filled by init: the actions offer choices themselves.
var choices map[string]func(t *turn, object string) error

func init() {
	choices = map[string]func(t *turn, object string) error{
		"solved":   func(t *turn, _ string) error { return t.solved() },
		"unsolved": func(t *turn, _ string) error { return t.unsolved() },
		"human":    func(t *turn, _ string) error { return t.handOver() },
		"ticket":   func(t *turn, _ string) error { return t.errand("open") },
		"phone":    func(t *turn, app string) error { return t.tellPhone(app) },
		"pick":     (*turn).pick,
		"none":     func(t *turn, _ string) error { return t.noneOfThese() },
		"guide":    func(t *turn, _ string) error { return t.step(1) },

		"step-done":  func(t *turn, _ string) error { return t.step(t.conv.Topic.Step + 1) },
		"step-back":  func(t *turn, _ string) error { return t.step(t.conv.Topic.Step - 1) },
		"step-here":  func(t *turn, _ string) error { return t.step(t.conv.Topic.Step) },
		"step-fails": func(t *turn, _ string) error { return t.stepFails() },
		"step-stop":  func(t *turn, _ string) error { return t.stopSteps() },

		"cancel":    func(t *turn, _ string) error { return t.cancel() },
		"resend":    func(t *turn, _ string) error { return t.resend() },
		"address":   func(t *turn, _ string) error { return t.askAddress() },
		"guess":     (*turn).acceptGuess,
		"another":   func(t *turn, _ string) error { return t.anotherApplication() },
		"value":     func(t *turn, value string) error { return t.fill(value) },
		"skip":      func(t *turn, _ string) error { return t.skip() },
		"unknown":   func(t *turn, _ string) error { return t.fillUnknown() },
		"accept":    func(t *turn, _ string) error { return t.acceptProposal() },
		"confirm":   func(t *turn, _ string) error { return t.sendForm() },
		"edit":      (*turn).edit,
		"duplicate": (*turn).resolveDuplicate,
		"anyway":    func(t *turn, _ string) error { return t.openAnyway() },
		"sheet":     func(t *turn, _ string) error { return t.openSheet() },
		"resume":    func(t *turn, _ string) error { return t.resumeForm() },

		"show":      func(t *turn, number string) error { return t.errand("show:" + number) },
		"message":   func(t *turn, number string) error { return t.errand("message:" + number) },
		"close":     func(t *turn, number string) error { return t.errand("close:" + number) },
		"reopen":    func(t *turn, number string) error { return t.errand("reopen:" + number) },
		"rate":      func(t *turn, number string) error { return t.errand("rate:" + number) },
		"reply":     func(t *turn, number string) error { return t.errand("message:" + number) },
		"settled":   func(t *turn, number string) error { return t.errand("settled:" + number) },
		"unsettled": func(t *turn, number string) error { return t.errand("unsettled:" + number) },
		"about":     (*turn).takeAbout,
		"question":  (*turn).takeQuestion,
		"enough": func(t *turn, _ string) error {
			t.say("thank", "", "bot.fine", nil)
			t.done()
			return nil
		},

		"catalogue": func(t *turn, _ string) error { return t.askCategory() },
		"category":  (*turn).askRequest,
		"request":   func(t *turn, id string) error { return t.errand("request:" + id) },
		"unlink":    func(t *turn, name string) error { return t.errand("unlink:" + name) },
		"attach":    func(t *turn, number string) error { return t.errand("attach:" + number) },

		"assistant": func(t *turn, _ string) error { return t.backToAssistant() },
		"wait":      func(t *turn, _ string) error { return t.handOver() },

		"score":  (*turn).score,
		"status": func(t *turn, _ string) error { return t.errand("status") },
		"yes":    func(t *turn, _ string) error { return t.agreed() },
		"no":     func(t *turn, _ string) error { return t.declined() },
	}
}

// pick answers with the candidate that the person chose.
func (t *turn) pick(id string) error {
	topic := t.conv.Topic
	key := kb.Key{ID: id, Lang: t.conv.Lang}
	article, err := t.article(key)
	if fault.Is(err, fault.NotFound) { // it was archived meanwhile
		t.sayUnknown()
		return nil
	}
	if err != nil {
		return err
	}
	topic.Others = slices.DeleteFunc(slices.Clone(topic.Others), func(k kb.Key) bool { return k.ID == id })
	topic.Articles, topic.Step = []kb.Key{key}, 0 // a form's own topic stays as it is
	t.sayArticle(article, "", "", topic)
	return t.resumeIfOpen()
}

// noneOfThese counts an attempt that led nowhere.
func (t *turn) noneOfThese() error {
	if t.conv.Form != nil {
		return t.resumeForm()
	}
	topic := t.conv.Topic
	topic.Failures++
	topic.Others = nil
	if topic.Failures >= 2 {
		t.offerHelp("bot.two_failures", topic)
		return nil
	}
	t.ask("rephrase", "", "bot.rephrase", nil, t.choice("ticket", "choice.ticket"), t.choice("human", "choice.human"))
	t.change(Change{Topic: &topic})
	return nil
}

// repeat says what was said last before this turn again, with its choices.
func (t *turn) repeat() {
	if t.last != nil {
		t.add(Event{Act: "repeat", Reply: t.last})
	}
}
