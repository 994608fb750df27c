package desk_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sportello/account"
)

// served is the room over HTTP, with its feed running.
func (r *room) served(t testing.TB) *httptest.Server {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.feed.Run(ctx)
	}()
	s := httptest.NewServer(r)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
		stop()
		<-done
	})
	return s
}

// listening is one line of a stream after the other.
type listening struct {
	t     testing.TB
	lines chan string
	stop  context.CancelFunc
}

func listen(t testing.TB, url string, who account.Person) *listening {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("X-As", string(who.ID))
	q.Header.Set("Accept", "text/event-stream")
	a, err := http.DefaultClient.Do(q)
	if err != nil || a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream: %v, %v", a, err)
	}
	l := &listening{t, make(chan string, 100), stop}
	go func() {
		defer func() { _ = a.Body.Close() }()
		lines := bufio.NewScanner(a.Body)
		for lines.Scan() {
			l.lines <- lines.Text()
		}
		close(l.lines)
	}()
	t.Cleanup(stop)
	return l
}

// hears waits for a line with these words.
func (l *listening) hears(words string) {
	l.t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case line, open := <-l.lines:
			if !open {
				l.t.Fatalf("the stream ended before it told %q", words)
			}
			if strings.Contains(line, words) {
				return
			}
		case <-late:
			l.t.Fatalf("the stream never told %q", words)
		}
	}
}

func TestOperatorsSeeWhoElseLooksAtATicketAndWrites(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario)
	s := r.served(t)
	at := s.URL + path(k, "/events?version=") + fmt.Sprint(k.Version)
	one := listen(t, at, olga)
	one.hears(`{"text":""}`)
	two := listen(t, at, bruno)
	two.hears("Anche Olga Operatore sta guardando")
	one.hears("Anche Bruno Operatore sta guardando")
	again := listen(t, at, bruno) // a second tab is nobody else
	again.hears("Olga")
	if a := r.post(bruno, path(k, "/typing"), nil); a.status != http.StatusNoContent {
		t.Fatalf("typing answers %d", a.status)
	}
	one.hears("Bruno Operatore sta scrivendo")
	two.stop()
	again.stop()
	one.hears(`{"text":""}`)
}

func TestAPageHearsThatItsTicketChanged(t *testing.T) {
	r := newRoom(t)
	k, other := r.opened(t, mario), r.opened(t, luca)
	s := r.served(t)
	queue := listen(t, s.URL+"/desk/events", olga)
	queue.hears("retry")
	page := listen(t, s.URL+path(k, "/events?version=")+fmt.Sprint(k.Version), olga)
	page.hears("presence")
	stale := listen(t, s.URL+path(k, "/events?version=0"), olga)
	stale.hears(fmt.Sprintf(`{"version":%d}`, k.Version))
	r.did(t, luca, other.Number, said("Altro.", false))
	queue.hears("event: tickets")
	listen(t, s.URL+"/desk/events?after=0", olga).hears("event: tickets") // what happened before it listened
	r.did(t, mario, k.Number, said("Ci siete?", false))
	page.hears(fmt.Sprintf(`{"version":%d}`, k.Version+1))
}
