// Package golden compares what a test got with a file that a person has
// reviewed. Run the tests with -update to rewrite the files, then read the diff.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files with what the tests got")

// Updating reports whether the tests run with -update, for a test that keeps
// its expectations in a form of its own.
func Updating() bool { return *update }

// Check fails the test, with a diff, if got differs from the file at path,
// which is relative to the test's folder. With -update it writes the file
// instead, and its folder if needed.
func Check(t testing.TB, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("no golden file: %v (run the test with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs from what we got (-want +got); if the new one is right, run with -update:\n%s", path, diff)
	}
}
