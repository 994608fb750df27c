package rank_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"sportello/internal/golden"
	"sportello/search/rank"
)

var (
	all  = flag.Bool("rank", false, "measure every set of judged questions against other engines, and print the table")
	plot = flag.String("plot", "", "draw the reliability of confidence into this SVG file")
)

const goldenFile = "testdata/figures.json"

// slack is how much a figure may fall before it counts: articles are edited
// every day, and each edit moves some question.
const slack = 0.03

// sets returns the shipped sets and, if they are at hand, the development sets
// in $SPORTELLO_JUDGED.
func sets(t *testing.T) (found []rank.Named) {
	for _, lang := range []string{"it", "en"} {
		set, err := shipped(lang)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, rank.Named{Name: "shipped-" + lang, Set: set})
	}
	if !*all {
		return found
	}
	folder := os.Getenv("SPORTELLO_JUDGED")
	if folder == "" {
		folder = "../../../shared/search/data"
	}
	names := rank.Names(folder)
	if len(names) == 0 {
		t.Log("no development sets at hand: only our own articles are measured")
	}
	for _, name := range names {
		set, err := rank.LoadDir(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, rank.Named{Name: name, Set: set})
	}
	return found
}

func TestRankingIsNoWorseThanTheGoldenFigures(t *testing.T) {
	open, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]rank.Figures{}
	if text, err := os.ReadFile(goldenFile); err == nil {
		if err := json.Unmarshal(text, &before); err != nil {
			t.Fatal(err)
		}
	}
	engines := []rank.Engine{{Name: "ours", Open: open}}
	if *all {
		engines = []rank.Engine{{Name: "bleve it", Open: stockBleve}, {Name: "sqlite fts5", Open: fts5}, engines[0]}
	}
	measured := sets(t)
	reports, err := rank.Compare(t.Context(), t.Output(), engines, measured, before)
	if err != nil {
		t.Fatal(err)
	}
	if *plot != "" {
		var picture bytes.Buffer
		if err := rank.WriteReliabilityPlot(&picture, rank.Reliability(rank.Pooled(measured, reports))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(*plot, picture.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	now := before
	for name, r := range reports {
		b := before[name]
		if !golden.Updating() && (r.MRR < b.MRR-slack || r.Recall3 < b.Recall3-slack) {
			t.Errorf("%s: MRR@10 %.3f, recall@3 %.3f; the golden file says %.3f and %.3f", name, r.MRR, r.Recall3, b.MRR, b.Recall3)
		}
		now[name] = r.Figures()
	}
	if golden.Updating() {
		text, err := json.MarshalIndent(now, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenFile, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
