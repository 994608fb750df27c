package rank

import (
	"context"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"sportello/internal/fault"
)

// Engine is an index to measure, under a name.
type Engine struct {
	Name string
	Open Open
}

// Named is a set under a name.
type Named struct {
	Name string
	Set  Set
}

// Figures are the measures that are kept to compare with later.
type Figures struct {
	MRR     float64 `json:"mrr@10"`
	Recall1 float64 `json:"recall@1"`
	Recall3 float64 `json:"recall@3"`
}

// Figures of a report, to three places.
func (q Quality) Figures() Figures {
	short := func(x float64) float64 { return math.Round(x*1000) / 1000 }
	return Figures{short(q.MRR), short(q.Recall1), short(q.Recall3)}
}

// Compare measures every engine on every set and writes one line for each,
// quality and cost side by side. The last engine is ours: what it has gained
// or lost against before, and its decisions, are told as well. It returns
// the reports of the last engine, by set.
func Compare(ctx context.Context, w io.Writer, engines []Engine, sets []Named, before map[string]Figures) (ours map[string]Report, err error) {
	defer fault.Wrap(&err, "compare search engines")
	ours = map[string]Report{}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "set\tengine\tMRR@10\tR@1\tR@3\tR@10\tnDCG\tp50 ms\tp99 ms\tper s\tindex s\tMB")
	for _, s := range sets {
		for i, e := range engines {
			r, err := Evaluate(ctx, e.Open, s.Set, Options{})
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", e.Name, s.Name, err)
			}
			fmt.Fprintf(t, "%s\t%s\t%.3f\t%.2f\t%.2f\t%.2f\t%.3f\t%.2f\t%.2f\t%.0f\t%.2f\t%.1f", s.Name, e.Name,
				r.MRR, r.Recall1, r.Recall3, r.Recall10, r.NDCG, r.Latency.P50, r.Latency.P99, r.QueriesPerSecond, r.Index.Seconds, float64(r.Index.Bytes)/1e6)
			if i == len(engines)-1 {
				ours[s.Name] = r
				if b, known := before[s.Name]; known {
					fmt.Fprintf(t, "\t%+.3f since the golden file", r.MRR-b.MRR)
				}
			}
			fmt.Fprintln(t)
		}
	}
	if err := t.Flush(); err != nil {
		return nil, err
	}
	return ours, writeDecisions(w, sets, ours)
}

// writeDecisions tells what was decided on each set, and how far confidence
// can be trusted over all of them.
func writeDecisions(w io.Writer, sets []Named, ours map[string]Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nset\tanswered right\twrong\tclarified right\twrong\tabstained in scope\tout of scope\tof\tAUC\tECE")
	for _, s := range sets {
		r := ours[s.Name]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.3f\t%.3f\n", s.Name, r.AnsweredRight, r.AnsweredWrong, r.ClarifiedRight, r.ClarifiedWrong,
			r.AbstainedInScope, r.AbstainedOutOfScope, r.OutOfScope, r.AUC, r.ECE)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	confidence, right := Pooled(sets, ours)
	fmt.Fprintf(w, "\nall sets pooled: AUC %.3f, calibration error %.3f\n", AUC(confidence, right), ECE(confidence, right))
	return WriteReliability(w, Reliability(confidence, right))
}

// Pooled is the confidence of every answer to every set, and whether its first
// hit was right.
func Pooled(sets []Named, reports map[string]Report) (confidence []float64, right []bool) {
	for _, s := range sets {
		c, r := reports[s.Name].Trust(s.Set)
		confidence, right = append(confidence, c...), append(right, r...)
	}
	return confidence, right
}

// Trust is the confidence of each answer, and whether its first hit was right.
func (r Report) Trust(set Set) (confidence []float64, right []bool) {
	for _, a := range r.Answers {
		confidence = append(confidence, a.Confidence)
		right = append(right, len(a.Hits) > 0 && set.Grades[a.ID][a.Hits[0]] > 0)
	}
	return confidence, right
}
