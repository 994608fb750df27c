package contacts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/it"
)

// The files that Read wants.
const (
	contactsFile = "contacts.yaml"
	holidaysFile = "holidays.yaml"
)

type bookFile struct {
	Number   string `yaml:"number"`
	Portal   string `yaml:"portal"`
	Timezone string `yaml:"timezone"`
	Email    struct {
		Address       string   `yaml:"address"`
		OneWay        bool     `yaml:"one_way"`
		SenderDomains []string `yaml:"sender_domains"`
	} `yaml:"email"`
	OfficeKey string       `yaml:"office_key"`
	Operators string       `yaml:"operators"`
	Elsewhere []string     `yaml:"elsewhere"`
	Branches  []branchFile `yaml:"branches"`
}

type branchFile struct {
	Key          string            `yaml:"key"`
	Label        map[string]string `yaml:"label"`
	Hours        map[string]string `yaml:"hours"`
	Applications []string          `yaml:"applications"`
	Topics       []string          `yaml:"topics"`
	Who          []string          `yaml:"who"`
	Must         []string          `yaml:"must"`
	Unless       []string          `yaml:"unless"`
	Branches     []branchFile      `yaml:"branches"`
}

type holidaysFileFormat struct {
	Days              []dayFile         `yaml:"days"`
	Patrons           map[string]string `yaml:"patrons"`
	ClosedForPatronOf []string          `yaml:"closed_for_patron_of"`
	ClosedDays        []struct {
		Date   string            `yaml:"date"`
		Reason map[string]string `yaml:"reason"`
	} `yaml:"closed_days"`
}

type dayFile struct {
	National string              `yaml:"national"`
	Easter   *int                `yaml:"easter"`
	Day      string              `yaml:"day"`
	Since    int                 `yaml:"since"`
	Closed   *bool               `yaml:"closed"`
	Name     map[string]string   `yaml:"name"`
	Also     map[string][]string `yaml:"also"`
}

// Read parses contacts.yaml and holidays.yaml at the root of fsys, strictly:
// unknown keys are mistakes. It reports all mistakes at once, each with its
// file and line.
func Read(fsys fs.FS) (Book, error) {
	var book bookFile
	var holidays holidaysFileFormat
	p, q := open(fsys, contactsFile, &book), open(fsys, holidaysFile, &holidays)
	b := p.book(book)
	b.calendar.named, b.calendar.single = q.days(holidays)
	if err := errors.Join(errors.Join(p.mistakes...), errors.Join(q.mistakes...)); err != nil {
		return Book{}, err
	}
	return b, nil
}

// page is a file being read, with what is wrong in it.
type page struct {
	name     string
	tree     *ast.File
	mistakes []error
}

// open decodes a file. After a strict mistake it decodes once more with an
// open mind, so that the other mistakes are found as well.
func open(fsys fs.FS, name string, into any) *page {
	p := &page{name: name}
	text, err := fs.ReadFile(fsys, name)
	if err == nil {
		p.tree, err = parser.ParseBytes(text, 0)
	}
	if err == nil {
		if err = yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(into); err != nil {
			_ = yaml.Unmarshal(text, into) // the strict error is the one to tell
		}
	}
	if where, is := errors.AsType[yaml.Error](err); is {
		err = fmt.Errorf("%s:%d: %s", name, where.GetToken().Position.Line, where.GetMessage())
	} else if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	if err != nil {
		p.mistakes = append(p.mistakes, err)
	}
	return p
}

// wrong notes a mistake at a path such as $.branches[0].key, or at the nearest
// thing above it that is written in the file.
func (p *page) wrong(at, format string, args ...any) {
	where := p.name
	for path := at; p.tree != nil && path != ""; path = above(path) {
		if found, err := yaml.PathString(path); err == nil {
			if node, err := found.FilterFile(p.tree); err == nil && node != nil {
				where = fmt.Sprintf("%s:%d", p.name, node.GetToken().Position.Line)
				break
			}
		}
	}
	p.mistakes = append(p.mistakes, fmt.Errorf("%s: %s: %s", where, strings.TrimPrefix(at, "$."), fmt.Sprintf(format, args...)))
}

func above(path string) string {
	if i := strings.LastIndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return ""
}

func (p *page) book(f bookFile) Book {
	b := Book{
		Number: f.Number, Portal: f.Portal, OfficeKey: f.OfficeKey, operators: f.Operators, elsewhere: f.Elsewhere,
		Email:    Email{f.Email.Address, f.Email.OneWay, f.Email.SenderDomains},
		calendar: &calendar{},
	}
	p.filled("$.number", f.Number)
	p.filled("$.portal", f.Portal)
	p.filled("$.email.address", f.Email.Address)
	zone, err := time.LoadLocation(f.Timezone)
	if err != nil || f.Timezone == "" {
		p.wrong("$.timezone", "%q is no time zone, write one like Europe/Rome", f.Timezone)
		zone = time.UTC
	}
	b.calendar.zone = zone
	b.Branches = p.branches("$.branches", "", f.Branches, week{}, b.calendar)
	if len(b.Branches) == 0 {
		p.wrong("$.branches", "there is no branch")
	}
	for _, named := range []struct{ at, path string }{{"$.operators", f.Operators}, {"$.office_key", f.OfficeKey}} {
		if _, ok := b.Branch(named.path); !ok {
			p.wrong(named.at, "there is no branch %q", named.path)
		}
	}
	for branch := range b.all {
		for _, id := range branch.applications {
			if slices.Contains(f.Elsewhere, id) {
				p.wrong("$.elsewhere", "%s is also an application of branch %s", id, branch.Path)
			}
		}
	}
	return b
}

func (p *page) branches(at, above string, files []branchFile, inherited week, days *calendar) []Branch {
	var branches []Branch
	taken := map[string]bool{}
	for i, f := range files {
		at := fmt.Sprintf("%s[%d]", at, i)
		if len(f.Key) != 1 || !strings.Contains("0123456789*#", f.Key) {
			p.wrong(at+".key", "%q is no key of a telephone", f.Key)
		}
		if taken[f.Key] {
			p.wrong(at+".key", "key %s is there twice", f.Key)
		}
		taken[f.Key] = true
		p.texts(at+".label", f.Label)
		hours := inherited
		if f.Hours != nil {
			hours = p.week(at+".hours", f.Hours)
		}
		if hours.empty() {
			p.wrong(at+".hours", "is never open")
		}
		path := strings.TrimPrefix(above+"."+f.Key, ".")
		branches = append(branches, Branch{
			Path: path, label: f.Label, applications: f.Applications, topics: f.Topics, who: f.Who, must: f.Must, unless: f.Unless,
			week: hours, calendar: days,
			Branches: p.branches(at+".branches", path, f.Branches, hours, days),
		})
	}
	return branches
}

func (p *page) filled(at, value string) {
	if strings.TrimSpace(value) == "" {
		p.wrong(at, "is empty")
	}
}

// texts checks that something is said in both languages.
func (p *page) texts(at string, texts map[string]string) {
	for _, lang := range []string{"it", "en"} {
		if strings.TrimSpace(texts[lang]) == "" {
			p.wrong(at, "has no text in %q", lang)
		}
	}
}

var weekdays = map[string]time.Weekday{
	"sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday,
	"thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday,
}

var spanForm = regexp.MustCompile(`^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$`)

func (p *page) week(at string, hours map[string]string) week {
	var w week
	for _, name := range slices.Sorted(maps.Keys(hours)) {
		day, known := weekdays[name]
		if !known {
			p.wrong(at+"."+name, "is no day, write monday to sunday")
			continue
		}
		before := 0
		for part := range strings.SplitSeq(hours[name], ",") {
			m := spanForm.FindStringSubmatch(strings.TrimSpace(part))
			if m == nil {
				p.wrong(at+"."+name, "%q are no hours, write them like 08:00-18:00", part)
				continue
			}
			s := span{minutes(m[1], m[2]), minutes(m[3], m[4])}
			if s.open < before || s.close <= s.open || s.close > 24*60 {
				p.wrong(at+"."+name, "%q does not come after what is before it", part)
				continue
			}
			before = s.close
			w[day] = append(w[day], s)
		}
	}
	return w
}

func minutes(hour, minute string) int {
	h, _ := strconv.Atoi(hour) // digits only, says the form
	m, _ := strconv.Atoi(minute)
	return h*60 + m
}

func (p *page) days(f holidaysFileFormat) ([]namedDay, map[string]map[string]string) {
	var named []namedDay
	for i, day := range f.Days {
		at := fmt.Sprintf("$.days[%d]", i)
		p.texts(at+".name", day.Name)
		if day.Since != 0 && (day.Since < 1900 || day.Since > 2200) {
			p.wrong(at+".since", "%d is no year of ours", day.Since)
		}
		named = append(named, namedDay{
			name: day.Name, also: day.Also, rule: p.rule(at, day),
			since: day.Since, closed: day.Closed == nil || *day.Closed,
		})
	}
	for _, seat := range slices.Sorted(maps.Keys(f.Patrons)) {
		if day := f.Patrons[seat]; yearly(day) == nil {
			p.wrong("$.patrons."+seat, "%q is no day, write month-day like 06-29", day)
		}
	}
	for i, seat := range f.ClosedForPatronOf {
		rule := yearly(f.Patrons[seat])
		if rule == nil {
			p.wrong(fmt.Sprintf("$.closed_for_patron_of[%d]", i), "patrons has no day for %q", seat)
			continue
		}
		name := map[string]string{"it": "Santo Patrono (" + seat + ")", "en": "Patron saint's day (" + seat + ")"}
		named = append(named, namedDay{name: name, rule: rule, closed: true})
	}
	single := map[string]map[string]string{}
	for i, day := range f.ClosedDays {
		at := fmt.Sprintf("$.closed_days[%d]", i)
		if _, err := time.Parse(time.DateOnly, day.Date); err != nil {
			p.wrong(at+".date", "%q is no date, write it like 2026-12-24", day.Date)
		}
		p.texts(at+".reason", day.Reason)
		single[day.Date] = day.Reason
	}
	return named, single
}

// rule says when a day falls; it is never nil, so that reading can go on.
func (p *page) rule(at string, day dayFile) *cal.Holiday {
	var rules []*cal.Holiday
	if day.National != "" {
		i := slices.IndexFunc(it.Holidays, func(h *cal.Holiday) bool { return h.Name == day.National })
		if i < 0 {
			p.wrong(at+".national", "the Italian calendar has no %q", day.National)
			return &cal.Holiday{Func: cal.CalcEasterOffset}
		}
		rules = append(rules, it.Holidays[i])
	}
	if day.Easter != nil {
		if *day.Easter < -80 || *day.Easter > 250 {
			p.wrong(at+".easter", "%d days after Easter is another year", *day.Easter)
		}
		rules = append(rules, &cal.Holiday{Offset: *day.Easter, Func: cal.CalcEasterOffset})
	}
	if day.Day != "" {
		rule := yearly(day.Day)
		if rule == nil {
			p.wrong(at+".day", "%q is no day, write month-day like 10-04", day.Day)
			return &cal.Holiday{Func: cal.CalcEasterOffset}
		}
		rules = append(rules, rule)
	}
	if len(rules) != 1 {
		p.wrong(at, "needs exactly one of national, easter and day")
		return &cal.Holiday{Func: cal.CalcEasterOffset}
	}
	return rules[0]
}

// yearly is the rule of a day that is the same every year, nil if it is none.
// 29 February is none: it is not there every year.
func yearly(day string) *cal.Holiday {
	t, err := time.Parse("2006-01-02", "2025-"+day)
	if err != nil {
		return nil
	}
	return &cal.Holiday{Month: t.Month(), Day: t.Day(), Func: cal.CalcDayOfMonth}
}
