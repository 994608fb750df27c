package tickets

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// The files of the catalogue within content.
const (
	catalogueFile    = "catalogue.yaml"
	applicationsFile = "applications.yaml"
)

// catalogueYAML is the shape of catalogue.yaml.
type catalogueYAML struct {
	Fields     []Field        `yaml:"fields"`
	Common     []string       `yaml:"common"`
	Categories []categoryYAML `yaml:"categories"`
}

type categoryYAML struct {
	ID      string     `yaml:"id"`
	Label   Text       `yaml:"label"`
	Warning Text       `yaml:"warning"`
	BodyMax int        `yaml:"body_max"`
	Fields  []string   `yaml:"fields"`
	Types   []typeYAML `yaml:"types"`
}

type typeYAML struct {
	ID     string   `yaml:"id"`
	Label  Text     `yaml:"label"`
	Fields []string `yaml:"fields"`
	Words  []string `yaml:"words"`
}

// ReadCatalogue reads catalogue.yaml and applications.yaml. It tells every
// mistake at once, with file and line; the catalogue it returns beside an
// error is not to be used.
func ReadCatalogue(fsys fs.FS) (Catalogue, error) {
	r := reader{fields: map[string]Field{}, ids: map[string]bool{}}
	var written catalogueYAML
	var c Catalogue
	r.open(fsys, catalogueFile, &written)
	c.Categories = r.categories(written)
	r.open(fsys, applicationsFile, &c.Applications)
	r.applications(c)
	c.names = index(c.Applications)
	return c, errors.Join(r.mistakes...)
}

// reader collects mistakes while it checks a file.
type reader struct {
	file     string
	source   []byte
	fields   map[string]Field
	ids      map[string]bool // of the things in this file, after their sort
	mistakes []error
}

func (r *reader) open(fsys fs.FS, file string, into any) {
	var err error
	r.file = file
	clear(r.ids)
	if r.source, err = fs.ReadFile(fsys, file); err != nil {
		r.mistakes = append(r.mistakes, err)
		return
	}
	if err := decode(r.source, into); err != nil {
		r.mistakes = append(r.mistakes, fmt.Errorf("%s: %w", file, err))
	}
}

// decode reads YAML strictly. The library panics on some texts that are none.
func decode(source []byte, into any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("this is not YAML: %v", p)
		}
	}()
	return yaml.NewDecoder(bytes.NewReader(source), yaml.Strict()).Decode(into)
}

// mistake tells what is wrong with the thing that has this ID.
func (r *reader) mistake(id, format string, args ...any) {
	r.mistakes = append(r.mistakes, fmt.Errorf("%s:%d: %s: %s", r.file, r.line(id), id, fmt.Sprintf(format, args...)))
}

// line finds where the thing with an ID begins, 1 if nowhere.
func (r *reader) line(id string) int {
	at := regexp.MustCompile(`\bid: "?` + regexp.QuoteMeta(id) + `"?(?:[,}\s]|$)`).FindIndex(r.source)
	if at == nil {
		return 1
	}
	return 1 + bytes.Count(r.source[:at[0]], []byte("\n"))
}

// plainID is what may stand in URLs, form names and events.
var plainID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (r *reader) id(sort, id string) {
	if !plainID.MatchString(id) {
		r.mistake(id, "the ID of a %s is made of lower-case letters, digits and hyphens", sort)
	}
	if r.ids[sort+id] {
		r.mistake(id, "there are two of this %s", sort)
	}
	r.ids[sort+id] = true
}

// languages that every text of the catalogue has.
var languages = []string{"it", "en"}

func (r *reader) text(id, what string, text Text) {
	for _, lang := range languages {
		if strings.TrimSpace(text[lang]) == "" {
			r.mistake(id, "%s has no text in %q", what, lang)
		}
	}
	if len(text) > len(languages) {
		r.mistake(id, "%s has a language other than %s", what, strings.Join(languages, " and "))
	}
}

var fieldKinds = []FieldKind{KindText, KindLong, KindChoice, KindDate, KindPerson, KindApplication, KindFiles}

func (r *reader) field(f Field) {
	r.id("field", f.ID)
	r.text(f.ID, "label", f.Label)
	r.text(f.ID, "question", f.Question)
	r.text(f.ID, "why", f.Why)
	if !slices.Contains(fieldKinds, f.Kind) {
		r.mistake(f.ID, "no kind of field is called %q: there are %v", f.Kind, fieldKinds)
	}
	if f.Required {
		r.mistake(f.ID, "whether a field is required is said where it is used, with *")
	}
	if f.Max < 0 {
		r.mistake(f.ID, "max is negative")
	}
	if f.Kind == KindChoice && len(f.Choices) < 2 {
		r.mistake(f.ID, "a choice needs at least two choices")
	}
	seen := map[string]bool{}
	for _, c := range f.Choices {
		r.text(f.ID, "choice "+c.ID, c.Label)
		if !plainID.MatchString(c.ID) || seen[c.ID] {
			r.mistake(f.ID, "choice %q is there twice or no plain ID", c.ID)
		}
		seen[c.ID] = true
	}
	r.fields[f.ID] = f
}

// use resolves names such as "office*" into fields.
func (r *reader) use(by string, names []string) []Field {
	var used []Field
	for _, name := range names {
		id, required := strings.CutSuffix(name, "*")
		f, known := r.fields[id]
		if !known {
			r.mistake(by, "no field is called %q", id)
			continue
		}
		f.Required = required
		used = append(used, f)
	}
	return used
}

// commonFields must be in every request: the rest of the program fills them.
var commonFields = []string{
	FieldBeneficiary, FieldOffice, FieldPhone, FieldSubject, FieldBody, FieldError,
	FieldAttachments, FieldSince, FieldImpact, FieldDeadline,
}

func (r *reader) categories(written catalogueYAML) []Category {
	for _, f := range written.Fields {
		r.field(f)
	}
	common := r.use("common", written.Common)
	for _, id := range commonFields {
		if !slices.ContainsFunc(common, func(f Field) bool { return f.ID == id }) {
			r.mistake("common", "the field %q is missing", id)
		}
	}
	var categories []Category
	for _, wc := range written.Categories {
		r.id("category", wc.ID)
		r.text(wc.ID, "label", wc.Label)
		if len(wc.Warning) > 0 {
			r.text(wc.ID, "warning", wc.Warning)
		}
		if len(wc.Types) == 0 {
			r.mistake(wc.ID, "the category has no request type")
		}
		category := Category{ID: wc.ID, Label: wc.Label}
		ofAll := r.use(wc.ID, wc.Fields)
		for _, wt := range wc.Types {
			r.id("request type", wt.ID)
			r.text(wt.ID, "label", wt.Label)
			t := RequestType{ID: wt.ID, Category: wc.ID, Label: wt.Label, Warning: wc.Warning}
			for _, phrase := range wt.Words {
				if words := foldAll(tokens(phrase)); len(words) > 0 {
					t.beginnings = append(t.beginnings, words)
				}
			}
			t.Fields = slices.Concat(common, ofAll, r.use(wt.ID, wt.Fields))
			r.noneTwice(t)
			if i := slices.IndexFunc(t.Fields, func(f Field) bool { return f.ID == FieldBody }); i >= 0 {
				t.Fields[i].Max = min(limit(wc.BodyMax), limit(t.Fields[i].Max))
			}
			category.Types = append(category.Types, t)
		}
		categories = append(categories, category)
	}
	return categories
}

// limit is a number of characters, MaxBody where nothing was said.
func limit(n int) int {
	if n <= 0 {
		return MaxBody
	}
	return min(n, MaxBody)
}

func (r *reader) noneTwice(t RequestType) {
	seen := map[string]bool{}
	for _, f := range t.Fields {
		if seen[f.ID] {
			r.mistake(t.ID, "the field %q is there twice", f.ID)
		}
		seen[f.ID] = true
	}
}

// branch is a way through the phone tree, such as "3.1".
var branch = regexp.MustCompile(`^[0-9](\.[0-9])*$`)

func (r *reader) applications(c Catalogue) {
	called := map[string]string{}
	for _, a := range c.Applications {
		r.id("application", a.ID)
		if strings.TrimSpace(a.Name) == "" {
			r.mistake(a.ID, "it has no name")
		}
		if !branch.MatchString(a.Phone) {
			r.mistake(a.ID, "phone %q is no branch of the phone tree, such as \"3.1\"", a.Phone)
		}
		if !slices.ContainsFunc(c.Categories, func(k Category) bool { return k.ID == a.Category }) {
			r.mistake(a.ID, "no category is called %q", a.Category)
		}
		if _, known := c.Request(a.Request); !known {
			r.mistake(a.ID, "no request type is called %q", a.Request)
		}
		for _, name := range slices.Concat([]string{a.Name}, a.Aliases) {
			words := strings.Join(foldAll(tokens(name)), " ")
			if words == "" {
				r.mistake(a.ID, "the name %q has no letter", name)
				continue
			}
			if other := called[words]; other != "" && other != a.ID {
				r.mistake(a.ID, "%q is also a name of %s", name, other)
			}
			called[words] = a.ID
		}
	}
}
