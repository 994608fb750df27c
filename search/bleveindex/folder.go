package bleveindex

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	index "github.com/blevesearch/bleve_index_api"

	"sportello/search"
	"sportello/search/analysis"
)

var (
	// ErrLocked says that another process has the index open.
	ErrLocked = errors.New("the index is in use by another process")

	// ErrRebuild says that the index is broken, or in a form that we cannot
	// read: remove its folder and apply all documents again.
	ErrRebuild = errors.New("the index must be built again")
)

// form of what is stored. One of another form cannot be read.
const form = "3"

// version of an index: its form, and that of the analysis, whose words are
// stored. Synonyms and applications are no part of it: they are looked up in
// questions.
var version = form + "." + strconv.Itoa(analysis.Version)

// unfinished is the version of an index that is being built again: it holds
// documents of both the old and the new.
const unfinished = form + ".0"

// Keys of what a folder knows beside documents.
var (
	versionKey = []byte("sportello version")
	stateKey   = []byte("sportello state")
)

// contentField holds a document as a whole.
const contentField = "content"

// folder keeps documents on disk. Each change is kept whole or not at all,
// whenever the process ends.
type folder struct{ store bleve.Index }

// state is what a change leaves behind.
type state struct {
	seq int64
	sum uint64 // of the checksums of all documents: none is lost, none comes back
}

// openFolder opens or makes the folder. Its documents are read by load.
func openFolder(dir string) (f *folder, fresh bool, err error) {
	if fresh, err = isFresh(dir); err != nil {
		return nil, false, err
	}
	f = &folder{}
	if fresh {
		if f.store, err = bleve.NewUsing(dir, mapping.NewIndexMapping(), scorch.Name, scorch.Name, nil); err != nil {
			return nil, false, err
		}
		return f, true, f.setVersion(version)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a file cut short, which bleve maps into memory
	defer func() {
		if p := recover(); p != nil { // bleve, over a broken file
			err = fmt.Errorf("%w: %v", ErrRebuild, p)
		}
	}()
	f.store, err = bleve.OpenUsing(dir, map[string]any{"bolt_timeout": "300ms"})
	switch {
	case err != nil && err.Error() == "timeout": // bbolt's, which bleve passes on
		return nil, false, ErrLocked
	case err != nil:
		return nil, false, fmt.Errorf("%w: %w", ErrRebuild, err)
	}
	return f, false, nil
}

// InUse reports whether another process has the index in dir open.
func InUse(dir string) (bool, error) {
	if fresh, err := isFresh(dir); fresh || err != nil {
		return false, err
	}
	f, _, err := openFolder(dir)
	switch {
	case errors.Is(err, ErrLocked):
		return true, nil
	case err != nil:
		return false, nil // broken, and nobody's
	}
	return false, f.close()
}

// isFresh reports whether dir holds nothing yet.
func isFresh(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, os.MkdirAll(filepath.Dir(dir), 0o700)
	}
	return err == nil && len(entries) == 0, err
}

func (f *folder) close() error { return f.store.Close() }

func (f *folder) setVersion(v string) error { return f.store.SetInternal(versionKey, []byte(v)) }

// keep stores documents and removes others, in one batch; s and v, if any, are
// what the folder has come to.
func (f *folder) keep(ctx context.Context, put []*prepared, remove []search.Key, s *state, v string) error {
	batch := f.store.NewBatch()
	for _, k := range remove {
		batch.Delete(storeID(k))
	}
	for _, p := range put {
		d := document.NewDocument(storeID(p.key()))
		d.AddField(document.NewTextFieldCustom(contentField, nil, p.encoded, index.StoreField, nil))
		if err := batch.IndexAdvanced(d); err != nil {
			return err
		}
	}
	if s != nil {
		batch.SetInternal(stateKey, binary.AppendUvarint(binary.AppendVarint(nil, s.seq), s.sum))
	}
	if v != "" {
		batch.SetInternal(versionKey, []byte(v))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.store.Batch(batch)
}

func storeID(k search.Key) string { return k.Lang + "/" + k.ID }

// load reads all documents and gives them to put, in the order of their keys,
// so that two processes rank alike. Stale tells that they were analysed in
// another way than today. A broken file may make bleve panic; that, too, only
// means that the index must be built again.
func (f *folder) load(put func(*prepared)) (s state, stale bool, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrRebuild, err)
		}
	}()
	found, err := f.store.GetInternal(versionKey)
	if err != nil {
		return s, false, err
	}
	if theirs, _, _ := strings.Cut(string(found), "."); theirs != form {
		return s, false, fmt.Errorf("it has version %q, we make %q", found, version)
	}
	kept, err := f.store.GetInternal(stateKey)
	if err != nil {
		return s, false, err
	}
	if seq, n := binary.Varint(kept); n > 0 {
		s.seq = seq
		s.sum, _ = binary.Uvarint(kept[n:])
	}
	advanced, err := f.store.Advanced()
	if err != nil {
		return s, false, err
	}
	reader, err := advanced.Reader()
	if err != nil {
		return s, false, err
	}
	defer reader.Close()
	read := make(chan *prepared, 64)
	failed := make(chan error, 1)
	go func() { // reading and adding take about as long: do both at once
		defer close(read)
		failed <- readAll(reader, read)
	}()
	sum, n := uint64(0), 0
	for p := range read {
		stale = stale || probed(n) && !p.current()
		sum += uint64(p.sum)
		n++
		put(p)
	}
	if err := <-failed; err != nil {
		return s, false, err
	}
	if string(found) != version {
		s.sum, stale = sum, true
	}
	if sum != s.sum {
		return s, false, errors.New("documents are missing, or others have come back")
	}
	return s, stale, nil
}

// probed tells which documents are analysed again when an index is opened: a
// few, lest somebody change the analysis and forget its version.
func probed(n int) bool { return n < 20 || n%200 == 0 }

// readAll sends each stored document.
func readAll(reader index.IndexReader, read chan<- *prepared) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { // a broken file, see load
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
		if p == nil || storeID(p.key()) != id {
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
