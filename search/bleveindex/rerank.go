package bleveindex

import (
	"slices"

	"sportello/search"
)

// signals are what is known about a document for a question, each from 0 to
// about 1 whatever the size of the knowledge base.
type signals struct {
	bm25    float64 // first score, of the most the question could reach
	covered float64 // part of the question's weight found anywhere in the document
	similar float64 // likeness of the question and the best title or stored question
	asked   float64 // part of the question found in that one
	passage float64 // part of the question found in the best passage
	near    float64 // neighbouring words of the question that stand together
	line    float64 // likeness of the question and the best short paragraph
	foreign bool    // it is about an application, and the question names others
	push    float64 // what people said of the document, from -1 to 1
}

// ranked is a document looked at closely.
type ranked struct {
	document int32
	score    float64
	signals  signals
	best     passage   // where it matched best
	reached  []float64 // weight found, by slot
}

// rerank looks closely at the candidates.
func (s *shard) rerank(q *question, best []scored, c *scratch) []ranked {
	c.terms = c.terms[:0]
	for i := range q.slots {
		for _, a := range q.slots[i].alternatives {
			if len(a.terms) != 1 {
				continue
			}
			t := a.terms[0]
			if w := float32(a.weight); w > c.slotOf[t].weight {
				if c.slotOf[t].slot == 0 {
					c.terms = append(c.terms, t)
				}
				c.slotOf[t] = slotWeight{int16(i + 1), w}
			}
		}
	}
	out := make([]ranked, len(best))
	view := newView(len(q.slots))
	for i, b := range best {
		out[i] = s.look(q, b, c, view)
	}
	for _, t := range c.terms {
		c.slotOf[t] = slotWeight{}
	}
	slices.SortStableFunc(out, func(a, b ranked) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	return out
}

// view is the memory of a close look: what each slot reached, in the passage
// and in the whole document.
type view struct {
	passage, document []float64
	last              []int32
	touched           []int16
	pairs             []float64
}

func newView(slots int) *view {
	return &view{make([]float64, slots), make([]float64, slots), make([]int32, slots), nil, make([]float64, slots)}
}

// look reads a document passage by passage.
func (s *shard) look(q *question, b scored, c *scratch, v *view) ranked {
	e := &s.documents[b.document]
	out := ranked{document: b.document, reached: make([]float64, len(q.slots))}
	clear(v.document)
	clear(v.pairs)
	bestBody := -1.0
	for _, p := range e.passages {
		clear(v.passage)
		for i := range v.last {
			v.last[i] = -1 << 20
		}
		own := 0.0 // weight of the passage itself
		alike := p.kind == inTitle || p.kind == inQuestion || p.kind == inBody && p.end-p.start <= shortLine
		for at, t := range e.sequence[p.start:p.end] {
			m := c.slotOf[t]
			if alike {
				own += s.weight(t, q)
			}
			if m.slot == 0 {
				continue
			}
			i, w := int(m.slot-1), float64(m.weight)
			v.passage[i] = max(v.passage[i], w)
			v.last[i] = int32(at)
			if q.slots[i].function && p.kind == inBody && !alike {
				continue
			}
			if i > 0 {
				v.meet(i, i-1, q)
			}
			if i+1 < len(q.slots) {
				v.meet(i+1, i, q)
			}
		}
		reached, told := 0.0, 0.0
		for i, w := range v.passage {
			if q.slots[i].function {
				told += w * tuned.grammar
				if p.kind == inBody && !alike {
					continue // there, grammar words are everywhere
				}
			} else {
				told += w
			}
			reached += w
			v.document[i] = max(v.document[i], w)
		}
		if q.mass == 0 || reached == 0 {
			continue
		}
		part := reached / q.mass
		if alike {
			likeness := 2 * told / (q.told + max(own, told))
			if p.kind == inBody {
				out.signals.line = max(out.signals.line, likeness)
			} else if likeness > out.signals.similar {
				out.signals.similar, out.signals.asked = likeness, part
			}
		}
		if part > bestBody {
			bestBody, out.best = part, p
		}
		if p.kind == inBody {
			out.signals.passage = max(out.signals.passage, part)
		}
	}
	if q.mass == 0 {
		return out
	}
	for i, w := range v.document {
		out.signals.covered += w / q.mass
		out.signals.near += v.pairs[i] / q.mass
		out.reached[i] = w
	}
	out.signals.bm25 = b.score / q.mass
	out.signals.foreign = s.foreign(q, e)
	out.signals.push = max(-1, min(1, s.feedback[e.doc.ID].Push))
	for _, p := range out.signals.parts() {
		out.score += p.Points()
	}
	return out
}

// parts are what a score is the sum of, by the names under which it is explained.
func (g *signals) parts() [7]search.Signal {
	foreign := 0.0
	if g.foreign {
		foreign = 1
	}
	return [...]search.Signal{
		{Name: "words", Value: g.bm25, Weight: 1},
		{Name: "alike", Value: g.similar, Weight: tuned.similar},
		{Name: "line", Value: g.line, Weight: tuned.line},
		{Name: "passage", Value: g.passage, Weight: tuned.passage},
		{Name: "together", Value: g.near, Weight: tuned.near},
		{Name: "foreign", Value: foreign, Weight: -tuned.foreign},
		{Name: "feedback", Value: g.push, Weight: tuned.feedback},
	}
}

// shortLine is the number of words up to which a paragraph may be a question.
const shortLine = 14

// foreign reports whether a document is about an application while the
// question names others.
func (s *shard) foreign(q *question, e *entry) bool {
	return len(q.applications) > 0 && e.doc.Application != "" && !slices.Contains(q.applications, e.doc.Application)
}

// weight is the idf of a term as the question would count it.
func (s *shard) weight(t int32, q *question) float64 {
	if s.terms[t].particle {
		return 0
	}
	w := s.idf(s.terms[t].df.of(q.readable), s.found(q.readable))
	if s.terms[t].function {
		w *= tuned.grammar * q.function
	} else if s.terms[t].general {
		w *= tuned.general
	}
	return w
}

// meet notes that slots i and j, neighbours in the question, have been seen in
// one passage, one of them at this place.
func (v *view) meet(i, j int, q *question) {
	a, b := int(v.last[i]), int(v.last[j])
	apart := a - b
	if apart < 0 {
		apart = -apart
	}
	if apart == 0 || apart > 8 {
		return
	}
	together := min(q.slots[i].idf, q.slots[j].idf) / float64(apart)
	v.pairs[i] = max(v.pairs[i], together)
}
