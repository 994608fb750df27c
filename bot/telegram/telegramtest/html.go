package telegramtest

import (
	"cmp"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// The elements that Telegram knows, and what they become.
var elements = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
	"tg-spoiler": "spoiler", "span": "spoiler", "a": "text_link", "tg-emoji": "custom_emoji", "code": "code", "pre": "pre", "blockquote": "blockquote",
}

// complaint is an error in Telegram's words.
type complaint string

func (c complaint) Error() string { return string(c) }

func complain(format string, values ...any) error { return complaint(fmt.Sprintf(format, values...)) }

// opened is an element that waits for its end.
type opened struct {
	tag, attribute string
	at, start      int // byte offset of the tag, UTF-16 offset of its content
}

// reader reads a text with HTML as strictly as Telegram does.
type reader struct {
	in    string
	pos   int
	out   strings.Builder
	units int // of out, in UTF-16
	open  []opened
	marks []Entity
}

// parseHTML makes text and entities of Telegram's HTML. Whatever is no
// element that Telegram knows, or is not closed in order, fails.
func parseHTML(text string) (string, []Entity, error) {
	r := &reader{in: text}
	for r.pos < len(r.in) {
		switch r.in[r.pos] {
		case '&':
			r.reference()
		case '<':
			if err := r.tag(); err != nil {
				return "", nil, err
			}
		default:
			letter, size := utf8.DecodeRuneInString(r.in[r.pos:])
			r.write(string(letter))
			r.pos += size
		}
	}
	if n := len(r.open); n > 0 {
		return "", nil, complain("Can't find end tag corresponding to start tag \"%s\"", r.open[n-1].tag)
	}
	inOrder(r.marks)
	return r.out.String(), r.marks, nil
}

func (r *reader) write(text string) {
	r.out.WriteString(text)
	r.units += len(utf16.Encode([]rune(text)))
}

var (
	aReference = regexp.MustCompile(`^&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|lt|gt|amp|quot);?`)
	anAttr     = regexp.MustCompile(`^\s+([A-Za-z-]+)\s*(?:=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.-]+))?`)
)

// reference reads a character reference; what is none is an ampersand.
func (r *reader) reference() {
	found := aReference.FindString(r.in[r.pos:])
	if found == "" {
		r.write("&")
		r.pos++
		return
	}
	r.pos += len(found)
	r.write(html.UnescapeString(strings.TrimSuffix(found, ";") + ";"))
}

// tag reads a start or an end.
func (r *reader) tag() error {
	at := r.pos
	r.pos++
	if strings.HasPrefix(r.in[r.pos:], "/") {
		return r.end(at)
	}
	name := r.name()
	kind, known := elements[name]
	if r.pos >= len(r.in) {
		return complain("Unclosed start tag at byte offset %d", at)
	}
	if !known {
		return complain("Unsupported start tag \"%s\" at byte offset %d", name, at)
	}
	element := opened{tag: name, at: at, start: r.units}
	for {
		attribute := anAttr.FindStringSubmatch(r.in[r.pos:])
		if attribute == nil {
			break
		}
		r.pos += len(attribute[0])
		value := html.UnescapeString(strings.Trim(attribute[2], `"'`))
		switch key := strings.ToLower(attribute[1]); {
		case attribute[2] == "" && (name != "blockquote" || key != "expandable"):
			return complain("Expected equal sign in declaration of an attribute of the tag \"%s\" at byte offset %d", name, at)
		case name == "a" && key == "href", name == "span" && key == "class", name == "tg-emoji" && key == "emoji-id":
			element.attribute = value
		case name == "code" && key == "class":
			element.attribute, _ = strings.CutPrefix(value, "language-")
		}
	}
	r.pos += len(r.in[r.pos:]) - len(strings.TrimLeftFunc(r.in[r.pos:], unicode.IsSpace))
	if !strings.HasPrefix(r.in[r.pos:], ">") {
		return complain("Unclosed start tag \"%s\" at byte offset %d", name, at)
	}
	r.pos++
	if kind == "spoiler" && name == "span" && element.attribute != "tg-spoiler" {
		return complain("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", at)
	}
	r.open = append(r.open, element)
	return nil
}

// name reads the name of an element, up to a space or its end.
func (r *reader) name() string {
	start := r.pos
	for r.pos < len(r.in) && r.in[r.pos] != '>' && !unicode.IsSpace(rune(r.in[r.pos])) {
		r.pos++
	}
	return strings.ToLower(r.in[start:r.pos])
}

func (r *reader) end(at int) error {
	r.pos++
	name := r.name()
	r.pos += len(r.in[r.pos:]) - len(strings.TrimLeftFunc(r.in[r.pos:], unicode.IsSpace))
	if !strings.HasPrefix(r.in[r.pos:], ">") {
		return complain("Unclosed end tag at byte offset %d", at)
	}
	r.pos++
	n := len(r.open)
	if n == 0 {
		return complain("Unexpected end tag at byte offset %d", at)
	}
	element := r.open[n-1]
	if name != "" && name != element.tag {
		return complain("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", at, element.tag, name)
	}
	r.open = r.open[:n-1]
	mark := Entity{Type: elements[element.tag], Offset: element.start, Length: r.units - element.start}
	switch {
	case mark.Length == 0:
		return nil
	case element.tag == "a":
		mark.URL = element.attribute
		if mark.URL == "" { // the text is the address
			mark.URL = string(utf16.Decode(utf16.Encode([]rune(r.out.String()))[element.start:]))
		}
		if !isAddress(mark.URL) && !strings.HasPrefix(mark.URL, "mailto:") && !strings.HasPrefix(mark.URL, "tel:") {
			return nil // shown as plain text
		}
	case element.tag == "code":
		if n := len(r.open); n > 0 && r.open[n-1].tag == "pre" && r.open[n-1].start == element.start {
			r.open[n-1].attribute = element.attribute
			return nil
		}
	case element.tag == "pre":
		mark.Language = element.attribute
	}
	r.marks = append(r.marks, mark)
	return nil
}

// inOrder sorts entities by their place, the outer before the inner.
func inOrder(marks []Entity) {
	slices.SortStableFunc(marks, func(a, b Entity) int { return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length)) })
}

// trim takes white space off both ends, as Telegram does, and moves the
// entities along.
func trim(text string, marks []Entity) (string, []Entity) {
	ends := func(r rune) bool { return unicode.IsSpace(r) || r == 0x200b || r == 0xfeff }
	shorter := strings.TrimLeftFunc(text, ends)
	cut := len(utf16.Encode([]rune(text[:len(text)-len(shorter)])))
	shorter = strings.TrimRightFunc(shorter, ends)
	units := len(utf16.Encode([]rune(shorter)))
	var kept []Entity
	for _, m := range marks {
		end := min(m.Offset+m.Length-cut, units)
		m.Offset = max(m.Offset-cut, 0)
		if m.Length = end - m.Offset; m.Length > 0 {
			kept = append(kept, m)
		}
	}
	return shorter, kept
}

// found are the entities that Telegram sees in a plain text.
func found(text string) []Entity {
	var all []Entity
	taken := make([]bool, len(text))
	for _, kind := range []struct {
		name    string
		pattern *regexp.Regexp
	}{{"url", anAddress}, {"email", aMailbox}, {"mention", aMention}, {"bot_command", aSlash}} {
		for _, at := range kind.pattern.FindAllStringSubmatchIndex(text, -1) {
			start, end := at[2], at[3]
			if taken[start] {
				continue
			}
			for i := start; i < end; i++ {
				taken[i] = true
			}
			all = append(all, Entity{Type: kind.name, Offset: len(utf16.Encode([]rune(text[:start]))), Length: len(utf16.Encode([]rune(text[start:end])))})
		}
	}
	inOrder(all)
	return all
}

var (
	anAddress = regexp.MustCompile(`(https?://[^\s<>"]+[^\s<>".,;:!?)])`)
	aMailbox  = regexp.MustCompile(`([A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`)
	aMention  = regexp.MustCompile(`(?:^|[^A-Za-z0-9_@/.])(@[A-Za-z][A-Za-z0-9_]{3,31})\b`)
	aSlash    = regexp.MustCompile(`(?:^|[\s(])(/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]+)?)`)
)
