package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder is a testing.TB that remembers failures instead of failing.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Helper()                           {}
func (r *recorder) Errorf(format string, args ...any) { r.failed += fmt.Sprintf(format, args...) }
func (r *recorder) Fatalf(format string, args ...any) {
	r.failed += fmt.Sprintf(format, args...)
	panic(r)
}
func (r *recorder) Fatal(args ...any) { r.failed += fmt.Sprint(args...); panic(r) }

// check runs Check and returns how it failed, or nothing.
func check(t *testing.T, path, got string) string {
	t.Helper()
	r := &recorder{TB: t}
	func() {
		defer func() {
			if stop := recover(); stop != nil && stop != r {
				panic(stop)
			}
		}()
		Check(r, path, []byte(got))
	}()
	return r.failed
}

func updating(t *testing.T) {
	before := *update
	*update = true
	t.Cleanup(func() { *update = before })
}

func TestAGoldenFileIsComparedAndRewritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "file.golden")

	if failed := check(t, path, "one\n"); !strings.Contains(failed, "-update") {
		t.Errorf("a missing file must fail and name the flag, got %q", failed)
	}

	t.Run("with -update the file is written", func(t *testing.T) {
		updating(t)
		if failed := check(t, path, "one\n"); failed != "" {
			t.Errorf("unexpected failure %q", failed)
		}
	})
	if written, err := os.ReadFile(path); err != nil || string(written) != "one\n" {
		t.Fatalf("the file holds %q (%v), want %q", written, err, "one\n")
	}
	if failed := check(t, path, "one\n"); failed != "" {
		t.Errorf("the same bytes must pass, got %q", failed)
	}
	if failed := check(t, path, "two\n"); !strings.Contains(failed, "two") || !strings.Contains(failed, "one") {
		t.Errorf("other bytes must fail with both in the diff, got %q", failed)
	}
}
