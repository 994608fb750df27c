package markdown

import "strings"

// Letter is Plain for a text that is read where links cannot be followed by
// their words, as the text part of an e-mail: after the words of a link stands
// its address, in angle brackets and, for paths, below base. Links that HTML
// would not show keep their words only.
func Letter(src, base string) string {
	d := parse(src)
	d.spelled = func(destination []byte) string {
		address := string(based(destination, base))
		if !schemed.MatchString(address) || !Safe(Link{Destination: address}) || strings.ContainsAny(address, "<> \t\r\n") {
			return ""
		}
		return "<" + address + ">"
	}
	var b strings.Builder
	d.blocks(&b, d.root.FirstChild(), nil, "")
	return b.String()
}
