package bleveindex

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"sportello/search/analysis"
)

// repair mends misspelt words, and only words that the index does not know:
// what it knows was meant.
func (s *shard) repair(q *question, words []analysis.Word) []analysis.Word {
	out := make([]analysis.Word, 0, len(words))
	for i := 0; i < len(words); i++ {
		w := words[i]
		if i+1 < len(words) {
			if joined, ok := s.joined(w, words[i+1], q.readable); ok {
				q.corrected = true
				out = append(out, joined)
				i++
				continue
			}
		}
		if s.knows(w, q.readable) {
			out = append(out, w)
			continue
		}
		out = append(out, s.mended(q, w)...)
	}
	return out
}

// knows reports whether a word needs no mending.
func (s *shard) knows(w analysis.Word, r readable) bool {
	if w.Function || len(w.Text) < 3 || hasDigit(w.Text) || analysis.Common(s.lang, w.Text) {
		return true
	}
	return s.inUse(w.Text, r) || s.termInUse(w.Term, r) || s.phrases.starts[w.Term]
}

func hasDigit(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] >= '0' && text[i] <= '9' {
			return true
		}
	}
	return false
}

// inUse reports whether a readable document holds the word as written, or the
// language's grammar does.
func (s *shard) inUse(text string, r readable) bool {
	n, known := s.byText[text]
	return known && s.surfaces[n].df.of(r) > 0 || analysis.Function(s.lang, text)
}

func (s *shard) termInUse(term string, r readable) bool {
	n, known := s.byTerm[term]
	return known && s.terms[n].df.of(r) > 0
}

// joined mends a space too many: "su ccede", "im muni".
func (s *shard) joined(a, b analysis.Word, r readable) (analysis.Word, bool) {
	if b.Start-a.End != 1 || s.isWord(a, r) && s.isWord(b, r) {
		return a, false
	}
	text := a.Text + b.Text
	if len(text) < 4 || !s.inUse(text, r) {
		return a, false
	}
	w := s.word(text, a)
	w.End = b.End
	return w, true
}

// isWord reports whether w is a word by itself; single letters and remains of
// two are doubtful.
func (s *shard) isWord(w analysis.Word, r readable) bool {
	if len(w.Text) == 1 {
		return false
	}
	if w.Function || hasDigit(w.Text) {
		return true
	}
	return s.inUse(w.Text, r)
}

// Short words have many neighbours: in those of up to four letters only the
// commonest slips are mended.
const (
	shortWord = 4
	shortCost = 0.7
)

// mended returns the word or words that w most probably stands for, or w
// itself.
func (s *shard) mended(q *question, w analysis.Word) []analysis.Word {
	type candidate struct {
		words []analysis.Word
		cost  float64
	}
	var all []candidate
	for _, g := range s.speller.Near(w.Text) {
		text := s.speller.Word(g.Word)
		df := s.surfaces[g.Word].df.of(q.readable)
		if df == 0 && !analysis.Common(s.lang, text) {
			continue
		}
		if len(w.Text) <= shortWord && g.Cost > shortCost {
			continue
		}
		m := s.word(text, w)
		cost := g.Cost - tuned.familiar*math.Log1p(float64(df))
		if m.Function {
			cost = g.Cost - tuned.familiar*math.Log1p(float64(s.found(q.readable))/2)
		}
		if len(w.Text) <= 4 {
			cost += 0.3
		}
		all = append(all, candidate{[]analysis.Word{m}, cost})
	}
	for cut := 1; cut < len(w.Text); cut++ {
		a, b := w.Text[:cut], w.Text[cut:]
		if len(b) < 3 || !s.splits(a, b, q.readable) {
			continue
		}
		all = append(all, candidate{[]analysis.Word{s.word(a, w), s.word(b, w)}, 0.75 - tuned.familiar*math.Log1p(float64(len(b)))})
	}
	if len(all) == 0 {
		return []analysis.Word{w}
	}
	best := slices.MinFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.words[0].Text, b.words[0].Text))
	})
	q.corrected = true
	return best.words
}

// splits reports whether a word was written as one that are two: "nonva",
// "lapp" without its apostrophe.
func (s *shard) splits(a, b string, r readable) bool {
	if !s.inUse(b, r) {
		return false
	}
	switch a {
	case "l", "d", "c", "un", "dell", "all", "nell", "sull", "dall", "quest":
		return s.lang == analysis.Italian && strings.IndexByte("aeiouh", b[0]) >= 0
	case "con", "in", "per", "tra", "su", "da", "ad", "se", "di", "re", "ri", "a", "an", "be", "for", "to", "up", "out", "over", "under":
		return false // they begin words of their own
	}
	if analysis.Function(s.lang, a) {
		return len(a) >= 2 && len(b) >= 4
	}
	return len(a) >= 4 && len(b) >= 4 && s.inUse(a, r) && !analysis.Function(s.lang, b)
}
