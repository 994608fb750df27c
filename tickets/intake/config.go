package intake

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"sportello/account"
)

// Config says whose mail becomes a ticket. How mail gets here is configured
// beside it.
type Config struct {
	Domains    []string `yaml:"domains"`     // of the organisation; empty: those of employees
	PEC        []string `yaml:"pec"`         // domains of certified mail, told apart in the answer
	Shared     []string `yaml:"shared"`      // patterns of office mailboxes, such as prot*@giustizia.it
	Addresses  []string `yaml:"addresses"`   // the help desk's own: mail from them is a loop
	AuthservID string   `yaml:"authserv_id"` // of the relay whose Authentication-Results are believed
	AuthLines  int      `yaml:"auth_lines"`  // how many of them it writes on each mail
	AuthHops   int      `yaml:"auth_hops"`   // how many Received lines our servers put above

	MaxBytes  int64 `yaml:"max_bytes"`       // of one mail
	PerHour   int   `yaml:"per_hour"`        // mails of one sender that become tickets
	HeldBytes int64 `yaml:"held_bytes"`      // of all mails in quarantine
	HeldDays  int   `yaml:"quarantine_days"` // until they are forgotten
	TraceDays int   `yaml:"trace_days"`      // until it is forgotten who sent what

	IMAP IMAP `yaml:"imap"`
	LMTP LMTP `yaml:"lmtp"`
}

// IMAP is a mailbox that is read. Without a host none is.
type IMAP struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	TLS          string `yaml:"tls"` // implicit, starttls, or none on loopback
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
	Mailbox      string `yaml:"mailbox"`
	Processed    string `yaml:"processed"` // where mails go once they are kept; empty: they are deleted
}

// LMTP is a door for a mail server that delivers to us. Without an address
// there is none.
type LMTP struct {
	Listen     string   `yaml:"listen"`     // unix:/path or 127.0.0.1:24
	Networks   []string `yaml:"networks"`   // that may connect, if not only this machine
	Recipients []string `yaml:"recipients"` // addresses that are ours; empty: every one
}

// DefaultConfig takes no mail in.
func DefaultConfig() Config {
	return Config{
		Domains: []string{}, PEC: []string{}, Shared: []string{}, Addresses: []string{},
		AuthLines: 1, AuthHops: 3,
		MaxBytes: 25 << 20, PerHour: 20, HeldBytes: 1 << 30, HeldDays: 21, TraceDays: 21,
		IMAP: IMAP{Port: 993, TLS: "implicit", Mailbox: "INBOX", Processed: "Processed"},
		LMTP: LMTP{Networks: []string{}, Recipients: []string{}},
	}
}

// On reports whether mail is taken in at all.
func (c Config) On() bool { return c.IMAP.Host != "" || c.LMTP.Listen != "" }

// Check tells every mistake.
func (c Config) Check() error {
	if !c.On() {
		return nil
	}
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf("intake."+format, args...)) }
	for name, domains := range map[string][]string{"domains": c.Domains, "pec": c.PEC} {
		for _, d := range domains {
			if _, err := account.Address("someone@" + d); err != nil {
				wrong("%s: %q is not a mail domain", name, d)
			}
		}
	}
	for _, pattern := range c.Shared {
		if _, err := path.Match(pattern, ""); err != nil || strings.Count(pattern, "@") != 1 {
			wrong("shared: %q is not a pattern of addresses such as prot*@giustizia.it", pattern)
		}
	}
	for name, addresses := range map[string][]string{"addresses": c.Addresses, "lmtp.recipients": c.LMTP.Recipients} {
		for _, a := range addresses {
			if _, err := account.Address(a); err != nil {
				wrong("%s: %q is not an e-mail address", name, a)
			}
		}
	}
	if c.AuthservID == "" || strings.ContainsAny(c.AuthservID, " ;\"()\t") {
		wrong("authserv_id: %q is not the name that your mail server puts first in Authentication-Results; without it no mail can be believed", c.AuthservID)
	}
	for name, n := range map[string]int{"auth_lines": c.AuthLines, "auth_hops": c.AuthHops, "per_hour": c.PerHour, "quarantine_days": c.HeldDays, "trace_days": c.TraceDays} {
		if n < 1 {
			wrong("%s: %d is less than one", name, n)
		}
	}
	if c.MaxBytes < 64<<10 || c.MaxBytes > 256<<20 {
		wrong("max_bytes: %d is not between 65536 and 268435456", c.MaxBytes)
	}
	if c.HeldBytes < c.MaxBytes {
		wrong("held_bytes: %d is less than max_bytes: the quarantine could not hold one mail", c.HeldBytes)
	}
	return errors.Join(append(errs, c.IMAP.check(), c.LMTP.check())...)
}

func (c Config) relay() Relay { return Relay{ID: c.AuthservID, Lines: c.AuthLines, Hops: c.AuthHops} }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
