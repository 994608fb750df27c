package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"sportello/search"
)

// page is a result as people read it in a terminal.
type page struct {
	tell   search.Teller
	result search.Result
}

func (p page) write(w io.Writer) error {
	var b strings.Builder
	r := p.result
	fmt.Fprintf(&b, "%s (%s): %s, %.0f %%\n", r.Query, r.Lang, r.Decision, 100*r.Confidence)
	if x := r.Explanation; x != nil {
		p.part(&b, "search.question", p.tell.Question(x))
		p.part(&b, "search.decision", p.tell.Decision(r))
		p.part(&b, "search.order", p.tell.Order(x))
	}
	for i, h := range r.Hits {
		fmt.Fprintf(&b, "\n%d. %s  [%s]  %.3f\n", i+1, h.Title, h.ID, h.Score)
		if h.Section.Heading != "" {
			fmt.Fprintf(&b, "   § %s\n", h.Section.Heading)
		}
		fmt.Fprintf(&b, "   %s\n", h.Snippet)
		if h.Explanation != nil {
			writeLines(&b, "   ", p.tell.Hit(h))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// part writes lines under a heading, if there are any.
func (p page) part(b *strings.Builder, heading string, lines []search.Line) {
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n%s\n", p.tell.Phrases.Say(p.tell.Lang, heading, nil))
		writeLines(b, "  ", lines)
	}
}

// widestLine is where long lines go on below.
const widestLine = 100

// writeLines writes what is said of each word beside it, in a column.
func writeLines(b *strings.Builder, indent string, lines []search.Line) {
	column := 0
	for _, l := range lines {
		if l.About != "" {
			column = max(column, utf8.RuneCountInString(l.About)+2)
		}
	}
	for _, l := range lines {
		begin, below := indent, indent+"  "
		if l.About != "" {
			begin += l.About + strings.Repeat(" ", column-utf8.RuneCountInString(l.About))
			below = indent + strings.Repeat(" ", column)
		}
		writeWrapped(b, begin, below, l.Text)
	}
}

// writeWrapped writes a text after begin, and what does not fit in a line after
// below.
func writeWrapped(b *strings.Builder, begin, below, text string) {
	b.WriteString(begin)
	at := utf8.RuneCountInString(begin)
	for i, word := range strings.Split(text, " ") {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+length > widestLine:
			b.WriteString("\n" + below)
			at = utf8.RuneCountInString(below)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += length
	}
	b.WriteByte('\n')
}
