package portal

import (
	"context"
	"sync"

	"sportello/kb"
)

// published keeps the list of published articles, without their texts, until
// the next change: every first page needs it, and reading ten thousand texts
// for it would take longer than all the rest.
type published struct {
	mu       sync.Mutex
	read     bool
	seq      int64 // the list is at least as new as this change
	articles []kb.Article
}

// list returns the articles; the caller does not change them.
func (l *published) list(ctx context.Context, from Library) ([]kb.Article, error) {
	seq, err := from.LastChange(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock() // one reads, the others wait for it
	defer l.mu.Unlock()
	if l.read && l.seq == seq {
		return l.articles, nil
	}
	articles, err := from.Articles(ctx, kb.Filter{Status: kb.Published})
	if err != nil {
		return nil, err
	}
	for i := range articles {
		articles[i].Body, articles[i].Questions = "", nil
	}
	l.read, l.seq, l.articles = true, seq, articles
	return articles, nil
}
