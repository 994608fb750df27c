package bleveindex

import (
	"math"

	"sportello/search"
)

// A wrong confident answer costs five times a question: an answer costs
// 5 × (1 - confidence), three choices cost 1, so from 0.8 on it is better to
// answer. Where the first is right three times in ten, one of three is right
// often enough to be worth showing.
const (
	answerFrom  = 0.8
	clarifyFrom = 0.3
	namedFrom   = 0.1 // clarify already from here a question that names an application: it is our business
)

// signal is one of the quantities that confidence is made of. None depends on
// the size of the knowledge base or on how its words are spread.
type signal struct {
	name   string
	weight float64
	of     func(q *question, found []ranked) float64
}

// base is what the weights of the signals are added to. Both were fitted by
// logistic regression; see search/rank, TestConfidenceFit.
const base = -3.10

var signalsInUse = []signal{
	{"alike", 1.19, func(_ *question, f []ranked) float64 { return f[0].signals.similar }},
	{"passage", 0.39, func(_ *question, f []ranked) float64 { return f[0].signals.passage }},
	{"words", 1.71, func(_ *question, f []ranked) float64 { return f[0].signals.bm25 }},
	{"together", 0.84, func(_ *question, f []ranked) float64 { return f[0].signals.near }},
	{"unknown", -1.39, func(q *question, _ []ranked) float64 { return q.unknown }},
	{"everyday", -1.26, func(q *question, _ []ranked) float64 { return q.everyday }},
	{"length", 0.97, func(q *question, _ []ranked) float64 { return math.Log1p(float64(q.content)) }},
	{"covered", -1.52, func(_ *question, f []ranked) float64 { return f[0].signals.covered }},
	{"covered × lead", 2.32, func(_ *question, f []ranked) float64 { return f[0].signals.covered * lead(f, 1) }},
	{"covered × lead over tenth", 2.76, func(_ *question, f []ranked) float64 { return f[0].signals.covered * lead(f, 9) }},
	{"covered × lead × length", 3.90, func(q *question, f []ranked) float64 {
		return f[0].signals.covered * lead(f, 1) * math.Log1p(float64(q.content))
	}},
	{"application", 0.36, func(q *question, f []ranked) float64 {
		switch {
		case len(q.applications) == 0:
			return 0
		case f[0].signals.foreign:
			return -1
		}
		return 1
	}},
}

// lead is how far the first stands before another, as a part of its score.
func lead(found []ranked, other int) float64 {
	if found[0].score <= 0 {
		return 0
	}
	if len(found) <= other {
		return 1
	}
	return 1 - max(found[other].score, 0)/found[0].score
}

// signalsOf returns the signals with their values; none if nothing was found.
func signalsOf(q *question, found []ranked) []search.Signal {
	if len(found) == 0 || q.content == 0 {
		return nil
	}
	all := make([]search.Signal, len(signalsInUse))
	for i, s := range signalsInUse {
		all[i] = search.Signal{Name: s.name, Value: s.of(q, found), Weight: s.weight}
	}
	return all
}

// decide tells how probably the first document found answers the question, and
// what follows from it.
func decide(q *question, found []ranked) (float64, search.Decision) {
	if len(found) == 0 || q.content == 0 {
		return 0, search.Abstain
	}
	z := base
	for _, s := range signalsInUse {
		z += s.weight * s.of(q, found)
	}
	p := 1 / (1 + math.Exp(-z))
	switch {
	case p >= answerFrom:
		return p, search.Answer
	case p >= clarifyFrom, p >= namedFrom && len(q.applications) > 0 && !found[0].signals.foreign:
		return p, search.Clarify
	}
	return p, search.Abstain
}
