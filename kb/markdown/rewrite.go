package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// Dialect says how another program wants Markdown.
type Dialect struct {
	Base string // put before paths such as /kb/it/vpn

	// Words writes words of one line so that the program shows them as they
	// are, wherever in a line they stand. It is asked for all that is no code.
	Words func(words string) string
}

// Rewrite writes a text anew as the Markdown of another program: what means
// something there and nothing in CommonMark is written by Words, raw HTML is
// left out, images become links to them, and links lead to where HTML would
// show them leading. Blocks stand apart by an empty line.
func Rewrite(src string, dialect Dialect) string {
	w := writer{document: parse(src), Dialect: dialect}
	var b strings.Builder
	w.blocks(&b, w.root.FirstChild(), "")
	return b.String()
}

type writer struct {
	document
	Dialect
}

// blocks writes siblings; lines after the first begin with indent.
func (w writer) blocks(b *strings.Builder, n ast.Node, indent string) {
	first := true
	for ; n != nil; n = n.NextSibling() {
		var block strings.Builder
		w.block(&block, n, indent)
		if strings.TrimSpace(block.String()) == "" {
			continue
		}
		if !first {
			b.WriteString("\n")
			if !tight(n) {
				b.WriteString(strings.TrimRight(indent, " ") + "\n")
			}
			b.WriteString(indent)
		}
		b.WriteString(block.String())
		first = false
	}
}

func (w writer) block(b *strings.Builder, n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.HTMLBlock, *ast.LinkReferenceDefinition:
	case *ast.ThematicBreak:
		b.WriteString("---")
	case *ast.Heading:
		if words := strings.TrimSpace(w.line(n)); words != "" {
			b.WriteString(strings.Repeat("#", max(n.Level, 4)) + " " + strings.ReplaceAll(words, "\n", " ")) // a message is no page
		}
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		code := strings.TrimRight(string(n.Lines().Value(w.source)), "\n")
		fence := strings.Repeat("`", max(3, longestRun(code)+1))
		b.WriteString(fence + "\n" + indent + strings.ReplaceAll(code, "\n", "\n"+indent) + "\n" + indent + fence)
	case *ast.List:
		items(b, n, indent, func(first ast.Node, indent string) { w.blocks(b, first, indent) })
	case *ast.Blockquote:
		b.WriteString("> ")
		w.blocks(b, n.FirstChild(), indent+"> ")
	case *extast.Table:
		w.table(b, n, indent)
	case *ast.Paragraph, *ast.TextBlock:
		b.WriteString(strings.ReplaceAll(w.line(n), "\n", "\n"+indent))
	default:
		w.blocks(b, n.FirstChild(), indent)
	}
}

func (w writer) table(b *strings.Builder, table *extast.Table, indent string) {
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		if row != table.FirstChild() {
			b.WriteString("\n" + indent)
		}
		cells := 0
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			b.WriteString("| " + strings.ReplaceAll(w.line(cell), "\n", " ") + " ")
			cells++
		}
		b.WriteString("|")
		if row.Kind() == extast.KindTableHeader {
			b.WriteString("\n" + indent + strings.Repeat("| --- ", cells) + "|")
		}
	}
}

// line is what stands in a paragraph, heading or cell. Only a hard break breaks
// it.
func (w writer) line(n ast.Node) string {
	var b strings.Builder
	w.inline(&b, n)
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = guarded(strings.TrimSpace(line))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// guarded keeps the words of a line from beginning a list, a rule or a heading
// below another line.
func guarded(line string) string {
	i := strings.IndexFunc(line, func(r rune) bool { return r < '0' || r > '9' })
	if i < 0 || !strings.ContainsRune("-+=.)", rune(line[i])) || i > 0 && strings.ContainsRune("-+=", rune(line[i])) {
		return line
	}
	return line[:i] + `\` + line[i:]
}

func (w writer) inline(b *strings.Builder, n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			value := c.Value(w.source)
			if !c.IsRaw() {
				value = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value)))
			}
			b.WriteString(w.Words(strings.ReplaceAll(string(value), "\n", " ")))
			switch {
			case c.HardLineBreak():
				b.WriteByte('\n')
			case c.SoftLineBreak():
				b.WriteByte(' ')
			}
		case *ast.String:
			b.WriteString(w.Words(strings.ReplaceAll(string(c.Value), "\n", " ")))
		case *ast.CodeSpan:
			b.WriteString(codeSpan(strings.ReplaceAll(string(textBelow(c, w.source)), "\n", " ")))
		case *ast.AutoLink:
			destination := c.URL(w.source)
			if c.AutoLinkType == ast.AutoLinkEmail && !schemed.Match(destination) {
				destination = append([]byte("mailto:"), destination...)
			}
			w.link(b, w.Words(string(c.Label(w.source))), destination)
		case *ast.Link:
			var words strings.Builder
			w.inline(&words, c)
			w.link(b, words.String(), c.Destination)
		case *ast.Image:
			w.link(b, w.Words(w.document.inline(c)), c.Destination)
		case *ast.RawHTML:
		case *ast.Emphasis:
			w.wrapped(b, c, strings.Repeat("*", c.Level))
		case *extast.Strikethrough:
			w.wrapped(b, c, "~~")
		default:
			w.inline(b, c)
		}
	}
}

// wrapped writes words between marks, without the spaces and line ends that
// would keep the marks from meaning anything.
func (w writer) wrapped(b *strings.Builder, n ast.Node, mark string) {
	var words strings.Builder
	w.inline(&words, n)
	inner := strings.TrimSpace(words.String())
	if inner == "" || strings.Contains(inner, "\n") {
		b.WriteString(words.String())
		return
	}
	b.WriteString(mark + inner + mark)
}

// link writes a link, or its words if HTML would show no link.
func (w writer) link(b *strings.Builder, words string, destination []byte) {
	address := string(based(destination, w.Base))
	words = strings.TrimSpace(strings.ReplaceAll(words, "\n", " "))
	if !schemed.MatchString(address) || !Safe(Link{Destination: address}) || words == "" {
		b.WriteString(words)
		return
	}
	b.WriteString("[" + words + "](" + unbroken.Replace(address) + ")")
}

// unbroken keeps an address within the brackets of its link.
var unbroken = strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "\t", "%09", "\n", "%0A", "\r", "%0D",
	"<", "%3C", ">", "%3E", `\`, "%5C", `"`, "%22", "`", "%60", "[", "%5B", "]", "%5D", "|", "%7C")

// codeSpan writes code between as many backticks as it takes.
func codeSpan(code string) string {
	if strings.TrimSpace(code) == "" {
		return ""
	}
	mark := strings.Repeat("`", longestRun(code)+1)
	if strings.HasPrefix(code, "`") || strings.HasSuffix(code, "`") {
		code = " " + code + " "
	}
	return mark + code + mark
}

// longestRun is the length of the longest run of backticks.
func longestRun(code string) (longest int) {
	run := 0
	for i := range len(code) {
		if code[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
