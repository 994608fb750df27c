package bot_test

import (
	"testing"

	"sportello/kb"
	"sportello/store"
)

func TestAThumbOnAnAnswerIsAVoteOnItsArticle(t *testing.T) {
	s := newStage(t)
	s.expect("stampante", "answer stampante")
	events, err := s.engine.Store.Events(t.Context(), s.id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	articles := store.NewArticles(s.db)
	shelved := newShelf()["stampante"]
	shelved.Lang = "it"
	if _, err := (&kb.Library{Store: articles, Now: s.engine.Now}).Import(t.Context(), []kb.Article{shelved}, kb.Shipped); err != nil {
		t.Fatal(err)
	}
	article := kb.Key{ID: "stampante", Lang: "it"}
	tally := func() kb.Tally {
		t.Helper()
		all, err := articles.Votes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all[article]
	}
	for _, e := range events {
		if e.Act == "answer" {
			continue
		}
		if err := s.engine.Judge(t.Context(), s.id, e.Seq, true, "someone"); err != nil || tally() != (kb.Tally{}) {
			t.Errorf("on %s %q, which is no answer: %v, %+v", e.Author, e.Action(), err, tally())
		}
	}
	answer := events[len(events)-1]
	if answer.Act != "answer" || answer.Answers == 0 {
		t.Fatalf("the last event is %+v", answer)
	}
	for _, step := range []struct {
		helpful bool
		voter   string
		want    kb.Tally
	}{
		{true, string(s.id), kb.Tally{Helpful: 1}},
		{true, string(s.id), kb.Tally{Helpful: 1}},
		{false, string(s.id), kb.Tally{Unhelpful: 1}},
		{true, "someone else", kb.Tally{Helpful: 1, Unhelpful: 1}},
	} {
		if err := s.engine.Judge(t.Context(), s.id, answer.Seq, step.helpful, step.voter); err != nil {
			t.Fatal(err)
		}
		if got := tally(); got != step.want {
			t.Errorf("after %v of %s: %+v, want %+v", step.helpful, step.voter, got, step.want)
		}
	}
	if err := s.engine.Judge(t.Context(), s.id, answer.Seq+1000, true, "x"); err != nil {
		t.Errorf("an event that is not there: %v", err)
	}
	if after, err := s.engine.Store.Events(t.Context(), s.id, answer.Seq, 10); err != nil || len(after) != 0 {
		t.Errorf("it is answered with %+v, %v", after, err)
	}
}

func TestAConversationRemembersThatItKnewItsPerson(t *testing.T) {
	s := newStage(t)
	stranger := s.stranger("a")
	if met, err := s.engine.Met(t.Context(), stranger); met || err != nil {
		t.Errorf("a new one: %v, %v", met, err)
	}
}
