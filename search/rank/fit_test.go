package rank_test

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"hash/fnv"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"sportello/internal/golden"
	"sportello/search"
	"sportello/search/rank"
)

// fittedFile is where the index keeps what was fitted.
const fittedFile = "../bleveindex/fitted.go"

// folds is into how many parts questions are divided to judge a fit on
// questions that it has not seen.
const folds = 5

// ridge pulls the weights of signals towards zero, in examples.
const ridge = 2

// foldOf keeps a question and its noisy twin together.
func foldOf(question string) int { return int(draw(strings.TrimSuffix(question, "-n")) % folds) }

// judgedAnswer is an answer with what the index knew about it.
type judgedAnswer struct {
	rank.Example
	set     string
	about   string // kin of the set
	fold    int
	inScope bool
	place   int // of the first right hit, or -1
}

// real reports whether people wrote the question for this set.
func (a judgedAnswer) real() bool { return !strings.HasPrefix(a.set, withheldPrefix) }

// draw is a number that depends on nothing but a text.
func draw(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	n := h.Sum32()
	n ^= n >> 16
	n *= 0x7feb352d // FNV alone leaves texts with the same beginning close together
	return n ^ n>>15
}

// explained asks all questions of the sets, and gives f what was found for each.
func explained(t *testing.T, sets []rank.Named, limit int, f func(s rank.Named, q rank.Question, r search.Result)) {
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
			r, err := index.Search(t.Context(), search.Query{Text: q.Text, Lang: cmp.Or(q.Lang, "it"), Explain: true, Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			f(s, q, r)
		}
		index.Close()
	}
}

// judge asks all questions of the sets, and keeps what the confidence is made of.
func judge(t *testing.T, sets []rank.Named) (all []judgedAnswer, names []string) {
	explained(t, sets, 10, func(s rank.Named, q rank.Question, r search.Result) {
		if r.Signals == nil {
			return // nothing found: the index is sure of that by itself
		}
		grades := s.Set.Grades[q.ID]
		a := judgedAnswer{set: s.Name, about: kin(s.Name), inScope: len(grades) > 0}
		a.place = slices.IndexFunc(r.Hits, func(h search.Hit) bool { return grades[h.ID] > 0 })
		a.Right = a.place == 0
		a.fold = foldOf(q.ID)
		names = names[:0]
		for _, x := range r.Signals {
			a.Signals = append(a.Signals, x.Value)
			names = append(names, x.Name)
		}
		all = append(all, a)
	})
	evenly(all)
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

// fitConfidence finds what each signal counts, from all examples, and then how
// sure that makes us, from questions that people asked: those that we withheld
// answers from tell right from wrong, but not how often either happens.
func fitConfidence(all []judgedAnswer, keep func(judgedAnswer) bool) rank.Logistic {
	var examples, scale []rank.Example
	for _, a := range all {
		if keep(a) {
			examples = append(examples, a.Example)
		}
	}
	l := rank.Fit(examples, ridge)
	for _, a := range all {
		if keep(a) && a.real() {
			scale = append(scale, rank.Example{Signals: []float64{l.LogOdds(a.Signals)}, Right: a.Right, Weight: 1})
		}
	}
	s := rank.Fit(scale, 0)
	l.Base = s.Base + s.Weights[0]*l.Base
	for i := range l.Weights {
		l.Weights[i] *= s.Weights[0]
	}
	return l
}

// TestConfidenceFit fits the weights of the confidence and prints what they
// reach on questions, and on whole sets, kept out of the fit. With -update it
// writes them into the index. It runs with -rank only.
func TestConfidenceFit(t *testing.T) {
	if !*all {
		t.Skip("with -rank only")
	}
	given := sets(t)
	judged, names := judge(t, append(given, withheld(given)...))

	unseen := map[string]func(a, b judgedAnswer) bool{ // whether a stays out where b is judged
		"questions": func(a, b judgedAnswer) bool { return a.fold == b.fold },
		"sets":      func(a, b judgedAnswer) bool { return a.about == b.about },
	}
	for _, what := range []string{"questions", "sets"} {
		fmt.Fprintf(t.Output(), "\nconfidence on %s kept out of the fit\n", what)
		confidence := predict(judged, unseen[what])
		writeConfidence(t.Output(), judged, confidence)
		writeCosts(t.Output(), judged, confidence)
	}
	l := fitConfidence(judged, func(judgedAnswer) bool { return true })
	text := fittedSource(l, names)
	fmt.Fprintf(t.Output(), "\n%s", text)
	if golden.Updating() {
		if err := os.WriteFile(fittedFile, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// predict gives each answer the confidence of a fit that has not seen it.
func predict(all []judgedAnswer, out func(a, b judgedAnswer) bool) []float64 {
	confidence := make([]float64, len(all))
	done := make([]bool, len(all))
	for i, b := range all {
		if done[i] {
			continue
		}
		l := fitConfidence(all, func(a judgedAnswer) bool { return !out(a, b) })
		for j, c := range all {
			if out(c, b) {
				confidence[j], done[j] = l.Probability(c.Signals), true
			}
		}
	}
	return confidence
}

// writeConfidence tells, by set, how well confidence parts right from wrong and
// what would be decided at thresholds around the shipped ones.
func writeConfidence(w io.Writer, all []judgedAnswer, confidence []float64) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	answers, choices := []float64{0.75, 0.8, 0.85}, []float64{0.2, 0.25, 0.3}
	fmt.Fprint(t, "set\tAUC\tECE")
	for _, from := range answers {
		fmt.Fprintf(t, "\tanswered from %.2f: right\twrong\tno answer", from)
	}
	for _, from := range choices {
		fmt.Fprintf(t, "\tserved from %.2f\tasked in vain", from)
	}
	fmt.Fprintln(t)
	names := []string{""}
	for _, a := range all {
		if a.real() && !slices.Contains(names, a.set) {
			names = append(names, a.set)
		}
	}
	for _, name := range append(names[1:], "") {
		var c []float64
		var right []bool
		var these []judgedAnswer
		for i, a := range all {
			if a.set == name || name == "" && a.real() {
				c, right, these = append(c, confidence[i]), append(right, a.Right), append(these, a)
			}
		}
		inScope := 0
		for _, a := range these {
			if a.inScope {
				inScope++
			}
		}
		outside := len(these) - inScope
		if name == "" {
			name = "all, pooled"
		}
		fmt.Fprintf(t, "%s\t%.3f\t%.3f", name, rank.AUC(c, right), rank.ECE(c, right))
		for _, from := range answers {
			ok, wrong, vain := 0, 0, 0
			for i, a := range these {
				switch {
				case c[i] < from:
				case a.Right:
					ok++
				case a.inScope:
					wrong++
				default:
					vain++
				}
			}
			fmt.Fprintf(t, "\t%d\t%d\t%d of %d", ok, wrong, vain, outside)
		}
		for _, from := range choices {
			served, vain := 0, 0
			for i, a := range these {
				switch {
				case c[i] >= answers[1] && a.Right, c[i] >= from && c[i] < answers[1] && a.place >= 0 && a.place < 3:
					served++
				case !a.inScope && c[i] >= from && c[i] < answers[1]:
					vain++
				}
			}
			fmt.Fprintf(t, "\t%.2f\t%d", float64(served)/float64(max(inScope, 1)), vain)
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

// writeCosts tells what a question costs on average at thresholds around the
// shipped ones, every set counting as for the fit; see search/bleveindex for
// what a decision costs.
func writeCosts(w io.Writer, all []judgedAnswer, confidence []float64) {
	answers, choices := []float64{0.7, 0.75, 0.8, 0.85, 0.9}, []float64{0.1, 0.15, 0.2, 0.25, 0.3}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "cost")
	for _, c := range choices {
		fmt.Fprintf(t, "\tclarify from %.2f", c)
	}
	for _, a := range answers {
		fmt.Fprintf(t, "\nanswer from %.2f", a)
		for _, c := range choices {
			sum, weight := 0.0, 0.0
			for i, j := range all {
				if !j.real() {
					continue
				}
				weight += j.Weight
				switch {
				case confidence[i] >= a && !j.Right:
					sum += 5 * j.Weight
				case confidence[i] >= a:
				case confidence[i] >= c:
					sum += j.Weight
				case j.place >= 0 && j.place < 3:
					sum += 2.5 * j.Weight
				}
			}
			fmt.Fprintf(t, "\t%.3f", sum/weight)
		}
	}
	fmt.Fprintln(t)
	t.Flush()
}

// fittedSource is the file of the index that holds what was fitted.
func fittedSource(l rank.Logistic, names []string) []byte {
	var b bytes.Buffer
	b.WriteString(`// Code generated by TestConfidenceFit of search/rank; DO NOT EDIT.

package bleveindex

// fitted are the numbers of the confidence.
`)
	fmt.Fprintf(&b, "var fitted = logistic{base: %.3f, weights: map[string]float64{\n", l.Base)
	for i, name := range names {
		fmt.Fprintf(&b, "%q: %.3f,\n", name, l.Weights[i])
	}
	b.WriteString("}}\n")
	text, err := format.Source(b.Bytes())
	if err != nil {
		panic(err)
	}
	return text
}
