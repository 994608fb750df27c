package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/kb"
	"sportello/search"
	"sportello/tickets"
)

// turn is the answer to one message while it is being made. Policies read it
// and add what they do; nothing outside changes before it is committed.
type turn struct {
	*Engine
	ctx    context.Context
	conv   Conversation // as it is after what the turn did so far
	in     Event
	now    time.Time
	text   string // what the person wrote
	intent Intent // the command or courtesy in it, if any
	person account.Person
	last   *Reply  // what was said last before this turn
	fresh  []Heard // notices that the message may answer
	asked  []Heard // those of them that are questions of operators
	sheets bool    // the form may be shown at once
	result Turn
}

func newTurn(ctx context.Context, e *Engine, conv Conversation, said Event) *turn {
	t := &turn{
		Engine: e, ctx: ctx, conv: conv, in: said, now: e.Now(), text: said.Text, last: conv.Last,
		result: Turn{Conversation: conv.ID, Handled: said.Seq, Floor: conv.Since, Crossed: conv.Crossed},
	}
	t.heed()
	return t
}

// policy looks at a message and acts if it is sure that it is the one to act.
type policy func(*turn) (sure bool, err error)

// policies in the order in which they are asked. The first that is sure wins.
var policies = []policy{
	(*turn).takeSheet,
	(*turn).continued,
	(*turn).attachmentsOnly,
	(*turn).noticed,
	(*turn).takeChoice,
	(*turn).command,
	(*turn).awaited,
	(*turn).contacts,
	(*turn).smallTalk,
	(*turn).answer,
}

func (t *turn) run() error {
	if err := t.identify(); err != nil {
		return err
	}
	t.chooseLanguage()
	if held, err := t.operated(); held || err != nil {
		return err
	}
	if t.warnMasked() {
		return nil
	}
	t.intent = t.hear()
	for _, p := range policies {
		if sure, err := p(t); err != nil {
			return err
		} else if sure {
			return t.wrapUp()
		}
	}
	t.sayUnknown()
	return t.wrapUp()
}

// hear finds the intent of the message; commands are understood in the other
// language, too.
func (t *turn) hear() Intent {
	if intent := t.Intents.Match(t.conv.Lang, t.text); intent != "" {
		return intent
	}
	if t.conv.Lang == "en" {
		return t.Intents.Match("it", t.text)
	}
	return t.Intents.Match("en", t.text)
}

// identify finds the person behind the conversation's identity, if the
// identity was proved.
func (t *turn) identify() error {
	if t.conv.Public { // others read what is said to them
		return nil
	}
	person, err := t.Accounts.PersonByIdentity(t.ctx, t.conv.Identity)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	t.person = person
	if t.in.Afresh && person.Known() {
		t.forgetPerson()
	}
	if t.conv.Form != nil && t.conv.Form.Owner != "" && t.conv.Form.Owner != t.person.ID {
		t.dropTheirs() // the chat was taken from its owner meanwhile
	}
	return nil
}

// forgetPerson takes the identity from the person, and drops what is theirs.
func (t *turn) forgetPerson() {
	identity := t.conv.Identity
	t.result.Account.Unlink = &identity
	t.person = account.Person{}
	t.dropTheirs()
}

// dropTheirs drops what is somebody's own.
func (t *turn) dropTheirs() {
	ended, none := t.allEnded(), tickets.Number("")
	ended.Shelf, ended.Ticket, ended.Unheard = &Shelved{}, &none, true
	t.fresh, t.asked = nil, nil
	t.change(ended)
	if t.conv.Operated() { // they know somebody here who may be another one now
		t.say(ActUnqueue, "forgotten", "operators.forgotten", nil)
		t.change(Change{Floor: &Floor{Holder: ByAssistant}})
	}
}

// audiences are those the person may read.
func (t *turn) audiences() []account.Audience { return account.Audiences(&t.person) }

// year is the help desk's, which numbers are given in.
func (t *turn) year() int { return t.now.In(t.Book.Zone()).Year() }

// meant are the tickets that a number may be: one without a year is of this year,
// or else of the last, for nobody says it, not even in January.
func (t *turn) meant(number tickets.Number) []tickets.Number {
	current := number.In(t.year())
	if current == number {
		return []tickets.Number{number}
	}
	return []tickets.Number{current, number.In(t.year() - 1)}
}

// stamp says who does what follows, under this message's key.
func (t *turn) stamp() tickets.Stamp {
	return tickets.Stamp{By: t.person, At: t.now, Key: fmt.Sprintf("%s/%d/%d", t.conv.ID, t.in.Seq, len(t.result.Tickets))}
}

// do records an action that says nothing.
func (t *turn) do(act, object string, change *Change) {
	t.add(Event{Act: act, Object: object, Change: change})
}

// say records an action and what the assistant says with it, as a phrase.
func (t *turn) say(act, object, phrase string, values fault.Values, choices ...Choice) *Event {
	return t.add(Event{
		Act: act, Object: object, Phrase: phrase,
		Reply: &Reply{Markdown: t.tell(phrase, values), Choices: choices},
	})
}

// ask is say for a question: the assistant waits for what.
func (t *turn) ask(what, object, phrase string, values fault.Values, choices ...Choice) *Event {
	named := what
	if object != "" {
		named += "." + object
	}
	e := t.say("ask", named, phrase, values, choices...)
	t.change(Change{Asked: &Asked{What: what, Object: object}})
	return e
}

// write records an action and what the assistant says with it, as Markdown.
func (t *turn) write(act, object, markdown string, choices ...Choice) *Event {
	return t.add(Event{Act: act, Object: object, Reply: &Reply{Markdown: markdown, Choices: choices}})
}

func (t *turn) add(e Event) *Event {
	e.At = t.now
	if e.Author == "" {
		e.Author = Assistant
	}
	if t.in.Author == User {
		e.Answers = t.in.Seq
	}
	t.result.Events = append(t.result.Events, e)
	t.conv = t.conv.Fold(e)
	return &t.result.Events[len(t.result.Events)-1]
}

// change adds to what the last action changes in the conversation.
func (t *turn) change(c Change) {
	if len(t.result.Events) == 0 {
		t.do("note", "", &c)
		return
	}
	last := &t.result.Events[len(t.result.Events)-1]
	if last.Change == nil {
		last.Change = &Change{}
	}
	last.Change.merge(c)
	t.conv.apply(&c)
}

func (c *Change) merge(more Change) {
	override(&c.Lang, more.Lang)
	override(&c.Topic, more.Topic)
	override(&c.Asked, more.Asked)
	override(&c.Errand, more.Errand)
	override(&c.Ticket, more.Ticket)
	override(&c.Human, more.Human)
	override(&c.Floor, more.Floor)
	override(&c.Carried, more.Carried)
	override(&c.Guesses, more.Guesses)
	if more.Form != nil {
		c.Form, c.NoForm = more.Form, false
	}
	if more.NoForm {
		c.Form, c.NoForm = nil, true
	}
	override(&c.Shelf, more.Shelf)
	override(&c.Attends, more.Attends)
	c.Answered = append(c.Answered[:len(c.Answered):len(c.Answered)], more.Answered...)
	c.Unheard = c.Unheard || more.Unheard
}

func override[T any](part **T, value *T) {
	if value != nil {
		*part = value
	}
}

// done says that the assistant waits for nothing more.
func (t *turn) done() { t.change(Change{Asked: &Asked{}}) }

// choice offers an action of takeChoice under a label from the phrases. Its ID
// is unique within the conversation, so an old button cannot be mistaken for a
// new one.
func (t *turn) choice(action, phrase string, values ...fault.Values) Choice {
	var v fault.Values
	if len(values) > 0 {
		v = values[0]
	}
	return t.labelled(action, t.Phrases.Say(t.conv.Lang, phrase, v))
}

func (t *turn) labelled(action, label string) Choice {
	return Choice{ID: fmt.Sprintf("%d.%s", t.in.Seq, action), Label: label}
}

// Markdown is a value of a phrase that is CommonMark already. All other
// values are what people wrote, and are quoted.
type Markdown string

// tell returns a phrase as Markdown, with what people wrote quoted.
func (t *turn) tell(phrase string, values fault.Values) string {
	quoted := make(map[string]any, len(values))
	for name, value := range values {
		switch v := value.(type) {
		case Markdown:
			quoted[name] = string(v)
		case string:
			quoted[name] = quote(v)
		case fmt.Stringer:
			quoted[name] = quote(v.String())
		default:
			quoted[name] = v
		}
	}
	return t.Phrases.Say(t.conv.Lang, phrase, quoted)
}

var markdownSigns = strings.NewReplacer(
	`\`, `&#92;`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	"<", `\<`, ">", `\>`, "#", `\#`, "|", `\|`, "~", `\~`, "&", `&amp;`,
	// No address that people wrote becomes a link in the help desk's own voice.
	"://", `\://`, "@", `\@`, "www.", `www\.`, "WWW.", `WWW\.`, "Www.", `Www\.`)

// quote makes text of people safe within Markdown: it shows as it was written.
func quote(text string) string {
	lines := strings.Split(markdownSigns.Replace(text), "\n")
	for i, line := range lines {
		line = strings.Trim(line, " \t\r") // four spaces would be code
		if j := strings.IndexFunc(line, func(r rune) bool { return r < '0' || r > '9' }); line != "" && j >= 0 && strings.ContainsRune("-+=.)", rune(line[j])) {
			line = line[:j] + `\` + line[j:] // a list, a rule, a heading
		}
		lines[i] = line
		if i > 0 && line != "" && lines[i-1] != "" {
			lines[i-1] += `\` // or they would flow into one another
		}
	}
	return strings.Join(lines, "\n")
}

// find searches for a question within what the person may read, by its words.
func (t *turn) find(question string) (search.Result, error) {
	return t.Search.Search(t.ctx, t.query(question))
}

// findToo searches by meaning, too, where that is set up.
func (t *turn) findToo(question string) (search.Result, error) {
	q := t.query(question)
	q.Meaning = true
	return t.Search.Search(t.ctx, q)
}

func (t *turn) query(question string) search.Query {
	var audiences []search.Audience
	for _, a := range t.audiences() {
		audiences = append(audiences, search.Audience(a))
	}
	return search.Query{Text: question, Lang: t.conv.Lang, Audiences: audiences, Limit: 6}
}

// article reads an article in the conversation's language.
func (t *turn) article(key kb.Key) (kb.Article, error) {
	return t.Library.Article(t.ctx, key, t.audiences())
}
