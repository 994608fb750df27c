package lmtp

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/tickets/intake"

	"github.com/emersion/go-smtp"
)

// desk takes mails in, unless it is told to fail.
type desk struct {
	mu        sync.Mutex
	fails     error
	taken     []string
	envelopes []intake.Envelope
}

func (d *desk) Take(_ context.Context, raw []byte, e intake.Envelope) (intake.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails != nil {
		return intake.Result{}, d.fails
	}
	d.taken, d.envelopes = append(d.taken, string(raw)), append(d.envelopes, e)
	return intake.Result{Outcome: intake.Opened}, nil
}

// serving opens a door until the test ends and returns how to knock.
func serving(t *testing.T, d *desk, c intake.LMTP) func() *smtp.Client {
	t.Helper()
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	s := &Server{Config: c, MaxBytes: 10_000, Taker: d, Log: slog.New(slog.DiscardHandler)}
	l, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Error("it does not end")
		}
	})
	return func() *smtp.Client {
		conn, err := net.Dial(l.Addr().Network(), l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		client := smtp.NewClientLMTP(conn)
		t.Cleanup(func() { client.Close() })
		return client
	}
}

// deliver gives a mail to these recipients and returns what each was told.
func deliver(c *smtp.Client, from, text string, to ...string) (told map[string]error, err error) {
	if err := c.Mail(from, nil); err != nil {
		return nil, err
	}
	told = map[string]error{}
	for _, one := range to {
		if err := c.Rcpt(one, nil); err != nil {
			told[one] = err
		}
	}
	w, err := c.Data()
	if err != nil {
		return told, err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return told, err
	}
	accepted, err := w.CloseWithLMTPResponse()
	for rcpt := range accepted {
		told[rcpt] = nil
	}
	if refused, is := errors.AsType[smtp.LMTPDataError](err); is {
		for rcpt, e := range refused {
			told[rcpt] = e
		}
		return told, nil
	}
	return told, err
}

func code(err error) int {
	if e, is := errors.AsType[*smtp.SMTPError](err); is {
		return e.Code
	}
	return 0
}

func TestAMailIsTakenOnceForAllItsRecipients(t *testing.T) {
	d := &desk{}
	knock := serving(t, d, intake.LMTP{Recipients: []string{"assistenza@giustizia.it", "help@giustizia.it"}})
	told, err := deliver(knock(), "anna@giustizia.it", "Subject: x\r\n\r\n.punto\r\n", "assistenza@giustizia.it", "HELP+consolle@giustizia.it", "altro@giustizia.it")
	if err != nil || told["assistenza@giustizia.it"] != nil || told["HELP+consolle@giustizia.it"] != nil || code(told["altro@giustizia.it"]) != 550 {
		t.Errorf("%v, %v", told, err)
	}
	if len(d.taken) != 1 || d.taken[0] != "Subject: x\r\n\r\n.punto\r\n" || d.envelopes[0] != (intake.Envelope{ReturnPath: "anna@giustizia.it", Known: true}) {
		t.Errorf("%q, %+v", d.taken, d.envelopes)
	}
}

func TestWhatWeFailAtComesAgainAndWhatIsTooLargeDoesNot(t *testing.T) {
	d := &desk{fails: errors.New("no disk")}
	knock := serving(t, d, intake.LMTP{})
	c := knock()
	if told, _ := deliver(c, "anna@giustizia.it", "Subject: x\r\n\r\ny\r\n", "a@giustizia.it"); code(told["a@giustizia.it"]) != 451 {
		t.Errorf("%v", told)
	}
	d.fails = nil
	if told, err := deliver(c, "", "Subject: x\r\n\r\ny\r\n", "a@giustizia.it"); err != nil || told["a@giustizia.it"] != nil || d.envelopes[0] != (intake.Envelope{Known: true}) {
		t.Errorf("%v, %v, %+v", told, err, d.envelopes)
	}
	told, err := deliver(c, "anna@giustizia.it", "Subject: x\r\n\r\n"+strings.Repeat("lunga\r\n", 5000), "a@giustizia.it", "b@giustizia.it")
	if code(told["a@giustizia.it"]) != 552 || code(told["b@giustizia.it"]) != 552 {
		t.Errorf("%v, %v", told, err)
	}
	if len(d.taken) != 1 {
		t.Errorf("%d mails", len(d.taken))
	}
}

func TestASocketIsTakenOverFromAServiceThatDied(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lmtp")
	dead, err := net.Listen("unix", file)
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	dead.Close()
	d := &desk{}
	knock := serving(t, d, intake.LMTP{Listen: "unix:" + file})
	if told, err := deliver(knock(), "anna@giustizia.it", "Subject: x\r\n\r\ny\r\n", "a@giustizia.it"); err != nil || told["a@giustizia.it"] != nil {
		t.Errorf("%v, %v", told, err)
	}
	if _, err := (&Server{Config: intake.LMTP{Listen: "unix:" + file}}).Listen(); err == nil {
		t.Error("a living service was pushed aside")
	}
}

func TestOnlyThisMachineAndTheNamedNetworksMayDeliver(t *testing.T) {
	s := &Server{}
	_, ten, err := net.ParseCIDR("10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	s.networks = []*net.IPNet{ten}
	for ip, want := range map[string]bool{"127.0.0.1": true, "::1": true, "10.1.2.3": true, "11.1.2.3": false, "192.168.1.1": false} {
		if got := s.mayConnect(&net.TCPAddr{IP: net.ParseIP(ip)}); got != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
}
