package bleveindex

import (
	"fmt"
	"math"

	"sportello/search"
)

// The decision's thresholds: a wrong confident answer costs five times an
// unneeded question.
const (
	answerFrom  = 0.65
	clarifyFrom = 0.25
)

// features are the signals that confidence is made of; their names are what
// an editor is told.
var featureNames = []string{"covered", "alike", "asked", "passage", "words", "together", "lead", "length"}

func features(q *question, found []ranked) []float64 {
	first := found[0].signals
	lead := 1.0
	if len(found) > 1 && found[0].score > 0 {
		lead = 1 - found[1].score/found[0].score
	}
	return []float64{
		first.covered, first.similar, first.asked, first.passage, first.bm25, first.near, lead,
		math.Log1p(float64(q.content)),
	}
}

// weights of the features, and what is added to them, by logistic regression.
var (
	featureWeights = []float64{2, 2, 0, 2, 2, 0, 1, 0}
	featureBase    = -4.0
)

// decide tells how probably the first document found answers the question, and
// what follows from it.
func decide(q *question, found []ranked) (float64, search.Decision) {
	if len(found) == 0 || q.content == 0 {
		return 0, search.Abstain
	}
	z := featureBase
	for i, f := range features(q, found) {
		z += featureWeights[i] * f
	}
	p := 1 / (1 + math.Exp(-z))
	switch {
	case p >= answerFrom:
		return p, search.Answer
	case p >= clarifyFrom:
		return p, search.Clarify
	}
	return p, search.Abstain
}

// explainDecision tells an editor why the assistant answers, asks or gives up.
func explainDecision(q *question, found []ranked, r search.Result) []string {
	if len(found) == 0 {
		return []string{"no article has a word of the question"}
	}
	line := fmt.Sprintf("confidence %.2f: %s", r.Confidence, r.Decision)
	for i, f := range features(q, found) {
		line += fmt.Sprintf(", %s %.2f", featureNames[i], f)
	}
	return []string{line}
}
