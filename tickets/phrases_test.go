package tickets_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"sportello/tickets"
)

// ownKey is a phrase of tickets or account in Go source.
var ownKey = regexp.MustCompile(`"((?:ticket|account)\.[a-z_]+)"`)

func TestEveryFailureIsToldInBothLanguages(t *testing.T) {
	used := map[string]bool{}
	for _, folder := range []string{".", "../account", "../store"} {
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no source in %s: %v", folder, err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range ownKey.FindAllStringSubmatch(string(source), -1) {
				used[m[1]] = used[m[1]] || !strings.HasSuffix(file, "_test.go")
			}
		}
	}
	for _, status := range tickets.Statuses {
		used[status.Phrase()] = true
	}
	for p := range tickets.Unhurried + 1 {
		used[p.Phrase()] = true
	}
	for _, urgency := range tickets.Urgencies {
		used[urgency.Phrase()] = true
	}
	for _, impact := range tickets.Impacts {
		used[impact.Phrase()] = true
	}
	for _, kind := range append(tickets.LinkKinds, tickets.Duplicated) {
		used[kind.Phrase()] = true
	}
	for _, lang := range []string{"it", "en"} {
		told, own := map[string]any{}, map[string]any{} // own: of these packages alone
		files, err := filepath.Glob("../content/phrases/" + lang + "/*.yaml")
		if err != nil || len(files) == 0 {
			t.Fatalf("no phrases in %q: %v", lang, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var of map[string]any
			if err := yaml.Unmarshal(text, &of); err != nil {
				t.Fatal(err)
			}
			maps.Copy(told, of)
			if slices.Contains([]string{"tickets", "account", "access"}, strings.TrimSuffix(filepath.Base(file), ".yaml")) {
				maps.Copy(own, of)
			}
		}
		for key := range used {
			if told[key] == nil {
				t.Errorf("%s has no text in %q", key, lang)
			}
		}
		for key := range own {
			ours := strings.HasPrefix(key, "ticket.") || strings.HasPrefix(key, "account.")
			if ours && !used[key] && !strings.HasPrefix(key, "ticket.kind.") {
				t.Errorf("%s is told in %q, and used nowhere", key, lang)
			}
		}
	}
}
