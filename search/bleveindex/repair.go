package bleveindex

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sportello/search"
	"sportello/search/analysis"
	"sportello/search/analysis/lexicon"
)

// repair mends misspelt words, and only words that the index does not know:
// what it knows was meant.
func (s *shard) repair(q *question, words []analysis.Word) []analysis.Word {
	out := make([]analysis.Word, 0, len(words))
	for i := 0; i < len(words); i++ {
		w := words[i]
		if i+1 < len(words) {
			if joined, ok := s.joined(w, words[i+1], q.readable); ok {
				q.correct(joined, joined)
				out = append(out, joined)
				i++
				continue
			}
		}
		if s.knows(w, q.readable) {
			out = append(out, w)
			continue
		}
		mended := s.mended(q, w)
		if len(mended) > 1 || mended[0].Text != w.Text {
			q.correct(w, mended...)
		}
		out = append(out, mended...)
	}
	return out
}

// correction says which part of the question was read as another word, or as two.
type correction struct {
	from, to int // bytes of the question
	meant    string
	subject  bool // it changed more than grammar
}

// correct notes that what stands where typed does was read as other words.
func (q *question) correct(typed analysis.Word, meant ...analysis.Word) {
	c := correction{from: typed.Start, to: typed.End}
	for i, m := range meant {
		if i > 0 {
			c.meant += " "
		}
		c.meant += m.Text
		c.subject = c.subject || !m.Function
	}
	q.corrections = append(q.corrections, c)
}

// corrected tells how the question was read, in its own words but for those
// that were corrected, and which these are. Both are empty if only grammar was
// mended.
func (q *question) corrected(text string) (reading string, all []search.Correction) {
	var b strings.Builder
	end := 0
	for _, c := range q.corrections {
		if c.from < end { // of a part of what was put right as a whole: "TIAP@Documnt"
			continue
		}
		typed := text[c.from:c.to]
		meant := capitalsOf(typed, c.meant)
		b.WriteString(text[end:c.from])
		b.WriteString(meant)
		if c.subject {
			all = append(all, search.Correction{Typed: typed, Meant: meant})
		}
		end = c.to
	}
	if all == nil {
		return "", nil
	}
	b.WriteString(text[end:])
	return strings.TrimSpace(b.String()), all
}

// capitalsOf writes a word with the capitals of another.
func capitalsOf(typed, word string) string {
	first, size := utf8.DecodeRuneInString(typed)
	switch {
	case !unicode.IsUpper(first):
		return word
	case len(typed) > size && typed == strings.ToUpper(typed):
		return strings.ToUpper(word)
	}
	first, size = utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(first)) + word[size:]
}

// knows reports whether a word needs no mending.
func (s *shard) knows(w analysis.Word, r readable) bool {
	if w.Function || len(w.Text) < 3 || hasDigit(w.Text) || analysis.Common(s.lang, w.Text) {
		return true
	}
	return s.inUse(w.Text, r) || s.termInUse(w.Term, r) || s.phrases.starts[w.Term] || lexicon.Known(s.lang, w.Text) || len(w.Text) > shortWord && lexicon.Known(analysis.English, w.Text)
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
	if b.Start-a.End != 1 || s.isWord(a, r) && s.isWord(b, r) || s.apart(a, b) || s.apart(b, a) {
		return a, false
	}
	text := a.Text + b.Text
	if !s.inUse(text, r) {
		text = s.slipped(text, r)
	}
	if len(text) < 4 {
		return a, false
	}
	w := s.word(text, a)
	w.End = b.End
	return w, true
}

// slipped is the indexed compound that a long one, written as two words, was
// meant to be: "smrat card". It is empty if there is none one swap or letter
// away.
func (s *shard) slipped(text string, r readable) string {
	const long, slight = 8, 0.6
	if len(text) < long {
		return ""
	}
	for _, g := range s.speller.Near(text) {
		if meant := s.speller.Word(g.Word); g.Cost <= slight && s.inUse(meant, r) && analysis.Compound(meant) {
			return meant
		}
	}
	return ""
}

// apart reports whether one is a word of one letter ("è", "a") beside a whole
// other one.
func (s *shard) apart(one, other analysis.Word) bool {
	return strings.Contains("aeio", one.Text) && len(other.Text) >= shortWord && lexicon.Known(s.lang, other.Text)
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
// commonest slips are mended. Two slips in one word are mended where enough of
// it is right.
const (
	shortWord = 4
	shortCost = 0.7
	longWord  = 6
	longCost  = 1.3 // of two slips, in a word of that length
)

// candidate is what a misspelt word may stand for.
type candidate struct {
	words []analysis.Word
	cost  float64
}

// mended returns the word or words that w most probably stands for, or w
// itself.
func (s *shard) mended(q *question, w analysis.Word) []analysis.Word {
	var all []candidate
	for _, g := range s.speller.Near(w.Text) {
		if len(w.Text) > shortWord || g.Cost <= shortCost {
			all = s.consider(all, q, w, g)
		}
	}
	for cut := 1; cut < len(w.Text); cut++ {
		a, b := w.Text[:cut], w.Text[cut:]
		if len(b) < 3 || !s.splits(a, b, q.readable) {
			continue
		}
		all = append(all, candidate{[]analysis.Word{s.word(a, w), s.word(b, w)}, 0.75 - tuned.familiar*math.Log1p(float64(len(b)))})
	}
	if len(all) == 0 && len(w.Text) > shortWord {
		all = s.unheld(q, w)
	}
	if len(all) == 0 {
		return []analysis.Word{w}
	}
	best := slices.MinFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.words[0].Text, b.words[0].Text))
	})
	return best.words
}

// consider adds a guess to the candidates, if the reader may know of it.
func (s *shard) consider(all []candidate, q *question, w analysis.Word, g search.Guess) []candidate {
	text := s.speller.Word(g.Word)
	df := s.surfaces[g.Word].df.of(q.readable)
	if df == 0 && !analysis.Common(s.lang, text) {
		return all
	}
	m := s.word(text, w)
	often := float64(df)
	if m.Function {
		often = float64(s.found(q.readable)) / 2
	}
	cost := g.Cost - tuned.familiar*math.Log1p(often)
	if len(w.Text) <= shortWord {
		cost += 0.3
	}
	return append(all, candidate{[]analysis.Word{m}, cost})
}

// unheld returns what w may stand for if no document holds a word one slip
// away: a form of a word that documents hold in others ("arrviano", where they
// say "arriva"), and if it is no word of the language either, one two slips away.
func (s *shard) unheld(q *question, w analysis.Word) (all []candidate) {
	spelt := lexicon.Near(s.lang, w.Text)
	for _, text := range spelt {
		m := s.word(text, w)
		n, known := s.byTerm[m.Term]
		cost, near := search.SlipCost(w.Text, text, 1)
		if !known || !near || s.terms[n].df.of(q.readable) == 0 {
			continue
		}
		all = append(all, candidate{[]analysis.Word{m}, cost - tuned.familiar*math.Log1p(float64(s.terms[n].df.of(q.readable)))})
	}
	if len(spelt) > 0 || len(w.Text) < longWord || w.Name {
		return all
	}
	for _, g := range s.speller.Further(w.Text) {
		if g.Cost <= longCost+0.1*float64(len(w.Text)-longWord) {
			all = s.consider(all, q, w, g)
		}
	}
	return all
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
