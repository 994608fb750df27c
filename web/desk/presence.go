package desk

import (
	"slices"
	"strings"
	"sync"
	"time"

	"sportello/account"
	"sportello/tickets"
)

// typingFor is how long a key that was pressed counts as typing.
const typingFor = 15 * time.Second

// presence knows who looks at which ticket now, in this process: a hint that
// keeps two people from doing the same work, nothing that anything relies on.
type presence struct {
	mu       sync.Mutex
	rooms    map[tickets.Number]map[account.PersonID]*visitor
	watchers map[tickets.Number]map[chan struct{}]bool
}

// visitor is somebody who looks at a ticket.
type visitor struct {
	name    string
	streams int // tabs
	typing  time.Time
}

// enter says that somebody looks at a ticket from now on. The channel gets a
// value when somebody comes, goes or types; leave ends the visit.
func (p *presence) enter(n tickets.Number, who account.Person) (changed <-chan struct{}, leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rooms == nil {
		p.rooms, p.watchers = map[tickets.Number]map[account.PersonID]*visitor{}, map[tickets.Number]map[chan struct{}]bool{}
	}
	if p.rooms[n] == nil {
		p.rooms[n], p.watchers[n] = map[account.PersonID]*visitor{}, map[chan struct{}]bool{}
	}
	if p.rooms[n][who.ID] == nil {
		p.rooms[n][who.ID] = &visitor{}
	}
	one := p.rooms[n][who.ID]
	one.name = who.Called()
	one.streams++
	w := make(chan struct{}, 1)
	p.tell(n)
	p.watchers[n][w] = true
	return w, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.watchers[n], w)
		if one.streams--; one.streams == 0 {
			delete(p.rooms[n], who.ID)
		}
		if len(p.rooms[n]) == 0 {
			delete(p.rooms, n)
			delete(p.watchers, n)
		}
		p.tell(n)
	}
}

// typing says that somebody who looks at a ticket is writing.
func (p *presence) typing(n tickets.Number, who account.PersonID, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one := p.rooms[n][who]; one != nil {
		one.typing = now
		p.tell(n)
	}
}

// tell wakes who watches a ticket. The caller holds the lock.
func (p *presence) tell(n tickets.Number) {
	for w := range p.watchers[n] {
		select {
		case w <- struct{}{}:
		default: // it has a value waiting
		}
	}
}

// others are the names of those who look at a ticket beside one, and of those
// among them who write.
func (p *presence) others(n tickets.Number, me account.PersonID, now time.Time) (looking, writing []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, one := range p.rooms[n] {
		switch {
		case id == me:
		case now.Sub(one.typing) < typingFor:
			writing = append(writing, one.name)
		default:
			looking = append(looking, one.name)
		}
	}
	slices.SortFunc(looking, strings.Compare)
	slices.SortFunc(writing, strings.Compare)
	return looking, writing
}

// company tells in words who else looks at a ticket, empty if nobody does.
func (v *visit) company(n tickets.Number) string {
	looking, writing := v.presence.others(n, v.by.ID, v.Now())
	var told []string
	if len(writing) > 0 {
		told = append(told, v.say("desk.presence_typing", "Count", len(writing), "Names", strings.Join(writing, ", ")))
	}
	if len(looking) > 0 {
		told = append(told, v.say("desk.presence_looking", "Count", len(looking), "Names", strings.Join(looking, ", ")))
	}
	return strings.Join(told, " ")
}
