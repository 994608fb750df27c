// Package freeport chooses ports for the servers of tests.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Choose returns a port of 127.0.0.1 that nobody listened on a moment ago. The
// system gives none of these (20,000 to 31,999) to who does not name it, neither
// to listen nor to call: so it is still free when a server that was killed comes
// back to it.
func Choose(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 20_000 + rand.IntN(12_000)
		if listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = listener.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}
