package semantic

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sportello/search"
	"sportello/search/semantic/semantictest"
)

// opened are vectors over a folder, filled from the double.
func opened(t *testing.T, d *semantictest.Server, dir string, docs ...search.Document) *Vectors {
	t.Helper()
	c := DefaultConfig()
	c.BaseURL, c.EmbeddingModel = d.URL+"/v1", "bag"
	s, err := Open(c, Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Vectors.Apply(t.Context(), 1, docs, nil); err != nil {
		t.Fatal(err)
	}
	s.Vectors.Sweep()
	if err := s.Vectors.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.Vectors
}

// texts are all that the server was asked to embed.
func texts(d *semantictest.Server) int {
	n := 0
	for _, body := range d.Received() {
		n += strings.Count(body[strings.Index(body, `"input"`):], `","`) + 1
	}
	return n
}

func TestVectorsAreAskedForOnce(t *testing.T) {
	d, dir := semantictest.New(t), t.TempDir()
	opened(t, d, dir, articles()...)
	if len(d.Received()) == 0 {
		t.Fatal("nothing was asked for")
	}
	x := opened(t, d, dir, articles()...)
	if bodies := d.Received(); len(bodies) > 0 {
		t.Errorf("after a restart the server is asked %d times", len(bodies))
	}
	if found, all := x.Covered(); found != all || all != len(articles()) {
		t.Errorf("%d of %d articles have vectors", found, all)
	}
	changed := articles()[0]
	changed.Sections[0].Text = "Tutto nuovo."
	if err := x.Apply(t.Context(), 2, []search.Document{changed}, nil); err != nil {
		t.Fatal(err)
	}
	if err := x.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if bodies := d.Received(); len(bodies) != 1 || !strings.Contains(bodies[0], "Tutto nuovo.") || strings.Contains(bodies[0], "foglio") {
		t.Errorf("of a changed section is asked %q", bodies)
	}
}

func TestABrokenFileCostsOnlyWhatIsBroken(t *testing.T) {
	for name, harm := range map[string]func([]byte) []byte{
		"cut":     func(text []byte) []byte { return text[:len(text)-7] },
		"flipped": func(text []byte) []byte { text[len(text)/2] ^= 0x40; return text },
		"foreign": func([]byte) []byte { return []byte("another program's") },
		"emptied": func([]byte) []byte { return nil },
		"absurd": func(text []byte) []byte {
			copy(text[len(cacheHead):], []byte{0xff, 0xff, 0xff, 0xff})
			return text
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, dir := semantictest.New(t), t.TempDir()
			opened(t, d, dir, articles()...)
			file, _ := filepath.Glob(filepath.Join(dir, "*"))
			if len(file) != 1 {
				t.Fatalf("the folder holds %v", file)
			}
			text, err := os.ReadFile(file[0])
			if err != nil {
				t.Fatal(err)
			}
			whole := len(text)
			if err := os.WriteFile(file[0], harm(bytes.Clone(text)), 0o600); err != nil {
				t.Fatal(err)
			}
			d.Received()
			x := opened(t, d, dir, articles()...)
			if found, all := x.Covered(); found != all || texts(d) == 0 {
				t.Errorf("%d of %d articles have vectors", found, all)
			}
			opened(t, d, dir, articles()...)
			if n := texts(d); n > 0 {
				t.Errorf("the file stays broken: %d texts are asked for again", n)
			}
			if text, err = os.ReadFile(file[0]); err != nil || len(text) != whole {
				t.Errorf("the file has %d bytes, had %d (%v)", len(text), whole, err)
			}
		})
	}
}

func TestTheFileForgetsWhatIsInNoArticle(t *testing.T) {
	d, dir := semantictest.New(t), t.TempDir()
	opened(t, d, dir, articles()...)
	file, _ := filepath.Glob(filepath.Join(dir, "*"))
	before, err := os.Stat(file[0])
	if err != nil {
		t.Fatal(err)
	}
	opened(t, d, dir, articles()[0])
	after, err := os.Stat(file[0])
	if err != nil || after.Size() > before.Size()/5 {
		t.Errorf("it has %d bytes, had %d (%v)", after.Size(), before.Size(), err)
	}
}

func TestArticlesGoAsTheyCame(t *testing.T) {
	d := semantictest.New(t)
	x := opened(t, d, t.TempDir(), articles()...)
	find := func() []near {
		found, err := x.nearest(t.Context(), "it", []search.Audience{search.All}, newVector(d.Vector("la stampante non stampa")), 3)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if got := find(); got[0].id != "stampante" || got[0].likeness < .99 || len(got) != 3 {
		t.Fatalf("found %v", got)
	}
	hidden := articles()[0]
	hidden.Audience = search.Operators
	if err := x.Apply(t.Context(), 2, []search.Document{hidden}, nil); err != nil {
		t.Fatal(err)
	}
	if got := find(); got[0].id == "stampante" {
		t.Error("an article for others is still found")
	}
	if err := x.Apply(t.Context(), 3, articles()[:1], nil); err != nil {
		t.Fatal(err)
	}
	if got := find(); got[0].id != "stampante" {
		t.Error("it does not come back")
	}
	if err := x.Apply(t.Context(), 4, nil, []search.Key{{ID: "stampante", Lang: "it"}, {ID: "rete", Lang: "it"}, {ID: "none", Lang: "fr"}}); err != nil {
		t.Fatal(err)
	}
	for _, n := range find() {
		if n.id == "stampante" || n.id == "rete" {
			t.Errorf("%s was taken out and is found", n.id)
		}
	}
	if x.Seq() != 4 {
		t.Errorf("it is at change %d", x.Seq())
	}
	d.Received()
	err := x.Renew(t.Context(), func(empty search.Derived) error {
		if empty.Seq() != 0 {
			t.Errorf("a new one begins at change %d", empty.Seq())
		}
		return errors.Join(empty.Apply(t.Context(), 2, articles()[:2], nil), empty.Apply(t.Context(), 3, articles()[2:3], []search.Key{{ID: "rete", Lang: "it"}}))
	})
	if err := errors.Join(err, x.Fill(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := find(); len(got) != 2 || got[0].id != "stampante" || x.Seq() != 3 || len(d.Received()) > 0 {
		t.Errorf("renewed it is at %d with %v", x.Seq(), got)
	}
	if err := x.Renew(t.Context(), func(search.Derived) error { return errors.New("no") }); err == nil || len(find()) != 2 {
		t.Errorf("after a renewal that failed (%v) it finds %v", err, find())
	}
}

// embedder fails while it is down, and refuses every call with a text that
// holds something.
type embedder struct {
	calls   atomic.Int64
	down    atomic.Bool
	refuses string
}

func (e *embedder) Embed(_ context.Context, texts []string) ([][]float32, error) {
	e.calls.Add(1)
	if e.down.Load() {
		return nil, &failure{kind: "broken", err: errors.New("it is down")}
	}
	if e.refuses != "" && strings.Contains(strings.Join(texts, "\n"), e.refuses) {
		return nil, &failure{kind: "refused", err: errors.New("too long")}
	}
	all := make([][]float32, len(texts))
	for i := range all {
		all[i] = []float32{1, float32(len(texts[i]))}
	}
	return all, nil
}

// running are vectors of the articles that ask for what is missing until end.
func running(t *testing.T, e search.Embedder) (x *Vectors, end func()) {
	t.Helper()
	x, err := newVectors(e, Config{EmbeddingModel: "m"}, Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err == nil {
		err = x.Apply(t.Context(), 1, articles(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var runs sync.WaitGroup
	runs.Go(func() { x.Run(ctx) })
	return x, func() { cancel(); runs.Wait() }
}

func TestAServerThatIsDownIsAskedSeldomAndThenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &embedder{}
		e.down.Store(true)
		x, end := running(t, e)
		defer end()
		time.Sleep(time.Hour)
		if n := e.calls.Load(); n < 10 || n > 30 {
			t.Errorf("in an hour it is asked %d times", n)
		}
		e.down.Store(false)
		time.Sleep(longestPause + time.Second)
		if found, all := x.Covered(); found != all {
			t.Errorf("once it is back, %d of %d articles have vectors", found, all)
		}
	})
}

func TestATextThatIsRefusedKeepsNoOthersOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &embedder{refuses: "non esce il foglio"}
		x, end := running(t, e)
		defer end()
		time.Sleep(15 * time.Minute)
		if found, all := x.Covered(); found != all-1 {
			t.Errorf("%d of %d articles have vectors, want all but one", found, all)
		}
		before := e.calls.Load()
		time.Sleep(time.Hour)
		if n := e.calls.Load() - before; n > 20 {
			t.Errorf("in an hour it is asked for it %d times", n)
		}
	})
}

func TestLongSectionsAreCutBetweenWords(t *testing.T) {
	text := strings.TrimSpace(strings.Repeat("perché così è più utile\n", 300))
	all := parts(text)
	if len(all) < 5 {
		t.Fatalf("%d bytes are cut into %d parts", len(text), len(all))
	}
	for _, p := range all {
		if len(p) > longestPiece || strings.ToValidUTF8(p, "?") != p || !strings.HasSuffix(p, "utile") {
			t.Errorf("a part is %q", p)
		}
	}
	if strings.Join(strings.Fields(strings.Join(all, " ")), " ") != strings.Join(strings.Fields(text), " ") {
		t.Error("words are lost")
	}
	if got := parts(strings.Repeat("à", longestPiece)); len(got) < 2 {
		t.Errorf("a word without end is cut into %d", len(got))
	}
}

func TestLikenessSurvivesOneByteANumber(t *testing.T) {
	d := &semantictest.Server{}
	texts := []string{"la stampante non stampa", "stampante ferma", "la posta non arriva", "carta nella stampante, poi riavvii"}
	for _, a := range texts {
		for _, b := range texts {
			v, w := d.Vector(a), d.Vector(b)
			exact, vv, ww := 0.0, 0.0, 0.0
			for i := range v {
				exact, vv, ww = exact+float64(v[i])*float64(w[i]), vv+float64(v[i])*float64(v[i]), ww+float64(w[i])*float64(w[i])
			}
			exact /= sqrt(vv * ww)
			if got := newVector(v).likeness(newVector(w)); !nearly(got, exact) {
				t.Errorf("%q and %q are %.3f alike, want %.3f", a, b, got, exact)
			}
		}
	}
}

func TestDotOfAnyLength(t *testing.T) {
	for n := range 40 {
		a, b, want := make([]int8, n), make([]int8, n), int32(0)
		for i := range n {
			a[i], b[i] = int8(7*i-90), int8(127-11*i)
			want += int32(a[i]) * int32(b[i])
		}
		if got := dot(a, b); got != want {
			t.Errorf("of %d numbers it is %d, want %d", n, got, want)
		}
	}
}
