package tickets_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/store/storetest"
	"sportello/tickets"
)

// memory is a Store in memory. It passes the suite of all stores.
type memory struct {
	mu      sync.Mutex
	tickets map[tickets.ID]tickets.Ticket
	keys    map[string]tickets.ID
	numbers map[int]int
	feed    []tickets.Event
}

func newMemory() *memory {
	return &memory{tickets: map[tickets.ID]tickets.Ticket{}, keys: map[string]tickets.ID{}, numbers: map[int]int{}}
}

func TestMemoryIsAStore(t *testing.T) {
	storetest.Tickets(t, func(*testing.T) tickets.Store { return newMemory() })
}

func (m *memory) find(match func(tickets.Ticket) bool) (tickets.Ticket, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.tickets {
		if match(t) {
			return t, nil
		}
	}
	return tickets.Ticket{}, fault.New(fault.NotFound, "ticket.not_found")
}

func (m *memory) Ticket(_ context.Context, id tickets.ID) (tickets.Ticket, error) {
	return m.find(func(t tickets.Ticket) bool { return t.ID == id })
}

func (m *memory) ByNumber(_ context.Context, number tickets.Number) (tickets.Ticket, error) {
	return m.find(func(t tickets.Ticket) bool { return t.Number == number })
}

func (m *memory) ByKey(_ context.Context, key string) (tickets.Ticket, error) {
	return m.find(func(t tickets.Ticket) bool { return m.keys[key] == t.ID })
}

func (m *memory) Of(_ context.Context, person account.PersonID, filter tickets.Filter) ([]tickets.Ticket, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []tickets.Ticket
	for _, t := range m.tickets {
		if slices.Contains(t.People(), person) &&
			(len(filter.Statuses) == 0 || slices.Contains(filter.Statuses, t.Status)) &&
			(filter.Before == "" || t.Number.Ordinal() < filter.Before.Ordinal()) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b tickets.Ticket) int { return int(b.Number.Ordinal() - a.Number.Ordinal()) })
	if filter.Limit > 0 && len(list) > filter.Limit {
		list = list[:filter.Limit]
	}
	return list, nil
}

func (m *memory) History(_ context.Context, id tickets.ID) ([]tickets.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.feed), func(e tickets.Event) bool { return e.Ticket != id }), nil
}

func (m *memory) NextNumber(_ context.Context, year int) (tickets.Number, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.numbers[year]++
	return tickets.NewNumber(year, m.numbers[year]), nil
}

func (m *memory) Save(_ context.Context, changes ...tickets.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, keys, feed := maps.Clone(m.tickets), maps.Clone(m.keys), slices.Clone(m.feed)
	for _, c := range changes {
		if _, done := keys[c.Key]; done {
			continue
		}
		if kept[c.Ticket.ID].Version != c.Ticket.Version-1 {
			return fault.New(fault.Conflict, "ticket.changed")
		}
		kept[c.Ticket.ID], keys[c.Key] = c.Ticket, c.Ticket.ID
		for _, e := range c.Happened {
			e.Seq = int64(len(feed) + 1)
			feed = append(feed, e)
		}
	}
	m.tickets, m.keys, m.feed = kept, keys, feed
	return nil
}

func (m *memory) Happenings(_ context.Context, after int64, limit int) ([]tickets.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	page := m.feed[min(int(after), len(m.feed)):]
	return slices.Clone(page[:min(limit, len(page))]), nil
}
