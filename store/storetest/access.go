package storetest

import (
	"slices"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

// Access is all that keeps who may come in: what a database offers to the
// sign-in and to programs.
type Access interface {
	account.Store
	account.TokenStore
	account.SessionStore
	account.CredentialStore
	account.ThrottleStore
}

// AccountAccess is what every Access promises. open returns an empty one.
func AccountAccess(t *testing.T, open func(t *testing.T) Access) {
	tests := map[string]func(*testing.T, Access){
		"a token is found by its secret and listed by its person": tokenFound,
		"a token is revoked by its owner only, and for good":      tokenRevoked,
		"a session is kept until it is over":                      sessionKept,
		"a session that was ended does not come back":             sessionEnded,
		"a change of roles, teams or password signs out":          changeSignsOut,
		"a credential changed meanwhile is not overwritten":       credentialConflict,
		"attempts are counted by name, and forgiven":              attemptsCounted,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func aToken(t *testing.T, s Access, person account.PersonID, at time.Time) (account.Token, string) {
	t.Helper()
	token, secret, err := account.NewToken(person, "itsm", []account.Scope{account.TicketsRead, account.Webhooks}, at, 24*time.Hour)
	must(t, err)
	must(t, s.AddToken(t.Context(), token))
	return token, secret
}

func tokenFound(t *testing.T, s Access) {
	anna, bruno := aPerson(t, s, "anna@giustizia.it"), aPerson(t, s, "bruno@giustizia.it")
	first, secret := aToken(t, s, anna.ID, noon)
	second, _ := aToken(t, s, anna.ID, noon.Add(time.Minute))
	aToken(t, s, bruno.ID, noon)
	keys := account.Keyring{Tokens: s, People: s, Now: func() time.Time { return noon.Add(time.Hour) }}
	held, holder, err := keys.Holder(t.Context(), secret)
	must(t, err)
	first.UsedAt = noon.Add(time.Hour).Truncate(time.Minute)
	same(t, "token", held, first)
	same(t, "holder", holder, anna)
	list, err := s.Tokens(t.Context(), anna.ID)
	must(t, err)
	same(t, "tokens of Anna", list, []account.Token{second, first})
	_, err = s.TokenByHash(t.Context(), []byte("nothing"))
	wantFault(t, err, fault.NotFound)
}

func tokenRevoked(t *testing.T, s Access) {
	anna, bruno := aPerson(t, s, "anna@giustizia.it"), aPerson(t, s, "bruno@giustizia.it")
	token, secret := aToken(t, s, anna.ID, noon)
	wantFault(t, s.RevokeToken(t.Context(), bruno.ID, token.ID, noon), fault.NotFound)
	must(t, s.RevokeToken(t.Context(), anna.ID, token.ID, noon.Add(time.Minute)))
	must(t, s.RevokeToken(t.Context(), anna.ID, token.ID, noon.Add(time.Hour)))
	kept, err := s.TokenByHash(t.Context(), token.Hash)
	must(t, err)
	same(t, "revoked at", kept.RevokedAt, noon.Add(time.Minute))
	keys := account.Keyring{Tokens: s, People: s, Now: func() time.Time { return noon.Add(time.Hour) }}
	_, _, err = keys.Holder(t.Context(), secret)
	wantFault(t, err, fault.Unauthenticated)
}

func sessionKept(t *testing.T, s Access) {
	anna := aPerson(t, s, "anna@giustizia.it")
	session := account.Session{Hash: []byte("one"), Person: anna.ID, Data: []byte("data"), Until: noon.Add(time.Hour)}
	must(t, s.BeginSession(t.Context(), session))
	nobody := account.Session{Hash: []byte("two"), Data: []byte("data"), Until: noon.Add(time.Hour)}
	must(t, s.BeginSession(t.Context(), nobody))
	kept, err := s.Session(t.Context(), session.Hash, noon)
	must(t, err)
	same(t, "session", kept, session)
	session.Until, session.Data = noon.Add(2*time.Hour), []byte("more")
	must(t, s.KeepSession(t.Context(), session))
	kept, err = s.Session(t.Context(), session.Hash, noon.Add(90*time.Minute))
	must(t, err)
	same(t, "session, kept longer", kept, session)
	_, err = s.Session(t.Context(), session.Hash, noon.Add(2*time.Hour))
	wantFault(t, err, fault.NotFound)
	kept, err = s.Session(t.Context(), nobody.Hash, noon)
	must(t, err)
	same(t, "session of nobody", kept, nobody)
}

func sessionEnded(t *testing.T, s Access) {
	anna := aPerson(t, s, "anna@giustizia.it")
	session := account.Session{Hash: []byte("one"), Person: anna.ID, Data: []byte{1}, Until: noon.Add(time.Hour)}
	must(t, s.BeginSession(t.Context(), session))
	must(t, s.EndSession(t.Context(), session.Hash))
	must(t, s.EndSession(t.Context(), session.Hash))
	session.Data = []byte{2}
	wantFault(t, s.KeepSession(t.Context(), session), fault.NotFound)
	_, err := s.Session(t.Context(), session.Hash, noon)
	wantFault(t, err, fault.NotFound)
	must(t, s.BeginSession(t.Context(), session))
	must(t, s.SignOut(t.Context(), anna.ID))
	_, err = s.Session(t.Context(), session.Hash, noon)
	wantFault(t, err, fault.NotFound)
}

func changeSignsOut(t *testing.T, s Access) {
	anna, bruno := aPerson(t, s, "anna@giustizia.it"), aPerson(t, s, "bruno@giustizia.it")
	must(t, s.SaveCredential(t.Context(), account.Credential{Person: anna.ID, Password: "one"}))
	signedIn := func() bool {
		t.Helper()
		_, err := s.Session(t.Context(), []byte("bruno"), noon)
		must(t, err)
		_, err = s.Session(t.Context(), []byte("anna"), noon)
		if err != nil {
			wantFault(t, err, fault.NotFound)
		}
		return err == nil
	}
	begin := func(hash string, p account.PersonID) {
		t.Helper()
		must(t, s.BeginSession(t.Context(), account.Session{Hash: []byte(hash), Person: p, Data: []byte{}, Until: noon.Add(time.Hour)}))
	}
	begin("bruno", bruno.ID)
	begin("anna", anna.ID)
	change := func(what string, to func(*account.Person), stays bool) {
		t.Helper()
		p, err := s.Person(t.Context(), anna.ID)
		must(t, err)
		to(&p)
		must(t, s.Apply(t.Context(), account.Change{Person: &p}))
		same(t, "still signed in after another "+what, signedIn(), stays)
		if !stays {
			begin("anna", anna.ID)
		}
	}
	change("name", func(p *account.Person) { p.Name = "Anna Bianchi" }, true)
	change("role", func(p *account.Person) { p.Roles = append(p.Roles, account.Operator) }, false)
	change("team", func(p *account.Person) { p.Teams = []string{"rete"} }, false)
	c, err := s.Credential(t.Context(), anna.ID)
	must(t, err)
	c.Step = 7
	must(t, s.SaveCredential(t.Context(), c))
	same(t, "still signed in after another code", signedIn(), true)
	c.Version++
	c.Password = "two"
	must(t, s.SaveCredential(t.Context(), c))
	same(t, "still signed in after another password", signedIn(), false)
}

func credentialConflict(t *testing.T, s Access) {
	anna := aPerson(t, s, "anna@giustizia.it")
	_, err := s.Credential(t.Context(), anna.ID)
	wantFault(t, err, fault.NotFound)
	c := account.Credential{
		Person: anna.ID, Password: "hash", Secret: []byte("secret"), Enrolled: true, Step: 3, Recovery: [][]byte{{1}, {2}}, ChangedAt: noon,
	}
	must(t, s.SaveCredential(t.Context(), c))
	wantFault(t, s.SaveCredential(t.Context(), c), fault.Conflict)
	c.Version = 1
	kept, err := s.Credential(t.Context(), anna.ID)
	must(t, err)
	same(t, "credential", kept, c)
	kept.Step = 4
	must(t, s.SaveCredential(t.Context(), kept))
	wantFault(t, s.SaveCredential(t.Context(), kept), fault.Conflict)
}

func attemptsCounted(t *testing.T, s Access) {
	for i := range 3 {
		times, err := s.Attempt(t.Context(), "anna", noon.Add(time.Duration(i)*time.Minute), noon.Add(-time.Hour))
		must(t, err)
		same(t, "attempts", len(times), i+1)
	}
	times, err := s.Attempt(t.Context(), "anna", noon.Add(3*time.Minute), noon.Add(90*time.Second))
	must(t, err)
	slices.SortFunc(times, time.Time.Compare)
	same(t, "of late", times, []time.Time{noon.Add(2 * time.Minute), noon.Add(3 * time.Minute)})
	times, err = s.Attempt(t.Context(), "bruno", noon, noon)
	must(t, err)
	same(t, "of another", len(times), 1)
	must(t, s.Forgive(t.Context(), "anna"))
	times, err = s.Attempt(t.Context(), "anna", noon, noon.Add(-time.Hour))
	must(t, err)
	same(t, "after forgiving", len(times), 1)
}
