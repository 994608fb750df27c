package spreadsheet_test

import (
	"testing"

	"sportello/internal/spreadsheet"
)

func TestNoCellIsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"":               "",
		"VPN = lenta":    "VPN = lenta",
		"=1+1":           "'=1+1",
		" =1+1":          "' =1+1",
		"\u00a0@SUM(A1)": "'\u00a0@SUM(A1)",
		"\t-2":           "'\t-2",
		"＋39":            "'＋39",
		"'=1":            "'=1",
	} {
		if got := spreadsheet.Cell(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
