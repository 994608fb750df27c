package markdown

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// Plain returns the text without its markup: blocks apart by an empty line,
// list items with their marker, table rows with " | " between cells, of a
// link its words, of an image its description.
func Plain(src string) string {
	d := parse(src)
	var b strings.Builder
	d.blocks(&b, d.root.FirstChild(), nil, "")
	return b.String()
}

// blocks writes the siblings from n up to, and without, end. Lines after the
// first are indented.
func (d document) blocks(b *strings.Builder, n, end ast.Node, indent string) {
	first := true
	for ; n != nil && n != end; n = n.NextSibling() {
		var block strings.Builder
		d.block(&block, n, indent)
		if strings.TrimSpace(block.String()) == "" {
			continue
		}
		if !first {
			b.WriteByte('\n')
			if !tight(n) {
				b.WriteByte('\n')
			}
			b.WriteString(indent)
		}
		b.WriteString(block.String())
		first = false
	}
}

// tight reports whether n follows its predecessor without an empty line.
func tight(n ast.Node) bool {
	switch n.Kind() {
	case extast.KindTableHeader, extast.KindTableRow:
		return true
	case ast.KindList: // below the words of a tight list's item
		return n.PreviousSibling() != nil && n.PreviousSibling().Kind() == ast.KindTextBlock
	}
	return false
}

func (d document) block(b *strings.Builder, n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.HTMLBlock, *ast.ThematicBreak, *ast.LinkReferenceDefinition:
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		code := strings.TrimRight(string(n.Lines().Value(d.source)), "\n")
		b.WriteString(strings.ReplaceAll(code, "\n", "\n"+indent))
	case *ast.List:
		items(b, n, indent, func(first ast.Node, indent string) { d.blocks(b, first, nil, indent) })
	case *extast.TableHeader, *extast.TableRow:
		for cell := n.FirstChild(); cell != nil; cell = cell.NextSibling() {
			if cell != n.FirstChild() {
				b.WriteString(" | ")
			}
			b.WriteString(d.inline(cell))
		}
	case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
		b.WriteString(strings.ReplaceAll(d.inline(n), "\n", "\n"+indent))
	default:
		d.blocks(b, n.FirstChild(), nil, indent)
	}
}

// items writes a list, each item with its marker; what is in an item begins with
// its first node and is indented.
func items(b *strings.Builder, list *ast.List, indent string, blocks func(first ast.Node, indent string)) {
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		marker := "- "
		if list.IsOrdered() {
			marker = fmt.Sprintf("%d. ", number)
			number++
		}
		if item != list.FirstChild() {
			b.WriteString("\n" + indent)
		}
		b.WriteString(marker)
		blocks(item.FirstChild(), indent+strings.Repeat(" ", len(marker)))
	}
}

// inline returns the words of a paragraph, heading or cell. Only a hard break
// breaks the line.
func (d document) inline(n ast.Node) string {
	var b strings.Builder
	d.words(&b, n)
	return strings.TrimSpace(b.String())
}

func (d document) words(b *strings.Builder, n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			value := c.Value(d.source)
			if !c.IsRaw() && c.Parent().Kind() != ast.KindCodeSpan {
				value = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value)))
			}
			b.Write(value)
			switch {
			case c.HardLineBreak():
				b.WriteByte('\n')
			case c.SoftLineBreak():
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.Label(d.source))
		case *ast.RawHTML:
		case *ast.Link:
			d.words(b, c)
			if d.spelled == nil {
				continue
			}
			if address := d.spelled(c.Destination); address != "" {
				b.WriteString(" " + address)
			}
		default:
			d.words(b, c)
		}
	}
}
