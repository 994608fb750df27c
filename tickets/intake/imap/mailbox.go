// Package imap reads a mailbox of an IMAP server and hands each mail to
// intake. A mail leaves the mailbox only after what follows from it is on
// disk; after a crash or a broken connection it is read again, and intake
// knows it.
package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"sportello/internal/fault"
	"sportello/tickets/intake"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Taker takes mails in; *intake.Intake is one.
type Taker interface {
	Take(ctx context.Context, raw []byte, e intake.Envelope) (intake.Result, error)
	Hold(ctx context.Context, raw []byte, e intake.Envelope, why intake.Reason) (intake.Result, error)
}

// How the mailbox is read.
const (
	batch      = 32       // mails at a time
	batchBytes = 32 << 20 // and no more of them together
	workers    = 8        // that take them in side by side
	tries      = 5        // of a mail that fails, before it is put aside
	shortest   = time.Second
	longest    = 5 * time.Minute
)

// Mailbox is the mailbox that is read.
type Mailbox struct {
	Config   intake.IMAP
	MaxBytes int64
	Taker    Taker
	Log      *slog.Logger
	TLS      *tls.Config   // nil: the system's roots
	IdleFor  time.Duration // until it looks again by itself; 9 minutes if zero

	failures map[place]failure // of mails in this run
	leave    map[place]bool    // mails that stay where they are
	pause    time.Duration     // after a first failure; a second if zero
}

// failure is how often a mail failed, and when it is tried again.
type failure struct {
	times int // without those that were not its fault
	pause time.Duration
	next  time.Time
}

// place names a mail as long as the server keeps its numbering.
type place struct {
	validity uint32
	uid      imap.UID
}

// Run reads until ctx ends. It connects again after every failure, at growing
// intervals.
func (m *Mailbox) Run(ctx context.Context) {
	m.failures, m.leave = map[place]failure{}, map[place]bool{}
	pause := shortest
	for ctx.Err() == nil {
		started := time.Now()
		err := m.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > time.Minute { // it worked for a while
			pause = shortest
		}
		m.Log.WarnContext(ctx, "mailbox cannot be read now", "error", err, "again_in", pause)
		wait(ctx, pause/2+rand.N(pause)) // not all at once after the server comes back
		pause = min(2*pause, longest)
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// session is one connection to the server.
func (m *Mailbox) session(ctx context.Context) (err error) {
	arrived := make(chan struct{}, 1)
	client, err := m.connect(&imapclient.Options{
		TLSConfig: m.tls(), Dialer: &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second},
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				select {
				case arrived <- struct{}{}:
				default:
				}
			}
		}},
	})
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = client.Close() }) // ends whatever waits for the server
	defer func() {
		stop()
		_ = client.Close() // nothing is lost with a connection
	}()
	password, err := os.ReadFile(m.Config.PasswordFile)
	if err != nil {
		return err
	}
	if err := client.Login(m.Config.Username, strings.TrimSpace(string(password))).Wait(); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if m.Config.Processed != "" {
		if _, err := client.Status(m.Config.Processed, &imap.StatusOptions{NumMessages: true}).Wait(); err != nil {
			if err := client.Create(m.Config.Processed, nil).Wait(); err != nil {
				return fmt.Errorf("make the folder for processed mails: %w", err)
			}
		}
	}
	selected, err := client.Select(m.Config.Mailbox, nil).Wait()
	if err != nil {
		return fmt.Errorf("open the mailbox: %w", err)
	}
	m.Log.InfoContext(ctx, "reading the mailbox", "mails", selected.NumMessages)
	return m.read(ctx, client, selected.UIDValidity, arrived)
}

func (m *Mailbox) tls() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if m.TLS != nil {
		c = m.TLS.Clone()
	}
	if c.ServerName == "" {
		c.ServerName = m.Config.Host
	}
	return c
}

func (m *Mailbox) connect(o *imapclient.Options) (*imapclient.Client, error) {
	address := net.JoinHostPort(m.Config.Host, strconv.Itoa(m.Config.Port))
	switch m.Config.TLS {
	case "none":
		return imapclient.DialInsecure(address, o)
	case "starttls":
		return imapclient.DialStartTLS(address, o)
	}
	return imapclient.DialTLS(address, o)
}

// read empties the mailbox, waits until something arrives or a mail that
// failed is to be tried again, and so on.
func (m *Mailbox) read(ctx context.Context, client *imapclient.Client, validity uint32, arrived chan struct{}) error {
	for ctx.Err() == nil {
		if err := m.empty(ctx, client, validity); err != nil {
			return err
		}
		if err := m.idle(ctx, client, arrived); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// patience is how long there is nothing to do by itself.
func (m *Mailbox) patience() time.Duration {
	patience := m.IdleFor
	if patience == 0 {
		patience = 9 * time.Minute // routers forget silent connections
	}
	for _, f := range m.failures {
		patience = min(patience, max(time.Until(f.next), 10*time.Millisecond))
	}
	return patience
}

// idle waits until something arrives, or a while.
func (m *Mailbox) idle(ctx context.Context, client *imapclient.Client, arrived chan struct{}) error {
	patience := m.patience()
	if !client.Caps().Has(imap.CapIdle) {
		wait(ctx, min(patience, time.Minute))
		return client.Noop().Wait()
	}
	idle, err := client.Idle()
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-arrived:
	case <-client.Closed():
	case <-time.After(patience):
	}
	return errors.Join(idle.Close(), idle.Wait())
}

// empty takes in every mail that is there and does not wait for another try.
func (m *Mailbox) empty(ctx context.Context, client *imapclient.Client, validity uint32) error {
	found, err := client.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}, nil).Wait()
	if err != nil {
		return err
	}
	there := map[place]bool{}
	var uids []imap.UID
	for _, uid := range found.AllUIDs() {
		at := place{validity, uid}
		there[at] = true
		if !m.leave[at] && !time.Now().Before(m.failures[at].next) {
			uids = append(uids, uid)
		}
	}
	for at := range m.failures {
		if !there[at] { // somebody took it away
			delete(m.failures, at)
		}
	}
	for len(uids) > 0 && ctx.Err() == nil {
		n, err := m.some(ctx, client, validity, uids)
		if err != nil {
			return err
		}
		uids = uids[n:]
	}
	return ctx.Err()
}

// some takes in the first of these mails and returns how many it looked at.
func (m *Mailbox) some(ctx context.Context, client *imapclient.Client, validity uint32, uids []imap.UID) (n int, err error) {
	uids = uids[:min(len(uids), batch)]
	sizes, err := client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	if err != nil {
		return 0, err
	}
	size := map[imap.UID]int64{}
	for _, s := range sizes {
		size[s.UID] = s.RFC822Size
	}
	var mails []*mail
	total := int64(0)
	for _, uid := range uids {
		if total += min(size[uid], m.MaxBytes); n > 0 && total > batchBytes {
			break
		}
		n++
		one := &mail{uid: uid, large: size[uid] > m.MaxBytes}
		if one.raw, err = fetch(client, uid, one.large); err != nil {
			return 0, err
		}
		if one.raw != nil { // else somebody took it away meanwhile
			mails = append(mails, one)
		}
	}
	m.takeAll(ctx, validity, mails)
	done := imap.UIDSet{}
	for _, one := range mails {
		switch at := (place{validity, one.uid}); {
		case one.err != nil: // it stays
		case one.large && m.Config.Processed == "": // it is kept nowhere else
			m.leave[at] = true
		default:
			done.AddNum(one.uid)
			delete(m.failures, at)
		}
	}
	if len(done) == 0 {
		return n, nil
	}
	return n, m.putAway(client, done)
}

type mail struct {
	uid   imap.UID
	raw   []byte
	large bool // raw is its header only
	err   error
}

// fetch reads a mail, or its header.
func fetch(client *imapclient.Client, uid imap.UID, headerOnly bool) ([]byte, error) {
	section := &imap.FetchItemBodySection{Peek: true}
	if headerOnly {
		section.Specifier = imap.PartSpecifierHeader
	}
	got, err := client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil || len(got) == 0 {
		return nil, err
	}
	return got[0].FindBodySection(section), nil
}

// takeAll takes mails in side by side.
func (m *Mailbox) takeAll(ctx context.Context, validity uint32, mails []*mail) {
	queue := make(chan *mail)
	var all sync.WaitGroup
	for range min(workers, len(mails)) {
		all.Go(func() {
			for one := range queue {
				one.err = m.take(ctx, one, m.failures[place{validity, one.uid}].times)
			}
		})
	}
	for _, one := range mails {
		queue <- one
	}
	close(queue)
	all.Wait()
	for _, one := range mails {
		if one.err != nil && ctx.Err() == nil {
			m.failed(ctx, place{validity, one.uid}, one)
		}
	}
}

// failed notes when a mail is tried again.
func (m *Mailbox) failed(ctx context.Context, at place, one *mail) {
	f := m.failures[at]
	if !fault.Is(one.err, fault.Unavailable) {
		f.times++
	}
	if f.pause = min(2*f.pause, longest); f.pause == 0 {
		f.pause = m.pause
	}
	if f.pause == 0 {
		f.pause = shortest
	}
	f.next = time.Now().Add(f.pause/2 + rand.N(f.pause))
	m.failures[at] = f
	m.Log.WarnContext(ctx, "mail could not be taken in", "uid", uint32(one.uid), "times", f.times, "bytes", len(one.raw), "error", one.err)
}

// take takes a mail in. One that failed too often is put into quarantine, so
// that it stands in nobody's way; what fails because the database is away is
// no fault of the mail.
func (m *Mailbox) take(ctx context.Context, one *mail, failures int) (err error) {
	switch {
	case one.large:
		_, err = m.Taker.Hold(ctx, one.raw, intake.Envelope{}, intake.Large)
	case failures >= tries:
		_, err = m.Taker.Hold(ctx, one.raw, intake.Envelope{}, intake.Unworkable)
	default:
		_, err = m.Taker.Take(ctx, one.raw, intake.Envelope{})
	}
	return err
}

// putAway moves what was taken in out of the mailbox, or deletes it.
func (m *Mailbox) putAway(client *imapclient.Client, done imap.UIDSet) error {
	if m.Config.Processed != "" {
		_, err := client.Move(done, m.Config.Processed).Wait()
		return err
	}
	err := client.Store(done, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close()
	if err != nil {
		return err
	}
	if client.Caps().Has(imap.CapUIDPlus) {
		return client.UIDExpunge(done).Close()
	}
	return client.Expunge().Close()
}
