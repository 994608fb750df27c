package bleveindex

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sportello/search"
	"sportello/search/analysis"
)

// Bounds of one keystroke.
const (
	mostTyped      = 8     // words that are looked at, the last ones: who writes more asks, and completes nothing
	mostCandidates = 2_000 // articles that are looked at closely
	suggestions    = 8     // if the query names no limit
)

// Suggest completes what is being typed with titles and stored questions, one
// for each article. The words must occur, the last one may be unfinished;
// grammar words need not. Where nothing fits so, one slip a word is forgiven,
// then words of every help desk and unknown ones may be missing.
func (x *Index) Suggest(ctx context.Context, q search.Query) ([]search.Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q.Text = cutText(q.Text)
	x.asked.Store(time.Now().UnixNano())
	x.mu.RLock()
	defer x.mu.RUnlock()
	if q.Limit <= 0 {
		q.Limit = suggestions
	}
	langs := []string{q.Lang}
	if q.Lang == "" { // few words tell little: try the other one, too
		langs = []string{analysis.Italian, analysis.English}
		if lang, _ := search.GuessLanguage(q.Text); lang == analysis.English {
			slices.Reverse(langs)
		}
	}
	for _, lang := range langs {
		if s := x.shards[lang]; s != nil {
			if found := s.suggest(q); len(found) > 0 {
				return found, nil
			}
		}
	}
	return nil, nil
}

// typing is what somebody has typed so far.
type typing struct {
	words      []analysis.Word
	unfinished string // the last word as typed, if it may go on
	slips      bool   // the unfinished word may hold one
	lenient    bool   // some words may be missing
}

func (s *shard) suggest(q search.Query) []search.Suggestion {
	r := readableBy(q.Audiences)
	words := analysis.Analyze(s.lang, q.Text)
	if len(words) == 0 {
		return nil
	}
	last := words[len(words)-1].Text
	words = search.WithoutCourtesy(s.lang, s.expand(words))
	t := typing{words: words[max(0, len(words)-mostTyped):]}
	if n := len(t.words); n > 0 && t.words[n-1].End == len(q.Text) { // it may also be courtesy, and gone
		t.unfinished = last
	}
	if !slices.ContainsFunc(t.words, func(w analysis.Word) bool { return !w.Function }) {
		return nil
	}
	c := s.scratch.get(s)
	var found []search.Suggestion
	for _, reading := range []func() typing{
		func() typing { return t },
		func() typing { return s.joinedTyping(t, false) },
		func() typing { return s.mendedTyping(t, r) },
		func() typing { return s.joinedTyping(t, true) },
		func() typing {
			mended := s.mendedTyping(t, r)
			mended.lenient = true
			return mended
		},
	} {
		if found = s.complete(reading(), c, r, q.Limit); len(found) > 0 {
			break
		}
	}
	s.scratch.put(c)
	return found
}

// joinedTyping writes the last two words as one: "smart ca" may be on the way
// to "smartcard".
func (s *shard) joinedTyping(t typing, slips bool) typing {
	n := len(t.words)
	if n < 2 {
		return typing{}
	}
	joined := s.word(t.words[n-2].Text+t.words[n-1].Text, t.words[n-2])
	return typing{words: append(slices.Clone(t.words[:n-2]), joined), unfinished: joined.Text, slips: slips}
}

// mendedTyping corrects words; an unfinished one only if no word begins so.
func (s *shard) mendedTyping(t typing, r readable) typing {
	n := len(t.words)
	if t.unfinished == "" {
		t.words = s.repair(&question{readable: r}, t.words)
	} else if slices.ContainsFunc(s.begins.like(t.unfinished), func(n int32) bool { return s.beginning(n, t.unfinished, r) }) {
		t.words = append(s.repair(&question{readable: r}, t.words[:n-1]), t.words[n-1])
	} else {
		t.words, t.slips = s.repair(&question{readable: r}, t.words), true
	}
	t.words = t.words[max(0, len(t.words)-mostTyped):]
	return t
}

// beginning reports whether a word that the reader may know about begins so.
func (s *shard) beginning(n int32, typed string, r readable) bool {
	return strings.HasPrefix(s.speller.Word(n), typed) && s.surfaces[n].df.of(r) > 0
}

// wish is one of the words typed: what satisfies it, and whether it must be.
type wish struct {
	word     analysis.Word
	terms    []int32
	exact    [2]int32 // the terms it is itself, as content and as grammar
	size     int      // of the postings of its terms
	required bool
}

// wish looks up a word; an unfinished one stands for all words that begin so.
func (s *shard) wish(t typing, i int, r readable) wish {
	w := wish{word: t.words[i], exact: [2]int32{-1, -1}, required: !t.words[i].Function}
	for k, key := range []string{termKey(w.word.Term, false), termKey(w.word.Term, true)} {
		if n, known := s.byTerm[key]; known {
			w.exact[k] = n
			w.terms = append(w.terms, n)
		}
	}
	if i == len(t.words)-1 && len(t.unfinished) > 1 {
		begins, fits := s.begins.like, s.beginning
		if t.slips {
			begins, fits = s.begins.near, s.beginsLike
		}
		for _, n := range begins(t.unfinished) {
			if fits(n, t.unfinished, r) {
				w.terms = append(w.terms, s.surfaces[n].content, s.surfaces[n].function)
			}
		}
		slices.Sort(w.terms)
		w.terms = slices.Compact(slices.DeleteFunc(w.terms, func(n int32) bool { return n < 0 }))
	}
	for _, n := range w.terms {
		w.size += len(s.terms[n].postings)
	}
	return w
}

// shortSlip is the length from which an unfinished word may hold a slip.
const shortSlip = 4

// beginsLike reports whether a word begins so but for one slip: "stmpan".
func (s *shard) beginsLike(n int32, typed string, r readable) bool {
	if len(typed) < shortSlip || s.surfaces[n].df.of(r) == 0 {
		return false
	}
	word := s.speller.Word(n)
	for end := len(typed) - 1; end <= len(typed)+1 && end <= len(word); end++ {
		if _, near := search.SlipCost(typed, word[:end], 1); near {
			return true
		}
	}
	return false
}

// complete returns the titles and questions that hold the words, best first.
func (s *shard) complete(t typing, c *scratch, r readable, limit int) []search.Suggestion {
	wishes := make([]wish, len(t.words))
	for i := range t.words {
		wishes[i] = s.wish(t, i, r)
	}
	if t.lenient {
		s.waive(wishes, t.unfinished != "")
	}
	rarest := -1
	for i, w := range wishes {
		switch {
		case !w.required:
		case w.size == 0:
			return nil
		case rarest < 0 || w.size < wishes[rarest].size:
			rarest = i
		}
	}
	if rarest < 0 {
		return nil
	}
	for i, w := range wishes { // which wishes a term satisfies, as bits
		for _, n := range w.terms {
			c.counter[n] |= 1 << i
		}
	}
	var out []search.Suggestion
	for _, m := range s.fitting(wishes, s.holding(wishes, rarest, c, r), c, limit) {
		out = append(out, s.suggestion(m, t, c))
	}
	for _, w := range wishes {
		for _, n := range w.terms {
			c.counter[n] = 0
		}
	}
	return out
}

// waive lets be missing words of every help desk, unknown ones and the
// unfinished one, as long as half of the rest are known.
func (s *shard) waive(wishes []wish, unfinished bool) {
	known := 0
	for i := range wishes {
		w := &wishes[i]
		switch {
		case !w.required:
		case unfinished && i == len(wishes)-1, analysis.General(s.lang, w.word.Term):
			w.required = false
		case w.size == 0:
			known--
			w.required = false
		default:
			known++
		}
	}
	if known < 0 {
		clear(wishes) // nothing is left that must be there
	}
}

// holding returns documents of the reader that satisfy a wish in a title or
// question, and hold what else is required and finished; of too many, those
// with the word itself first.
func (s *shard) holding(wishes []wish, rarest int, c *scratch, r readable) []int32 {
	all := make([]int32, 0, min(wishes[rarest].size, mostCandidates))
	defer func() {
		for _, d := range all {
			c.count[d] = 0
		}
	}()
	w := wishes[rarest]
	for _, n := range slices.Concat(w.exact[:], w.terms) {
		if n < 0 {
			continue
		}
	next:
		for _, p := range s.terms[n].postings {
			if p.tf[inTitle]|p.tf[inQuestion] == 0 || c.count[p.document] != 0 || r&(1<<s.documents[p.document].level) == 0 {
				continue
			}
			for i := range wishes {
				if i != rarest && wishes[i].required && !s.holds(p.document, wishes[i]) {
					continue next
				}
			}
			c.count[p.document] = 1
			if all = append(all, p.document); len(all) == mostCandidates {
				return all
			}
		}
	}
	return all
}

// holds reports whether a document may satisfy a wish. Of an unfinished word,
// which many terms satisfy, fit tells more cheaply.
func (s *shard) holds(document int32, w wish) bool {
	const few = 4
	return len(w.terms) > few || slices.ContainsFunc(w.terms, func(n int32) bool { return s.posting(n, document) != nil })
}

// match is a title or question that holds the words.
type match struct {
	document int32
	passage  passage
	score    float64
}

// compareMatches puts the better one first, of equals the shorter one.
func compareMatches(a, b match) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.passage.end-a.passage.start, b.passage.end-b.passage.start), cmp.Compare(a.document, b.document))
}

// fitting returns the best title or question of each document that holds what
// is required, best first.
func (s *shard) fitting(wishes []wish, documents []int32, c *scratch, limit int) []match {
	found := make([]match, 0, limit+1)
	for _, n := range documents {
		e := &s.documents[n]
		best := match{document: n, score: -1}
		for _, p := range e.passages {
			if p.kind > inQuestion {
				break // titles and questions come first
			}
			score, fits := fit(wishes, e.sequence[p.start:p.end], c.counter)
			if p.kind == inTitle {
				score += 0.5
			}
			if fits && score > best.score {
				best.score, best.passage = score, p
			}
		}
		if best.score < 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(found, best, compareMatches)
		if at == limit {
			continue
		}
		found = slices.Insert(found, at, best)
		found = found[:min(len(found), limit)]
	}
	return found
}

// text is that of a title or question.
func (e *entry) text(p passage) string {
	if p.kind == inTitle {
		return e.doc.Title
	}
	return e.doc.Questions[p.section]
}

// fit reports whether a sequence of terms holds all words that it must. Words
// in the order they were typed score more, most where they begin the sequence
// and follow each other.
func fit(wishes []wish, have []int32, satisfies []uint8) (score float64, fits bool) {
	last := -1
	for i := range wishes {
		first := -1
		for j, n := range have {
			if satisfies[n]&(1<<i) == 0 {
				continue
			}
			if first < 0 {
				first = j
			}
			if j > last {
				first = j
				break
			}
		}
		w := &wishes[i]
		if first < 0 {
			if w.required {
				return 0, false
			}
			continue
		}
		if w.word.Function {
			score += 0.5
		} else {
			score++
		}
		if n := have[first]; n == w.exact[0] || n == w.exact[1] {
			score += 0.25
		}
		if first == last+1 {
			score++
		} else if first > last {
			score += 0.5
		}
		last = first
	}
	return score, true
}

// suggestion tells a match, with the words that were typed marked in it.
func (s *shard) suggestion(m match, t typing, c *scratch) search.Suggestion {
	e := &s.documents[m.document]
	told := search.Suggestion{ID: e.doc.ID, Lang: e.doc.Lang, Title: e.doc.Title, Text: e.text(m.passage)}
	have := e.sequence[m.passage.start:m.passage.end]
	for j, w := range analysis.Analyze(s.lang, told.Text) {
		if j >= len(have) || c.counter[have[j]] == 0 {
			continue
		}
		mark := search.Span{Start: w.Start, End: w.End}
		if t.unfinished != "" && bits.TrailingZeros8(c.counter[have[j]]) == len(t.words)-1 && strings.HasPrefix(w.Text, t.unfinished) {
			mark.End = w.Start + begun(told.Text[w.Start:w.End], w.Text, t.unfinished)
		}
		told.Marks = append(told.Marks, mark)
	}
	return told
}

// begun is the length of the part of a word as written that typed begins; the
// whole word where its folded form has other letters.
func begun(written, folded, typed string) int {
	if utf8.RuneCountInString(written) != len(folded) {
		return len(written)
	}
	n := 0
	for range typed {
		_, size := utf8.DecodeRuneInString(written[n:])
		n += size
	}
	return n
}

// beginnings finds words by how they begin.
type beginnings map[[2]byte][]int32 // the first two letters → numbers of words

func (b beginnings) add(word string, number int32) {
	if len(word) > 1 {
		key := [2]byte{word[0], word[1]}
		b[key] = append(b[key], number)
	}
}

// like returns the words with the same first two letters.
func (b beginnings) like(typed string) []int32 {
	if len(typed) < 2 {
		return nil
	}
	return b[[2]byte{typed[0], typed[1]}]
}

// near returns the words with the same first letter, or with the first two
// changed about.
func (b beginnings) near(typed string) (all []int32) {
	if len(typed) < 2 {
		return nil
	}
	for key, words := range b {
		if key[0] == typed[0] || key == [2]byte{typed[1], typed[0]} {
			all = append(all, words...)
		}
	}
	return all
}
