package bleveindex

import (
	"slices"
	"sync"
)

// tuned are the numbers of the ranking, chosen on the development sets of
// judged questions by cross-validation.
var tuned = tuning{
	k1:    1,
	field: [kinds]float64{inTitle: 3.9, inQuestion: 2, inHead: 1.2, inBody: 1},
	b:     [kinds]float64{inTitle: 0.3, inQuestion: 0.85, inHead: 0.3, inBody: 0.75},

	function: 0.6, grammar: 1, hiddenName: 0.3, general: 0.6, application: 0.8, associated: 0.5,
	relative: 0.7, stranger: 0.7, likeness: 0.43, kinship: 0.5, relatives: 6,
	familiar: 0.08, tried: 0.4,

	first: 50, foreign: 0.1,

	feedback: 0.03,
}

type tuning struct {
	k1       float64
	field, b [kinds]float64

	function    float64 // a grammar word, against one with content
	hiddenName  float64 // a grammar word that may be a name
	application float64 // an article about the application named
	associated  float64 // a word that texts use for the one asked
	relative    float64 // a word that looks alike
	stranger    float64 // the same for a word that no document holds
	likeness    float64 // how much alike it has to look
	kinship     float64 // the same for everyday words that no document holds
	relatives   int     // how many of them are looked up
	general     float64 // a word of every help desk, against one of some subject
	familiar    float64 // how much frequent words are preferred in corrections
	tried       float64 // what the person has tried already, against what is asked

	first   int     // documents looked at closely
	grammar float64 // a grammar word in a title or stored question
	foreign float64 // taken off an article about an application other than those named

	feedback float64 // most that what people said of an article adds or takes off
}

// scored is a document with its first score.
type scored struct {
	document int32
	score    float64
}

// scratch is the memory of one search, used again by the next.
type scratch struct {
	total, slot []float64
	seen        []int32 // documents with a total
	touched     []int32 // documents with a score of this slot
	count       []uint8
	counter     []uint8 // per term, for relatives
	slotOf      []slotWeight
	terms       []int32
}

// slotWeight says which slot a term satisfies, and how well, and which pair of
// the question it begins.
type slotWeight struct {
	slot   int16 // one more than its number, 0 for none
	pair   int16 // likewise
	weight float32
}

type scratchPool struct{ pool *sync.Pool }

func (p *scratchPool) get(s *shard) *scratch {
	c, _ := p.pool.Get().(*scratch)
	if c == nil {
		c = &scratch{}
	}
	if n := len(s.documents); len(c.total) < n {
		c.total, c.slot, c.count = make([]float64, n+n/4), make([]float64, n+n/4), make([]uint8, n+n/4)
	}
	if n := len(s.terms); len(c.counter) < n {
		c.counter, c.slotOf = make([]uint8, n+n/4), make([]slotWeight, n+n/4)
	}
	return c
}

// put keeps the memory for the next search. After a panic nobody calls it:
// what was left in there would change what others find.
func (p *scratchPool) put(c *scratch) {
	p.pool.Put(c)
}

// candidates scores every readable document that holds a word of the question
// by BM25F, and returns the best.
func (s *shard) candidates(q *question, c *scratch) []scored {
	k := s.saturation(q.readable)
	order := make([]int, len(q.slots)) // rare words first: they say which documents matter
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return s.size(&q.slots[a]) - s.size(&q.slots[b]) })
	for _, i := range order {
		s.scoreSlot(&q.slots[i], c, k)
	}
	best := make([]scored, 0, tuned.first+1)
	for _, d := range c.seen {
		score := c.total[d]
		c.total[d] = 0
		if len(best) == tuned.first && score < best[0].score {
			continue // before reading the document, which is far off in memory
		}
		if q.readable&(1<<s.documents[d].level) == 0 {
			continue
		}
		best = keepBest(best, scored{d, score}, tuned.first)
	}
	c.seen = c.seen[:0]
	slices.SortFunc(best, compareScored)
	return best
}

func compareScored(a, b scored) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	return int(a.document - b.document)
}

// keepBest keeps the n best in a heap whose first is the worst.
func keepBest(heap []scored, s scored, n int) []scored {
	if len(heap) == n {
		if compareScored(s, heap[0]) >= 0 {
			return heap
		}
		heap[0] = s
		for i := 0; ; {
			worst := i
			for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
				if compareScored(heap[child], heap[worst]) > 0 {
					worst = child
				}
			}
			if worst == i {
				return heap
			}
			heap[i], heap[worst] = heap[worst], heap[i]
			i = worst
		}
	}
	heap = append(heap, s)
	for i := len(heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if compareScored(heap[i], heap[parent]) <= 0 {
			break
		}
		heap[i], heap[parent] = heap[parent], heap[i]
		i = parent
	}
	return heap
}

// saturation prepares the length normalisation of each kind of passage.
type saturation struct {
	flat, slope [kinds]float64 // divisor = flat + slope × length
}

func (s *shard) saturation(r readable) saturation {
	var k saturation
	means := s.means(r)
	for i := range k.flat {
		k.flat[i] = (1 - tuned.b[i]) / tuned.field[i]
		k.slope[i] = tuned.b[i] / max(means[i], 1) / tuned.field[i]
	}
	return k
}

// of is the saturated, weighted frequency of a posting, from 0 to 1.
func (k *saturation) of(p *posting, lengths *[kinds]uint16) float64 {
	tf := 0.0
	for i, n := range p.tf {
		if n > 0 {
			tf += float64(n) / (k.flat[i] + k.slope[i]*float64(lengths[i]))
		}
	}
	return tf / (tf + tuned.k1)
}

// size is the number of postings of a slot.
func (s *shard) size(l *slot) (n int) {
	for _, a := range l.alternatives {
		n += len(s.terms[a.terms[0]].postings)
	}
	return n
}

// common is the number of postings from which a word alone finds nothing: it
// only adds to documents that rarer words have found.
const common = 10_000

// scoreSlot adds what the best alternative of a slot gives to each document.
func (s *shard) scoreSlot(l *slot, c *scratch, k saturation) {
	for i := range l.alternatives {
		a := &l.alternatives[i]
		if len(a.terms) > 1 {
			s.scoreTogether(a, c, k)
			continue
		}
		postings := s.terms[a.terms[0]].postings
		if len(postings) > common && len(c.seen) >= tuned.first {
			s.addToSeen(a, postings, c, k)
			continue
		}
		for j := range postings {
			p := &postings[j]
			c.offer(p.document, a.weight*k.of(p, &s.lengths[p.document]))
		}
	}
	for _, d := range c.touched {
		if c.total[d] == 0 {
			c.seen = append(c.seen, d)
		}
		c.total[d] += c.slot[d]
		c.slot[d] = 0
	}
	c.touched = c.touched[:0]
}

// addToSeen offers the score of a common word to the documents found so far.
func (s *shard) addToSeen(a *alternative, postings []posting, c *scratch, k saturation) {
	if len(c.seen) > len(postings)/16 { // to look each of them up would take longer than to read all
		for i := range postings {
			if p := &postings[i]; c.total[p.document] > 0 {
				c.offer(p.document, a.weight*k.of(p, &s.lengths[p.document]))
			}
		}
		return
	}
	for _, d := range c.seen {
		at, found := slices.BinarySearchFunc(postings, d, func(p posting, d int32) int { return int(p.document - d) })
		if found {
			c.offer(d, a.weight*k.of(&postings[at], &s.lengths[d]))
		}
	}
}

// offer keeps the best score of a slot for a document.
func (c *scratch) offer(d int32, score float64) {
	switch best := c.slot[d]; {
	case score <= best:
	case best == 0:
		c.touched = append(c.touched, d)
		fallthrough
	default:
		c.slot[d] = score
	}
}

// scoreTogether offers documents that hold all terms of an alternative.
func (s *shard) scoreTogether(a *alternative, c *scratch, k saturation) {
	rarest := slices.MinFunc(a.terms, func(x, y int32) int { return len(s.terms[x].postings) - len(s.terms[y].postings) })
	for i := range s.terms[rarest].postings {
		d := s.terms[rarest].postings[i].document
		least := 1.0
		for _, t := range a.terms {
			p := s.posting(t, d)
			if p == nil {
				least = 0
				break
			}
			least = min(least, k.of(p, &s.lengths[d]))
		}
		if least > 0 {
			c.offer(d, a.weight*least)
		}
	}
}

// posting returns the posting of a term for a document, or nil.
func (s *shard) posting(t, d int32) *posting {
	postings := s.terms[t].postings
	at, found := slices.BinarySearchFunc(postings, d, func(p posting, d int32) int { return int(p.document - d) })
	if !found {
		return nil
	}
	return &postings[at]
}
