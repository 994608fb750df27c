package tickets

import (
	"slices"
	"strings"
)

// FindApplication returns the application that a text is about: the first one
// that it names, as whole words. Generic words ("il pc", "la mail") count only
// if no application is named, and names that are also ordinary words ("app")
// only where the catalogue says so.
func (c Catalogue) FindApplication(text string) (Application, bool) {
	written := tokens(text)
	words := foldAll(written)
	shouted := strings.ToUpper(text) == text
	var named, hinted []mention
	for _, a := range c.Applications {
		for _, name := range slices.Concat([]string{a.Name, a.Short}, a.Aliases) {
			if !a.ordinary(name) {
				named = append(named, mentions(a, words, foldAll(tokens(name)))...)
			}
		}
		if !shouted { // in capitals throughout, capitals mean nothing
			for _, name := range a.Exact {
				named = append(named, mentions(a, written, tokens(name))...)
			}
		}
		for _, name := range a.Careful.Words {
			for _, m := range mentions(a, words, foldAll(tokens(name))) {
				if a.Careful.counts(words, m) {
					named = append(named, m)
				}
			}
		}
		for _, name := range a.Generic {
			hinted = append(hinted, mentions(a, words, foldAll(tokens(name)))...)
		}
	}
	for _, found := range [][]mention{named, hinted} {
		if m, any := first(found); any {
			return m.application, true
		}
	}
	return Application{}, false
}

// ordinary reports whether a name is listed among those that do not always
// count.
func (a Application) ordinary(name string) bool {
	same := func(other string) bool { return strings.EqualFold(name, other) }
	return slices.ContainsFunc(a.Generic, same) || slices.ContainsFunc(a.Careful.Words, same)
}

// mention is where an application is named: words[from:to].
type mention struct {
	application Application
	from, to    int
}

// mentions finds every place where name stands in words.
func mentions(a Application, words, name []string) []mention {
	var found []mention
	if len(name) == 0 {
		return nil
	}
	for i := 0; i+len(name) <= len(words); i++ {
		if slices.Equal(words[i:i+len(name)], name) {
			found = append(found, mention{a, i, i + len(name)})
		}
	}
	return found
}

// first returns the earliest mention, of those that begin within one another
// the longest: "PCT in Cassazione" is not PCT.
func first(found []mention) (mention, bool) {
	if len(found) == 0 {
		return mention{}, false
	}
	best := slices.MinFunc(found, func(a, b mention) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	for _, m := range found { // one that overlaps and is longer names it better
		if m.from < best.to && m.to-m.from > best.to-best.from {
			best = m
		}
	}
	return best, true
}

// Careful says when names that are also ordinary words count.
type Careful struct {
	Words     []string `yaml:"words"`
	NotAfter  []string `yaml:"not_after"`
	NotBefore []string `yaml:"not_before"`
	Unless    []string `yaml:"unless"` // words that settle it in favour of the application
}

func (c Careful) counts(words []string, m mention) bool {
	for _, settles := range c.Unless {
		if len(mentions(Application{}, words, foldAll(tokens(settles)))) > 0 {
			return true
		}
	}
	return !(m.from > 0 && slices.Contains(c.NotAfter, words[m.from-1])) &&
		!(m.to < len(words) && slices.Contains(c.NotBefore, words[m.to]))
}

// RequestFor returns the request type that fits best what somebody says about
// an application, whose ID may be empty: the usual one of the application,
// unless the text speaks of another one of its category, or of permissions.
func (c Catalogue) RequestFor(application, text string) (RequestType, bool) {
	words := foldAll(tokens(text))
	a, known := c.Application(application)
	usual, hasUsual := c.Request(a.Request)
	own := foldAll(tokens(a.Name + " " + a.Short)) // says nothing about what is asked
	best, most := usual, 0
	for _, category := range c.Categories {
		for _, r := range category.Types {
			score := 4 * r.heard(words, own)
			switch {
			case score == 0:
				continue
			case known && r.ID == usual.ID:
				score += 3
			case known && r.Category == a.Category && !usual.asksApplication():
				score += 2 // types of a category that are not about one application each
			case known && !c.takesAny(r):
				continue
			}
			if score > most {
				best, most = r, score
			}
		}
	}
	return best, most > 0 || hasUsual
}

// asksApplication reports whether r has to say which application it is about.
func (r RequestType) asksApplication() bool {
	return slices.ContainsFunc(r.Fields, func(f Field) bool { return f.ID == FieldApplication && f.Required })
}

// takesAny reports whether r is about any application, such as a new profile,
// not about those of its own category.
func (c Catalogue) takesAny(r RequestType) bool {
	return r.asksApplication() &&
		!slices.ContainsFunc(c.Applications, func(a Application) bool { return a.Category == r.Category })
}

// heard counts r's words that begin a word of the text; a phrase counts once
// for each of its words. Single words that the application is called by don't.
func (r RequestType) heard(words, own []string) int {
	heard := 0
	for _, phrase := range r.Words {
		beginnings := foldAll(tokens(phrase))
		if len(beginnings) == 1 && slices.Contains(own, beginnings[0]) {
			continue
		}
		for i := 0; len(beginnings) > 0 && i+len(beginnings) <= len(words); i++ {
			if begin(words[i:i+len(beginnings)], beginnings) {
				heard += len(beginnings)
				break
			}
		}
	}
	return heard
}

func begin(words, beginnings []string) bool {
	for i, b := range beginnings {
		if !strings.HasPrefix(words[i], b) {
			return false
		}
	}
	return true
}
