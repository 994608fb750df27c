package bleveindex

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"sportello/search"
	"sportello/search/analysis"
)

// mostWords bounds the words of a question that are looked up: who pastes a
// log has said what matters in the first lines.
const mostWords = 48

// question is what we understood.
type question struct {
	words       []analysis.Word
	at          []int // the slot of each word, -1 for none
	slots       []slot
	mass        float64 // idf of all slots together: what a perfect article would match
	told        float64 // the same with grammar words as titles count them
	function    float64 // what a grammar word counts against one with content
	content     int     // slots that say something
	rarest      float64 // idf of a word that no document holds
	strange     float64 // words that no document holds, a rarest one counting 1
	corrections []correction
	spent       bool // it only says what was tried already
	readable    readable

	titles  float64 // how much a title that reads like the question says: all where most are questions
	subject float64 // idf of the slots that say something
	length  float64 // mean length of the documents
	pairs   []pair  // neighbouring words
	letters letters
	wants   wants

	applications []string // those it names
}

// slot is one word of the question with everything it may be found as.
type slot struct {
	text         string
	function     bool
	known        bool
	telling      bool // neither grammar nor a word of every day or of every help desk
	idf          float64
	alternatives []alternative
}

// alternative is a way to satisfy a slot: a term, or several together.
type alternative struct {
	terms  []int32
	weight float64 // already includes the idf
	means  search.Means
	as     string // the word, synonym or application it is found as
}

// understand reads a question against the words of the shard that its reader
// may know about; exact leaves misspelt words alone.
func (s *shard) understand(text string, r readable, exact bool) *question {
	q := &question{readable: r}
	words := s.expand(analysis.Analyze(s.lang, text))
	words = search.WithoutCourtesy(s.lang, words)
	if len(words) > mostWords {
		words = words[:mostWords]
	}
	if q.words = words; !exact {
		q.words = analysis.Join(s.lang, s.repair(q, words))
	}
	s.fill(q, search.Tried(s.lang, text, q.words))
	return q
}

// expand writes out the spellings of short messages.
func (s *shard) expand(words []analysis.Word) []analysis.Word {
	for i, w := range words {
		if full := analysis.Expand(s.lang, w.Text); full != w.Text {
			words[i] = s.word(full, w)
		}
	}
	return words
}

// word makes a word of text that stands where w did.
func (s *shard) word(text string, w analysis.Word) analysis.Word {
	return analysis.Word{Text: text, Term: analysis.Stem(s.lang, text), Start: w.Start, End: w.End, Function: analysis.Function(s.lang, text)}
}

// idf weighs a term by how few of the readable documents hold it.
func (s *shard) idf(df, documents int32) float64 {
	n, d := float64(documents), float64(df)
	return math.Log1p((n - d + 0.5) / (d + 0.5))
}

// fill makes the slots of a question; what its words name as tried already
// counts less.
func (s *shard) fill(q *question, tried []bool) {
	documents := s.found(q.readable)
	asking := s.grammar(q.readable)
	q.function, q.titles = tuned.function*asking, min(1, 2*asking)
	q.rarest = s.idf(0, documents)
	taken := map[string]int{} // term → slot
	at := make([]int, len(q.words))
	q.at = at
	for i, w := range q.words {
		if w.Function && analysis.Particle(s.lang, w.Text) && !s.named(w, q.readable) {
			at[i] = -1
			continue
		}
		key := termKey(w.Term, w.Function)
		if n, again := taken[key]; again {
			at[i] = n
			continue
		}
		taken[key] = len(q.slots)
		at[i] = len(q.slots)
		q.slots = append(q.slots, s.slot(q, w, documents))
	}
	for _, found := range s.phrases.find(q.words) {
		s.addMeanings(q, found, at, documents)
	}
	s.discount(q, tried)
	s.addPairs(q)
	q.wants = wantsOf(s.lang, q.words)
	q.letters = newLetters(q)
	for _, n := range s.means(q.readable) {
		q.length += n
	}
	for i := range q.slots {
		l := &q.slots[i]
		if !l.function {
			q.content++
			q.subject += l.idf
		}
		if !l.function && !l.known {
			q.strange += l.idf / q.rarest
		}
		q.mass += l.idf
		if l.function {
			q.told += l.idf * tuned.grammar
		} else {
			q.told += l.idf
		}
	}
}

// pair is two words that follow one another in the question, at least one of
// which says something.
type pair struct {
	first, second int32
	weight        float64
}

// addPairs notes the neighbours among the words that documents hold.
func (s *shard) addPairs(q *question) {
	before, known := int32(0), false
	for _, w := range q.words {
		t, found := s.byTerm[termKey(w.Term, w.Function)]
		if known && found && !(s.terms[before].function && s.terms[t].function) {
			weight := 0.0
			for _, t := range [...]int32{before, t} {
				if !s.terms[t].function {
					weight = max(weight, s.weight(t, q))
				}
			}
			q.pairs = append(q.pairs, pair{before, t, weight})
		}
		before, known = t, found
	}
}

// discount lets the slots of words that name what was tried already count
// less. Where the question says nothing else, nothing is a sure answer to it.
func (s *shard) discount(q *question, tried []bool) {
	untried := make([]bool, len(q.slots))
	rest := false
	for i, n := range q.at {
		if n < 0 {
			continue
		}
		if !tried[i] {
			untried[n] = true
			w := q.words[i]
			rest = rest || !w.Function && !analysis.General(s.lang, w.Term)
		}
	}
	for n := range q.slots {
		if untried[n] {
			continue
		}
		l := &q.slots[n]
		for i := range l.alternatives {
			l.alternatives[i].weight *= tuned.tried
		}
		if q.spent = !rest; rest {
			l.idf *= tuned.tried
		}
	}
}

// slot looks up one word.
func (s *shard) slot(q *question, w analysis.Word, documents int32) slot {
	l := slot{text: w.Text, function: w.Function, idf: q.rarest}
	if w.Function {
		l.idf *= q.function
		n, known := s.byTerm[termKey(w.Term, true)]
		if known {
			df := s.terms[n].df.of(q.readable)
			l.idf = s.idf(df, documents) * q.function
			l.known = df > 0
			l.alternatives = append(l.alternatives, alternative{[]int32{n}, l.idf, search.ByWord, w.Text})
		}
		// "io" may be the pronoun, or the name of an app that nobody writes in capitals
		if n, known := s.byTerm[w.Term]; known && len(w.Term) > 1 {
			if df := s.terms[n].df.of(q.readable); df > 0 {
				name := s.idf(df, documents) * tuned.hiddenName
				l.alternatives = append(l.alternatives, alternative{[]int32{n}, name, search.ByName, w.Text})
				l.idf = max(l.idf, name)
				l.known = true
			}
		}
		return l
	}
	general := 1.0
	if analysis.General(s.lang, w.Term) {
		general = tuned.general
		l.idf *= general
	}
	l.telling = general == 1 && !analysis.Common(s.lang, w.Text)
	if n, known := s.byTerm[w.Term]; known {
		if df := s.terms[n].df.of(q.readable); df > 0 {
			l.known = true
			l.idf = s.idf(df, documents) * general
			l.alternatives = append(l.alternatives, alternative{[]int32{n}, l.idf, search.ByWord, w.Text})
		}
	}
	s.addRelatives(q, &l, w, documents)
	s.addAssociations(q, &l, w, documents)
	return l
}

// addRelatives adds the words that look like the one asked for.
func (s *shard) addRelatives(q *question, l *slot, w analysis.Word, documents int32) {
	if w.Name || len(w.Term) < 4 {
		return
	}
	least := tuned.likeness
	if !l.known && analysis.Common(s.lang, w.Text) {
		least = tuned.kinship // what everybody spells right and no article says means something else
	}
	scratch := s.scratch.get(s)
	found := s.related.of(w.Term, least, scratch.counter)
	s.scratch.put(scratch)
	slices.SortFunc(found, func(a, b relative) int {
		return cmp.Or(cmp.Compare(b.likeness, a.likeness), cmp.Compare(a.term, b.term))
	})
	kept := 0
	for _, f := range found {
		t := &s.terms[f.term]
		df := t.df.of(q.readable)
		if df == 0 || t.text == w.Term {
			continue
		}
		weight := s.idf(df, documents) * tuned.stranger
		if l.known {
			weight = min(s.idf(df, documents), l.idf) * tuned.relative
		}
		l.alternatives = append(l.alternatives, alternative{[]int32{f.term}, weight * f.likeness, search.ByLikeness, t.text})
		if kept++; kept == tuned.relatives {
			break
		}
	}
}

// named reports whether a grammar word is also a name that documents use: "IO".
func (s *shard) named(w analysis.Word, r readable) bool {
	return len(w.Term) > 1 && s.termInUse(w.Term, r)
}

// addMeanings adds synonyms and applications to the slots of the phrase they
// were found in.
func (s *shard) addMeanings(q *question, found stretch, at []int, documents int32) {
	best := -1
	for _, i := range at[found.from:found.to] {
		if i < 0 {
			continue
		}
		if best < 0 || !q.slots[i].function && (q.slots[best].function || q.slots[i].idf > q.slots[best].idf) {
			best = i
		}
	}
	if best < 0 {
		return
	}
	l := &q.slots[best]
	for _, m := range found.meanings {
		s.addMeaning(q, l, m, documents)
	}
}

// addMeaning adds what a word, or a phrase around it, stands for, if a
// document holds that.
func (s *shard) addMeaning(q *question, l *slot, m meaning, documents int32) {
	terms := make([]int32, 0, len(m.terms))
	idf := 0.0
	for _, key := range m.terms {
		n, known := s.byTerm[key]
		if !known || s.terms[n].df.of(q.readable) == 0 {
			return
		}
		terms = append(terms, n)
		idf = max(idf, s.idf(s.terms[n].df.of(q.readable), documents))
	}
	if m.application != "" {
		l.alternatives = append(l.alternatives, alternative{terms, idf * tuned.application, m.means, m.text})
		l.idf = max(l.idf, idf)
		l.known = true
		if !slices.Contains(q.applications, m.application) {
			q.applications = append(q.applications, m.application)
		}
		return
	}
	if l.known && !l.function {
		idf = min(idf, l.idf)
	} else {
		l.idf = idf
	}
	l.alternatives = append(l.alternatives, alternative{terms, idf * m.weight, m.means, m.text})
}

// text is the question as understood.
func (q *question) text() string {
	texts := make([]string, len(q.words))
	for i, w := range q.words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}
