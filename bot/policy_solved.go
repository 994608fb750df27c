package bot

import (
	"fmt"
	"slices"

	"sportello/internal/fault"
	"sportello/kb"
)

// solved counts the articles that helped. A ticket that was being written is
// not needed any more; it can be taken up again all the same.
func (t *turn) solved() error {
	t.vote(true)
	if t.conv.Form != nil {
		return t.cancel()
	}
	t.say("solved", t.articleIDs(), "bot.glad", nil)
	t.change(t.allEnded())
	return nil
}

// unsolved counts that the articles did not help, and offers what was not
// tried yet: the guided procedure, other articles, a ticket, a person.
func (t *turn) unsolved() error {
	t.vote(false)
	topic := t.conv.Topic
	topic.Failures++
	var offer []Choice
	if topic.Failures < 2 {
		if topic.Step == 0 && t.hasSteps(topic) {
			offer = append(offer, t.choice("guide", "choice.guide"))
		}
		for _, article := range t.alternatives(topic) {
			offer = append(offer, t.labelled("pick:"+article.ID, article.Title))
		}
	}
	offer = append(offer, t.choice("ticket", "choice.ticket"), t.choice("phone:"+t.subjectApplication(), "choice.phone"), t.choice("human", "choice.human"))
	phrase := "bot.not_solved"
	if topic.Failures >= 2 {
		phrase = "bot.two_failures"
	}
	t.say("unsolved", t.articleIDs(), phrase, nil, offer...)
	topic.Step = 0
	t.change(Change{Topic: &topic, Asked: &Asked{}})
	if topic.Failures < 2 {
		t.change(Change{Asked: &Asked{What: "rephrase"}})
	}
	return nil
}

// alternatives are two more articles to try. What the editors relate to the one
// that failed comes first: of a short question, the further hits share a word
// and little else.
func (t *turn) alternatives(topic Topic) []kb.Article {
	var keys []kb.Key
	if len(topic.Articles) == 1 {
		tried := topic.Articles[0]
		if article, err := t.article(tried); err == nil {
			for _, id := range article.Related {
				keys = append(keys, kb.Key{ID: id, Lang: tried.Lang})
			}
		}
	}
	hit := func(key kb.Key) bool { return slices.Contains(topic.Others, key) }
	slices.SortStableFunc(keys, func(a, b kb.Key) int {
		switch {
		case hit(a) == hit(b):
			return 0
		case hit(a):
			return -1
		}
		return 1
	})
	var found []kb.Article
	for _, key := range append(keys, topic.Others...) {
		same := func(a kb.Article) bool { return a.ID == key.ID }
		if article, err := t.article(key); err == nil && len(found) < 2 && !slices.ContainsFunc(found, same) {
			found = append(found, article)
		}
	}
	return found
}

func (t *turn) hasSteps(topic Topic) bool {
	if len(topic.Articles) != 1 {
		return false
	}
	article, err := t.article(topic.Articles[0])
	return err == nil && len(article.Steps()) > 1
}

func (t *turn) articleIDs() string {
	ids := ""
	for _, key := range t.conv.Topic.Articles {
		if ids != "" {
			ids += " "
		}
		ids += key.ID
	}
	return ids
}

// vote counts each article once a conversation, the last word wins.
func (t *turn) vote(helpful bool) {
	for _, key := range t.conv.Topic.Articles {
		t.result.Votes = append(t.result.Votes, kb.Vote{Article: key, Voter: string(t.conv.ID), Helpful: helpful, At: t.now})
	}
}

// step shows one step of the guided procedure, or asks after the last one
// whether it helped.
func (t *turn) step(n int) error {
	topic := t.conv.Topic
	if len(topic.Articles) == 0 {
		t.say("ask", "question", "bot.what", nil)
		return nil
	}
	article, err := t.article(topic.Articles[len(topic.Articles)-1])
	if fault.Is(err, fault.NotFound) {
		t.sayUnknown()
		return nil
	}
	if err != nil {
		return err
	}
	steps := article.Steps()
	if n = max(n, 1); n > len(steps) {
		topic.Step = len(steps)
		t.ask("solved", article.ID, "bot.steps_done", nil,
			t.choice("solved", "choice.solved"), t.choice("unsolved", "choice.unsolved"), t.choice("step-back", "choice.step_back"), t.choice("human", "choice.human"))
		topic.Step = len(steps) + 1
		t.change(Change{Topic: &topic})
		return nil
	}
	offer := []Choice{t.choice("step-done", "choice.step_done"), t.choice("step-fails", "choice.step_fails")}
	if n > 1 {
		offer = append(offer, t.choice("step-back", "choice.step_back"))
	}
	offer = append(offer, t.choice("step-stop", "choice.step_stop"), t.choice("human", "choice.human"))
	e := t.say("step", fmt.Sprintf("%s %d", article.ID, n), "bot.step", fault.Values{"Step": n, "Steps": len(steps), "Text": Markdown(steps[n-1])}, offer...)
	if n == 1 { // the others are of the same article
		e.Reply.Sources = []Source{t.source(article)}
	}
	topic.Step = n
	t.change(Change{Topic: &topic, Asked: &Asked{What: "step"}})
	return nil
}

// stepFails notes where the procedure failed: the ticket will say so.
func (t *turn) stepFails() error {
	topic := t.conv.Topic
	topic.FailedStep = topic.Step
	t.change(Change{Topic: &topic})
	return t.unsolved()
}

func (t *turn) stopSteps() error {
	topic := t.conv.Topic
	topic.Step = 0
	t.ask("solved", t.articleIDs(), "bot.steps_stopped", nil,
		t.choice("solved", "choice.solved"), t.choice("unsolved", "choice.unsolved"), t.choice("ticket", "choice.ticket"), t.choice("human", "choice.human"))
	t.change(Change{Topic: &topic})
	return nil
}
