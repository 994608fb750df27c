package tickets

import (
	"slices"

	"sportello/account"
	"sportello/internal/fault"
)

// LinkKind says how one ticket stands to another.
type LinkKind string

// The sorts of links, from the ticket that has them.
const (
	DuplicateOf LinkKind = "duplicate_of" // the other one is worked on
	Duplicated  LinkKind = "duplicated"   // the other one is a duplicate of this
	CausedBy    LinkKind = "caused_by"    // the other one is the incident behind it
	Causes      LinkKind = "causes"       // the other one follows from this
	Related     LinkKind = "related"
)

// LinkKinds are those that people choose among.
var LinkKinds = []LinkKind{DuplicateOf, CausedBy, Causes, Related}

// inverse is how the other ticket sees a link.
var inverse = map[LinkKind]LinkKind{DuplicateOf: Duplicated, Duplicated: DuplicateOf, CausedBy: Causes, Causes: CausedBy, Related: Related}

// Phrase is the key of the label of this sort of link.
func (k LinkKind) Phrase() string { return "ticket.link." + string(k) }

// Link leads to another ticket.
type Link struct {
	Kind LinkKind `json:"kind"`
	To   Number   `json:"to"`
}

// MergedInto is the ticket that is worked on in place of t, if t was merged.
func (t Ticket) MergedInto() (Number, bool) {
	if t.Status.Open() {
		return "", false
	}
	for _, l := range slices.Backward(t.Links) { // merging adds its link last
		if l.Kind == DuplicateOf {
			return l.To, true
		}
	}
	return "", false
}

// LinkTo ties two tickets together, for operators. Both changes are kept
// together. That a ticket has links is for operators only: the other one may
// be somebody else's.
func (t Ticket) LinkTo(other Ticket, kind LinkKind, s Stamp) ([]Change, error) {
	if err := t.mayLink(other, s); err != nil {
		return nil, err
	}
	if inverse[kind] == "" {
		return nil, fault.New(fault.Invalid, "ticket.link_kind")
	}
	if t.linked(other.Number) {
		return nil, fault.New(fault.Invalid, "ticket.link_twice", fault.Values{"Number": other.Number})
	}
	return []Change{t.link(other.Number, kind, s), other.link(t.Number, inverse[kind], s.second())}, nil
}

// Unlink takes the links between two tickets away.
func (t Ticket) Unlink(other Ticket, s Stamp) ([]Change, error) {
	if err := t.mayLink(other, s); err != nil {
		return nil, err
	}
	if !t.linked(other.Number) {
		return nil, fault.New(fault.Invalid, "ticket.link_none", fault.Values{"Number": other.Number})
	}
	return []Change{t.unlink(other.Number, s), other.unlink(t.Number, s.second())}, nil
}

// MergeInto closes t as a duplicate of another open ticket, which is worked on
// in its place: t's people observe that one from now on, and are told where to
// go on. Both changes are kept together.
func (t Ticket) MergeInto(other Ticket, s Stamp) ([]Change, error) {
	if err := t.mayLink(other, s); err != nil {
		return nil, err
	}
	for _, one := range []Ticket{t, other} {
		if !one.Status.Open() {
			return nil, fault.New(fault.Invalid, "ticket.not_open", fault.Values{"Number": one.Number})
		}
	}
	t.Links = append(t.without(other.Number), Link{DuplicateOf, other.Number})
	closed := t.move(Closed, s.At)
	source := t.change(s, Event{Kind: KindLinked, Public: true, Field: string(DuplicateOf), New: string(other.Number)}, closed)

	other.Links = append(other.without(t.Number), Link{Duplicated, t.Number})
	happened := []Event{{Kind: KindLinked, Field: string(Duplicated), New: string(t.Number)}}
	for _, person := range t.People() {
		if !slices.Contains(other.People(), person) && len(other.Observers) < MaxObservers {
			other.Observers = append(slices.Clone(other.Observers), person)
			happened = append(happened, Event{Kind: KindChanged, Public: true, Field: ChangedObserver, New: string(person)})
		}
	}
	return []Change{source, other.change(s.second(), happened...)}, nil
}

func (t Ticket) mayLink(other Ticket, s Stamp) error {
	for _, one := range []Ticket{t, other} {
		if err := one.allowed(s.By, account.MoveTicket); err != nil {
			return err
		}
	}
	if t.ID == other.ID {
		return fault.New(fault.Invalid, "ticket.link_itself")
	}
	return nil
}

func (t Ticket) linked(to Number) bool {
	return slices.ContainsFunc(t.Links, func(l Link) bool { return l.To == to })
}

func (t Ticket) without(to Number) []Link {
	return slices.DeleteFunc(slices.Clone(t.Links), func(l Link) bool { return l.To == to })
}

func (t Ticket) link(to Number, kind LinkKind, s Stamp) Change {
	t.Links = append(slices.Clone(t.Links), Link{kind, to})
	return t.change(s, Event{Kind: KindLinked, Field: string(kind), New: string(to)})
}

func (t Ticket) unlink(to Number, s Stamp) Change {
	t.Links = t.without(to)
	return t.change(s, Event{Kind: KindLinked, Old: string(to)})
}

// second is the stamp of the other of two changes that are kept together.
func (s Stamp) second() Stamp {
	if name, sum := CutKey(s.Key); sum != "" {
		s.Key = KeyFor(name+"/2", sum)
	} else if name != "" {
		s.Key = name + "/2"
	}
	return s
}
