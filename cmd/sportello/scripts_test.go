package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sportello/bot/script"
	"sportello/internal/golden"
)

// Every script of the content is a test. With -update the talks are written
// anew as they went: review reads the diff.
func TestShippedScriptsGoAsWritten(t *testing.T) {
	m, err := readContent(contentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(m.fs, "scripts/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("..", "..", "content", name)
			archive, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			result, err := playScript(t.Context(), defaultConfig(), m, archive)
			if err != nil {
				t.Fatal(err)
			}
			if result.Passed() {
				return
			}
			if !golden.Updating() {
				t.Fatalf("the talk went otherwise:\n%s", result.Difference())
			}
			if err := os.WriteFile(file, script.Rewrite(archive, result), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}
