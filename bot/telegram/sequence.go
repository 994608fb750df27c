package telegram

import (
	"slices"
	"sync"
	"time"
)

// sequence brings updates into the order of their numbers, as far as that can
// be known: requests of a webhook overtake one another. One that comes before
// its predecessor is held back for a moment.
type sequence struct {
	mu    sync.Mutex
	begun bool
	last  int64     // all up to this one were passed on, or were not waited for any longer
	held  []waiting // sorted
}

// waiting is an update that is held back.
type waiting struct {
	id   int64
	pass func()
}

// gapPause is how long a lower number is waited for. The first update after a
// start waits, too: we do not know which one was the last.
const gapPause = 300 * time.Millisecond

// arrive takes an update, and calls pass, which must not wait, when it is its
// turn: at once, if its predecessor is known, and in order with all others.
func (s *sequence) arrive(id int64, pass func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id <= s.last { // nobody waited for it any longer, or it comes again
		pass()
		return
	}
	at, _ := slices.BinarySearchFunc(s.held, id, func(h waiting, id int64) int { return int(min(max(h.id-id, -1), 1)) })
	s.held = slices.Insert(s.held, at, waiting{id, pass})
	if s.begun {
		s.release(s.last)
	}
	if id > s.last {
		time.AfterFunc(gapPause, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.begun = true
			s.release(id)
		})
	}
}

// release passes on what is held up to id, and what follows without a gap;
// s.mu is held.
func (s *sequence) release(id int64) {
	for len(s.held) > 0 && (s.held[0].id <= id || s.held[0].id <= s.last+1) {
		s.last = max(s.last, s.held[0].id)
		pass := s.held[0].pass
		s.held = s.held[1:]
		pass()
	}
}
