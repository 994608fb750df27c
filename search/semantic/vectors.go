package semantic

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sportello/search"
)

var _ search.Derived = (*Vectors)(nil)

// Vectors is an index of articles by meaning, derived like the other one: a
// kb.Indexer of its own applies the changes, Run asks the endpoint for what is
// missing. Neither readers nor whoever publishes wait for it: an article whose
// vectors are not there yet is found by its words.
type Vectors struct {
	embedder search.Embedder
	line     *line
	config   Config
	log      *slog.Logger
	cache    cache
	wake     chan struct{}

	shelves atomic.Pointer[map[string]*shelf] // by language; replaced, never changed
	floors  atomic.Pointer[map[string]float64]

	mu      sync.Mutex
	seq     int64
	length  int // of every vector, zero while there is none
	broken  bool
	slots   map[key]*slot
	missing []*slot // in the order they came, those whose call failed last
	atOnce  int     // how many of them the next call asks for
	floored int     // vectors there were when the floors were measured
}

// slot is where the vector of a text is, once we have it.
type slot struct {
	key    key
	text   string // as it is sent; forgotten once there is a vector
	vector atomic.Pointer[vector]
}

// shelf holds the articles of one language.
type shelf struct {
	articles []*article
	at       map[string]int
}

// article is what is known of an article for comparing it with questions.
type article struct {
	id, lang, title string
	audience        search.Audience
	sections        []search.Section
	pieces          []shelved
	questions       []string
}

type shelved struct {
	*slot
	section int
}

// bulk is how many texts one call asks for, at most. After one that failed the
// next asks for a single other text: one that the server refuses, such as one
// too long for the model, shall keep no others out.
const bulk = 32

// bulkTime is how long it may take: models on a processor take their time, and
// nobody waits.
const bulkTime = time.Minute

func newVectors(e search.Embedder, c Config, o Options) (*Vectors, error) {
	x := &Vectors{
		embedder: e, line: newLine("articles", o), config: c, log: o.Log,
		cache: openCache(o.Dir, c.EmbeddingModel), wake: make(chan struct{}, 1), slots: map[key]*slot{}, atOnce: bulk,
	}
	x.shelves.Store(&map[string]*shelf{})
	x.floors.Store(&map[string]float64{})
	kept, length, broken, err := x.cache.read()
	if err != nil {
		return nil, err
	}
	x.length, x.broken = length, broken
	for k, v := range kept {
		s := &slot{key: k}
		s.vector.Store(&v)
		x.slots[k] = s
	}
	return x, nil
}

// Seq is the last change applied, 0 at the start of every process.
func (x *Vectors) Seq() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seq
}

// Apply takes articles in and out, and returns without asking the endpoint.
func (x *Vectors) Apply(_ context.Context, seq int64, put []search.Document, remove []search.Key) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.apply(maps.Clone(*x.shelves.Load()), seq, put, remove)
	return nil
}

// Renew fills an empty index that takes the place of this one; vectors of texts
// that are in both are not asked for again.
func (x *Vectors) Renew(_ context.Context, fill func(empty search.Derived) error) error {
	all := gathered{docs: map[search.Key]search.Document{}}
	if err := fill(&all); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.apply(map[string]*shelf{}, all.seq, slices.Collect(maps.Values(all.docs)), nil)
	return nil
}

// gathered are articles on their way into an index.
type gathered struct {
	seq  int64
	docs map[search.Key]search.Document
}

// Apply implements search.Derived.
func (g *gathered) Apply(_ context.Context, seq int64, put []search.Document, remove []search.Key) error {
	for _, k := range remove {
		delete(g.docs, k)
	}
	for _, d := range put {
		g.docs[search.Key{ID: d.ID, Lang: d.Lang}] = d
	}
	g.seq = seq
	return nil
}

// Seq implements search.Derived.
func (g *gathered) Seq() int64 { return g.seq }

// apply makes the next shelves, from which it may take what it does not
// change; x.mu is held.
func (x *Vectors) apply(next map[string]*shelf, seq int64, put []search.Document, remove []search.Key) {
	fresh := map[string]*shelf{} // copied already
	of := func(lang string) *shelf {
		if s := fresh[lang]; s != nil {
			return s
		}
		s := &shelf{at: map[string]int{}}
		if old := next[lang]; old != nil {
			s = &shelf{slices.Clone(old.articles), maps.Clone(old.at)}
		}
		fresh[lang], next[lang] = s, s
		return s
	}
	for _, k := range remove {
		of(k.Lang).remove(k.ID)
	}
	for _, d := range put {
		of(d.Lang).put(x.shelve(d))
	}
	x.shelves.Store(&next)
	x.seq = seq
	x.awake()
}

// lengthOfAll is how many numbers each vector has, zero while there is none.
func (x *Vectors) lengthOfAll() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.length
}

func (x *Vectors) awake() {
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// shelve finds or orders the vectors of an article; x.mu is held.
func (x *Vectors) shelve(d search.Document) *article {
	a := &article{id: d.ID, lang: d.Lang, title: d.Title, audience: d.Audience, sections: d.Sections, questions: d.Questions}
	for _, p := range piecesOf(d) {
		a.pieces = append(a.pieces, shelved{x.slot(x.config.PassagePrefix + p.text), p.section})
	}
	return a
}

func (x *Vectors) slot(text string) *slot {
	k := keyOf(text)
	s := x.slots[k]
	if s == nil {
		s = &slot{key: k, text: text}
		x.slots[k] = s
		x.missing = append(x.missing, s)
	}
	return s
}

func (s *shelf) put(a *article) {
	if i, known := s.at[a.id]; known {
		s.articles[i] = a
		return
	}
	s.at[a.id] = len(s.articles)
	s.articles = append(s.articles, a)
}

func (s *shelf) remove(id string) {
	i, known := s.at[id]
	if !known {
		return
	}
	last := len(s.articles) - 1
	s.articles[i] = s.articles[last]
	s.at[s.articles[i].id] = i
	s.articles = s.articles[:last]
	delete(s.at, id)
}

// Run asks for missing vectors until ctx ends.
func (x *Vectors) Run(ctx context.Context) {
	for {
		pause := time.Hour
		if err := x.Fill(ctx); err != nil {
			pause = max(x.line.wait(), time.Second)
		} else {
			x.Measure()
		}
		select {
		case <-ctx.Done():
			return
		case <-x.wake:
		case <-time.After(pause):
		}
	}
}

// Fill asks for missing vectors until there are none, or a call fails.
func (x *Vectors) Fill(ctx context.Context) error {
	x.orderSamples()
	for {
		x.mu.Lock()
		some := slices.Clone(x.missing[:min(x.atOnce, len(x.missing))])
		x.mu.Unlock()
		if len(some) == 0 {
			return nil
		}
		if err := x.fill(ctx, some); err != nil {
			x.postpone(len(some))
			return err
		}
	}
}

// postpone lets other texts go first.
func (x *Vectors) postpone(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.missing = append(x.missing[n:], x.missing[:n]...)
	x.atOnce = 1
}

func (x *Vectors) fill(ctx context.Context, some []*slot) error {
	texts := make([]string, len(some))
	for i, s := range some {
		texts[i] = s.text
	}
	return x.line.call(ctx, bulkTime, func(ctx context.Context) error {
		found, err := x.embedder.Embed(ctx, texts)
		if err != nil {
			return err
		}
		return x.keep(some, found)
	})
}

// keep puts vectors into their slots and on disk. A disk that is full costs a
// second call after a restart, not the search.
func (x *Vectors) keep(some []*slot, found [][]float32) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.length == 0 {
		x.length = len(found[0])
	}
	if len(found[0]) != x.length {
		return unusable("vectors have %d numbers now and had %d: if another model serves under this name, stop the service and run 'sportello reindex'", len(found[0]), x.length)
	}
	added := make(map[key]vector, len(some))
	for i, s := range some {
		v := newVector(found[i])
		s.vector.Store(&v)
		s.text, added[s.key] = "", v
	}
	x.missing = slices.DeleteFunc(x.missing, func(s *slot) bool { return s.vector.Load() != nil })
	x.atOnce = min(2*x.atOnce, bulk)
	if x.broken {
		x.tidy(x.known())
	} else if err := x.cache.add(x.length, added); err != nil {
		x.log.Error("vectors not kept on disk", "error", err)
	}
	return nil
}

// Sweep forgets the vectors of texts that are in no article any more, and
// writes the file anew if it is mostly those. Call it once after the articles
// were applied.
func (x *Vectors) Sweep() {
	x.orderSamples()
	x.mu.Lock()
	defer x.mu.Unlock()
	used := map[key]bool{}
	for _, s := range *x.shelves.Load() {
		for _, a := range s.articles {
			for _, p := range a.pieces {
				used[p.key] = true
			}
		}
		for _, one := range x.samples(s) {
			used[one.slot.key] = true
		}
	}
	before := len(x.slots)
	maps.DeleteFunc(x.slots, func(k key, _ *slot) bool { return !used[k] })
	x.missing = slices.DeleteFunc(x.missing, func(s *slot) bool { return !used[s.key] })
	if before > 2*len(x.slots) {
		x.tidy(x.known())
	}
}

// known are the vectors we have; x.mu is held.
func (x *Vectors) known() map[key]vector {
	all := map[key]vector{}
	for k, s := range x.slots {
		if v := s.vector.Load(); v != nil {
			all[k] = *v
		}
	}
	return all
}

// tidy writes the file anew; x.mu is held.
func (x *Vectors) tidy(all map[key]vector) {
	if err := x.cache.replace(x.length, all); err != nil {
		x.log.Error("vectors not kept on disk", "error", err)
		return
	}
	x.broken = false
}

// Covered says how many articles can be found by meaning, and of how many.
func (x *Vectors) Covered() (found, all int) {
	for _, s := range *x.shelves.Load() {
		all += len(s.articles)
		for _, a := range s.articles {
			if !slices.ContainsFunc(a.pieces, func(p shelved) bool { return p.vector.Load() == nil }) {
				found++
			}
		}
	}
	return found, all
}

// near is an article by how alike its best piece is to a question.
type near struct {
	*article
	section  int
	likeness float64
}

// nearest returns the most alike articles that a reader may see, the best
// first. It ends early with ctx.
func (x *Vectors) nearest(ctx context.Context, lang string, audiences []search.Audience, v vector, most int) ([]near, error) {
	s := (*x.shelves.Load())[lang]
	if s == nil {
		return nil, nil
	}
	var best []near
	for i, a := range s.articles {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !slices.Contains(audiences, a.audience) {
			continue
		}
		n, any := a.near(v)
		if !any || len(best) == most && !closer(n, best[most-1]) {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, n, func(one, n near) int {
			if closer(one, n) {
				return -1
			}
			return 1
		})
		if best = slices.Insert(best, at, n); len(best) > most {
			best = best[:most]
		}
	}
	return best, nil
}

func closer(a, b near) bool {
	return a.likeness > b.likeness || a.likeness == b.likeness && a.id < b.id
}

// near compares an article with a question.
func (a *article) near(q vector) (n near, any bool) {
	n = near{a, 0, -1}
	for _, p := range a.pieces {
		v := p.vector.Load()
		if v == nil || len(v.numbers) != len(q.numbers) {
			continue
		}
		if l := v.likeness(q); l > n.likeness {
			n.section, n.likeness, any = p.section, l, true
		}
	}
	return n, any
}
