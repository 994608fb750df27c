package tickets

// Rule is a rule with what it needs besides the ticket.
type Rule = func(Ticket, Stamp) (Change, error)

// AllOf applies rules one after the other and makes one change of them: all
// happen or none, as one version.
func AllOf(rules ...Rule) Rule {
	return func(t Ticket, s Stamp) (Change, error) {
		all := t.change(s)
		for _, rule := range rules {
			one, err := rule(t, s)
			if err != nil {
				return Change{}, err
			}
			t = one.Ticket
			t.Version = all.Ticket.Version - 1 // the rules count one change each
			all.Happened = append(all.Happened, one.Happened...)
		}
		t.Version = all.Ticket.Version
		all.Ticket = t
		return all, nil
	}
}
