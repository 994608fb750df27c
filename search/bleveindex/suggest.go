package bleveindex

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"sportello/search"
	"sportello/search/analysis"
)

// Suggest completes what is being typed with titles and stored questions: the
// words but the last one must occur, the last one may be unfinished. Where
// nothing fits so, one slip a word is forgiven.
func (x *Index) Suggest(ctx context.Context, q search.Query) ([]search.Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	lang := q.Lang
	if lang == "" {
		lang, _ = search.GuessLanguage(q.Text)
	}
	s := x.shards[lang]
	if s == nil {
		return nil, nil
	}
	if q.Limit <= 0 {
		q.Limit = 8
	}
	return s.suggest(q), nil
}

func (s *shard) suggest(q search.Query) []search.Suggestion {
	r := readableBy(q.Audiences)
	words := search.WithoutCourtesy(s.lang, s.expand(analysis.Analyze(s.lang, cutText(q.Text))))
	if len(words) == 0 {
		return nil
	}
	words = words[:min(len(words), mostWords)]
	unfinished := !strings.HasSuffix(q.Text, " ")
	if found := s.complete(words, unfinished, r, q.Limit); len(found) > 0 {
		return found
	}
	if n := len(words); n > 1 { // "smart ca", on the way to "smartcard"
		joined := append(slices.Clone(words[:n-2]), s.word(words[n-2].Text+words[n-1].Text, words[n-2]))
		if found := s.complete(joined, unfinished, r, q.Limit); len(found) > 0 {
			return found
		}
	}
	return s.complete(s.mendedButLast(words, unfinished, r), unfinished, r, q.Limit)
}

// mendedButLast corrects words, the last one only if no word begins like it.
func (s *shard) mendedButLast(words []analysis.Word, unfinished bool, r readable) []analysis.Word {
	n := len(words) - 1
	if unfinished && len(s.wanted(words[n], true, r)) > 0 {
		return append(s.repair(&question{readable: r}, words[:n]), words[n])
	}
	return s.repair(&question{readable: r}, words)
}

// wanted is the set of terms that satisfy a word; of an unfinished one, those
// of all words that begin so.
func (s *shard) wanted(w analysis.Word, unfinished bool, r readable) map[int32]bool {
	terms := map[int32]bool{}
	for _, key := range []string{termKey(w.Term, false), termKey(w.Term, true)} {
		if n, known := s.byTerm[key]; known {
			terms[n] = true
		}
	}
	if !unfinished {
		return terms
	}
	for n, f := range s.surfaces {
		if strings.HasPrefix(s.speller.Word(int32(n)), w.Text) && f.df.of(r) > 0 {
			terms[f.content], terms[f.function] = true, true
		}
	}
	delete(terms, -1)
	return terms
}

// complete returns the titles and questions that hold the words.
func (s *shard) complete(words []analysis.Word, unfinished bool, r readable, limit int) []search.Suggestion {
	wanted := make([]map[int32]bool, len(words))
	for i, w := range words {
		wanted[i] = s.wanted(w, unfinished && i == len(words)-1, r)
		if len(wanted[i]) == 0 && !w.Function {
			return nil
		}
	}
	type match struct {
		search.Suggestion
		score float64
	}
	var found []match
	for i := range s.documents {
		e := &s.documents[i]
		if e.doc == nil || r&(1<<e.level) == 0 {
			continue
		}
		best, at := -1.0, passage{}
		for _, p := range e.passages {
			if p.kind > inQuestion {
				break // titles and questions come first
			}
			if score, ok := completes(words, wanted, e.sequence[p.start:p.end]); ok {
				if p.kind == inTitle {
					score += 0.5
				}
				if score > best {
					best, at = score, p
				}
			}
		}
		if best >= 0 {
			found = append(found, match{search.Suggestion{ID: e.doc.ID, Lang: e.doc.Lang, Title: e.doc.Title, Text: e.text(at)}, best})
		}
	}
	slices.SortFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.Text), len(b.Text)), cmp.Compare(a.ID, b.ID))
	})
	var out []search.Suggestion
	for _, m := range found[:min(limit, len(found))] {
		out = append(out, m.Suggestion)
	}
	return out
}

// text is that of a title or question.
func (e *entry) text(p passage) string {
	if p.kind == inTitle {
		return e.doc.Title
	}
	return e.doc.Questions[p.section]
}

// completes reports whether a sequence of terms holds all words; earlier and
// in order scores better. Grammar words need not be there.
func completes(words []analysis.Word, wanted []map[int32]bool, have []int32) (float64, bool) {
	score := 0.0
	for i, w := range words {
		at := slices.IndexFunc(have, func(t int32) bool { return wanted[i][t] })
		switch {
		case at >= 0:
			score += 1 / float64(1+max(at-i, i-at))
		case !w.Function:
			return 0, false
		}
	}
	return score, true
}
