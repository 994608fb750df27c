package rank_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"sportello/search"
	"sportello/search/rank"
)

// orderRidge hardly pulls: weights are few, and questions are many.
const orderRidge = 0.02

// candidates are the documents found for one question, with what is known of each.
type candidates struct {
	set     string
	fold    int
	signals [][]float64
	right   []bool
}

// given are the signals whose weights the judged sets can't tell: no question
// of theirs names an application, nobody voted.
var given = []string{"foreign", "feedback"}

// withMore adds squadit with many more articles and every fourth question, so that
// nothing is learnt that helps only where articles are few.
func withMore(sets []rank.Named) []rank.Named {
	for _, s := range sets {
		if s.Name != "squadit" {
			continue
		}
		more := rank.Pad(s.Set, 30_000, 7)
		more.Questions = nil
		for i := 0; i < len(s.Set.Questions); i += 4 {
			more.Questions = append(more.Questions, s.Set.Questions[i])
		}
		return append(sets, rank.Named{Name: "squadit-grown", Set: more})
	}
	return sets
}

// find asks all questions of the sets that have an answer.
func find(t *testing.T, sets []rank.Named, depth int) (all []candidates, names []string) {
	place := map[string]int{}
	explained(t, sets, depth, func(s rank.Named, q rank.Question, r search.Result) {
		grades := s.Set.Grades[q.ID]
		if len(grades) == 0 {
			return
		}
		c := candidates{set: s.Name, fold: foldOf(q.ID)}
		for _, h := range r.Hits {
			values := make([]float64, len(place), len(place)+4)
			for _, p := range h.Explanation.Points {
				if slices.Contains(given, p.Name) {
					continue
				}
				n, known := place[p.Name]
				if !known {
					n = len(place)
					place[p.Name] = n
				}
				for len(values) <= n {
					values = append(values, 0)
				}
				values[n] = p.Value
			}
			c.signals, c.right = append(c.signals, values), append(c.right, grades[h.ID] > 0)
		}
		all = append(all, c)
	})
	for _, c := range all {
		for i := range c.signals {
			c.signals[i] = append(c.signals[i], make([]float64, len(place)-len(c.signals[i]))...)
		}
	}
	names = slices.SortedFunc(maps.Keys(place), func(a, b string) int { return place[a] - place[b] })
	return all, names
}

// lists weighs the questions so that a large set counts more than a small one,
// but not by its size.
func lists(all []candidates, keep func(candidates) bool) (kept []rank.List) {
	size := map[string]float64{}
	for _, c := range all {
		size[c.set]++
	}
	for _, c := range all {
		if keep(c) {
			kept = append(kept, rank.List{Signals: c.signals, Right: c.right, Weight: 10 / math.Sqrt(size[c.set])})
		}
	}
	return kept
}

// reciprocal is one over the place of the first right document, 0 beyond the tenth.
func (c candidates) reciprocal(weights []float64) float64 {
	order := make([]int, len(c.signals))
	scores := make([]float64, len(c.signals))
	for i, s := range c.signals {
		order[i] = i
		for j, w := range weights {
			scores[i] += w * s[j]
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	for place, i := range order[:min(10, len(order))] {
		if c.right[i] {
			return 1 / float64(place+1)
		}
	}
	return 0
}

// TestRankingFit learns the weights of the ranking and prints them, with what
// they reach on questions kept out of the learning. Copy them to
// search/bleveindex/signals.go. There is no chance in it. It runs with -rank only.
func TestRankingFit(t *testing.T) {
	if !*all {
		t.Skip("with -rank only")
	}
	found, names := find(t, withMore(sets(t)), 50)
	words := slices.Index(names, "words")
	held, size := map[string]float64{}, map[string]float64{}
	for f := range folds {
		weights := rank.FitOrder(lists(found, func(c candidates) bool { return c.fold != f }), orderRidge)
		for _, c := range found {
			if c.fold == f {
				held[c.set] += c.reciprocal(weights)
				size[c.set]++
			}
		}
	}
	out := t.Output()
	fmt.Fprintln(out, "MRR@10 of questions kept out of the learning:")
	for _, set := range slices.Sorted(maps.Keys(size)) {
		fmt.Fprintf(out, "%-14s %.3f\n", set, held[set]/size[set])
	}
	weights := rank.FitOrder(lists(found, func(candidates) bool { return true }), orderRidge)
	for i, name := range names {
		fmt.Fprintf(out, "%-10s %+.2f\n", name, weights[i]/weights[words])
	}
}
