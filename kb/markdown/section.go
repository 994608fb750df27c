package markdown

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// Section is what stands below one heading, up to the next heading.
type Section struct {
	Anchor   string // fragment of its URL, the same as in HTML; empty before the first heading
	Level    int    // of the heading, 1 to 6; 0 before the first heading
	Heading  string // plain text
	Markdown string // its own text, without the heading
	Whole    string // Markdown together with all sections of a lower rank that follow
	Text     string // Markdown as Plain shows it
	Line     int    // of the heading in the source, from 1
}

// Sections cuts a text at its headings (those inside quotes and lists do not
// count). The part before the first heading comes first, unless it is empty.
func Sections(src string) []Section {
	d := parse(src)
	type span struct{ from, to int } // of a section's own text
	var all []Section
	var spans []span
	begin := func(s Section, from int, n, end ast.Node) {
		var text strings.Builder
		d.blocks(&text, n, end, "")
		s.Text = text.String()
		all, spans = append(all, s), append(spans, span{from: from, to: len(d.source)})
	}
	headings := d.headings()
	endOf := func(i int) ast.Node {
		if i < len(headings) {
			return headings[i]
		}
		return nil
	}
	begin(Section{}, 0, d.root.FirstChild(), endOf(0))
	line, counted := 1, 0
	for i, h := range headings {
		from, after := d.extent(h)
		spans[len(spans)-1].to = from
		line, counted = line+bytes.Count(d.source[counted:from], []byte("\n")), from
		begin(Section{Anchor: anchorOf(h), Level: h.Level, Heading: oneLine(d.inline(h)), Line: line}, after, h.NextSibling(), endOf(i+1))
	}
	definitions := d.definitions()
	for i := range all {
		last := i
		for last+1 < len(all) && all[last+1].Level > all[i].Level && i > 0 {
			last++
		}
		all[i].Markdown = d.cut(spans[i].from, spans[i].to, definitions)
		all[i].Whole = d.cut(spans[i].from, spans[last].to, definitions)
	}
	if all[0].Markdown == "" {
		all = all[1:]
	}
	return all
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (d document) headings() []*ast.Heading {
	var all []*ast.Heading
	for n := d.root.FirstChild(); n != nil; n = n.NextSibling() {
		if h, is := n.(*ast.Heading); is {
			all = append(all, h)
		}
	}
	return all
}

var hashes = regexp.MustCompile(`^ {0,3}#{1,6}([ \t\n]|$)`)

// extent returns where the lines of a heading begin and where they end.
func (d document) extent(h *ast.Heading) (from, to int) {
	from = bytes.LastIndexByte(d.source[:h.Pos()], '\n') + 1
	if hashes.Match(d.source[from:d.lineEnd(from)]) {
		return from, d.lineEnd(from)
	}
	last := from
	if n := h.Lines().Len(); n > 0 {
		last = h.Lines().At(n - 1).Start
	}
	return from, d.lineEnd(d.lineEnd(last)) // and the line of = or -
}

// lineEnd is where the line after the one at pos begins.
func (d document) lineEnd(pos int) int {
	if i := bytes.IndexByte(d.source[pos:], '\n'); i >= 0 {
		return pos + i + 1
	}
	return len(d.source)
}

// definition is where the target of a [label] is written.
type definition struct {
	line string
	pos  int
}

// longestDefinition, in bytes, is what we copy to where a link needs it.
const longestDefinition = 2 << 10

// definitions finds them by label.
func (d document) definitions() map[string]definition {
	all := map[string]definition{}
	d.each(func(n ast.Node) {
		r, is := n.(*ast.LinkReferenceDefinition)
		if !is || r.Pos() < 0 {
			return
		}
		label, line := oneLine(strings.ToLower(string(r.Label))), strings.TrimSpace(string(r.Lines().Value(d.source)))
		if _, twice := all[label]; !twice && len(line) <= longestDefinition {
			all[label] = definition{line, r.Pos()}
		}
	})
	return all
}

var bracketed = regexp.MustCompile(`\[[^\[\]]+\]`)

// cut returns a part of the source, with the definitions that its links need
// and that stand elsewhere.
func (d document) cut(from, to int, definitions map[string]definition) string {
	part := strings.Trim(string(d.source[from:max(from, to)]), "\n")
	if strings.TrimSpace(part) == "" {
		return ""
	}
	part = strings.TrimRight(part, " \t\n")
	if len(definitions) == 0 {
		return part
	}
	var added []string
	for _, label := range bracketed.FindAllString(part, -1) {
		def, known := definitions[oneLine(strings.ToLower(label[1:len(label)-1]))]
		if known && (def.pos < from || def.pos >= to) && !slices.Contains(added, def.line) && len(added) < mostAdded {
			added = append(added, def.line)
		}
	}
	if len(added) == 0 {
		return part
	}
	return part + "\n\n" + strings.Join(added, "\n")
}

// mostAdded bounds the definitions copied to one part.
const mostAdded = 100

var marker = regexp.MustCompile(`^([-+*]|[0-9]{1,9}[.)])[ \t]*`)

// Steps returns the items of the numbered lists in a text, as Markdown of
// their own. Nothing gets lost: what stands before the first item begins the
// first step, and what follows an item belongs to it, up to the next one. A
// text without a numbered list has no steps.
func Steps(src string) []string {
	d := parse(src)
	var items []*ast.ListItem
	for n := d.root.FirstChild(); n != nil; n = n.NextSibling() {
		if list, is := n.(*ast.List); is && list.IsOrdered() {
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				items = append(items, c.(*ast.ListItem))
			}
		}
	}
	var steps []string
	for i, item := range items {
		to := len(d.source)
		if i+1 < len(items) {
			to = items[i+1].Pos()
		}
		from := item.Pos()
		from += len(marker.Find(d.source[from:to]))
		lines := strings.Split(string(d.source[from:to]), "\n")
		for j := range lines {
			if j > 0 {
				lines[j] = dedent(lines[j], item.Offset)
			}
		}
		steps = append(steps, strings.TrimSpace(strings.Join(lines, "\n")))
	}
	if len(items) > 0 {
		start := bytes.LastIndexByte(d.source[:items[0].Pos()], '\n') + 1
		if before := strings.TrimSpace(string(d.source[:start])); before != "" {
			steps[0] = before + "\n\n" + steps[0]
		}
	}
	return steps
}

// dedent takes up to n columns of white space off the start of a line.
func dedent(line string, n int) string {
	for n > 0 && line != "" {
		switch line[0] {
		case ' ':
			n--
		case '\t':
			n -= 4
		default:
			return line
		}
		line = line[1:]
	}
	return line
}
