package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sportello/bot"
	"sportello/kb"
)

type benchCommand struct {
	Articles int    `help:"Articles in the knowledge base." default:"10000"`
	Turns    int    `help:"Turns of one person." default:"400"`
	People   int    `help:"People who talk at the same time." default:"32"`
	Each     int    `help:"Turns of each of them." default:"40"`
	Tickets  int    `help:"Tickets in the database." default:"100000"`
	Mails    int    `help:"Mails to take in." default:"2000"`
	Only     string `help:"Measure only turns, only tickets, or only mails." enum:"turns,tickets,mails," default:""`
}

// Run prints figures beside what the machine itself can do, from the same run.
func (c *benchCommand) Run(ctx context.Context, con *console) error {
	if c.Tickets < 2000 {
		return usageError{errors.New("--tickets is a number from 2000")}
	}
	for _, part := range []struct {
		name    string
		measure func(context.Context, *console) error
	}{{"turns", c.turns}, {"tickets", c.tickets}, {"mails", c.mails}} {
		if c.Only != "" && c.Only != part.name {
			continue
		}
		if err := part.measure(ctx, con); err != nil {
			return err
		}
	}
	return nil
}

func (c *benchCommand) turns(ctx context.Context, con *console) (err error) {
	dir, err := os.MkdirTemp("", "sportello-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	disk, err := fsyncTimes(dir, 200)
	if err != nil {
		return err
	}
	m, err := readContent(contentConfig{})
	if err != nil {
		return err
	}
	questions, err := shippedQuestions(m)
	if err != nil {
		return err
	}
	b := &bench{console: con, material: m, data: filepath.Join(dir, "data"), questions: questions}
	if err := b.fill(ctx, c.Articles); err != nil {
		return err
	}
	return b.measure(ctx, c, disk)
}

// bench is a service over a large knowledge base in a folder of its own.
type bench struct {
	*console
	material  *material
	data      string
	questions []string
	site      string
}

func (b *bench) open(ctx context.Context) (*app, error) {
	settings := defaultConfig()
	settings.Widget.MessagesPerMinute, settings.Widget.StartsPerMinute = 1_000_000, 1_000_000
	return open(ctx, options{config: settings, data: b.data, material: b.material, log: slog.New(slog.NewTextHandler(io.Discard, nil)), progress: b.progress})
}

// fill adds articles whose sections are the shipped ones, recombined by a
// seeded draw, until there are enough.
func (b *bench) fill(ctx context.Context, articles int) (err error) {
	begin := time.Now()
	a, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	_, err = a.library.Import(ctx, recombined(b.material.articles, articles), kb.Local)
	if err != nil {
		return err
	}
	if _, err := a.indexer.CatchUp(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(b.Out, "%d articles imported and indexed in %.1f s\n", articles, time.Since(begin).Seconds())
	return err
}

func recombined(shipped []kb.Article, articles int) []kb.Article {
	draw := rand.New(rand.NewPCG(2026, 11))
	var pieces []string
	for _, a := range shipped {
		if a.Lang == "it" {
			pieces = append(pieces, strings.SplitAfter(a.Body, ". ")...)
		}
	}
	var all []kb.Article
	for i := len(shipped); i < articles; i++ {
		one := shipped[draw.IntN(len(shipped))]
		one.ID, one.Lang, one.Related = fmt.Sprintf("prova-%06d", i), "it", nil
		one.Title = fmt.Sprintf("%s, caso %d", one.Title, i)
		one.Questions = nil
		var body strings.Builder
		for body.Len() < len(one.Body) { // as long as a real one
			body.WriteString(pieces[draw.IntN(len(pieces))])
		}
		one.Body = strings.ReplaceAll(body.String(), "\n#", "\n")
		all = append(all, one)
	}
	return all
}

// shippedQuestions are the judged ones: phrased as people do, and new to the
// articles.
func shippedQuestions(m *material) ([]string, error) {
	text, err := fs.ReadFile(m.fs, "judged/it/queries.jsonl")
	if err != nil {
		return nil, err
	}
	var all []string
	for line := range bytes.Lines(text) {
		var q struct{ Text string }
		if err := json.Unmarshal(line, &q); err != nil {
			return nil, err
		}
		all = append(all, q.Text)
	}
	return all, nil
}

func (b *bench) measure(ctx context.Context, c *benchCommand, disk spread) (err error) {
	begin := time.Now()
	a, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	s, err := a.site(ctx, true)
	if err != nil {
		return err
	}
	defer s.stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	streams, end := context.WithCancel(ctx)
	server := &http.Server{Handler: s.handler, BaseContext: func(net.Listener) context.Context { return streams }}
	go func() { _ = server.Serve(listener) }() // it ends with Close
	defer func() {
		end()
		_ = server.Close()
	}()
	b.site = "http://" + listener.Addr().String() + "/api/v1/conversations"
	start := time.Since(begin)

	one, err := b.talk(ctx, c.Turns, 0)
	if err != nil {
		return err
	}
	alone := spreadOf(one)
	many, took, err := b.crowd(ctx, c.People, c.Each)
	if err != nil {
		return err
	}
	together := spreadOf(many)
	fmt.Fprintf(b.Out, `
%-46s %10s %10s %10s
%-46s %10.2f %10.2f
%-46s %10.2f %10.2f %10s
%-46s %10.2f %10.2f
%-46s %10.0f
%-46s %10.2f            < 1 s
`,
		"", "median ms", "p99 ms", "bar",
		"the machine's fsync of 4 KiB", disk.median, disk.p99,
		fmt.Sprintf("a durable turn, one person (%d turns)", len(one)), alone.median, alone.p99, "10 / 50",
		fmt.Sprintf("a durable turn, %d people at once", c.People), together.median, together.p99,
		"full turns a second, load included", float64(len(many))/took.Seconds(),
		fmt.Sprintf("start to ready, %d articles, seconds", c.Articles), start.Seconds())
	_, err = fmt.Fprintf(b.Out, "a turn is %.1f times the machine's fsync, of which it needs two: the message, and the answer\n", alone.median/disk.median)
	return err
}

// crowd lets many people talk at the same time.
func (b *bench) crowd(ctx context.Context, people, each int) (times []float64, took time.Duration, err error) {
	begin := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range people {
		all.Go(func() {
			mine, failed := b.talk(ctx, each, i*each)
			mu.Lock()
			defer mu.Unlock()
			times, err = append(times, mine...), errors.Join(err, failed)
		})
	}
	all.Wait()
	return times, time.Since(begin), err
}

// talk asks questions in one conversation and measures, in milliseconds, from
// the sending of each to the arrival of its answer on the stream.
func (b *bench) talk(ctx context.Context, turns, offset int) ([]float64, error) {
	var started struct {
		ID    bot.ConversationID
		Token string
	}
	if err := b.post(ctx, "", "", map[string]any{"lang": "it"}, &started); err != nil {
		return nil, err
	}
	path := "/" + string(started.ID)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.site+path+"/events", nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+started.Token)
	stream, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	lines.Buffer(nil, 1<<20)
	answered(lines)
	var times []float64
	for i := range turns {
		begin := time.Now()
		question := b.questions[(offset+i)%len(b.questions)]
		if err := b.post(ctx, path+"/messages", started.Token, map[string]any{"client_id": fmt.Sprint(i), "text": question}, nil); err != nil {
			return times, err
		}
		if !answered(lines) {
			return times, errors.Join(errors.New("the stream ended"), lines.Err())
		}
		times = append(times, float64(time.Since(begin).Microseconds())/1000)
	}
	return times, nil
}

// answered reads the stream up to the next message of the assistant.
func answered(lines *bufio.Scanner) bool {
	for lines.Scan() {
		if data, is := strings.CutPrefix(lines.Text(), "data: "); is && strings.Contains(data, `"author":"bot","text"`) {
			return true
		}
	}
	return false
}

func (b *bench) post(ctx context.Context, path, token string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.site+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("POST %s: %s", path, answer.Status)
	}
	if into == nil {
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// spread of measured times, in milliseconds.
type spread struct{ median, p99 float64 }

func spreadOf(times []float64) spread {
	slices.Sort(times)
	n := len(times)
	if n == 0 {
		return spread{}
	}
	return spread{times[n/2], times[n*99/100]}
}

// fsyncTimes measures what the disk takes to keep 4 KiB.
func fsyncTimes(dir string, n int) (_ spread, err error) {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return spread{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var times []float64
	block := make([]byte, 4<<10)
	for range n {
		begin := time.Now()
		if _, err := f.Write(block); err != nil {
			return spread{}, err
		}
		if err := f.Sync(); err != nil {
			return spread{}, err
		}
		times = append(times, float64(time.Since(begin).Microseconds())/1000)
	}
	return spreadOf(times), nil
}
