package intake

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
)

// Result is what became of a mail.
type Result struct {
	Outcome Outcome
	Reason  Reason
	Ticket  tickets.Number // opened or joined
}

// retries is how often a mail is judged again because a ticket changed
// meanwhile.
const retries = 8

// Take takes a mail in. When it returns without an error, all that follows
// from the mail is on disk, or was before, and the source may let go of it.
// With an error nothing was kept and the mail has to come again.
func (i *Intake) Take(ctx context.Context, raw []byte, e Envelope) (r Result, err error) {
	defer fault.Wrap(&err, "take in a mail of %d bytes", len(raw))
	started := i.Now()
	r, err = i.take(ctx, raw, e, "")
	if hopeless(err) { // it would fail the same way for ever
		i.Log.ErrorContext(ctx, "mail could not be worked on", "bytes", len(raw), "error", err)
		r, err = i.take(ctx, raw, e, Unworkable)
	}
	if err != nil {
		return r, err
	}
	took := i.Now().Sub(started)
	i.Log.InfoContext(ctx, "took in a mail", "outcome", string(r.Outcome), "reason", string(r.Reason), "ticket", string(r.Ticket), "bytes", len(raw), "took", took)
	if i.Observe != nil {
		i.Observe(r.Outcome, r.Reason, took)
	}
	if i.Changed != nil && (r.Outcome == Opened || r.Outcome == Joined) {
		i.Changed()
	}
	return r, nil
}

// Hold puts a mail into quarantine whatever it is: a source calls it for what
// is too large, or failed again and again.
func (i *Intake) Hold(ctx context.Context, raw []byte, e Envelope, why Reason) (r Result, err error) {
	defer fault.Wrap(&err, "hold a mail of %d bytes", len(raw))
	r, err = i.take(ctx, raw, e, why)
	if err == nil && i.Observe != nil {
		i.Observe(r.Outcome, r.Reason, 0)
	}
	return r, err
}

// panicked is a defect that a mail brought to light.
type panicked struct{ error }

// hopeless tells failures that come from the mail from those that pass.
func hopeless(err error) bool {
	if _, is := errors.AsType[panicked](err); is {
		return true
	}
	return fault.Is(err, fault.Invalid) || fault.Is(err, fault.Forbidden) || fault.Is(err, fault.TooLarge) || fault.Is(err, fault.Unauthenticated)
}

func (i *Intake) take(ctx context.Context, raw []byte, e Envelope, hold Reason) (r Result, err error) {
	h := &handling{Intake: i, raw: raw, envelope: e}
	defer func() {
		if err != nil || r.Outcome == Duplicate {
			h.dropFiles(context.WithoutCancel(ctx))
		}
	}()
	defer func() { // runs before the one above
		if p := recover(); p != nil {
			err = panicked{fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	if hold == "" {
		h.mail = Read(raw)
	} else { // only the header, which cannot fail
		head, _, _ := splitHeader(raw)
		h.mail = Mail{header: head, MessageID: strings.Trim(firstWord(head.get("message-id")), "<>"), Senders: senders(head)}
		h.mail.Subject, _, _ = plainSubject(head.text("subject"))
	}
	h.taken = Taken{At: i.Now()}
	if len(h.mail.Senders) == 1 && h.mail.Senders[0].Email != "" {
		h.taken.Sender = hashed(h.mail.Senders[0].Email)
	}
	h.taken.Key, h.taken.Content = identify(h.mail, raw)
	content, seen, err := i.Store.Seen(ctx, h.taken.Key)
	switch {
	case err != nil:
		return r, err
	case seen && content == h.taken.Content:
		return Result{Outcome: Duplicate}, nil
	case seen:
		h.taken.Key, hold = "content:"+h.taken.Content, Altered
	}
	for range retries {
		if r, err = h.settle(ctx, hold); !fault.Is(err, fault.Conflict) {
			return r, err
		}
	}
	return r, fault.New(fault.Unavailable, "error.unavailable").Because(err)
}

// identify names a mail: by its Message-ID and its sender, or by its content
// where it has none.
func identify(m Mail, raw []byte) (key, content string) {
	_, body, _ := splitHeader(raw)
	sum := sha256.New()
	for _, name := range []string{"from", "date", "subject", "message-id"} {
		fmt.Fprintf(sum, "%q\n", m.header.get(name))
	}
	sum.Write(bytes.TrimSpace(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))))
	content = hex.EncodeToString(sum.Sum(nil))
	if m.MessageID == "" {
		return "content:" + content, content
	}
	return "id:" + hashed(m.MessageID+" "+m.header.get("from")), content
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// handling is one mail on its way.
type handling struct {
	*Intake
	raw      []byte
	envelope Envelope
	mail     Mail
	taken    Taken

	files   []tickets.Attachment // kept already
	noted   []Trouble            // of files that were not kept
	hasKept bool
	rawID   string
	bounced bool
}

// dropFiles forgets what was kept for a ticket that does not come to be.
func (h *handling) dropFiles(ctx context.Context) {
	for _, f := range h.files {
		if err := h.Files.Remove(ctx, f.ID); err != nil {
			h.Log.WarnContext(ctx, "file of a mail stays behind", "file", f.ID, "error", err)
		}
	}
	if h.rawID != "" {
		if err := h.Mails.Remove(ctx, h.rawID); err != nil {
			h.Log.WarnContext(ctx, "raw mail stays behind", "file", h.rawID, "error", err)
		}
	}
}

// settle decides what becomes of the mail and keeps it.
func (h *handling) settle(ctx context.Context, hold Reason) (Result, error) {
	t := h.taken
	var v verdict
	if hold != "" {
		v = verdict{outcome: Held, reason: hold}
	} else {
		v = h.judge(h.mail, h.envelope)
	}
	var person account.Person
	if v.outcome == "" {
		var err error
		if person, v, err = h.admitted(ctx, v); err != nil {
			return Result{}, err
		}
	}
	t.Outcome, t.Reason = v.outcome, v.reason
	var err error
	switch v.outcome {
	case "":
		if t, err = h.working(ctx, t, person); err != nil {
			return Result{}, err
		}
	case Refused:
		t.Letter = h.refusal(v)
	case Bounced:
		if err := h.handBack(ctx); err != nil {
			return Result{}, err
		}
	}
	if t.Outcome == Held {
		if t.Held, err = h.quarantine(ctx, t.Reason, v.from); err != nil {
			return Result{}, err
		}
		if t.Reason == Many {
			if t.Remark, err = h.remarkMany(ctx, person); err != nil {
				return Result{}, err
			}
		}
	}
	number, fresh, err := h.Store.Take(ctx, t)
	if err != nil {
		return Result{}, err
	}
	if !fresh {
		return Result{Outcome: Duplicate}, nil
	}
	return Result{Outcome: t.Outcome, Reason: t.Reason, Ticket: number}, nil
}

// admitted finds the person behind a mailbox of the organisation, and admits
// who is not known yet. It completes the verdict where the person matters.
func (h *handling) admitted(ctx context.Context, v verdict) (account.Person, verdict, error) {
	person, err := h.People.PersonByEmail(ctx, v.from.Email)
	switch {
	case fault.Is(err, fault.NotFound):
		_, external, err := h.Domains.Decide(v.from.Email)
		if fault.Is(err, fault.Forbidden) {
			v.outcome, v.reason = Refused, Outside
			return person, v, nil
		}
		if err != nil {
			return person, v, err
		}
		newcomer := account.NewPerson(v.from.Email, external, h.language(), h.taken.At)
		newcomer.Name = personName(v.from.Name)
		if person, err = h.People.Admit(ctx, newcomer); err != nil {
			return person, v, err
		}
	case err != nil:
		return person, v, err
	}
	if person.Shared {
		v.outcome, v.reason = Refused, Shared
		return person, v, nil
	}
	taken, _, err := h.Store.Count(ctx, h.taken.Sender, h.taken.At.Add(-time.Hour))
	if err == nil && taken >= h.Config.PerHour {
		v.outcome, v.reason = Held, Many
	}
	return person, v, err
}

// personName is the name of a From line where it is one.
func personName(name string) string {
	if name, _ = privacy.Mask(name); len(name) > 100 || strings.ContainsAny(name, "@<>/‹") {
		return ""
	}
	return name
}

// working makes the ticket or the message of a mail.
func (h *handling) working(ctx context.Context, t Taken, person account.Person) (Taken, error) {
	if h.mail.Text == "" && h.mail.Subject == "" && len(h.mail.Files) == 0 {
		t.Outcome, t.Reason = Held, Empty
		return t, nil
	}
	if err := h.keepFiles(ctx); err != nil {
		return t, err
	}
	stamp := tickets.Stamp{By: person, At: t.At, Key: "intake:" + t.Key}
	about, err := h.quoted(ctx, person)
	if err != nil {
		return t, err
	}
	if about.joins {
		change, err := h.join(about.ticket, stamp)
		if err != nil {
			return t, err
		}
		t.Outcome, t.Joins = Joined, &change
		return t, nil
	}
	change, err := h.open(ctx, person, stamp, about)
	if err != nil {
		return t, err
	}
	t.Outcome, t.Opens, t.Year = Opened, &change, h.year()
	if about.links {
		other := tickets.Change{Key: stamp.Key + "/linked", Ticket: about.ticket}
		other.Ticket.Version++
		link(&other, "", t.At)
		t.Linked = &other
	}
	return t, nil
}

// year is the one whose numbers tickets get now.
func (h *handling) year() int { return h.taken.At.In(h.Desk.Terms.Zone()).Year() }

// quarantine keeps the raw mail for an operator, unless there is no room left:
// then it has to come again.
func (h *handling) quarantine(ctx context.Context, why Reason, from Address) (*HeldMail, error) {
	held, err := h.Store.HeldBytes(ctx)
	if err != nil {
		return nil, err
	}
	if held+int64(len(h.raw)) > h.Config.HeldBytes {
		return nil, fault.New(fault.Unavailable, "intake.quarantine_full")
	}
	if h.rawID == "" {
		blob, err := h.Mails.Put(ctx, bytes.NewReader(h.raw))
		if err != nil {
			return nil, err
		}
		h.rawID = blob.ID
	}
	shown := from.Email
	if shown == "" {
		shown = shortened(decodeWords(h.mail.header.get("from")), 200)
	}
	subject, _ := privacy.Mask(h.mail.Subject)
	return &HeldMail{
		ID: heldID(h.taken.At), At: h.taken.At, Reason: why, From: shown, Subject: shortened(subject, 200),
		Bytes: int64(len(h.raw)), Raw: h.rawID, Status: Waiting,
	}, nil
}

// heldID sorts by time.
func heldID(at time.Time) string { return fmt.Sprintf("%012x%s", at.UnixMilli(), rand.Text()[:12]) }

// handBack gives a report on a letter of ours to who reads them.
func (h *handling) handBack(ctx context.Context) error {
	if h.Bounces == nil || h.bounced {
		return nil
	}
	if err := h.Bounces.Bounced(ctx, h.raw); err != nil {
		return err
	}
	h.bounced = true
	return nil
}

// remarkMany is the one note that tells operators that somebody sends too
// much: on their latest ticket, when the first mail too many comes.
func (h *handling) remarkMany(ctx context.Context, person account.Person) (*tickets.Change, error) {
	_, many, err := h.Store.Count(ctx, h.taken.Sender, h.taken.At.Add(-time.Hour))
	if err != nil || many > 0 {
		return nil, err
	}
	latest, err := h.Desk.Store.Of(ctx, person.ID, tickets.Filter{Limit: 1})
	if err != nil || len(latest) == 0 {
		return nil, err
	}
	change := annotated(latest[0], h.taken.At, "intake:many:"+h.taken.Key, h.say("intake.note.many", fault.Values{"Count": h.Config.PerHour}))
	return &change, nil
}

// annotated adds a note of the service itself.
func annotated(t tickets.Ticket, at time.Time, key, text string) tickets.Change {
	t.Version++
	return tickets.Change{Key: key, Ticket: t, Happened: []tickets.Event{{Ticket: t.ID, Kind: tickets.KindNote, At: at, Text: text}}}
}
