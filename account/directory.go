package account

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Entry is a person as the organisation's directory tells them. A column that
// the file does not have says nothing about anybody.
type Entry struct {
	Line  int
	Email string // normalised
	told  map[string]string
	roles []Role
	teams []string
}

// Mistake is one in a directory's file.
type Mistake struct {
	Line int // from 1; 0 for the whole file
	What string
}

// Error implements error.
func (m Mistake) Error() string {
	if m.Line == 0 {
		return m.What
	}
	return fmt.Sprintf("line %d: %s", m.Line, m.What)
}

// columns by what a file may call them.
var columns = map[string][]string{
	"email":  {"e-mail", "email", "mail", "posta", "indirizzo e-mail"},
	"name":   {"name", "nome", "nominativo", "nome e cognome"},
	"office": {"office", "ufficio", "sede"},
	"area":   {"area"},
	"phone":  {"telephone", "phone", "telefono"},
	"shared": {"shared-mailbox", "shared", "casella condivisa", "condivisa"},
	"roles":  {"roles", "role", "ruoli", "ruolo"},
	"teams":  {"teams", "team", "gruppi", "gruppo", "squadre"},
	"lang":   {"lang", "language", "lingua"},
}

// Bounds of a directory's file.
const (
	MaxDirectory = 64 << 20 // bytes
	longestField = 200      // characters
)

// ReadDirectory reads a file of people: CSV with commas, semicolons or tabs, a
// line of titles first, in UTF-8, UTF-16 or Windows-1252. It returns all that
// could be read, and every mistake. Areas, unless nil, are those that exist.
func ReadDirectory(text []byte, areas []string) (entries []Entry, mistakes []Mistake) {
	if len(text) > MaxDirectory {
		return nil, []Mistake{{0, fmt.Sprintf("the file is larger than %d MB", MaxDirectory>>20)}}
	}
	text, err := decoded(text)
	if err != nil {
		return nil, []Mistake{{0, "the file is no text: " + err.Error()}}
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	r.TrimLeadingSpace = r.Comma != '\t'
	titles, err := r.Read()
	if err != nil {
		return nil, []Mistake{{1, "there is no line of titles such as e-mail,name,office,area,telephone,shared-mailbox"}}
	}
	titles, mistakes = readTitles(titles)
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	seen := map[string]int{}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return entries, mistakes
		}
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			mistakes = append(mistakes, Mistake{wrong.StartLine, "the quotation marks do not match"})
			continue
		} else if err != nil {
			return entries, append(mistakes, Mistake{0, err.Error()})
		}
		line, _ := r.FieldPos(0)
		if !slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" }) {
			continue
		}
		e, wrong := readEntry(line, titles, record, areas)
		if first, twice := seen[e.Email]; twice && e.Email != "" {
			wrong = append(wrong, fmt.Sprintf("%s is in line %d already", e.Email, first))
		} else {
			seen[e.Email] = line
		}
		for _, what := range wrong {
			mistakes = append(mistakes, Mistake{line, what})
		}
		if len(wrong) == 0 {
			entries = append(entries, e)
		}
	}
}

// decoded is a text in UTF-8, whatever program wrote it.
func decoded(text []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(text)
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		text = text[3:]
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, errors.New("it holds zero bytes")
	}
	if utf8.Valid(text) {
		return text, nil
	}
	return charmap.Windows1252.NewDecoder().Bytes(text)
}

// separator is what most often stands between the titles.
func separator(text []byte) rune {
	titles, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', bytes.Count(titles, []byte(","))
	for _, other := range []rune{';', '\t'} {
		if n := bytes.Count(titles, []byte(string(other))); n > most {
			best, most = other, n
		}
	}
	return best
}

// readTitles returns our name of each column.
func readTitles(titles []string) (names []string, mistakes []Mistake) {
	for _, title := range titles {
		found := ""
		for name, called := range columns {
			if slices.Contains(called, strings.ToLower(strings.TrimSpace(title))) {
				found = name
			}
		}
		switch {
		case found == "":
			mistakes = append(mistakes, Mistake{1, fmt.Sprintf("there is no column %q; those there are: e-mail, name, office, area, telephone, shared-mailbox, roles, teams, lang", title)})
		case slices.Contains(names, found):
			mistakes = append(mistakes, Mistake{1, fmt.Sprintf("the column %q is there twice", title)})
		}
		names = append(names, found)
	}
	if !slices.Contains(names, "email") {
		mistakes = append(mistakes, Mistake{1, "the column e-mail is missing"})
	}
	return names, mistakes
}

var yesNo = map[string]string{
	"": "no", "0": "no", "no": "no", "n": "no", "false": "no", "falso": "no",
	"1": "yes", "yes": "yes", "y": "yes", "si": "yes", "sì": "yes", "s": "yes", "true": "yes", "vero": "yes", "x": "yes",
}

func readEntry(line int, titles, record []string, areas []string) (e Entry, wrong []string) {
	e = Entry{Line: line, told: map[string]string{}}
	if len(record) != len(titles) {
		return e, []string{fmt.Sprintf("it has %d fields, the titles are %d", len(record), len(titles))}
	}
	for i, name := range titles {
		value := strings.Join(strings.Fields(record[i]), " ")
		if utf8.RuneCountInString(value) > longestField {
			wrong = append(wrong, fmt.Sprintf("%s has more than %d characters", name, longestField))
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) {
			wrong = append(wrong, name+" holds characters that are no text")
		}
		e.told[name] = value
	}
	if address, err := Address(e.told["email"]); err != nil {
		wrong = append(wrong, fmt.Sprintf("%q is no e-mail address", e.told["email"]))
	} else {
		e.Email = address
	}
	if area := e.told["area"]; area != "" && areas != nil && !slices.Contains(areas, area) {
		wrong = append(wrong, fmt.Sprintf("there is no area %q; those there are: %s", area, strings.Join(areas, ", ")))
	}
	if shared, known := yesNo[strings.ToLower(e.told["shared"])]; !known {
		wrong = append(wrong, fmt.Sprintf("shared-mailbox is %q, neither yes nor no", e.told["shared"]))
	} else if _, there := e.told["shared"]; there {
		e.told["shared"] = shared
	}
	if lang := strings.ToLower(e.told["lang"]); lang != "" && lang != "it" && lang != "en" {
		wrong = append(wrong, fmt.Sprintf("lang is %q, neither it nor en", lang))
	}
	for _, word := range listed(e.told["roles"]) {
		role := Role(strings.ToLower(word))
		if !slices.Contains(Roles, role) {
			wrong = append(wrong, fmt.Sprintf("%q is none of the roles", word))
		}
		e.roles = append(e.roles, role)
	}
	e.teams = listed(e.told["teams"])
	return e, wrong
}

// listed are the words of a field with several.
func listed(field string) []string {
	words := strings.FieldsFunc(field, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '|' || r == '+' })
	if len(words) == 0 {
		return nil
	}
	return words
}

// Apply returns the person as the directory tells them. An empty field clears
// what it stands for, except roles and language: those stay.
func (e Entry) Apply(p Person) Person {
	set := func(field *string, name string) {
		if value, there := e.told[name]; there {
			*field = value
		}
	}
	set(&p.Name, "name")
	set(&p.Office, "office")
	set(&p.Area, "area")
	set(&p.Phone, "phone")
	if shared, there := e.told["shared"]; there {
		p.Shared = shared == "yes"
	}
	if lang := strings.ToLower(e.told["lang"]); lang != "" {
		p.Lang = lang
	}
	if len(e.roles) > 0 {
		var roles []Role
		for _, role := range Roles {
			if role == User || slices.Contains(e.roles, role) {
				roles = append(roles, role)
			}
		}
		if len(roles) != len(p.Roles) || slices.ContainsFunc(roles, func(r Role) bool { return !slices.Contains(p.Roles, r) }) {
			p.Roles = roles
		}
	}
	if _, there := e.told["teams"]; there && !slices.Equal(p.Teams, e.teams) {
		p.Teams = e.teams
	}
	return p
}

// Employs reports whether an address, as Address normalises it, is one of an
// employee.
func (d Domains) Employs(address string) bool {
	_, external, err := Domains{Employee: d.Employee, External: true}.Decide(address)
	return err == nil && !external
}
