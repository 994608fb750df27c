package bleveindex

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"sportello/search"
	"sportello/search/analysis"
)

// shard holds what questions in one language are looked up with. Numbers of
// documents grow; a removed one stays as a gap until the shard is compacted.
type shard struct {
	lang    string
	options Options
	phrases *phraseBook

	documents []entry
	lengths   [][kinds]uint16 // of the documents' passages, apart from them so that scoring reads little memory
	byID      map[string]int32
	feedback  map[string]search.Feedback // by ID
	dead      int
	totals    [levels]totals // of what a reader of each level can find

	terms    []term
	byTerm   map[string]int32
	surfaces []surface
	byText   map[string]int32
	speller  *search.Speller
	begins   beginnings
	related  *relatives
	scratch  scratchPool
	place    []int32 // of a term among those of the document being added
}

// level orders audiences by what they may read: each reads what those below do.
type level uint8

const levels = 3

// gone is the level of a removed document, which nobody may read.
const gone level = levels

// levelOf returns the level needed for an audience; an unknown one needs the highest.
func levelOf(a search.Audience) level {
	switch a {
	case search.All, "":
		return 0
	case search.Employees:
		return 1
	}
	return 2
}

// readable is the set of levels a reader may find, one bit each.
type readable uint8

func readableBy(audiences []search.Audience) readable {
	r := readable(1) // what is for all is for everybody
	for _, a := range audiences {
		r |= 1 << levelOf(a)
	}
	return r
}

// counts are numbers of documents per level.
type counts [levels]int32

func (c *counts) of(r readable) (n int32) {
	for l, m := range c {
		if r&(1<<l) != 0 {
			n += m
		}
	}
	return n
}

// totals sum what means are made from.
type totals struct {
	documents int32
	asking    int32 // documents whose title or questions hold a grammar word worth a look
	lengths   [kinds]int64
}

// term is something indexed, with the documents that hold it.
type term struct {
	text     string
	function bool
	particle bool // not worth a look
	general  bool // a word of every help desk
	number   number
	df       counts
	postings []posting
}

// posting says how often a document holds a term, by kind of passage.
type posting struct {
	document int32
	tf       [kinds]uint8
}

// surface is a word as written in some document.
type surface struct {
	content, function int32 // its terms, -1 where it never stood for one
	df                counts
}

// entry is a document as the scorer sees it.
type entry struct {
	doc      *search.Document // nil once removed
	level    level            // gone once removed
	sum      uint32           // what it adds to the index's state
	lengths  [kinds]uint16
	asking   int32   // 1 if its title or a question reads like one
	sequence []int32 // of terms
	passages []passage
	surfaces []int32
	terms    []int32
}

func newShard(lang string, o Options) *shard {
	s := &shard{lang: lang, options: o, byID: map[string]int32{}, byTerm: map[string]int32{}, byText: map[string]int32{}, speller: search.NewSpeller(), begins: beginnings{}}
	s.related, s.scratch.pool = newRelatives(), &sync.Pool{}
	s.phrases = newPhraseBook(lang, o)
	for _, w := range analysis.Everyday(lang) {
		if len(w) > 2 {
			s.surfaceNumber(w)
		}
	}
	return s
}

// surfaceNumber returns the number of a word as written, made known if it is new.
func (s *shard) surfaceNumber(text string) int32 {
	n, known := s.byText[text]
	if !known {
		text = strings.Clone(text) // not a part of some document
		n = s.speller.Add(text)
		s.byText[text] = n
		s.begins.add(text, n)
		s.surfaces = append(s.surfaces, surface{content: -1, function: -1})
	}
	return n
}

// termKey keeps grammar words apart from content words, so that "IO", the
// name, is not "io", the pronoun.
func termKey(text string, function bool) string {
	if function {
		return "~" + text
	}
	return text
}

func (s *shard) termNumber(key string, function bool) int32 {
	n, known := s.byTerm[key]
	if !known {
		n = int32(len(s.terms))
		key = strings.Clone(key) // not a part of some document
		s.byTerm[key] = n
		s.terms = append(s.terms, term{text: key, function: function, number: numberOf(key), general: !function && analysis.General(s.lang, key), particle: function && analysis.Particle(s.lang, key[1:])})
		if !function {
			s.related.add(n, key)
		}
	}
	return n
}

// applicationKey is the term under which a document about an application is found.
func applicationKey(id string) string { return "@" + id }

// put adds a document, in place of the one with its ID if there is one.
func (s *shard) put(p *prepared) {
	s.remove(p.doc.ID)
	number := int32(len(s.documents))
	e := entry{doc: p.doc, level: levelOf(p.doc.Audience), sum: p.sum, passages: p.passages, sequence: make([]int32, len(p.sequence))}

	terms := make([]int32, len(p.words))
	for i, w := range p.words {
		n := s.surfaceNumber(w.surface)
		t := &s.surfaces[n].content
		if w.function {
			t = &s.surfaces[n].function
		}
		if *t < 0 {
			*t = s.termNumber(termKey(w.term, w.function), w.function)
		}
		terms[i] = *t
		e.surfaces = append(e.surfaces, n)
	}
	slices.Sort(e.surfaces)
	e.surfaces = slices.Clip(slices.Compact(e.surfaces))
	for i, n := range p.sequence {
		e.sequence[i] = terms[n]
	}
	if id := p.doc.Application; id != "" {
		terms = append(terms, s.termNumber(applicationKey(id), false))
	}
	e.terms = slices.Clone(terms)
	slices.Sort(e.terms)
	e.terms = slices.Compact(e.terms)
	s.post(number, &e)

	for _, n := range e.surfaces {
		s.surfaces[n].df[e.level]++
	}
	s.documents = append(s.documents, e)
	s.lengths = append(s.lengths, e.lengths)
	s.byID[p.doc.ID] = number
	s.count(&e, 1)
}

// post writes the postings of a document.
func (s *shard) post(number int32, e *entry) {
	if len(s.place) < len(s.terms) {
		s.place = make([]int32, 2*len(s.terms))
	}
	postings := make([]posting, len(e.terms))
	for i, t := range e.terms {
		postings[i].document = number
		s.place[t] = int32(i)
	}
	for _, p := range e.passages {
		for _, t := range e.sequence[p.start:p.end] {
			if !s.terms[t].function {
				if n := &e.lengths[p.kind]; *n < math.MaxUint16 {
					*n++
				}
			} else if p.kind <= inQuestion && !s.terms[t].particle {
				e.asking = 1
			} else if p.kind == inBody && p.end-p.start > shortLine {
				continue // grammar words tell questions apart, not articles
			}
			if c := &postings[s.place[t]].tf[p.kind]; *c < 255 {
				*c++
			}
		}
	}
	if id := e.doc.Application; id != "" {
		postings[s.place[s.byTerm[applicationKey(id)]]].tf[inHead] = 1
	}
	for i, t := range e.terms {
		if postings[i].tf != [kinds]uint8{} {
			s.terms[t].postings = append(s.terms[t].postings, postings[i])
			s.terms[t].df[e.level]++
		}
	}
}

// count adds a document to the totals, or takes it away.
func (s *shard) count(e *entry, sign int32) {
	t := &s.totals[e.level]
	t.documents += sign
	t.asking += sign * e.asking
	for k, n := range e.lengths {
		t.lengths[k] += int64(sign) * int64(n)
	}
}

// remove takes a document away. Its postings stay until the next compaction,
// but count for nothing.
func (s *shard) remove(id string) {
	number, known := s.byID[id]
	if !known {
		return
	}
	delete(s.byID, id)
	e := &s.documents[number]
	s.count(e, -1)
	for _, n := range e.surfaces {
		s.surfaces[n].df[e.level]--
	}
	for _, t := range e.terms {
		if s.posting(t, number) != nil {
			s.terms[t].df[e.level]--
		}
	}
	*e = entry{level: gone}
	s.dead++
}

// wasteful reports whether there are gaps enough to be worth closing.
func (s *shard) wasteful() bool { return s.dead > 500 && s.dead > len(s.byID)/4 }

// compacted returns the shard without gaps. The old one may be searched
// meanwhile, and is not to be changed any more.
func (s *shard) compacted() *shard {
	c := *s
	c.documents, c.lengths, c.dead = make([]entry, 0, len(s.byID)), make([][kinds]uint16, 0, len(s.byID)), 0
	c.byID = make(map[string]int32, len(s.byID))
	moved := make([]int32, len(s.documents))
	for i, e := range s.documents {
		moved[i] = -1
		if e.doc != nil {
			moved[i] = int32(len(c.documents))
			c.byID[e.doc.ID] = moved[i]
			c.documents = append(c.documents, e)
			c.lengths = append(c.lengths, e.lengths)
		}
	}
	c.terms = slices.Clone(s.terms)
	for i := range c.terms {
		t := &c.terms[i]
		old := t.postings
		n := int32(0)
		for _, d := range t.df {
			n += d
		}
		t.postings = make([]posting, 0, n)
		for _, p := range old {
			if p.document = moved[p.document]; p.document >= 0 {
				t.postings = append(t.postings, p)
			}
		}
		if i%1000 == 0 {
			runtime.Gosched()
		}
	}
	return &c
}

// found is the number of documents that a reader can find.
func (s *shard) found(r readable) (n int32) {
	for l, t := range s.totals {
		if r&(1<<l) != 0 {
			n += t.documents
		}
	}
	return n
}

// grammar tells how much grammar words say here: where titles are no
// questions, one that holds "come" does so by chance.
func (s *shard) grammar(r readable) float64 {
	asking := 0.0
	for l, t := range s.totals {
		if r&(1<<l) != 0 {
			asking += float64(t.asking)
		}
	}
	return asking / float64(max(s.found(r), 1))
}

// means are the mean lengths of the kinds of passages.
func (s *shard) means(r readable) (m [kinds]float64) {
	n := float64(max(s.found(r), 1))
	for l, t := range s.totals {
		if r&(1<<l) == 0 {
			continue
		}
		for k := range m {
			m[k] += float64(t.lengths[k]) / n
		}
	}
	return m
}
