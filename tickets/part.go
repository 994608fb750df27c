package tickets

import (
	"slices"

	"sportello/account"
)

// Part is what somebody has to do with a ticket.
type Part string

// The parts. Who has several is named by the first.
const (
	AsAuthor      Part = "author"
	AsBeneficiary Part = "beneficiary"
	AsObserver    Part = "observer"
)

// Parts lists them.
var Parts = []Part{AsAuthor, AsBeneficiary, AsObserver}

// PartOf tells what a person has to do with t; it is empty for others.
func (t Ticket) PartOf(person account.PersonID) Part {
	switch {
	case person == "":
		return ""
	case person == t.Author:
		return AsAuthor
	case person == t.Beneficiary.Person:
		return AsBeneficiary
	case slices.Contains(t.Observers, person):
		return AsObserver
	}
	return ""
}
