package mailpeers

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Mails are those in the inbox of somebody, as they arrived.
func (d *Dovecot) Mails(t testing.TB, user string) []string { return d.MailsIn(t, user, "") }

// MailsIn are those in a folder of somebody, the inbox if it has no name.
func (d *Dovecot) MailsIn(t testing.TB, user, in string) (mails []string) {
	t.Helper()
	if in != "" {
		in = "." + in
	}
	for _, sub := range []string{"new", "cur"} {
		files, err := filepath.Glob(filepath.Join(d.dir, "mail", user, in, sub, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if os.IsNotExist(err) {
				continue // it was moved meanwhile
			}
			if err != nil {
				t.Fatal(err)
			}
			mails = append(mails, string(text))
		}
	}
	return mails
}

// Drop puts mails into somebody's inbox at once, as a delivery would.
func (d *Dovecot) Drop(t testing.TB, user string, mails ...[]byte) {
	t.Helper()
	box := filepath.Join(d.dir, "mail", user)
	for _, sub := range []string{"", "tmp", "cur", "new"} {
		dir := filepath.Join(box, sub)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range mails {
		d.dropped++
		name := fmt.Sprintf("%d.%d.host", 1_700_000_000+d.dropped, os.Getpid())
		file := filepath.Join(box, "tmp", name)
		if err := os.WriteFile(file, m, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file, filepath.Join(box, "new", name)); err != nil {
			t.Fatal(err)
		}
	}
}
