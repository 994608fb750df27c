// Package markdown reads the Markdown that editors write: CommonMark with
// tables, strikethrough and bare links. It renders it as HTML that is safe on
// any page, as plain text for the index and the terminal, and cut into the
// sections and steps that a conversation shows one at a time.
//
// Whatever the source, nothing here fails, and nothing takes long: raw HTML is
// left out, text beyond Most bytes is not read, nesting beyond a sane depth
// is flattened to its text.
package markdown

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/unicode/norm"
)

// Most is how many bytes of a text are read.
const Most = 256 << 10

// deepest is how far blocks and emphasis may nest; readers get lost long
// before, and browsers' parsers some time after.
const deepest = 40

// longest bounds lines and paragraphs, in bytes: the time to parse a paragraph
// may grow with the square of its length.
const longest = 8 << 10

var language = goldmark.New(
	goldmark.WithExtensions(
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
		extension.Strikethrough,
		extension.Linkify,
	),
	goldmark.WithParserOptions(parser.WithParagraphTransformers(util.Prioritized(shortener{}, 1000))),
)

// document is a parsed text; every heading has its anchor as attribute "id".
type document struct {
	source  []byte
	root    ast.Node
	spelled func(destination []byte) string // what plain text says of where a link leads; nil for nothing
}

func parse(src string) document {
	source := []byte(tame(src))
	root := language.Parser().Parse(text.NewReader(source))
	flatten(root, source)
	d := document{source: source, root: root}
	d.giveAnchors()
	return d
}

// tame makes a text small, valid and quick to parse: what a line opens must be
// continued on each line that follows, so a line may not open too much. Texts
// that people write come out as they went in, but for line ends.
func tame(src string) string {
	if len(src) > Most {
		src = src[:runeStart(src, Most)]
	}
	src = strings.ToValidUTF8(src, "\uFFFD")
	src = strings.ReplaceAll(strings.ReplaceAll(src, "\r\n", "\n"), "\r", "\n")
	var b strings.Builder
	b.Grow(len(src))
	for line := range strings.Lines(src) {
		rest := strings.TrimLeftFunc(line, isLead)
		if lead := line[:len(line)-len(rest)]; nests(lead) > deepest {
			line = "> " + rest
		}
		for len(line) > longest {
			cut := runeStart(line, longest)
			if space := strings.LastIndexByte(line[:cut], ' '); space > 0 {
				cut = space
			}
			b.WriteString(line[:cut] + "\n")
			line = line[cut:]
		}
		b.WriteString(line)
	}
	return b.String()
}

// runeStart is the last place at or before pos where a character begins.
func runeStart(s string, pos int) int {
	for pos > 0 && !utf8.RuneStart(s[pos]) {
		pos--
	}
	return pos
}

// shortener splits paragraphs that are too long into several.
type shortener struct{}

func (shortener) Transform(p *ast.Paragraph, _ text.Reader, _ parser.Context) {
	lines := p.Lines().Sliced(0, p.Lines().Len())
	var parts []*text.Segments
	size := longest + 1
	for _, line := range lines {
		if size += line.Len(); size > longest {
			parts, size = append(parts, text.NewSegments()), line.Len()
		}
		parts[len(parts)-1].Append(line)
	}
	if len(parts) < 2 {
		return
	}
	p.SetLines(parts[0])
	var last ast.Node = p
	for _, part := range parts[1:] {
		next := ast.NewParagraph()
		next.SetLines(part)
		last.Parent().InsertAfter(last.Parent(), last, next)
		last = next
	}
}

// isLead reports whether a character may belong to the markers that open
// quotes and lists at the start of a line.
func isLead(r rune) bool {
	return strings.ContainsRune(" \t>-+*.)", r) || '0' <= r && r <= '9'
}

// nests is the most blocks that a line's lead can open or continue.
func nests(lead string) int {
	n := 0
	for i := range len(lead) {
		if c := lead[i]; c == '>' || (c == '-' || c == '+' || c == '*' || c == '.' || c == ')') && i+1 < len(lead) && (lead[i+1] == ' ' || lead[i+1] == '\t') {
			n++
		}
	}
	return n
}

// flatten replaces what nests too deep by its text. It does not recurse, for
// it is what protects those who do.
func flatten(root ast.Node, source []byte) {
	depth := 0
	for n := root; n != nil; {
		if depth > deepest && n.HasChildren() {
			words := textBelow(n, source)
			n.RemoveChildren(n)
			if n.Type() == ast.TypeInline {
				n.AppendChild(n, verbatim(words))
			}
		}
		if n.FirstChild() != nil {
			n, depth = n.FirstChild(), depth+1
			continue
		}
		for n != root && n.NextSibling() == nil {
			n, depth = n.Parent(), depth-1
		}
		if n == root {
			return
		}
		n = n.NextSibling()
	}
}

// verbatim is a node for words that are no markup.
func verbatim(words []byte) ast.Node {
	n := ast.NewString(words)
	n.SetRaw(true)
	return n
}

// textBelow collects the text of a subtree without recursion.
func textBelow(top ast.Node, source []byte) []byte {
	var words bytes.Buffer
	for n := top; n != nil; {
		switch n := n.(type) {
		case *ast.Text:
			words.Write(n.Value(source))
			words.WriteByte(' ')
		case *ast.String:
			words.Write(n.Value)
			words.WriteByte(' ')
		}
		if n.FirstChild() != nil {
			n = n.FirstChild()
			continue
		}
		for n != top && n.NextSibling() == nil {
			n = n.Parent()
		}
		if n == top {
			break
		}
		n = n.NextSibling()
	}
	return bytes.TrimSpace(words.Bytes())
}

// giveAnchors gives every heading an anchor that is unique in the document.
func (d document) giveAnchors() {
	taken, used := map[string]bool{}, map[string]int{}
	d.each(func(n ast.Node) {
		h, is := n.(*ast.Heading)
		if !is {
			return
		}
		base := Slug(d.inline(h))
		if base == "" {
			base = "sezione"
		}
		anchor := base
		for taken[anchor] {
			used[base]++
			anchor = fmt.Sprintf("%s-%d", base, used[base]+1)
		}
		taken[anchor] = true
		h.SetAttributeString("id", []byte(anchor))
	})
}

// each visits every node, parents first.
func (d document) each(visit func(ast.Node)) {
	_ = ast.Walk(d.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			visit(n)
		}
		return ast.WalkContinue, nil
	}) // the walker itself never fails
}

func anchorOf(h *ast.Heading) string {
	id, _ := h.AttributeString("id")
	anchor, _ := id.([]byte)
	return string(anchor)
}

// longestSlug is in characters.
const longestSlug = 80

// Slug turns words into a fragment or name for a URL: lower case letters and
// digits without accents, joined by hyphens; empty if there are none.
func Slug(words string) string {
	var b strings.Builder
	length, gap := 0, false
	for _, r := range norm.NFKD.String(words) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			gap = length > 0
			continue
		}
		if length >= longestSlug {
			break
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(unicode.ToLower(r))
		length++
	}
	return b.String()
}
