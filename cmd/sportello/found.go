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

// writeLines writes what is said of each word beside it, in a column.
func writeLines(b *strings.Builder, indent string, lines []search.Line) {
	widest := 0
	for _, l := range lines {
		widest = max(widest, utf8.RuneCountInString(l.About))
	}
	for _, l := range lines {
		if l.About == "" {
			fmt.Fprintf(b, "%s%s\n", indent, l.Text)
			continue
		}
		gap := strings.Repeat(" ", widest-utf8.RuneCountInString(l.About))
		fmt.Fprintf(b, "%s%s%s  %s\n", indent, l.About, gap, l.Text)
	}
}
