package rank

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"sportello/search"
)

func TestALogisticIsFittedToWhatHappened(t *testing.T) {
	var examples []Example
	for i := range 400 { // right in three of four cases where the signal is 1, in one of four where it is 0
		x := float64(i % 2)
		examples = append(examples, Example{Signals: []float64{x}, Right: (i/2%4 == 0) != (x == 1), Weight: 1})
	}
	l := Fit(examples, 1e-6)
	if p := l.Probability([]float64{1}); math.Abs(p-0.75) > 1e-3 {
		t.Errorf("probability %v where three of four were right", p)
	}
	if p := l.Probability([]float64{0}); math.Abs(p-0.25) > 1e-3 {
		t.Errorf("probability %v where one of four was right", p)
	}
}

func TestAFitOfOnlyRightAnswersStaysFinite(t *testing.T) {
	l := Fit([]Example{{Signals: []float64{1, 0}, Right: true, Weight: 1}, {Signals: []float64{0, 0}, Right: true, Weight: 1}}, 1)
	for _, w := range append(l.Weights, l.Base) {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			t.Fatalf("weights %v", l)
		}
	}
	if Fit(nil, 1).Probability(nil) != 0.5 {
		t.Error("without examples nothing is known")
	}
}

// echo finds the article whose title is the question.
type echo struct{ docs []search.Document }

func (e *echo) Search(_ context.Context, q search.Query) (search.Result, error) {
	r := search.Result{Query: q.Text, Decision: search.Abstain}
	for _, d := range e.docs {
		if d.Title == q.Text {
			r.Hits, r.Confidence, r.Decision = []search.Hit{{ID: d.ID}}, 1, search.Answer
		}
	}
	return r, nil
}

func (e *echo) Suggest(context.Context, search.Query) ([]search.Suggestion, error) { return nil, nil }
func (e *echo) Apply(_ context.Context, _ int64, put []search.Document, _ []search.Key) error {
	e.docs = append(e.docs, put...)
	return nil
}
func (e *echo) Seq() int64              { return 0 }
func (e *echo) Documents() (int, error) { return len(e.docs), nil }
func (e *echo) Close() error            { return nil }

func TestEnginesAreComparedSideBySide(t *testing.T) {
	set := Set{
		Articles:  []Article{{ID: "1", Title: "uno"}, {ID: "2", Title: "due"}},
		Questions: []Question{{ID: "a", Text: "uno"}, {ID: "b", Text: "due"}, {ID: "c", Text: "tre"}},
		Grades:    map[string]map[string]int{"a": {"1": 2}, "b": {"1": 1}},
	}
	open := func(string) (search.Index, error) { return &echo{}, nil }
	var out bytes.Buffer
	reports, err := Compare(t.Context(), &out, []Engine{{"first", open}, {"ours", open}}, []Named{{"small", set}}, map[string]Figures{"small": {MRR: 0.25}})
	if err != nil {
		t.Fatal(err)
	}
	r := reports["small"]
	if r.MRR != 0.5 || r.AnsweredRight != 1 || r.AnsweredWrong != 1 || r.AbstainedOutOfScope != 1 || r.Index.Articles != 2 {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{"first", "ours", "+0.250 since the golden file", "confidence said"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}
