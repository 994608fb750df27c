package search

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"

	"sportello/internal/fault"
)

// Synonym says that a question with one of From may as well be looked up with
// each of To, which then counts Weight of an exact match. The words may be
// phrases.
type Synonym struct {
	From, To []string
	Weight   float64
}

// Synonyms are the synonyms of each language, by its code.
type Synonyms map[string][]Synonym

// Application is a program or service that people name in their questions.
// Other names (former ones, too) lead to the same articles.
type Application struct {
	ID, Name string
	Aliases  []string
}

// synonymLine is one entry of a synonyms file: either words that all mean the
// same, or a one-way step from some to others.
type synonymLine struct {
	Words  []string `yaml:"words"`
	From   []string `yaml:"from"`
	To     []string `yaml:"to"`
	Weight *float64 `yaml:"weight"`
}

// ReadSynonyms reads the files "<lang>.yaml" of fsys. It reports every mistake
// it finds, with the file and, where the reader of YAML knows it, the line.
func ReadSynonyms(fsys fs.FS) (all Synonyms, err error) {
	defer fault.Wrap(&err, "read synonyms")
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	all = Synonyms{}
	var mistakes []error
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		lang := strings.TrimSuffix(path.Base(name), ".yaml")
		var lines []synonymLine
		if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&lines); err != nil && !errors.Is(err, io.EOF) {
			mistakes = append(mistakes, fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, false)))
			continue
		}
		for i, l := range lines {
			synonyms, err := l.synonyms()
			if err != nil {
				mistakes = append(mistakes, fmt.Errorf("%s: entry %d: %w", name, i+1, err))
				continue
			}
			all[lang] = append(all[lang], synonyms...)
		}
	}
	return all, errors.Join(mistakes...)
}

// synonyms spells out one entry as steps from each word to the others.
func (l synonymLine) synonyms() ([]Synonym, error) {
	weight := 0.8
	if l.Weight != nil {
		weight = *l.Weight
	}
	if weight <= 0 || weight > 1 {
		return nil, fmt.Errorf("weight %v: give one above 0, at most 1", weight)
	}
	for _, w := range append(append(append([]string{}, l.Words...), l.From...), l.To...) {
		if strings.TrimSpace(w) == "" {
			return nil, errors.New("a word is empty")
		}
	}
	switch {
	case len(l.Words) > 0 && len(l.From)+len(l.To) > 0:
		return nil, errors.New("give either words, or from and to")
	case len(l.Words) == 1, len(l.Words) == 0 && (len(l.From) == 0 || len(l.To) == 0):
		return nil, errors.New("a synonym needs at least two words")
	case len(l.Words) == 0:
		return []Synonym{{From: l.From, To: l.To, Weight: weight}}, nil
	}
	var all []Synonym
	for i, w := range l.Words {
		others := append(append([]string{}, l.Words[:i]...), l.Words[i+1:]...)
		all = append(all, Synonym{From: []string{w}, To: others, Weight: weight})
	}
	return all, nil
}
