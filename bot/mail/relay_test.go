package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/bot"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// relay is an SMTP server as organisations have them: with a certificate of
// their own, a password, and reports of failed deliveries, as far as a test
// wants it so.
type relay struct {
	host string
	port int

	mu    sync.Mutex
	taken []taken
	slow  chan struct{} // who is here waits for it at the end of the data
}

// taken is a mail with what was said around it.
type taken struct {
	from, to, envelope string
	returns            smtp.DSNReturn
	notify             []smtp.DSNNotify
	utf8, secure       bool
	text               string
}

type visit struct {
	relay *relay
	conn  *smtp.Conn
	mail  taken
	known bool
}

func startRelay(t *testing.T, set func(*smtp.Server)) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	r := &relay{host: host, slow: make(chan struct{})}
	r.port, _ = strconv.Atoi(port)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &visit{relay: r, conn: c}, nil }))
	server.Domain, server.EnableSMTPUTF8, server.ErrorLog = "relay.giustizia.it", true, log.New(io.Discard, "", 0)
	if set != nil {
		set(server)
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Serve(listener) // it ends with the test
		close(ended)
	}()
	t.Cleanup(func() {
		server.Close()
		<-ended
	})
	return r
}

func (r *relay) sender() Sender {
	return Sender{Config: Config{Host: r.host, Port: r.port, From: "noreply@giustizia.it", Name: "Help Desk", TLS: "none", BounceAddress: "rimbalzi+*@giustizia.it"}}
}

func (r *relay) mails() []taken {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.taken
}

func (v *visit) AuthMechanisms() []string { return []string{"PLAIN"} }

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "sportello" || password != "giusta" {
			return smtp.ErrAuthFailed
		}
		v.known = true
		return nil
	}), nil
}

func (v *visit) Mail(from string, o *smtp.MailOptions) error {
	_, secure := v.conn.TLSConnectionState()
	v.mail = taken{from: from, envelope: o.EnvelopeID, returns: o.Return, utf8: o.UTF8, secure: secure}
	if secure && !v.known {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (v *visit) Rcpt(to string, o *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nessuno@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no mailbox nessuno@giustizia.it here"}
	}
	if strings.HasPrefix(to, "spam@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not from you"}
	}
	v.mail.to, v.mail.notify = to, o.Notify
	return nil
}

func (v *visit) Data(text io.Reader) error {
	body, err := io.ReadAll(text)
	if err != nil {
		return err
	}
	v.mail.text = string(body)
	v.relay.mu.Lock()
	slow := v.relay.slow
	v.relay.mu.Unlock()
	if strings.Contains(v.mail.to, "lento") {
		<-slow
	}
	v.relay.mu.Lock()
	defer v.relay.mu.Unlock()
	v.relay.taken = append(v.relay.taken, v.mail)
	return nil
}

func (v *visit) Reset()        { v.mail = taken{} }
func (v *visit) Logout() error { return nil }

func TestAServerIsAskedToReportFailuresOnlyWhereItCan(t *testing.T) {
	for name, offered := range map[string]bool{"offered": true, "not offered": false} {
		t.Run(name, func(t *testing.T) {
			r := startRelay(t, func(s *smtp.Server) { s.EnableDSN = offered })
			odd := letter
			odd.ID = "a/1=è"
			for _, l := range []bot.Outgoing{letter, odd} {
				if _, err := r.sender().Send(t.Context(), l); err != nil {
					t.Fatal(err)
				}
			}
			for i, l := range []bot.Outgoing{letter, odd} {
				m := r.mails()[i]
				if m.utf8 {
					t.Error("the letter asks for SMTPUTF8, which the next server may not have")
				}
				if id, ours := r.sender().Config.returned(m.from); !ours || id != l.ID {
					t.Errorf("reports go to %q, which does not name letter %q", m.from, l.ID)
				}
				if !offered {
					if m.returns != "" || m.envelope != "" || len(m.notify) > 0 {
						t.Errorf("a server without reports is asked for %+v", m)
					}
					continue
				}
				id, valid := unwritten(m.envelope)
				if m.returns != smtp.DSNReturnHeaders || len(m.notify) != 1 || m.notify[0] != smtp.DSNNotifyFailure || !valid || id != l.ID {
					t.Errorf("reports are asked for as %q, %v, under the name %q", m.returns, m.notify, m.envelope)
				}
			}
		})
	}
}

func TestTheLedgerHearsOfAMailboxThatTheServerRefuses(t *testing.T) {
	r := startRelay(t, nil)
	for to, gone := range map[string]bool{"nessuno@giustizia.it": true, "spam@giustizia.it": false} {
		books, sender, l := &ledger{}, r.sender(), letter
		sender.Ledger, sender.Now, l.To = books, noon, to
		_, err := sender.Send(t.Context(), l)
		if !errors.Is(err, bot.ErrHopeless) || strings.Contains(err.Error(), "@") {
			t.Errorf("%s: the failure is %v, want it hopeless and without an address", to, err)
		}
		if len(books.told) != 1 || books.told[0].Letter != l.ID || books.told[0].Gone != gone || !strings.Contains(books.told[0].Reason, "5."+map[bool]string{true: "1", false: "7"}[gone]+".1") {
			t.Errorf("%s: the ledger hears %+v, want the address gone: %v", to, books.told, gone)
		}
	}
}

func TestAServerThatSaysNothingIsNotWaitedForWithoutEnd(t *testing.T) {
	r := startRelay(t, nil)
	defer close(r.slow)
	sender, l := r.sender(), letter
	sender.patience, l.To = 300*time.Millisecond, "lento@giustizia.it"
	began := time.Now()
	if _, err := sender.Send(t.Context(), l); err == nil || errors.Is(err, bot.ErrHopeless) {
		t.Errorf("the letter gets %v, want it tried again", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it waited for %v", took)
	}
}

func TestWhoStopsTheServiceDoesNotWaitForASilentServer(t *testing.T) {
	r := startRelay(t, nil)
	defer close(r.slow)
	l := letter
	l.To = "lento@giustizia.it"
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := r.sender().Send(ctx, l); err == nil || errors.Is(err, bot.ErrHopeless) {
		t.Errorf("the letter gets %v, want it to stay due", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it waited for %v", took)
	}
}

// certificate makes one for 127.0.0.1 that signs itself, and saves it.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	draft := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, draft, draft, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func TestALetterIsHandedOverUnderTLSAndWithAPassword(t *testing.T) {
	own, file := certificate(t)
	r := startRelay(t, func(s *smtp.Server) { s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{own}} })
	secret := func(password string) string {
		path := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	right, wrong := secret("giusta"), secret("sbagliata")
	for name, c := range map[string]struct {
		password, authorities string
		sent                  bool
	}{
		"a certificate that is trusted, and the password": {right, file, true},
		"a certificate that nobody vouches for":           {right, "", false},
		"a wrong password":                                {wrong, file, false},
	} {
		before := len(r.mails())
		sender := r.sender()
		sender.Config.TLS, sender.Config.Username, sender.Config.PasswordFile, sender.Config.CAFile = "starttls", "sportello", c.password, c.authorities
		if err := sender.Config.Check(); err != nil {
			t.Fatal(err)
		}
		_, err := sender.Send(t.Context(), letter)
		if (err == nil) != c.sent || errors.Is(err, bot.ErrHopeless) {
			t.Errorf("%s: %v; want it sent: %v, and else tried again", name, err, c.sent)
		}
		if err != nil && (strings.Contains(err.Error(), "sbagliata") || strings.Contains(err.Error(), "giusta\n")) {
			t.Errorf("%s: the failure tells the password: %v", name, err)
		}
		if mails := r.mails(); len(mails) != before+map[bool]int{true: 1}[c.sent] {
			t.Errorf("%s: %d mails arrived", name, len(mails)-before)
		} else if c.sent && !mails[before].secure {
			t.Error("the letter crossed the wire in the clear")
		}
	}
	sender := r.sender()
	plain := startRelay(t, nil)
	sender.Config.Port, sender.Config.TLS = plain.port, "starttls"
	if _, err := sender.Send(t.Context(), letter); err == nil || len(plain.mails()) > 0 {
		t.Errorf("a server without TLS gets the letter although TLS was asked for (%v)", err)
	}
}
