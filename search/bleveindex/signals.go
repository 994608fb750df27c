package bleveindex

import (
	"cmp"
	"math"
	"slices"

	"sportello/search"
)

// signals are what is known about a document for a question, each from 0 to
// about 1 whatever the size of the knowledge base. Of some the ranking is made,
// of some the confidence.
type signals struct {
	bm25    float64 // first score, of the most the question could reach
	similar float64 // likeness of the question and the best title or stored question, word by word
	letters float64 // the same by runs of three letters, as far as titles are questions here
	near    float64 // neighbouring words of the question that stand together
	ordered float64 // neighbouring words of the question that follow one another
	foreign float64 // 1 if it is about an application, and the question names others
	push    float64 // what people said of the document, from -1 to 1
	length  float64 // logarithm of its length over the mean: more than 0 if it is longer

	// Of what the question is about, the part found close together:
	span    float64 // within a few words
	stretch float64 // within a sentence or two
	opening float64 // in the first words of the text
	date    float64 // around a year, if the question asks when
	number  float64 // around a number, if the question asks how many
}

// Numbers of words within which words count as close together.
const (
	spanWords    = 10
	stretchWords = 40
	openingWords = 12 // where a text says what it is about
	nearNumber   = 15 // on either side of a number: what it counts
)

// parts are what a score is the sum of, by the names under which it is
// explained. The weights are learnt (search/rank, TestRankingFit), but that of
// the letters: the order hardly depends on it from .5 to 1, the confidence does.
func (g *signals) parts() [10]search.Signal {
	return [...]search.Signal{
		{Name: "words", Value: g.bm25, Weight: 1},
		{Name: "letters", Value: g.letters, Weight: 0.85},
		{Name: "span", Value: g.span, Weight: 0.08},
		{Name: "stretch", Value: g.stretch, Weight: 0.11},
		{Name: "ordered", Value: g.ordered, Weight: 0.11},
		{Name: "opening", Value: g.opening, Weight: 0.1},
		{Name: "date", Value: g.date, Weight: 0.19},
		{Name: "number", Value: g.number, Weight: 0.21},
		{Name: "foreign", Value: g.foreign, Weight: -tuned.foreign},
		{Name: "feedback", Value: g.push, Weight: tuned.feedback},
	}
}

// spot is a place in a document where a word of the question stands.
type spot struct {
	at     int32 // word of the document
	slot   int16
	weight float64
}

// tally sums the weights of the slots met, each once with its best.
type tally struct {
	best    []float64 // by slot
	touched []int16
	sum     float64
}

func (t *tally) add(m spot) {
	switch best := t.best[m.slot]; {
	case m.weight <= best:
		return
	case best == 0:
		t.touched = append(t.touched, m.slot)
		fallthrough
	default:
		t.sum += m.weight - best
		t.best[m.slot] = m.weight
	}
}

func (t *tally) reset() {
	for _, i := range t.touched {
		t.best[i] = 0
	}
	t.touched, t.sum = t.touched[:0], 0
}

// close looks at how close together the words of the question stand.
func (g *signals) close(q *question, found []spot, t *tally) {
	for i := range found {
		span := 0.0
		for _, m := range found[i:] {
			apart := m.at - found[i].at
			if apart >= stretchWords {
				break
			}
			t.add(m)
			if apart < spanWords {
				span = t.sum
			}
		}
		g.span, g.stretch = max(g.span, span), max(g.stretch, t.sum)
		t.reset()
	}
	g.span /= q.subject
	g.stretch /= q.subject
}

// within is the part of what the question is about that stands from one word
// of the document up to another; found is in their order.
func within(q *question, found []spot, from, to int32, t *tally) float64 {
	first, _ := slices.BinarySearchFunc(found, from, func(m spot, at int32) int { return cmp.Compare(m.at, at) })
	for _, m := range found[first:] {
		if m.at >= to {
			break
		}
		t.add(m)
	}
	part := t.sum / q.subject
	t.reset()
	return part
}

// lengthOf compares the length of a document with the mean of all.
func lengthOf(lengths *[kinds]uint16, mean float64) float64 {
	n := 0
	for _, l := range lengths {
		n += int(l)
	}
	return math.Log((1 + float64(n)) / (1 + mean))
}
