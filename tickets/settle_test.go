package tickets_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sportello/account"
	"sportello/contacts"
	"sportello/internal/fault"
	"sportello/tickets"
)

// shippedTerms are those of the shipped content.
func shippedTerms(t testing.TB) tickets.Terms {
	t.Helper()
	files := os.DirFS("../content")
	book, err := contacts.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := tickets.ReadCatalogue(files)
	if err != nil {
		t.Fatal(err)
	}
	terms, err := tickets.ReadTerms(files, book, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	return terms
}

// rome is a moment on the help desk's clock. 24 November 2026 is a Tuesday.
func rome(t testing.TB, moment string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", moment, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestPriorityFollowsFromWhoIsAffectedAndHowSoon(t *testing.T) {
	terms := shippedTerms(t)
	for name, test := range map[string]struct {
		draft tickets.Draft
		want  tickets.Priority
	}{
		"one person, no hurry":                   {tickets.Draft{Impact: tickets.Me}, 3},
		"who is affected was not said":           {tickets.Draft{}, 3},
		"a whole seat":                           {tickets.Draft{Impact: tickets.Site}, 1},
		"one person, hearing today":              {tickets.Draft{Impact: tickets.Me, Deadline: "oggi, udienza"}, 2},
		"one person, an hour and no day":         {tickets.Draft{Impact: tickets.Me, Deadline: "udienza alle 11:30"}, 2},
		"one person, term in two weeks":          {tickets.Draft{Impact: tickets.Me, Deadline: "8/12/2026, termine"}, 3},
		"an office, tomorrow":                    {tickets.Draft{Impact: tickets.Office, Deadline: "domani"}, 1},
		"no deadline, said so":                   {tickets.Draft{Impact: tickets.Me, Deadline: "No, nessuna alle 10"}, 3},
		"information can wait":                   {tickets.Draft{RequestType: "informazioni", Impact: tickets.Me}, 4},
		"unless there is a deadline":             {tickets.Draft{RequestType: "informazioni", Impact: tickets.Me, Deadline: "today"}, 2},
		"what the operator said counts for more": {tickets.Draft{Impact: tickets.Me, Urgency: tickets.Low, Deadline: "oggi"}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			test.draft.Subject, test.draft.Body = "Consolle", "Non si apre."
			c, err := tickets.Open(test.draft, "2026-000001", tickets.Stamp{By: anna, At: rome(t, "2026-11-24 09:00")})
			if err != nil {
				t.Fatal(err)
			}
			if got := terms.Settle(c).Ticket.Priority; got != test.want {
				t.Errorf("priority %d, want %d", got, test.want)
			}
		})
	}
}

func TestATicketReachesTheTeamOfItsBranchAndArea(t *testing.T) {
	terms := shippedTerms(t)
	south := account.Person{ID: "p", Area: "sud"}
	for name, test := range map[string]struct {
		draft tickets.Draft
		about tickets.Application
		who   account.Person
		want  string
	}{
		"a branch of its own":                              {tickets.Draft{}, tickets.Application{ID: "sicoge", Phone: "3.1"}, south, "applicativi-esterni"},
		"the archive of interceptions":                     {tickets.Draft{}, tickets.Application{ID: "adi", Phone: "4"}, south, "adi"},
		"the area of the person":                           {tickets.Draft{}, tickets.Application{ID: "consolle", Phone: "1"}, south, "sud"},
		"no application, the area of the person":           {tickets.Draft{}, tickets.Application{}, south, "sud"},
		"the office of the request, not of whoever writes": {tickets.Draft{Office: "Corte Suprema di Cassazione"}, tickets.Application{ID: "pdl", Phone: "1"}, south, "cassazione"},
		"the area of the form":                             {tickets.Draft{Area: "nord"}, tickets.Application{}, south, "nord"},
		"no area known":                                    {tickets.Draft{}, tickets.Application{}, account.Person{}, "smistamento"},
		"an area without a team":                           {tickets.Draft{Area: "isole"}, tickets.Application{}, south, "smistamento"},
		"a team that was chosen":                           {tickets.Draft{Team: "centro"}, tickets.Application{ID: "sicoge", Phone: "3.1"}, south, "centro"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := terms.Route(test.draft, test.about, test.who).Team; got != test.want {
				t.Errorf("team %q, want %q", got, test.want)
			}
		})
	}
}

// worked is a ticket of priority 3 (30 working hours) that olga works on since
// Tuesday at nine.
func worked(t *testing.T, terms tickets.Terms) tickets.Ticket {
	t.Helper()
	at := rome(t, "2026-11-24 09:00")
	c, err := tickets.Open(tickets.Draft{Subject: "Consolle", Body: "Non si apre.", Impact: tickets.Me}, "2026-000001", tickets.Stamp{By: anna, At: at})
	if err != nil {
		t.Fatal(err)
	}
	k := terms.Settle(c).Ticket
	for _, to := range []tickets.Status{tickets.Taken, tickets.Working} {
		c, err := k.Move(to, "", tickets.Stamp{By: operator, At: at})
		if err != nil {
			t.Fatal(err)
		}
		k = terms.Settle(c).Ticket
	}
	return k
}

func TestTheClockStandsWhileTheTicketWaitsForAnAnswer(t *testing.T) {
	terms := shippedTerms(t)
	k := worked(t, terms)
	if want := rome(t, "2026-11-27 09:00"); !k.DueAt.Equal(want) {
		t.Fatalf("due %s, want thirty working hours later, %s", k.DueAt, want)
	}
	asked, err := k.Ask("Quale etichetta ha il PC?", tickets.Stamp{By: operator, At: rome(t, "2026-11-24 14:00")})
	if err != nil {
		t.Fatal(err)
	}
	k = terms.Settle(asked).Ticket
	if !k.DueAt.IsZero() || k.Left != 25*time.Hour {
		t.Fatalf("due %s with %s left, want no due time and 25 hours left", k.DueAt, k.Left)
	}
	if want := rome(t, "2026-11-27 14:00"); !k.WakeAt.Equal(want) {
		t.Errorf("reminds %s, want three working days later", k.WakeAt)
	}
	said, err := k.Say(tickets.Message{Text: "4711"}, tickets.Stamp{By: anna, At: rome(t, "2026-11-26 08:00")})
	if err != nil {
		t.Fatal(err)
	}
	k = terms.Settle(said).Ticket
	if want := rome(t, "2026-11-28 13:00"); k.Left != 0 || !k.DueAt.Equal(want) || !k.WakeAt.IsZero() {
		t.Errorf("due %s, wakes %s, want %s and never: the days of waiting do not count", k.DueAt, k.WakeAt, want)
	}
}

func TestWhatIsWeighedAnewKeepsTheTimeItUsedUp(t *testing.T) {
	terms := shippedTerms(t)
	k := worked(t, terms)
	c, err := k.Weigh(tickets.Office, tickets.Normal, tickets.Stamp{By: operator, At: rome(t, "2026-11-24 12:00")})
	if err != nil {
		t.Fatal(err)
	}
	k = terms.Settle(c).Ticket
	if want := rome(t, "2026-11-25 09:00"); k.Priority != 2 || !k.DueAt.Equal(want) {
		t.Errorf("priority %d, due %s; want 2 and ten working hours after it was opened, %s", k.Priority, k.DueAt, want)
	}
	if _, err := k.Weigh("world", tickets.High, tickets.Stamp{By: operator}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an impact that does not exist: %v", err)
	}
}

func TestASolvedTicketIsClosedAfterItsPeopleWereTold(t *testing.T) {
	terms := shippedTerms(t)
	c, err := worked(t, terms).Move(tickets.Solved, "Fatto.", tickets.Stamp{By: operator, At: rome(t, "2026-11-24 15:00")})
	if err != nil {
		t.Fatal(err)
	}
	k := terms.Settle(c).Ticket
	if _, due := terms.Wake(k, tickets.Stamp{At: rome(t, "2026-11-27 14:59")}); due {
		t.Error("woke before its time")
	}
	warned, due := terms.Wake(k, tickets.Stamp{At: rome(t, "2026-11-27 15:00")})
	if !due || warned.Happened[0].Kind != tickets.KindWarned || warned.Ticket.Status != tickets.Solved {
		t.Fatalf("after three working days: %+v", warned.Happened)
	}
	k = warned.Ticket
	if want := rome(t, "2026-11-30 15:00"); !k.WakeAt.Equal(want) {
		t.Fatalf("will be closed %s, want %s: five working days after it was solved", k.WakeAt, want)
	}
	closed, due := terms.Wake(k, tickets.Stamp{At: k.WakeAt})
	if !due || closed.Ticket.Status != tickets.Closed || !closed.Ticket.WakeAt.IsZero() || closed.Happened[0].By != "" {
		t.Errorf("then: %+v", closed)
	}
	reopened, err := closed.Ticket.Reopen("Di nuovo.", terms.Reopening(), tickets.Stamp{By: anna, At: rome(t, "2026-12-02 09:00")})
	if err != nil {
		t.Fatal(err)
	}
	if k := terms.Settle(reopened).Ticket; k.DueAt.IsZero() || !k.WakeAt.IsZero() {
		t.Errorf("reopened: due %s, wakes %s", k.DueAt, k.WakeAt)
	}
}

func TestMistakesInTheTermsAreToldAllAtOnce(t *testing.T) {
	files := os.DirFS("../content")
	book, _ := contacts.Read(files)
	catalogue, _ := tickets.ReadCatalogue(files)
	_, err := tickets.ReadTerms(fstest.MapFS{"service.yaml": &fstest.MapFile{Data: []byte(`
teams:
  - {id: uno, branch: "9.9", label: {it: Uno, en: One}}
  - {id: uno, label: {it: Uno}}
dispatch: nessuno
unhurried: [niente]
offices: [{words: Bari, area: luna}]
`)}}, book, catalogue)
	for _, want := range []string{`no branch "9.9"`, "used once", `lacks the language "en"`, `no team "nessuno"`, "priorities: me and high", "hours: priority 4", `no request type "niente"`, `area "luna"`, "closing.after"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the mistakes do not tell %q: %v", want, err)
		}
	}
}
