package mattermost

import (
	"errors"
	"sync"
)

// errNotYet is what Health tells until the first connection.
var errNotYet = errors.New("no connection yet")

// health is what is known of the connection.
type health struct {
	mu  sync.Mutex
	up  bool
	why error
}

// Health tells what is wrong with the channel, or nil while posts come in.
func (c *Channel) Health() error {
	c.health.mu.Lock()
	defer c.health.mu.Unlock()
	if c.health.up {
		return c.health.why
	}
	if c.health.why == nil {
		return errNotYet
	}
	return c.health.why
}

// set says how the connection is, and reports whether that is news.
func (h *health) set(up bool, why error) (news bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news = h.up != up || (h.why == nil) != (why == nil) || why != nil && h.why.Error() != why.Error()
	h.up, h.why = up, why
	return news
}
