package bot

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"sportello/internal/fault"
	"sportello/kb"
	"sportello/search"
)

// answer searches the knowledge base: it answers if it is sure, offers up to
// three candidates if it is not, and says so if it does not know. A message
// that holds two requests gets both answered.
func (t *turn) answer() (bool, error) {
	question := t.question()
	if len(plainWords(question)) == 0 {
		if t.conv.Form == nil {
			t.say("ask", "question", "bot.what", nil)
		}
		return true, t.resumeIfOpen()
	}
	if parts := t.twoRequests(question); parts != nil {
		return true, t.answerBoth(t.told(), parts)
	}
	whole, err := t.findToo(question)
	if err == nil && whole.Decision == search.Abstain {
		whole, err = t.findAbroad(question, whole)
	}
	if err != nil {
		return false, err
	}
	switch whole.Decision {
	case search.Answer:
		t.sayRead(whole)
		return true, t.answerWith(t.told(), whole)
	case search.Clarify:
		t.sayRead(whole)
		return true, t.clarify(t.told(), whole)
	}
	t.abstain(t.told())
	return true, t.resumeIfOpen()
}

// findAbroad searches in the other language, where the conversation's own knew
// no answer to a question that may well be in the other: of two words, say. What
// it finds there is told in that language.
func (t *turn) findAbroad(question string, found search.Result) (search.Result, error) {
	const likely = 0.5
	guess, sure := search.GuessLanguage(question)
	if sure && guess == t.conv.Lang || t.conv.Form != nil {
		return found, nil
	}
	lang := map[string]string{"it": "en", "en": "it"}[t.conv.Lang]
	q := t.query(question)
	q.Lang = lang
	abroad, err := t.Search.Search(t.ctx, q)
	if err != nil || abroad.Decision == search.Abstain || abroad.Confidence < likely {
		return found, err
	}
	t.do("language", lang, &Change{Lang: &lang})
	return abroad, nil
}

// sayRead tells how a misspelt question was read, so that nobody wonders at the
// answer: of a long question, the words that were put right.
func (t *turn) sayRead(r search.Result) {
	const most = 80
	if len(r.Corrections) == 0 {
		return
	}
	if read := strings.Join(strings.Fields(r.Reading), " "); utf8.RuneCountInString(read) <= most {
		t.say("read-as", read, "bot.read_as", fault.Values{"Question": read})
		return
	}
	var meant, words []string
	for _, c := range r.Corrections[:min(len(r.Corrections), 3)] {
		meant = append(meant, shortened(c.Meant, most))
		words = append(words, t.tell("bot.read_word", fault.Values{"Typed": shortened(c.Typed, most), "Meant": shortened(c.Meant, most)}))
	}
	t.say("read-as", strings.Join(meant, ", "), "bot.read_words", fault.Values{"Words": Markdown(strings.Join(words, ", "))})
}

// told is the message as a ticket would quote it.
func (t *turn) told() string {
	const most = 2000
	text := strings.TrimSpace(t.text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " …"
	}
	return text
}

// question is the message as it is searched for: of a long one, such as a
// pasted stack trace, the lines that people wrote and the first of the rest.
func (t *turn) question() string {
	text := asked(maskedPart.ReplaceAllString(t.text, " "))
	if len(text) <= 600 {
		return strings.TrimSpace(text)
	}
	var kept []string
	size := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "at ") || strings.HasPrefix(line, "...") {
			continue
		}
		if size += len(line); size > 600 {
			if len(kept) == 0 {
				kept = append(kept, strings.ToValidUTF8(line[:600], ""))
			}
			break
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, " ")
}

func (t *turn) answerWith(question string, r search.Result) error {
	hit := r.Hits[0]
	article, err := t.article(kb.Key{ID: hit.ID, Lang: hit.Lang})
	if fault.Is(err, fault.NotFound) { // the index is a moment behind
		t.abstain(question)
		return t.resumeIfOpen()
	}
	if err != nil {
		return err
	}
	t.sayArticle(article, hit.Section.Anchor, t.worded(article, hit.Section.Anchor), t.newTopic(question, r))
	return t.resumeIfOpen()
}

// related is the part of the first hit's score that makes another hit worth
// offering when the first did not help.
const related = 0.5

// newTopic is the question under way; a second question about the same keeps
// count of the failures.
func (t *turn) newTopic(question string, r search.Result) Topic {
	topic := Topic{Question: question, Attachments: t.conv.Topic.Attachments}
	for i, hit := range r.Hits {
		if key := (kb.Key{ID: hit.ID, Lang: hit.Lang}); i == 0 && r.Decision == search.Answer {
			topic.Articles = []kb.Key{key}
		} else if len(topic.Others) < 3 && hit.Score >= related*r.Hits[0].Score {
			topic.Others = append(topic.Others, key)
		}
	}
	if t.conv.Asked.What == "rephrase" {
		topic.Failures = t.conv.Topic.Failures
	}
	return topic
}

// sayArticle answers with an article: its summary, and the section that
// matched or the steps; above it the short answer that a Writer worded, if any.
func (t *turn) sayArticle(a kb.Article, anchor, worded string, topic Topic) {
	steps := a.Steps()
	offer := []Choice{t.choice("solved", "choice.solved"), t.choice("unsolved", "choice.unsolved")}
	if len(steps) > 1 {
		offer = append([]Choice{t.choice("guide", "choice.guide")}, offer...)
	}
	offer = append(offer, t.choice("human", "choice.human"))
	if t.conv.Form != nil {
		offer = nil
	}
	e := t.write("answer", a.ID, t.articleText(a, anchor, worded, steps), offer...)
	e.Reply.Sources = []Source{t.source(a)}
	topic.Step = 0
	if t.conv.Form == nil { // else the form's own question stays
		t.change(Change{Topic: &topic, Asked: &Asked{What: "solved"}})
	}
}

func (t *turn) source(a kb.Article) Source {
	return Source{ID: a.ID, Title: a.Title, URL: t.SiteURL + a.URL()}
}

// articleText is what an answer shows: enough to act at once, and no more than
// one likes to read in a chat.
func (t *turn) articleText(a kb.Article, anchor, worded string, steps []string) string {
	text := a.Summary()
	if worded != "" {
		text = t.tell("bot.worded", fault.Values{"Text": worded, "Title": a.Title}) + "\n\n" + text
	}
	text = "**" + quote(a.Title) + "**\n\n" + text
	heading, section := a.Section(anchor)
	switch {
	case anchor != "" && section != "" && !a.IsSteps(anchor):
		text += "\n\n**" + quote(heading) + "**\n\n" + section
	case len(steps) > 0:
		text += "\n"
		for i, step := range steps {
			text += fmt.Sprintf("\n%d. %s", i+1, strings.ReplaceAll(step, "\n", "\n   "))
		}
	}
	if t.conv.Form == nil {
		text += "\n\n" + t.tell("bot.solved?", nil)
	}
	return text
}

// clarify offers the first three articles.
func (t *turn) clarify(question string, r search.Result) error {
	topic := t.newTopic(question, r)
	if t.conv.Asked.What == "rephrase" && topic.Failures >= 2 {
		t.offerHelp("bot.two_failures", topic)
		return nil
	}
	topic.Others = nil
	var offer []Choice
	var ids []string
	for _, hit := range r.Hits {
		if len(offer) == 3 {
			break
		}
		topic.Others = append(topic.Others, kb.Key{ID: hit.ID, Lang: hit.Lang})
		offer = append(offer, t.labelled("pick:"+hit.ID, hit.Title))
		ids = append(ids, hit.ID)
	}
	offer = append(offer, t.choice("none", "choice.none"))
	if t.conv.Form != nil {
		offer = append(offer, t.choice("resume", "choice.resume"))
	}
	t.say("clarify", strings.Join(ids, " "), "bot.clarify", nil, offer...)
	if t.conv.Form == nil {
		t.change(Change{Topic: &topic, Asked: &Asked{What: "pick"}})
	}
	return nil
}

// abstain says that there is no reliable answer. The first time it asks for
// other words; after that it offers a ticket, a number or a person.
func (t *turn) abstain(question string) {
	if t.conv.Form != nil {
		t.say("abstain", "", "bot.unknown_in_form", nil)
		return
	}
	topic := Topic{Question: question, Attachments: t.conv.Topic.Attachments, Failures: t.conv.Topic.Failures + 1}
	if t.conv.Asked.What == "rephrase" && t.conv.Topic.Question != "" {
		topic.Question = t.conv.Topic.Question + "\n" + question
	}
	if topic.Failures >= 2 {
		t.offerHelp("bot.two_failures", topic)
		return
	}
	t.offerHelp("bot.unknown", topic)
	t.change(Change{Asked: &Asked{What: "rephrase"}})
}

// offerHelp stops looking and offers what always works.
func (t *turn) offerHelp(phrase string, topic Topic) {
	act := "abstain"
	if topic.Failures >= 2 {
		act = "offer-ticket"
	}
	t.say(act, "", phrase, nil,
		t.choice("ticket", "choice.ticket"), t.choice("phone:"+t.applicationOf(topic.Question), "choice.phone"), t.choice("human", "choice.human"))
	t.change(Change{Topic: &topic, Asked: &Asked{}})
}

func (t *turn) applicationOf(text string) string {
	a, _ := t.Catalogue.FindApplication(text)
	return a.ID
}

// sayUnknown is the answer when no policy was sure.
func (t *turn) sayUnknown() { t.abstain(t.told()) }

// resumeIfOpen comes back to the form after something else was answered.
func (t *turn) resumeIfOpen() error {
	if t.conv.Form == nil {
		return nil
	}
	return t.resumeForm()
}

// twoRequests splits a message that asks two things, or returns nil.
func (t *turn) twoRequests(question string) []search.Result {
	if t.conv.Form != nil {
		return nil
	}
	for _, parts := range splits(question) {
		first, err := t.find(parts[0])
		if err != nil || first.Decision != search.Answer {
			continue
		}
		second, err := t.find(parts[1])
		if err != nil || second.Decision != search.Answer || among(second.Hits[0], first.Hits) || among(first.Hits[0], second.Hits) {
			continue // one matter, told in two clauses
		}
		first.Query, second.Query = parts[0], parts[1]
		return []search.Result{first, second}
	}
	return nil
}

// among reports whether hit is one of the best three.
func among(hit search.Hit, hits []search.Hit) bool {
	return slices.ContainsFunc(hits[:min(3, len(hits))], func(h search.Hit) bool { return h.ID == hit.ID })
}

// splits are the ways to cut a message in two requests, each of at least two words.
func splits(text string) [][2]string {
	var all [][2]string
	lower := strings.ToLower(text)
	for _, cut := range []string{". ", "? ", "! ", "\n", "; ", " e poi ", " inoltre ", " e anche ", " poi ", " in piu ", " in più ", " and also ", " also ", " e ", " and ", ", "} {
		for from := 0; len(all) < 6; {
			i := strings.Index(lower[from:], cut)
			if i < 0 || len(lower) != len(text) {
				break
			}
			at := from + i
			a, b := text[:at], text[at+len(cut):]
			if len(plainWords(a)) >= 2 && len(plainWords(b)) >= 2 {
				all = append(all, [2]string{a, b})
			}
			from = at + len(cut)
		}
	}
	return all
}

// answerBoth answers two requests, one after the other.
func (t *turn) answerBoth(question string, parts []search.Result) error {
	topic := Topic{Question: question, Attachments: t.conv.Topic.Attachments}
	for i, r := range parts {
		article, err := t.article(kb.Key{ID: r.Hits[0].ID, Lang: r.Hits[0].Lang})
		if err != nil {
			return err
		}
		topic.Articles = append(topic.Articles, kb.Key{ID: article.ID, Lang: article.Lang})
		t.sayRead(r)
		t.sayArticle(article, r.Hits[0].Section.Anchor, "", topic)
		last := &t.result.Events[len(t.result.Events)-1]
		if i == 0 { // one question at the end is enough
			last.Reply.Choices = nil
			last.Reply.Markdown = strings.TrimSuffix(last.Reply.Markdown, "\n\n"+t.tell("bot.solved?", nil))
		}
	}
	return nil
}
