package associations

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sportello/search/analysis"
)

func TestWordsThatMeanTheSameLeadToEachOther(t *testing.T) {
	all := In(analysis.Italian)
	for _, pair := range [][2]string{{"cancellare", "eliminare"}, {"soldi", "denaro"}} {
		for _, p := range [][2]string{pair, {pair[1], pair[0]}} {
			from, to := analysis.Stem(analysis.Italian, p[0]), analysis.Stem(analysis.Italian, p[1])
			a := all[from]
			if !slices.ContainsFunc(slices.Concat(a.Near, a.Remote), func(w string) bool { return analysis.Stem(analysis.Italian, w) == to }) {
				t.Errorf("%s does not lead to %s, only to %v", p[0], p[1], a)
			}
		}
	}
	if In("de") != nil {
		t.Error("there are associations for German")
	}
}

func TestLinesAreRead(t *testing.T) {
	got := read("sbaglio\terrore\tguasto difetto\nrete\t\tnetwork\n")
	want := map[string]Associated{
		analysis.Stem(analysis.Italian, "sbaglio"): {Near: []string{"errore"}, Remote: []string{"guasto", "difetto"}},
		analysis.Stem(analysis.Italian, "rete"):    {Near: []string{}, Remote: []string{"network"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is shipped is read without complaint, so it must be right.
func TestTheFileHoldsOneLineAWordInOrder(t *testing.T) {
	before := ""
	for line := range strings.Lines(italian) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 3 || fields[0] <= before || fields[1]+fields[2] == "" {
			t.Fatalf("%q after %q", line, before)
		}
		before = fields[0]
		for _, w := range append(strings.Fields(fields[1]+" "+fields[2]), fields[0]) {
			if words := analysis.Analyze(analysis.Italian, w); len(words) != 1 || words[0].Function {
				t.Errorf("%q is not one word that says something", w)
			}
		}
	}
	if before == "" {
		t.Error("the file is empty")
	}
}
