package telegram

import (
	"net/url"
	"strconv"
	"strings"

	"sportello/kb/markdown"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// render reads CommonMark as kb/markdown does and returns it with the few looks
// that Telegram has: headings are bold, lists have bullets and numbers, the
// rows of tables are lines. Paths lead below base, the root of the site;
// without one they lead nowhere.
func render(source, base string) runs {
	page, _ := markdown.HTML(source, markdown.Options{LinkBase: base})
	w := writer{}
	for tokens := html.NewTokenizer(strings.NewReader(string(page))); ; {
		kind := tokens.Next()
		if kind == html.ErrorToken { // the end: it reads from a string
			return w.out.trimmed()
		}
		switch token := tokens.Token(); kind {
		case html.TextToken:
			w.text(token.Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			w.open(token)
		case html.EndTagToken:
			w.close(token.DataAtom)
		}
	}
}

// writer makes runs of the tags of a page.
type writer struct {
	out    runs
	styles [8]int // how many of each are open
	href   string
	lists  []list
	breaks int  // lines to end before the next text
	begun  bool // the line has text, or a marker that text follows
	marked bool // it has a marker only
	cells  int  // of the row so far

	spelled string // address of the link that is open and that Telegram does not open
	words   string // of that link so far
}

// list is one that is open.
type list struct {
	ordered bool
	next    int
}

// deepestList is how far lists are set in.
const deepestList = 6

func (w *writer) style() (s style) {
	for i, open := range w.styles {
		if open > 0 {
			s |= 1 << i
		}
	}
	return s
}

// looks are the tags that are a style.
var looks = map[atom.Atom]int{
	atom.Strong: 0, atom.Em: 1, atom.Del: 2, atom.Code: 3, atom.Pre: 4, atom.Blockquote: 5,
	atom.H1: 0, atom.H2: 0, atom.H3: 0, atom.H4: 0, atom.H5: 0, atom.H6: 0, atom.Th: 0,
}

func (w *writer) open(t html.Token) {
	switch t.DataAtom {
	case atom.Br:
		w.end(1)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre, atom.Blockquote, atom.Table, atom.Hr:
		w.end(2)
	case atom.Ul, atom.Ol:
		w.end(2)
		if len(w.lists) > 0 {
			w.breaks = 1
		}
		next, err := strconv.Atoi(attribute(t, "start"))
		if err != nil {
			next = 1
		}
		w.lists = append(w.lists, list{t.DataAtom == atom.Ol, next})
	case atom.Li:
		w.item()
	case atom.Tr:
		w.end(1)
		w.cells = 0
	case atom.Th, atom.Td:
		if w.cells++; w.cells > 1 {
			w.put(" | ")
		}
	case atom.A:
		w.href, w.spelled, w.words = followed(attribute(t, "href")), address(attribute(t, "href")), ""
	case atom.Img:
		w.image(attribute(t, "alt"), followed(attribute(t, "src")))
	}
	if look, is := looks[t.DataAtom]; is {
		w.styles[look]++
	}
}

func (w *writer) close(name atom.Atom) {
	if look, is := looks[name]; is && w.styles[look] > 0 {
		w.styles[look]--
	}
	switch name {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre, atom.Blockquote, atom.Table:
		w.end(2)
	case atom.Ul, atom.Ol:
		if len(w.lists) > 0 {
			w.lists = w.lists[:len(w.lists)-1]
		}
		w.end(2)
		if len(w.lists) > 0 {
			w.breaks = 1
		}
	case atom.Li, atom.Tr:
		w.marked, w.cells = false, 0
		w.end(1)
	case atom.A:
		spelled := w.spelled
		w.href, w.spelled = "", ""
		if spelled != "" && !strings.Contains(w.words, spelled) {
			w.put(" (" + spelled + ")")
		}
	}
}

// end ends the line, if there is anything on it, and leaves lines-1 empty.
func (w *writer) end(lines int) {
	if w.marked {
		return // a paragraph follows its marker on the same line
	}
	if len(w.out) > 0 {
		w.breaks = max(w.breaks, lines)
	}
	w.begun = false
}

// item begins an item of the innermost list.
func (w *writer) item() {
	if len(w.lists) == 0 {
		return
	}
	if len(w.out) > 0 {
		w.breaks = max(w.breaks, 1)
	}
	l := &w.lists[len(w.lists)-1]
	marker := "•"
	if l.ordered {
		marker = strconv.Itoa(l.next) + "."
		l.next++
	}
	w.flush(len(w.lists) - 1)
	w.out.add(run{text: marker + " ", style: w.style() & quote})
	w.begun, w.marked = true, true
}

// flush ends the lines that are to be ended.
func (w *writer) flush(depth int) {
	if w.breaks == 0 {
		return
	}
	if last := len(w.out) - 1; last >= 0 && w.out[last].style&pre == 0 {
		if w.out[last].text = strings.TrimRight(w.out[last].text, " "); w.out[last].text == "" {
			w.out = w.out[:last]
		}
	}
	w.out.add(run{text: strings.Repeat("\n", w.breaks) + strings.Repeat("    ", min(depth, deepestList)), style: w.keepsQuote()})
	w.breaks = 0
}

// keepsQuote is the look of a line's end: within a quotation it is part of it.
func (w *writer) keepsQuote() style {
	if len(w.out) == 0 {
		return 0
	}
	return w.style() & w.out[len(w.out)-1].style & quote
}

// text is what stands between tags. Outside of code, lines flow.
func (w *writer) text(text string) {
	if w.styles[looks[atom.Pre]] > 0 {
		w.put(strings.TrimSuffix(text, "\n"))
		return
	}
	if w.cells > 0 && strings.TrimSpace(text) == "" && strings.Contains(text, "\n") {
		return // between the cells of a row
	}
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, text)
	if !w.begun || w.marked {
		text = strings.TrimLeft(text, " ")
	}
	w.put(text)
}

func (w *writer) put(text string) {
	if text == "" {
		return
	}
	w.flush(len(w.lists))
	w.out.add(run{text: harmless(text), style: w.style(), href: w.href})
	w.begun, w.marked = true, false
	if w.spelled != "" {
		w.words += text
	}
}

// image shows the description, which leads to the picture.
func (w *writer) image(alt, src string) {
	if alt == "" {
		alt = src
	}
	href := w.href
	if src != "" {
		w.href = src
	}
	w.put(alt)
	w.href = href
}

// harmless takes out characters that no message may hold.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, text)
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// followed is an address that Telegram opens, or nothing: of others, such as
// mail addresses and numbers, it finds those that are written out by itself.
func followed(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

// address is a mailbox or a number that a link leads to.
func address(href string) string {
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "mailto" && u.Scheme != "tel" {
		return ""
	}
	if plain, err := url.PathUnescape(u.Opaque); err == nil {
		return plain
	}
	return u.Opaque
}
