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

// openMeaning brings up what is switched on and lays it over the index. It
// knows no article yet: a service calls run, a command prepare.
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
	return nil
}

// prepare lets a command that searches use the vectors that the service got.
func (m meaning) prepare(ctx context.Context) error {
	if m.indexer == nil {
		return nil
	}
	_, err := m.indexer.CatchUp(ctx)
	m.Vectors.Measure()
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
	err := m.prepare(ctx)
	if err == nil {
		err = m.Vectors.Fill(ctx)
	}
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
