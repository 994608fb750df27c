package kb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sportello/account"
	"sportello/kb"
	"sportello/search"
)

// shelf is an index that remembers what it was given.
type shelf struct {
	search.Index // what the indexer does not use
	mu           sync.Mutex
	seq          int64
	docs         map[search.Key]search.Document
	applied      int
	refuse       error
	heard        []map[search.Key]search.Feedback
}

func (s *shelf) Seq() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seq
}

func (s *shelf) Apply(_ context.Context, seq int64, put []search.Document, remove []search.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		return s.refuse
	}
	if s.docs == nil {
		s.docs = map[search.Key]search.Document{}
	}
	for _, d := range put {
		s.docs[search.Key{ID: d.ID, Lang: d.Lang}] = d
	}
	for _, k := range remove {
		delete(s.docs, k)
	}
	s.seq = seq
	s.applied++
	return nil
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = err
}

func (s *shelf) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for k := range maps.Keys(s.docs) {
		ids = append(ids, k.ID)
	}
	slices.Sort(ids)
	return ids
}

// Renew fills a new shelf, and then holds what is on it.
func (s *shelf) Renew(_ context.Context, fill func(search.Derived) error) error {
	fresh := &shelf{}
	if err := fill(fresh); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.docs, s.seq = fresh.docs, fresh.seq
	return nil
}

func (s *shelf) SetFeedback(said map[search.Key]search.Feedback) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, said)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func many(n int) []kb.Article {
	var all []kb.Article
	for i := range n {
		all = append(all, article(fmt.Sprintf("a%04d", i), "it"))
	}
	return all
}

func TestTheIndexHoldsWhatIsPublished(t *testing.T) {
	l, s := openLibrary(t), &shelf{}
	x := &kb.Indexer{Store: l.Store, Index: s, Log: quiet()}
	draft := article("draft", "it")
	draft.Status = kb.Draft
	_, err := l.Import(t.Context(), []kb.Article{article("a", "it"), article("b", "it"), draft}, kb.Shipped)
	must(t, err)
	catchUp := func(what string, changes int, want ...string) {
		t.Helper()
		n, err := x.CatchUp(t.Context())
		must(t, err)
		if n != changes {
			t.Errorf("%s: %d changes, want %d", what, n, changes)
		}
		if diff := cmp.Diff(want, s.ids()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	catchUp("at first", 3, "a", "b")
	catchUp("again", 0, "a", "b")
	_, err = l.Move(t.Context(), reviewer, kb.Key{ID: "b", Lang: "it"}, 1, kb.Archived)
	must(t, err)
	_, err = l.Move(t.Context(), reviewer, kb.Key{ID: "draft", Lang: "it"}, 1, kb.Review)
	must(t, err)
	_, err = l.Move(t.Context(), reviewer, kb.Key{ID: "draft", Lang: "it"}, 2, kb.Published)
	must(t, err)
	catchUp("after moves", 2, "a", "draft")
	if diff := cmp.Diff(article("a", "it").Document(), s.docs[search.Key{ID: "a", Lang: "it"}]); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestManyChangesComeInBatches(t *testing.T) {
	l, s := openLibrary(t), &shelf{}
	_, err := l.Import(t.Context(), many(1201), kb.Shipped)
	must(t, err)
	x := &kb.Indexer{Store: l.Store, Index: s, Log: quiet()}
	n, err := x.CatchUp(t.Context())
	must(t, err)
	if n != 1201 || len(s.ids()) != 1201 || s.applied != 3 || s.Seq() != 1201 {
		t.Errorf("%d changes, %d documents, %d updates, at %d", n, len(s.ids()), s.applied, s.Seq())
	}
	var heard []int
	must(t, x.Rebuild(t.Context(), func(done, total int) {
		if total != 1201 {
			t.Errorf("total %d", total)
		}
		heard = append(heard, done)
	}))
	if diff := cmp.Diff([]int{500, 1000, 1201}, heard); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestAnIndexAheadOfTheDatabaseIsRebuilt(t *testing.T) {
	for name, empty := range map[string]bool{"of a few articles": false, "of none": true} {
		t.Run(name, func(t *testing.T) {
			l, s := openLibrary(t), &shelf{}
			must(t, s.Apply(t.Context(), 99, []search.Document{{ID: "ghost", Lang: "it"}}, nil))
			var want []string
			last := int64(0)
			if !empty {
				_, err := l.Import(t.Context(), many(2), kb.Shipped)
				must(t, err)
				want, last = []string{"a0000", "a0001"}, 2
			}
			_, err := (&kb.Indexer{Store: l.Store, Index: s, Log: quiet()}).CatchUp(t.Context())
			must(t, err)
			if diff := cmp.Diff(want, s.ids()); diff != "" || s.Seq() != last {
				t.Errorf("at %d (-want +got):\n%s", s.Seq(), diff)
			}
		})
	}
}

// What is published while the index is built again is found at once, and
// still is when the new one is in use.
func TestChangesGoOnWhileTheIndexIsBuiltAgain(t *testing.T) {
	l, s := openLibrary(t), &shelf{}
	_, err := l.Import(t.Context(), many(600), kb.Shipped)
	must(t, err)
	x := &kb.Indexer{Store: l.Store, Index: s, Log: quiet()}
	_, err = x.CatchUp(t.Context())
	must(t, err)
	must(t, s.Apply(t.Context(), s.Seq(), []search.Document{{ID: "ghost", Lang: "it"}}, nil))
	heard := 0
	must(t, x.Rebuild(t.Context(), func(int, int) {
		if heard++; heard > 1 {
			return
		}
		_, err := l.Import(t.Context(), []kb.Article{article("new", "it")}, kb.Local)
		must(t, err)
		_, err = l.Move(t.Context(), reviewer, kb.Key{ID: "a0001", Lang: "it"}, 1, kb.Archived)
		must(t, err)
		n, err := x.CatchUp(t.Context())
		must(t, err)
		if n != 2 || len(s.ids()) != 601 || !slices.Contains(s.ids(), "new") {
			t.Errorf("meanwhile %d changes, %d documents", n, len(s.ids()))
		}
	}))
	ids := s.ids()
	if len(ids) != 600 || !slices.Contains(ids, "new") || slices.Contains(ids, "a0001") || slices.Contains(ids, "ghost") || s.Seq() != 602 {
		t.Errorf("%d documents at change %d", len(ids), s.Seq())
	}
	if n, err := x.CatchUp(t.Context()); n != 0 || err != nil {
		t.Errorf("%d changes, %v", n, err)
	}
}

// still is a store that holds one published article and never waits, so that
// a test may stop the clock.
type still struct {
	kb.Store
	mu   sync.Mutex
	last int64
}

func (s *still) change() {
	s.mu.Lock()
	s.last++
	s.mu.Unlock()
}

func (s *still) LastChange(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, nil
}

func (s *still) Changes(_ context.Context, after int64, _ int) ([]kb.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if after >= s.last {
		return nil, nil
	}
	return []kb.Change{{Seq: s.last, Article: kb.Article{ID: "a", Lang: "it", Status: kb.Published, Audience: account.All}}}, nil
}

func (s *still) Judgements(context.Context, time.Time) ([]kb.Judgement, error) { return nil, nil }

func TestTheIndexHearsWhatPeopleSaidWithoutIndexingAnew(t *testing.T) {
	l := openLibrary(t)
	must(t, l.Store.Save(t.Context(), article("vpn", "it")))
	for i, helpful := range []bool{true, true, false} {
		if err := l.Store.RecordVote(t.Context(), kb.Vote{Article: kb.Key{ID: "vpn", Lang: "it"}, Voter: fmt.Sprint(i), Helpful: helpful, At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	index := &shelf{}
	x := &kb.Indexer{Store: l.Store, Index: index, Log: quiet(), Now: func() time.Time { return noon }}
	if err := x.Heed(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := index.heard[0][search.Key{ID: "vpn", Lang: "it"}]
	if f.Solved != 2 || f.Judged != 3 || f.Push == 0 {
		t.Errorf("it heard %+v", f)
	}
	if index.applied != 0 {
		t.Error("articles were indexed for that")
	}
}

func TestTheIndexHearsEveryFewMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		index := &shelf{}
		x := &kb.Indexer{Store: &still{}, Index: index, Log: quiet()}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); x.Run(ctx) }()
		time.Sleep(16 * time.Minute)
		synctest.Wait()
		stop()
		<-ended
		if n := len(index.heard); n != 3 {
			t.Errorf("in a quarter of an hour it heard %d times, want 3", n)
		}
	})
}

func TestTheIndexerRunsUntilItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		index, store := &shelf{}, &still{}
		x := &kb.Indexer{Store: store, Index: index, Log: quiet()}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); x.Run(ctx) }()
		at := func(what string, want int64) {
			t.Helper()
			synctest.Wait()
			if got := index.Seq(); got != want {
				t.Errorf("%s: at change %d, want %d", what, got, want)
			}
		}
		at("before any change", 0)
		store.change()
		at("before it is told", 0)
		x.Notify()
		x.Notify()
		at("once it is told", 1)
		store.change()
		time.Sleep(500 * time.Millisecond)
		at("when it looks for itself", 2)
		index.fail(errors.New("disk full"))
		store.change()
		x.Notify()
		at("while the index fails", 2)
		index.fail(nil)
		time.Sleep(500 * time.Millisecond)
		at("when it works again", 3)
		stop()
		<-ended
	})
}
