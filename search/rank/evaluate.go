package rank

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"sportello/internal/fault"
	"sportello/search"
)

// Open makes an empty index in a folder that exists and is empty.
type Open func(dir string) (search.Index, error)

// Options of a measurement.
type Options struct {
	Progress func(done, all int) // called now and then, if given
	Quick    bool                // one pass over the questions: no figure for all cores
}

// Report is what a measurement found, in the form of the command's JSON.
type Report struct {
	Quality
	Latency          Latency `json:"latency_ms"`
	QueriesPerSecond float64 `json:"queries_per_second"`
	Index            Size    `json:"index"`

	Heap    int64    `json:"-"` // bytes of memory that the index keeps
	Answers []Answer `json:"-"` // in the order of the questions
}

// Latency of one search at a time, in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// Size says what it takes to build the index, and to keep it.
type Size struct {
	Seconds  float64 `json:"seconds"`
	Bytes    int64   `json:"bytes"`
	Articles int     `json:"articles"`
}

// batch is how many documents are applied together.
const batch = 1000

// Evaluate indexes the articles of a set in a temporary folder, asks all of
// its questions, one at a time and then from all cores, and judges the answers.
func Evaluate(ctx context.Context, open Open, set Set, o Options) (report Report, err error) {
	defer fault.Wrap(&err, "evaluate search")
	dir, err := os.MkdirTemp("", "sportello-eval-")
	if err != nil {
		return report, err
	}
	defer os.RemoveAll(dir)
	docs := set.Docs()
	before := heap()
	index, err := open(filepath.Join(dir, "index"))
	if err != nil {
		return report, err
	}
	defer index.Close()

	start := time.Now()
	seq := int64(0)
	for part := range slices.Chunk(docs, batch) {
		seq++
		if err := index.Apply(ctx, seq, part, nil); err != nil {
			return report, err
		}
	}
	report.Index.Seconds = time.Since(start).Seconds()
	report.Index.Articles = len(docs)
	if report.Index.Bytes, err = folderSize(dir); err != nil {
		return report, err
	}
	report.Heap = heap() - before
	if err := ask(ctx, index, set.Questions, &report, o); err != nil {
		return report, err
	}
	report.Quality = Measure(report.Answers, set.Grades)
	if o.Quick || len(set.Questions) == 0 {
		return report, nil
	}
	report.QueriesPerSecond, err = throughput(ctx, index, set.Questions)
	return report, err
}

// ask puts the questions one at a time.
func ask(ctx context.Context, index search.Index, questions []Question, report *Report, o Options) error {
	took := make([]float64, len(questions))
	report.Answers = make([]Answer, len(questions))
	for i, q := range questions {
		start := time.Now()
		result, err := index.Search(ctx, query(q))
		took[i] = float64(time.Since(start).Nanoseconds()) / 1e6
		if err != nil {
			return fmt.Errorf("question %s: %w", q.ID, err)
		}
		a := Answer{ID: q.ID, Decision: result.Decision, Confidence: result.Confidence, Hits: make([]string, len(result.Hits))}
		for j, h := range result.Hits {
			a.Hits[j] = h.ID
		}
		report.Answers[i] = a
		if o.Progress != nil && (i%100 == 99 || i == len(questions)-1) {
			o.Progress(i+1, len(questions))
		}
	}
	slices.Sort(took)
	if n := len(took); n > 0 {
		report.Latency = Latency{took[n/2], took[n*99/100]}
	}
	return nil
}

func query(q Question) search.Query {
	lang := q.Lang
	if lang == "" {
		lang = "it"
	}
	return search.Query{Text: q.Text, Lang: lang, Audiences: []search.Audience{search.All}, Limit: depth, Meaning: true}
}

// throughput asks the questions from all cores for about a second.
func throughput(ctx context.Context, index search.Index, questions []Question) (float64, error) {
	var next, failed atomic.Int64
	start := time.Now()
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for time.Since(start) < time.Second && ctx.Err() == nil {
				n := next.Add(1) - 1
				if _, err := index.Search(ctx, query(questions[n%int64(len(questions))])); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := failed.Load(); n > 0 {
		return 0, fmt.Errorf("%d searches failed", n)
	}
	return float64(next.Load()) / time.Since(start).Seconds(), ctx.Err()
}

// heap is the memory in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func folderSize(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // a file that merging removed meanwhile takes no space
		}
		if info, err := d.Info(); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size, err
}

// WriteAnswers writes one JSON value a line.
func WriteAnswers(w io.Writer, answers []Answer) error {
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	for _, a := range answers {
		if err := lines.Encode(a); err != nil {
			return err
		}
	}
	return out.Flush()
}

// WriteTable writes the report for people; set is what was measured.
func (r Report) WriteTable(w io.Writer, set Set) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "questions\t%d, of them %d without an answer\n", r.Queries, r.OutOfScope)
	fmt.Fprintf(t, "MRR@10\t%.3f\n", r.MRR)
	fmt.Fprintf(t, "recall@1, @3, @10\t%.3f, %.3f, %.3f\n", r.Recall1, r.Recall3, r.Recall10)
	fmt.Fprintf(t, "nDCG@10\t%.3f\n", r.NDCG)
	fmt.Fprintf(t, "answered\t%d right, %d wrong\n", r.AnsweredRight, r.AnsweredWrong)
	fmt.Fprintf(t, "clarified\t%d with the right choice, %d without\n", r.ClarifiedRight, r.ClarifiedWrong)
	fmt.Fprintf(t, "abstained\t%d where there was an answer, %d where there was none\n", r.AbstainedInScope, r.AbstainedOutOfScope)
	fmt.Fprintf(t, "confidence\tAUC %.3f, calibration error %.3f\n", r.AUC, r.ECE)
	fmt.Fprintf(t, "one search\tp50 %.2f ms, p99 %.2f ms\n", r.Latency.P50, r.Latency.P99)
	fmt.Fprintf(t, "all cores\t%.0f searches/s\n", r.QueriesPerSecond)
	fmt.Fprintf(t, "index\t%d articles, %.2f s, %.1f MB on disk, %.1f MB of memory\n", r.Index.Articles, r.Index.Seconds, float64(r.Index.Bytes)/1e6, float64(r.Heap)/1e6)
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return WriteReliability(w, Reliability(r.Trust(set)))
}
