package mailpeer

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"sportello/internal/freeport"
)

// Postfix takes mail by SMTP on loopback, without a password, and hands what
// is for its mailboxes to Dovecot. It refuses unknown mailboxes of Domain at
// once; for other domains it accepts a mail and then sends a report that it
// could not be delivered, as relays do. What is for NAME+ANYTHING is for NAME.
type Postfix struct {
	*server
	Host string
	Port int
}

// StartPostfix starts one in front of d, with these mailboxes (names without
// the domain). More settings of its main.cf, such as "message_size_limit =
// 1000000" or "header_checks = …", take the place of ours: each process warns of
// what is set twice, also the one that keeps the log, which waits for itself for
// ever if it cannot take more messages just then.
func StartPostfix(t testing.TB, d *Dovecot, mailboxes []string, settings ...string) *Postfix {
	t.Helper()
	program, at := program(t, "postfix"), folder(t)
	p := &Postfix{Host: "127.0.0.1", Port: freeport.Choose(t)}
	for _, dir := range []string{"/queue", "/data"} {
		if err := os.Mkdir(at+dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(at+"/data", owner(t, "postfix"), -1); err != nil {
		t.Fatal(err)
	}
	var known strings.Builder
	for _, name := range mailboxes {
		fmt.Fprintf(&known, "/^%s(\\+.*)?@/ yes\n", strings.ReplaceAll(name, ".", `\.`))
	}
	write(t, at+"/mailboxes", known.String())
	ours := fmt.Sprintf(`
compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/log
maillog_file_prefixes = %[1]s
myhostname = relay.%[2]s
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtputf8_enable = no
recipient_delimiter = +
smtp_dns_support_level = disabled
smtpd_tls_security_level = none
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = %[2]s
virtual_mailbox_maps = regexp:%[1]s/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:%[3]d
default_transport = nowhere:
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
`, at, Domain, d.LMTP)
	for _, setting := range settings {
		name, _, _ := strings.Cut(setting, "=")
		ours = regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(strings.TrimSpace(name))+` =.*\n`).ReplaceAllLiteralString(ours, "")
	}
	write(t, at+"/main.cf", ours+strings.Join(settings, "\n")+"\n")
	write(t, at+"/master.cf", fmt.Sprintf(services, p.Port))
	p.server = &server{
		command: exec.Command(program, "-c", at, "start-fg"), // a shell, in front of a session of its own
		logs:    []string{at + "/out", at + "/log"}, pidFile: at + "/queue/pid/master.pid",
	}
	p.start(t, p.Port)
	return p
}

// services are Postfix's own processes, none of them in a chroot.
const services = `
127.0.0.1:%d inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
nowhere   unix - n n - - pipe flags=R user=nobody argv=/bin/sh -c {echo no mail leaves this machine; exit 67}
discard   unix - - n - - discard
local     unix - n n - - local
virtual   unix - n n - - virtual
lmtp      unix - - n - - lmtp
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
`
