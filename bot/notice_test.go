package bot_test

import (
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/tickets"
)

// Who hears of what, and in which way: a letter for each of the people on the
// ticket, x where they hear nothing, upper case where it cannot be switched off.
const hears = `
                                  author       beneficiary  observer
opened, by phone                  opened       opened       x
opened, in a conversation         x            opened       x
taken                             taken        taken        taken
working                           working      working      working
working, by the author's answer   x            x            x
waiting                           WAITING      WAITING      waiting
solved                            solved       solved       solved
closed                            closed       closed       closed
reopened                          reopened     reopened     reopened
cancelled                         cancelled    cancelled    cancelled
message, of an operator           MESSAGE      MESSAGE      message
message, while it waits           WAITING      WAITING      message
message, of the author            x            MESSAGE      message
message, of the beneficiary       MESSAGE      x            message
file, of the author               x            MESSAGE      message
note                              x            x            x
rated                             x            x            x
warned                            WARNED       WARNED       x
reminded                          REMINDED     REMINDED     x
team                              transferred  transferred  x
assignee                          x            x            x
subject                           x            x            x
merged                            merged       merged       merged
linked                            x            x            x
opened, two days ago              x            x            x
`

func happening(name string) (e tickets.Event, t tickets.Ticket) {
	t = tickets.Ticket{
		ID: "t", Number: "2026-000001", Status: tickets.Working, Author: "author", Beneficiary: tickets.Beneficiary{Name: "B", Person: "beneficiary"},
		Observers: []account.PersonID{"observer"}, Channel: "phone",
	}
	e = tickets.Event{Seq: 7, Ticket: "t", By: "operator", Public: true, At: noon}
	what, how, _ := strings.Cut(name, ", ")
	if by, of := strings.CutPrefix(how, "of the "); of {
		e.By = account.PersonID(by)
	}
	switch what {
	case "opened":
		e.Kind, e.By = tickets.KindOpened, "author"
	case "message":
		e.Kind = tickets.KindMessage
	case "file":
		e.Kind = tickets.KindAttached
	case "note":
		e.Kind, e.Public = tickets.KindNote, false
	case "rated":
		e.Kind, e.By = tickets.KindRated, "author"
	case "warned", "reminded":
		e.Kind, e.By = tickets.Kind(what), ""
	case "team":
		e.Kind, e.Field = tickets.KindChanged, tickets.ChangedTeam
	case "assignee":
		e.Kind, e.Field, e.Public = tickets.KindChanged, tickets.ChangedAssignee, false
	case "subject":
		e.Kind, e.Field = tickets.KindChanged, tickets.ChangedSubject
	case "merged":
		e.Kind, e.Field, e.New = tickets.KindLinked, string(tickets.DuplicateOf), "2026-000002"
	case "linked":
		e.Kind, e.Field, e.Public = tickets.KindLinked, string(tickets.Related), false
	default:
		e.Kind, e.To = tickets.KindMoved, tickets.Status(what)
	}
	switch how {
	case "in a conversation":
		t.Conversation = "c"
	case "by the author's answer":
		e.By = "author"
	case "while it waits":
		t.Status = tickets.Waiting
	case "two days ago":
		e.At = noon.Add(-48 * time.Hour)
	}
	return e, t
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestEachOfThePeopleHearsWhatTheTableSays(t *testing.T) {
	lines := strings.Split(strings.Trim(hears, "\n"), "\n")
	people := strings.Fields(lines[0])
	for _, line := range lines[1:] {
		name, want := strings.TrimSpace(line[:34]), strings.Fields(line[34:])
		e, one := happening(name)
		for i, who := range people {
			got := "x"
			if n, told := bot.NoticeOf(e, one, account.PersonID(who), noon); told {
				if got = string(n.Kind); n.Needed() {
					got = strings.ToUpper(got)
				}
			}
			if got != want[i] {
				t.Errorf("%s: the %s hears %s, want %s", name, who, got, want[i])
			}
		}
		for _, nobody := range []account.PersonID{"", "operator", "somebody else"} {
			if n, told := bot.NoticeOf(e, one, nobody, noon); told {
				t.Errorf("%s: %q hears %s", name, nobody, n.Kind)
			}
		}
	}
}

func TestQuietHoursEndWhenTheySay(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, rome) }
	night := account.Preferences{QuietFrom: 20 * 60, QuietUntil: 7*60 + 30}
	for name, test := range map[string]struct {
		p         account.Preferences
		now, want time.Time
	}{
		"none":                              {account.Preferences{}, at(23, 3, 0), time.Time{}},
		"before them":                       {night, at(23, 19, 59), time.Time{}},
		"in the evening":                    {night, at(23, 20, 0), at(24, 7, 30)},
		"after midnight":                    {night, at(24, 0, 10), at(24, 7, 30)},
		"at their end":                      {night, at(24, 7, 30), time.Time{}},
		"the night in which summer ends":    {night, at(24, 23, 0), at(25, 7, 30)},
		"at noon, of somebody who has naps": {account.Preferences{QuietFrom: 13 * 60, QuietUntil: 14 * 60}, at(23, 13, 30), at(23, 14, 0)},
	} {
		if got := bot.QuietEnd(test.p, test.now); !got.Equal(test.want) {
			t.Errorf("%s: they end %v, want %v", name, got, test.want)
		}
	}
}
