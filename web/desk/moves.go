package desk

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/tickets"
)

// rule changes a ticket, and perhaps others besides.
type rule = func(tickets.Ticket, tickets.Stamp) ([]tickets.Change, error)

// one makes a rule of one that changes a single ticket.
func one(of func(tickets.Ticket, tickets.Stamp) (tickets.Change, error)) rule {
	return func(t tickets.Ticket, s tickets.Stamp) ([]tickets.Change, error) {
		c, err := of(t, s)
		return []tickets.Change{c}, err
	}
}

// moveOf is something that can be done to a ticket with a form.
type moveOf struct {
	// seen: it is decided on what the page showed, so a ticket that changed
	// has to be looked at first.
	seen  bool
	files bool // the form may bring some
	rule  func(v *visit, f form, t tickets.Ticket, kept []tickets.Attachment) (rule, error)
}

// moves are all of them, by the last part of their path.
var moves map[string]moveOf

func init() { // the rules lead back to the page, which lists the moves
	moves = map[string]moveOf{
		"say":       {seen: true, files: true, rule: say(false)},
		"note":      {files: true, rule: say(true)},
		"claim":     {rule: simple(tickets.Ticket.Claim)},
		"release":   {seen: true, rule: simple(tickets.Ticket.Release)},
		"assign":    {seen: true, rule: (*visit).assign},
		"ask":       {seen: true, rule: (*visit).ask},
		"start":     {seen: true, rule: status(tickets.Working)},
		"finish":    {seen: true, rule: withText(tickets.Ticket.Finish)},
		"close":     {seen: true, rule: withText(tickets.Ticket.Close)},
		"cancel":    {seen: true, rule: status(tickets.Cancelled)},
		"reopen":    {seen: true, rule: (*visit).reopen},
		"transfer":  {seen: true, rule: (*visit).transfer},
		"weigh":     {seen: true, rule: (*visit).weigh},
		"describe":  {seen: true, rule: (*visit).describe},
		"for":       {seen: true, rule: (*visit).forWhom},
		"observe":   {rule: (*visit).observe},
		"unobserve": {rule: (*visit).unobserve},
		"link":      {rule: (*visit).link},
		"unlink":    {rule: (*visit).unlink},
		"merge":     {seen: true, rule: (*visit).mergeInto},
	}
}

// move does what a form asks, and leads back to the ticket.
func (v *visit) move() error {
	name := chi.URLParam(v.r, "move")
	m, known := moves[name]
	if !known {
		return notFound()
	}
	f, err := v.read()
	if err != nil {
		return err
	}
	t, err := v.Desk.Ticket(v.r.Context(), v.by, v.number())
	if err != nil {
		return err
	}
	if err := v.do(m, f, t, v.key(f, name+"/"+string(t.Number))); err != nil {
		if status := httpstatus.Of(err); status >= http.StatusInternalServerError || status == http.StatusNotFound && missingTicket(err, t) {
			return err
		}
		return v.showTicket(httpstatus.Of(err), &refusal{move: name, typed: f.Values, err: err, files: len(f.files) > 0})
	}
	to := t.Number
	if name == "merge" {
		to, _ = v.otherNumber(f)
	}
	return v.seeOther(v.path("/ticket/"+string(to)), url.Values{"done": {name}})
}

// missingTicket reports whether it is the page's own ticket that is not there.
func missingTicket(err error, t tickets.Ticket) bool {
	_, values := fault.Public(err)
	return values["Number"] == t.Number
}

func (v *visit) number() tickets.Number { return tickets.Number(chi.URLParam(v.r, "number")) }

// do makes one move, once.
func (v *visit) do(m moveOf, f form, t tickets.Ticket, key string) (err error) {
	if done, err := v.doneBefore(key); done || err != nil {
		return err
	}
	if m.seen {
		if err := t.Unchanged(f.version()); err != nil {
			return err
		}
	}
	var kept []tickets.Attachment
	if m.files {
		if kept, err = v.accept(f); err != nil {
			return err
		}
	}
	made, err := m.rule(v, f, t, kept)
	if err == nil {
		_, err = v.Desk.DoAll(v.r.Context(), v.by, t.Number, key, func(t tickets.Ticket, s tickets.Stamp) ([]tickets.Change, error) {
			if m.seen {
				if err := t.Unchanged(f.version()); err != nil {
					return nil, err
				}
			}
			return made(t, s)
		})
	}
	if err != nil {
		v.discard(kept)
	}
	return err
}

func simple(of func(tickets.Ticket, tickets.Stamp) (tickets.Change, error)) func(*visit, form, tickets.Ticket, []tickets.Attachment) (rule, error) {
	return func(*visit, form, tickets.Ticket, []tickets.Attachment) (rule, error) { return one(of), nil }
}

func withText(of func(tickets.Ticket, string, tickets.Stamp) (tickets.Change, error)) func(*visit, form, tickets.Ticket, []tickets.Attachment) (rule, error) {
	return func(_ *visit, f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
		return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return of(t, f.text("text"), s) }), nil
	}
}

func status(to tickets.Status) func(*visit, form, tickets.Ticket, []tickets.Attachment) (rule, error) {
	return withText(func(t tickets.Ticket, note string, s tickets.Stamp) (tickets.Change, error) {
		return t.Move(to, note, s)
	})
}

func say(internal bool) func(*visit, form, tickets.Ticket, []tickets.Attachment) (rule, error) {
	return func(_ *visit, f form, _ tickets.Ticket, kept []tickets.Attachment) (rule, error) {
		return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Say(tickets.Message{Text: f.text("text"), Internal: internal, Attachments: kept}, s)
		}), nil
	}
}

func (v *visit) assign(f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	to, err := v.People.Person(v.r.Context(), account.PersonID(f.Get("to")))
	if missing(err) {
		return nil, fault.New(fault.Invalid, "ticket.assign_operator")
	}
	return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Assign(to, s) }), err
}

func (v *visit) transfer(f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	team, _ := v.Desk.Terms.Team(f.Get("team"))
	return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Transfer(team, f.text("text"), s)
	}), nil
}

func (v *visit) weigh(f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Weigh(tickets.Impact(f.Get("impact")), tickets.Urgency(f.Get("urgency")), s)
	}), nil
}

func (v *visit) reopen(f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Reopen(f.text("text"), v.Desk.Terms.Reopening(), s)
	}), nil
}

// describe checks what it is about against the catalogue: a mistake in a form
// is not to be kept.
func (v *visit) describe(f form, now tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	application, requestType := f.Get("application"), f.Get("type")
	if _, known := v.Desk.Catalogue.Application(application); application != "" && application != now.Application && !known {
		return nil, fault.New(fault.Invalid, "ticket.field_application")
	}
	if _, known := v.Desk.Catalogue.Request(requestType); requestType != now.RequestType && !known {
		return nil, fault.New(fault.Invalid, "ticket.request_type_unknown")
	}
	return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Describe(f.line("subject"), application, requestType, s)
	}), nil
}

// forWhom settles whom the help is for: "me" for the author, "keep" for things
// to stay as they are, or the person in the form.
func (v *visit) forWhom(f form, now tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	var b tickets.Beneficiary
	switch f.Get("whom") {
	case "me":
	case "keep":
		b = now.Beneficiary
	default:
		b.Name = f.line("name")
		if address := f.line("email"); address != "" {
			var err error
			if b.Email, err = account.Address(address); err != nil {
				return nil, err
			}
			switch known, err := v.People.PersonByEmail(v.r.Context(), b.Email); {
			case err == nil:
				b.Person = known.ID
				if b.Name == "" {
					b.Name = known.Called()
				}
			case !missing(err):
				return nil, err
			}
		}
		if b.Person != "" && b.Person == now.Author {
			b = tickets.Beneficiary{}
		} else if b == (tickets.Beneficiary{}) {
			return nil, fault.New(fault.Invalid, "ticket.person_name")
		}
	}
	return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.For(b, s) }), nil
}

func (v *visit) observe(f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	who, err := v.whom(f.line("who"))
	if err != nil {
		return nil, err
	}
	return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Observe(who, s) }), nil
}

// whom finds the one person that a text means: by address, or by a name that
// nobody else has.
func (v *visit) whom(text string) (account.Person, error) {
	if address, found := account.FindAddress(text); found {
		person, err := v.People.PersonByEmail(v.r.Context(), address)
		if missing(err) {
			return person, fault.New(fault.Invalid, "desk.person_unknown")
		}
		return person, err
	}
	if text == "" {
		return account.Person{}, fault.New(fault.Invalid, "desk.person_missing")
	}
	met, err := v.People.Find(v.r.Context(), text, 2)
	switch {
	case err != nil:
		return account.Person{}, err
	case len(met) == 0:
		return account.Person{}, fault.New(fault.Invalid, "desk.person_unknown")
	case len(met) > 1:
		return account.Person{}, fault.New(fault.Invalid, "desk.person_several")
	}
	return met[0], nil
}

func (v *visit) unobserve(f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	return one(func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Unobserve(account.PersonID(f.Get("who")), s)
	}), nil
}

// otherNumber is the number of another ticket, as somebody types it.
func (v *visit) otherNumber(f form) (tickets.Number, error) {
	number, ok := tickets.ParseNumber(f.line("other"), v.local(v.Now()).Year())
	if !ok {
		return "", fault.New(fault.Invalid, "desk.number_missing")
	}
	return number, nil
}

func (v *visit) link(f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	number, err := v.otherNumber(f)
	if err != nil {
		return nil, err
	}
	return func(t tickets.Ticket, s tickets.Stamp) ([]tickets.Change, error) {
		other, err := v.Desk.Ticket(v.r.Context(), v.by, number)
		if err != nil {
			return nil, err
		}
		kind := tickets.LinkKind(f.Get("kind"))
		if !slices.Contains(tickets.LinkKinds, kind) {
			kind = ""
		}
		return t.LinkTo(other, kind, s)
	}, nil
}

func (v *visit) unlink(f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	number, err := v.otherNumber(f)
	if err != nil {
		return nil, err
	}
	return func(t tickets.Ticket, s tickets.Stamp) ([]tickets.Change, error) {
		other, err := v.Desk.Ticket(v.r.Context(), v.by, number)
		if err != nil {
			return nil, err
		}
		return t.Unlink(other, s)
	}, nil
}
