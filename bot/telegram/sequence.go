package telegram

import (
	"context"
	"sync"
	"time"
)

// sequence holds an update back for a moment if one with a lower number has not
// come yet: requests of a webhook overtake one another.
type sequence struct {
	mu     sync.Mutex
	last   int64          // all up to this one came, or were not waited for any longer
	ahead  map[int64]bool // those that came beyond
	change chan struct{}  // closed when last moves
}

// gapPause is how long a lower number is waited for.
const gapPause = 400 * time.Millisecond

// arrive notes that an update came, and returns when those before it did, too,
// or were waited for in vain.
func (s *sequence) arrive(ctx context.Context, id int64) {
	s.mu.Lock()
	if s.ahead == nil {
		s.ahead, s.change, s.last = map[int64]bool{}, make(chan struct{}), id-1
	}
	if id > s.last {
		s.ahead[id] = true
		s.advance()
	}
	for deadline := time.After(gapPause); id > s.last; {
		change := s.change
		s.mu.Unlock()
		select {
		case <-change:
			s.mu.Lock()
			continue
		case <-deadline:
		case <-ctx.Done():
		}
		s.mu.Lock()
		s.last = max(s.last, id) // nobody waits for what is missing any longer
		s.advance()
	}
	s.mu.Unlock()
}

// advance moves last over what came; s.mu is held.
func (s *sequence) advance() {
	before := s.last
	for s.ahead[s.last+1] {
		s.last++
	}
	for id := range s.ahead {
		if id <= s.last {
			delete(s.ahead, id)
		}
	}
	if s.last != before || len(s.ahead) == 0 {
		close(s.change)
		s.change = make(chan struct{})
	}
}
