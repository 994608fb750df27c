package semantic

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"sportello/search"
)

// Comparing a question with every piece of every article: a title, three
// questions and three sections each, in vectors as small models give them.
func BenchmarkNearest(b *testing.B) {
	for _, n := range []int{2_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			const length, pieces = 384, 7
			chance := rand.New(rand.NewPCG(1, 2))
			random := func() vector {
				numbers := make([]float32, length)
				for i := range numbers {
					numbers[i] = chance.Float32() - .5
				}
				return newVector(numbers)
			}
			s := &shelf{}
			for i := range n {
				a := &article{id: fmt.Sprint(i), lang: "it", audience: search.All}
				for range pieces {
					one := &slot{}
					v := random()
					one.vector.Store(&v)
					a.pieces = append(a.pieces, shelved{one, 0})
				}
				s.articles = append(s.articles, a)
			}
			x := &Vectors{}
			x.shelves.Store(&map[string]*shelf{"it": s})
			question := random()
			for b.Loop() {
				if found, err := x.nearest(b.Context(), "it", []search.Audience{search.All}, question, depth); err != nil || len(found) != depth {
					b.Fatal(len(found), err)
				}
			}
		})
	}
}

// What a question waits at most, beside a server that takes from nothing to
// twice its time.
func BenchmarkQuestionsToAMoodyServer(b *testing.B) {
	s := set(b, func(c *Config) { c.Timeout = 100 * time.Millisecond })
	s.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-time.After(rand.N(200 * time.Millisecond)):
		case <-r.Context().Done():
		}
		return false
	})
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		s.clock.pass(longestPause) // else the line would be closed most of the time
		begin := time.Now()
		s.ask(b, fmt.Sprintf("cavo oppure microfono toner%d", n))
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "most-ms")
}

// The way by words with and without the wrapper: what a sure answer costs.
func BenchmarkSureAnswers(b *testing.B) {
	s := set(b, nil)
	for name, index := range map[string]search.Index{"words": s.index.(*Index).Index, "by meaning too": s.index} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := index.Search(b.Context(), search.Query{Text: "la stampante non stampa", Lang: "it", Audiences: []search.Audience{search.All}, Meaning: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
