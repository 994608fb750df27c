package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"sportello/kb"
	"sportello/search/semantic"
)

// meaning is what the configuration's semantic part switches on: search by
// meaning, worded answers, or neither.
type meaning struct {
	*semantic.Service
	indexer *kb.Indexer // of the vectors; nil without them
}

// vectorsFolder is where vectors are kept, below the data folder.
const vectorsFolder = "vectors"

// openMeaning brings up what is switched on and lays it over the index. The
// vectors that an earlier service got are in use at once; only a service asks
// for more.
func (a *app) openMeaning(ctx context.Context, o options) error {
	c := a.config.Semantic
	if !c.Searches() && !c.Writes() {
		return nil
	}
	service, err := semantic.Open(c, semantic.Options{
		Dir: filepath.Join(o.data, vectorsFolder), Log: a.log, Now: a.now, Observe: a.figures.semantic(),
	})
	if err != nil {
		return err
	}
	a.meaning.Service = service
	if c.InTheClear() && o.serving {
		a.log.WarnContext(ctx, "semantic endpoint is reached in the clear: whoever is on the way reads the questions; use https")
	}
	if service.Vectors == nil {
		return nil
	}
	a.meaning.indexer = &kb.Indexer{Store: a.articles, Index: service.Vectors, Log: a.log}
	saved := a.library.Saved
	a.library.Saved = func() {
		saved()
		a.meaning.indexer.Notify()
	}
	a.finder = service.Index(a.index)
	if o.serving {
		return nil // run follows, and nobody waits
	}
	_, err = a.meaning.indexer.CatchUp(ctx)
	service.Vectors.Measure()
	return err
}

// run keeps the vectors in step with the articles until ctx ends.
func (m meaning) run(ctx context.Context) {
	if m.indexer == nil {
		return
	}
	if _, err := m.indexer.CatchUp(ctx); err == nil {
		m.Vectors.Sweep()
		m.Vectors.Measure()
	}
	var running sync.WaitGroup
	running.Go(func() { m.indexer.Run(ctx) })
	running.Go(func() { m.Vectors.Run(ctx) })
	running.Wait()
}

// fill asks for every vector that is missing, and says how many articles have
// theirs.
func (m meaning) fill(ctx context.Context, out io.Writer) error {
	if m.indexer == nil {
		return nil
	}
	err := m.Vectors.Fill(ctx)
	found, all := m.Vectors.Covered()
	_, told := fmt.Fprintf(out, "%d of %d articles can be found by meaning\n", found, all)
	return errors.Join(err, told)
}

func (m meaning) close() error {
	if m.Service == nil {
		return nil
	}
	return m.Service.Close()
}
