package bleveindex

import (
	"cmp"
	"slices"
)

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
				c.slotOf[t] = slotWeight{slot: int16(i + 1), weight: w}
			}
		}
	}
	for i, p := range q.pairs {
		c.slotOf[p.first].pair = int16(i + 1)
	}
	out := make([]ranked, len(best))
	view := newView(q)
	for i, b := range best {
		out[i] = s.look(q, b, c, view)
	}
	for _, t := range c.terms {
		c.slotOf[t] = slotWeight{}
	}
	for _, p := range q.pairs {
		c.slotOf[p.first].pair = 0
	}
	slices.SortStableFunc(out, func(a, b ranked) int { return cmp.Compare(b.score, a.score) })
	return out
}

// view is the memory of a close look: what each slot reached, in the passage
// and in the whole document.
type view struct {
	passage, document []float64
	last              []int32
	pairs             []float64
	spots             []spot
	tally             tally
	followed          []bool // pairs of the question that follow one another here
}

func newView(q *question) *view {
	n := len(q.slots)
	return &view{
		passage: make([]float64, n), document: make([]float64, n), last: make([]int32, n), pairs: make([]float64, n),
		tally: tally{best: make([]float64, n)}, followed: make([]bool, len(q.pairs)),
	}
}

// look reads a document passage by passage.
func (s *shard) look(q *question, b scored, c *scratch, v *view) ranked {
	e := &s.documents[b.document]
	out := ranked{document: b.document, reached: make([]float64, len(q.slots))}
	clear(v.document)
	clear(v.pairs)
	clear(v.followed)
	v.spots = v.spots[:0]
	most := 0.0 // found in one passage
	for _, p := range e.passages {
		clear(v.passage)
		for i := range v.last {
			v.last[i] = -1 << 20
		}
		own := 0.0 // weight of the passage itself
		asks := p.kind <= inQuestion
		brief := asks || p.kind == inBody && p.end-p.start <= shortLine
		for at, t := range e.sequence[p.start:p.end] {
			m := c.slotOf[t]
			if asks {
				own += s.weight(t, q)
			}
			if next := int(p.start) + at + 1; m.pair != 0 && next < int(p.end) && e.sequence[next] == q.pairs[m.pair-1].second {
				v.followed[m.pair-1] = true
			}
			if m.slot == 0 {
				continue
			}
			i, w := int(m.slot-1), float64(m.weight)
			if !q.slots[i].function {
				v.spots = append(v.spots, spot{int32(p.start) + int32(at), int16(i), w})
			}
			v.passage[i] = max(v.passage[i], w)
			v.last[i] = int32(at)
			if q.slots[i].function && p.kind == inBody && !brief {
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
				if p.kind == inBody && !brief {
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
		if asks {
			out.signals.letters = max(out.signals.letters, q.titles*q.letters.likeness(s, e.sequence[p.start:p.end]))
			out.signals.similar = max(out.signals.similar, 2*told/(q.told+max(own, told)))
		}
		if reached > most {
			most, out.best = reached, p
		}
	}
	if q.mass == 0 {
		return out
	}
	copy(out.reached, v.document)
	for _, w := range v.pairs {
		out.signals.near += w / q.mass
	}
	out.signals.bm25 = b.score / q.mass
	if s.foreign(q, e) {
		out.signals.foreign = 1
	}
	out.signals.push = max(-1, min(1, s.feedback[e.doc.ID].Push))
	out.signals.length = lengthOf(&e.lengths, q.length)
	if q.subject > 0 {
		s.closely(q, e, &out.signals, v)
	}
	for _, p := range out.signals.parts() {
		out.score += p.Points()
	}
	return out
}

// closely looks at where the words of the question stand.
func (s *shard) closely(q *question, e *entry, g *signals, v *view) {
	for i, p := range q.pairs {
		if v.followed[i] {
			g.ordered += p.weight / q.subject
		}
	}
	g.close(q, v.spots, &v.tally)
	text := slices.IndexFunc(e.passages, func(p passage) bool { return p.kind == inBody })
	if text >= 0 {
		begin := int32(e.passages[text].start)
		g.opening = within(q, v.spots, begin, begin+openingWords, &v.tally)
	}
	if q.wants == wantsNothing {
		return
	}
	for at, t := range e.sequence {
		n := s.terms[t].number
		if n == noNumber {
			continue
		}
		part := within(q, v.spots, int32(at-nearNumber), int32(at+nearNumber+1), &v.tally)
		if q.wants == wantsNumber {
			g.number = max(g.number, part)
		} else if n == year {
			g.date = max(g.date, part)
		}
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
