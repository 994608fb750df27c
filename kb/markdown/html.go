package markdown

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/ast"
)

// Options fit the HTML into a page.
type Options struct {
	HeadingOffset int    // added to the level of every heading
	LinkBase      string // put before paths such as /kb/it/vpn, for pages of another site
}

// Heading is an entry of a table of contents.
type Heading struct {
	Anchor string
	Level  int // as in the HTML, 1 to 6
	Text   string
}

// HTML renders a text for a page, with its headings in order. The HTML is
// sanitised: no scripts, styles, handlers, forms or frames; links lead to
// http, https, mailto, tel or paths; images come from the own site only (of
// others the description is shown). IDs consist of letters, digits and
// hyphens and occur once.
func HTML(src string, o Options) (template.HTML, []Heading) {
	d := parse(src)
	var contents []Heading
	d.each(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(max(n.Level+o.HeadingOffset, 1), 6)
		case *ast.Link:
			open(n, n.Destination)
			n.Destination = based(n.Destination, o.LinkBase)
		case *ast.AutoLink:
			open(n, n.URL(d.source))
		case *ast.Image:
			n.Destination = based(n.Destination, o.LinkBase)
		}
	})
	for _, h := range d.headings() {
		contents = append(contents, Heading{Anchor: anchorOf(h), Level: h.Level, Text: oneLine(d.inline(h))})
	}
	d.describeImages(o.LinkBase)
	var b bytes.Buffer
	if err := language.Renderer().Render(&b, d.source, d.root); err != nil {
		return template.HTML(template.HTMLEscapeString(Plain(src))), nil // a buffer takes everything, so this is a defect of the renderer
	}
	return template.HTML(policy.SanitizeBytes(b.Bytes())), contents
}

var abroad = regexp.MustCompile(`^(?i:https?:)?//`)

const opener = "noopener noreferrer"

// open keeps pages elsewhere from reaching into ours.
func open(n ast.Node, destination []byte) {
	if abroad.Match(destination) {
		n.SetAttributeString("rel", []byte(opener))
	}
}

func isPath(destination []byte) bool {
	return bytes.HasPrefix(destination, []byte("/")) && !bytes.HasPrefix(destination, []byte("//"))
}

func based(destination []byte, base string) []byte {
	if base == "" || !isPath(destination) {
		return destination
	}
	return append([]byte(strings.TrimSuffix(base, "/")), destination...)
}

// describeImages replaces images from elsewhere by their descriptions: a page
// loads nothing from third parties.
func (d document) describeImages(base string) {
	var foreign []*ast.Image
	d.each(func(n ast.Node) {
		if image, is := n.(*ast.Image); is && !isPath(image.Destination) &&
			(base == "" || !bytes.HasPrefix(image.Destination, []byte(strings.TrimSuffix(base, "/")+"/"))) {
			foreign = append(foreign, image)
		}
	})
	for _, image := range foreign {
		image.Parent().ReplaceChild(image.Parent(), image, verbatim([]byte(d.inline(image))))
	}
}

// schemes are those that links may have.
var schemes = []string{"http", "https", "mailto", "tel"}

var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "del", "ul", "ol", "li",
		"table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6")
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[\p{L}\p{N}-]+$`)).OnElements("h1", "h2", "h3", "h4", "h5", "h6")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^language-[a-z0-9-]+$`)).OnElements("code")
	p.AllowAttrs("href", "title").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile("^" + opener + "$")).OnElements("a")
	p.AllowAttrs("src", "alt", "title").OnElements("img")
	p.AllowURLSchemes(schemes...)
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	return p
}()
