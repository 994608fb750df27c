package tickets

import (
	"slices"

	"sportello/account"
	"sportello/internal/fault"
)

// The fields whose change is a line of history.
const (
	ChangedTeam        = "team"
	ChangedAssignee    = "assignee"
	ChangedImpact      = "impact"
	ChangedUrgency     = "urgency"
	ChangedBeneficiary = "beneficiary"
	ChangedObserver    = "observer" // New came, or Old went
	ChangedSubject     = FieldSubject
	ChangedApplication = FieldApplication
	ChangedType        = "request_type"
)

// Unchanged fails with fault.Conflict if t is not the version that somebody
// saw when they decided what to do.
func (t Ticket) Unchanged(seen int) error {
	if t.Version != seen {
		return fault.New(fault.Conflict, "ticket.changed")
	}
	return nil
}

// Claim gives a ticket to the operator who takes it; of two who do so at once,
// one learns that the other was faster, by fault.Conflict. A received ticket
// becomes Taken.
func (t Ticket) Claim(s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.MoveTicket); err != nil {
		return Change{}, err
	}
	if t.Assignee != "" && t.Assignee != s.By.ID {
		return Change{}, fault.New(fault.Conflict, "ticket.claimed", fault.Values{"Number": t.Number})
	}
	return t.give(s.By.ID, s)
}

// Assign gives an open ticket to an operator, whoever has it.
func (t Ticket) Assign(to account.Person, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.MoveTicket); err != nil {
		return Change{}, err
	}
	if !account.Can(to, account.MoveTicket, t.Thing()) {
		return Change{}, fault.New(fault.Invalid, "ticket.assign_operator")
	}
	return t.give(to.ID, s)
}

func (t Ticket) give(to account.PersonID, s Stamp) (Change, error) {
	if !t.Status.Open() {
		return Change{}, fault.New(fault.Invalid, "ticket.not_open", fault.Values{"Number": t.Number})
	}
	happened := []Event{t.assign(to)}
	if t.Status == Received || t.Status == Reopened {
		happened = append(happened, t.move(Taken, s.At))
	}
	return t.change(s, happened...), nil
}

// Release puts a ticket back into its team's queue.
func (t Ticket) Release(s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.MoveTicket); err != nil {
		return Change{}, err
	}
	if t.Assignee == "" {
		return Change{}, fault.New(fault.Invalid, "ticket.not_claimed", fault.Values{"Number": t.Number})
	}
	released := t.assign("")
	return t.change(s, released), nil
}

func (t *Ticket) assign(to account.PersonID) Event {
	e := Event{Kind: KindChanged, Field: ChangedAssignee, Old: string(t.Assignee), New: string(to)}
	t.Assignee = to
	return e
}

// Transfer hands an open ticket to another team; note tells it why. Nobody of
// the team has it yet.
func (t Ticket) Transfer(team Team, note string, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.MoveTicket); err != nil {
		return Change{}, err
	}
	switch note = masked(note); {
	case !t.Status.Open():
		return Change{}, fault.New(fault.Invalid, "ticket.not_open", fault.Values{"Number": t.Number})
	case team.ID == "" || team.ID == t.Team:
		return Change{}, fault.New(fault.Invalid, "ticket.same_team")
	case tooLong(note, MaxMessage):
		return Change{}, tooLongFault("ticket.message_long", MaxMessage)
	}
	happened := []Event{{Kind: KindChanged, Public: true, Field: ChangedTeam, Old: t.Team, New: team.ID}}
	t.Team = team.ID
	if t.Assignee != "" {
		happened = append(happened, t.assign(""))
	}
	if note != "" {
		happened = append(happened, Event{Kind: KindNote, Text: note})
	}
	return t.change(s, happened...), nil
}

// Ask asks the people of an open ticket for what is missing (domain brief,
// F14): it waits for them, and its clock stands.
func (t Ticket) Ask(question string, s Stamp) (Change, error) {
	if t.Status != Waiting {
		return t.Move(Waiting, question, s)
	}
	if trimmed(question) == "" {
		return Change{}, fault.New(fault.Invalid, "ticket.waiting_question")
	}
	return t.Say(Message{Text: question}, s) // one more question
}

// Weigh sets impact and urgency, from which the priority follows.
func (t Ticket) Weigh(impact Impact, urgency Urgency, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.MoveTicket); err != nil {
		return Change{}, err
	}
	if !slices.Contains(Impacts, impact) || !slices.Contains(Urgencies, urgency) {
		return Change{}, fault.New(fault.Invalid, "ticket.weight")
	}
	var happened []Event
	if impact != t.Impact {
		happened = append(happened, Event{Kind: KindChanged, Field: ChangedImpact, Old: string(t.Impact), New: string(impact)})
	}
	if urgency != t.Urgency {
		happened = append(happened, Event{Kind: KindChanged, Field: ChangedUrgency, Old: string(t.Urgency), New: string(urgency)})
	}
	t.Impact, t.Urgency = impact, urgency
	return t.change(s, happened...), nil
}

// Describe puts right what a ticket is about: its subject, application and
// request type, for operators. The people on the ticket see it.
func (t Ticket) Describe(subject, application, requestType string, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.MoveTicket); err != nil {
		return Change{}, err
	}
	subject = masked(oneLine(subject))
	if problems := (Draft{Subject: subject, Body: t.Body}).check(); len(problems) > 0 {
		return Change{}, problems
	}
	var happened []Event
	for _, f := range []struct {
		name string
		at   *string
		to   string
	}{{ChangedSubject, &t.Subject, subject}, {ChangedApplication, &t.Application, application}, {ChangedType, &t.RequestType, requestType}} {
		if *f.at != f.to {
			happened = append(happened, Event{Kind: KindChanged, Public: true, Field: f.name, Old: *f.at, New: f.to})
			*f.at = f.to
		}
	}
	return t.change(s, happened...), nil
}

// For says whom the help is for, for operators; the zero Beneficiary means the
// author. It settles what a mail proposed.
func (t Ticket) For(b Beneficiary, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.MoveTicket); err != nil {
		return Change{}, err
	}
	if b.Other() && (oneLine(b.Name) == "" || len(b.Name) > 200) {
		return Change{}, fault.New(fault.Invalid, "ticket.person_name")
	}
	t.Proposed = Beneficiary{}
	if b == t.Beneficiary {
		return t.change(s), nil
	}
	e := Event{Kind: KindChanged, Public: true, Field: ChangedBeneficiary, Old: t.Beneficiary.String(), New: b.String()}
	t.Beneficiary = b
	return t.change(s, e), nil
}

// MaxObservers of one ticket.
const MaxObservers = 20

// Observe lets somebody follow a ticket: it is in their list, they read it and
// hear of it. Author, beneficiary and operators may say who.
func (t Ticket) Observe(p account.Person, s Stamp) (Change, error) {
	if err := t.allowed(s.By, account.FollowTicket); err != nil {
		return Change{}, err
	}
	switch {
	case !p.Known() || slices.Contains(t.People(), p.ID):
		return Change{}, fault.New(fault.Invalid, "ticket.observes_already")
	case len(t.Observers) >= MaxObservers:
		return Change{}, fault.New(fault.Invalid, "ticket.observers_many", fault.Values{"Most": MaxObservers})
	}
	t.Observers = append(slices.Clone(t.Observers), p.ID)
	return t.change(s, Event{Kind: KindChanged, Public: true, Field: ChangedObserver, New: string(p.ID)}), nil
}

// Unobserve ends that. Observers may end it themselves.
func (t Ticket) Unobserve(p account.PersonID, s Stamp) (Change, error) {
	act := account.FollowTicket
	if p == s.By.ID {
		act = account.ReadTicket
	}
	if err := t.allowed(s.By, act); err != nil {
		return Change{}, err
	}
	if !slices.Contains(t.Observers, p) {
		return Change{}, fault.New(fault.Invalid, "ticket.observes_not")
	}
	t.Observers = slices.DeleteFunc(slices.Clone(t.Observers), func(o account.PersonID) bool { return o == p })
	return t.change(s, Event{Kind: KindChanged, Public: true, Field: ChangedObserver, Old: string(p)}), nil
}
