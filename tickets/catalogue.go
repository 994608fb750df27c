package tickets

import "slices"

// Text is a text in each language, by its code.
type Text map[string]string

// In returns the text in a language, or in Italian where it lacks.
func (t Text) In(lang string) string {
	if text := t[lang]; text != "" {
		return text
	}
	return t["it"]
}

// FieldKind says how a field is filled in.
type FieldKind string

// The kinds of fields.
const (
	KindText        FieldKind = "text"        // one line
	KindLong        FieldKind = "long"        // several lines
	KindChoice      FieldKind = "choice"      // one of Choices
	KindDate        FieldKind = "date"        // a day
	KindPerson      FieldKind = "person"      // name, surname and address; or the author
	KindApplication FieldKind = "application" // one of the catalogue's applications
	KindFiles       FieldKind = "files"
)

// Field is one thing a request tells.
type Field struct {
	ID       string    `yaml:"id"`
	Label    Text      `yaml:"label"`    // on a form
	Question Text      `yaml:"question"` // in a conversation
	Why      Text      `yaml:"why"`      // we ask: shown with it
	Kind     FieldKind `yaml:"kind"`
	Max      int       `yaml:"max"` // characters, of a text
	Choices  []Choice  `yaml:"choices"`
	Required bool      `yaml:"required"`
}

// Choice is one value of a field.
type Choice struct {
	ID    string `yaml:"id"`
	Label Text   `yaml:"label"`
}

// Choice returns the choice with this ID.
func (f Field) Choice(id string) (Choice, bool) {
	i := slices.IndexFunc(f.Choices, func(c Choice) bool { return c.ID == id })
	if i < 0 {
		return Choice{}, false
	}
	return f.Choices[i], true
}

// RequestType is one entry of the catalogue.
type RequestType struct {
	ID       string
	Category string // ID
	Label    Text
	Warning  Text    // shown before anything is asked, may be empty
	Fields   []Field // all of them, common and own, in the order of a form

	beginnings [][]string // of words and phrases that tell it from others, folded
}

// Ask is a field as a conversation asks for it.
type Ask struct {
	Field    Field
	Question string
	Why      string
}

// Asks returns what a conversation has to ask for, in order: only what is
// required, each with the reason.
func (r RequestType) Asks(lang string) []Ask {
	var asks []Ask
	for _, f := range r.Fields {
		if f.Required {
			asks = append(asks, Ask{Field: f, Question: f.Question.In(lang), Why: f.Why.In(lang)})
		}
	}
	return asks
}

// Field returns one of r's fields.
func (r RequestType) Field(id string) (Field, bool) {
	i := slices.IndexFunc(r.Fields, func(f Field) bool { return f.ID == id })
	if i < 0 {
		return Field{}, false
	}
	return r.Fields[i], true
}

// Category groups request types.
type Category struct {
	ID    string
	Label Text
	Types []RequestType
}

// Application is a program or service people ask about.
type Application struct {
	ID       string   `yaml:"id"`
	Name     string   `yaml:"name"`
	Short    string   `yaml:"short"`   // begins a subject, Name if empty
	Aliases  []string `yaml:"aliases"` // abbreviations, former and colloquial names
	Exact    []string `yaml:"exact"`   // names that count only in this very case
	Tool     bool     `yaml:"tool"`    // a means to reach applications: it yields to those named beside it
	Generic  []string `yaml:"generic"` // words that mean it only if nothing is named
	Faint    []string `yaml:"faint"`   // words that mean it only if there is nothing else
	Together Together `yaml:"together"`
	Careful  Careful  `yaml:"careful"`
	Phone    string   `yaml:"phone"`    // branch of the phone tree, such as "3.1"
	Category string   `yaml:"category"` // ID
	Request  string   `yaml:"request"`  // default request type, ID
	External bool     `yaml:"external"` // run by others
}

// Title begins the subject of a ticket about a.
func (a Application) Title() string {
	if a.Short != "" {
		return a.Short
	}
	return a.Name
}

// Catalogue is what can be asked for, as ReadCatalogue returns it. Its zero
// value is empty. It is safe for concurrent use.
type Catalogue struct {
	Categories   []Category
	Applications []Application

	names map[string][]name // of the applications, by first word
}

// Request returns a request type.
func (c Catalogue) Request(id string) (RequestType, bool) {
	for _, category := range c.Categories {
		for _, r := range category.Types {
			if r.ID == id {
				return r, true
			}
		}
	}
	return RequestType{}, false
}

// Application returns an application.
func (c Catalogue) Application(id string) (Application, bool) {
	i := slices.IndexFunc(c.Applications, func(a Application) bool { return a.ID == id })
	if i < 0 {
		return Application{}, false
	}
	return c.Applications[i], true
}
