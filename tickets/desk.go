package tickets

import (
	"cmp"
	"context"
	"crypto/rand"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

// Desk is where programs other than a conversation work on tickets: pages and
// the API. Each method checks the rights of the person who acts; a ticket that
// they may not see is not found.
//
// A key makes an act idempotent: the same person with the same key gets the
// ticket as it is now, and nothing is done twice. Without one each call counts.
type Desk struct {
	Store     Store
	People    People
	Catalogue Catalogue
	Reopening time.Duration    // DefaultReopening if zero
	Now       func() time.Time // in the zone of the service: numbers begin anew each year
}

// People finds whom a ticket is for; account.Store is one.
type People interface {
	PersonByEmail(ctx context.Context, email string) (account.Person, error)
}

// Ticket returns one ticket.
func (d Desk) Ticket(ctx context.Context, by account.Person, id ID) (t Ticket, err error) {
	defer fault.Wrap(&err, "ticket %s", id)
	if t, err = d.Store.Ticket(ctx, id); err != nil {
		return Ticket{}, err
	}
	return t, t.allowed(by, account.ReadTicket)
}

// ByNumber returns one ticket by its number.
func (d Desk) ByNumber(ctx context.Context, by account.Person, number Number) (t Ticket, err error) {
	defer fault.Wrap(&err, "ticket %s", number)
	if t, err = d.Store.ByNumber(ctx, number); err != nil {
		return Ticket{}, err
	}
	return t, t.allowed(by, account.ReadTicket)
}

// List returns the tickets of the person who asks, newest first.
func (d Desk) List(ctx context.Context, by account.Person, filter Filter) (list []Ticket, err error) {
	defer fault.Wrap(&err, "list tickets")
	if !by.Known() {
		return nil, fault.New(fault.Unauthenticated, "ticket.open_unknown")
	}
	return d.Store.Of(ctx, by.ID, filter)
}

// History returns what happened to a ticket, as far as the person may see it:
// internal notes are for operators.
func (d Desk) History(ctx context.Context, by account.Person, id ID) (events []Event, err error) {
	defer fault.Wrap(&err, "history of ticket %s", id)
	t, err := d.Ticket(ctx, by, id)
	if err != nil {
		return nil, err
	}
	all, err := d.Store.History(ctx, id)
	for _, e := range all {
		if e.Public || account.Can(by, account.NoteTicket, t.Thing()) {
			events = append(events, e)
		}
	}
	return events, err
}

// Open opens a ticket. A draft that lacks something fails with Problems.
func (d Desk) Open(ctx context.Context, by account.Person, draft Draft, key string) (t Ticket, err error) {
	defer fault.Wrap(&err, "open ticket")
	s := d.stamp(by, key)
	if earlier, err := d.Store.ByKey(ctx, s.Key); !fault.Is(err, fault.NotFound) {
		return earlier, err
	}
	draft = d.Catalogue.Complete(draft)
	if problems := d.Catalogue.Check(draft, by.Lang); len(problems) > 0 {
		return Ticket{}, problems
	}
	draft.Beneficiary.Person = ""
	if draft.Beneficiary.Email != "" {
		who, err := d.People.PersonByEmail(ctx, draft.Beneficiary.Email)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return Ticket{}, err
		}
		draft.Beneficiary.Person = who.ID
	}
	number, err := d.Store.NextNumber(ctx, s.At.Year())
	if err != nil {
		return Ticket{}, err
	}
	c, err := Open(draft, number, s)
	if err != nil {
		return Ticket{}, err
	}
	return d.save(ctx, c)
}

// Say adds a message to a ticket.
func (d Desk) Say(ctx context.Context, by account.Person, id ID, m Message, key string) (Ticket, error) {
	return d.act(ctx, by, id, key, func(t Ticket, s Stamp) (Change, error) { return t.Say(m, s) })
}

// Move changes a ticket's status. Who asked may close and reopen; everything
// else is for operators.
func (d Desk) Move(ctx context.Context, by account.Person, id ID, to Status, note, key string) (Ticket, error) {
	return d.act(ctx, by, id, key, func(t Ticket, s Stamp) (Change, error) {
		switch to {
		case Closed:
			return t.Close(note, s)
		case Reopened:
			return t.Reopen(note, cmp.Or(d.Reopening, DefaultReopening), s)
		default:
			return t.Move(to, note, s)
		}
	})
}

// Rate keeps what somebody thinks of the service on a ticket.
func (d Desk) Rate(ctx context.Context, by account.Person, id ID, score int, suggestion, key string) (Ticket, error) {
	return d.act(ctx, by, id, key, func(t Ticket, s Stamp) (Change, error) { return t.Rate(score, suggestion, s) })
}

// act applies a rule to a ticket and keeps the change.
func (d Desk) act(ctx context.Context, by account.Person, id ID, key string, rule func(Ticket, Stamp) (Change, error)) (t Ticket, err error) {
	defer fault.Wrap(&err, "change ticket %s", id)
	if key != "" {
		key = string(id) + "/" + key
	}
	s := d.stamp(by, key)
	for range patience {
		if t, err = d.once(ctx, id, s, rule); !fault.Is(err, fault.Conflict) {
			break
		}
	}
	return t, err
}

// patience is how often an act is tried when somebody else changes the same
// ticket meanwhile: each time the rule decides on the ticket as it is then.
const patience = 4

func (d Desk) once(ctx context.Context, id ID, s Stamp, rule func(Ticket, Stamp) (Change, error)) (Ticket, error) {
	if earlier, err := d.Store.ByKey(ctx, s.Key); !fault.Is(err, fault.NotFound) {
		return earlier, err
	}
	t, err := d.Store.Ticket(ctx, id)
	if err != nil {
		return Ticket{}, err
	}
	c, err := rule(t, s)
	if err != nil {
		return Ticket{}, err
	}
	return d.save(ctx, c)
}

// stamp keeps the keys of different persons apart.
func (d Desk) stamp(by account.Person, key string) Stamp {
	if key == "" {
		key = rand.Text()
	}
	return Stamp{By: by, At: d.Now(), Key: "desk/" + string(by.ID) + "/" + key}
}

// save keeps a change and returns what the store has then: another call with
// the same key may have been faster.
func (d Desk) save(ctx context.Context, c Change) (Ticket, error) {
	if err := d.Store.Save(ctx, c); err != nil {
		return Ticket{}, err
	}
	return d.Store.ByKey(ctx, c.Key)
}
