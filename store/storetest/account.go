package storetest

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"sportello/account"
	"sportello/internal/fault"
)

// noon is when the suites begin. Databases keep milliseconds.
var noon = time.Date(2026, 11, 23, 11, 0, 0, 7_000_000, time.UTC)

// Account is what every account.Store promises. open returns an empty one.
func Account(t *testing.T, open func(t *testing.T) account.Store) {
	tests := map[string]func(*testing.T, account.Store){
		"a person is found by ID, address and identity":               personFound,
		"what is not there is not found":                              accountAbsent,
		"two persons cannot have one address":                         addressTaken,
		"a person changed meanwhile is not overwritten":               personConflict,
		"an identity moves to whoever linked it last":                 identityMoves,
		"a new challenge takes the place of the earlier one":          challengeReplaced,
		"an attempt at a code counts once":                            attemptCountsOnce,
		"a spent code cannot be tried":                                spentCode,
		"codes sent are counted by address and by identity":           sendsCounted,
		"a change is kept whole or not at all":                        accountWhole,
		"challenges older than a day are forgotten":                   challengesForgotten,
		"people are listed by address, identities by the latest link": accountLists,
		"teams, preferences and a shared mailbox are kept":            personWhole,
		"people are read by their IDs":                                peopleByID,
		"people are found by parts of name and address":               peopleFound,
		"an address is admitted once, however many ask":               admittedOnce,
		"a nonce counts once, with all that depends on it":            nonceOnce,
		"a person's chats are listed and ended by them only":          chatsEnded,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// must fails the test at once on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantFault fails the test unless err is of this kind.
func wantFault(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("error is %v, want one of kind %s", err, kind)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

var widget = account.Identity{Channel: "widget", PlatformID: "visitor-1"}

// aPerson keeps a person and returns them as kept.
func aPerson(t *testing.T, s account.Store, email string) account.Person {
	t.Helper()
	p := account.NewPerson(email, false, "it", noon)
	must(t, s.Apply(t.Context(), account.Change{Person: &p}))
	p.Version = 1
	return p
}

func aChallenge(t *testing.T, s account.Store, identity account.Identity, email string, at time.Time) (account.Challenge, string) {
	t.Helper()
	c, code, err := account.NewChallenge(identity, email, at, rand.Reader)
	must(t, err)
	must(t, s.Apply(t.Context(), account.Change{Challenge: &c}))
	return c, code
}

func personFound(t *testing.T, s account.Store) {
	p := account.NewPerson("anna.bianchi@giustizia.it", true, "en", noon)
	p.Name, p.Office, p.Area, p.Phone = "Anna Bianchi", "Tribunale di Bari", "sud", "080 123456"
	p.Roles = []account.Role{account.User, account.Operator}
	must(t, s.Apply(t.Context(), account.Change{Person: &p, Link: &account.Link{Identity: widget, Person: p.ID, At: noon}}))
	p.Version = 1
	byID, err := s.Person(t.Context(), p.ID)
	must(t, err)
	same(t, "by ID", byID, p)
	byEmail, err := s.PersonByEmail(t.Context(), p.Email)
	must(t, err)
	same(t, "by address", byEmail, p)
	byIdentity, err := s.PersonByIdentity(t.Context(), widget)
	must(t, err)
	same(t, "by identity", byIdentity, p)

	p.Phone, p.Roles = "", []account.Role{account.User}
	must(t, s.Apply(t.Context(), account.Change{Person: &p}))
	p.Version = 2
	changed, err := s.Person(t.Context(), p.ID)
	must(t, err)
	same(t, "changed", changed, p)
}

func accountAbsent(t *testing.T, s account.Store) {
	_, err := s.Person(t.Context(), "nobody")
	wantFault(t, err, fault.NotFound)
	_, err = s.PersonByEmail(t.Context(), "nobody@giustizia.it")
	wantFault(t, err, fault.NotFound)
	_, err = s.PersonByIdentity(t.Context(), widget)
	wantFault(t, err, fault.NotFound)
	_, err = s.Challenge(t.Context(), widget)
	wantFault(t, err, fault.NotFound)
	must(t, s.Apply(t.Context(), account.Change{}))
}

func addressTaken(t *testing.T, s account.Store) {
	aPerson(t, s, "anna@giustizia.it")
	twin := account.NewPerson("anna@giustizia.it", false, "it", noon)
	wantFault(t, s.Apply(t.Context(), account.Change{Person: &twin}), fault.Conflict)
	other := aPerson(t, s, "bruno@giustizia.it")
	other.Email = "anna@giustizia.it"
	wantFault(t, s.Apply(t.Context(), account.Change{Person: &other}), fault.Conflict)
}

func personConflict(t *testing.T, s account.Store) {
	read := aPerson(t, s, "anna@giustizia.it")
	demoted := read
	demoted.Roles = nil
	must(t, s.Apply(t.Context(), account.Change{Person: &demoted}))
	read.Phone = "1"
	wantFault(t, s.Apply(t.Context(), account.Change{Person: &read}), fault.Conflict)
}

func identityMoves(t *testing.T, s account.Store) {
	anna, bruno := aPerson(t, s, "anna@giustizia.it"), aPerson(t, s, "bruno@giustizia.it")
	for _, p := range []account.Person{anna, bruno} {
		must(t, s.Apply(t.Context(), account.Change{Link: &account.Link{Identity: widget, Person: p.ID, At: noon}}))
	}
	owner, err := s.PersonByIdentity(t.Context(), widget)
	must(t, err)
	same(t, "owner", owner.ID, bruno.ID)
	must(t, s.Apply(t.Context(), account.Change{Unlink: &widget}))
	_, err = s.PersonByIdentity(t.Context(), widget)
	wantFault(t, err, fault.NotFound)
}

func challengeReplaced(t *testing.T, s account.Store) {
	aChallenge(t, s, widget, "anna@giustizia.it", noon)
	second, _ := aChallenge(t, s, widget, "bruno@giustizia.it", noon)
	latest, err := s.Challenge(t.Context(), widget)
	must(t, err)
	same(t, "latest challenge", latest, second)
	_, err = s.Challenge(t.Context(), account.Identity{Channel: "telegram", PlatformID: widget.PlatformID})
	wantFault(t, err, fault.NotFound)
}

func attemptCountsOnce(t *testing.T, s account.Store) {
	c, _ := aChallenge(t, s, widget, "anna@giustizia.it", noon)
	one, wrong := c.Verify("no code", noon)
	wantFault(t, wrong, fault.Invalid)
	must(t, s.Apply(t.Context(), account.Change{Challenge: &one}))
	wantFault(t, s.Apply(t.Context(), account.Change{Challenge: &one}), fault.Conflict)
	kept, err := s.Challenge(t.Context(), widget)
	must(t, err)
	same(t, "attempts", kept.Attempts, 1)
}

func spentCode(t *testing.T, s account.Store) {
	c, code := aChallenge(t, s, widget, "anna@giustizia.it", noon)
	right, err := c.Verify(code, noon)
	must(t, err)
	must(t, s.Apply(t.Context(), account.Change{Challenge: &right, Spent: &widget}))
	_, err = s.Challenge(t.Context(), widget)
	wantFault(t, err, fault.NotFound)
	again, err := right.Verify(code, noon)
	must(t, err)
	wantFault(t, s.Apply(t.Context(), account.Change{Challenge: &again}), fault.Conflict)
}

func sendsCounted(t *testing.T, s account.Store) {
	other := account.Identity{Channel: "widget", PlatformID: "visitor-2"}
	aChallenge(t, s, widget, "anna@giustizia.it", noon)
	aChallenge(t, s, widget, "bruno@giustizia.it", noon.Add(time.Minute))
	aChallenge(t, s, other, "anna@giustizia.it", noon.Add(2*time.Minute))
	sends, err := s.Sends(t.Context(), widget, "anna@giustizia.it", noon.Add(-time.Hour))
	must(t, err)
	same(t, "sends to the address", len(sends.ToAddress), 2)
	same(t, "sends for the identity", len(sends.ForIdentity), 2)
	late, err := s.Sends(t.Context(), widget, "anna@giustizia.it", noon.Add(time.Minute))
	must(t, err)
	same(t, "sends after the first minute", late, account.Sends{ToAddress: []time.Time{noon.Add(2 * time.Minute)}})
}

func accountWhole(t *testing.T, s account.Store) {
	aPerson(t, s, "anna@giustizia.it")
	c, _, err := account.NewChallenge(widget, "anna@giustizia.it", noon, rand.Reader)
	must(t, err)
	fresh := account.NewPerson("bruno@giustizia.it", false, "it", noon)
	wantFault(t, s.Apply(t.Context(), account.Change{
		Person: &fresh, Challenge: &account.Challenge{ID: c.ID, Identity: widget, Attempts: 1},
	}), fault.Conflict)
	_, err = s.Person(t.Context(), fresh.ID)
	wantFault(t, err, fault.NotFound)
}

func challengesForgotten(t *testing.T, s account.Store) {
	aChallenge(t, s, widget, "anna@giustizia.it", noon)
	aChallenge(t, s, widget, "anna@giustizia.it", noon.Add(25*time.Hour))
	sends, err := s.Sends(t.Context(), widget, "anna@giustizia.it", noon.Add(-time.Hour))
	must(t, err)
	same(t, "challenges kept", len(sends.ToAddress), 1)
}

func accountLists(t *testing.T, s account.Store) {
	bruno, anna := aPerson(t, s, "bruno@giustizia.it"), aPerson(t, s, "anna@giustizia.it")
	people, err := s.List(t.Context())
	must(t, err)
	same(t, "people", people, []account.Person{anna, bruno})
	bruno.Roles = []account.Role{account.User, account.Operator, account.Editor}
	must(t, s.Apply(t.Context(), account.Change{Person: &bruno}))
	bruno.Version++
	operators, err := s.Having(t.Context(), account.Operator)
	must(t, err)
	same(t, "operators", operators, []account.Person{bruno})
	managers, err := s.Having(t.Context(), account.Manager)
	must(t, err)
	same(t, "managers", len(managers), 0)
	first := account.Link{Identity: widget, Person: anna.ID, At: noon}
	second := account.Link{Identity: account.Identity{Channel: "telegram", PlatformID: "7"}, Person: anna.ID, At: noon.Add(time.Minute)}
	must(t, s.Apply(t.Context(), account.Change{Link: &first}))
	must(t, s.Apply(t.Context(), account.Change{Link: &second}))
	links, err := s.Identities(t.Context(), anna.ID)
	must(t, err)
	same(t, "identities", links, []account.Link{second, first})
}

func personWhole(t *testing.T, s account.Store) {
	p := account.NewPerson("ufficio.protocollo@giustizia.it", false, "it", noon)
	p.Shared, p.Teams = true, []string{"postazioni", "rete"}
	p.Preferences = account.Preferences{MailOff: true, ChatOff: true, QuietFrom: 22 * 60, QuietUntil: 7 * 60}
	must(t, s.Apply(t.Context(), account.Change{Person: &p}))
	p.Version = 1
	kept, err := s.Person(t.Context(), p.ID)
	must(t, err)
	same(t, "person", kept, p)
	p.Shared, p.Teams, p.Preferences = false, nil, account.Preferences{}
	must(t, s.Apply(t.Context(), account.Change{Person: &p}))
	p.Version = 2
	kept, err = s.Person(t.Context(), p.ID)
	must(t, err)
	same(t, "changed", kept, p)
}

func peopleByID(t *testing.T, s account.Store) {
	want, ids := map[account.PersonID]account.Person{}, []account.PersonID{"nobody"}
	for i := range 13 {
		p := aPerson(t, s, fmt.Sprintf("p%d@giustizia.it", i))
		want[p.ID], ids = p, append(ids, p.ID, p.ID)
	}
	got, err := s.People(t.Context(), ids)
	must(t, err)
	same(t, "people", got, want)
	got, err = s.People(t.Context(), nil)
	must(t, err)
	same(t, "nobody asked for", len(got), 0)
}

func peopleFound(t *testing.T, s account.Store) {
	for address, name := range map[string]string{
		"anna.bianchi@giustizia.it": "Anna Bianchi", "n.dangelo@giustizia.it": "Niccolò D'Angelo",
		"anna_verdi@giustizia.it": "Anna Verdi", "ufficio100%@giustizia.it": "",
	} {
		p := account.NewPerson(address, false, "it", noon)
		p.Name = name
		must(t, s.Apply(t.Context(), account.Change{Person: &p}))
	}
	for text, want := range map[string][]string{
		"anna":        {"Anna Bianchi", "Anna Verdi"},
		"VERDI anna":  {"Anna Verdi"},
		"nicco":       {"Niccolò D'Angelo"},
		"Niccolò":     {"Niccolò D'Angelo"},
		"d'angelo":    {"Niccolò D'Angelo"},
		"bianchi@giu": {"Anna Bianchi"},
		"a_v":         {"Anna Verdi"},
		"100%":        {"ufficio100%@giustizia.it"},
		"nobody":      nil,
		"  ":          nil,
	} {
		people, err := s.Find(t.Context(), text, 10)
		must(t, err)
		var got []string
		for _, p := range people {
			got = append(got, p.Called())
		}
		same(t, "found by "+text, got, want)
	}
	few, err := s.Find(t.Context(), "giustizia", 2)
	must(t, err)
	same(t, "at most two", len(few), 2)
}

func admittedOnce(t *testing.T, s account.Store) {
	known := aPerson(t, s, "anna@giustizia.it")
	again, err := s.Admit(t.Context(), account.NewPerson("anna@giustizia.it", true, "en", noon))
	must(t, err)
	same(t, "who was known", again, known)
	var group errgroup.Group
	got := make([]account.Person, 20)
	for i := range got {
		group.Go(func() (err error) {
			got[i], err = s.Admit(t.Context(), account.NewPerson("bruno@giustizia.it", false, "it", noon))
			return err
		})
	}
	must(t, group.Wait())
	for _, p := range got {
		same(t, "the one who is new", p, got[0])
	}
	same(t, "version", got[0].Version, 1)
}

func nonceOnce(t *testing.T, s account.Store) {
	anna := aPerson(t, s, "anna@giustizia.it")
	nonce := &account.Nonce{Word: "once", Until: noon.Add(time.Minute)}
	must(t, s.Apply(t.Context(), account.Change{Nonce: nonce, Link: &account.Link{Identity: widget, Person: anna.ID, At: noon}}))
	other := account.Identity{Channel: "widget", PlatformID: "visitor-2"}
	wantFault(t, s.Apply(t.Context(), account.Change{Nonce: nonce, Link: &account.Link{Identity: other, Person: anna.ID, At: noon}}), fault.Conflict)
	_, err := s.PersonByIdentity(t.Context(), other)
	wantFault(t, err, fault.NotFound)
}

func chatsEnded(t *testing.T, s account.Store) {
	anna, bruno := aPerson(t, s, "anna@giustizia.it"), aPerson(t, s, "bruno@giustizia.it")
	provider := account.Identity{Channel: account.ProviderChannel + "azienda", PlatformID: "1"}
	for i, identity := range []account.Identity{widget, provider} {
		must(t, s.Apply(t.Context(), account.Change{Link: &account.Link{Identity: identity, Person: anna.ID, At: noon.Add(time.Duration(i) * time.Minute)}}))
	}
	links := account.Links{Store: s}
	mine, err := links.Of(t.Context(), anna.ID)
	must(t, err)
	same(t, "chats", mine, []account.Link{{Identity: widget, Person: anna.ID, At: noon}})
	wantFault(t, links.End(t.Context(), bruno.ID, widget), fault.NotFound)
	wantFault(t, links.End(t.Context(), anna.ID, provider), fault.NotFound)
	must(t, links.End(t.Context(), anna.ID, widget))
	wantFault(t, links.End(t.Context(), anna.ID, widget), fault.NotFound)
	_, err = s.PersonByIdentity(t.Context(), widget)
	wantFault(t, err, fault.NotFound)
}
