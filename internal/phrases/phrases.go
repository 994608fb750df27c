// Package phrases tells things in the reader's language. Phrases are content:
// YAML files <lang>/<topic>.yaml, each a flat map from key to text (or to the
// CLDR plural forms one and other, chosen by the value Count), with gaps
// written as Go templates such as {{.Number}}.
package phrases

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"sportello/internal/strictyaml"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Fallback is the language used where another one lacks a phrase.
const Fallback = "it"

// Catalogue holds the phrases of all languages. It is safe for concurrent use.
type Catalogue struct {
	says map[string]*i18n.Localizer
	keys map[string]map[string]bool // language → key
}

// Read parses every phrase file below fsys. It reports all mistakes at once:
// unreadable files, a key told twice, a broken template, and keys that one
// language has and another lacks.
func Read(fsys fs.FS) (*Catalogue, error) {
	files, err := fs.Glob(fsys, "*/*.yaml")
	if err != nil {
		return nil, err
	}
	bundle := i18n.NewBundle(language.MustParse(Fallback))
	c := &Catalogue{says: map[string]*i18n.Localizer{}, keys: map[string]map[string]bool{}}
	var mistakes []error
	for _, file := range files {
		lang := path.Dir(file)
		messages, err := readFile(fsys, file)
		if err != nil {
			mistakes = append(mistakes, err)
		}
		if c.keys[lang] == nil {
			c.keys[lang] = map[string]bool{}
		}
		for _, m := range messages {
			if c.keys[lang][m.ID] {
				mistakes = append(mistakes, fmt.Errorf("phrases/%s: %s is told twice", file, m.ID))
			}
			c.keys[lang][m.ID] = true
		}
		tag, err := language.Parse(lang)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("phrases/%s: folder is not a language: %w", file, err))
			continue
		}
		if err := bundle.AddMessages(tag, messages...); err != nil {
			mistakes = append(mistakes, fmt.Errorf("phrases/%s: %w", file, err))
		}
	}
	for lang := range c.keys {
		c.says[lang] = i18n.NewLocalizer(bundle, lang, Fallback)
	}
	if c.says[Fallback] == nil {
		mistakes = append(mistakes, fmt.Errorf("phrases: no file for the language %q", Fallback))
	}
	return c, errors.Join(append(mistakes, c.missing()...)...)
}

func readFile(fsys fs.FS, file string) ([]*i18n.Message, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	var entries map[string]any
	if err := strictyaml.Decode(text, &entries); err != nil {
		return nil, fmt.Errorf("phrases/%s: %w", file, err)
	}
	var messages []*i18n.Message
	var mistakes []error
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		m := &i18n.Message{ID: key}
		switch entry := entries[key].(type) {
		case string:
			m.Other = entry
		case map[string]any:
			one, _ := entry["one"].(string)
			other, _ := entry["other"].(string)
			if one == "" || other == "" || len(entry) != 2 {
				mistakes = append(mistakes, fmt.Errorf("phrases/%s: %s needs exactly one and other", file, key))
				continue
			}
			m.One, m.Many, m.Other = one, other, other
		default:
			mistakes = append(mistakes, fmt.Errorf("phrases/%s: %s is neither a text nor plural forms", file, key))
			continue
		}
		messages = append(messages, m)
	}
	return messages, errors.Join(mistakes...)
}

func (c *Catalogue) missing() []error {
	all := map[string]bool{}
	for _, keys := range c.keys {
		maps.Copy(all, keys)
	}
	var mistakes []error
	for _, lang := range c.Languages() {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if !c.keys[lang][key] {
				mistakes = append(mistakes, fmt.Errorf("phrases: %s is missing in %q", key, lang))
			}
		}
	}
	return mistakes
}

// Say returns the phrase in lang, or in the fallback language, with its gaps
// filled. A key nobody wrote comes back in angle brackets: it is visible, and
// harmless.
func (c *Catalogue) Say(lang, key string, values map[string]any) string {
	say, known := c.says[lang]
	if !known {
		say = c.says[Fallback]
	}
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: values}
	if count, counted := values["Count"]; counted {
		config.PluralCount = count
	}
	text, err := say.Localize(config)
	if err != nil && text == "" {
		return "‹" + key + "›"
	}
	return strings.TrimRight(text, "\n")
}

// Has reports whether lang or the fallback language tells key.
func (c *Catalogue) Has(lang, key string) bool {
	return c.keys[lang][key] || c.keys[Fallback][key]
}

// Keys returns every key, sorted.
func (c *Catalogue) Keys() []string {
	all := map[string]bool{}
	for _, keys := range c.keys {
		maps.Copy(all, keys)
	}
	return slices.Sorted(maps.Keys(all))
}

// Preferred returns the language that an Accept-Language header asks for first
// among those we speak, the fallback if it asks for none.
func Preferred(header string) string {
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return Fallback
	}
	_, i, _ := spoken.Match(wanted...)
	return []string{Fallback, "en"}[i]
}

var spoken = language.NewMatcher([]language.Tag{language.Italian, language.English})

// Languages returns the languages that have phrases, sorted.
func (c *Catalogue) Languages() []string { return slices.Sorted(maps.Keys(c.keys)) }
