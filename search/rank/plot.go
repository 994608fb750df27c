package rank

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteReliability writes a line for each bin: what confidence said, what was
// right, and both as a bar, which ends at the mark where confidence is true.
func WriteReliability(w io.Writer, bins []Bin) error {
	const width = 50
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "confidence said\twas right\tanswers\tright (=) and said (|)")
	for _, b := range bins {
		bar := []byte(strings.Repeat("=", round(b.Was*width)) + strings.Repeat(" ", width+1-round(b.Was*width)))
		bar[round(b.Said*width)] = '|'
		fmt.Fprintf(t, "%.2f\t%.2f\t%d\t%s\n", b.Said, b.Was, b.Answers, strings.TrimRight(string(bar), " "))
	}
	return t.Flush()
}

func round(x float64) int { return int(x + 0.5) }

// WriteReliabilityPlot draws the bins as an SVG: what was right over what
// confidence said, with the diagonal of a confidence that is true.
func WriteReliabilityPlot(w io.Writer, bins []Bin) error {
	const side, margin = 400.0, 50.0
	x := func(p float64) float64 { return margin + p*side }
	y := func(p float64) float64 { return margin + (1-p)*side }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="12">`+"\n", side+2*margin, side+2*margin)
	fmt.Fprintf(&b, "<title>Reliability: what was right, by what confidence said</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n")
	for i := range 6 {
		p := float64(i) / 5
		fmt.Fprintf(&b, `<path d="M%g %gV%gM%g %gH%g" stroke="#ddd"/><text x="%g" y="%g" text-anchor="middle">%.1f</text><text x="%g" y="%g" text-anchor="end">%.1f</text>`+"\n",
			x(p), y(0), y(1), x(0), y(p), x(1), x(p), y(0)+18, p, x(0)-8, y(p)+4, p)
	}
	fmt.Fprintf(&b, `<path d="M%g %gL%g %g" stroke="#888" stroke-dasharray="4"/>`+"\n", x(0), y(0), x(1), y(1))
	fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="middle">confidence said</text><text transform="translate(%g %g) rotate(-90)" text-anchor="middle">was right</text>`+"\n",
		x(0.5), y(0)+38, x(0)-36, y(0.5))
	var line []string
	for _, n := range bins {
		if n.Answers > 0 {
			line = append(line, fmt.Sprintf("%.1f,%.1f", x(n.Said), y(n.Was)))
		}
	}
	fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="#06c" stroke-width="2"/>`+"\n", strings.Join(line, " "))
	for _, n := range bins {
		if n.Answers > 0 {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="4" fill="#06c"><title>%d answers: said %.2f, was %.2f</title></circle>`+"\n", x(n.Said), y(n.Was), n.Answers, n.Said, n.Was)
		}
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}
