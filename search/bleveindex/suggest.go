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
	asked := &question{readable: r}
	words := search.WithoutCourtesy(s.lang, s.expand(analysis.Analyze(s.lang, cutText(q.Text))))
	if len(words) == 0 {
		return nil
	}
	unfinished := !strings.HasSuffix(q.Text, " ")
	typed := " " + analysis.Fold(strings.TrimLeft(q.Text, " "))
	if found := s.complete(words, typed, unfinished, r, q.Limit); len(found) > 0 {
		return found
	}
	last := words[len(words)-1]
	mended := s.repair(asked, words[:len(words)-1])
	if !unfinished || !s.begins(last.Text, r) {
		mended = s.repair(asked, append(mended, last))
	} else {
		mended = append(mended, last)
	}
	return s.complete(mended, typed, unfinished, r, q.Limit)
}

// begins reports whether a readable document holds a word that begins so.
func (s *shard) begins(prefix string, r readable) bool {
	for n, f := range s.surfaces {
		if f.df.of(r) > 0 && strings.HasPrefix(s.speller.Word(int32(n)), prefix) {
			return true
		}
	}
	return false
}

// complete returns the titles and questions that hold the words.
func (s *shard) complete(words []analysis.Word, typed string, unfinished bool, r readable, limit int) []search.Suggestion {
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
		best := match{score: -1}
		for n, text := range append([]string{e.doc.Title}, e.doc.Questions...) {
			if score, ok := completes(s.lang, words, typed, unfinished, text); ok {
				if n == 0 {
					score += 0.5
				}
				if score > best.score {
					best = match{search.Suggestion{ID: e.doc.ID, Lang: e.doc.Lang, Title: e.doc.Title, Text: text}, score}
				}
			}
		}
		if best.score >= 0 {
			found = append(found, best)
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

// completes reports whether text holds what was typed, or all of its words,
// the last as a beginning if it is unfinished; earlier and in order scores better.
func completes(lang string, words []analysis.Word, typed string, unfinished bool, text string) (float64, bool) {
	if strings.Contains(" "+analysis.Fold(text), typed) {
		return float64(len(words)) + 1, true
	}
	have := analysis.Analyze(lang, text)
	score := 0.0
	for i, w := range words {
		last := i == len(words)-1
		at := slices.IndexFunc(have, func(h analysis.Word) bool {
			return h.Term == w.Term || last && unfinished && strings.HasPrefix(h.Text, w.Text)
		})
		switch {
		case at >= 0:
			score += 1 / float64(1+max(at-i, i-at))
		case !w.Function:
			return 0, false
		}
	}
	return score, true
}
