package files_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/files"
	"sportello/internal/fault"
)

func TestFilesThatNothingNamesGoOnceTheyAreOld(t *testing.T) {
	dir := t.TempDir()
	folder, err := files.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := folder.Close(); err != nil {
			t.Error(err)
		}
	})
	now := time.Now()
	put := func(age time.Duration) string {
		t.Helper()
		blob, err := folder.Put(t.Context(), strings.NewReader("bytes"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(dir, blob.ID[:2], blob.ID), now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
		return blob.ID
	}
	kept, fresh, first, second := put(48*time.Hour), put(time.Hour), put(48*time.Hour), put(48*time.Hour)
	if err := os.WriteFile(filepath.Join(dir, "note.txt"), []byte("of whoever keeps the machine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "note.txt"), now.Add(-48*time.Hour), now.Add(-48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	o := &files.Orphans{Folder: folder, Named: func(_ context.Context, ids []string) (map[string]bool, error) {
		if slices.Contains(ids, fresh) {
			t.Error("a file that is young is asked for")
		}
		return map[string]bool{kept: true}, nil
	}}
	cut := now.Add(-24 * time.Hour)
	if n, err := o.Aged(t.Context(), cut); err != nil || n != 2 {
		t.Fatalf("%d orphans, %v", n, err)
	}
	for _, want := range []int{2, 0} {
		if n, err := o.Purge(t.Context(), cut, 1); err != nil || n != want {
			t.Fatalf("%d removed, want %d, %v", n, want, err)
		}
	}
	for id, there := range map[string]bool{kept: true, fresh: true, first: false, second: false} {
		content, err := folder.Open(t.Context(), id)
		if (err == nil) != there || err != nil && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", id, err)
		}
		if err == nil {
			_ = content.Close()
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "note.txt")); err != nil {
		t.Error(err)
	}
}
