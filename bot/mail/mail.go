// Package mail sends letters by SMTP and understands the reports of letters
// that could not be delivered. The channel only sends: nobody is ever asked to
// answer a letter (domain brief, F8 and R2).
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"os"
	"strings"
	"time"

	"sportello/bot"

	"github.com/wneessen/go-mail"
)

// Sender sends letters by the server of its configuration, on its letterhead.
type Sender struct {
	Config     Config
	Letterhead Letterhead
	Ledger     Ledger           // is told of recipients that the server refuses; may be nil
	Now        func() time.Time // for the ledger

	patience time.Duration // with a server that says nothing; half a minute if zero
}

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
	ctx, cancel := context.WithTimeout(ctx, 2*s.waits())
	defer cancel()
	err = dispatch(ctx, client, message, letter.ID)
	switch {
	case err == nil || message.IsDelivered(): // a good-bye that fails takes nothing back
		return message.GetMessageID(), nil
	case refused(err):
		return "", errors.Join(bot.ErrHopeless, withoutAddresses(err), s.enter(ctx, letter, err))
	}
	return "", withoutAddresses(err)
}

// dispatch sends one message. Servers that report failed deliveries are asked
// to report no more than that, with the letter's ID and without its text.
func dispatch(ctx context.Context, client *mail.Client, message *mail.Msg, letter string) (err error) {
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	// A server that is silent in the middle must not hold up who asks us to stop.
	// The client's own Close would wait for the server, too.
	stop := context.AfterFunc(ctx, func() { _ = connection.Text.Close() })
	defer stop()
	defer func() { err = errors.Join(err, client.CloseWithSMTPClient(connection)) }()
	connection.SetDSNMailReturnOption(returnOption(letter))
	return client.SendWithSMTPClient(connection, message)
}

// returnOption asks for the headers of what failed, under the letter's ID: the
// library has no option for the latter (RFC 3461, 4.4).
func returnOption(letter string) string {
	option := string(mail.DSNMailReturnHeadersOnly)
	if id := written(letter); len(id) <= longestEnvelopeID {
		option += " ENVID=" + strings.ReplaceAll(id, "=", "+3D")
	}
	return option
}

// longestEnvelopeID is less than the hundred characters that RFC 3461 grants.
const longestEnvelopeID = 60

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

// enter tells the ledger that the server refused a letter's recipient.
func (s Sender) enter(ctx context.Context, letter bot.Outgoing, refusal error) error {
	said, ok := errors.AsType[*mail.SendError](refusal)
	if !ok || s.Ledger == nil || said.Reason != mail.ErrSMTPRcptTo {
		return nil
	}
	b := Bounce{Letter: letter.ID, Recipient: letter.To, Permanent: true, Status: said.EnhancedStatusCode(), Diagnostic: diagnosis(said.Error())}
	return s.Ledger.Returned(ctx, b.Letter, b.Reason(), b.Gone(), s.Now())
}

func (s Sender) waits() time.Duration {
	if s.patience > 0 {
		return s.patience
	}
	return 30 * time.Second
}

func (s Sender) client() (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(s.Config.Port), mail.WithTimeout(s.waits()), mail.WithDSNRcptNotifyType(mail.DSNRcptNotifyFailure),
		mail.WithoutSMTPUTF8(), // our addresses and headers are ASCII: a relay that asks for more would send them back
	}
	switch s.Config.TLS {
	case "implicit":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.Config.CAFile != "" {
		trusted, err := s.Config.authorities()
		if err != nil {
			return nil, err
		}
		options = append(options, mail.WithTLSConfig(&tls.Config{ServerName: s.Config.Host, RootCAs: trusted, MinVersion: tls.VersionTLS12}))
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
	page, err := s.Letterhead.Write(letter)
	if err != nil {
		return nil, err
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	m.FromMailAddress(&netmail.Address{Name: line(s.Config.Name), Address: s.Config.From})
	if err := m.EnvelopeFrom(s.Config.returnPath(letter.ID)); err != nil {
		return nil, err
	}
	if err := m.To(letter.To); err != nil {
		return nil, err
	}
	m.SetMessageIDWithValue(s.Config.messageID(letter.ID)) // a second try is the same mail
	if letter.Thread != "" {
		thread := "<" + s.Config.threadID(letter.Thread) + ">"
		m.SetGenHeader("In-Reply-To", thread)
		m.SetGenHeader("References", thread)
	}
	m.SetDate()
	m.Subject(page.Subject)
	m.SetGenHeader("Content-Language", page.Lang)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("X-Sportello", "notice") // ours: the intake takes no such mail in
	if err := unsubscribable(m, letter.Unsubscribe); err != nil {
		return nil, err
	}
	m.SetBodyString(mail.TypeTextPlain, page.Text)
	m.AddAlternativeString(mail.TypeTextHTML, page.HTML)
	return m, nil
}

// unsubscribable tells mail programs how to switch such letters off with one
// click (RFC 2369, and RFC 8058 where the address is a safe one).
func unsubscribable(m *mail.Msg, address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(address, "<> ") || len(address) > longestAddress {
		return errors.New("the address to unsubscribe at is none")
	}
	m.SetGenHeaderPreformatted("List-Unsubscribe", "<"+u.String()+">")
	if u.Scheme == "https" {
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	return nil
}

// longestAddress keeps a header within what a line of mail may be.
const longestAddress = 900
