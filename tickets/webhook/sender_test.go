package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/store"
	"sportello/tickets"
	"sportello/tickets/webhook"
)

// clock is a time that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

// desk is a place where tickets are worked on and told of.
type desk struct {
	testing.TB
	clock
	db       *store.DB
	tickets  *store.Tickets
	hooks    *store.Webhooks
	people   *store.Account
	author   account.Person
	operator account.Person
	config   webhook.Config
	log      bytes.Buffer
	mu       sync.Mutex
	happened []chan struct{}
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	db, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d := &desk{TB: t, db: db, tickets: store.NewTickets(db), hooks: store.NewWebhooks(db), people: store.NewAccount(db), config: webhook.DefaultConfig()}
	d.config.AllowPrivate, d.config.Timeout = []string{"127.0.0.0/8"}, 5*time.Second
	for into, roles := range map[*account.Person][]account.Role{&d.author: nil, &d.operator: {account.Operator}} {
		*into = account.NewPerson(fmt.Sprintf("p%d@giustizia.it", len(roles)), false, "it", time.Now())
		into.Roles = append(into.Roles, roles...)
		d.ok(d.people.Apply(t.Context(), account.Change{Person: into}))
	}
	return d
}

func (d *desk) ok(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// happens wakes the senders.
func (d *desk) happens() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.happened {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// safeLog takes lines of several senders.
type safeLog struct{ d *desk }

func (l safeLog) Write(p []byte) (int, error) {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	return l.d.log.Write(p)
}

// sender starts a sender that runs until the test ends.
func (d *desk) sender(change ...func(*webhook.Sender)) *webhook.Sender {
	woken := make(chan struct{}, 1)
	d.mu.Lock()
	d.happened = append(d.happened, woken)
	d.mu.Unlock()
	s := &webhook.Sender{
		Store: d.hooks, Happenings: d.tickets, Accounts: d.people, Config: d.config, Now: d.now,
		Watch: func() (<-chan struct{}, func()) { return woken, func() {} }, Log: slog.New(slog.NewTextHandler(safeLog{d}, nil)),
	}
	for _, c := range change {
		c(s)
	}
	ctx, stop := context.WithCancel(d.Context())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	d.Cleanup(func() {
		stop()
		running.Wait()
	})
	return s
}

func (d *desk) hook(url string, events ...tickets.Kind) webhook.Hook {
	d.Helper()
	h, err := webhook.New(webhook.Wanted{URL: url, Events: events, Active: true}, d.operator.ID, d.now(), d.config)
	d.ok(err)
	h, err = d.hooks.AddHook(d.Context(), h, "")
	d.ok(err)
	return h
}

func (d *desk) open(subject string) tickets.Ticket {
	d.Helper()
	c, err := tickets.Open(tickets.Draft{Subject: subject, Body: "Non va", Channel: "api"}, "", tickets.Stamp{By: d.author, At: d.now()})
	d.ok(err)
	t, err := d.tickets.Open(d.Context(), 2026, c)
	d.ok(err)
	d.happens()
	return t
}

func (d *desk) say(t tickets.Ticket, text string, internal bool) tickets.Ticket {
	d.Helper()
	c, err := t.Say(tickets.Message{Text: text, Internal: internal}, tickets.Stamp{By: d.operator, At: d.now()})
	d.ok(err)
	d.ok(d.tickets.Save(d.Context(), c))
	d.happens()
	return c.Ticket
}

// receiver is another system. answer says what it answers to a message.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []webhook.Payload
	ids    []string
	answer func(n int, p webhook.Payload, w http.ResponseWriter)
}

func newReceiver(t testing.TB, secret func() string, answer func(n int, p webhook.Payload, w http.ResponseWriter)) *receiver {
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		if err := webhook.Verify(secret(), q.Header, body, time.Now()); err != nil && !fault.Is(err, fault.Unauthenticated) || err != nil && !strings.Contains(err.Error(), "late") {
			t.Errorf("a message is not verified: %v", err)
		}
		var p webhook.Payload
		if err := json.Unmarshal(body, &p); err != nil {
			t.Errorf("a message is no JSON: %v", err)
		}
		r.mu.Lock()
		n := len(r.got)
		r.got, r.ids = append(r.got, p), append(r.ids, q.Header.Get(webhook.HeaderID))
		r.mu.Unlock()
		if r.answer != nil {
			r.answer(n, p, w)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) all() ([]webhook.Payload, []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got), slices.Clone(r.ids)
}

// eventually waits until something is so.
func (d *desk) eventually(what string, is func() bool) {
	d.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	d.Fatalf("it never came to pass: %s; the log says\n%s", what, d.log.String())
}

func TestWhatHappensIsToldInOrderAndWithoutNotes(t *testing.T) {
	d := newDesk(t)
	var secret string
	r := newReceiver(t, func() string { return secret }, nil)
	secret = d.hook(r.URL).Secret
	one := d.open("Consolle")
	one = d.say(one, "Quale versione?", false)
	one = d.say(one, "nota riservata", true)
	one = d.say(one, "Grazie", false)
	d.sender()
	d.eventually("three messages", func() bool { got, _ := r.all(); return len(got) == 3 })
	got, _ := r.all()
	if got[0].Type != "ticket.opened" || got[1].Event.Text != "Quale versione?" || got[2].Event.Text != "Grazie" || got[0].Ticket.Number != one.Number ||
		got[0].Ticket.Author.Email != d.author.Email || got[1].Event.By.Email != d.operator.Email {
		t.Errorf("told was %+v", got)
	}
	text, _ := json.Marshal(got)
	if strings.Contains(string(text), "riservata") {
		t.Errorf("a note was told: %s", text)
	}
	d.say(one, "dopo", true)
	d.eventually("it is passed over", func() bool { // a hook that comes first hears of it
		last, err := d.tickets.LastHappening(t.Context())
		d.ok(err)
		mark, err := d.hooks.Mark(t.Context())
		d.ok(err)
		return mark == last
	})
	with, err := webhook.New(webhook.Wanted{URL: r.URL, Secret: secret, Notes: true, Events: []tickets.Kind{tickets.KindNote}, Active: true}, "", d.now(), d.config)
	d.ok(err)
	_, err = d.hooks.AddHook(t.Context(), with, "")
	d.ok(err)
	last, err := d.tickets.Ticket(t.Context(), one.ID)
	d.ok(err)
	d.say(last, "nota chiesta", true)
	d.eventually("the note", func() bool { got, _ := r.all(); return len(got) > 3 })
	if got, _ := r.all(); got[3].Event.Text != "nota chiesta" {
		t.Errorf("told was %q first", got[3].Event.Text)
	}
}

// A ticket's people are forgotten some years after it was closed; operators
// can still write on it.
func TestWhatHappensToATicketWhosePeopleWereForgottenIsTold(t *testing.T) {
	d := newDesk(t)
	one := d.open("Consolle")
	one.Author, one.Observers = "", []account.PersonID{""}
	one.Version++
	d.ok(d.tickets.Save(t.Context(), tickets.Change{Ticket: one}))
	var secret string
	r := newReceiver(t, func() string { return secret }, nil)
	secret = d.hook(r.URL, tickets.KindMessage).Secret
	d.say(one, "Archiviato", false)
	d.sender()
	d.eventually("the message", func() bool { got, _ := r.all(); return len(got) == 1 })
	if got, _ := r.all(); got[0].Ticket.Author != (webhook.Person{}) || got[0].Ticket.Number != one.Number {
		t.Errorf("told was %+v", got)
	}
}

// listed does something once, after the hooks were listed.
type listed struct {
	webhook.Store
	then func()
	once sync.Once
}

func (l *listed) Hooks(ctx context.Context) ([]webhook.Hook, error) {
	hooks, err := l.Store.Hooks(ctx)
	l.once.Do(l.then)
	return hooks, err
}

func TestAHookHearsOfAllThatHappensOnceItIsThere(t *testing.T) {
	for name, others := range map[string]bool{"the first one": false, "one more": true} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			var secret string
			r := newReceiver(t, func() string { return secret }, nil)
			if others {
				d.hook(r.URL, tickets.KindRated)
			}
			d.open("Prima")
			d.sender(func(s *webhook.Sender) {
				s.Store = &listed{Store: s.Store, then: func() {
					secret = d.hook(r.URL).Secret
					d.open("Dopo")
				}}
			})
			d.eventually("the message", func() bool { got, _ := r.all(); return len(got) == 1 })
			if got, _ := r.all(); got[0].Ticket.Subject != "Dopo" {
				t.Errorf("told was %+v", got)
			}
		})
	}
}

func TestWhatFailsIsSentAgainUnderItsIDAndHoldsBackItsTicketOnly(t *testing.T) {
	d := newDesk(t)
	var secret string
	var fail atomic.Bool
	fail.Store(true)
	r := newReceiver(t, func() string { return secret }, func(_ int, p webhook.Payload, w http.ResponseWriter) {
		if fail.Load() && strings.HasPrefix(p.Ticket.Subject, "Difficile") {
			http.Error(w, "not <b>now</b>, la password è Estate2024!\x07"+strings.Repeat("x", 2000), http.StatusBadRequest)
		}
	})
	h := d.hook(r.URL)
	secret = h.Secret
	d.sender()
	hard := d.say(d.open("Difficile"), "secondo", false)
	d.say(d.open("Facile"), "anche", false)
	d.eventually("the easy one is told and the hard one failed", func() bool {
		log, err := d.hooks.Deliveries(t.Context(), h.ID, 0, 10)
		d.ok(err)
		return len(log) == 4 && log[0].State == webhook.Delivered && log[1].State == webhook.Delivered && log[3].Tries == 1
	})
	log, err := d.hooks.Deliveries(t.Context(), h.ID, 0, 10)
	d.ok(err)
	if d := log[3]; d.Status != 400 || len([]rune(d.Answer)) > 500 || strings.Contains(d.Answer, "Estate2024") || strings.Contains(d.Answer, "\x07") || !strings.HasPrefix(d.Answer, "not <b>now</b>") {
		t.Errorf("the log says %+v", d)
	}
	if log[2].Tries != 0 {
		t.Errorf("the second message overtook the first: %+v", log[2])
	}
	fail.Store(false)
	d.forward(10 * time.Second)
	d.happens()
	d.eventually("all are told", func() bool {
		log, err := d.hooks.Deliveries(t.Context(), h.ID, 0, 10)
		d.ok(err)
		return !slices.ContainsFunc(log, func(d webhook.Delivery) bool { return d.State != webhook.Delivered })
	})
	got, ids := r.all()
	var order []string
	for i, p := range got {
		if p.Ticket.Number == hard.Number {
			order = append(order, fmt.Sprint(p.Event.Kind, " ", ids[i]))
		}
	}
	first := fmt.Sprint("opened ", h.ID, "_", log[3].Seq)
	if want := []string{first, first, fmt.Sprint("message ", h.ID, "_", log[2].Seq)}; !slices.Equal(order, want) {
		t.Errorf("told were %v, want %v", order, want)
	}
}

func TestTwoSendersTellEachHappeningOnce(t *testing.T) {
	d := newDesk(t)
	var secret string
	r := newReceiver(t, func() string { return secret }, nil)
	secret = d.hook(r.URL, tickets.KindOpened).Secret
	d.sender()
	d.sender()
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() { d.open(fmt.Sprint("Ticket ", i)) })
	}
	all.Wait()
	d.eventually("all sixty", func() bool { got, _ := r.all(); return len(got) >= 60 })
	time.Sleep(300 * time.Millisecond)
	_, ids := r.all()
	if n := len(slices.Compact(slices.Sorted(slices.Values(ids)))); n != 60 || len(ids) != 60 {
		t.Errorf("%d messages of %d IDs, want 60", len(ids), n)
	}
}

func TestWhatWasMissedIsReplayedUnderItsID(t *testing.T) {
	d := newDesk(t)
	var secret string
	r := newReceiver(t, func() string { return secret }, nil)
	h := d.hook(r.URL)
	secret = h.Secret
	s := d.sender()
	began := d.now().Add(-time.Second)
	one := d.open("Consolle")
	d.eventually("the first", func() bool { got, _ := r.all(); return len(got) == 1 })
	paused, err := h.With(webhook.Wanted{URL: h.URL, Secret: h.Secret}, d.config)
	d.ok(err)
	paused.Version++
	d.ok(d.hooks.SaveHook(t.Context(), paused))
	d.say(one, "durante la pausa", false)
	d.eventually("the mark has moved on", func() bool {
		mark, err := d.hooks.Mark(t.Context())
		d.ok(err)
		return mark == 2
	})
	awake, err := paused.With(webhook.Wanted{URL: h.URL, Secret: h.Secret, Active: true}, d.config)
	d.ok(err)
	awake.Version++
	d.ok(d.hooks.SaveHook(t.Context(), awake))
	n, err := s.ReplaySince(t.Context(), h.ID, began)
	d.ok(err)
	d.eventually("both again", func() bool { got, _ := r.all(); return len(got) == 3 })
	_, ids := r.all()
	if n != 2 || ids[0] != ids[1] || ids[2] == ids[0] {
		t.Errorf("%d replayed; told were %v", n, ids)
	}
	d.ok(s.Replay(t.Context(), h.ID, 2))
	d.eventually("the second again", func() bool { got, _ := r.all(); return len(got) == 4 })
	for name, err := range map[string]error{
		"from the future": second(s.ReplaySince(t.Context(), h.ID, d.now().Add(time.Hour))),
		"too long ago":    second(s.ReplaySince(t.Context(), h.ID, d.now().AddDate(0, 0, -30))),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a replay %s: %v", name, err)
		}
	}
	if err := s.Replay(t.Context(), h.ID, 99); !fault.Is(err, fault.NotFound) {
		t.Errorf("a replay of nothing: %v", err)
	}
}

func second(_ int, err error) error { return err }

func TestWhatOthersAnswerIsTakenWithCare(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer secure.Close()
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	for name, c := range map[string]struct {
		answer  func(w http.ResponseWriter)
		url     string
		allow   []string
		status  int
		says    string
		stopped webhook.Reason
	}{
		"a redirection is not followed": {answer: func(w http.ResponseWriter) { w.Header().Set("Location", other.URL); w.WriteHeader(302) }, status: 302},
		"one that is gone is stopped":   {answer: func(w http.ResponseWriter) { w.WriteHeader(410) }, status: 410, stopped: webhook.Gone},
		"an endless answer is cut off": {answer: func(w http.ResponseWriter) {
			w.WriteHeader(500)
			for range 10_000 {
				if _, err := w.Write(bytes.Repeat([]byte("a"), 10_000)); err != nil {
					return
				}
			}
		}, status: 500, says: "aaa"},
		"one that is slow is left":                       {answer: func(http.ResponseWriter) { time.Sleep(2 * time.Second) }, says: "no answer in time"},
		"a certificate that nobody vouches for is none":  {url: secure.URL, says: "the certificate is not valid"},
		"an address that is not admitted is not dialled": {url: strings.Replace(other.URL, "127.0.0.1", "localhost", 1), allow: []string{"10.0.0.0/8"}, says: "internal network"},
		"nobody listens":                                 {url: "http://127.0.0.1:1/", says: "no connection"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.config.Timeout = time.Second
			if c.allow != nil {
				d.config.AllowPrivate = c.allow
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.answer(w) }))
			defer server.Close()
			url := c.url
			if url == "" {
				url = server.URL
			}
			h := d.hook(url)
			d.sender()
			d.open("Consolle")
			var log []webhook.Delivery
			d.eventually("a try", func() bool {
				var err error
				log, err = d.hooks.Deliveries(t.Context(), h.ID, 0, 1)
				d.ok(err)
				return len(log) == 1 && log[0].Tries > 0
			})
			if log[0].Status != c.status || !strings.Contains(log[0].Answer, c.says) || log[0].State == webhook.Delivered || elsewhere > 0 {
				t.Errorf("the log says %+v; elsewhere came %d", log[0], elsewhere)
			}
			now, err := d.hooks.Hook(t.Context(), h.ID)
			d.ok(err)
			if now.Stopped != c.stopped {
				t.Errorf("the hook is %+v", now)
			}
		})
	}
}

func TestTheConfigurationTellsAllMistakes(t *testing.T) {
	err := webhook.Config{AllowPrivate: []string{"10.0.0.1", "x"}, Timeout: time.Hour, PauseAfter: time.Second}.Check()
	for _, want := range []string{"10.0.0.1", `"x"`, "timeout", "pause_after"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v tells nothing of %s", err, want)
		}
	}
	if err := webhook.DefaultConfig().Check(); err != nil {
		t.Error(err)
	}
}
