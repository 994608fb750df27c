package portal_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/tickets"
)

// listener follows the stream of a page.
type listener struct {
	t      *testing.T
	lines  chan string
	cancel func()
	status int
}

func (d *desk) listen(t *testing.T, server *httptest.Server, who account.Person, path string, header ...string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if who.Known() {
		r.AddCookie(&http.Cookie{Name: asCookie, Value: string(who.ID)})
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, lines: make(chan string, 100), cancel: cancel, status: answer.StatusCode}
	go func() {
		defer answer.Body.Close()
		defer close(l.lines)
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if text := lines.Text(); strings.HasPrefix(text, "data: ") || strings.HasPrefix(text, "event: bye") {
				l.lines <- strings.TrimPrefix(text, "data: ")
			}
		}
	}()
	t.Cleanup(cancel)
	return l
}

func (l *listener) hears(want string) {
	l.t.Helper()
	select {
	case got, open := <-l.lines:
		if !open || !strings.Contains(got, want) {
			l.t.Fatalf("it hears %q (open: %v), want %q", got, open, want)
		}
	case <-time.After(30 * time.Second):
		l.t.Fatalf("it hears nothing, want %q", want)
	}
}

func (l *listener) hearsNothing() {
	l.t.Helper()
	select {
	case got, open := <-l.lines:
		l.t.Fatalf("it hears %q (open: %v)", got, open)
	case <-time.After(200 * time.Millisecond):
	}
}

func (d *desk) last() int64 {
	n, err := d.tickets.LastHappening(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

func TestAnOpenPageHearsOfItsPersonsTicketsOnly(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	k := d.shared()
	from := fmt.Sprintf("?after=%d", d.last())
	author, follower, other := d.listen(t, server, mario, "/ticket/events"+from), d.listen(t, server, ugo, "/en/ticket/events"+from), d.listen(t, server, stranger, "/ticket/events"+from+"&ticket="+string(k.Number))
	k = d.move(k, tickets.Taken, "")
	author.hears(`{"number":"` + string(k.Number) + `","said":"Ticket ` + string(k.Number) + `: Preso in carico."}`)
	follower.hears("Taken")
	k = d.do(olga, k, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Say(tickets.Message{Text: "NOTA", Internal: true}, s)
	})
	k = d.says(olga, k, "Passo domattina.")
	author.hears("nuovo messaggio") // and nothing of the note
	k = d.says(mario, k, "Va bene.")
	author.hears(`"}`) // shown, not said: it was their own
	k = d.move(k, tickets.Waiting, "Quale stanza?")
	author.hears("In attesa di una Sua risposta")
	follower.hears("message")
	follower.hears("message")
	follower.hears("Waiting for an answer")
	other.hearsNothing()

	t.Run("an operator who looks at a ticket hears of it", func(t *testing.T) {
		looking := d.listen(t, server, olga, fmt.Sprintf("/ticket/events?after=%d&ticket=%s", d.last(), k.Number))
		elsewhere := d.listen(t, server, olga, fmt.Sprintf("/ticket/events?after=%d", d.last()))
		d.says(mario, k, "La stanza 12.")
		looking.hears("nuovo messaggio")
		elsewhere.hearsNothing()
	})
	t.Run("who no longer follows a ticket is told once to look again, and nothing of it", func(t *testing.T) {
		leaving := d.listen(t, server, ugo, fmt.Sprintf("/ticket/events?after=%d", d.last()))
		k = d.do(mario, k, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Unobserve(ugo.ID, s) })
		leaving.hears(`{"number":""}`)
		d.says(olga, k, "Arrivo.")
		leaving.hearsNothing()
	})
}

func TestAPageThatComesBackMissesNothing(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	k := d.shared()
	seen := d.last()
	k = d.move(k, tickets.Taken, "")
	k = d.says(olga, k, "Passo domattina.")
	back := d.listen(t, server, mario, "/ticket/events?after=0", "Last-Event-ID", fmt.Sprint(seen))
	back.hears("Preso in carico")
	back.hears("nuovo messaggio")
	back.hearsNothing()
	t.Run("and after a very long time looks at everything again", func(t *testing.T) {
		back.cancel()
		for range back.lines { // until it has ended
		}
		for range 1100 {
			k = d.says(olga, k, "Ancora.")
		}
		late := d.listen(t, server, mario, fmt.Sprintf("/ticket/events?after=%d", seen))
		for told := range late.lines { // perhaps what is still remembered first
			if strings.Contains(told, `{"number":""}`) {
				return
			}
		}
		t.Error("the stream ended before it said so")
	})
}

func TestAStreamEndsWithTheSessionAndWithTheService(t *testing.T) {
	d := newDesk(t)
	serving, shut := context.WithCancel(context.Background())
	server := httptest.NewUnstartedServer(d)
	server.Config.BaseContext = func(net.Listener) context.Context { return serving }
	server.Start()
	t.Cleanup(server.Close)
	k := d.shared()
	from := fmt.Sprintf("/ticket/events?after=%d", d.last())
	if l := d.listen(t, server, account.Person{}, from); l.status != http.StatusUnauthorized {
		t.Errorf("a stranger's stream answers %d", l.status)
	}
	author, follower := d.listen(t, server, mario, from), d.listen(t, server, ugo, from)
	d.wantAnswer("signing out everywhere", d.post(mario, "/profilo/sign-out"), http.StatusSeeOther)
	d.move(k, tickets.Taken, "")
	author.hears("event: bye")
	follower.hears("Preso in carico")
	shut()
	select {
	case _, open := <-follower.lines:
		if open {
			t.Error("it hears something after the end")
		}
	case <-time.After(30 * time.Second):
		t.Error("the stream outlives the service")
	}
}

func TestNobodyOpensStreamsWithoutEnd(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	for range 8 {
		if l := d.listen(t, server, mario, "/ticket/events"); l.status != http.StatusOK {
			t.Fatalf("it answers %d", l.status)
		}
	}
	if l := d.listen(t, server, mario, "/ticket/events"); l.status != http.StatusTooManyRequests {
		t.Errorf("the ninth answers %d", l.status)
	}
	if l := d.listen(t, server, anna, "/ticket/events"); l.status != http.StatusOK {
		t.Errorf("somebody else's answers %d", l.status)
	}
}

// counted counts how often the happenings are read.
type counted struct {
	tickets.Store
	reads atomic.Int64
}

func (c *counted) Happenings(ctx context.Context, after int64, limit int) ([]tickets.Event, error) {
	c.reads.Add(1)
	return c.Store.Happenings(ctx, after, limit)
}

func TestEachHappeningIsReadOnceHoweverManyPagesAreOpen(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	k := d.opened(tickets.Draft{Observers: []account.PersonID{anna.ID, ugo.ID, stranger.ID}})
	store := &counted{Store: d.desk.Store}
	d.desk.Store = store
	var open []*listener
	for _, p := range []account.Person{mario, anna, ugo, stranger} {
		for range 8 {
			open = append(open, d.listen(t, server, p, fmt.Sprintf("/ticket/events?after=%d", d.last())))
		}
	}
	k = d.says(olga, k, "Eccomi.")
	for _, l := range open {
		l.hears("nuovo messaggio")
	}
	time.Sleep(100 * time.Millisecond)
	before := store.reads.Load()
	time.Sleep(200 * time.Millisecond) // nothing happens, and nothing is read
	if idle := store.reads.Load() - before; idle > 0 {
		t.Errorf("%d open pages read %d times while nothing happened", len(open), idle)
	}
	d.says(olga, k, "Ancora io.")
	for _, l := range open {
		l.hears("nuovo messaggio")
	}
	if reads := store.reads.Load() - before; reads > 3 { // the nudge, and the look that was due
		t.Errorf("%d open pages read one happening %d times", len(open), reads)
	}
}
