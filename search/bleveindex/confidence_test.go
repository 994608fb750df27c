package bleveindex

import (
	"testing"

	"sportello/search"
)

func TestConfidenceFallsWhereAnotherArticleFitsAsWell(t *testing.T) {
	const question = "il lettore della smart card lampeggia"
	x := filled(t, Options{})
	alone := ask(t, x, question)
	twin := desk()[1]
	twin.ID = "smart-card-due"
	if err := x.Apply(t.Context(), 8, []search.Document{twin}, nil); err != nil {
		t.Fatal(err)
	}
	if both := ask(t, x, question); both.Confidence > alone.Confidence-0.2 {
		t.Errorf("confidence is %.2f with one such article, %.2f with two", alone.Confidence, both.Confidence)
	}
}

func TestConfidenceFallsWithWordsThatNoArticleHolds(t *testing.T) {
	x := filled(t, Options{})
	plain, more := ask(t, x, "smart card o lettore"), ask(t, x, "smart card o lettore xilofono ornitorinco")
	if more.Confidence >= plain.Confidence {
		t.Errorf("confidence is %.2f, and %.2f with two words more that are in no article", plain.Confidence, more.Confidence)
	}
}

// A suggestion that somebody picks is asked word for word.
func TestAskingATitleGetsItsArticle(t *testing.T) {
	x := filled(t, Options{})
	for _, d := range desk() {
		if d.Lang != "it" {
			continue
		}
		for _, text := range append([]string{d.Title}, d.Questions...) {
			if r := ask(t, x, text, search.Employees, search.Operators); first(r) != d.ID || r.Decision != search.Answer {
				t.Errorf("%q: %s %s with confidence %.2f", text, r.Decision, first(r), r.Confidence)
			}
		}
	}
}

func TestEverySignalHasAWeight(t *testing.T) {
	for _, s := range signalsInUse {
		if fitted.weights[s.name] == 0 {
			t.Errorf("%q has no weight: fit again", s.name)
		}
	}
	if len(fitted.weights) != len(signalsInUse) {
		t.Errorf("%d weights for %d signals: fit again", len(fitted.weights), len(signalsInUse))
	}
}
