// Package associations knows words that Italian text uses for one another:
// "cancellare" and "eliminare", "soldi" and "denaro". They were learnt from
// manuals, translations and a thesaurus under free licences (README.md tells
// which), and are weaker evidence than the synonyms that editors write.
package associations

import (
	_ "embed"
	"strings"
	"sync"

	"sportello/search/analysis"
)

//go:embed it.txt
var italian string

// Associated are the words that a word leads to.
type Associated struct {
	Near   []string // mean about the same
	Remote []string // are worth a try where the word itself is unknown
}

// In returns the associations of a language by the stem of the word, as
// package analysis makes it. Callers must not change them.
func In(lang string) map[string]Associated {
	if lang != analysis.Italian {
		return nil
	}
	return inItalian()
}

var inItalian = sync.OnceValue(func() map[string]Associated { return read(italian) })

// read reads lines of a word, the words near and the remote ones, parted by
// tabs and those by spaces.
func read(text string) map[string]Associated {
	all := map[string]Associated{}
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		near, remote, _ := strings.Cut(rest, "\t")
		all[analysis.Stem(analysis.Italian, word)] = Associated{strings.Fields(near), strings.Fields(remote)}
	}
	return all
}
