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
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	index "github.com/blevesearch/bleve_index_api"

	"sportello/internal/fault"
	"sportello/search"
	"sportello/search/analysis"
)

var _ search.Index = (*Index)(nil)

var (
	// ErrLocked says that another process has the index open.
	ErrLocked = errors.New("the index is in use by another process")

	// ErrRebuild says that the index is broken, or was made by another version
	// of the analysis: remove its folder and apply all documents again.
	ErrRebuild = errors.New("the index must be built again")
)

// version of what is stored. It changes with its form; the words of documents
// are part of it, so a change of the analysis counts too.
var version = []byte("2." + strconv.Itoa(analysis.Version))

var (
	versionKey = []byte("sportello version")
	seqKey     = []byte("sportello seq")
)

// contentField holds a document as a whole.
const contentField = "content"

// Options tell an index what people call things.
type Options struct {
	Synonyms     search.Synonyms
	Applications []search.Application
}

// Index keeps documents in a folder, or in memory only.
type Index struct {
	store    bleve.Index
	options  Options
	close    sync.Once
	closed   error // what closing said
	released bool  // the folder is somebody else's

	change sync.Mutex // held while documents are stored, so that changes have one order

	mu     sync.RWMutex
	shards map[string]*shard // by language
	seq    int64
}

// Open opens the index in dir, or makes an empty one there; with no dir it
// lives in memory. It fails with ErrLocked at once if another process holds
// dir, and with ErrRebuild if what is there cannot be used.
func Open(dir string, o Options) (x *Index, err error) {
	defer fault.Wrap(&err, "open search index")
	x = &Index{options: o, shards: map[string]*shard{}}
	if dir == "" {
		x.store, err = bleve.NewUsing("", mapping.NewIndexMapping(), scorch.Name, scorch.Name, nil)
		return x, err
	}
	fresh, err := isFresh(dir)
	if err != nil {
		return nil, err
	}
	if fresh {
		if x.store, err = bleve.NewUsing(dir, mapping.NewIndexMapping(), scorch.Name, scorch.Name, nil); err != nil {
			return nil, err
		}
		return x, x.store.SetInternal(versionKey, version)
	}
	if err := x.openExisting(dir); err != nil {
		return nil, err
	}
	return x, nil
}

// isFresh reports whether dir holds nothing yet.
func isFresh(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, os.MkdirAll(filepath.Dir(dir), 0o700)
	}
	return err == nil && len(entries) == 0, err
}

// openExisting opens the folder and reads its documents. A broken file may
// make bleve panic; that, too, only means that the index must be built again.
func (x *Index) openExisting(dir string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrRebuild, p)
		}
		if err != nil && x.store != nil {
			x.store.Close()
		}
	}()
	store, err := bleve.OpenUsing(dir, map[string]any{"bolt_timeout": "300ms"})
	switch {
	case err != nil && err.Error() == "timeout": // bbolt's, which bleve passes on
		return ErrLocked
	case err != nil:
		return fmt.Errorf("%w: %w", ErrRebuild, err)
	}
	x.store = store
	found, err := x.store.GetInternal(versionKey)
	if err != nil || string(found) != string(version) {
		return fmt.Errorf("%w: it has version %q, we make %q", ErrRebuild, found, version)
	}
	if err := x.load(); err != nil {
		return fmt.Errorf("%w: %w", ErrRebuild, err)
	}
	return nil
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
		x.closed, x.released = x.store.Close(), true
	})
	return x.closed
}

// Seq is the last change applied.
func (x *Index) Seq() int64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.seq
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

// Apply stores and removes documents in one batch. Searches go on meanwhile;
// they see all of a change or nothing of it.
func (x *Index) Apply(ctx context.Context, seq int64, put []search.Document, remove []search.Key) (err error) {
	defer fault.Wrap(&err, "apply change %d to the search index", seq)
	x.change.Lock()
	defer x.change.Unlock()

	prepared := prepareAll(put)
	if !x.released {
		if err := x.keep(ctx, seq, put, prepared, remove); err != nil {
			return err
		}
	}

	x.mu.Lock()
	defer x.mu.Unlock()
	for _, k := range remove {
		if s := x.shards[k.Lang]; s != nil {
			s.remove(k.ID)
		}
	}
	for _, p := range prepared {
		x.shard(p.doc.Lang).put(p)
	}
	for lang, s := range x.shards {
		if s.wasteful() {
			x.shards[lang] = s.compacted()
		}
	}
	x.seq = seq
	return nil
}

// keep stores a change in the folder, in one batch.
func (x *Index) keep(ctx context.Context, seq int64, put []search.Document, prepared []*prepared, remove []search.Key) error {
	batch := x.store.NewBatch()
	for _, k := range remove {
		batch.Delete(storeID(k))
	}
	for i, p := range prepared {
		d := document.NewDocument(storeID(search.Key{ID: put[i].ID, Lang: put[i].Lang}))
		d.AddField(document.NewTextFieldCustom(contentField, nil, p.encode(), index.StoreField, nil))
		if err := batch.IndexAdvanced(d); err != nil {
			return err
		}
	}
	batch.SetInternal(seqKey, binary.AppendVarint(nil, seq))
	if err := ctx.Err(); err != nil {
		return err
	}
	return x.store.Batch(batch)
}

// Clear forgets every document and goes back to change 0.
func (x *Index) Clear(ctx context.Context) error {
	var all []search.Key
	x.mu.RLock()
	for lang, s := range x.shards {
		for id := range s.byID {
			all = append(all, search.Key{ID: id, Lang: lang})
		}
	}
	x.mu.RUnlock()
	return x.Apply(ctx, 0, nil, all)
}

// shard returns the part of one language, made if missing.
func (x *Index) shard(lang string) *shard {
	s := x.shards[lang]
	if s == nil {
		s = newShard(lang, x.options)
		x.shards[lang] = s
	}
	return s
}

func storeID(k search.Key) string { return k.Lang + "/" + k.ID }

// load reads all documents into memory.
func (x *Index) load() error {
	seq, err := x.store.GetInternal(seqKey)
	if err != nil {
		return err
	}
	if n, size := binary.Varint(seq); size > 0 {
		x.seq = n
	}
	advanced, err := x.store.Advanced()
	if err != nil {
		return err
	}
	reader, err := advanced.Reader()
	if err != nil {
		return err
	}
	defer reader.Close()
	read := make(chan *prepared, 64)
	failed := make(chan error, 1)
	go func() { // reading and adding take about as long: do both at once
		defer close(read)
		failed <- readAll(reader, read)
	}()
	for p := range read {
		x.shard(p.doc.Lang).put(p)
	}
	return <-failed
}

// readAll sends each stored document, in the order of their keys, so that two
// processes rank alike.
func readAll(reader index.IndexReader, read chan<- *prepared) (err error) {
	defer func() { // a broken file, see openExisting
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	ids, err := keys(reader)
	if err != nil {
		return err
	}
	for _, id := range ids {
		d, err := reader.Document(id)
		if err != nil {
			return err
		}
		if d == nil {
			return fmt.Errorf("document %s is missing", id)
		}
		var p *prepared
		d.VisitFields(func(f index.Field) {
			if f.Name() == contentField {
				p, err = decode(f.Value())
			}
		})
		if err != nil {
			return err
		}
		if p == nil {
			return fmt.Errorf("document %s has no content", id)
		}
		read <- p
	}
	return nil
}

// keys returns the keys of all documents, sorted.
func keys(reader index.IndexReader) ([]string, error) {
	ids, err := reader.DocIDReaderAll()
	if err != nil {
		return nil, err
	}
	defer ids.Close()
	var all []string
	for {
		internal, err := ids.Next()
		if err != nil {
			return nil, err
		}
		if internal == nil {
			slices.Sort(all)
			return all, nil
		}
		id, err := reader.ExternalID(internal)
		if err != nil {
			return nil, err
		}
		all = append(all, id)
	}
}
