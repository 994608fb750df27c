package semantic

import (
	"container/list"
	"sync"
)

// recent remembers what was asked last, at most so many. It is safe for
// concurrent use.
type recent[T any] struct {
	most int

	mu    sync.Mutex
	order *list.List // of remembered, the latest first
	at    map[key]*list.Element
}

type remembered[T any] struct {
	key   key
	value T
}

func newRecent[T any](most int) *recent[T] {
	return &recent[T]{most: most, order: list.New(), at: map[key]*list.Element{}}
}

func (r *recent[T]) get(k key) (value T, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at[k]
	if e == nil {
		return value, false
	}
	r.order.MoveToFront(e)
	return e.Value.(remembered[T]).value, true
}

func (r *recent[T]) put(k key, value T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.at[k]; e != nil {
		e.Value = remembered[T]{k, value}
		r.order.MoveToFront(e)
		return
	}
	r.at[k] = r.order.PushFront(remembered[T]{k, value})
	if r.order.Len() > r.most {
		last := r.order.Remove(r.order.Back()).(remembered[T])
		delete(r.at, last.key)
	}
}
