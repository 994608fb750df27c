package main

import (
	"io"
	"slices"
	"testing"

	"sportello/kb"
	"sportello/search"
)

// nearTie is the most that feedback can bring two articles nearer: each moves
// by 0.03 points at most.
const nearTie = 0.06

func TestConversationsThatWereNotHelpedMoveAnArticleBetweenNearTiesOnly(t *testing.T) {
	a := testApp(t)
	const question, article = "la coda di stampa è bloccata", "stampante-coda"
	converse := func(lines ...string) {
		t.Helper()
		talk, _, err := a.talk(t.Context(), "", "it", printer{io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if _, err := talk.Say(t.Context(), line); err != nil {
				t.Fatal(err)
			}
		}
	}
	find := func(question string) search.Result {
		t.Helper()
		r, err := a.index.Search(t.Context(), search.Query{Text: question, Lang: "it", Limit: 50, Explain: true})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	questions := []string{question, "stampante", "coda di stampa", "la stampante è lenta", "non stampa", "documenti in coda", "scanner", "la stampante non risponde", "stampa bloccata"}
	before := map[string]search.Result{}
	for _, q := range questions {
		before[q] = find(q)
	}

	var stubborn []string
	for range 10 {
		stubborn = append(stubborn, question, "non ho risolto", question, "ora funziona, grazie")
	}
	converse(append(stubborn, question, "non ho risolto")...)
	judged := func() *search.Feedback {
		t.Helper()
		if err := a.indexer.Heed(t.Context()); err != nil {
			t.Fatal(err)
		}
		hits := find(question).Hits
		return hits[slices.IndexFunc(hits, func(h search.Hit) bool { return h.ID == article })].Explanation.Feedback
	}
	if f := judged(); f == nil || f.Judged != 1 || f.Solved != 0 {
		t.Fatalf("one conversation, whatever it said how often, is told as %+v", f)
	}
	for range 15 {
		converse(question, "non ho risolto")
	}
	converse(question, "ora funziona, grazie")
	if f := judged(); f == nil || f.Judged != 17 || f.Solved != 1 || f.Push > -0.5 {
		t.Fatalf("sixteen conversations without help and one with are told as %+v", f)
	}

	for _, q := range questions {
		score := map[string]float64{}
		for _, h := range before[q].Hits {
			score[h.ID] = h.Score
		}
		after := find(q).Hits
		for i, h := range after {
			if off := score[h.ID] - h.Score; off > nearTie/2 || h.ID == article && off <= 0 || h.ID != article && off != 0 {
				t.Errorf("%q: %s is %v lower", q, h.ID, off)
			}
			for _, behind := range after[i+1:] {
				if score[behind.ID]-score[h.ID] > nearTie {
					t.Errorf("%q: %s (%.3f) went before %s (%.3f)", q, h.ID, score[h.ID], behind.ID, score[behind.ID])
				}
			}
		}
	}

	// On the site's pages anybody may vote as often as they like: no effect.
	for _, voter := range []string{"1", "2", "3"} {
		if err := a.library.Vote(t.Context(), kb.Vote{Article: kb.Key{ID: article, Lang: "it"}, Voter: kb.SiteVoter + voter, Helpful: true}); err != nil {
			t.Fatal(err)
		}
	}
	if f := judged(); f.Judged != 17 {
		t.Errorf("votes on the page count: %+v", f)
	}
}
