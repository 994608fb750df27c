package tickets

import (
	"cmp"
	"slices"
	"strings"
)

// What speaks for a request type when somebody looks for one. A word of its
// label says more than one of its category, and an application that usually
// means it more than either.
const (
	byLabel       = 6
	byWords       = 4
	byApplication = 5
	bySameGroup   = 2 // the application's category, or a word of the category's label
)

// Offer finds request types by what people call them or by what happened to
// them: by label in both languages, by the words that tell them from others,
// and by the application that is named. Best first, none that fits nothing.
func (c Catalogue) Offer(text string) []RequestType {
	words := foldAll(tokens(text))
	about, named := c.FindApplication(text)
	meant := stems(words)
	type offer struct {
		RequestType
		score int
	}
	var offers []offer
	for _, category := range c.Categories {
		group := bySameGroup * holding(meant, category.Label)
		for _, r := range category.Types {
			score := byLabel*holding(meant, r.Label) + byWords*r.heard(words, nil)
			switch {
			case named && about.Request == r.ID:
				score += byApplication
			case named && about.Category == r.Category:
				score += bySameGroup
			}
			if score += group; score > 0 {
				offers = append(offers, offer{r, score})
			}
		}
	}
	slices.SortStableFunc(offers, func(a, b offer) int { return cmp.Compare(b.score, a.score) })
	found := make([]RequestType, len(offers))
	for i, o := range offers {
		found[i] = o.RequestType
	}
	return found
}

// stems are those of the words that say something, folded.
func stems(words []string) map[string]bool {
	all := map[string]bool{}
	for _, w := range words {
		if !functionWords[w] {
			all[stem(w)] = true
		}
	}
	return all
}

// holding counts the words of a label, in the language that has most of them,
// that are among those meant. The last letters of unfinished words may lack.
func holding(meant map[string]bool, label Text) int {
	most := 0
	for _, text := range label {
		count := 0
		for _, w := range foldAll(tokens(text)) {
			if s := stem(w); !functionWords[w] && (meant[s] || len(s) > 4 && begun(meant, s)) {
				count++
			}
		}
		most = max(most, count)
	}
	return most
}

// begun reports whether one of the words meant is the beginning of word, or
// the other way round.
func begun(meant map[string]bool, word string) bool {
	for m := range meant {
		if len(m) > 3 && (strings.HasPrefix(word, m) || strings.HasPrefix(m, word)) {
			return true
		}
	}
	return false
}

// Guess is the request type that fits best what somebody writes who does not
// know what to ask for: the one whose name they wrote, else what RequestFor
// makes of the problem.
func (c Catalogue) Guess(text string) (RequestType, bool) {
	meant := stems(foldAll(tokens(text)))
	if offers := c.Offer(text); len(offers) > 0 && len(meant) > 1 && holding(meant, offers[0].Label) >= len(meant) {
		return offers[0], true
	}
	about, _ := c.FindApplication(text)
	return c.RequestFor(about.ID, text)
}
