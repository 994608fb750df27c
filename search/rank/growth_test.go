package rank_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sportello/search"
	"sportello/search/rank"
)

func TestPaddingRecombinesSentencesAndKeepsQuestions(t *testing.T) {
	set := rank.Set{
		Articles: []rank.Article{
			{ID: "a", Title: "La stampante", Body: "Controlli la carta. Svuoti la coda! Poi riavvii.", Tags: []string{"stampa"}},
			{ID: "b", Title: "La VPN", Body: "Controlli la rete di casa.\nRiavvii il client."},
		},
		Questions: []rank.Question{{ID: "q", Text: "la stampante non va"}},
	}
	grown := rank.Pad(set, 40, 7)
	docs := grown.Docs()
	if len(docs) != 40 || len(grown.Questions) != 1 {
		t.Fatalf("%d articles, %d questions", len(docs), len(grown.Questions))
	}
	if diff := cmp.Diff(set.Docs(), docs[:2]); diff != "" {
		t.Errorf("the articles of the set changed:\n%s", diff)
	}
	known := strings.NewReplacer("Controlli la carta.", "", "Svuoti la coda!", "", "Poi riavvii.", "", "Controlli la rete di casa.", "", "Riavvii il client.", "", " ", "")
	texts, ids := map[string]bool{}, map[string]bool{}
	for _, d := range docs[2:] {
		ids[d.ID] = true
		text := d.Sections[0].Text
		texts[text] = true
		if rest := known.Replace(text); text == "" || rest != "" {
			t.Errorf("%q holds %q, which is no sentence of the set", text, rest)
		}
		if d.Title != "La stampante" && d.Title != "La VPN" || d.Audience != search.All || d.Lang != "it" || len(text) > 2*len("Controlli la carta. Svuoti la coda! Poi riavvii.") {
			t.Errorf("unlike the articles of the set: %+v", d)
		}
	}
	if len(ids) != 38 || len(texts) < 10 {
		t.Errorf("%d IDs, %d different texts", len(ids), len(texts))
	}
	if diff := cmp.Diff(docs, rank.Pad(set, 40, 7).Docs()); diff != "" {
		t.Errorf("the same seed gives other articles:\n%s", diff)
	}
	if cmp.Equal(docs, rank.Pad(set, 40, 8).Docs()) {
		t.Error("another seed gives the same articles")
	}
}

// Sizes that a set is grown to: quality is judged at the first, speed at the
// second.
var grown = []int{50_000, 100_000}

// lostMore is how much more MRR than the textbook we may lose before the test
// fails: half of what a sample of a thousand questions blurs.
const lostMore = 0.01

// bars of the cost of one search, in milliseconds, by how many articles there
// are at most.
var bars = []struct {
	articles int
	p50, p99 float64
}{{2_007, 1.5, 6}, {100_000, 25, 25}}

// TestGrowthCostsNoMoreThanTrueBM25 runs with -rank only. So that other
// programs on the machine do not decide, the bars are held against the time of
// the core that a search took.
func TestGrowthCostsNoMoreThanTrueBM25(t *testing.T) {
	if !*all {
		t.Skip("with -rank only")
	}
	set := largest(sets(t))
	if set.Set.Documents != nil {
		t.Skip("no development sets at hand")
	}
	set.Set.Questions = every(4, set.Set.Questions)
	open, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	timed := &stopwatch{open: open}
	engines := []rank.Engine{{Name: "bleve it", Open: stockBleve}, {Name: "true BM25", Open: trueBM25}, {Name: "ours", Open: timed.Open}}
	lines, err := rank.Grow(t.Context(), t.Output(), engines, set, grown, 1)
	if err != nil {
		t.Fatal(err)
	}
	us, textbook := lines["ours"], lines["true BM25"]
	for i, g := range us {
		if g.Lost > textbook[i].Lost+lostMore {
			t.Errorf("at %d articles we lose %.3f of MRR, true BM25 %.3f", g.Articles, g.Lost, textbook[i].Lost)
		}
		p50, p99 := timed.spread(i)
		fmt.Fprintf(t.Output(), "%d articles, ours on a core of its own: p50 %.2f ms, p99 %.2f ms\n", g.Articles, p50, p99)
		for _, bar := range bars {
			if g.Articles <= bar.articles {
				if p50 > bar.p50 || p99 > bar.p99 {
					t.Errorf("the bars at %d articles are %g and %g ms", bar.articles, bar.p50, bar.p99)
				}
				break
			}
		}
	}
}

// stopwatch opens indexes whose searches it times.
type stopwatch struct {
	open   rank.Open
	mu     sync.Mutex
	opened [][]float64 // milliseconds, by index
}

// timedIndex is one of them.
type timedIndex struct {
	search.Index
	watch *stopwatch
	n     int
}

func (w *stopwatch) Open(dir string) (search.Index, error) {
	index, err := w.open(dir)
	w.opened = append(w.opened, nil)
	return timedIndex{index, w, len(w.opened) - 1}, err
}

func (x timedIndex) Search(ctx context.Context, q search.Query) (search.Result, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := worked()
	r, err := x.Index.Search(ctx, q)
	took := worked() - start
	x.watch.mu.Lock()
	defer x.watch.mu.Unlock()
	x.watch.opened[x.n] = append(x.watch.opened[x.n], float64(took.Microseconds())/1000)
	return r, err
}

// spread is the median and the slowest hundredth of an index.
func (w *stopwatch) spread(n int) (p50, p99 float64) {
	times := slices.Sorted(slices.Values(w.opened[n]))
	if len(times) == 0 {
		return math.Inf(1), math.Inf(1)
	}
	return times[len(times)/2], times[len(times)*99/100]
}

// largest is the set with the most questions.
func largest(sets []rank.Named) rank.Named {
	return slices.MaxFunc(sets, func(a, b rank.Named) int { return len(a.Set.Questions) - len(b.Set.Questions) })
}

// every returns each n-th question.
func every(n int, all []rank.Question) (some []rank.Question) {
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}
