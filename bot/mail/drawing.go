package mail

import (
	"html/template"
	"maps"
	"net/url"
	"strings"

	"sportello/kb/markdown"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// style is how elements look in a letter: mail programs keep attributes and
// lose style sheets. What is not in it has no style of its own.
type style map[atom.Atom]string

const (
	monospace = "font-family:Consolas,'Liberation Mono',Menlo,monospace;font-size:0.9375em;"
	rule      = "border-color:#8a9bab;border-style:solid;"
)

var bodyStyle = style{
	atom.P: "margin:0 0 16px;", atom.Ul: "margin:0 0 16px;padding:0 0 0 24px;", atom.Ol: "margin:0 0 16px;padding:0 0 0 24px;", atom.Li: "margin:0 0 6px;",
	atom.H2: "margin:24px 0 8px;font-size:20px;line-height:26px;", atom.H3: "margin:20px 0 8px;font-size:17px;line-height:24px;",
	atom.H4: "margin:16px 0 8px;font-size:16px;line-height:24px;", atom.H5: "margin:16px 0 8px;font-size:16px;line-height:24px;", atom.H6: "margin:16px 0 8px;font-size:16px;line-height:24px;",
	atom.Blockquote: "margin:0 0 16px;padding:2px 0 2px 16px;border-width:0 0 0 4px;" + rule,
	atom.Pre:        "margin:0 0 16px;white-space:pre-wrap;overflow-wrap:anywhere;" + monospace, atom.Code: monospace + "overflow-wrap:anywhere;",
	atom.Hr: "margin:24px 0;height:0;border-width:1px 0 0;" + rule, atom.A: "color:#0059b3;text-decoration:underline;overflow-wrap:anywhere;",
	atom.Table: "margin:0 0 16px;border-collapse:collapse;", atom.Th: "padding:6px 10px;border-width:1px;text-align:left;" + rule, atom.Td: "padding:6px 10px;border-width:1px;" + rule,
}

// codeStyle is for letters whose bold words are to be copied by hand.
var codeStyle = func() style {
	s := maps.Clone(bodyStyle)
	s[atom.Strong] = "font-size:24px;letter-spacing:3px;white-space:nowrap;"
	return s
}()

var footerStyle = style{
	atom.P: "margin:0 0 10px;", atom.A: bodyStyle[atom.A],
}

const (
	buttonRow = "margin:24px 0;"
	button    = "display:inline-block;padding:12px 24px;background-color:#0059b3;border:1px solid #0059b3;border-radius:4px;color:#ffffff;font-weight:600;text-decoration:none;overflow-wrap:anywhere;"
)

// draw renders Markdown with the style on every element, and returns where its
// links lead. Links that lead nowhere from a letter, and pictures, which would
// have to be loaded, become their words.
func (h Letterhead) draw(text string, s style) (template.HTML, []string) {
	rendered, _ := markdown.HTML(text, markdown.Options{LinkBase: h.Site})
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(string(rendered)), body)
	if err != nil { // nothing but reading may fail, and a string is read
		return rendered, nil
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	var links []string
	s.put(body, &links)
	var out strings.Builder
	for n := range body.ChildNodes() {
		if err := html.Render(&out, n); err != nil {
			return rendered, links
		}
	}
	return template.HTML(out.String()), links // the markdown's sanitised HTML, with styles of ours
}

func (s style) put(parent *html.Node, links *[]string) {
	for n, next := parent.FirstChild, (*html.Node)(nil); n != nil; n = next {
		next = n.NextSibling
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Img:
			words := &html.Node{Type: html.TextNode, Data: attribute(n, "alt")}
			parent.InsertBefore(words, n)
			parent.RemoveChild(n)
			continue
		case atom.A:
			if !absolute(attribute(n, "href")) {
				s.put(n, links)
				unwrap(n)
				continue
			}
			*links = append(*links, attribute(n, "href"))
		case atom.H1: // that is the letter's subject
			n.DataAtom, n.Data = atom.H2, "h2"
		}
		look := s[n.DataAtom]
		switch {
		case n.DataAtom == atom.P && isButton(n):
			look = buttonRow
		case n.DataAtom == atom.A && parent.DataAtom == atom.P && isButton(parent):
			look = button
			set(n, "class", "button")
		case n.DataAtom == atom.P && parent.DataAtom == atom.Blockquote && isLast(n):
			look = "margin:0;"
		}
		remove(n, "id", "title")
		if look != "" {
			set(n, "style", look)
		}
		s.put(n, links)
	}
}

// isButton reports whether a paragraph is nothing but a link that has words of
// its own; one that shows its address stays a link.
func isButton(p *html.Node) bool {
	a := p.FirstChild
	if a == nil || a.NextSibling != nil || a.DataAtom != atom.A || a.FirstChild == nil {
		return false
	}
	words := a.FirstChild
	return words.NextSibling != nil || words.Type != html.TextNode || words.Data != attribute(a, "href")
}

// isLast reports whether no element follows n.
func isLast(n *html.Node) bool {
	for next := n.NextSibling; next != nil; next = next.NextSibling {
		if next.Type == html.ElementNode {
			return false
		}
	}
	return true
}

func absolute(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme != ""
}

// unwrap leaves what is in n where n was.
func unwrap(n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func set(n *html.Node, name, value string) {
	remove(n, name)
	n.Attr = append(n.Attr, html.Attribute{Key: name, Val: value})
}

func remove(n *html.Node, names ...string) {
	var kept []html.Attribute
	for _, a := range n.Attr {
		drop := false
		for _, name := range names {
			drop = drop || a.Key == name
		}
		if !drop {
			kept = append(kept, a)
		}
	}
	n.Attr = kept
}
