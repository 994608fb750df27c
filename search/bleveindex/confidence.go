package bleveindex

import (
	"math"

	"sportello/search"
)

// What a decision costs, in questions that were not needed: choices cost 1, a
// wrong answer costs 5, and giving up where one of the first three was right
// costs half of that. So an answer pays from 0.8 on, where 5 × (1 - confidence)
// falls below 1; choices pay where one of three is right in two of five cases,
// which over the judged questions is so down to a confidence of 0.2
// (TestConfidenceFit prints the cost of thresholds around these).
const (
	answerFrom  = 0.8
	clarifyFrom = 0.2
	namedFrom   = 0.1 // clarify already from here a question that names an application: it is our business
)

// signal is one of the quantities that confidence is made of. Each grows with
// the confidence or falls with it throughout, and none depends on the size of
// the knowledge base or on how its words are spread.
type signal struct {
	name string
	of   func(q *question, found []ranked) float64
}

// logistic is what the signals, by name, count for the confidence.
type logistic struct {
	base    float64
	weights map[string]float64
}

// signalsInUse have their weights in fitted.go: who changes them fits again,
// see TestConfidenceFit in search/rank.
var signalsInUse = []signal{
	{"clear", func(_ *question, f []ranked) float64 { return standsOut(f) }},
	{"alike", func(_ *question, f []ranked) float64 {
		return lead(f, func(g *signals) float64 { return g.similar })
	}},
	{"together", func(_ *question, f []ranked) float64 {
		return lead(f, func(g *signals) float64 { return g.near })
	}},
	{"several words", several},
	{"brief", func(_ *question, f []ranked) float64 { return -f[0].signals.length }},
	{"length", func(q *question, _ []ranked) float64 { return math.Log1p(float64(len(q.words))) }},
	{"keywords", func(q *question, _ []ranked) float64 { return oneIf(q.content == len(q.words)) }},
	{"word for word", func(_ *question, f []ranked) float64 { return oneIf(same(f[0]) && (len(f) == 1 || !same(f[1]))) }},
	{"telling words", telling},
	{"unknown words", func(q *question, _ []ranked) float64 { return q.strange }},
}

// same reports whether the question is a title or stored question of a document.
func same(f ranked) bool { return f.signals.similar > 0.995 }

func oneIf(condition bool) float64 {
	if condition {
		return 1
	}
	return 0
}

// shown is how many documents are compared.
const shown = 10

// standsOut tells how far the first stands before all the others that a reader
// sees, and before an imagined one with a score that an article which is no
// answer reaches easily. Those within the width count fully, those further away
// hardly; it is 1 if there are none, and falls below 0 if they are many.
func standsOut(found []ranked) float64 {
	const enough, width, least = 0.3, 0.1, 0.02
	best := found[0].score
	others := least + math.Exp((enough-best)/width)
	for _, f := range found[1:min(shown, len(found))] {
		others += math.Exp((f.score - best) / width)
	}
	return math.Log(others) / math.Log(least)
}

// lead is how much more of something the first has than any other that a
// reader sees.
func lead(found []ranked, of func(*signals) float64) float64 {
	most := 0.0
	for i := range found[1:min(shown, len(found))] {
		most = max(most, of(&found[1+i].signals))
	}
	return of(&found[0].signals) - most
}

// several tells whether the first holds more than one word that says
// something, in any form: one alone is often there by chance.
func several(q *question, found []ranked) float64 {
	n := 0
	for i, l := range q.slots {
		if !l.function && found[0].reached[i] > 0 {
			n++
		}
	}
	return oneIf(n > 1)
}

// telling is what the first holds, as written, of the words that tell one
// subject from another.
func telling(q *question, found []ranked) float64 {
	sum := 0.0
	for i, l := range q.slots {
		if !l.telling {
			continue
		}
		for _, a := range l.alternatives {
			if (a.means == search.ByWord || a.means == search.ByApplication) && float32(found[0].reached[i]) >= float32(a.weight) {
				sum += l.idf / q.rarest
				break
			}
		}
	}
	return math.Log1p(sum)
}

// signalsOf returns the signals with their values; none if nothing was found.
func signalsOf(q *question, found []ranked) []search.Signal {
	if len(found) == 0 || q.content == 0 {
		return nil
	}
	all := make([]search.Signal, len(signalsInUse))
	for i, s := range signalsInUse {
		all[i] = search.Signal{Name: s.name, Value: s.of(q, found), Weight: fitted.weights[s.name]}
	}
	return all
}

// decide tells how probably the first document found answers the question, and
// what follows from it. The signals are those of signalsOf.
func decide(q *question, found []ranked, signals []search.Signal) (float64, search.Decision) {
	if signals == nil {
		return 0, search.Abstain
	}
	z := fitted.base
	for _, s := range signals {
		z += s.Points()
	}
	p := 1 / (1 + math.Exp(-z))
	if q.spent {
		p = min(p, answerFrom-0.01)
	}
	switch {
	case p >= answerFrom:
		return p, search.Answer
	case p >= clarifyFrom, p >= namedFrom && len(q.applications) > 0 && found[0].signals.foreign == 0:
		return p, search.Clarify
	}
	return p, search.Abstain
}
