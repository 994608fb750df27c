package tickets

import (
	"slices"
	"strings"
)

// FindApplication returns the application that a text is about: the first one
// that it names, as whole words. Tools (a card, the mail) yield to applications
// that are named beside them, generic words ("il pc") to all names, and names
// that are also ordinary words ("app") count only where the catalogue says so.
func (c Catalogue) FindApplication(text string) (Application, bool) {
	written := tokens(text)
	words := foldAll(written)
	shouted := strings.ToUpper(text) == text // capitals throughout mean nothing
	var best mention
	for i := range words {
		for _, n := range c.names[words[i]] {
			to := i + len(n.words)
			if to > len(words) || !slices.Equal(words[i:to], n.words) {
				continue
			}
			a := c.Applications[n.application]
			m := mention{n.application, n.sort, i, to, len(n.words)}
			switch n.sort {
			case exact:
				if shouted || !slices.Equal(written[i:to], n.written) {
					continue
				}
				m.sort = named
			case careful:
				if !a.Careful.counts(words, m) {
					continue
				}
				m.sort = a.named()
			case together:
				if !holdsAny(words, a.Together.Also) {
					continue
				}
				m.sort, m.weight = named, m.weight+1
			}
			if m.betterThan(best) {
				best = m
			}
		}
	}
	if best.weight == 0 {
		return Application{}, false
	}
	return c.Applications[best.application], true
}

// nameSort says how strongly a name means its application; the lower the more.
type nameSort int

const (
	named nameSort = iota
	tool
	generic
	faint

	// These become named or nothing, by the words around them.
	exact
	careful
	together
)

// named is the sort of a's own names.
func (a Application) named() nameSort {
	if a.Tool {
		return tool
	}
	return named
}

// mention is where an application is named: words[from:to]. Its weight is the
// number of words that name it.
type mention struct {
	application int
	sort        nameSort
	from, to    int
	weight      int
}

// betterThan prefers the stronger sort, then of two that overlap the one of
// more words ("PCT in Cassazione" is not PCT), then the earlier.
func (m mention) betterThan(best mention) bool {
	switch {
	case best.weight == 0:
		return true
	case m.sort != best.sort:
		return m.sort < best.sort
	case m.from < best.to:
		return m.weight > best.weight
	default:
		return false // mentions come in the order of the text
	}
}

// name is one way to call an application.
type name struct {
	application int      // in Catalogue.Applications
	words       []string // folded
	written     []string
	sort        nameSort
}

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
				add(i, called, a.named())
			}
		}
		for _, called := range a.Exact {
			add(i, called, exact)
		}
		for _, called := range a.Careful.Words {
			add(i, called, careful)
		}
		for _, called := range a.Together.Words {
			add(i, called, together)
		}
		for _, called := range a.Generic {
			add(i, called, generic)
		}
		for _, called := range a.Faint {
			add(i, called, faint)
		}
	}
	return names
}

// ordinary reports whether a name is listed among those that do not always
// count.
func (a Application) ordinary(name string) bool {
	same := func(other string) bool { return strings.EqualFold(name, other) }
	return slices.ContainsFunc(slices.Concat(a.Generic, a.Faint, a.Careful.Words), same)
}

// Together says which words mean an application if others are in the text too:
// "deposito" with "Cassazione".
type Together struct {
	Words []string `yaml:"words"`
	Also  []string `yaml:"also"`
}

// Careful says when names that are also ordinary words count.
type Careful struct {
	Words     []string `yaml:"words"`
	NotAfter  []string `yaml:"not_after"`
	NotBefore []string `yaml:"not_before"`
	Unless    []string `yaml:"unless"` // words that settle it in favour of the application
}

func (c Careful) counts(words []string, m mention) bool {
	if holdsAny(words, c.Unless) {
		return true
	}
	return !(m.from > 0 && slices.Contains(c.NotAfter, words[m.from-1])) &&
		!(m.to < len(words) && slices.Contains(c.NotBefore, words[m.to]))
}

// holdsAny reports whether one of the phrases stands in words.
func holdsAny(words, phrases []string) bool {
	return slices.ContainsFunc(phrases, func(phrase string) bool {
		looked := foldAll(tokens(phrase))
		for i := 0; i+len(looked) <= len(words); i++ {
			if slices.Equal(words[i:i+len(looked)], looked) {
				return true
			}
		}
		return false
	})
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
