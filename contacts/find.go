package contacts

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A topic says which branch it is; who asks only chooses within it.
const (
	topicWeight = 2
	whoWeight   = 1
)

// Find returns the branches that a question is about, in the order of the
// tree: those that no other branch fits better. It knows the words of the
// content, in their singular and plural; a question without any of them finds
// nothing.
func (b Book) Find(text string) []Branch {
	said := padded(text)
	best := 0
	var found []Branch
	var walk func(branches []Branch, above int)
	walk = func(branches []Branch, above int) {
		for _, branch := range branches {
			if len(branch.must) > 0 && count(said, branch.must) == 0 || count(said, branch.unless) > 0 {
				continue
			}
			own := topicWeight*count(said, branch.topics) + whoWeight*count(said, branch.who)
			score := above + own
			switch {
			case own == 0:
			case score > best:
				best, found = score, []Branch{branch}
			case score == best:
				found = append(found, branch)
			}
			walk(branch.Branches, score)
		}
	}
	walk(b.Branches, 0)
	return found
}

// count returns how many of the phrases are in the padded text; singular and
// plural of one count once.
func count(said string, phrases []string) int {
	found := map[string]bool{}
	for _, phrase := range phrases {
		if stems := padded(phrase); strings.Contains(said, stems) {
			found[stems] = true
		}
	}
	return len(found)
}

// padded is a text as its word stems between blanks, so that a phrase is found
// as whole words only.
func padded(text string) string {
	words := strings.Fields(plain(text))
	for i, word := range words {
		words[i] = stem(word)
	}
	return " " + strings.Join(words, " ") + " "
}

// stem drops what changes between singular and plural.
func stem(word string) string {
	if len(word) <= 4 {
		return word
	}
	return strings.TrimRight(word, "aeious")
}

// plain is a text in lower case without accents, its words between single blanks.
func plain(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
