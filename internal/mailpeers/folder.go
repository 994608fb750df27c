// Package mailpeers lets tests use real mail servers, Postfix and Dovecot, that
// nobody of us wrote: on loopback, each in a folder of its own, ended with the
// test that started it.
package mailpeers

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a test waits for a server.
const Patience = 30 * time.Second

// folder makes a folder that the servers' own users can reach.
func folder(t testing.TB, name string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("real mail servers give up rights, so they start as root only: run this test as root, in a container for instance")
	}
	dir, err := os.MkdirTemp("", "sportello-"+name+"-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // what a dying server still writes there is not worth a failed test
	return dir
}

// program finds one, also where only root looks.
func program(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if path := filepath.Join("/usr/sbin", name); isFile(path) {
		return path
	}
	t.Fatalf("no %s: run scripts/tools.sh (Debian: apt-get install postfix dovecot-imapd dovecot-lmtpd)", name)
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// FreePort is a port of loopback that nobody listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// answers waits until somebody listens on a port.
func answers(t testing.TB, what string, port int, log string) {
	t.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		c, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
		if err == nil {
			c.Close()
			return
		}
	}
	text, _ := os.ReadFile(log) // the failure is what counts
	t.Fatalf("%s does not answer on port %d:\n%s", what, port, text)
}

// ended tells a server to end and waits for it.
func ended(c *exec.Cmd) {
	_ = c.Process.Signal(syscall.SIGTERM) // it may have ended already
	done := make(chan struct{})
	go func() {
		_ = c.Wait() // how it ends does not matter
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		_ = c.Process.Kill()
		<-done
	}
}
