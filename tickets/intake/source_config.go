package intake

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

func (c IMAP) check() error {
	if c.Host == "" {
		return nil
	}
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf("intake.imap."+format, args...)) }
	if c.Port < 1 || c.Port > 65535 {
		wrong("port: %d is not a port", c.Port)
	}
	switch c.TLS {
	case "implicit", "starttls":
	case "none":
		if ip := net.ParseIP(c.Host); c.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			wrong("tls: none is for a server on this machine only")
		}
	default:
		wrong("tls: %q is none of implicit, starttls, none", c.TLS)
	}
	if c.Username == "" {
		wrong("username: is empty: name the mailbox's user")
	}
	if c.PasswordFile == "" {
		wrong("password_file: is empty: name a file that holds the password")
	} else if _, err := os.Stat(c.PasswordFile); err != nil {
		wrong("password_file: %w", err)
	}
	if c.Mailbox == "" {
		wrong("mailbox: is empty: name the folder to read, such as INBOX")
	}
	if c.Processed != "" && strings.EqualFold(c.Processed, c.Mailbox) {
		wrong("processed: %q is the folder that is read", c.Processed)
	}
	return errors.Join(errs...)
}

func (c LMTP) check() error {
	if c.Listen == "" {
		return nil
	}
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf("intake.lmtp."+format, args...)) }
	if file, unix := strings.CutPrefix(c.Listen, "unix:"); unix {
		if !filepath.IsAbs(file) {
			wrong("listen: %q is not an absolute path of a socket", file)
		} else if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
			wrong("listen: there is no folder %s for the socket", filepath.Dir(file))
		}
	} else if host, _, err := net.SplitHostPort(c.Listen); err != nil {
		wrong("listen: %q is not an address such as 127.0.0.1:24 or unix:/run/sportello/lmtp", c.Listen)
	} else if ip := net.ParseIP(host); len(c.Networks) == 0 && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		wrong("networks: is empty, but listen is open to other machines: say which networks may connect")
	}
	for _, n := range c.Networks {
		if _, _, err := net.ParseCIDR(n); err != nil {
			wrong("networks: %q is not a network such as 10.0.0.0/8", n)
		}
	}
	return errors.Join(errs...)
}
