package mailpeer

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"sportello/internal/freeport"
)

// Dovecot keeps mailboxes: it takes mail by LMTP, for any name in any domain,
// and shows it by IMAP (IDLE included) to whoever gives the password. A
// mailbox is named by its whole address.
type Dovecot struct {
	*server
	Host     string
	IMAP     int // ports, without TLS
	LMTP     int
	Password string // of every mailbox

	config  dovecotConfig
	t       testing.TB
	dropped int // mails put in by Drop
}

type dovecotConfig struct{ program, file, mail, log string }

// StartDovecot starts an empty one.
func StartDovecot(t testing.TB) *Dovecot {
	t.Helper()
	d := &Dovecot{Host: "127.0.0.1", Password: "segreta", IMAP: freeport.Choose(t), LMTP: freeport.Choose(t), t: t}
	program, at := program(t, "dovecot"), folder(t)
	d.config = dovecotConfig{program: program, file: at + "/dovecot.conf", mail: at + "/mail", log: at + "/log"}
	if err := os.Mkdir(d.config.mail, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(d.config.mail, owner(t, "mail"), -1); err != nil {
		t.Fatal(err)
	}
	write(t, d.config.file, fmt.Sprintf(`
base_dir = %[1]s/run
state_dir = %[1]s/run
log_path = %[1]s/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:%[2]s/%%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
mail_max_userip_connections = 100
passdb {
  driver = static
  args = password=%[3]s
}
userdb {
  driver = static
  args = uid=mail gid=mail home=%[2]s/%%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  inet_listener imap {
    port = %[4]d
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    port = %[5]d
  }
}
protocol lmtp {
  postmaster_address = postmaster@%[6]s
}
`, at, d.config.mail, d.Password, d.IMAP, d.LMTP, Domain))
	d.Start()
	return d
}

// Start starts it again, on the same ports with the same mailboxes, after Stop.
func (d *Dovecot) Start() {
	d.t.Helper()
	d.server = &server{
		command: exec.Command(d.config.program, "-F", "-c", d.config.file), logs: []string{d.config.log + ".out", d.config.log},
	}
	d.start(d.t, d.IMAP, d.LMTP)
}

// Stop ends it, as when the machine it runs on goes away.
func (d *Dovecot) Stop() { d.stop() }

// Mails returns what lies in the inbox of an address, as it was delivered, in
// no particular order.
func (d *Dovecot) Mails(address string) []string {
	d.t.Helper()
	var mails []string
	for _, sub := range []string{"new", "cur"} {
		files, err := filepath.Glob(filepath.Join(d.config.mail, address, sub, "*"))
		if err != nil {
			d.t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if os.IsNotExist(err) {
				continue // it was moved meanwhile
			}
			if err != nil {
				d.t.Fatal(err)
			}
			mails = append(mails, string(text))
		}
	}
	return mails
}

func owner(t testing.TB, name string) int {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.Atoi(u.Uid)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
