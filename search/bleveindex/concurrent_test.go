package bleveindex

import (
	"fmt"
	"sync"
	"testing"

	"sportello/search"
)

func TestSearchesGoOnWhileChangesAreApplied(t *testing.T) {
	x := filled(t, Options{})
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r, err := x.Search(t.Context(), search.Query{Text: "il letore lampeggia", Lang: "it", Explain: true})
				if err != nil || first(r) != "smart-card" {
					t.Errorf("found %q, %v", first(r), err)
					return
				}
				if _, err := x.Suggest(t.Context(), search.Query{Text: "passw", Lang: "it"}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	readers.Go(func() {
		for i := range 100 {
			x.SetFeedback(map[search.Key]search.Feedback{{ID: "smart-card", Lang: "it"}: {Push: float64(i%3) - 1}})
		}
	})
	for i := range 200 {
		seq := int64(8 + i)
		d := search.Document{ID: fmt.Sprint("new", i%10), Lang: "it", Title: fmt.Sprint("Novità numero ", i), Sections: []search.Section{{Text: "Testo della novità."}}}
		if err := x.Apply(t.Context(), seq, []search.Document{d}, nil); err != nil {
			t.Fatal(err)
		}
		if got := first(ask(t, x, fmt.Sprint("novità ", i))); got != d.ID {
			t.Fatalf("change %d is not found at once: %q", i, got)
		}
	}
	close(done)
	readers.Wait()
}

func TestAShardWithManyGapsIsCompacted(t *testing.T) {
	x := filled(t, Options{})
	docs := desk()[:3]
	for range 400 {
		if err := x.Apply(t.Context(), x.Seq()+1, docs, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(x.shards["it"].documents); n > 1100 {
		t.Errorf("%d places for 5 documents", n)
	}
	if got := first(ask(t, x, "password dimenticata")); got != "password-scaduta" {
		t.Errorf("found %q", got)
	}
	if n, _ := x.Documents(); n != len(desk()) {
		t.Errorf("%d documents", n)
	}
}

func TestASearchDoesNotWaitForALargeChange(t *testing.T) {
	x := filled(t, Options{})
	docs := many(0)
	searched := make(chan int)
	done := make(chan struct{})
	go func() {
		n := 0
		defer func() { searched <- n }()
		for {
			select {
			case <-done:
				return
			default:
			}
			if got := first(ask(t, x, "il lettore lampeggia")); got != "smart-card" {
				t.Errorf("found %q", got)
				return
			}
			if found, _ := x.Documents(); found > len(desk()) && found < len(desk())+len(docs) {
				n++ // in the middle of the change
			}
		}
	}()
	if err := x.Apply(t.Context(), 8, docs, nil); err != nil {
		t.Fatal(err)
	}
	close(done)
	if n := <-searched; n == 0 {
		t.Error("no search ended while a change was being applied")
	}
}
