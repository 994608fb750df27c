package tickets

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"sportello/account"
	"sportello/contacts"
	"sportello/internal/strictyaml"
)

// Terms are how the help desk works: its teams and what reaches them, how
// urgent things are, when it wants to be done, when it closes what is solved.
// They are content, read by ReadTerms. Times are in the hours of the team's
// branch of the phone tree. Nothing of it is promised to users: the service's
// notice names no response times.
type Terms struct {
	Teams    []Team
	Dispatch string // ID of the team that gets what fits no other one

	book      contacts.Book
	matrix    map[Impact]map[Urgency]Priority
	budgets   map[Priority]time.Duration
	unhurried []string // request types that can wait
	offices   []officeYAML

	closeDays, warnDays, remindDays int
	reopening                       time.Duration
}

// Team works on tickets.
type Team struct {
	ID     string `yaml:"id"`
	Label  Text   `yaml:"label"`
	Branch string `yaml:"branch"` // of the phone tree: its applications and hours
	Area   string `yaml:"area"`   // whose people it looks after, where a branch asks for the area
}

// officeYAML says to which area the offices belong whose name has these words.
type officeYAML struct {
	Words string `yaml:"words"`
	Area  string `yaml:"area"`
}

// termsFile is the file of the terms within content.
const termsFile = "service.yaml"

type termsYAML struct {
	Teams      []Team                          `yaml:"teams"`
	Dispatch   string                          `yaml:"dispatch"`
	Offices    []officeYAML                    `yaml:"offices"`
	Priorities map[Impact]map[Urgency]Priority `yaml:"priorities"`
	Hours      map[Priority]int                `yaml:"hours"`
	Unhurried  []string                        `yaml:"unhurried"`
	Closing    struct{ After, Warn int }       `yaml:"closing"`
	Reminder   int                             `yaml:"reminder"`
	Reopening  int                             `yaml:"reopening"`
}

// ReadTerms reads service.yaml. It tells every mistake at once.
func ReadTerms(fsys fs.FS, book contacts.Book, catalogue Catalogue) (Terms, error) {
	text, err := fs.ReadFile(fsys, termsFile)
	if err != nil {
		return Terms{}, err
	}
	var y termsYAML
	if err := strictyaml.Decode(text, &y); err != nil {
		return Terms{}, fmt.Errorf("%s: %w", termsFile, err)
	}
	t := Terms{
		Teams: y.Teams, Dispatch: y.Dispatch, book: book, matrix: y.Priorities, budgets: map[Priority]time.Duration{},
		unhurried: y.Unhurried, offices: y.Offices,
		closeDays: y.Closing.After, warnDays: y.Closing.Warn, remindDays: y.Reminder,
		reopening: time.Duration(y.Reopening) * 24 * time.Hour,
	}
	for priority, hours := range y.Hours {
		t.budgets[priority] = time.Duration(hours) * time.Hour
	}
	return t, t.mistakes(catalogue)
}

func (t Terms) mistakes(catalogue Catalogue) error {
	var wrong []error
	mistake := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf(termsFile+": "+format, args...))
	}
	seen := map[string]bool{}
	for _, team := range t.Teams {
		if !plainID.MatchString(team.ID) || seen[team.ID] {
			mistake("team %q: an ID is made of lower-case letters, digits and hyphens, and used once", team.ID)
		}
		seen[team.ID] = true
		for _, lang := range languages {
			if team.Label[lang] == "" {
				mistake("team %s: the label lacks the language %q", team.ID, lang)
			}
		}
		if _, found := t.book.Branch(team.Branch); team.Branch != "" && !found {
			mistake("team %s: the phone tree has no branch %q", team.ID, team.Branch)
		}
	}
	if !seen[t.Dispatch] {
		mistake("dispatch: there is no team %q", t.Dispatch)
	}
	for _, impact := range Impacts {
		for _, urgency := range Urgencies {
			if p := t.matrix[impact][urgency]; p < Critical || p > Unhurried {
				mistake("priorities: %s and %s want a priority from 1 to 4", impact, urgency)
			}
		}
	}
	for p := Critical; p <= Unhurried; p++ {
		if t.budgets[p] <= 0 {
			mistake("hours: priority %d wants a number of working hours", p)
		}
	}
	for _, id := range t.unhurried {
		if _, found := catalogue.Request(id); !found {
			mistake("unhurried: the catalogue has no request type %q", id)
		}
	}
	for _, office := range t.offices {
		if !slices.ContainsFunc(t.Teams, func(team Team) bool { return team.Area != "" && team.Area == office.Area }) {
			mistake("offices: no team looks after the area %q", office.Area)
		}
	}
	if t.closeDays <= t.warnDays || t.warnDays < 1 || t.remindDays < 1 || t.reopening <= 0 {
		mistake("closing.after wants to be more than closing.warn, and these, reminder and reopening at least a day")
	}
	return errors.Join(wrong...)
}

// Team returns a team.
func (t Terms) Team(id string) (Team, bool) {
	i := slices.IndexFunc(t.Teams, func(team Team) bool { return team.ID == id })
	if i < 0 {
		return Team{}, false
	}
	return t.Teams[i], true
}

// Reopening is how long a solved or closed ticket can be reopened.
func (t Terms) Reopening() time.Duration {
	if t.reopening == 0 {
		return DefaultReopening
	}
	return t.reopening
}

// Zone is where the hours are meant.
func (t Terms) Zone() *time.Location { return t.book.Zone() }

// Route fills in the area and the team of a draft by the phone tree and the
// person's office: the team of the application's branch; where that branch is
// divided into areas, the one that looks after theirs. What fits no team goes
// to the dispatch. concerned is whom the help is for.
func (t Terms) Route(d Draft, a Application, concerned account.Person) Draft {
	if len(t.Teams) == 0 {
		return d // no terms were read
	}
	if d.Area == "" {
		d.Area = t.area(d.Office)
	}
	if d.Area == "" {
		d.Area = concerned.Area
	}
	if d.Team != "" {
		return d
	}
	d.Team = t.Dispatch
	branch := t.branch(a)
	for path := branch; path != ""; path = above(path) {
		for _, team := range t.Teams {
			if team.Branch == path {
				d.Team = team.ID
				return d
			}
		}
	}
	for _, team := range t.Teams { // the branch of the operators is divided into areas
		if d.Area != "" && team.Area == d.Area && strings.HasPrefix(team.Branch, branch) {
			d.Team = team.ID
			return d
		}
	}
	return d
}

// branch is where one would call about an application; that of the operators
// about none.
func (t Terms) branch(a Application) string {
	if a.Phone != "" {
		return a.Phone
	}
	if branches := t.book.ForApplication(a.ID); len(branches) > 0 {
		return branches[0].Path
	}
	return t.book.Operators().Path
}

// above is the path of the branch above, empty at the top.
func above(path string) string {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)]
}

// area of an office by the words in its name, empty if unknown.
func (t Terms) area(office string) string {
	words := " " + strings.Join(foldAll(tokens(office)), " ") + " "
	for _, one := range t.offices {
		if strings.Contains(words, " "+strings.Join(foldAll(tokens(one.Words)), " ")+" ") {
			return one.Area
		}
	}
	return ""
}

// hours are those in which a team works.
func (t Terms) hours(team string) contacts.Branch {
	if known, found := t.Team(team); found && known.Branch != "" {
		if branch, found := t.book.Branch(known.Branch); found {
			return branch
		}
	}
	return t.book.Operators()
}
