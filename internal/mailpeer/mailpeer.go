// Package mailpeer lets tests talk to real mail servers: a Postfix that takes
// and delivers mail, and a Dovecot that keeps the mailboxes. Each runs on
// loopback from a folder of its own, and ends with the test that started it.
// No mail leaves the machine: what is not for the test's own domain comes back
// as undeliverable.
package mailpeer

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Domain is where the mailboxes are: NAME@giustizia.it.
const Domain = "giustizia.it"

// Patience is how long a test waits for a server, or for a mail.
const Patience = 30 * time.Second

// folder makes one that the servers' own users may enter, with a name short
// enough for the sockets in it; it is removed with the test.
func folder(t testing.TB) string {
	t.Helper()
	path, err := os.MkdirTemp("", "mailpeer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(path) })
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// program finds a server's program; daemons lie where a user's PATH may not lead.
func program(t testing.TB, name string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatalf("%s serves mailboxes of several users, so it starts as root only: run this test as root, in a container for instance", name)
	}
	for _, path := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	t.Fatalf("no %s: run scripts/tools.sh (Debian: apt-get install postfix dovecot-imapd dovecot-lmtpd)", name)
	return ""
}

// server is a running program and where it writes what it does.
type server struct {
	command *exec.Cmd
	logs    []string
	pidFile string // of the process that is to be ended, if that is another than the one we start
	ended   chan struct{}
}

// start runs the server in the foreground, until it listens on all ports.
func (s *server) start(t testing.TB, ports ...int) {
	t.Helper()
	s.ended = make(chan struct{})
	out, err := os.Create(s.logs[0])
	if err != nil {
		t.Fatal(err)
	}
	s.command.Stdout, s.command.Stderr = out, out
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.command.Wait() // how it ended is in its log
		out.Close()
		close(s.ended)
	}()
	t.Cleanup(s.stop)
	for _, port := range ports {
		if err := s.listening(port); err != nil {
			t.Fatalf("%s does not listen on port %d: %v\n%s", filepath.Base(s.command.Path), port, err, s.Log())
		}
	}
}

func (s *server) listening(port int) error {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	for {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-s.ended:
			return errors.New("it has ended")
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the server and what it started, and waits for it.
func (s *server) stop() {
	first := s.command.Process.Pid
	if text, err := os.ReadFile(s.pidFile); err == nil {
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			first = pid
		}
	}
	select {
	case <-s.ended: // by itself; somebody else may have its number
		return
	default:
	}
	_ = syscall.Kill(first, syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		for _, group := range []int{first, s.command.Process.Pid} {
			_ = syscall.Kill(-group, syscall.SIGKILL)
		}
		<-s.ended
	}
}

// Log is what the server wrote so far, to show when a test fails.
func (s *server) Log() string {
	var b strings.Builder
	for _, path := range s.logs {
		text, _ := os.ReadFile(path) // not written yet: nothing to show
		b.Write(text)
	}
	return b.String()
}
