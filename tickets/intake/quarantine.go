package intake

import (
	"context"
	"io"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
)

// Preview is what an operator sees of a mail in quarantine: text, never
// markup, without secrets.
type Preview struct {
	HeldMail
	Sender string // From as it is written
	Date   time.Time
	Text   string
	Aside  string
	Files  []string // names
}

func (i *Intake) mayLook(by account.Person) error {
	if !account.Can(by, account.ReadQuarantine, account.Thing{}) {
		return fault.New(fault.Forbidden, "intake.operators_only")
	}
	return nil
}

// Quarantined lists the mails that wait, the latest first, from the first one
// or from before an ID. It is for operators.
func (i *Intake) Quarantined(ctx context.Context, by account.Person, before string, limit int) (list []HeldMail, err error) {
	defer fault.Wrap(&err, "list quarantine")
	if err := i.mayLook(by); err != nil {
		return nil, err
	}
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	return i.Store.Quarantined(ctx, before, limit)
}

// Preview shows a mail in quarantine to an operator.
func (i *Intake) Preview(ctx context.Context, by account.Person, id string) (p Preview, err error) {
	defer fault.Wrap(&err, "preview mail %s", id)
	if err := i.mayLook(by); err != nil {
		return p, err
	}
	p.HeldMail, err = i.Store.HeldMail(ctx, id)
	if err != nil || p.Raw == "" || p.Status != Waiting {
		return p, err
	}
	raw, err := i.rawMail(ctx, p.HeldMail)
	if err != nil {
		return p, err
	}
	m := Read(raw)
	p.Sender, _ = privacy.Mask(decodeWords(m.header.get("from")))
	p.Date = m.Date
	p.Text, _ = privacy.Mask(shortened(m.Text, 5000))
	p.Aside, _ = privacy.Mask(shortened(m.Aside, 5000))
	for _, f := range m.Files {
		p.Files = append(p.Files, shortened(f.Name, 100))
	}
	return p, nil
}

func (i *Intake) rawMail(ctx context.Context, held HeldMail) (raw []byte, err error) {
	content, err := i.Mails.Open(ctx, held.Raw)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(io.LimitReader(content, i.Config.MaxBytes+1))
}

// Release makes a ticket of a mail in quarantine: an operator found that it is
// genuine. It belongs to whoever the mail is from; where they cannot have an
// account, to the operator, for them. Who does so again gets the same ticket. It
// fails with fault.Conflict if somebody else released the mail before, or it
// was discarded.
func (i *Intake) Release(ctx context.Context, by account.Person, id string) (number tickets.Number, err error) {
	defer fault.Wrap(&err, "release mail %s", id)
	if number, err = i.release(ctx, by, id); err != nil {
		if held, did := i.did(ctx, by, id, Released, err); did {
			return held.Ticket, nil
		}
	}
	return number, err
}

// did reports whether something failed because the same operator had done it
// already.
func (i *Intake) did(ctx context.Context, by account.Person, id string, as Status, failed error) (HeldMail, bool) {
	if !fault.Is(failed, fault.Conflict) && !fault.Is(failed, fault.NotFound) { // its bytes are gone then
		return HeldMail{}, false
	}
	held, err := i.Store.HeldMail(ctx, id)
	return held, err == nil && held.Status == as && held.By == string(by.ID)
}

func (i *Intake) release(ctx context.Context, by account.Person, id string) (number tickets.Number, err error) {
	held, err := i.waiting(ctx, by, id)
	if err != nil {
		return "", err
	}
	raw, err := i.rawMail(ctx, held)
	if err != nil {
		return "", err
	}
	h := &handling{Intake: i, raw: raw, mail: Read(raw), taken: Taken{At: i.Now(), Key: "held:" + id}}
	if h.mail.Bomb { // nothing of it is taken apart: the whole is attached
		h.mail.Files = []File{{Name: "messaggio.eml", Content: raw}}
	}
	change, err := h.released(ctx, by, held)
	if err == nil {
		number, err = i.Store.Settle(ctx, Settlement{
			ID: id, As: Released, By: string(by.ID), At: h.taken.At, Year: h.year(), Opens: &change,
		})
	}
	if err != nil {
		h.dropFiles(context.WithoutCancel(ctx))
		return "", err
	}
	i.forgetRaw(ctx, held)
	if i.Changed != nil {
		i.Changed()
	}
	return number, nil
}

func (h *handling) released(ctx context.Context, by account.Person, held HeldMail) (tickets.Change, error) {
	author, beneficiary := by, tickets.Beneficiary{}
	if len(h.mail.Senders) == 1 && h.mail.Senders[0].Email != "" {
		from := h.mail.Senders[0]
		address, external, err := h.Domains.Decide(from.Email)
		switch {
		case err == nil:
			newcomer := account.NewPerson(address, external, h.language(), h.taken.At)
			newcomer.Name = personName(from.Name)
			if author, err = h.People.Admit(ctx, newcomer); err != nil {
				return tickets.Change{}, err
			}
		case fault.Is(err, fault.Forbidden):
			beneficiary = tickets.Beneficiary{Name: personName(from.Name), Email: from.Email}
		default:
			return tickets.Change{}, err
		}
	}
	if err := h.keepFiles(ctx); err != nil {
		return tickets.Change{}, err
	}
	draft := h.draft(ctx, author)
	draft.Attachments, draft.Beneficiary = h.files, beneficiary
	change, err := h.Desk.Opening(ctx, draft, tickets.Stamp{By: author, At: h.taken.At, Key: "intake:" + h.taken.Key})
	if err != nil {
		return change, err
	}
	h.troubles(&change)
	h.note(&change, h.say("intake.note.released", fault.Values{"Name": by.Called(), "Why": h.say("intake.reason."+string(held.Reason), nil)}))
	return change, nil
}

// Discard ends a mail's time in quarantine without a ticket; its bytes are
// forgotten. Who does so again is told the same. It fails with fault.Conflict
// if somebody else discarded it before, or it was released.
func (i *Intake) Discard(ctx context.Context, by account.Person, id string) (err error) {
	defer fault.Wrap(&err, "discard mail %s", id)
	held, err := i.waiting(ctx, by, id)
	if err == nil {
		_, err = i.Store.Settle(ctx, Settlement{ID: id, As: Discarded, By: string(by.ID), At: i.Now()})
	}
	if err != nil {
		if _, did := i.did(ctx, by, id, Discarded, err); did {
			return nil
		}
		return err
	}
	i.forgetRaw(ctx, held)
	return nil
}

func (i *Intake) waiting(ctx context.Context, by account.Person, id string) (HeldMail, error) {
	if err := i.mayLook(by); err != nil {
		return HeldMail{}, err
	}
	held, err := i.Store.HeldMail(ctx, id)
	if err == nil && held.Status != Waiting {
		err = fault.New(fault.Conflict, "intake.settled")
	}
	return held, err
}

// Expire forgets what may no longer be kept: mails in quarantine, and who sent
// what. That a mail was taken is never forgotten: no copy makes a second
// ticket.
func (i *Intake) Expire(ctx context.Context) (forgotten int, err error) {
	defer fault.Wrap(&err, "expire mails")
	now := i.Now()
	gone, err := i.Store.Expire(ctx, now.Add(-days(i.Config.HeldDays)), now.Add(-days(i.Config.TraceDays)))
	for _, held := range gone {
		i.forgetRaw(ctx, held)
	}
	return len(gone), err
}

func (i *Intake) forgetRaw(ctx context.Context, held HeldMail) {
	if held.Raw == "" {
		return
	}
	if err := i.Mails.Remove(context.WithoutCancel(ctx), held.Raw); err != nil {
		i.Log.WarnContext(ctx, "raw mail stays behind", "file", held.Raw, "error", err)
	}
}

// Run expires what is due every few hours until ctx ends.
func (i *Intake) Run(ctx context.Context) {
	for {
		if n, err := i.Expire(ctx); err != nil && ctx.Err() == nil {
			i.Log.WarnContext(ctx, "mails could not be forgotten", "error", err)
		} else if n > 0 {
			i.Log.InfoContext(ctx, "forgot mails in quarantine", "count", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(6 * time.Hour):
		}
	}
}
