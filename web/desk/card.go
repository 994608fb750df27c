package desk

import (
	"strings"

	"sportello/account"
	"sportello/tickets"
)

// card is what an operator sees of a person.
type card struct {
	ID       account.PersonID
	Name     string
	Email    string
	Office   string
	Area     string
	Phone    string
	Dial     string // as a telephone takes it
	External bool
	Lang     string
	Tickets  []row  // their newest ones
	All      string // where all of them are
}

func (v *visit) card(p account.Person) card {
	c := card{ID: p.ID, Name: p.Called(), Email: p.Email, Office: p.Office, Area: v.area(p.Area), Phone: p.Phone, Dial: dial(p.Phone), External: p.External}
	if p.Lang != "" && p.Lang != v.lang {
		c.Lang = v.say("desk.speaks_" + p.Lang)
	}
	if p.ID != "" {
		c.All = v.path("") + "?" + choice{View: found, Team: "all", Person: p.ID}.values().Encode()
	} else {
		c.Name = v.say("desk.somebody")
	}
	return c
}

// area is how the team is called that looks after an area.
func (v *visit) area(id string) string {
	for _, team := range v.Desk.Terms.Teams {
		if id != "" && team.Area == id {
			return team.Label.In(v.lang)
		}
	}
	return id
}

// dial keeps of a telephone number what can be dialled.
func dial(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, phone)
}

// othersShown of the same person, beside a ticket.
const othersShown = 5

// ticketsOf lists the other tickets of whoever asked, the newest first.
func (v *visit) ticketsOf(t tickets.Ticket) ([]row, error) {
	list, err := v.Desk.Queue(v.r.Context(), v.by, tickets.Queue{Person: t.Author, Newest: true, Limit: othersShown + 1})
	if err != nil {
		return nil, err
	}
	return v.rows(but(list, t, othersShown))
}

// but are at most so many of a list, without one.
func but(list []tickets.Ticket, t tickets.Ticket, most int) []tickets.Ticket {
	var others []tickets.Ticket
	for _, other := range list {
		if other.ID != t.ID && len(others) < most {
			others = append(others, other)
		}
	}
	return others
}
