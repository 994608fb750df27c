package main

import (
	"net/http/httptest"
	"testing"
)

// address is where the site of an app is: it has its address before the app is
// made, as platforms are told of it.
type address struct {
	testing.TB
	server *httptest.Server
	url    string
}

func newAddress(t testing.TB) address {
	server := httptest.NewUnstartedServer(nil)
	return address{t, server, "http://" + server.Listener.Addr().String()}
}

// serve serves an app as `serve --demo` does, until the test ends.
func (f address) serve(a *app) {
	f.Helper()
	s, err := a.site(f.Context(), true)
	if err != nil {
		f.Fatal(err)
	}
	f.server.Config.Handler = s.handler
	f.server.Start()
	f.Cleanup(func() {
		f.server.CloseClientConnections()
		f.server.Close()
		s.stop()
	})
}
