package signin_test

import (
	"net/http/httptest"
	"sync"
	"testing"
)

// Pages are looked at while somebody is signed out: none of them brings the
// session back.
func TestASessionThatWasEndedStaysSo(t *testing.T) {
	s := newSite(t)
	anna := s.admit("anna@giustizia.it")
	w := httptest.NewRecorder()
	if err := s.pages.Begin(w, httptest.NewRequest("POST", "/", nil), anna); err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest("GET", "/", nil)
	request.AddCookie(w.Result().Cookies()[0])
	var looking sync.WaitGroup
	for range 8 {
		looking.Go(func() {
			for range 50 {
				s.pages.Person(request)
			}
		})
	}
	if err := s.people.SignOut(t.Context(), anna.ID); err != nil {
		t.Fatal(err)
	}
	looking.Wait()
	if s.pages.Person(request) != nil {
		t.Error("she is signed in again")
	}
}

// Of guesses that come at once, five are tried.
func TestGuessesAtOnceGainNothing(t *testing.T) {
	s := newSite(t)
	r := s.reader()
	r.post("/accedi", "email", "anna@giustizia.it")
	right := s.code("anna@giustizia.it")
	wrong := "000000"
	if right == wrong {
		wrong = "111111"
	}
	var guessing sync.WaitGroup
	for range 20 {
		guessing.Go(func() { r.post("/accedi/codice", "code", wrong) })
	}
	guessing.Wait()
	for range 5 { // those that were told "tried already" did not count
		r.post("/accedi/codice", "code", wrong)
	}
	if r.post("/accedi/codice", "code", right); r.signedIn() {
		t.Error("the right code counts after so many guesses")
	}
	if people, err := s.people.List(t.Context()); err != nil || len(people) != 0 {
		t.Errorf("%v, %v", people, err)
	}
}
