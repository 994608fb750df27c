package portal

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/goccy/go-yaml"

	"sportello/internal/fault"
	"sportello/kb"
	"sportello/privacy"
)

// Languages of the portal, the first one at the root of its paths.
var Languages = []string{"it", "en"}

// texts are the pages written in Markdown, <lang>/<name>.md.
var texts = []string{"accessibilita", "privacy", "note-legali"}

// Content is what editors decide about the portal.
type Content struct {
	Owner      Owner
	Searches   map[string][]string // what people look for most, by language
	Categories []Category
	Offer      Offer
	Terms      privacy.Terms // in force; the default ones if nobody says otherwise
	HeldDays   int           // that mail which was not accepted is kept

	notices *notices
	texts   map[string]*template.Template // "it/privacy"
}

// named is what the texts may name.
type named struct {
	Owner
	Terms    privacy.Terms
	HeldDays int
}

// Owner is whose service it is, and whom to write to about it.
type Owner struct {
	Name              map[string]string `yaml:"name"`
	Tagline           map[string]string `yaml:"tagline"`
	Parent            string            `yaml:"parent"`
	ParentURL         string            `yaml:"parent_url"`
	AccessibilityForm string            `yaml:"accessibility_form"`
	AccessibilityMail string            `yaml:"accessibility_mail"`
	PrivacyMail       string            `yaml:"privacy_mail"`
}

// Category is a heading under which articles are listed.
type Category struct {
	ID           string            `yaml:"id"`
	Icon         string            `yaml:"icon"`
	Label        map[string]string `yaml:"label"`
	Applications []string          `yaml:"applications"`
	Tags         []string          `yaml:"tags"`
	Featured     []string          `yaml:"featured"` // article IDs on the first page, in order
}

// holds reports whether the category names the article's application or one of its tags.
func (c Category) holds(a kb.Article) bool {
	return a.Application != "" && slices.Contains(c.Applications, a.Application) ||
		slices.ContainsFunc(a.Tags, func(tag string) bool { return slices.Contains(c.Tags, tag) })
}

// Read parses portal.yaml and the texts beside it, strictly, and reports all
// mistakes at once.
func Read(fsys fs.FS) (c Content, err error) {
	defer fault.Wrap(&err, "read the portal's content")
	raw, err := fs.ReadFile(fsys, "portal.yaml")
	if err != nil {
		return c, err
	}
	var file struct {
		Owner      Owner               `yaml:"owner"`
		Searches   map[string][]string `yaml:"searches"`
		Categories []Category          `yaml:"categories"`
	}
	if err := yaml.UnmarshalWithOptions(raw, &file, yaml.Strict()); err != nil {
		return c, fmt.Errorf("portal.yaml: %w", err)
	}
	c = Content{Owner: file.Owner, Searches: file.Searches, Categories: file.Categories, Terms: privacy.DefaultTerms(), texts: map[string]*template.Template{}}
	mistakes := c.mistakes()
	var errOffer, errNotices error
	c.Offer, errOffer = readOffer(fsys)
	c.notices, errNotices = newNotices(fsys)
	mistakes = append(mistakes, errOffer, errNotices)
	for _, lang := range Languages {
		for _, name := range texts {
			path := lang + "/" + name + ".md"
			text, err := fs.ReadFile(fsys, path)
			if err != nil {
				mistakes = append(mistakes, err)
				continue
			}
			t, err := template.New(path).Option("missingkey=error").Parse(string(text))
			if err == nil {
				err = t.Execute(&strings.Builder{}, named{c.Owner, c.Terms, c.HeldDays})
			}
			if err != nil {
				mistakes = append(mistakes, err)
			}
			c.texts[lang+"/"+name] = t
		}
	}
	return c, errors.Join(mistakes...)
}

func (c Content) mistakes() (mistakes []error) {
	if len(c.Categories) == 0 {
		mistakes = append(mistakes, errors.New("portal.yaml: there is no category, so no article can be listed"))
	}
	seen := map[string]bool{}
	for i, category := range c.Categories {
		if category.ID == "" || seen[category.ID] {
			mistakes = append(mistakes, fmt.Errorf("portal.yaml: category %d needs an id of its own, not %q", i+1, category.ID))
		}
		seen[category.ID] = true
		mistakes = append(mistakes, untold("category "+category.ID, category.Label)...)
	}
	mistakes = append(mistakes, untold("the owner's name", c.Owner.Name)...)
	return append(mistakes, untold("the owner's tagline", c.Owner.Tagline)...)
}

// untold names the languages in which what is not told, and those that are none of ours.
func untold(what string, told map[string]string) (mistakes []error) {
	for _, lang := range Languages {
		if told[lang] == "" {
			mistakes = append(mistakes, fmt.Errorf("portal.yaml: %s is not told in %q", what, lang))
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(told)) {
		if !slices.Contains(Languages, lang) {
			mistakes = append(mistakes, fmt.Errorf("portal.yaml: %s is told in %q, which is no language of the portal; a text with a comma needs quotes", what, lang))
		}
	}
	return mistakes
}

// text returns a page's Markdown with the owner's details filled in.
func (c Content) text(lang, name string) (string, error) {
	var out strings.Builder
	err := c.texts[lang+"/"+name].Execute(&out, named{c.Owner, c.Terms, c.HeldDays})
	return out.String(), err
}
