// Package spreadsheet knows what spreadsheets make of a file: what people wrote
// must not become a formula in the hands of whoever opens an export.
package spreadsheet

import (
	"strings"
	"unicode/utf8"
)

// ByteOrderMark begins a file, or spreadsheets guess its letters wrong.
const ByteOrderMark = "\ufeff"

// Cell is a text that no spreadsheet takes for a formula: one that looks like
// it, after whatever space, gets an apostrophe.
func Cell(text string) string {
	begin := strings.TrimLeft(text, " \t\r\n\u00a0")
	if first, _ := utf8.DecodeRuneInString(begin); begin != "" && strings.ContainsRune("=+-@|%＝＋－＠", first) {
		return "'" + text
	}
	return text
}
