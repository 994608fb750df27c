package account_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sportello/account"
)

// Who may do what. A column is somebody with one role or one relation to the
// thing, and nothing else; x means that they may. The order of roles is that of
// account.Roles; "stranger" has no account.
const rights = `
                    stranger user operator editor reviewer manager administrator | author beneficiary observer
open ticket         .        x    x        .      .        .       .             | .      .           .
read ticket         .        .    x        .      .        .       .             | x      x           x
write to ticket     .        .    x        .      .        .       .             | x      x           .
close ticket        .        .    x        .      .        .       .             | x      x           .
reopen ticket       .        .    x        .      .        .       .             | x      x           .
rate ticket         .        .    .        .      .        .       .             | x      x           .
move ticket         .        .    x        .      .        .       .             | .      .           .
note on ticket      .        .    x        .      .        .       .             | .      .           .
list tickets        .        .    x        .      .        .       .             | .      .           .
read article        .        .    x        x      x        .       .             | .      .           .
write article       .        .    .        x      x        .       .             | .      .           .
publish article     .        .    .        .      x        .       .             | .      .           .
take conversation   .        .    x        .      .        .       .             | .      .           .
read insights       .        .    .        .      .        x       .             | .      .           .
keep accounts       .        .    .        .      .        .       x             | .      .           .
invent something    .        .    .        .      .        .       .             | .      .           .
`

func TestEachRightBelongsToWhomTheTableSays(t *testing.T) {
	lines := strings.Split(strings.Trim(rights, "\n"), "\n")
	columns := strings.Fields(strings.ReplaceAll(lines[0], "|", ""))
	for _, line := range lines[1:] {
		act, marks := account.Act(strings.TrimSpace(line[:20])), strings.Fields(strings.ReplaceAll(line[20:], "|", ""))
		for i, who := range columns {
			person, thing := account.Person{ID: "p"}, account.Thing{Author: "a", Beneficiary: "b", Observers: []account.PersonID{"c", "d"}}
			switch who {
			case "stranger":
				person.ID = ""
				thing.Author = "" // nobody, as the stranger is: that is no bond
			case "author":
				thing.Author = "p"
			case "beneficiary":
				thing.Beneficiary = "p"
			case "observer":
				thing.Observers = append(thing.Observers, "p")
			default:
				person.Roles = []account.Role{account.Role(who)}
			}
			if got, want := account.Can(person, act, thing), marks[i] == "x"; got != want {
				t.Errorf("%s, %s: may is %v, want %v", who, act, got, want)
			}
		}
	}
}

func TestArticlesAreReadByTheirAudience(t *testing.T) {
	employee := account.Person{ID: "e", Roles: []account.Role{account.User}}
	lawyer := account.Person{ID: "l", External: true, Roles: []account.Role{account.User}}
	operator := account.Person{ID: "o", Roles: []account.Role{account.User, account.Operator}}
	editor := account.Person{ID: "r", Roles: []account.Role{account.Editor}}
	everything := []account.Audience{account.All, account.Employees, account.Operators}
	for name, test := range map[string]struct {
		person *account.Person
		want   []account.Audience
	}{
		"nobody":                        {nil, everything[:1]},
		"a stranger":                    {&account.Person{}, everything[:1]},
		"a stranger who claims a role":  {&account.Person{Roles: []account.Role{account.Operator}}, everything[:1]},
		"an external person":            {&lawyer, everything[:1]},
		"an employee":                   {&employee, everything[:2]},
		"an operator":                   {&operator, everything},
		"an editor, to see what exists": {&editor, everything},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, account.Audiences(test.person)); diff != "" {
				t.Errorf("audiences (-want +got):\n%s", diff)
			}
			person := account.Person{}
			if test.person != nil {
				person = *test.person
			}
			for i, audience := range everything {
				if got := account.Can(person, account.ReadArticle, account.Thing{Audience: audience}); got != (i < len(test.want)) {
					t.Errorf("may read articles for %s: %v", audience, got)
				}
			}
		})
	}
}
