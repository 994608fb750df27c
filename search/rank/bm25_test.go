package rank_test

import (
	"cmp"
	"context"
	"math"
	"slices"

	"sportello/search"
	"sportello/search/analysis"
)

// bm25 is the textbook: title and body as one field, k1 1.2, b 0.75, the mean
// length that of the articles, over the words of our analysis. It is what an
// engine may lose as articles grow.
type bm25 struct {
	ids      []string
	lengths  []float64
	total    float64
	postings map[string][]occurrence
}

type occurrence struct {
	document int32
	times    float32
}

func trueBM25(string) (search.Index, error) {
	x := &bm25{postings: map[string][]occurrence{}}
	return &peer{put: x.put, find: x.find, close: func() error { return nil }}, nil
}

func (x *bm25) put(docs []search.Document) error {
	for _, d := range docs {
		n := int32(len(x.ids))
		counts := map[string]float32{}
		length := 0.0
		for _, text := range []string{d.Title, whole(d)} {
			for _, w := range analysis.Analyze(d.Lang, text) {
				counts[w.Term]++
				length++
			}
		}
		for term, times := range counts {
			x.postings[term] = append(x.postings[term], occurrence{n, times})
		}
		x.ids = append(x.ids, d.ID)
		x.lengths = append(x.lengths, length)
		x.total += length
	}
	return nil
}

func (x *bm25) find(_ context.Context, text string, limit int) ([]string, error) {
	const k1, b = 1.2, 0.75
	n := float64(len(x.ids))
	mean := x.total / n
	scores := make([]float64, len(x.ids))
	var found []int
	for _, w := range analysis.Analyze(analysis.Italian, text) {
		df := float64(len(x.postings[w.Term]))
		idf := math.Log1p((n - df + 0.5) / (df + 0.5))
		for _, o := range x.postings[w.Term] {
			if scores[o.document] == 0 {
				found = append(found, int(o.document))
			}
			tf := float64(o.times)
			scores[o.document] += idf * tf * (k1 + 1) / (tf + k1*(1-b+b*x.lengths[o.document]/mean))
		}
	}
	var best []int
	for _, i := range found {
		at, _ := slices.BinarySearchFunc(best, i, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
		if at < limit {
			best = slices.Insert(best, at, i)[:min(len(best)+1, limit)]
		}
	}
	var ids []string
	for _, i := range best {
		ids = append(ids, x.ids[i])
	}
	return ids, nil
}
