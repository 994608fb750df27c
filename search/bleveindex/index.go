// Package bleveindex is search.Index on bleve.
//
// bleve (scorch, on disk) is where documents live: one batch stores them
// together with the number of the last change, survives a crash, and keeps
// other processes out. What a question is looked up with lives in memory, in
// postings of our own, read from there at start.
//
// Ranking is not left to bleve because its BM25 takes the mean length of a
// field from the number of distinct words, squares idf, scales each synonym by
// how many others matched, and allows no field-wise saturation; re-scoring its
// best candidates mends this, but the candidates cost more (an OR over the
// repaired and related words of a question takes bleve several milliseconds)
// than scoring every document with compact postings: a whole search takes some
// 0.3 ms among 2,000 articles. Memory stays small, about 5 KB an article.
package bleveindex

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"sportello/internal/fault"
	"sportello/search"
)

var _ search.Index = (*Index)(nil)

// Options tell an index what people call things.
type Options struct {
	Synonyms     search.Synonyms
	Applications []search.Application
}

// Index keeps documents in a folder, or in memory only.
type Index struct {
	options Options
	close   sync.Once
	closed  error         // what closing said
	asked   *atomic.Int64 // when somebody searched last, in Unix nanoseconds
	renewal sync.Mutex    // held while the index is built anew

	change sync.Mutex // held while documents are stored, so that changes have one order
	folder *folder    // nil in memory, and once it is somebody else's
	joins  bool       // it is being built to take the place of another, whose folder it writes to
	from   int64      // the change at which its renewal began, -1 if there is none or it ended well

	mu       sync.RWMutex
	shards   map[string]*shard                     // by language
	feedback map[string]map[string]search.Feedback // by language and ID
	state    state
	stale    bool
}

// Open opens the index in dir, or makes an empty one there; with no dir it
// lives in memory. It fails with ErrLocked at once if another process holds
// dir, and with ErrRebuild if what is there cannot be used. One that was made
// by another version of the analysis, or whose renewal was cut short, can be
// used, but see Stale.
func Open(dir string, o Options) (x *Index, err error) {
	defer fault.Wrap(&err, "open search index")
	x = &Index{options: o, shards: map[string]*shard{}, asked: new(atomic.Int64), from: -1}
	if dir == "" {
		return x, nil
	}
	f, fresh, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	x.folder = f
	if fresh {
		return x, nil
	}
	if x.state, x.stale, err = f.load(func(p *prepared) { x.shard(p.doc.Lang).put(p) }); err != nil {
		f.close()
		return nil, err
	}
	return x, nil
}

// Stale reports whether the index, though it answers, should be renewed.
func (x *Index) Stale() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.stale
}

// Close ends the use of the index; to close it again does nothing.
func (x *Index) Close() error { return x.Release() }

// Release gives the folder back to other processes. Searches go on, and
// changes are kept in memory only: whoever opens the folder next has to apply
// them again.
func (x *Index) Release() error {
	x.close.Do(func() {
		x.change.Lock()
		defer x.change.Unlock()
		if x.folder != nil && !x.joins {
			x.closed = x.folder.close()
		}
		x.folder = nil
	})
	return x.closed
}

// Seq is the last change applied.
func (x *Index) Seq() int64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.state.seq
}

// Documents is the number of documents that can be found.
func (x *Index) Documents() (int, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	n := 0
	for _, s := range x.shards {
		n += len(s.byID)
	}
	return n, nil
}

// Apply stores and removes documents in one batch. Searches go on meanwhile:
// they see each document as it was or as it is, and all of them as they are
// once Apply returns.
func (x *Index) Apply(ctx context.Context, seq int64, put []search.Document, remove []search.Key) (err error) {
	defer fault.Wrap(&err, "apply change %d to the search index", seq)
	x.change.Lock()
	defer x.change.Unlock()
	cores := runtime.GOMAXPROCS(0)
	if x.busy() {
		cores = (cores + 1) / 2
	}
	all := prepareAll(put, x.folder != nil, cores)
	after := state{seq, x.sumAfter(all, remove)}
	switch {
	case x.folder == nil:
	case x.joins:
		err = x.folder.keep(ctx, all, remove, nil, "")
	default:
		kept := after
		if x.from >= 0 { // what a renewal writes may be older: begin again where it began
			kept.seq = x.from
		}
		err = x.folder.keep(ctx, all, remove, &kept, "")
	}
	if err != nil {
		return err
	}
	x.update(all, remove)
	x.compact()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.state = after
	return nil
}

// sumAfter is the sum of all documents after a change.
func (x *Index) sumAfter(put []*prepared, remove []search.Key) uint64 {
	sum := x.state.sum
	changed := map[search.Key]uint32{}
	set := func(k search.Key, to uint32) {
		was, again := changed[k]
		if s := x.shards[k.Lang]; !again && s != nil {
			if n, known := s.byID[k.ID]; known {
				was = s.documents[n].sum
			}
		}
		sum += uint64(to) - uint64(was)
		changed[k] = to
	}
	for _, k := range remove {
		set(k, 0)
	}
	for _, p := range put {
		set(p.key(), p.sum)
	}
	return sum
}

// While somebody searches, changes hold searches up for a moment at a time,
// and leave them alone for longer.
const (
	hold = 500 * time.Microsecond
	rest = 3 * time.Millisecond
)

// busy reports whether somebody searched a moment ago.
func (x *Index) busy() bool {
	return time.Now().UnixNano()-x.asked.Load() < int64(100*time.Millisecond)
}

// update changes what is in memory.
func (x *Index) update(put []*prepared, remove []search.Key) {
	for todo := len(remove) + len(put); todo > 0; {
		x.mu.Lock()
		for start := time.Now(); todo > 0 && time.Since(start) < hold; todo-- {
			if len(remove) > 0 {
				if s := x.shards[remove[0].Lang]; s != nil {
					s.remove(remove[0].ID)
				}
				remove = remove[1:]
				continue
			}
			x.shard(put[0].doc.Lang).put(put[0])
			put = put[1:]
		}
		x.mu.Unlock()
		if todo > 0 && x.busy() {
			time.Sleep(rest)
		}
	}
}

// compact closes the gaps of shards that have many. Searches read on in the
// old one until the new one is there.
func (x *Index) compact() {
	for lang, s := range x.shards { // only who holds x.change changes them
		if s.wasteful() {
			c := s.compacted()
			x.mu.Lock()
			x.shards[lang] = c
			x.mu.Unlock()
		}
	}
}

// Renew builds the index anew while searches and changes go on in the old one.
// fill applies every document to an empty index, which then takes the place of
// the old at once. If fill fails, or the process ends, the old one stays, or
// is there again at the next start, stale.
func (x *Index) Renew(ctx context.Context, fill func(empty search.Derived) error) (err error) {
	defer fault.Wrap(&err, "renew the search index")
	x.renewal.Lock()
	defer x.renewal.Unlock()
	x.change.Lock()
	fresh := &Index{options: x.options, shards: map[string]*shard{}, asked: x.asked, folder: x.folder, joins: true}
	if x.folder != nil {
		err = x.folder.setVersion(unfinished)
	}
	if x.from < 0 {
		x.from = x.state.seq
	}
	x.change.Unlock()
	if err != nil {
		return err
	}
	err = fill(fresh)
	x.change.Lock()
	defer x.change.Unlock()
	if err == nil && x.folder != nil {
		err = x.folder.keep(ctx, nil, x.missingIn(fresh), &fresh.state, version)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil {
		x.stale = true
		return err
	}
	x.from = -1
	for lang, s := range fresh.shards {
		s.feedback = x.feedback[lang]
	}
	x.shards, x.state, x.stale = fresh.shards, fresh.state, false
	return nil
}

// missingIn returns the keys of documents that x has and other lacks.
func (x *Index) missingIn(other *Index) (only []search.Key) {
	for lang, s := range x.shards {
		for id := range s.byID {
			if o := other.shards[lang]; o == nil {
				only = append(only, search.Key{ID: id, Lang: lang})
			} else if _, known := o.byID[id]; !known {
				only = append(only, search.Key{ID: id, Lang: lang})
			}
		}
	}
	return only
}

// shard returns the part of one language, made if missing.
func (x *Index) shard(lang string) *shard {
	s := x.shards[lang]
	if s == nil {
		s = newShard(lang, x.options)
		s.feedback = x.feedback[lang]
		x.shards[lang] = s
	}
	return s
}

// SetFeedback says what people said of the documents, from now on and until it
// is said anew. It moves a document by at most tuned.feedback points, so it
// decides between near ties only.
func (x *Index) SetFeedback(all map[search.Key]search.Feedback) {
	feedback := map[string]map[string]search.Feedback{}
	for key, f := range all {
		if feedback[key.Lang] == nil {
			feedback[key.Lang] = map[string]search.Feedback{}
		}
		feedback[key.Lang][key.ID] = f
	}
	x.change.Lock()
	defer x.change.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.feedback = feedback
	for lang, s := range x.shards {
		s.feedback = feedback[lang]
	}
}
