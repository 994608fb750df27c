package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sportello/account"
	"sportello/store"
	"sportello/tickets"
)

// How the tickets are measured.
const (
	ticketsEach  = 20   // tickets of one person
	benchCallers = 64   // programs that open tickets at the same time
	benchOpened  = 6000 // tickets that they open
	benchReads   = 1000 // of each sort
)

// ticketBench is a service over many tickets in a folder of its own.
type ticketBench struct {
	*console
	app      *app
	dir      string
	people   []account.Person
	operator account.Person
	tickets  int
	draw     *rand.Rand
	flat     []readFigures
	samples  []tickets.Change
}

// readFigures are what reading takes with so many tickets.
type readFigures struct {
	tickets int
	times   map[string]spread
}

// readSorts are what is read, in the order in which it is shown.
var readSorts = []string{"reference: the newest number", "list of one's own", "search in one's own", "the operator's queue", "the operator's search"}

func (c *benchCommand) tickets(ctx context.Context, con *console) (err error) {
	dir, err := os.MkdirTemp("", "sportello-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	settings := defaultConfig()
	settings.API.ReadsPerMinute, settings.API.ChangesPerMinute = 1_000_000_000, 1_000_000_000
	a, err := open(ctx, options{config: settings, data: filepath.Join(dir, "data"), log: slog.New(slog.NewTextHandler(io.Discard, nil)), memory: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	b := &ticketBench{console: con, app: a, dir: dir, draw: rand.New(rand.NewPCG(2026, 11))}
	b.operator = account.NewPerson("operatore@giustizia.it", false, "it", time.Now())
	b.operator.Roles = []account.Role{account.User, account.Operator}
	if err := a.people.Apply(ctx, account.Change{Person: &b.operator}); err != nil {
		return err
	}
	if err := b.sample(ctx, 2000); err != nil {
		return err
	}
	for _, size := range []int{c.Tickets / 100, c.Tickets / 10, c.Tickets} {
		if err := b.fill(ctx, size); err != nil {
			return err
		}
		if err := b.read(ctx); err != nil {
			return err
		}
	}
	b.tell()
	return b.open(ctx)
}

// subjects are of the sort that people write.
var benchWords = []string{
	"Consolle", "SICID", "stampante", "password", "PEC", "busta", "deposito", "fascicolo", "smart card", "firma", "lettore", "rete", "VPN", "posta", "Teams",
	"non", "si apre", "è lento", "dà errore", "è bloccato", "non stampa", "non risponde", "è scaduta", "non si aggiorna", "chiede il PIN", "da ieri", "stamattina",
}

func (b *ticketBench) draft(draw *rand.Rand) tickets.Draft {
	words := func(n int) string {
		var text bytes.Buffer
		for range n {
			text.WriteString(benchWords[draw.IntN(len(benchWords))] + " ")
		}
		return text.String()
	}
	return tickets.Draft{
		Application: "consolle", Subject: fmt.Sprintf("Consolle %d %s", draw.IntN(100_000), words(4)), Body: words(40), Impact: tickets.Me, ForMe: true,
		Office: "Tribunale di Bari, cancelleria civile", Phone: "080 5551234", Channel: "portal",
	}
}

// fillPage is how many tickets are kept in one transaction while filling.
const fillPage = 500

// fill keeps tickets of last year until there are so many, each person having
// a few.
func (b *ticketBench) fill(ctx context.Context, size int) error {
	begin, before := time.Now(), b.tickets
	fresh := make([]account.Person, (size-before)/ticketsEach)
	for i := range fresh {
		p := account.NewPerson(fmt.Sprintf("persona.%06d@giustizia.it", len(b.people)+i), false, "it", begin)
		fresh[i] = p
	}
	var all sync.WaitGroup
	var failed atomic.Pointer[error]
	pages := make(chan int)
	for range 4 {
		all.Go(func() {
			for first := range pages {
				if err := b.fillPage(ctx, fresh, before, first, min(fillPage, size-before-first)); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	for first := 0; first < size-before; first += fillPage {
		pages <- first
	}
	close(pages)
	all.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	b.tickets, b.people = size, append(b.people, fresh...)
	took := time.Since(begin)
	_, err := fmt.Fprintf(b.Out, "%d tickets kept in %.1f s (%.0f/s), %d people in all\n", size-before, took.Seconds(), float64(size-before)/took.Seconds(), len(b.people))
	return err
}

func (b *ticketBench) fillPage(ctx context.Context, fresh []account.Person, before, first, n int) error {
	var changes []tickets.Change
	for i := first; i < first+n; i++ {
		p := fresh[i%len(fresh)]
		if i < len(fresh) {
			if err := b.app.people.Apply(ctx, account.Change{Person: &p}); err != nil {
				return err
			}
		}
		c := b.samples[i%len(b.samples)]
		c.Ticket.ID, c.Ticket.Number, c.Ticket.Author = tickets.ID(fmt.Sprint("bench-", before+i)), tickets.NewNumber(2025, before+i+1), p.ID
		c.Happened = slices.Clone(c.Happened)
		for j := range c.Happened {
			c.Happened[j].Ticket, c.Happened[j].By = c.Ticket.ID, p.ID
		}
		changes = append(changes, c)
	}
	return b.app.tickets.Save(ctx, changes...)
}

// sample makes tickets to fill the database with: as the desk makes them, so
// that what is kept is of the usual sort.
func (b *ticketBench) sample(ctx context.Context, n int) error {
	for i := range n {
		at := time.Date(2025, time.March, 1, 8, 0, i, 0, time.UTC)
		c, err := b.app.desk.Opening(ctx, b.draft(b.draw), tickets.Stamp{By: b.operator, At: at})
		if err != nil {
			return err
		}
		b.samples = append(b.samples, c)
	}
	return nil
}

// read measures lists and searches.
func (b *ticketBench) read(ctx context.Context) error {
	figures := readFigures{tickets: b.tickets, times: map[string]spread{}}
	one := func() account.Person { return b.people[b.draw.IntN(len(b.people))] }
	reads := map[string]func() error{
		readSorts[0]: func() error { // as little as one can ask the database
			_, err := b.app.tickets.LastHappening(ctx)
			return err
		},
		readSorts[1]: func() error {
			list, err := b.app.desk.Mine(ctx, one(), tickets.Filter{})
			if err == nil && len(list) != ticketsEach {
				err = fmt.Errorf("a person has %d tickets", len(list))
			}
			return err
		},
		readSorts[2]: func() error {
			_, err := b.app.desk.Mine(ctx, one(), tickets.Filter{Text: benchWords[b.draw.IntN(15)] + " errore"})
			return err
		},
		readSorts[3]: func() error {
			_, err := b.app.desk.Queue(ctx, b.operator, tickets.Queue{Open: true})
			return err
		},
		readSorts[4]: func() error {
			_, err := b.app.desk.Queue(ctx, b.operator, tickets.Queue{Text: fmt.Sprint("consolle ", b.draw.IntN(100_000))})
			return err
		},
	}
	for _, sort := range readSorts {
		var times []float64
		for range benchReads {
			begin := time.Now()
			if err := reads[sort](); err != nil {
				return err
			}
			times = append(times, float64(time.Since(begin).Microseconds())/1000)
		}
		figures.times[sort] = spreadOf(times)
	}
	b.flat = append(b.flat, figures)
	return nil
}

// tell prints what reading takes at each size.
func (b *ticketBench) tell() {
	fmt.Fprintf(b.Out, "\n%-30s", "p50 / p99 ms, tickets:")
	for _, f := range b.flat {
		fmt.Fprintf(b.Out, " %17d", f.tickets)
	}
	fmt.Fprintf(b.Out, " %10s\n", "bar p99")
	for _, sort := range readSorts {
		fmt.Fprintf(b.Out, "%-30s", sort)
		for _, f := range b.flat {
			fmt.Fprintf(b.Out, "   %6.2f / %6.2f", f.times[sort].median, f.times[sort].p99)
		}
		fmt.Fprintf(b.Out, " %10s\n", "< 20")
	}
}

// open measures how many tickets programs open in a second, and how many bare
// rows the same database keeps.
func (b *ticketBench) open(ctx context.Context) error {
	bare, err := b.bare(ctx)
	if err != nil {
		return err
	}
	s, err := b.app.site(ctx, true)
	if err != nil {
		return err
	}
	defer s.stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.handler}
	go func() { _ = server.Serve(listener) }() // it ends with Close
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchCallers}}
	site := "http://" + listener.Addr().String() + "/api/v1/tickets"
	secret := func(p account.Person, scopes ...account.Scope) (string, error) {
		t, secret, err := account.NewToken(p.ID, "bench", scopes, time.Now(), 0)
		if err != nil {
			return "", err
		}
		return secret, b.app.people.AddToken(ctx, t)
	}
	known, err := secret(b.people[0], account.TicketsWrite)
	if err != nil {
		return err
	}
	acting, err := secret(b.operator, account.TicketsWrite, account.TicketsActFor)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "\n%-46s %10s %10s %10s %10s %10s\n", fmt.Sprintf("tickets opened by API at %d", b.tickets), "a second", "bar", "bare rows", "ratio", "CPU ms")
	for i, run := range []struct {
		name, token string
		author      func(n int) string
	}{
		{"for oneself, a known person", known, func(int) string { return "" }},
		{"for others who are known, by an operator", acting, func(n int) string { return b.people[n%len(b.people)].Email }},
		{"for others who are new, by an operator", acting, func(n int) string { return fmt.Sprintf("nuova.%d@giustizia.it", n) }},
	} {
		used := cpuTime()
		rate, err := b.load(func(n int, draw *rand.Rand) error {
			d := b.draft(draw)
			body := map[string]any{"application": d.Application, "subject": d.Subject, "body": d.Body, "impact": "me", "office": d.Office, "phone": d.Phone}
			if author := run.author(n); author != "" {
				body["author"] = author
			}
			return openByAPI(ctx, client, site, run.token, fmt.Sprint(i, "-", n), body)
		})
		if err != nil {
			return err
		}
		each := (cpuTime() - used).Seconds() * 1000 / benchOpened
		fmt.Fprintf(b.Out, "%-46s %10.0f %10s %10.0f %10.2f %10.2f\n", run.name, rate, "1000", bare, rate/bare, each)
	}
	_, err = fmt.Fprintln(b.Out, "CPU: computed by this process for each ticket, load included; where others use the machine, two cores divided by it is what is possible")
	return err
}

// load lets many work at once and returns how much they do in a second.
func (b *ticketBench) load(one func(n int, draw *rand.Rand) error) (float64, error) {
	var all sync.WaitGroup
	var failed atomic.Pointer[error]
	var next atomic.Int64
	begin := time.Now()
	for i := range benchCallers {
		all.Go(func() {
			draw := rand.New(rand.NewPCG(uint64(i), 7))
			for n := next.Add(1); n <= benchOpened && failed.Load() == nil; n = next.Add(1) {
				if err := one(int(n), draw); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return benchOpened / time.Since(begin).Seconds(), nil
}

// bare measures rows of the same length, kept by the same writer in a database
// of their own.
func (b *ticketBench) bare(ctx context.Context) (rate float64, err error) {
	db, err := store.Open(ctx, filepath.Join(b.dir, "bare"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := store.NewBare(ctx, db)
	if err != nil {
		return 0, err
	}
	return b.load(func(_ int, draw *rand.Rand) error {
		d := b.draft(draw)
		return rows.Insert(ctx, d.Subject+d.Body)
	})
}

func openByAPI(ctx context.Context, client *http.Client, site, token, key string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, site, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Idempotency-Key", key)
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	told, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusCreated {
		err = fmt.Errorf("a ticket was answered %s %s", answer.Status, told)
	}
	return err
}
