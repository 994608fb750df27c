// Package lmtp is a door for a mail server that delivers to us (RFC 2033). A
// mail is accepted only after what follows from it is on disk; where we fail,
// the server keeps it and comes again.
package lmtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"sportello/account"
	"sportello/tickets/intake"

	"github.com/emersion/go-smtp"
)

// Taker takes mails in; *intake.Intake is one.
type Taker interface {
	Take(ctx context.Context, raw []byte, e intake.Envelope) (intake.Result, error)
}

// Limits of what servers may do at the same time.
const (
	connections = 64
	atOnce      = 16 // mails that are taken in
	recipients  = 100
	lineLength  = 1 << 20 // broken programs write whole mails on one line
	patience    = 2 * time.Minute
)

// Server takes mails in by LMTP.
type Server struct {
	Config   intake.LMTP
	MaxBytes int64
	Taker    Taker
	Log      *slog.Logger

	networks []*net.IPNet
	working  chan struct{}
}

// Listen opens the door. The socket of a server that was killed is taken over.
func (s *Server) Listen() (net.Listener, error) {
	file, unix := strings.CutPrefix(s.Config.Listen, "unix:")
	if !unix {
		return net.Listen("tcp", s.Config.Listen)
	}
	if info, err := os.Lstat(file); err == nil && info.Mode()&os.ModeSocket != 0 {
		if c, err := net.Dial("unix", file); err == nil {
			return nil, errors.Join(fmt.Errorf("another service listens on %s", file), c.Close())
		}
		if err := os.Remove(file); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", file)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(file, 0o660)
}

// Serve takes mails in until ctx ends; then it lets what is under way end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	for _, n := range s.Config.Networks {
		_, network, err := net.ParseCIDR(n)
		if err != nil {
			return err
		}
		s.networks = append(s.networks, network)
	}
	s.working = make(chan struct{}, atOnce)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		if !s.mayConnect(c.Conn().RemoteAddr()) {
			s.Log.WarnContext(ctx, "server may not deliver", "from", c.Conn().RemoteAddr().String())
			return nil, &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Not for you"}
		}
		return &session{server: s, ctx: context.WithoutCancel(ctx)}, nil
	}))
	server.LMTP, server.Domain = true, "sportello"
	server.MaxMessageBytes, server.MaxRecipients, server.MaxLineLength = s.MaxBytes, recipients, lineLength
	server.ReadTimeout, server.WriteTimeout = patience, patience
	server.EnableSMTPUTF8 = true
	server.ErrorLog = toLog{s.Log}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(&limited{Listener: l, places: make(chan struct{}, connections)}) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := server.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close() // idle connections never end by themselves
	}
	<-ended
	return err
}

func (s *Server) mayConnect(from net.Addr) bool {
	tcp, is := from.(*net.TCPAddr)
	if !is {
		return true // a socket's own rights say who may
	}
	return tcp.IP.IsLoopback() || slices.ContainsFunc(s.networks, func(n *net.IPNet) bool { return n.Contains(tcp.IP) })
}

// ours reports whether we take mail for an address.
func (s *Server) ours(to string) bool {
	if len(s.Config.Recipients) == 0 {
		return true
	}
	local, domain, _ := strings.Cut(to, "@")
	local, _, _ = strings.Cut(local, "+")
	address, err := account.Address(local + "@" + domain)
	return err == nil && slices.ContainsFunc(s.Config.Recipients, func(own string) bool { return strings.EqualFold(own, address) })
}

type session struct {
	server *Server
	ctx    context.Context
	from   string
	to     []string
}

var _ smtp.LMTPSession = (*session)(nil)

func (c *session) Reset()        { c.from, c.to = "", nil }
func (c *session) Logout() error { return nil }

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !c.server.ours(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	}
	c.to = append(c.to, to)
	return nil
}

// LMTPData takes the mail in once, for all its recipients.
func (c *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	err := c.Data(r)
	for _, to := range c.to {
		status.SetStatus(to, err)
	}
	return err
}

func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	switch {
	case errors.Is(err, smtp.ErrDataTooLarge), int64(len(raw)) > c.server.MaxBytes:
		return &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "Message too big"}
	case err != nil:
		return err
	}
	c.server.working <- struct{}{}
	defer func() { <-c.server.working }()
	if _, err := c.server.Taker.Take(c.ctx, raw, intake.Envelope{ReturnPath: c.from, Known: true}); err != nil {
		c.server.Log.WarnContext(c.ctx, "mail could not be taken in", "bytes", len(raw), "error", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	}
	return nil
}

// limited takes no more connections than there are places.
type limited struct {
	net.Listener
	places chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	l.places <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &placed{Conn: c, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

type placed struct {
	net.Conn
	leave func()
}

func (p *placed) Close() error {
	p.leave()
	return p.Conn.Close()
}

// toLog tells what the protocol's library has to say. It may repeat what was
// sent, so only that something happened is told.
type toLog struct{ log *slog.Logger }

func (t toLog) Printf(string, ...any) { t.log.Debug("trouble on an LMTP connection") }
func (t toLog) Println(...any)        { t.log.Debug("trouble on an LMTP connection") }
