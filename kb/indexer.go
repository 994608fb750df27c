package kb

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"sportello/internal/fault"
	"sportello/search"
)

// Indexer keeps a search index in step with a Store: published articles are in
// it, others are not. The index is derived and private to one process; doing
// the same work twice changes nothing. It is safe for concurrent use.
type Indexer struct {
	Store Store
	Index Index
	Log   *slog.Logger
	Poll  time.Duration    // how often to look for changes of other processes, half a second if zero
	Now   func() time.Time // time.Now if nil

	once   sync.Once
	wake   chan struct{}
	atWork sync.Mutex
}

// batchSize is how many changes share one update of the index.
const batchSize = 500

// Index is an index that can be built anew while it goes on answering.
type Index interface {
	search.Derived

	// Renew lets fill apply everything to an empty index, which then takes the
	// place of this one. If fill fails, nothing has changed.
	Renew(ctx context.Context, fill func(empty search.Derived) error) error
}

// Heeder is an Index that minds what people said of the articles.
type Heeder interface {
	// SetFeedback says it, until it is said anew.
	SetFeedback(said map[search.Key]search.Feedback)
}

// Notify says that there may be changes. It never waits.
func (x *Indexer) Notify() {
	select {
	case x.woken() <- struct{}{}:
	default:
	}
}

func (x *Indexer) woken() chan struct{} {
	x.once.Do(func() { x.wake = make(chan struct{}, 1) })
	return x.wake
}

// feedbackEvery is how often the index hears what people said meanwhile.
const feedbackEvery = 5 * time.Minute

// Run follows the changes, and what people say of articles, until ctx ends. A
// failure is logged and tried again.
func (x *Indexer) Run(ctx context.Context) {
	poll := x.Poll
	if poll <= 0 {
		poll = 500 * time.Millisecond
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	listen := time.NewTicker(feedbackEvery)
	defer listen.Stop()
	for {
		if n, err := x.CatchUp(ctx); err != nil && ctx.Err() == nil {
			x.Log.ErrorContext(ctx, "index not updated", "error", err)
		} else if n > 0 {
			x.Log.InfoContext(ctx, "index updated", "changes", n, "seq", x.Index.Seq())
		}
		select {
		case <-ctx.Done():
			return
		case <-x.woken():
		case <-tick.C:
		case <-listen.C:
			if err := x.Heed(ctx); err != nil && ctx.Err() == nil {
				x.Log.ErrorContext(ctx, "feedback not heeded", "error", err)
			}
		}
	}
}

// Heed tells the index what people said of its articles, if it is a Heeder;
// none is indexed again for that.
func (x *Indexer) Heed(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "tell the search index what people said")
	index, minds := x.Index.(Heeder)
	if !minds {
		return nil
	}
	now := time.Now()
	if x.Now != nil {
		now = x.Now()
	}
	judgements, err := x.Store.Judgements(ctx, now.Add(-FeedbackWindow))
	if err != nil {
		return err
	}
	heard := map[search.Key]search.Feedback{}
	for key, f := range Feedback(judgements, now) {
		heard[search.Key(key)] = f
	}
	index.SetFeedback(heard)
	return nil
}

// CatchUp applies the changes that the index lacks and returns how many. If
// the index is ahead of the store, a database was restored from a copy: then
// everything is indexed again.
func (x *Indexer) CatchUp(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "bring the search index up to date")
	x.atWork.Lock()
	last, err := x.Store.LastChange(ctx)
	ahead := err == nil && x.Index.Seq() > last
	if err == nil && x.Index.Seq() < last {
		n, err = follow(ctx, x.Store, x.Index, x.Index.Seq(), nil)
	}
	x.atWork.Unlock()
	if ahead {
		return int(last), x.Rebuild(ctx, nil)
	}
	return n, err
}

// Rebuild indexes every published article again, while searches and changes go
// on. progress, if any, hears how many articles are done.
func (x *Indexer) Rebuild(ctx context.Context, progress func(done, total int)) (err error) {
	defer fault.Wrap(&err, "rebuild the search index")
	var step func(done int)
	if progress != nil {
		all, err := x.Store.Articles(ctx, Filter{})
		if err != nil {
			return err
		}
		step = func(done int) { progress(done, max(len(all), done)) } // articles may be added meanwhile
	}
	alone := false
	defer func() {
		if alone {
			x.atWork.Unlock()
		}
	}()
	return x.Index.Renew(ctx, func(empty search.Derived) error {
		if _, err := follow(ctx, x.Store, empty, 0, step); err != nil {
			return err
		}
		x.atWork.Lock() // what came meanwhile is in the old index: let it be in the new one, and no more come
		alone = true
		_, err := follow(ctx, x.Store, empty, empty.Seq(), nil)
		return err
	})
}

func follow(ctx context.Context, store Store, index search.Derived, after int64, progress func(done int)) (done int, err error) {
	for {
		changes, err := store.Changes(ctx, after, batchSize)
		if err != nil {
			return done, err
		}
		if len(changes) == 0 {
			return done, finish(ctx, index, after)
		}
		var put []search.Document
		var remove []search.Key
		for _, c := range changes {
			if c.Article.Status == Published {
				put = append(put, c.Article.Document())
			} else {
				remove = append(remove, search.Key(c.Article.Key()))
			}
			after = c.Seq
		}
		if err := index.Apply(ctx, after, put, remove); err != nil {
			return done, err
		}
		done += len(changes)
		if progress != nil {
			progress(done)
		}
	}
}

// finish gives the index the number it has reached, where no change did: an
// index that was ahead of an empty store must not stay ahead.
func finish(ctx context.Context, index search.Derived, reached int64) error {
	if index.Seq() == reached {
		return nil
	}
	return index.Apply(ctx, reached, nil, nil)
}
