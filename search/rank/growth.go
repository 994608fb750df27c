package rank

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"sportello/internal/fault"
)

// Growth is what an engine reaches on a set as it is, and grown to some size.
type Growth struct {
	Articles int
	Report   Report
	Lost     float64 // MRR@10 lost by growing
}

// Grow measures engines on a set as it is and padded to each of the sizes,
// and writes one line for each: quality and cost, and what growing cost. It
// returns the lines by the engine's name, the set as it is first.
func Grow(ctx context.Context, w io.Writer, engines []Engine, set Named, sizes []int, seed uint64) (grown map[string][]Growth, err error) {
	defer fault.Wrap(&err, "measure search as articles grow")
	grown = map[string][]Growth{}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\n%s\tengine\tMRR@10\tlost\tR@1\tp50 ms\tp99 ms\tper s\tindex s\tdisk MB\theap MB\n", set.Name)
	for _, n := range append([]int{0}, sizes...) {
		padded := Pad(set.Set, n, seed)
		for _, e := range engines {
			r, err := Evaluate(ctx, e.Open, padded, Options{})
			if err != nil {
				return nil, fmt.Errorf("%s at %d articles: %w", e.Name, n, err)
			}
			g := Growth{Articles: r.Index.Articles, Report: r}
			if before := grown[e.Name]; before != nil {
				g.Lost = before[0].Report.MRR - r.MRR
			}
			grown[e.Name] = append(grown[e.Name], g)
			fmt.Fprintf(t, "%d\t%s\t%.3f\t%.3f\t%.2f\t%.2f\t%.2f\t%.0f\t%.2f\t%.1f\t%.1f\n", g.Articles, e.Name, r.MRR, g.Lost, r.Recall1,
				r.Latency.P50, r.Latency.P99, r.QueriesPerSecond, r.Index.Seconds, float64(r.Index.Bytes)/1e6, float64(r.Heap)/1e6)
		}
		if err := t.Flush(); err != nil { // the next ones take a while
			return nil, err
		}
	}
	return grown, nil
}
