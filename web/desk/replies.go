package desk

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/template"

	"sportello/internal/strictyaml"
)

// Reply is a ready-made text for people, written by editors.
type Reply struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"` // for operators
	Text  string `yaml:"text"`  // may hold {{.Number}} and {{.Name}}

	parsed *template.Template
}

// Replies are the ready-made texts by language, in the order of their files.
type Replies map[string][]Reply

// values are what a reply may mention.
type values struct {
	Number string // of the ticket
	Name   string // of whoever asked
}

// ReadReplies reads <lang>.yaml for each language. It tells every mistake at
// once: an ID used twice or in one language only, a text that is missing or
// mentions what it may not.
func ReadReplies(fsys fs.FS) (Replies, error) {
	all := Replies{}
	var mistakes []error
	ids := map[string][]string{}
	for _, lang := range languages {
		file := lang + ".yaml"
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		var read []Reply
		if err := strictyaml.Decode(text, &read); err != nil {
			mistakes = append(mistakes, fmt.Errorf("replies/%s: %w", file, err))
			continue
		}
		for i, r := range read {
			mistake := func(format string, args ...any) {
				mistakes = append(mistakes, fmt.Errorf("replies/%s: %s: "+format, append([]any{file, r.ID}, args...)...))
			}
			if r.ID == "" || slices.Contains(ids[lang], r.ID) {
				mistake("an ID is given once to each reply")
			}
			ids[lang] = append(ids[lang], r.ID)
			if r.Title == "" || strings.TrimSpace(r.Text) == "" {
				mistake("a reply has a title and a text")
			}
			if read[i].parsed, err = template.New(r.ID).Parse(r.Text); err != nil {
				mistake("%w", err)
			} else if err := read[i].parsed.Execute(&strings.Builder{}, values{}); err != nil {
				mistake("%w", err)
			}
		}
		all[lang] = read
	}
	for _, lang := range languages {
		for _, other := range languages {
			for _, id := range ids[lang] {
				if len(all) == len(languages) && !slices.Contains(ids[other], id) {
					mistakes = append(mistakes, fmt.Errorf("replies/%s.yaml lacks %s, which %s.yaml has", other, id, lang))
				}
			}
		}
	}
	return all, errors.Join(mistakes...)
}

// Ready is the reply of this ID, filled in for whoever gets it; number is that
// of their ticket, name theirs, and both may be empty. Without an ID it knows,
// it returns those it knows. Whole says that nothing the reply mentions is
// missing.
func (r Replies) Ready(lang, id, number, name string) (text string, whole bool, known []string) {
	const gap = "\x00"
	for _, one := range r.ready(lang, values{cmp.Or(number, gap), cmp.Or(name, gap)}) {
		if one.ID == id {
			return strings.ReplaceAll(one.Text, gap, ""), !strings.Contains(one.Text, gap), nil
		}
		known = append(known, one.ID)
	}
	return "", false, known
}

// ready are the replies in the language of whoever gets them, filled in.
func (r Replies) ready(lang string, v values) []Reply {
	var filled []Reply
	for _, one := range r[lang] {
		var out strings.Builder
		if one.parsed == nil || one.parsed.Execute(&out, v) != nil {
			continue // ReadReplies has told
		}
		one.Text = strings.TrimSpace(out.String())
		filled = append(filled, one)
	}
	return filled
}
