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
	shouted := strings.ToUpper(text) == text // capitals throughout mean nothing
	var named, hinted []mention
	for i := range words {
		for _, n := range c.names[words[i]] {
			m := mention{n.application, i, i + len(n.words)}
			careful := c.Applications[n.application].Careful
			switch {
			case m.to > len(words) || !slices.Equal(words[i:m.to], n.words):
			case n.sort == generic:
				hinted = append(hinted, m)
			case n.sort == exact && (shouted || !slices.Equal(written[i:m.to], n.written)):
			case n.sort == careless && !careful.counts(words, m):
			default:
				named = append(named, m)
			}
		}
	}
	for _, found := range [][]mention{named, hinted} {
		if m, ok := first(found); ok {
			return c.Applications[m.application], true
		}
	}
	return Application{}, false
}

// name is one way to call an application.
type name struct {
	application int      // in Catalogue.Applications
	words       []string // folded
	written     []string
	sort        nameSort
}

// nameSort says when a name counts.
type nameSort int

const (
	always nameSort = iota
	exact
	careless // an ordinary word too
	generic
)

// index files the names of all applications under their first words.
func index(applications []Application) map[string][]name {
	names := map[string][]name{}
	add := func(i int, called string, sort nameSort) {
		if n := (name{i, foldAll(tokens(called)), tokens(called), sort}); len(n.words) > 0 {
			names[n.words[0]] = append(names[n.words[0]], n)
		}
	}
	for i, a := range applications {
		for _, called := range slices.Concat([]string{a.Name, a.Short}, a.Aliases) {
			if !a.ordinary(called) {
				add(i, called, always)
			}
		}
		for _, called := range a.Exact {
			add(i, called, exact)
		}
		for _, called := range a.Careful.Words {
			add(i, called, careless)
		}
		for _, called := range a.Generic {
			add(i, called, generic)
		}
	}
	return names
}

// ordinary reports whether a name is listed among those that do not always
// count.
func (a Application) ordinary(name string) bool {
	same := func(other string) bool { return strings.EqualFold(name, other) }
	return slices.ContainsFunc(a.Generic, same) || slices.ContainsFunc(a.Careful.Words, same)
}

// mention is where an application is named: words[from:to].
type mention struct {
	application int
	from, to    int
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
		if holds(words, foldAll(tokens(settles))) {
			return true
		}
	}
	return !(m.from > 0 && slices.Contains(c.NotAfter, words[m.from-1])) &&
		!(m.to < len(words) && slices.Contains(c.NotBefore, words[m.to]))
}

// holds reports whether a phrase stands in words.
func holds(words, phrase []string) bool {
	for i := 0; i+len(phrase) <= len(words); i++ {
		if slices.Equal(words[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return false
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
	for _, beginnings := range r.beginnings {
		if len(beginnings) == 1 && slices.Contains(own, beginnings[0]) {
			continue
		}
		for i := 0; i+len(beginnings) <= len(words); i++ {
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
