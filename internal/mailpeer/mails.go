package mailpeer

import (
	"fmt"
	"os"
	"path/filepath"
)

// MailsIn returns what lies in a folder of an address, such as Processed.
func (d *Dovecot) MailsIn(address, folder string) []string {
	d.t.Helper()
	return d.Mails(filepath.Join(address, "."+folder))
}

// Drop puts mails into the inbox of an address all at once, as they are.
func (d *Dovecot) Drop(address string, mails ...[]byte) {
	d.t.Helper()
	box, mail := filepath.Join(d.config.mail, address), owner(d.t, "mail")
	for _, sub := range []string{"", "tmp", "cur", "new"} {
		dir := filepath.Join(box, sub)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			d.t.Fatal(err)
		}
		if err := os.Chown(dir, mail, -1); err != nil {
			d.t.Fatal(err)
		}
	}
	for _, m := range mails {
		d.dropped++
		name := fmt.Sprintf("%d.%d.host", 1_700_000_000+d.dropped, os.Getpid())
		file := filepath.Join(box, "tmp", name)
		if err := os.WriteFile(file, m, 0o600); err != nil {
			d.t.Fatal(err)
		}
		if err := os.Chown(file, mail, -1); err != nil {
			d.t.Fatal(err)
		}
		if err := os.Rename(file, filepath.Join(box, "new", name)); err != nil {
			d.t.Fatal(err)
		}
	}
}
