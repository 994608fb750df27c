package markdown_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"sportello/kb/markdown"
)

func FuzzMarkdown(f *testing.F) {
	for _, src := range []string{
		"# a\n\nb\n===\n", "1. a\n   > b\n2. c", "<script>x</script>", "[a](javascript:b \"c\")", "![a](data:b)", "|a|\n|-|\n|`b|c`|",
		"[a]: <b>\n[a]", "&#x6A;avascript:", "<a href='j&Tab;avascript:x'>", "~~a~~ www.b.example", "- a\n\n\n  b\n-\n", "#\n##\n#\n", "\xff\x00\r\n\t", "***a**b*",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		page, contents := markdown.HTML(src, markdown.Options{HeadingOffset: 1, LinkBase: "https://help.example"})
		anchors := checkHTML(t, string(page))
		for _, h := range contents {
			if !anchors[h.Anchor] {
				t.Errorf("heading %q has no anchor %q in %q", h.Text, h.Anchor, page)
			}
		}
		sections := markdown.Sections(src)
		headed := 0
		for _, s := range sections {
			if s.Anchor != "" {
				headed++
				if !anchors[s.Anchor] {
					t.Errorf("section %q has no anchor %q in %q", s.Heading, s.Anchor, page)
				}
			}
			markdown.Steps(s.Whole)
		}
		if headed != len(contents) {
			t.Errorf("%d sections with a heading, %d headings", headed, len(contents))
		}
		markdown.Plain(src)
		markdown.Links(src)
		markdown.RawHTML(src)
	})
}

var (
	elements = []string{"html", "head", "body", "p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "del", "ul", "ol", "li",
		"table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "a", "img"}
	attributes = []string{"id", "start", "class", "href", "title", "rel", "src", "alt"}
)

// checkHTML fails the test if a page holds what no page may, and returns its
// anchors.
func checkHTML(t *testing.T, page string) map[string]bool {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("a browser cannot read %.500q: %v", page, err)
	}
	anchors := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("comment in %.500q", page)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(elements, n.Data) {
			t.Errorf("element %s in %.500q", n.Data, page)
		}
		for _, a := range n.Attr {
			checkAttribute(t, n, a)
			if a.Key == "id" {
				if anchors[a.Val] {
					t.Errorf("anchor %s twice in %.500q", a.Val, page)
				}
				anchors[a.Val] = true
			}
		}
	}
	return anchors
}

func checkAttribute(t *testing.T, n *html.Node, a html.Attribute) {
	t.Helper()
	if !slices.Contains(attributes, a.Key) {
		t.Errorf("attribute %s=%q of %s", a.Key, a.Val, n.Data)
	}
	if a.Key != "href" && a.Key != "src" {
		return
	}
	u, err := url.Parse(strings.TrimSpace(a.Val))
	if err != nil {
		t.Errorf("%s=%q is no address: %v", a.Key, a.Val, err)
		return
	}
	if !slices.Contains([]string{"", "http", "https", "mailto", "tel"}, u.Scheme) {
		t.Errorf("%s=%q", a.Key, a.Val)
	}
	if a.Key == "src" && !strings.HasPrefix(a.Val, "https://help.example/") && (!strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//")) {
		t.Errorf("image from elsewhere: %q", a.Val)
	}
}
