package intake

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
)

// Limits of a header: no honest mail comes near.
const (
	maxHeader = 512 << 10
	maxFields = 1000
)

// field is one line of a header, unfolded but not decoded. Its name is in
// lower case.
type field struct{ name, value string }

// header is what stands above a mail's body, in order: the topmost line was
// written last.
type header []field

// splitHeader reads the header of a mail as forgivingly as people's programs
// write it. bomb is true where there is too much of it; then it holds what was
// read so far.
func splitHeader(raw []byte) (h header, body []byte, bomb bool) {
	size := 0
	var folded []string // lines that go on with the last field
	defer func() { h.unfold(folded) }()
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		if size += len(line) + 1; size > maxHeader || len(h) > maxFields {
			return h, raw, true
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			return h, rest, false
		}
		raw = rest
		if line[0] == ' ' || line[0] == '\t' {
			if len(h) > 0 {
				folded = append(folded, strings.TrimSpace(string(line)))
			}
			continue
		}
		name, value, named := strings.Cut(string(line), ":")
		if named && fieldName.MatchString(name) {
			h.unfold(folded)
			folded = nil
			h = append(h, field{strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)})
		}
	}
	return h, nil, false
}

func (h header) unfold(lines []string) {
	if n := len(h); n > 0 && len(lines) > 0 {
		h[n-1].value = strings.TrimSpace(h[n-1].value + " " + strings.Join(lines, " "))
	}
}

// fieldName is what may stand before the colon; the "From " of mailbox files
// is none.
var fieldName = regexp.MustCompile(`^[!-9;-~]+[ \t]*$`)

// get returns the topmost field of this name.
func (h header) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

func (h header) all(name string) (values []string) {
	for _, f := range h {
		if f.name == name {
			values = append(values, f.value)
		}
	}
	return values
}

func (h header) has(names ...string) bool {
	for _, name := range names {
		if len(h.all(name)) > 0 {
			return true
		}
	}
	return false
}

// text returns a field in plain letters, on one line.
func (h header) text(name string) string { return decodeWords(h.get(name)) }

var encodedWord = regexp.MustCompile(`=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=`)

// decodeWords reads the encoded words of a field (RFC 2047), also where a
// letter was cut in two by the end of a word, where they stand within quotes,
// and where the bytes were never encoded at all.
func decodeWords(value string) string {
	var out strings.Builder
	var pending []byte // bytes of neighbouring words in one character set
	pendingSet := ""
	flush := func() {
		if pending != nil {
			out.WriteString(decodeText(pending, pendingSet))
			pending, pendingSet = nil, ""
		}
	}
	at := 0
	for _, m := range encodedWord.FindAllStringSubmatchIndex(value, -1) {
		between, charset, way, coded := value[at:m[0]], strings.ToLower(value[m[2]:m[3]]), value[m[4]:m[5]], value[m[6]:m[7]]
		charset, _, _ = strings.Cut(charset, "*") // RFC 2231 adds the language
		if strings.TrimSpace(between) != "" || pending == nil {
			flush()
			out.WriteString(decodeText([]byte(between), ""))
		} else if charset != pendingSet {
			flush()
		}
		pending, pendingSet = append(pending, wordBytes(way, coded)...), charset
		if pending == nil {
			pending = []byte{}
		}
		at = m[1]
	}
	flush()
	out.WriteString(decodeText([]byte(value[at:]), ""))
	return strings.Join(strings.Fields(clean(out.String())), " ")
}

func wordBytes(way, coded string) []byte {
	if way == "b" || way == "B" {
		coded = strings.TrimRight(coded, "= ")
		decoded := make([]byte, base64.RawStdEncoding.DecodedLen(len(coded)))
		n, _ := base64.RawStdEncoding.Decode(decoded, []byte(coded)) // what is broken at the end is left out
		return decoded[:n]
	}
	var decoded []byte
	for i := 0; i < len(coded); i++ {
		switch c := coded[i]; {
		case c == '_':
			decoded = append(decoded, ' ')
		case c == '=' && i+2 < len(coded) && isHex(coded[i+1]) && isHex(coded[i+2]):
			decoded = append(decoded, unhex(coded[i+1])<<4|unhex(coded[i+2]))
			i += 2
		default:
			decoded = append(decoded, c)
		}
	}
	return decoded
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}
