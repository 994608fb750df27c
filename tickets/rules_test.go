package tickets_test

import (
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

var (
	noon     = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	anna     = account.Person{ID: "anna", Email: "anna@giustizia.it", Roles: []account.Role{account.User}}
	bruno    = account.Person{ID: "bruno", Email: "bruno@giustizia.it", Roles: []account.Role{account.User}}
	carla    = account.Person{ID: "carla", Email: "carla@giustizia.it", Roles: []account.Role{account.User}}
	operator = account.Person{ID: "operator", Roles: []account.Role{account.Operator}}
	stranger = account.Person{}
)

func stamp(p account.Person) tickets.Stamp { return tickets.Stamp{By: p, At: noon, Key: "k"} }

// ticket is one of Anna for Bruno, that Carla observes, in a status.
func ticket(t *testing.T, status tickets.Status) tickets.Ticket {
	t.Helper()
	c, err := tickets.Open(tickets.Draft{
		Subject: "Consolle: fascicoli non aggiornati", Body: "Da ieri.", Observers: []account.PersonID{carla.ID},
		Beneficiary: tickets.Beneficiary{Name: "Bruno", Email: bruno.Email, Person: bruno.ID},
	}, "2026-004512", stamp(anna))
	if err != nil {
		t.Fatal(err)
	}
	c.Ticket.Status = status
	return c.Ticket
}

// The moves of a ticket: the way of the domain brief, and closing or
// cancelling what is open.
const moves = `
           received taken working waiting solved closed reopened cancelled
received   .        x     .       x       .      x      .        x
taken      .        .     x       x       .      x      .        x
working    .        .     .       x       x      x      .        x
waiting    x        .     x       .       x      x      .        x
solved     .        .     .       .       .      x      x        .
closed     .        .     .       .       .      .      x        .
reopened   .        x     x       x       .      x      .        x
cancelled  .        .     .       .       .      .      .        .
`

func TestATicketMovesAsTheTableSays(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(moves), "\n")
	columns := strings.Fields(lines[0])
	if len(columns) != len(tickets.Statuses) {
		t.Fatalf("the table has %d statuses of %d", len(columns), len(tickets.Statuses))
	}
	for _, line := range lines[1:] {
		row := strings.Fields(line)
		for i, to := range columns {
			if got := tickets.Status(row[0]).CanBecome(tickets.Status(to)); got != (row[i+1] == "x") {
				t.Errorf("%s → %s is %v", row[0], to, got)
			}
		}
	}
}

func TestNoWalkBreaksARule(t *testing.T) {
	walk := func(steps []uint8) bool {
		k := ticket(t, tickets.Received)
		for _, step := range steps {
			to := tickets.Statuses[int(step)%len(tickets.Statuses)]
			c, err := k.Move(to, "perché", stamp(operator))
			if allowed := k.Status.CanBecome(to); allowed != (err == nil) {
				t.Logf("%s → %s: %v", k.Status, to, err)
				return false
			}
			if err != nil {
				continue
			}
			e := c.Happened[0]
			if c.Ticket.Version != k.Version+1 || e.From != k.Status || e.To != to || c.Ticket.Status != to || e.Kind != tickets.KindMoved {
				t.Logf("%s → %s became %+v", k.Status, to, c)
				return false
			}
			k = c.Ticket
		}
		return true
	}
	if err := quick.Check(walk, nil); err != nil {
		t.Error(err)
	}
}

func TestWhoIsNotOnATicketDoesNotKnowItExists(t *testing.T) {
	outsider := account.Person{ID: "x", Roles: []account.Role{account.User, account.Editor, account.Administrator}}
	for _, by := range []account.Person{outsider, stranger} {
		for name, act := range acts {
			for _, status := range tickets.Statuses {
				_, err := act(ticket(t, status), stamp(by))
				if phrase, _ := fault.Public(err); !fault.Is(err, fault.NotFound) || phrase != "ticket.not_found" {
					t.Errorf("%s of a ticket %s by %q: %v", name, status, by.ID, err)
				}
			}
		}
	}
}

type act func(tickets.Ticket, tickets.Stamp) (tickets.Change, error)

var acts = map[string]act{
	"say": func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return k.Say(tickets.Message{Text: "x"}, s)
	},
	"note": func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return k.Say(tickets.Message{Text: "x", Internal: true}, s)
	},
	"move":  func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Move(tickets.Taken, "", s) },
	"close": func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Close("", s) },
	"reopen": func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return k.Reopen("", tickets.DefaultReopening, s)
	},
	"rate": func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Rate(4, "", s) },
}

func TestEachActIsForThoseWhoMay(t *testing.T) {
	for name, test := range map[string]struct {
		act    string
		status tickets.Status
		may    []account.PersonID
	}{
		"a message":      {"say", tickets.Received, []account.PersonID{"anna", "bruno", "operator"}},
		"a note":         {"note", tickets.Closed, []account.PersonID{"operator"}},
		"a move":         {"move", tickets.Received, []account.PersonID{"operator"}},
		"closing":        {"close", tickets.Received, []account.PersonID{"anna", "bruno", "operator"}},
		"reopening":      {"reopen", tickets.Solved, []account.PersonID{"anna", "bruno", "operator"}},
		"rating, solved": {"rate", tickets.Solved, []account.PersonID{"anna", "bruno"}},
		"rating, closed": {"rate", tickets.Closed, []account.PersonID{"anna", "bruno"}},
	} {
		for _, by := range []account.Person{anna, bruno, carla, operator} {
			_, err := acts[test.act](ticket(t, test.status), stamp(by))
			if may := slices.Contains(test.may, by.ID); may != (err == nil) || !may && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s by %s: %v", name, by.ID, err)
			}
		}
	}
}

func TestWhatIsRefusedAndHow(t *testing.T) {
	long := strings.Repeat("è", 20_001)
	say := func(text string) act {
		return func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return k.Say(tickets.Message{Text: text}, s)
		}
	}
	rate := func(score int) act {
		return func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Rate(score, "", s) }
	}
	move := func(to tickets.Status, note string) act {
		return func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Move(to, note, s) }
	}
	for name, test := range map[string]struct {
		status tickets.Status
		by     account.Person
		act    act
		phrase string
	}{
		"an empty message":             {tickets.Received, anna, say(" \n"), "ticket.message_missing"},
		"a message without end":        {tickets.Received, anna, say(long), "ticket.message_long"},
		"a message on a closed one":    {tickets.Closed, anna, say("x"), "ticket.message_closed"},
		"a message on a cancelled one": {tickets.Cancelled, operator, say("x"), "ticket.message_closed"},
		"waiting without a question":   {tickets.Working, operator, move(tickets.Waiting, " "), "ticket.waiting_question"},
		"a move that is none":          {tickets.Received, operator, move(tickets.Solved, ""), "ticket.move"},
		"a status nobody knows":        {tickets.Received, operator, move("lost", ""), "ticket.move"},
		"closing what is closed":       {tickets.Closed, anna, acts["close"], "ticket.move"},
		"reopening what is open":       {tickets.Working, anna, acts["reopen"], "ticket.move"},
		"rating what is open":          {tickets.Working, anna, rate(3), "ticket.rate_open"},
		"rating by zero":               {tickets.Closed, anna, rate(0), "ticket.rate_score"},
		"rating by six":                {tickets.Closed, anna, rate(6), "ticket.rate_score"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.act(ticket(t, test.status), stamp(test.by))
			if phrase, _ := fault.Public(err); phrase != test.phrase {
				t.Errorf("error is %v, want %s", err, test.phrase)
			}
		})
	}
}

func TestAnAnswerEndsTheWaiting(t *testing.T) {
	for name, test := range map[string]struct {
		by       account.Person
		internal bool
		want     tickets.Status
	}{
		"of the author":           {anna, false, tickets.Working},
		"of the beneficiary":      {bruno, false, tickets.Working},
		"but not of the operator": {operator, false, tickets.Waiting},
		"nor does a note":         {operator, true, tickets.Waiting},
	} {
		waiting := ticket(t, tickets.Waiting)
		waiting.Assignee = operator.ID
		c, err := waiting.Say(tickets.Message{Text: "L'etichetta è 4711.", Internal: test.internal}, stamp(test.by))
		if err != nil || c.Ticket.Status != test.want || c.Happened[0].Public == test.internal {
			t.Errorf("%s: %s, %v", name, c.Ticket.Status, err)
		}
	}
}

func TestNothingToBeSeenIsNoAnswer(t *testing.T) {
	for _, text := range []string{"", "  \n", "\u200b\u200b", "\u00ad \ufeff", "\u00a0"} {
		if _, err := ticket(t, tickets.Waiting).Say(tickets.Message{Text: text}, stamp(anna)); !fault.Is(err, fault.Invalid) {
			t.Errorf("an answer %q: %v", text, err)
		}
		if _, err := ticket(t, tickets.Received).Ask(text, stamp(operator)); !fault.Is(err, fault.Invalid) {
			t.Errorf("a question %q: %v", text, err)
		}
	}
}

func TestAnAnswerOnATicketThatNobodyHasPutsItBackIntoTheQueue(t *testing.T) {
	c, err := ticket(t, tickets.Waiting).Say(tickets.Message{Text: "4711"}, stamp(anna))
	if err != nil || c.Ticket.Status != tickets.Received {
		t.Errorf("%s, %v", c.Ticket.Status, err)
	}
}

func TestReopeningHasAnEnd(t *testing.T) {
	k := ticket(t, tickets.Closed)
	window := 30 * 24 * time.Hour
	late := stamp(anna)
	late.At = k.MovedAt.Add(window + time.Second)
	if _, err := k.Reopen("di nuovo", window, late); !fault.Is(err, fault.Invalid) {
		t.Errorf("after the window: %v", err)
	}
	late.At = k.MovedAt.Add(window)
	c, err := k.Reopen("di nuovo", window, late)
	if err != nil || c.Ticket.Status != tickets.Reopened || c.Happened[0].Text != "di nuovo" {
		t.Errorf("at its end: %+v, %v", c, err)
	}
}

func TestARatingIsKeptAndCanBeGivenAgain(t *testing.T) {
	c, err := ticket(t, tickets.Solved).Rate(2, " lenti ", stamp(anna))
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.Ticket.Rate(5, "", stamp(bruno)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&tickets.Rating{Score: 5, At: noon}, c.Ticket.Rating); diff != "" {
		t.Error(diff)
	}
}

func TestATicketOpens(t *testing.T) {
	d := tickets.Draft{Subject: "  Consolle:\nfascicoli ", Body: " Da ieri. ", Fields: map[string]string{"rg": "12/2026"}, Channel: "widget"}
	c, err := tickets.Open(d, "2026-004512", stamp(anna))
	if err != nil {
		t.Fatal(err)
	}
	k := c.Ticket
	if k.Subject != "Consolle: fascicoli" || k.Body != "Da ieri." || k.Status != tickets.Received || k.Author != anna.ID || k.Version != 1 || k.ID == "" {
		t.Errorf("opened as %+v", k)
	}
	if len(c.Happened) != 1 || c.Happened[0].Kind != tickets.KindOpened || c.Happened[0].Ticket != k.ID || c.Key != "k" {
		t.Errorf("happened: %+v", c)
	}
}

func TestATicketForOneselfHasNoBeneficiary(t *testing.T) {
	d := tickets.Draft{Subject: "PC", Body: "Lento.", Beneficiary: tickets.Beneficiary{Name: "Anna", Email: "Anna@giustizia.it"}}
	c, err := tickets.Open(d, "2026-000001", stamp(anna))
	if err != nil || c.Ticket.Beneficiary.Other() {
		t.Errorf("for %+v, %v", c.Ticket.Beneficiary, err)
	}
}

func TestATicketDoesNotOpen(t *testing.T) {
	good := tickets.Draft{Subject: "PC", Body: "Lento."}
	for name, test := range map[string]struct {
		draft  tickets.Draft
		by     account.Person
		phrase string
	}{
		"for a stranger":        {good, stranger, "ticket.open_unknown"},
		"without a subject":     {good.With(tickets.FieldSubject, " \n"), anna, "ticket.subject_missing"},
		"with a long subject":   {good.With(tickets.FieldSubject, strings.Repeat("è", 81)), anna, "ticket.subject_long"},
		"without a description": {good.With(tickets.FieldBody, ""), anna, "ticket.body_missing"},
		"with one without end":  {good.With(tickets.FieldBody, strings.Repeat("è", 20_001)), anna, "ticket.body_long"},
	} {
		_, err := tickets.Open(test.draft, "2026-000001", stamp(test.by))
		if phrase, _ := fault.Public(err); phrase != test.phrase {
			t.Errorf("%s: %v, want %s", name, err, test.phrase)
		}
	}
}

func TestSecretsAreInNoTicket(t *testing.T) {
	const secret = "la mia password è Segreta123!"
	d := tickets.Draft{
		Subject: secret, Body: secret, ErrorText: secret, Since: secret, Deadline: secret, Office: secret,
		Fields: map[string]string{"reason": secret},
	}
	opened, err := tickets.Open(d, "2026-000001", stamp(anna))
	if err != nil {
		t.Fatal(err)
	}
	said, err := opened.Ticket.Say(tickets.Message{Text: secret}, stamp(anna))
	if err != nil {
		t.Fatal(err)
	}
	closed, err := said.Ticket.Close(secret, stamp(anna))
	if err != nil {
		t.Fatal(err)
	}
	rated, err := closed.Ticket.Rate(1, secret, stamp(anna))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []tickets.Change{opened, said, closed, rated} {
		if text := cmp.Diff(tickets.Change{}, c); strings.Contains(text, "Segreta") {
			t.Errorf("kept a password:\n%s", text)
		}
	}
	if d.Fields["reason"] != secret {
		t.Error("the draft itself was changed")
	}
}
