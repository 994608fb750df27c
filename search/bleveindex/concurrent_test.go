package bleveindex

import (
	"fmt"
	"sync"
	"testing"
	"time"

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
	const parts = 10 // so large a change is not put in at one go
	began := x.Seq()
	// within tells the change after which the next is being applied now.
	within := func() (seq int64, is bool) {
		seq = x.Seq()
		n, _ := x.Documents()
		return seq, n > len(desk())+int(seq-began)*parts*len(many(0)) && x.Seq() == seq
	}
	seen, stop := make(chan struct{}), make(chan struct{})
	var reader sync.WaitGroup
	defer reader.Wait()
	defer close(stop)
	reader.Go(func() {
		defer close(seen)
		for {
			select {
			case <-stop:
				t.Error("no search began and ended while a change was being applied")
				return
			case <-time.After(100 * time.Microsecond): // changes make way for searches: let them go on in between
			}
			before, begun := within()
			if got := first(ask(t, x, "il lettore lampeggia")); got != "smart-card" {
				t.Errorf("found %q", got)
				return
			}
			if after, goesOn := within(); begun && goesOn && before == after {
				return
			}
		}
	})
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); {
		var docs []search.Document
		for part := range parts {
			for _, d := range many(part) {
				d.ID += fmt.Sprintf(" of part %d, change %d", part, x.Seq()+1)
				docs = append(docs, d)
			}
		}
		if err := x.Apply(t.Context(), x.Seq()+1, docs, nil); err != nil {
			t.Fatal(err)
		}
		select {
		case <-seen:
			return
		default:
		}
	}
}
