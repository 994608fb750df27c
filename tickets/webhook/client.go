package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"sportello/privacy"
)

// Most bytes that are read of an answer, and that are kept of it.
const (
	readAnswer = 16 << 10
	keptAnswer = 500
)

// errPrivate refuses an address that is not of the internet.
var errPrivate = errors.New("the address is of an internal network that webhooks.allow_private does not name")

// client calls hooks: directly, with verified TLS, after no redirection, and
// only addresses that are admitted. That is decided on the address that is
// dialled, so a name that leads elsewhere the second time changes nothing.
func (c Config) client() *http.Client {
	return &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: byScheme{
			"https": c.transport("https"),
			"http":  c.transport("http"),
		},
	}
}

func (c Config) transport(scheme string) *http.Transport {
	dialer := &net.Dialer{Timeout: c.Timeout, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !c.admits(to.Addr(), scheme) {
			return errPrivate
		}
		return nil
	}}
	return &http.Transport{
		Proxy: nil, DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: c.Timeout, ResponseHeaderTimeout: c.Timeout, MaxResponseHeaderBytes: 32 << 10,
		MaxIdleConnsPerHost: oneSide, MaxConnsPerHost: oneSide * 2, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		DisableCompression: true, // an answer is as large as it says
	}
}

// byScheme sends a request by the transport of its scheme.
type byScheme map[string]*http.Transport

// RoundTrip implements http.RoundTripper.
func (b byScheme) RoundTrip(r *http.Request) (*http.Response, error) {
	t, known := b[r.URL.Scheme]
	if !known {
		return nil, errors.New("neither http nor https")
	}
	return t.RoundTrip(r)
}

// CloseIdleConnections is called by the client of that name.
func (b byScheme) CloseIdleConnections() {
	for _, t := range b {
		t.CloseIdleConnections()
	}
}

// try sends a message once.
func (s *Sender) try(ctx context.Context, h Hook, d Delivery) (o Outcome) {
	s.prepare()
	begun := s.Now()
	defer func() {
		o.At = s.Now()
		o.Took = o.At.Sub(begun)
	}()
	r, err := request(ctx, h, d, begun)
	if err != nil {
		return Outcome{Failed: true, Answer: excerpt(err.Error())}
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return Outcome{Failed: true, Broken: true, Answer: excerpt(whyNot(err))}
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, readAnswer)) // what there is of it
	o = Outcome{Status: answer.StatusCode, Answer: excerpt(string(text))}
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return o
	case answer.StatusCode == http.StatusGone:
		o.Gone = true
	case answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode >= 500:
		o.Broken, o.After = true, retryAfter(answer.Header.Get("Retry-After"), begun)
	}
	o.Failed = true
	return o
}

func request(ctx context.Context, h Hook, d Delivery, at time.Time) (*http.Request, error) {
	signature, err := Sign(h.Secret, d.ID(), at, d.Payload)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(d.Payload))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Sportello-Webhook/1")
	r.Header.Set(HeaderID, d.ID())
	r.Header.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	r.Header.Set(HeaderSignature, signature)
	return r, nil
}

// whyNot tells why no answer came, without the address, which may hold a
// secret.
func whyNot(err error) string {
	var failed *net.OpError
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	switch {
	case errors.Is(err, errPrivate):
		return errPrivate.Error()
	case errors.As(err, &certificate):
		return "the certificate is not valid: " + certificate.Err.Error()
	case errors.As(err, &name):
		return "the name is not known"
	case errors.Is(err, context.DeadlineExceeded), timedOut(err):
		return "no answer in time"
	case errors.As(err, &failed) && failed.Op == "dial":
		return fmt.Sprintf("no connection: %v", failed.Err)
	}
	return "the connection broke off"
}

func timedOut(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}

// retryAfter reads how long the other side wants us to wait: seconds, or a
// date.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 86_400)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// excerpt is the beginning of a text from outside, harmless to show and
// without secrets.
func excerpt(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text[:min(len(text), readAnswer)], ""))
	text, _ = privacy.Mask(strings.Join(strings.Fields(text), " "))
	letters := []rune(text)
	return string(letters[:min(len(letters), keptAnswer)])
}
