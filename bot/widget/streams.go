package widget

import (
	"sync"

	"sportello/bot"
)

// mostStreams may follow one conversation: a few tabs, a reconnect that
// overtakes the line it replaces.
const mostStreams = 8

// streams counts who follows each conversation.
type streams struct {
	mu   sync.Mutex
	open map[bot.ConversationID]int
}

// begin counts one more, and reports whether that is still allowed.
func (s *streams) begin(id bot.ConversationID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[id] >= mostStreams {
		return false
	}
	if s.open == nil {
		s.open = map[bot.ConversationID]int{}
	}
	s.open[id]++
	return true
}

func (s *streams) end(id bot.ConversationID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[id]--; s.open[id] == 0 {
		delete(s.open, id)
	}
}
