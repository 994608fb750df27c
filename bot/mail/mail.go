// Package mail sends letters by SMTP. The channel only sends: nobody is ever
// asked to answer a letter (domain brief, F8 and R2).
package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/kb/markdown"

	"github.com/wneessen/go-mail"
)

// Config says by which server letters leave. Without a host none do.
type Config struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	From         string `yaml:"from"` // an address that reads no answers
	Name         string `yaml:"name"` // shown as the sender
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
	TLS          string `yaml:"tls"` // starttls, implicit, or none on loopback
}

// DefaultConfig sends nothing.
func DefaultConfig() Config { return Config{Port: 587, Name: "Help Desk", TLS: "starttls"} }

// Check tells what is wrong.
func (c Config) Check() error {
	if c.Host == "" {
		return nil
	}
	var errs []error
	if _, err := account.Address(c.From); err != nil {
		errs = append(errs, fmt.Errorf("mail.from: %q is not an e-mail address", c.From))
	}
	if c.Port < 1 || c.Port > 65535 {
		errs = append(errs, fmt.Errorf("mail.port: %d is not a port", c.Port))
	}
	switch ip := net.ParseIP(c.Host); c.TLS {
	case "starttls", "implicit":
	case "none":
		if c.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			errs = append(errs, errors.New("mail.tls: none is for a server on this machine only"))
		}
	default:
		errs = append(errs, fmt.Errorf("mail.tls: %q is none of starttls, implicit, none", c.TLS))
	}
	if (c.Username == "") != (c.PasswordFile == "") {
		errs = append(errs, errors.New("mail: username and password_file go together"))
	}
	if c.PasswordFile != "" {
		if _, err := os.Stat(c.PasswordFile); err != nil {
			errs = append(errs, fmt.Errorf("mail.password_file: %w", err))
		}
	}
	return errors.Join(errs...)
}

// Sender sends letters by the server of its configuration.
type Sender struct{ Config Config }

var _ bot.Sender = Sender{}

// Send implements bot.Sender. The platform's ID is the Message-ID.
func (s Sender) Send(ctx context.Context, letter bot.Outgoing) (id string, err error) {
	message, err := s.message(letter)
	if err != nil {
		return "", errors.Join(bot.ErrHopeless, err)
	}
	client, err := s.client()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	err = client.DialAndSendWithContext(ctx, message)
	switch {
	case err == nil || message.IsDelivered(): // a good-bye that fails takes nothing back
		return message.GetMessageID(), nil
	case refused(err):
		return "", errors.Join(bot.ErrHopeless, withoutAddresses(err))
	}
	return "", withoutAddresses(err)
}

// withoutAddresses is what went wrong without what the server says of it:
// servers repeat the address, and addresses stay out of the log.
func withoutAddresses(err error) error {
	said, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return err
	}
	return fmt.Errorf("the server answered %d (%s)", said.ErrorCode(), said.Reason)
}

// refused reports whether the server said that it will never take this letter
// for this recipient. A refusal of the sender is ours to mend, and a connection
// that broke says nothing: those are tried again.
func refused(err error) bool {
	said, ok := errors.AsType[*mail.SendError](err)
	return ok && said.ErrorCode() >= 500 && (said.Reason == mail.ErrSMTPRcptTo || said.Reason == mail.ErrSMTPDataClose)
}

func (s Sender) client() (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(s.Config.Port), mail.WithTimeout(30 * time.Second)}
	switch s.Config.TLS {
	case "implicit":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.Config.Username != "" {
		password, err := os.ReadFile(s.Config.PasswordFile)
		if err != nil {
			return nil, err
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(s.Config.Username), mail.WithPassword(strings.TrimSpace(string(password))))
	}
	return mail.NewClient(s.Config.Host, options...)
}

// message makes a mail with a text and an HTML part that tells machines not to
// answer it (RFC 3834).
func (s Sender) message(letter bot.Outgoing) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.FromFormat(s.Config.Name, s.Config.From); err != nil {
		return nil, err
	}
	if err := m.To(letter.To); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(s.Config.From, "@")
	m.SetMessageIDWithValue(letter.ID + "@" + domain) // a second try is the same mail
	m.SetDate()
	m.Subject(letter.Subject)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetBodyString(mail.TypeTextPlain, markdown.Plain(letter.Markdown))
	html, _ := markdown.HTML(letter.Markdown, markdown.Options{})
	m.AddAlternativeString(mail.TypeTextHTML, string(html))
	return m, nil
}
