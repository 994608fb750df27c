package bleveindex

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sportello/search"
)

func TestAnIndexIsRenewedWhileTheOldOneAnswers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	x := open(t, dir, Options{})
	if err := x.Apply(t.Context(), 7, desk(), nil); err != nil {
		t.Fatal(err)
	}
	renamed := desk()[0]
	renamed.Title = "Parola chiave smarrita"
	failure := errors.New("no more articles")
	if err := x.Renew(t.Context(), func(empty search.Derived) error {
		if err := empty.Apply(t.Context(), 1, []search.Document{renamed}, nil); err != nil {
			return err
		}
		return failure
	}); !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	if got := first(ask(t, x, "smarrita")); got != "" || x.Seq() != 7 || !x.Stale() {
		t.Errorf("a renewal that failed left %q at change %d, stale %v", got, x.Seq(), x.Stale())
	}
	if err := x.Renew(t.Context(), func(empty search.Derived) error {
		if n, _ := empty.(search.Index).Documents(); n != 0 || empty.Seq() != 0 {
			t.Errorf("the empty one has %d documents at change %d", n, empty.Seq())
		}
		if err := empty.Apply(t.Context(), 8, []search.Document{renamed, desk()[1]}, nil); err != nil {
			return err
		}
		if got := first(ask(t, x, "accesso a sicoge")); got != "sicoge-accesso" {
			t.Errorf("meanwhile the old one finds %q", got)
		}
		late := search.Document{ID: "proxy", Lang: "it", Title: "Configurare il proxy"}
		if err := x.Apply(t.Context(), 9, []search.Document{late}, nil); err != nil {
			return err
		}
		if got := first(ask(t, x, "proxy")); got != "proxy" {
			t.Errorf("what is published meanwhile is not found: %q", got)
		}
		return empty.Apply(t.Context(), 9, []search.Document{late}, nil)
	}); err != nil {
		t.Fatal(err)
	}
	check := func(x *Index) {
		t.Helper()
		if n, _ := x.Documents(); n != 3 || x.Seq() != 9 || x.Stale() {
			t.Errorf("%d documents at change %d, stale %v", n, x.Seq(), x.Stale())
		}
		for question, want := range map[string]string{"smarrita": "password-scaduta", "proxy": "proxy", "accesso a sicoge": ""} {
			if got := first(ask(t, x, question)); got != want {
				t.Errorf("%q finds %q", question, got)
			}
		}
	}
	check(x)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	check(open(t, dir, Options{}))
}

func TestAnIndexOfAnotherAnalysisAnswersAndIsStale(t *testing.T) {
	for name, spoil := range map[string]func(*Index) error{
		"by its version": func(x *Index) error { return x.folder.setVersion(form + ".999") },
		"by its words, though somebody forgot the version": func(x *Index) error {
			p := prepare(desk()[0])
			p.words[0].term = "another"
			p.encode()
			return x.folder.keep(t.Context(), []*prepared{p}, nil, &state{1, x.sumAfter([]*prepared{p}, nil)}, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "index")
			x := open(t, dir, Options{})
			if err := x.Apply(t.Context(), 1, desk(), nil); err != nil {
				t.Fatal(err)
			}
			if err := spoil(x); err != nil {
				t.Fatal(err)
			}
			x.Close()
			x = open(t, dir, Options{})
			if got := first(ask(t, x, "accesso a sicoge")); got != "sicoge-accesso" || !x.Stale() || x.Seq() != 1 {
				t.Errorf("it finds %q at change %d, stale %v", got, x.Seq(), x.Stale())
			}
		})
	}
}

// An article that was withdrawn while a renewal wrote its older text, and was
// cut short, is withdrawn again by whoever follows the changes.
func TestARenewalCutShortBeginsAgainWhereItBegan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	x := open(t, dir, Options{})
	if err := x.Apply(t.Context(), 7, desk(), nil); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("cut short")
	if err := x.Renew(t.Context(), func(empty search.Derived) error {
		return errors.Join(
			x.Apply(t.Context(), 8, nil, []search.Key{{ID: "sicoge-accesso", Lang: "it"}}),
			empty.Apply(t.Context(), 7, desk(), nil),
			cut)
	}); !errors.Is(err, cut) {
		t.Fatal(err)
	}
	if got := first(ask(t, x, "accesso a sicoge")); got == "sicoge-accesso" || x.Seq() != 8 {
		t.Errorf("a withdrawn article is found, or it is forgotten that it was: change %d", x.Seq())
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if x = open(t, dir, Options{}); x.Seq() != 7 || !x.Stale() {
		t.Errorf("it opens at change %d, stale %v", x.Seq(), x.Stale())
	}
}

// many is enough documents for several segments and merges of the store.
func many(round int) []search.Document {
	docs := make([]search.Document, 400)
	for i := range docs {
		docs[i] = search.Document{ID: fmt.Sprint("a", i), Lang: "it", Title: fmt.Sprint("Articolo numero ", i),
			Sections: []search.Section{{Text: fmt.Sprintf("Edizione %d. La stampante %d dell'ufficio non risponde: controlli cavo, rete e toner.", round, i)}}}
	}
	return docs
}

func renewMany(tb testing.TB, x *Index, round int) error {
	return x.Renew(tb.Context(), func(empty search.Derived) error {
		docs := many(round)
		for i := 0; i < len(docs); i += 50 {
			if err := empty.Apply(tb.Context(), int64(i+50), docs[i:i+50], nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestAKilledRenewalLeavesTheOldOrTheNew runs itself as another process, which
// renews an index until it is killed.
func TestAKilledRenewalLeavesTheOldOrTheNew(t *testing.T) {
	if dir := os.Getenv("RENEW_UNTIL_KILLED"); dir != "" {
		x := open(t, dir, Options{})
		for round := 1; ; round++ {
			if err := renewMany(t, x, round); err != nil {
				t.Fatal(err)
			}
			fmt.Println("renewed")
		}
	}
	dir := filepath.Join(t.TempDir(), "index")
	x := open(t, dir, Options{})
	if err := x.Apply(t.Context(), 400, many(0), nil); err != nil {
		t.Fatal(err)
	}
	x.Close()
	draw := rand.New(rand.NewPCG(1, 2))
	stale := 0
	for range 6 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestAKilledRenewalLeavesTheOldOrTheNew$")
		child.Env = append(os.Environ(), "RENEW_UNTIL_KILLED="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		said := make([]byte, 100)
		if n, err := out.Read(said); err != nil || !bytes.HasPrefix(said[:n], []byte("renewed")) {
			t.Fatalf("the process said %q, %v", said[:n], err)
		}
		time.Sleep(time.Duration(draw.IntN(100)) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
		x, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := x.Documents(); n != 400 || x.Seq() != 400 {
			t.Errorf("%d documents at change %d", n, x.Seq())
		}
		if got := first(ask(t, x, "articolo numero 399")); got != "a399" {
			t.Errorf("found %q", got)
		}
		if x.Stale() {
			stale++
		}
		if err := errors.Join(renewMany(t, x, 0), x.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if stale == 0 {
		t.Log("no kill has hit a renewal") // on a slow machine; nothing is wrong
	}
}

// Whatever happens to the files, the index says that it must be built again,
// or holds every document of the change that it says it is at: what was kept
// before the last change may still be whole.
func TestASpoiltFileLosesNoDocument(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "index")
	x := open(t, whole, Options{})
	for i, docs := 0, many(0); i < len(docs); i += 100 {
		if err := x.Apply(t.Context(), int64(i+100), docs[i:i+100], nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Apply(t.Context(), 401, many(1)[:30], nil); err != nil {
		t.Fatal(err)
	}
	x.Close()
	files, err := filepath.Glob(filepath.Join(whole, "store", "*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	draw := rand.New(rand.NewPCG(3, 4))
	broken := 0
	for n := range 60 {
		dir := filepath.Join(t.TempDir(), "index")
		if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "store", filepath.Base(files[n%len(files)]))
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n%10 == 9 {
			text = text[:draw.IntN(len(text))]
		} else {
			for range 1 + n%3 {
				text[draw.IntN(len(text))] ^= 1 << draw.IntN(8)
			}
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := Open(dir, Options{})
		if err != nil {
			if broken++; !errors.Is(err, ErrRebuild) {
				t.Errorf("got %v", err)
			}
			continue
		}
		if docs, _ := x.Documents(); docs != min(int(x.Seq()), 400) {
			t.Errorf("%s: %d documents at change %d", filepath.Base(file), docs, x.Seq())
		}
		if got := first(ask(t, x, "articolo numero 29")); got != "a29" && x.Seq() > 0 {
			t.Errorf("%s: found %q at change %d", filepath.Base(file), got, x.Seq())
		}
		x.Close()
	}
	if broken == 0 {
		t.Error("no damage was noticed")
	}
}
