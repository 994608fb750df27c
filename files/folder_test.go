package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"sportello/internal/fault"
)

// kept lists every file below the folder.
func kept(t *testing.T, f *Folder) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(f.root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func folder(t *testing.T) *Folder {
	t.Helper()
	_, f := cabinet(t, DefaultLimits, nil)
	return f
}

func TestWhatWasPutCanBeOpenedUntilItIsRemoved(t *testing.T) {
	f := folder(t)
	blob, err := f.Put(t.Context(), strings.NewReader("ciao"))
	if err != nil {
		t.Fatal(err)
	}
	if blob.Size != 4 || blob.SHA256 != "b133a0c0e9bee3be20163d2ad31d6248db292aa6dcb1ee087a2aa50e0fc75ae2" {
		t.Errorf("the blob is %+v", blob)
	}
	content, err := f.Open(t.Context(), blob.ID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(content)
	if content.Close(); err != nil || string(text) != "ciao" {
		t.Errorf("read %q, %v", text, err)
	}
	for range 2 { // removing twice is no failure
		if err := f.Remove(t.Context(), blob.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Open(t.Context(), blob.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("opening what is removed: %v, want NotFound", err)
	}
}

func TestNoIDLeadsOutOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFolder(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, id := range []string{"../secret", "..", "", "/etc/passwd", outside, "AA/../../secret", strings.Repeat("A", 26) + "\n", "arriving", strings.Repeat("a", 26)} {
		if _, err := f.Open(t.Context(), id); !fault.Is(err, fault.NotFound) {
			t.Errorf("Open(%q): %v, want NotFound", id, err)
		}
		if err := f.Remove(t.Context(), id); err != nil {
			t.Errorf("Remove(%q): %v", id, err)
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error("a file outside the folder is gone")
	}
	// nor does a link that somebody put inside
	id := strings.Repeat("B", 26)
	if err := os.MkdirAll(filepath.Join(dir, "files", "BB"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "files", "BB", id)); err != nil {
		t.Fatal(err)
	}
	if content, err := f.Open(t.Context(), id); err == nil {
		content.Close()
		t.Error("a link out of the folder was followed")
	}
}

func TestAFailedPutLeavesNothing(t *testing.T) {
	f := folder(t)
	broken := errors.New("broken")
	if _, err := f.Put(t.Context(), iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("the error is %v, want %v", err, broken)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Put(ctx, endless{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want a cancellation", err)
	}
	if left := kept(t, f); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSweepRemovesOnlyWhatACrashLeft(t *testing.T) {
	f := folder(t)
	blob, err := f.Put(t.Context(), strings.NewReader("whole"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.root.WriteFile(arriving+"/HALF", []byte("ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Sweep(time.Now().Add(-time.Hour)); err != nil || len(kept(t, f)) != 2 {
		t.Errorf("an hour ago nothing was there: %v, %v", err, kept(t, f))
	}
	if err := f.Sweep(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left := kept(t, f); len(left) != 1 || left[0] != place(blob.ID) {
		t.Errorf("left %v, want only %s", left, place(blob.ID))
	}
}

func TestManyPutAtOnce(t *testing.T) {
	f := folder(t)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := f.Put(t.Context(), strings.NewReader("same")); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := len(kept(t, f)); n != 20 {
		t.Errorf("%d files are kept, want 20", n)
	}
}

func TestAFullDiskIsNotADefect(t *testing.T) {
	err := full(&fs.PathError{Op: "write", Err: syscall.ENOSPC})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("a full disk is %v, want Unavailable", err)
	}
	if other := errors.New("other"); full(other) != other {
		t.Error("another error is not about room")
	}
}
