package rank_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"sportello/search"
	"sportello/search/rank"
)

// folds is into how many parts questions are divided to judge a fit on
// questions that it has not seen.
const folds = 5

// judgedAnswer is an answer with what the index knew about it.
type judgedAnswer struct {
	rank.Example
	set     string
	fold    int
	inScope bool
	place   int // of the first right hit, or -1
}

// judge asks all questions of the sets with explanations.
func judge(t *testing.T, sets []rank.Named) (all []judgedAnswer, names []string) {
	open, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sets {
		index, err := open("")
		if err != nil {
			t.Fatal(err)
		}
		if err := index.Apply(t.Context(), 1, s.Set.Docs(), nil); err != nil {
			t.Fatal(err)
		}
		for _, q := range s.Set.Questions {
			lang := q.Lang
			if lang == "" {
				lang = "it"
			}
			r, err := index.Search(t.Context(), search.Query{Text: q.Text, Lang: lang, Explain: true})
			if err != nil {
				t.Fatal(err)
			}
			grades := s.Set.Grades[q.ID]
			a := judgedAnswer{set: s.Name, inScope: len(grades) > 0}
			a.place = slices.IndexFunc(r.Hits, func(h search.Hit) bool { return grades[h.ID] > 0 })
			a.Right = a.place == 0
			h := fnv.New32a()
			h.Write([]byte(strings.TrimSuffix(q.ID, "-n"))) // a question and its noisy twin stay together
			a.fold = int(h.Sum32() % folds)
			for _, x := range r.Signals {
				a.Signals = append(a.Signals, x.Value)
			}
			if r.Signals != nil {
				names = names[:0]
				for _, x := range r.Signals {
					names = append(names, x.Name)
				}
				all = append(all, a)
			}
		}
		index.Close()
	}
	return all, names
}

// evenly weighs examples so that a large set counts more than a small one, but
// not by its size.
func evenly(all []judgedAnswer) {
	counts := map[string]float64{}
	for _, a := range all {
		counts[a.set]++
	}
	for i := range all {
		n := counts[all[i].set]
		all[i].Weight = math.Sqrt(n) / n * 10
		if strings.HasPrefix(all[i].set, "shipped-it") || all[i].set == "oos" {
			all[i].Weight *= 3 // the only ones with questions that nothing answers
		}
	}
}

func examples(all []judgedAnswer, keep func(judgedAnswer) bool) (kept []rank.Example) {
	for _, a := range all {
		if keep(a) {
			kept = append(kept, a.Example)
		}
	}
	return kept
}

// TestConfidenceFit fits the weights of the confidence and prints them, with
// what they reach on questions kept out of the fit. Copy them to
// search/bleveindex/confidence.go. It runs with -rank only.
func TestConfidenceFit(t *testing.T) {
	if !*all {
		return
	}
	const ridge = 2
	judged, names := judge(t, sets(t))
	evenly(judged)
	confidence, right := make([]float64, len(judged)), make([]bool, len(judged))
	for f := range folds {
		l := rank.Fit(examples(judged, func(a judgedAnswer) bool { return a.fold != f }), ridge)
		for i, a := range judged {
			if a.fold == f {
				confidence[i], right[i] = l.Probability(a.Signals), a.Right
			}
		}
	}
	out := t.Output()
	fmt.Fprintf(out, "cross-validated, all sets pooled: AUC %.3f, calibration error %.3f\n", rank.AUC(confidence, right), rank.ECE(confidence, right))
	bySet := map[string][]int{}
	for i, a := range judged {
		bySet[a.set] = append(bySet[a.set], i)
	}
	for _, s := range sets(t) {
		var c []float64
		var r []bool
		for _, i := range bySet[s.Name] {
			c, r = append(c, confidence[i]), append(r, right[i])
		}
		fmt.Fprintf(out, "%-14s AUC %.3f, calibration error %.3f;", s.Name, rank.AUC(c, r), rank.ECE(c, r))
		for _, answerFrom := range []float64{0.6, 0.7, 0.75, 0.8, 5. / 6} {
			outside, answeredOutside, answeredRight, answeredWrong := 0, 0, 0, 0
			for _, i := range bySet[s.Name] {
				if !judged[i].inScope {
					outside++
				}
				if confidence[i] < answerFrom {
					continue
				}
				switch {
				case judged[i].Right:
					answeredRight++
				case !judged[i].inScope:
					answeredOutside++
				default:
					answeredWrong++
				}
			}
			fmt.Fprintf(out, " %.2f: %d/%d/%d of %d", answerFrom, answeredRight, answeredWrong, answeredOutside, outside)
		}
		for _, clarifyFrom := range []float64{0.15, 0.2, 0.25, 0.3} {
			served, inScope, outside, shown := 0, 0, 0, 0
			for _, i := range bySet[s.Name] {
				a := judged[i]
				if !a.inScope {
					outside++
					if confidence[i] >= clarifyFrom {
						shown++
					}
					continue
				}
				inScope++
				if confidence[i] >= clarifyFrom && a.place >= 0 && a.place < 3 {
					served++
				}
			}
			fmt.Fprintf(out, " | %.2f: served %.2f, shown outside %.2f", clarifyFrom, float64(served)/float64(max(inScope, 1)), float64(shown)/float64(max(outside, 1)))
		}
		fmt.Fprintln(out)
	}
	l := rank.Fit(examples(judged, func(judgedAnswer) bool { return true }), ridge)
	fmt.Fprintf(out, "base %.2f\n", l.Base)
	for i, name := range names {
		fmt.Fprintf(out, "%-18s %+.2f\n", name, l.Weights[i])
	}
}
