package rank_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"sportello/search/rank"
)

func bins() []rank.Bin {
	return []rank.Bin{{Said: 0, Was: 0.1, Answers: 10}, {Said: 0.5, Was: 0.5, Answers: 10}, {Said: 1, Was: 0.98, Answers: 10}, {}}
}

func TestReliabilityIsDrawnInTheTerminal(t *testing.T) {
	var out bytes.Buffer
	if err := rank.WriteReliability(&out, bins()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	for i, want := range []string{"", "|====", strings.Repeat("=", 25) + "|", strings.Repeat("=", 49) + " |"} {
		if !strings.HasSuffix(lines[i], "  "+want) && i > 0 {
			t.Errorf("line %d is %q, want a bar %q", i, lines[i], want)
		}
	}
}

func TestReliabilityIsDrawnAsAPicture(t *testing.T) {
	var out bytes.Buffer
	if err := rank.WriteReliabilityPlot(&out, bins()); err != nil {
		t.Fatal(err)
	}
	circles := 0
	for d := xml.NewDecoder(&out); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, is := token.(xml.StartElement); is && e.Name.Local == "circle" {
			circles++
		}
	}
	if circles != 3 {
		t.Errorf("%d points, want one for each bin with answers", circles)
	}
}
