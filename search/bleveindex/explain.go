package bleveindex

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"sportello/search"
	"sportello/search/analysis"
)

// explain tells an editor what was made of a question. It looks again at what
// the search did, so that a search that nobody asks about keeps no record.
func (s *shard) explain(text string, q *question, found []ranked, confidence []search.Signal, d search.Decision) *search.Explanation {
	x := &search.Explanation{Words: s.readings(text, q), Applications: q.applications}
	switch {
	case q.content == 0:
		x.Verdict = verdict(search.NoContent)
	case len(found) == 0:
		x.Verdict = verdict(search.NoArticle)
	case d == search.Answer:
		x.Verdict = verdict(search.Sure)
	default:
		x.Verdict = verdict(search.Unsure)
	}
	if confidence != nil {
		x.Verdict.Signals, x.Verdict.Against = confidence, s.against(q, found[0], confidence)
	}
	if len(found) > 1 {
		x.Comparison = s.compare(q, found[0], found[1])
	}
	return x
}

// readings tells what became of each typed word. Where a word was read from is
// known by its place in the text, whatever was done to it.
func (s *shard) readings(text string, q *question) []search.Word {
	words := []search.Word{}
	told := map[int]bool{} // slots
	written := s.written(q)
	last, from, end := -1, 0, 0 // word of the question told last, where its typing began, where typing ended
	for _, typed := range analysis.Analyze(s.lang, text) {
		if typed.Start < end { // a part of the one before: "TIAP" of "TIAP@Document"
			continue
		}
		end = typed.End
		read := readFrom(q, typed)
		if len(read) == 1 && read[0] == last { // a word that was typed as two
			words[len(words)-1].Typed, words[len(words)-1].Became = text[from:typed.End], search.Corrected
			continue
		}
		words = append(words, s.reading(q, typed, read, told, written))
		words[len(words)-1].Typed = text[typed.Start:typed.End]
		if last, from = -1, typed.Start; len(read) > 0 {
			last = read[len(read)-1]
		}
	}
	return words
}

// readFrom returns the words of the question that were read from a typed one;
// its parts only where it is not read as a whole.
func readFrom(q *question, typed analysis.Word) []int {
	var whole, parts []int
	for i, w := range q.words {
		switch {
		case w.Start == typed.Start && w.End == typed.End:
			whole = append(whole, i)
		case w.Start < typed.End && w.End > typed.Start:
			parts = append(parts, i)
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return parts
}

// reading tells what a typed word was read as, which may be several words. The
// weight of what is said twice is told once.
func (s *shard) reading(q *question, typed analysis.Word, read []int, told map[int]bool, written map[int32]string) search.Word {
	w := search.Word{Became: search.LeftOut, Grammar: true, Known: true}
	var texts []string
	for _, i := range read {
		texts = append(texts, q.words[i].Text)
		n := q.at[i]
		if n < 0 {
			continue
		}
		l := &q.slots[n]
		w.Became = search.Corrected
		w.Grammar = w.Grammar && l.function
		w.Known = w.Known && l.known
		w.Everyday = w.Everyday || !l.function && !l.known && analysis.Common(s.lang, l.text)
		if !told[n] {
			told[n] = true
			w.Weight += share(l.idf, q.mass)
			w.Also = append(w.Also, alternatives(l, written)...)
		}
	}
	if w.Became == search.LeftOut {
		return search.Word{Became: search.LeftOut}
	}
	w.Read = strings.Join(texts, " ")
	switch w.Read {
	case typed.Text:
		w.Became = search.Kept
	case analysis.Expand(s.lang, typed.Text):
		w.Became = search.Expanded
	}
	return w
}

// alternatives tells what else a slot may be found as.
func alternatives(l *slot, written map[int32]string) []search.Alternative {
	var also []search.Alternative
	for i := range l.alternatives {
		a := &l.alternatives[i]
		if a.means == search.ByWord || a.means == search.BySynonym && a.as == l.text { // the word itself
			continue
		}
		text := a.as
		if a.means == search.ByLikeness {
			text = cmp.Or(written[a.terms[0]], text)
		}
		also = append(also, search.Alternative{Means: a.means, Text: text, Weight: share(a.weight, l.idf)})
	}
	slices.SortFunc(also, func(a, b search.Alternative) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Means, b.Means), cmp.Compare(a.Text, b.Text))
	})
	return slices.CompactFunc(also, func(a, b search.Alternative) bool { return a.Means == b.Means && a.Text == b.Text })
}

// share is a part of a whole; of nothing, nothing: grammar words may weigh 0.
func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// written tells how people write the words that look like one of the question,
// which are indexed by their stems: the shortest word of each stem that the
// reader may know of stands for it.
func (s *shard) written(q *question) map[int32]string {
	shortest := map[int32]string{}
	for i := range q.slots {
		for _, a := range q.slots[i].alternatives {
			if a.means == search.ByLikeness {
				shortest[a.terms[0]] = ""
			}
		}
	}
	for i, f := range s.surfaces {
		best, wanted := shortest[f.content]
		if !wanted || f.df.of(q.readable) == 0 {
			continue
		}
		if text := s.speller.Word(int32(i)); best == "" || len(text) < len(best) {
			shortest[f.content] = text
		}
	}
	return shortest
}

// verdict is one without signals.
func verdict(reason search.Reason) search.Verdict {
	return search.Verdict{Reason: reason, AnswerFrom: answerFrom, ClarifyFrom: clarifyFrom, Signals: []search.Signal{}, Against: []search.Difference{}}
}

// against tells what pulled confidence down: what is less than if the title of
// the first hit had been asked.
func (s *shard) against(q *question, first ranked, confidence []search.Signal) []search.Difference {
	all := []search.Difference{}
	asked := s.understand(s.documents[first.document].doc.Title, q.readable, false)
	for i, ideal := range signalsOf(asked, s.ranked(asked)) {
		if d := confidence[i].Points() - ideal.Points(); d < -0.1 {
			all = append(all, search.Difference{Name: ideal.Name, Points: d})
		}
	}
	slices.SortStableFunc(all, func(a, b search.Difference) int { return cmp.Compare(a.Points, b.Points) })
	return all
}

// compare tells why the first stands before the second.
func (s *shard) compare(q *question, first, second ranked) *search.Comparison {
	c := &search.Comparison{
		First: s.documents[first.document].doc.ID, Second: s.documents[second.document].doc.ID, Lead: first.score - second.score,
		Points: []search.Difference{}, OnlyFirst: []string{}, OnlySecond: []string{},
	}
	of := second.signals.parts()
	for i, p := range first.signals.parts() {
		if d := p.Points() - of[i].Points(); math.Abs(d) >= 0.0005 {
			c.Points = append(c.Points, search.Difference{Name: p.Name, Points: d})
		}
	}
	slices.SortStableFunc(c.Points, func(a, b search.Difference) int { return cmp.Compare(b.Points, a.Points) })
	for i, l := range q.slots {
		switch {
		case l.function:
		case first.reached[i] > 0 && second.reached[i] == 0:
			c.OnlyFirst = append(c.OnlyFirst, l.text)
		case first.reached[i] == 0 && second.reached[i] > 0:
			c.OnlySecond = append(c.OnlySecond, l.text)
		}
	}
	return c
}

// explainHit tells what a document was found by.
func (s *shard) explainHit(q *question, f ranked) *search.HitExplanation {
	e := &s.documents[f.document]
	x := &search.HitExplanation{Matches: []search.Match{}, Missing: []string{}, Points: []search.Signal{}}
	for i := range q.slots {
		l := &q.slots[i]
		m, found := s.match(e, l)
		switch {
		case l.function && (!found || m.Means == search.ByWord): // grammar tells an editor nothing
		case found:
			x.Matches = append(x.Matches, m)
		default:
			x.Missing = append(x.Missing, l.text)
		}
	}
	if f, heard := s.feedback[e.doc.ID]; heard {
		x.Feedback = &f
	}
	for _, p := range f.signals.parts() {
		if p.Value != 0 {
			x.Points = append(x.Points, p)
		}
	}
	return x
}

// match finds where a document holds a word of the question: its best
// alternative there, and every place of that.
func (s *shard) match(e *entry, l *slot) (search.Match, bool) {
	var best *alternative
	for i := range l.alternatives {
		a := &l.alternatives[i]
		if (best == nil || a.weight > best.weight) && holds(e, a.terms) {
			best = a
		}
	}
	if best == nil {
		return search.Match{}, false
	}
	m := search.Match{Word: l.text, Means: best.means, As: best.as, Part: min(share(best.weight, l.idf), 1), Places: []search.Place{}}
	terms := best.terms
	switch best.means {
	case search.ByApplication:
		m.Places = append(m.Places, search.Place{Field: search.InApplication})
		if i := slices.IndexFunc(l.alternatives, func(a alternative) bool { return a.means == search.ByWord }); i >= 0 {
			terms = l.alternatives[i].terms // it may be named, too
		}
	case search.ByWord, search.ByName, search.ByLikeness:
		m.As = s.writtenIn(e, best.terms[0], l.text)
	}
	for _, p := range e.passages {
		if !containsAny(e.sequence[p.start:p.end], terms) {
			continue
		}
		if place := s.where(e, p, terms); !slices.Contains(m.Places, place) {
			m.Places = append(m.Places, place)
		}
	}
	return m, true
}

// holds reports whether a document holds all terms.
func holds(e *entry, terms []int32) bool {
	for _, t := range terms {
		if _, found := slices.BinarySearch(e.terms, t); !found {
			return false
		}
	}
	return true
}

func containsAny(sequence, terms []int32) bool {
	return slices.ContainsFunc(sequence, func(t int32) bool { return slices.Contains(terms, t) })
}

// writtenIn is a term as the document writes it: as it was asked for, if it
// does.
func (s *shard) writtenIn(e *entry, t int32, asked string) string {
	found := asked
	for _, n := range e.surfaces {
		if s.surfaces[n].content != t && s.surfaces[n].function != t {
			continue
		}
		if found = s.speller.Word(n); found == asked {
			break
		}
	}
	return found
}

// where tells an editor where a passage stands.
func (s *shard) where(e *entry, p passage, terms []int32) search.Place {
	n := int(p.section)
	switch {
	case p.kind == inTitle:
		return search.Place{Field: search.InTitle, Text: e.doc.Title}
	case p.kind == inQuestion:
		return search.Place{Field: search.InQuestion, Text: e.doc.Questions[n]}
	case p.kind == inBody:
		return search.Place{Field: search.InText, Text: e.doc.Sections[n].Heading}
	}
	if n < len(e.doc.Sections) && s.mentions(e.doc.Sections[n].Heading, terms) {
		return search.Place{Field: search.InHeading, Text: e.doc.Sections[n].Heading}
	}
	for _, tag := range e.doc.Tags {
		if s.mentions(tag, terms) {
			return search.Place{Field: search.InTag, Text: tag}
		}
	}
	return search.Place{Field: search.InTag}
}

// mentions reports whether a text holds any of the terms.
func (s *shard) mentions(text string, terms []int32) bool {
	return slices.ContainsFunc(analysis.Analyze(s.lang, text), func(w analysis.Word) bool {
		n, known := s.byTerm[termKey(w.Term, w.Function)]
		return known && slices.Contains(terms, n)
	})
}
