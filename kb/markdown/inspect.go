package markdown

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// Link is a link or image in a text.
type Link struct {
	Destination string
	Line        int // in the source, from 1
	Image       bool
}

// Links returns the links and images of a text in order.
func Links(src string) []Link {
	d := parse(src)
	var links []Link
	d.each(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Link:
			links = append(links, Link{string(n.Destination), d.line(n), false})
		case *ast.AutoLink:
			links = append(links, Link{string(n.URL(d.source)), d.line(n), false})
		case *ast.Image:
			links = append(links, Link{string(n.Destination), d.line(n), true})
		}
	})
	return links
}

// RawHTML returns the lines, from 1, where raw HTML begins. Readers never see
// it.
func RawHTML(src string) []int {
	d := parse(src)
	var lines []int
	d.each(func(n ast.Node) {
		switch n.(type) {
		case *ast.HTMLBlock, *ast.RawHTML:
			lines = append(lines, d.line(n))
		}
	})
	return lines
}

// line is where a node, or else the block around it, begins.
func (d document) line(n ast.Node) int {
	for n.Pos() < 0 && n.Parent() != nil {
		n = n.Parent()
	}
	return 1 + bytes.Count(d.source[:max(n.Pos(), 0)], []byte("\n"))
}

var schemed = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:`)

// Safe reports whether HTML shows the link: it leads to http, https, mailto,
// tel or a path, an image to a path.
func Safe(l Link) bool {
	destination := strings.TrimSpace(l.Destination)
	if l.Image {
		return isPath([]byte(destination))
	}
	scheme := strings.ToLower(schemed.FindString(destination))
	return scheme == "" || slices.Contains(schemes, strings.TrimSuffix(scheme, ":"))
}
