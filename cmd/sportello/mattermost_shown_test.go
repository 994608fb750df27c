package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	reading "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// unseen is a sign of no width, as it stands in posts.
const unseen = "\u2060"

// callsIn are words by which Mattermost notifies people.
var callsIn = regexp.MustCompile(`(?i)@(channel|all|here|[a-z][a-z0-9._-]{2,})`)

// shown is a post's Markdown as Mattermost shows it: no HTML, links with or
// without words of their own, mentions.
func shown(markdown string) (words string, behind, calls []string) {
	source := []byte(markdown)
	parser := goldmark.New(goldmark.WithExtensions(extension.Strikethrough, extension.Linkify, extension.Table)).Parser()
	var b strings.Builder
	_ = ast.Walk(parser.Parse(reading.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) { // ours does not fail
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(unescaped(n, source))
			}
			if entering && (n.SoftLineBreak() || n.HardLineBreak()) {
				b.WriteByte('\n')
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(source))
			}
		case *ast.RawHTML:
			if entering {
				b.Write(n.Segments.Value(source))
			}
		case *ast.HTMLBlock, *ast.CodeBlock, *ast.FencedCodeBlock:
			if entering {
				b.Write(n.Lines().Value(source))
			}
		case *ast.Link:
			if entering {
				behind = append(behind, string(n.Destination))
			}
		case *east.TableCell:
			if !entering {
				b.WriteByte('\t')
			}
		}
		if !entering && n.Type() == ast.TypeBlock {
			b.WriteByte('\n')
		}
		return ast.WalkContinue, nil
	})
	calls = callsIn.FindAllString(b.String(), -1)
	words = strings.TrimSpace(strings.ReplaceAll(b.String(), unseen, ""))
	for _, address := range behind {
		if !strings.Contains(words, address) {
			return words, behind, calls
		}
	}
	return words, nil, calls
}

// unescaped is a piece of text without backslashes and with what entities mean,
// unless it is code.
func unescaped(n *ast.Text, source []byte) []byte {
	value := n.Segment.Value(source)
	if _, code := n.Parent().(*ast.CodeSpan); code {
		return value
	}
	return util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(value)))
}

func TestWhatMattermostShows(t *testing.T) {
	for markdown, want := range map[string][3][]string{
		"**Attenzione**, *prima*: `a_b`":     {{"Attenzione, prima: a_b"}, nil, nil},
		`\*stelle\* <b>no</b> &lt;`:          {{"*stelle* <b>no</b> <"}, nil, nil},
		"[qui](http://x.example/y)":          {{"qui"}, {"http://x.example/y"}, nil},
		"http://x.example/y":                 {{"http://x.example/y"}, nil, nil},
		"@channel e @" + unseen + "all":      {{"@channel e @all"}, nil, {"@channel"}},
		"uno\n\n1. due\n2. tre\n\n# quattro": {{"uno\ndue\n\ntre\n\n\nquattro"}, nil, nil},
	} {
		words, behind, calls := shown(markdown)
		if diff := cmp.Diff(want, [3][]string{{words}, behind, calls}); diff != "" {
			t.Errorf("%q:\n%s", markdown, diff)
		}
	}
}
