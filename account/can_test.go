package account_test

import (
	"slices"
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
follow ticket       .        .    x        .      .        .       .             | x      x           .
record for another  .        .    x        .      .        .       .             | .      .           .
act for another     .        .    x        .      .        .       .             | .      .           .
watch queue         .        .    x        .      .        .       .             | .      .           .
assign ticket       .        .    x        .      .        .       .             | .      .           .
merge ticket        .        .    x        .      .        .       .             | .      .           .
export tickets      .        .    x        .      .        .       .             | .      .           .
read quarantine     .        .    x        .      .        .       .             | .      .           .
read article        .        .    x        x      x        .       .             | .      .           .
write article       .        .    .        x      x        .       .             | .      .           .
publish article     .        .    .        .      x        .       .             | .      .           .
take conversation   .        .    x        .      .        .       .             | .      .           .
read insights       .        .    .        .      .        x       .             | .      .           .
keep accounts       .        .    .        .      .        .       x             | .      .           .
manage hooks        .        .    .        .      .        .       x             | .      .           .
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

// Rights add up and nothing else: whoever has several roles and relations may
// do what one of them allows, and a stranger's claims count for nothing.
func TestRightsOfSeveralRolesAndRelationsAddUp(t *testing.T) {
	lines := strings.Split(strings.Trim(rights, "\n"), "\n")
	columns := strings.Fields(strings.ReplaceAll(lines[0], "|", ""))[1:] // without the stranger
	seen := 0
	for _, line := range lines[1:] {
		act, marks := account.Act(strings.TrimSpace(line[:20])), strings.Fields(strings.ReplaceAll(line[20:], "|", ""))[1:]
		for set := range 1 << len(columns) {
			person, thing, want := account.Person{ID: "p"}, account.Thing{}, false
			for i, who := range columns {
				if set&(1<<i) == 0 {
					continue
				}
				want = want || marks[i] == "x"
				switch who {
				case "author":
					thing.Author = "p"
				case "beneficiary":
					thing.Beneficiary = "p"
				case "observer":
					thing.Observers = []account.PersonID{"p"}
				default:
					person.Roles = append(person.Roles, account.Role(who))
				}
			}
			if got := account.Can(person, act, thing); got != want {
				t.Errorf("%v, %+v, %s: may is %v, want %v", person.Roles, thing, act, got, want)
			}
			person.ID = ""
			if thing.Audience != account.All && account.Can(person, act, thing) {
				t.Errorf("a stranger with %v may %s", person.Roles, act)
			}
			seen++
		}
	}
	t.Logf("%d combinations", seen)
}

func TestEveryActIsInTheTable(t *testing.T) {
	var told []account.Act
	for _, line := range strings.Split(strings.Trim(rights, "\n"), "\n")[1:] {
		if act := account.Act(strings.TrimSpace(line[:20])); act != "invent something" {
			told = append(told, act)
		}
	}
	slices.Sort(told)
	if diff := cmp.Diff(account.Acts(), told); diff != "" {
		t.Errorf("acts (-in the program +in the table above):\n%s", diff)
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
