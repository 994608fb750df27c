package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/sse"
	"sportello/tickets"
)

// How streams behave.
const (
	comeBack    = 3 * time.Second // a page whose stream broke
	mostStreams = 8               // of one person at the same time
	rememberNow = 1024            // happenings that are kept for all streams
	readAtOnce  = 200
)

// news is one happening, with those whom it concerns.
type news struct {
	event  tickets.Event
	ticket tickets.Ticket
}

// concerns reports whether a happening is for a person: it is public, and they
// had or have the ticket, or look at it and may.
func (n news) concerns(by account.Person, at tickets.Number) bool {
	if !n.event.Public || !account.Can(by, account.ReadTicket, n.ticket.Thing()) {
		return false
	}
	return n.ticket.PartOf(by.ID) != "" || n.ticket.Number == at
}

// lively lets all streams share what happened: each happening is read once,
// however many pages are open, and nothing is while none is. Its zero value is
// ready.
type lively struct {
	mu      sync.Mutex
	last    int64 // everything up to here was read
	from    int64 // everything after it, up to last, is in recent
	recent  []news
	streams map[account.PersonID]int
	wakes   map[chan struct{}]bool // of the streams
	cease   func()                 // ends the reading and waits for its end
}

// begin counts one more stream of a person and returns what wakes it. It
// reports false if they have too many.
func (p *Portal) begin(person account.PersonID) (woken <-chan struct{}, end func(), ok bool) {
	l := &p.lively
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.streams[person] >= mostStreams {
		return nil, nil, false
	}
	if l.streams == nil {
		l.streams, l.wakes = map[account.PersonID]int{}, map[chan struct{}]bool{}
	}
	wake := make(chan struct{}, 1)
	l.streams[person]++
	if l.wakes[wake] = true; len(l.wakes) == 1 {
		p.startReading()
	}
	return wake, func() { p.end(person, wake) }, true
}

func (p *Portal) end(person account.PersonID, wake chan struct{}) {
	l := &p.lively
	l.mu.Lock()
	if l.streams[person]--; l.streams[person] <= 0 {
		delete(l.streams, person)
	}
	delete(l.wakes, wake)
	cease := func() {}
	if len(l.wakes) == 0 {
		cease = l.cease
	}
	l.mu.Unlock()
	cease()
}

// startReading follows the feed until cease is called.
func (p *Portal) startReading() {
	ctx, cancel := context.WithCancel(context.Background())
	happened, unwatch := p.Feed.Watch()
	done := make(chan struct{})
	p.lively.cease = func() {
		cancel()
		unwatch()
		<-done
	}
	go func() {
		defer close(done)
		for {
			if err := p.lively.catchUp(ctx, p.Tickets.Store); err != nil && ctx.Err() == nil {
				p.Log.ErrorContext(ctx, "happenings not read for open pages", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-happened:
			}
		}
	}()
}

// catchUp reads what happened and wakes the streams. After a long time with no
// stream it begins near the end: who was away for so long reads the page anew.
func (l *lively) catchUp(ctx context.Context, store tickets.Store) error {
	newest, err := store.LastHappening(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	if newest-l.last > rememberNow {
		l.recent, l.last = nil, newest-readAtOnce
		l.from = l.last
	}
	last := l.last
	l.mu.Unlock()
	for {
		events, err := store.Happenings(ctx, last, readAtOnce)
		if err != nil {
			return err
		}
		read := map[tickets.ID]tickets.Ticket{}
		for _, e := range events {
			if _, known := read[e.Ticket]; !known {
				if read[e.Ticket], err = store.Ticket(ctx, e.Ticket); err != nil && !fault.Is(err, fault.NotFound) {
					return err
				}
			}
		}
		l.add(events, read)
		if len(events) < readAtOnce {
			return nil
		}
		last = events[len(events)-1].Seq
	}
}

func (l *lively) add(events []tickets.Event, of map[tickets.ID]tickets.Ticket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		if e.Seq > l.last {
			l.recent, l.last = append(l.recent, news{e, of[e.Ticket]}), e.Seq
		}
	}
	if extra := len(l.recent) - rememberNow; extra > 0 {
		l.from = l.recent[extra-1].event.Seq
		l.recent = slices.Delete(l.recent, 0, extra)
	}
	for wake := range l.wakes {
		select {
		case wake <- struct{}{}:
		default: // it is about to look
		}
	}
}

// since returns what happened after seq, and up to where. Missed says that it
// was so much, or so long ago, that a page had better be read anew.
func (l *lively) since(seq int64) (happened []news, last int64, missed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq < l.from {
		return nil, l.last, true
	}
	i, _ := slices.BinarySearchFunc(l.recent, seq+1, func(n news, seq int64) int { return int(n.event.Seq - seq) })
	return slices.Clone(l.recent[i:]), max(seq, l.last), false
}

// heard is what a page hears of a happening.
type heard struct {
	Number tickets.Number `json:"number"` // empty: read the page anew
	Said   string         `json:"said,omitempty"`
}

// happenings is the stream of what happens to somebody's tickets, and to the
// one they look at. It ends when they sign out.
func (p *Portal) happenings(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	by := p.stillThere(r)
	if by == nil || !by.Known() {
		return fault.New(fault.Unauthenticated, "error.unauthenticated")
	}
	if p.Feed == nil {
		return fault.New(fault.Unavailable, "error.unavailable")
	}
	woken, end, ok := p.begin(by.ID)
	if !ok {
		return fault.New(fault.TooMany, "error.too_many", fault.Values{"Seconds": int(sse.Heartbeat.Seconds())})
	}
	defer end()
	seen, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		seen = last
	}
	s := stream{Portal: p, Stream: sse.Begin(w), r: r, by: *by, at: tickets.Number(r.URL.Query().Get("ticket")), seen: seen}
	s.run(r.Context(), woken)
	return nil
}

// stream writes to one page.
type stream struct {
	*Portal
	*sse.Stream
	r    *http.Request
	by   account.Person // as they were when last looked at
	at   tickets.Number // the page is of this ticket, if of one
	seen int64
}

// errSignedOut ends a stream.
var errSignedOut = errors.New("signed out")

func (s *stream) run(ctx context.Context, woken <-chan struct{}) {
	alive := time.NewTicker(sse.Heartbeat) // it finds out, too, who signed out
	defer alive.Stop()
	err := s.Retry(comeBack)
	for err == nil {
		if err = s.news(); err != nil {
			break
		}
		select {
		case <-ctx.Done():
			s.End()
			return
		case <-woken:
		case <-alive.C:
			if err = s.look(); err == nil {
				err = s.Alive()
			}
		}
	}
	if errors.Is(err, errSignedOut) {
		_ = s.write("bye", 0, struct{}{}) // the page need not come back
	}
}

// look looks again who is there: it is asked before anything is told.
func (s *stream) look() error {
	by := s.stillThere(s.r)
	if by == nil || by.ID != s.by.ID {
		return errSignedOut
	}
	s.by = *by
	return nil
}

// news writes what happened since.
func (s *stream) news() error {
	happened, last, missed := s.lively.since(s.seen)
	s.seen = max(s.seen, last)
	if missed {
		return s.write("ticket", last, heard{})
	}
	looked := false
	for _, n := range happened {
		left := n.event.Field == tickets.ChangedObserver && n.event.Old == string(s.by.ID)
		if !left && !n.concerns(s.by, s.at) {
			continue
		}
		if !looked {
			if err := s.look(); err != nil {
				return err
			}
			looked = true
		}
		t := heard{} // who no longer has a ticket hears no more of it
		if n.concerns(s.by, s.at) {
			t = heard{n.ticket.Number, s.said(n)}
		}
		if err := s.write("ticket", n.event.Seq, t); err != nil {
			return err
		}
	}
	return nil
}

// said is how a happening is announced; what the reader did is shown, not said.
func (s *stream) said(n news) string {
	if n.event.By == s.by.ID {
		return ""
	}
	l, values := lang(s.r), map[string]any{"Number": n.ticket.Number}
	switch n.event.Kind {
	case tickets.KindMoved:
		moved := n.ticket
		moved.Status = n.event.To
		values["Status"] = s.statusText(l, moved, s.by)
		return s.tell(l, "mine.live_moved", values)
	case tickets.KindMessage, tickets.KindAttached:
		return s.tell(l, "mine.live_message", values)
	}
	return s.tell(l, "mine.live_changed", values)
}

func (s *stream) write(name string, id int64, data any) error {
	if err := s.Event(name, id, data); err != nil {
		return err
	}
	return s.Flush()
}
