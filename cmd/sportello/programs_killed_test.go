package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/store"
	"sportello/tickets"
	"sportello/tickets/webhook"
	"sportello/web/api"
)

// The service is killed in the middle of programs that open tickets, write and
// change, each insisting under its key, and of the webhooks that tell of it.
// Whatever they asked for is there once; what happened is told in order, none
// left out, none planned twice.
func TestKilledInTheMiddleOfProgramsNothingIsLostOrDoubled(t *testing.T) {
	const programs, deaths = 6, 6
	s := serve(t)
	db, err := store.Open(t.Context(), s.data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	people := store.NewAccount(db)
	p := account.NewPerson("programma@giustizia.it", false, "it", time.Now())
	p.Roles = append(p.Roles, account.Operator)
	token, secret, err := account.NewToken(p.ID, "test", account.Scopes, time.Now(), 0)
	if err == nil {
		err = people.Apply(t.Context(), account.Change{Person: &p})
	}
	if err == nil {
		err = people.AddToken(t.Context(), token)
	}
	if err != nil {
		t.Fatal(err)
	}
	heard := &heard{T: t, first: map[string]int64{}}
	itsm := httptest.NewServer(heard)
	defer itsm.Close()
	hooks := store.NewWebhooks(db)
	hook, err := webhook.New(webhook.Wanted{URL: itsm.URL, Active: true}, p.ID, time.Now(), webhook.Config{AllowPrivate: []string{"127.0.0.0/8"}})
	if err == nil {
		heard.secret = hook.Secret
		_, err = hooks.AddHook(t.Context(), hook, "")
	}
	if err != nil {
		t.Fatal(err)
	}

	var enough atomic.Bool
	var all sync.WaitGroup
	var opened atomic.Int64
	for i := range programs {
		all.Go(func() {
			for n := 0; !enough.Load() && !t.Failed(); n++ {
				key := fmt.Sprintf("%d-%d", i, n)
				var one api.Ticket
				insist(t, s, secret, http.MethodPost, "/api/v1/tickets", key, fmt.Sprintf(`{"subject":"Ticket %s","body":"Non va"}`, key), &one)
				insist(t, s, secret, http.MethodPost, one.URL+"/messages", key+"-m", `{"text":"Ancora"}`, nil)
				insist(t, s, secret, http.MethodPatch, one.URL, key+"-p", `{"status":"taken"}`, nil)
				opened.Add(1)
			}
		})
	}
	for range deaths {
		time.Sleep(time.Duration(200+rand.IntN(600)) * time.Millisecond)
		s.kill()
		s.start(t)
	}
	enough.Store(true)
	all.Wait()

	desk := store.NewTickets(db)
	mine, err := desk.Of(t.Context(), p.ID, tickets.Filter{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(mine)) != opened.Load() || len(mine) < programs {
		t.Errorf("%d tickets are there, %d were opened", len(mine), opened.Load())
	}
	happened := map[int64]bool{}
	for _, one := range mine {
		history, err := desk.History(t.Context(), one.ID)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[tickets.Kind]int{}
		for _, e := range history {
			counts[e.Kind]++
			if e.Public {
				happened[e.Seq] = true
			}
		}
		if counts[tickets.KindOpened] != 1 || counts[tickets.KindMessage] != 1 || counts[tickets.KindMoved] != 1 {
			t.Errorf("to %s happened %v", one.Number, counts)
		}
	}
	planned := map[int64]bool{}
	for try := 0; ; try++ {
		waiting := 0
		clear(planned)
		log, err := hooks.Deliveries(t.Context(), hook.ID, 0, 1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range log {
			planned[d.Seq] = true
			if d.State != webhook.Delivered {
				waiting++
			}
		}
		if waiting == 0 && len(planned) >= len(happened) {
			break
		}
		if try == 1200 { // a claim of a process that died lasts a while
			t.Fatalf("%d deliveries of %d are still waiting, %d happened", waiting, len(log), len(happened))
		}
		time.Sleep(100 * time.Millisecond)
	}
	for seq := range happened {
		if !planned[seq] || !heard.told(fmt.Sprintf("%s_%d", hook.ID, seq)) {
			t.Errorf("nobody was told of happening %d", seq)
		}
	}
	t.Logf("%d kills, %d tickets, %d happenings, %d messages", deaths, len(mine), len(happened), heard.messages)
}

// insist asks until it is answered: the service may be down for a moment.
func insist(t *testing.T, s *served, token, method, path, key, body string, into any) {
	for range 4000 {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.address+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			text, readErr := io.ReadAll(answer.Body)
			answer.Body.Close()
			switch {
			case readErr != nil || answer.StatusCode >= 500:
			case answer.StatusCode >= 300:
				t.Errorf("%s %s is answered %s %s", method, path, answer.Status, text)
				return
			default:
				if into != nil {
					if err := json.Unmarshal(text, into); err != nil {
						t.Error(err)
					}
				}
				return
			}
		}
		time.Sleep(15 * time.Millisecond)
	}
	t.Errorf("%s %s was never answered", method, path)
}

// heard is another system that listens.
type heard struct {
	*testing.T
	secret   string
	mu       sync.Mutex
	messages int
	first    map[string]int64 // ID of a message → its place among those heard for the first time
	last     map[tickets.Number]int64
}

func (h *heard) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the service died while it spoke
	}
	if err := webhook.Verify(h.secret, r.Header, body, time.Now()); err != nil {
		h.Errorf("a message is not verified: %v", err)
	}
	var p webhook.Payload
	if err := json.Unmarshal(body, &p); err != nil {
		h.Errorf("a message is %v: %s", err, body)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.messages++
	id := r.Header.Get(webhook.HeaderID)
	if _, before := h.first[id]; before {
		return
	}
	h.first[id] = p.Seq
	if h.last == nil {
		h.last = map[tickets.Number]int64{}
	}
	if p.Seq < h.last[p.Ticket.Number] {
		h.Errorf("of %s happening %d was told after %d", p.Ticket.Number, p.Seq, h.last[p.Ticket.Number])
	}
	h.last[p.Ticket.Number] = p.Seq
}

func (h *heard) told(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, told := h.first[id]
	return told
}
