package mailpeers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Dovecot keeps mailboxes: whoever signs in has one, named by what stands
// before the @. Password is that of everybody.
type Dovecot struct {
	IMAP, LMTP int // ports
	dir        string
	process    *exec.Cmd
	dropped    int // mails put in by Drop
}

// Password is that of every mailbox.
const Password = "segreta"

// StartDovecot starts a server with IMAP and LMTP, without encryption.
func StartDovecot(t testing.TB) *Dovecot {
	t.Helper()
	binary := program(t, "dovecot")
	d := &Dovecot{IMAP: FreePort(t), LMTP: FreePort(t), dir: folder(t, "dovecot")}
	text := fmt.Sprintf(`
base_dir = %[1]s/run
state_dir = %[1]s/run
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = %[1]s/log
mail_location = maildir:%[1]s/mail/%%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
auth_username_format = %%n
mail_max_userip_connections = 100
passdb {
  driver = static
  args = password=%[4]s
}
userdb {
  driver = static
  args = uid=mail gid=mail home=%[1]s/mail/%%n allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = %[2]d
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = %[3]d
  }
}
protocol lmtp {
  postmaster_address = postmaster@giustizia.it
}
`, d.dir, d.IMAP, d.LMTP, Password)
	mails := filepath.Join(d.dir, "mail")
	if err := os.MkdirAll(mails, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(mails, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, "dovecot.conf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	d.process = exec.Command(binary, "-F", "-c", filepath.Join(d.dir, "dovecot.conf"))
	d.Start(t)
	return d
}

// Start starts it again after Stop, with the mailboxes as they are.
func (d *Dovecot) Start(t testing.TB) {
	t.Helper()
	d.process = exec.Command(d.process.Path, d.process.Args[1:]...)
	if err := d.process.Start(); err != nil {
		t.Fatal(err)
	}
	answers(t, "Dovecot", d.IMAP, filepath.Join(d.dir, "log"))
	answers(t, "Dovecot", d.LMTP, filepath.Join(d.dir, "log"))
}

// Stop ends it; Start brings it back.
func (d *Dovecot) Stop() {
	if d.process != nil && d.process.Process != nil && d.process.ProcessState == nil {
		ended(d.process)
	}
}
