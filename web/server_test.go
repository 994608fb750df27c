package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"sportello/account"
	"sportello/internal/phrases"
)

func TestWhoIsCallingIsBelievedOnlyFromOurProxies(t *testing.T) {
	for name, test := range map[string]struct {
		proxies   []string
		forwarded []string
		want      string
	}{
		"the connection itself":                {nil, nil, "192.0.2.1"},
		"a client cannot say it is another":    {nil, []string{"10.0.0.9"}, "192.0.2.1"},
		"our proxy tells who":                  {[]string{"192.0.2.1"}, []string{"10.0.0.9"}, "10.0.0.9"},
		"only its own entry counts, the last":  {[]string{"192.0.2.1"}, []string{"1.1.1.1, 10.0.0.9"}, "10.0.0.9"},
		"several headers are one list":         {[]string{"192.0.2.1"}, []string{"1.1.1.1", "10.0.0.9"}, "10.0.0.9"},
		"of IPv6 the network counts":           {[]string{"192.0.2.1"}, []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
		"a proxy that says nothing is the one": {[]string{"192.0.2.1"}, nil, "192.0.2.1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Server{Proxies: test.proxies}
			var got string
			handler := s.peer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("X-Sportello-Peer") }))
			r := httptest.NewRequest("POST", "/", nil) // from 192.0.2.1
			r.Header.Set("X-Sportello-Peer", "10.9.9.9")
			for _, f := range test.forwarded {
				r.Header.Add("X-Forwarded-For", f)
			}
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if got != test.want {
				t.Errorf("the API hears of %q, want %q", got, test.want)
			}
		})
	}
}

func TestPagesOfOtherOriginsCallOnlyIfAdmitted(t *testing.T) {
	for origin, want := range map[string]bool{
		"https://intranet.example.it": true, "https://evil.example": false, "http://localhost:3000": false, "": false, "null": false,
	} {
		s := &Server{Origins: []string{"https://intranet.example.it"}}
		if got := s.admits(origin); got != want {
			t.Errorf("admits(%q) = %v", origin, got)
		}
	}
	demo := &Server{Loopback: true}
	for origin, want := range map[string]bool{"http://localhost:3000": true, "http://127.0.0.1:9": true, "http://localhost.evil.example": false, "": false} {
		if got := demo.admits(origin); got != want {
			t.Errorf("in a demonstration admits(%q) = %v", origin, got)
		}
	}
}

func TestChangesAreBoundedByPersonAndElseByAddress(t *testing.T) {
	said, err := phrases.Read(fstest.MapFS{"it/error.yaml": {Data: []byte(`error.too_many: "Aspetti {{.Seconds}} secondi."`)}})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Phrases: said, Now: time.Now}
	s.Person = func(r *http.Request) *account.Person {
		if name := r.Header.Get("Name"); name != "" {
			return &account.Person{ID: account.PersonID(name)}
		}
		return nil
	}
	passed := map[string]int{}
	handler := s.peer(s.slowDown(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { passed[r.Header.Get("Name")]++ })))
	for _, name := range []string{"", "anna", "bruno"} {
		for range changesOfAddress {
			r := httptest.NewRequest("POST", "/", nil) // all from one address
			r.Header.Set("Name", name)
			handler.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	// Half of what a minute allows passes at once; a little more while the test runs.
	for name, least := range map[string]int{"": changesOfAddress / 2, "anna": changesOfPerson / 2, "bruno": changesOfPerson / 2} {
		if passed[name] < least || passed[name] > least+least/2 {
			t.Errorf("%q may change %d times at once, want about %d", name, passed[name], least)
		}
	}
}

func TestReadinessTellsWhichChatPlatformsCannotBeTalkedTo(t *testing.T) {
	s := &Server{
		Ready: func(context.Context) error { return nil },
		Channels: map[string]func() error{
			"telegram":   func() error { return errors.New("the token is refused") },
			"mattermost": func() error { return nil },
		},
	}
	answer := httptest.NewRecorder()
	s.ready(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if got := answer.Body.String(); answer.Code != http.StatusOK || got != "ready\nmattermost: ok\ntelegram: the token is refused\n" {
		t.Errorf("readiness is answered %d %q", answer.Code, got)
	}
}
