package search

import (
	"slices"
	"strings"

	"sportello/search/analysis"
)

// tried are the words by which people say, in each language, that they have
// done something already.
var tried = map[string]struct {
	already  string
	before   []string // one of these has to stand before it
	reported string   // but not this before that: "dice che ho già usato il codice"
	done     []string // endings of what was done
	pauses   []string // words that end it
}{
	analysis.Italian: {
		already: "gia", before: strings.Fields("ho abbiamo ha hanno avevo avevamo"), reported: "che",
		done:   strings.Fields("ato uto ito tto so sto rto nto"),
		pauses: strings.Fields("ma pero eppure niente nulla comunque non senza tuttavia se perche quando come cosa"),
	},
	analysis.English: {
		already: "already", before: strings.Fields("i we have ve had"), reported: "that",
		done:   strings.Fields("ed did done sent put set"),
		pauses: strings.Fields("but still nothing not no without yet however didn doesn if because when how what"),
	},
}

// Tried tells which words of a question name what the person has done already
// ("ho già riavviato il PC ma non va"): an article that says to do it is no
// answer. The words have been read from text.
func Tried(lang, text string, words []analysis.Word) []bool {
	t := tried[lang]
	marks := make([]bool, len(words))
	for i := 1; i+1 < len(words); i++ {
		if words[i].Text != t.already || !slices.Contains(t.before, words[i-1].Text) || i > 1 && words[i-2].Text == t.reported {
			continue
		}
		if !slices.ContainsFunc(t.done, func(ending string) bool { return strings.HasSuffix(words[i+1].Text, ending) }) {
			continue
		}
		marks[i+1] = true
		for j := i + 2; j < len(words) && !parted(text, words[j-1], words[j]) && !slices.Contains(t.pauses, words[j].Text); j++ {
			marks[j] = true
		}
	}
	return marks
}

// parted reports whether a mark of punctuation stands between two words.
func parted(text string, a, b analysis.Word) bool {
	return a.End <= b.Start && b.Start <= len(text) && strings.ContainsAny(text[a.End:b.Start], ",.;:!?\n()")
}
