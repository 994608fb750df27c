package bleveindex

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// snippetLength is how many bytes of text a snippet shows at most.
const snippetLength = 200

// snippet returns the stretch of text with most of the question's words. Words
// are found by how they begin: stems are beginnings, and to analyse the text of
// every hit would take longer than the search.
func (s *shard) snippet(q *question, text string) string {
	if len(text) > 10*snippetLength {
		text = strings.ToValidUTF8(text[:10*snippetLength], "")
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= snippetLength {
		return text
	}
	type place struct {
		at     int
		weight float64
	}
	var places []place
	folded := strings.ToLower(text)
	if len(folded) != len(text) {
		folded = text
	}
	for _, l := range q.slots {
		if l.function {
			continue
		}
		for _, a := range l.alternatives[:min(len(l.alternatives), 3)] {
			if at := strings.Index(folded, s.terms[a.terms[0]].text); at >= 0 {
				places = append(places, place{at, a.weight})
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int { return a.at - b.at })
	from, best := 0, 0.0
	for i, p := range places {
		sum := 0.0
		for _, other := range places[i:] {
			if other.at-p.at < snippetLength-40 {
				sum += other.weight
			}
		}
		if sum > best {
			from, best = p.at, sum
		}
	}
	return clip(text, from)
}

// clip cuts a snippet out of text so that it holds the byte at, begins and
// ends between words, and is marked where something was left out.
func clip(text string, at int) string {
	from := 0
	if at > 40 {
		from = min(at-30, len(text)-snippetLength)
		if space := strings.IndexByte(text[from:at], ' '); space >= 0 {
			from += space + 1
		}
		for from > 0 && !utf8.RuneStart(text[from]) {
			from--
		}
	}
	end := min(from+snippetLength, len(text))
	if end < len(text) {
		if space := strings.LastIndexByte(text[from:end], ' '); space > 0 {
			end = from + space
		}
		for end > from && !utf8.RuneStart(text[end]) {
			end--
		}
	}
	snippet := text[from:end]
	if from > 0 {
		snippet = "… " + snippet
	}
	if end < len(text) {
		snippet += " …"
	}
	return snippet
}
