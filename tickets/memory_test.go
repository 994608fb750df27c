package tickets_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/store/storetest"
	"sportello/tickets"
)

// memory is a Store in memory. It passes the suite of all stores.
type memory struct {
	mu      sync.Mutex
	tickets map[tickets.ID]tickets.Ticket
	keys    map[string]keptKey // by name
	numbers map[int]int
	feed    []tickets.Event
}

func newMemory() *memory {
	return &memory{tickets: map[tickets.ID]tickets.Ticket{}, keys: map[string]keptKey{}, numbers: map[int]int{}}
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

type keptKey struct {
	tickets.Receipt
	sum string
}

func (m *memory) ByKey(ctx context.Context, key string) (tickets.Ticket, error) {
	done, err := m.Done(ctx, key)
	if err != nil {
		return tickets.Ticket{}, err
	}
	return m.Ticket(ctx, done.Ticket)
}

func (m *memory) Done(_ context.Context, key string) (tickets.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name, sum := tickets.CutKey(key)
	done, known := m.keys[name]
	switch {
	case !known:
		return tickets.Receipt{}, fault.New(fault.NotFound, "ticket.not_found")
	case done.sum != sum:
		return tickets.Receipt{}, tickets.KeyUsed
	}
	return done.Receipt, nil
}

// holds reports whether a ticket has all words of a text, the last perhaps
// unfinished.
func holds(t tickets.Ticket, text string) bool {
	words, wanted := strings.Fields(t.Words()), tickets.SearchWords(text)
	for i, want := range wanted {
		if !slices.ContainsFunc(words, func(w string) bool { return w == want || i == len(wanted)-1 && strings.HasPrefix(w, want) }) {
			return false
		}
	}
	return true
}

// numbered narrows a list to the ticket whose number a search is.
func numbered(list []tickets.Ticket, text string) ([]tickets.Ticket, bool) {
	newest := int64(0)
	for _, t := range list {
		newest = max(newest, t.Number.Ordinal())
	}
	number, _ := tickets.ParseNumber(text, int(newest/1_000_000_000))
	i := slices.IndexFunc(list, func(t tickets.Ticket) bool { return t.Number == number })
	if i < 0 {
		return nil, false
	}
	return list[i : i+1], true
}

func (m *memory) Open(ctx context.Context, year int, c tickets.Change) (tickets.Ticket, error) {
	if done, err := m.ByKey(ctx, c.Key); c.Key != "" && !fault.Is(err, fault.NotFound) {
		return done, err
	}
	c.Ticket.Number, _ = m.NextNumber(ctx, year)
	return c.Ticket, m.Save(ctx, c)
}

func (m *memory) all() []tickets.Ticket {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.tickets), func(a, b tickets.Ticket) int { return int(b.Number.Ordinal() - a.Number.Ordinal()) })
}

func (m *memory) Queue(_ context.Context, q tickets.Queue) ([]tickets.Ticket, error) {
	all := m.all()
	if one, is := numbered(all, q.Text); is {
		return one, nil
	}
	if !q.ByNumber() {
		slices.SortFunc(all, func(a, b tickets.Ticket) int {
			return cmp.Or(cmp.Compare(a.DueRank(), b.DueRank()), cmp.Compare(a.Number, b.Number))
		})
	}
	rank, after, from := q.From()
	var list []tickets.Ticket
	for _, t := range all {
		later := !from || q.ByNumber() && t.Number < after || !q.ByNumber() && (t.DueRank() > rank || t.DueRank() == rank && t.Number > after)
		if later && holds(t, q.Text) && (!q.Open || t.Status.Open()) &&
			(len(q.Teams) == 0 || slices.Contains(q.Teams, t.Team)) && (len(q.Statuses) == 0 || slices.Contains(q.Statuses, t.Status)) &&
			(len(q.Priorities) == 0 || slices.Contains(q.Priorities, t.Priority)) && (len(q.Applications) == 0 || slices.Contains(q.Applications, t.Application)) &&
			(len(q.RequestTypes) == 0 || slices.Contains(q.RequestTypes, t.RequestType)) && (len(q.Channels) == 0 || slices.Contains(q.Channels, t.Channel)) &&
			(q.Assignee == "" || t.Assignee == q.Assignee) && (!q.Unassigned || t.Assignee == "") &&
			(q.Overdue.IsZero() || t.DueRank() <= q.Overdue.UnixMilli()) && (q.Person == "" || slices.Contains(t.People(), q.Person)) &&
			!t.OpenedAt.Before(q.Since) && (q.Limit <= 0 || len(list) < q.Limit) {
			list = append(list, t)
		}
	}
	return list, nil
}

func (m *memory) Counts(context.Context) ([]tickets.Count, error) {
	counted := map[tickets.Count]int{}
	for _, t := range m.all() {
		if t.Status.Open() {
			counted[tickets.Count{Team: t.Team, Status: t.Status, Unassigned: t.Assignee == ""}]++
		}
	}
	var counts []tickets.Count
	for c, n := range counted {
		c.Tickets = n
		counts = append(counts, c)
	}
	slices.SortFunc(counts, func(a, b tickets.Count) int {
		return cmp.Or(cmp.Compare(a.Team, b.Team), cmp.Compare(a.Status, b.Status))
	})
	return counts, nil
}

func (m *memory) Waking(_ context.Context, now time.Time, limit int) ([]tickets.Ticket, error) {
	waking := slices.DeleteFunc(m.all(), func(t tickets.Ticket) bool { return t.WakeAt.IsZero() || t.WakeAt.After(now) })
	slices.SortFunc(waking, func(a, b tickets.Ticket) int { return a.WakeAt.Compare(b.WakeAt) })
	return waking[:min(limit, len(waking))], nil
}

func (m *memory) LastHappening(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int64(len(m.feed)), nil
}

func (m *memory) Of(_ context.Context, person account.PersonID, filter tickets.Filter) ([]tickets.Ticket, error) {
	mine := slices.DeleteFunc(m.all(), func(t tickets.Ticket) bool { return !slices.Contains(t.People(), person) })
	if one, is := numbered(mine, filter.Text); is {
		return one, nil
	}
	var list []tickets.Ticket
	for _, t := range mine {
		if holds(t, filter.Text) &&
			(len(filter.Statuses) == 0 || slices.Contains(filter.Statuses, t.Status)) &&
			(filter.Channel == "" || t.Channel == filter.Channel) && (filter.Part == "" || t.PartOf(person) == filter.Part) &&
			(filter.Before == "" || t.Number.Ordinal() < filter.Before.Ordinal()) {
			list = append(list, t)
		}
	}
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
		name, sum := tickets.CutKey(c.Key)
		if done, known := keys[name]; known && name != "" {
			if done.sum != sum {
				return tickets.KeyUsed
			}
			continue
		}
		if kept[c.Ticket.ID].Version != c.Ticket.Version-1 {
			return fault.New(fault.Conflict, "ticket.changed")
		}
		kept[c.Ticket.ID] = c.Ticket
		keys[name] = keptKey{tickets.Receipt{Ticket: c.Ticket.ID, Seq: int64(len(feed) + 1)}, sum}
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
