package intake

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// piece is a stretch of a mail's text. What is aside was not written for this
// mail: it is quoted, or a signature.
type piece struct {
	text  string
	aside bool
}

// htmlPieces makes text of a mail in HTML: paragraphs, lists and tables become
// lines. It knows by their marks what the common programs quote or sign with.
// It reads the markup as a stream of tags, so that neither depth nor disorder
// costs more than length.
func htmlPieces(markup []byte) []piece {
	r := &htmlReader{}
	z := html.NewTokenizer(bytes.NewReader(markup))
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) { // one tag of a megabyte: what follows is shown as it is
				r.write(string(z.Buffered()))
			}
			return r.done()
		case html.TextToken:
			r.words(string(z.Text()))
		case html.StartTagToken:
			r.start(z.Token(), false)
		case html.SelfClosingTagToken:
			r.start(z.Token(), true)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(atom.Lookup(name))
		}
	}
}

type htmlReader struct {
	pieces []piece
	out    strings.Builder
	aside  bool // what is written now

	hidden   int // open elements whose content is no text: script, style, head
	pre      int
	asideBy  atom.Atom // the element that set aside, zero if none or until the end
	depth    int       // of open elements of that name since
	forGood  bool      // aside until the end
	lists    []int     // of each open list the number of the last item, -1 for none
	hrefs    []string  // of open links
	linkText []int     // where their text begins
}

var noText = []atom.Atom{atom.Script, atom.Style, atom.Head, atom.Title, atom.Noscript, atom.Template, atom.Svg, atom.Object}

var blocks = []atom.Atom{
	atom.P, atom.Div, atom.Blockquote, atom.Ul, atom.Ol, atom.Li, atom.Table, atom.Tr, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
	atom.Pre, atom.Hr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Dl, atom.Dt, atom.Dd, atom.Center, atom.Form,
}

// empty elements have no end.
var empty = []atom.Atom{atom.Br, atom.Img, atom.Hr, atom.Input, atom.Meta, atom.Link, atom.Col, atom.Area, atom.Wbr, atom.Base}

// apart are blocks with an empty line around.
var apart = []atom.Atom{atom.P, atom.Blockquote, atom.Ul, atom.Ol, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre}

// Marks of quotations that last until the end of the mail, of whole quotations
// and of signatures.
var (
	quoteBegins = regexp.MustCompile(`(?i)\b(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|x_divRplyFwdMsg)\b`)
	quoteMark   = regexp.MustCompile(`(?i)\b(?:gmail_quote\w*|gmail_extra|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|tutanota_quote)\b`)
	signMark    = regexp.MustCompile(`(?i)(?:^|\s)(?:x_)?(?:signature|gmail_signature|moz-signature|ms-outlook-mobile-signature|apple-signature|divtagdefaultsignature|protonmail_signature_block)(?:$|\s)`)
	invisible   = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt)?\s*(?:;|$)`)
	// Outlook draws a line above what it quotes.
	outlookLine = regexp.MustCompile(`(?i)border:\s*none;\s*border-top:\s*solid\s*#(?:E1E1E1|B5C4DF)`)
)

func (r *htmlReader) start(t html.Token, closed bool) {
	a := t.DataAtom
	if slices.Contains(noText, a) {
		if !closed {
			r.hidden++
		}
		return
	}
	if a == atom.Body {
		r.hidden = 0 // a head that was never closed
	}
	if r.hidden > 0 {
		return
	}
	if a != 0 && a == r.asideBy && !closed {
		r.depth++
	}
	r.mark(t, closed)
	switch {
	case a == atom.Br:
		r.out.WriteByte('\n')
	case a == atom.Hr:
		r.line()
	case a == atom.Td || a == atom.Th:
		if !r.atLineStart() {
			r.out.WriteByte('\t')
		}
	case a == atom.Li:
		r.line()
		r.item()
	case slices.Contains(apart, a):
		r.paragraph()
	case slices.Contains(blocks, a):
		r.line()
	}
	switch a {
	case atom.Pre:
		r.pre++
	case atom.Ul:
		r.openList(-1)
	case atom.Ol:
		r.openList(0)
	case atom.A:
		if len(r.hrefs) < 50 && !closed {
			r.hrefs, r.linkText = append(r.hrefs, attribute(t, "href")), append(r.linkText, r.out.Len())
		}
	}
}

func (r *htmlReader) openList(first int) {
	if len(r.lists) < 100 {
		r.lists = append(r.lists, first)
	}
}

func (r *htmlReader) item() {
	n := len(r.lists)
	if n == 0 || r.lists[n-1] < 0 {
		r.out.WriteString("- ")
		return
	}
	r.lists[n-1]++
	r.out.WriteString(strconv.Itoa(r.lists[n-1]) + ". ")
}

// mark sets aside what an element says of itself is a quotation, a signature
// or not to be seen.
func (r *htmlReader) mark(t html.Token, closed bool) {
	if r.forGood || r.asideBy != 0 || t.DataAtom == 0 || slices.Contains(empty, t.DataAtom) {
		return
	}
	id, class, style := attribute(t, "id"), attribute(t, "class"), attribute(t, "style")
	names := id + " " + class
	switch {
	case quoteBegins.MatchString(names), t.DataAtom == atom.Div && outlookLine.MatchString(style):
		r.turn(true)
		r.forGood = true
	case closed:
	case quoteMark.MatchString(names), signMark.MatchString(id), signMark.MatchString(class), invisible.MatchString(style),
		t.DataAtom == atom.Blockquote && attribute(t, "type") == "cite":
		r.turn(true)
		r.asideBy, r.depth = t.DataAtom, 1
	}
}

func (r *htmlReader) end(a atom.Atom) {
	if slices.Contains(noText, a) {
		r.hidden = max(0, r.hidden-1)
		return
	}
	if r.hidden > 0 {
		return
	}
	switch a {
	case atom.Pre:
		r.pre = max(0, r.pre-1)
	case atom.Ul, atom.Ol:
		if n := len(r.lists); n > 0 {
			r.lists = r.lists[:n-1]
		}
	case atom.A:
		r.endLink()
	}
	switch {
	case slices.Contains(apart, a):
		r.paragraph()
	case slices.Contains(blocks, a):
		r.line()
	}
	if a != 0 && a == r.asideBy {
		if r.depth--; r.depth <= 0 {
			r.asideBy = 0
			r.turn(false)
		}
	}
}

// endLink adds where a link leads unless its text says so.
func (r *htmlReader) endLink() {
	n := len(r.hrefs)
	if n == 0 {
		return
	}
	href, from := strings.TrimSpace(r.hrefs[n-1]), r.linkText[n-1]
	r.hrefs, r.linkText = r.hrefs[:n-1], r.linkText[:n-1]
	if from > r.out.Len() {
		return // the text went to another piece
	}
	shown := r.out.String()[from:]
	if web := strings.HasPrefix(href, "http://") || strings.HasPrefix(href, "https://"); web && len(href) <= 300 &&
		!strings.Contains(href, strings.TrimSuffix(strings.TrimSpace(shown), "/")) {
		r.out.WriteString(" <" + href + ">")
	}
}

func (r *htmlReader) words(text string) {
	if r.hidden == 0 {
		r.write(text)
	}
}

func (r *htmlReader) write(text string) {
	if r.pre > 0 {
		r.out.WriteString(text)
		return
	}
	for i, word := range strings.Fields(text) {
		if i > 0 || !r.atLineStart() && !r.atSpace() && startsWithSpace(text) {
			r.out.WriteByte(' ')
		}
		r.out.WriteString(word)
	}
	if n := len(text); n > 0 && strings.ContainsRune(" \t\r\n", rune(text[n-1])) && !r.atLineStart() && !r.atSpace() {
		r.out.WriteByte(' ')
	}
}

func startsWithSpace(text string) bool {
	return text != "" && strings.ContainsRune(" \t\r\n", rune(text[0]))
}

func (r *htmlReader) last() byte {
	if r.out.Len() == 0 {
		return '\n'
	}
	return r.out.String()[r.out.Len()-1]
}

func (r *htmlReader) atLineStart() bool { return r.last() == '\n' }
func (r *htmlReader) atSpace() bool     { c := r.last(); return c == ' ' || c == '\t' }

func (r *htmlReader) line() {
	if !r.atLineStart() {
		r.out.WriteByte('\n')
	}
}

func (r *htmlReader) paragraph() {
	r.line()
	if text := r.out.String(); text != "" && !strings.HasSuffix(text, "\n\n") {
		r.out.WriteByte('\n')
	}
}

// turn begins a new piece.
func (r *htmlReader) turn(aside bool) {
	if r.out.Len() > 0 {
		r.pieces = append(r.pieces, piece{r.out.String(), r.aside})
		r.out.Reset()
	}
	r.aside = aside
}

func (r *htmlReader) done() []piece {
	r.turn(false)
	return r.pieces
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
