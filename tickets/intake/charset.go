package intake

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cention-sany/utf7"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	encodings "golang.org/x/text/encoding/unicode"
)

// decodeText turns bytes into text. The label says in which character set they
// are, but labels lie: what is good UTF-8 with letters beyond ASCII is UTF-8,
// and what is labelled UTF-8, or not at all, and is none, is Windows-1252,
// which all old programs here write.
func decodeText(raw []byte, label string) string {
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	if rest, doubled := strings.CutPrefix(label, "charset="); doubled {
		label = rest
	}
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}), bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		return decodeBy(encodings.UTF16(encodings.BigEndian, encodings.ExpectBOM), raw)
	case bytes.HasPrefix(raw, []byte{0xef, 0xbb, 0xbf}):
		raw = raw[3:]
	case label == "utf-7" || label == "utf7" || label == "unicode-1-1-utf-7":
		if ascii(raw) {
			return decodeBy(utf7.UTF7, raw)
		}
		label = ""
	}
	stateful := strings.HasPrefix(label, "iso-2022") || strings.HasPrefix(label, "utf-16") || label == "hz-gb-2312"
	if !stateful && utf8.Valid(raw) {
		return string(raw)
	}
	enc, name := charset.Lookup(label)
	if enc == nil || name == "utf-8" || name == "replacement" {
		enc = charmap.Windows1252
	}
	return decodeBy(enc, raw)
}

func decodeBy(enc encoding.Encoding, raw []byte) string {
	decoded, err := enc.NewDecoder().Bytes(raw)
	if err != nil { // it ends in the middle of a letter, or is another set
		decoded, _ = charmap.Windows1252.NewDecoder().Bytes(raw) // every byte is a letter of it
	}
	return string(decoded)
}

func ascii(raw []byte) bool {
	for _, c := range raw {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// clean takes out what nobody sees: control characters, marks that turn the
// direction of writing around, joiners of nothing, and makes every line end
// and every space the ordinary one.
func clean(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "�")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r', r == '\u2028', r == '\u2029', r == '\f', r == '\v':
			return '\n'
		case unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r) && r != '\u200d', unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, text)
}
