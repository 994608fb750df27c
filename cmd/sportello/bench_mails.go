package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sportello/tickets/intake"
	"sportello/tickets/intake/lmtp"

	"github.com/emersion/go-smtp"
)

// mixedMail is one of an ordinary and hostile mix, and what has to become of
// it. The same number gives the same mail.
func mixedMail(i int) ([]byte, intake.Outcome) {
	from := fmt.Sprintf("persona%d@giustizia.it", i%50)
	vouched := "mx.giustizia.it; dmarc=pass header.from=giustizia.it"
	outcome := intake.Opened
	kind, body := "text/plain; charset=utf-8", fmt.Sprintf("Da ieri la Consolle non scarica i fascicoli, caso %d.\n\nCordiali saluti\nUna persona\n", i)
	var lines []string
	switch i % 20 {
	case 1, 2:
		kind, body = "text/html; charset=utf-8", fmt.Sprintf(`<div class="WordSection1"><p class="MsoNormal">La <b>stampante</b> non va, caso %d.</p><div id="divRplyFwdMsg">Da: altri</div><p>vecchio testo</p></div>`, i)
	case 3, 4:
		png := base64.StdEncoding.EncodeToString(append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{byte(i)}, 20_000)...))
		kind = "multipart/mixed; boundary=b"
		body = fmt.Sprintf("--b\nContent-Type: text/plain\n\nAllego la schermata, caso %d.\n--b\nContent-Type: image/png; name=schermata.png\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n%s\n--b--\n", i, folded(png))
	case 5:
		lines, outcome = []string{"Auto-Submitted: auto-replied"}, intake.Ignored
	case 6:
		lines, outcome = []string{"List-Id: <lista.giustizia.it>"}, intake.Held
	case 7:
		vouched, outcome = "mx.giustizia.it; dmarc=fail header.from=giustizia.it", intake.Held
	case 8:
		from, vouched, outcome = fmt.Sprintf("avvocato%d@studio.example", i%7), "mx.giustizia.it; dmarc=pass header.from=studio.example", intake.Refused
	case 9:
		kind, outcome = "multipart/report; report-type=delivery-status; boundary=b", intake.Bounced
		body = "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; x@giustizia.it\nAction: failed\n--b--\n"
	case 10:
		kind, body, outcome = "multipart/mixed; boundary=b0", bombBody(i), intake.Held
	case 11:
		kind, body = "multipart/mixed; boundary=mai", fmt.Sprintf("--altro\nContent-Type: testo semplice\n\nParti rotte, caso %d, perch\xe9 no.\n", i)
	case 12:
		kind, body = "text/plain; charset=windows-1252", fmt.Sprintf("Perch\xe9 non va? Caso %d.\n", i)
	}
	head := append([]string{
		"Authentication-Results: " + vouched, "Received: from pc by mx.giustizia.it", "From: " + from, "To: assistenza@giustizia.it",
		fmt.Sprintf("Subject: Guasto caso%d", i), fmt.Sprintf("Message-ID: <misto%d@pc.giustizia.it>", i),
		"Date: Mon, 23 Nov 2026 10:00:00 +0100", "MIME-Version: 1.0", "Content-Type: " + kind,
	}, lines...)
	if i%20 == 13 {
		head[5] = "X-Id: none" // some have no Message-ID
	}
	return []byte(strings.ReplaceAll(strings.Join(head, "\n")+"\n\n"+body, "\n", "\r\n")), outcome
}

func folded(text string) string {
	var out strings.Builder
	for len(text) > 76 {
		out.WriteString(text[:76] + "\n")
		text = text[76:]
	}
	return out.String() + text
}

// bombBody is parts within parts, deeper than any mail.
func bombBody(i int) string {
	var out strings.Builder
	for level := range 60 {
		fmt.Fprintf(&out, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", level, level+1)
	}
	return out.String() + fmt.Sprintf("--b60\n\nin fondo %d\n", i)
}

// deliverMail gives a mail to an LMTP server and returns once it has taken it.
func deliverMail(c *smtp.Client, raw []byte) error {
	if err := c.Mail("busta@giustizia.it", nil); err != nil {
		return err
	}
	if err := c.Rcpt("assistenza@giustizia.it", nil); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	return w.Close()
}

// mails takes mails in, over a database of its own.
func (c *benchCommand) mails(ctx context.Context, con *console) (err error) {
	dir, err := os.MkdirTemp("", "sportello-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	disk, err := fsyncTimes(dir, 200)
	if err != nil {
		return err
	}
	a, err := open(ctx, options{config: defaultConfig(), data: filepath.Join(dir, "data"), log: slog.New(slog.NewTextHandler(io.Discard, nil)), memory: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	return a.benchMails(ctx, con, c.Mails, disk)
}

// benchMails takes so many mails of the mix in over LMTP, as a mail server
// delivers them, and prints the rate beside that of bare forced writes.
func (a *app) benchMails(ctx context.Context, con *console, mails int, disk spread) (err error) {
	a.config.Intake = intake.DefaultConfig()
	a.config.Intake.AuthservID, a.config.Intake.PerHour, a.config.Intake.Domains = "mx.giustizia.it", 1_000_000, []string{"giustizia.it"}
	a.config.Intake.LMTP.Listen = "127.0.0.1:0"
	server := &lmtp.Server{Config: a.config.Intake.LMTP, MaxBytes: a.config.Intake.MaxBytes, Taker: a.newIntake(nil), Log: a.log}
	listener, err := server.Listen()
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(serving, listener) }()
	defer func() {
		stop()
		if e := <-ended; e != nil && !errors.Is(e, net.ErrClosed) {
			err = errors.Join(err, e)
		}
	}()
	begin := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	failures := make(chan error, 8)
	for range cap(failures) {
		all.Go(func() { failures <- deliverMails(listener.Addr().String(), &next, mails) })
	}
	all.Wait()
	close(failures)
	for e := range failures {
		err = errors.Join(err, e)
	}
	if err != nil {
		return err
	}
	took := time.Since(begin)
	_, err = fmt.Fprintf(con.Out, "mails taken in over LMTP, an ordinary and hostile mix of %d, 8 connections: %.0f/s (bar 100/s); a bare forced write takes %.2f ms\n",
		mails, float64(mails)/took.Seconds(), disk.median)
	return err
}

func deliverMails(address string, next *atomic.Int64, mails int) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	client := smtp.NewClientLMTP(conn)
	defer client.Close()
	for {
		i := int(next.Add(1)) - 1
		if i >= mails {
			return client.Quit()
		}
		raw, _ := mixedMail(i)
		if err := deliverMail(client, raw); err != nil {
			return err
		}
	}
}
