package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

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

func TestOperatorsAreNotSlowedDown(t *testing.T) {
	said, err := phrases.Read(os.DirFS("../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Phrases: said, Trusted: func(r *http.Request) bool { return r.Header.Get("X-Test") == "operator" }}
	handler := s.slowDown(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for who, want := range map[string]int{"operator": http.StatusNoContent, "anybody": http.StatusTooManyRequests} {
		last := 0
		for range changesPerMinute + 10 {
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Header.Set("X-Test", who)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			last = w.Code
		}
		if last != want {
			t.Errorf("the last of many changes of %s is answered %d, want %d", who, last, want)
		}
	}
}
