package tickets

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

// People are those who may be on a ticket; account.Store is one.
type People interface {
	Person(ctx context.Context, id account.PersonID) (account.Person, error)
	PersonByEmail(ctx context.Context, email string) (account.Person, error)
}

// Desk is the way for pages, programs and mail to read and to change tickets;
// a turn of a conversation keeps its changes with the turn. It shows nobody
// what they may not see: to them there is no such ticket. It is safe for
// concurrent use.
type Desk struct {
	Store     Store
	Accounts  People
	Catalogue Catalogue
	Terms     Terms
	Now       func() time.Time
	Changed   func() // called after a change was kept; may be nil
}

// tries of a change that loses against others.
const tries = 8

// Open opens a ticket: it fills in the request type, whom the help is for, the
// team, the priority and the due time, and gives it a number. What the request
// type asks for is for whoever fills in the form, by Catalogue.Check. The same
// key again returns the ticket that was opened under it; key may be empty.
func (d *Desk) Open(ctx context.Context, by account.Person, draft Draft, key string) (t Ticket, err error) {
	defer fault.Wrap(&err, "open a ticket")
	s := Stamp{By: by, At: d.Now(), Key: key}
	c, err := d.Opening(ctx, draft, s)
	if err != nil {
		return t, err
	}
	t, err = d.Store.Open(ctx, s.At.In(d.Terms.Zone()).Year(), c)
	if err == nil && t.Author != c.Ticket.Author {
		return Ticket{}, fault.New(fault.Conflict, "ticket.key_used") // somebody else's key
	}
	d.changed(err)
	return t, err
}

// Opening is the change that Open keeps, for whoever keeps it with something
// else: Store.Open gives it a number.
func (d *Desk) Opening(ctx context.Context, draft Draft, s Stamp) (Change, error) {
	draft = d.Catalogue.Complete(draft)
	concerned := s.By
	if draft.Author != "" && draft.Author != s.By.ID {
		author, err := d.Accounts.Person(ctx, draft.Author)
		if err != nil {
			return Change{}, err
		}
		concerned = author
	}
	if email := draft.Beneficiary.Email; email != "" && strings.EqualFold(email, concerned.Email) {
		draft.Beneficiary = Beneficiary{}
	} else if email != "" {
		switch known, err := d.Accounts.PersonByEmail(ctx, email); {
		case err == nil:
			draft.Beneficiary.Person, concerned = known.ID, known
		case !fault.Is(err, fault.NotFound):
			return Change{}, err
		}
	}
	a, _ := d.Catalogue.Application(draft.Application)
	c, err := Open(d.Terms.Route(draft, a, concerned), "", s)
	if err != nil {
		return Change{}, err
	}
	return d.Terms.Settle(c), nil
}

// Ticket returns a ticket that somebody may read.
func (d *Desk) Ticket(ctx context.Context, by account.Person, number Number) (t Ticket, err error) {
	defer fault.Wrap(&err, "read ticket %s", number)
	if t, err = d.Store.ByNumber(ctx, number); err != nil {
		return Ticket{}, err
	}
	if err := t.allowed(by, account.ReadTicket); err != nil {
		return Ticket{}, err
	}
	return t, nil
}

// History returns what happened to a ticket, as far as somebody may know.
func (d *Desk) History(ctx context.Context, by account.Person, t Ticket) (events []Event, err error) {
	defer fault.Wrap(&err, "read history of ticket %s", t.Number)
	if err := t.allowed(by, account.ReadTicket); err != nil {
		return nil, err
	}
	if events, err = d.Store.History(ctx, t.ID); err != nil {
		return nil, err
	}
	if account.Can(by, account.NoteTicket, t.Thing()) {
		return events, nil
	}
	events = slices.DeleteFunc(events, func(e Event) bool { return !e.Public })
	return events, nil
}

// Mine lists somebody's own tickets.
func (d *Desk) Mine(ctx context.Context, by account.Person, f Filter) ([]Ticket, error) {
	if !by.Known() {
		return nil, fault.New(fault.Unauthenticated, "ticket.open_unknown")
	}
	return d.Store.Of(ctx, by.ID, f)
}

// Queue lists everybody's tickets, for operators.
func (d *Desk) Queue(ctx context.Context, by account.Person, q Queue) ([]Ticket, error) {
	if !account.Can(by, account.ListTickets, account.Thing{}) {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	return d.Store.Queue(ctx, q)
}

// Do changes a ticket by one of its rules and returns it as it is then. A
// change that loses a race is made again on the ticket as it is: a rule that
// must not be, such as one decided on what a page showed, calls Unchanged
// first. The same key again changes nothing; key may be empty.
func (d *Desk) Do(ctx context.Context, by account.Person, number Number, key string, rule func(Ticket, Stamp) (Change, error)) (t Ticket, err error) {
	return d.DoAll(ctx, by, number, key, func(t Ticket, s Stamp) ([]Change, error) {
		c, err := rule(t, s)
		return []Change{c}, err
	})
}

// DoAll is Do for rules that change other tickets besides, all of them
// together or none. The first change is of the ticket itself.
func (d *Desk) DoAll(ctx context.Context, by account.Person, number Number, key string, rule func(Ticket, Stamp) ([]Change, error)) (t Ticket, err error) {
	defer fault.Wrap(&err, "change ticket %s", number)
	for try := 1; ; try++ {
		if t, err = d.Ticket(ctx, by, number); err != nil {
			return Ticket{}, err
		}
		if key != "" {
			done, err := d.Store.ByKey(ctx, key)
			if err == nil && done.ID == t.ID {
				return t, nil
			}
			if err == nil {
				return Ticket{}, fault.New(fault.Conflict, "ticket.key_used")
			}
			if !fault.Is(err, fault.NotFound) {
				return Ticket{}, err
			}
		}
		changes, err := rule(t, Stamp{By: by, At: d.Now(), Key: key})
		if err != nil {
			return Ticket{}, err
		}
		for i, c := range changes {
			changes[i] = d.Terms.Settle(c)
		}
		err = d.Store.Save(ctx, changes...)
		if fault.Is(err, fault.Conflict) && try < tries {
			continue
		}
		d.changed(err)
		return changes[0].Ticket, err
	}
}

func (d *Desk) changed(err error) {
	if err == nil && d.Changed != nil {
		d.Changed()
	}
}

// Keep looks after tickets by itself: it warns that solved ones will be closed,
// closes them, and reminds of questions without an answer. It returns how many
// it changed. Several processes may do so at the same time.
func (d *Desk) Keep(ctx context.Context) (changed int, err error) {
	defer fault.Wrap(&err, "look after tickets")
	const page = 100
	for {
		waking, err := d.Store.Waking(ctx, d.Now(), page)
		if err != nil {
			return changed, err
		}
		for _, t := range waking {
			c, due := d.Terms.Wake(t, Stamp{At: d.Now(), Key: fmt.Sprintf("wake/%s/%d", t.ID, t.Version)})
			if !due { // nothing we know of: it shall not wake us again
				c = t.change(Stamp{At: d.Now()})
				c.Ticket.WakeAt = time.Time{}
			}
			switch err := d.Store.Save(ctx, c); {
			case err == nil:
				changed++
			case !fault.Is(err, fault.Conflict): // another process was faster
				return changed, err
			}
		}
		if len(waking) < page {
			if changed > 0 {
				d.changed(nil)
			}
			return changed, nil
		}
	}
}

// Run keeps looking after tickets until ctx is done.
func (d *Desk) Run(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		switch n, err := d.Keep(ctx); {
		case err != nil && ctx.Err() == nil:
			log.ErrorContext(ctx, "tickets not looked after", "error", err)
		case n > 0:
			log.InfoContext(ctx, "looked after tickets", "changed", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
