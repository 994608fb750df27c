package mailpeers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Postfix is the organisation's relay, mx.giustizia.it. It takes mail for
// every address and delivers it by LMTP. On each mail it writes an
// Authentication-Results line: the envelope's sender is taken for proven, so a
// test that forges the From line of a domain gives another domain's envelope.
type Postfix struct {
	Port   int
	dir    string
	binary string
}

// AuthservID is the name in the lines it writes.
const AuthservID = "mx.giustizia.it"

// StartPostfix starts a relay that delivers by these LMTP servers: routes maps
// addresses to them, such as inet:127.0.0.1:24 or unix:/run/lmtp; everything
// else goes to fallback.
func StartPostfix(t testing.TB, fallback string, routes map[string]string) *Postfix {
	t.Helper()
	p := &Postfix{Port: FreePort(t), dir: folder(t, "postfix"), binary: program(t, "postfix")}
	etc := filepath.Join(p.dir, "etc")
	for _, sub := range []string{"etc", "queue", "data"} {
		if err := os.MkdirAll(filepath.Join(p.dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	own(t, filepath.Join(p.dir, "data"))
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var transport strings.Builder
	for address, server := range routes {
		fmt.Fprintf(&transport, "/^%s$/ lmtp:%s\n", strings.ReplaceAll(address, ".", `\.`), server)
	}
	write("transport", transport.String())
	write("results", `
/@giustizia\.it$/        PREPEND Authentication-Results: mx.giustizia.it; spf=pass smtp.mailfrom=giustizia.it; dmarc=pass header.from=giustizia.it
/@studio\.example$/      PREPEND Authentication-Results: mx.giustizia.it; spf=pass smtp.mailfrom=studio.example; dmarc=pass header.from=studio.example
/./                      PREPEND Authentication-Results: mx.giustizia.it; spf=fail; dmarc=fail
`)
	write("main.cf", fmt.Sprintf(`
compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/log
maillog_file_prefixes = %[1]s
myhostname = mx.giustizia.it
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
relay_domains = static:all
relay_transport = lmtp:%[2]s
default_transport = lmtp:%[2]s
transport_maps = regexp:%[1]s/etc/transport
smtpd_sender_restrictions = check_sender_access regexp:%[1]s/etc/results
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = 60000000
mailbox_size_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
bounce_queue_lifetime = 1h
smtputf8_enable = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
default_destination_concurrency_failed_cohort_limit = 0
lmtp_connection_cache_on_demand = no
`, p.dir, fallback))
	write("master.cf", fmt.Sprintf(`
127.0.0.1:%d inet  n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 1 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
lmtp      unix  - - n - - lmtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
`, p.Port))
	start := exec.Command(p.binary, "-c", etc, "start")
	if out, err := start.CombinedOutput(); err != nil {
		text, _ := os.ReadFile(filepath.Join(p.dir, "log")) // the failure is what counts
		t.Fatalf("start Postfix: %v\n%s%s", err, out, text)
	}
	t.Cleanup(p.stop)
	answers(t, "Postfix", p.Port, filepath.Join(p.dir, "log"))
	return p
}

// own gives a folder to the user that Postfix works as.
func own(t testing.TB, dir string) {
	t.Helper()
	postfix, err := user.Lookup("postfix")
	if err != nil {
		t.Fatal(err)
	}
	uid, err1 := strconv.Atoi(postfix.Uid)
	gid, err2 := strconv.Atoi(postfix.Gid)
	if err := errors.Join(err1, err2, os.Chown(dir, uid, gid)); err != nil {
		t.Fatal(err)
	}
}

// Log is what it wrote, for a test that failed.
func (p *Postfix) Log() string {
	text, err := os.ReadFile(filepath.Join(p.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-8000):])
}

// stop ends the master by its own ID; its servers end with it.
func (p *Postfix) stop() {
	text, err := os.ReadFile(filepath.Join(p.dir, "queue", "pid", "master.pid"))
	if err != nil {
		return // it is not running
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return
	}
	_ = syscall.Kill(pid, syscall.SIGTERM) // it may have ended
	for range 100 {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
}
