package kb

import (
	"slices"
	"strings"

	"sportello/kb/markdown"
	"sportello/search"
)

// stepsHeadings head the section that is a guided procedure, by language.
var stepsHeadings = map[string]string{"it": "passi", "en": "steps"}

// StepsHeading returns the heading whose section is a guided procedure in
// lang, in lower case.
func StepsHeading(lang string) string {
	if heading, known := stepsHeadings[lang]; known {
		return heading
	}
	return stepsHeadings[Fallback]
}

// Document is the article as the index sees it. The anchors of its sections
// are those of its page.
func (a Article) Document() search.Document {
	d := search.Document{
		ID: a.ID, Lang: a.Lang,
		Title:       a.Title,
		Questions:   slices.Clone(a.Questions),
		Tags:        slices.Clone(a.Tags),
		Application: a.Application,
		Audience:    search.Audience(a.Audience),
	}
	for _, s := range markdown.Sections(a.Body) {
		d.Sections = append(d.Sections, search.Section{Anchor: s.Anchor, Heading: s.Heading, Text: s.Text})
	}
	return d
}

// Summary is the text before the first heading, as Markdown; it may be empty.
func (a Article) Summary() string {
	_, text := a.Section("")
	return text
}

// Section returns the heading of a section as plain text, and the section with
// its subsections as Markdown. The empty anchor is the part before the first
// heading. An unknown anchor has neither.
func (a Article) Section(anchor string) (heading, text string) {
	for _, s := range markdown.Sections(a.Body) {
		if s.Anchor == anchor {
			return s.Heading, s.Whole
		}
	}
	return "", ""
}

// Steps returns the guided procedure, one Markdown text a step: the numbered
// list of the section headed Passi or Steps. It is empty if there is none.
func (a Article) Steps() []string {
	if s, found := a.stepsSection(); found {
		return markdown.Steps(s.Whole)
	}
	return nil
}

// StepsAnchor is the anchor of the guided procedure, or empty.
func (a Article) StepsAnchor() string {
	s, _ := a.stepsSection()
	return s.Anchor
}

// IsSteps reports whether the anchor is that of the guided procedure.
func (a Article) IsSteps(anchor string) bool { return anchor != "" && anchor == a.StepsAnchor() }

func (a Article) stepsSection() (markdown.Section, bool) {
	for _, s := range markdown.Sections(a.Body) {
		if s.Anchor != "" && strings.ToLower(s.Heading) == StepsHeading(a.Lang) {
			return s, true
		}
	}
	return markdown.Section{}, false
}
