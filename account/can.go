package account

import "slices"

// Act is something one may want to do.
type Act string

// The acts. Those on a ticket depend on who stands in which relation to it,
// reading an article on its audience, the rest on roles alone.
const (
	OpenTicket   Act = "open ticket"
	ReadTicket   Act = "read ticket"
	WriteTicket  Act = "write to ticket" // add a public message or an attachment
	CloseTicket  Act = "close ticket"
	ReopenTicket Act = "reopen ticket"
	RateTicket   Act = "rate ticket"
	MoveTicket   Act = "move ticket"    // any move that a status allows
	NoteTicket   Act = "note on ticket" // internal notes, to read and to write
	ListTickets  Act = "list tickets"   // those of everybody
	FollowTicket Act = "follow ticket"  // say who else observes it

	RecordFor      Act = "record for another" // open a ticket for whoever called
	ActFor         Act = "act for another"    // by a program, with a token that says so
	WatchQueue     Act = "watch queue"        // of the teams
	AssignTicket   Act = "assign ticket"      // to oneself, to another, to a team
	MergeTicket    Act = "merge ticket"
	ExportTickets  Act = "export tickets"
	ReadQuarantine Act = "read quarantine" // mail that was kept back

	ReadArticle    Act = "read article"
	WriteArticle   Act = "write article"
	PublishArticle Act = "publish article"

	TakeConversation Act = "take conversation"
	ReadInsights     Act = "read insights"
	KeepAccounts     Act = "keep accounts"
	ManageHooks      Act = "manage hooks" // addresses that hear of every ticket
)

// Audience limits who may read an article.
type Audience string

// The audiences, from the widest.
const (
	All       Audience = "all"
	Employees Audience = "employees"
	Operators Audience = "operators"
)

// Thing describes what an act is done to, as far as rights depend on it.
type Thing struct {
	Author      PersonID
	Beneficiary PersonID
	Observers   []PersonID
	Audience    Audience // of an article
}

// bond is a relation of a person to a thing.
type bond int

const (
	author bond = iota
	beneficiary
	observer
	reader // the thing's audience includes them
)

// right says who may do an act: persons with one of the roles, or with one of
// the bonds to the thing.
type right struct {
	roles []Role
	bonds []bond
}

// rights is the one table. An act that is not in it may be done by nobody.
var rights = map[Act]right{
	OpenTicket:   {roles: []Role{User, Operator}},
	ReadTicket:   {roles: []Role{Operator}, bonds: []bond{author, beneficiary, observer}},
	WriteTicket:  {roles: []Role{Operator}, bonds: []bond{author, beneficiary}},
	CloseTicket:  {roles: []Role{Operator}, bonds: []bond{author, beneficiary}},
	ReopenTicket: {roles: []Role{Operator}, bonds: []bond{author, beneficiary}},
	RateTicket:   {bonds: []bond{author, beneficiary}},
	MoveTicket:   {roles: []Role{Operator}},
	NoteTicket:   {roles: []Role{Operator}},
	ListTickets:  {roles: []Role{Operator}},
	FollowTicket: {roles: []Role{Operator}, bonds: []bond{author, beneficiary}},

	RecordFor:      {roles: []Role{Operator}},
	ActFor:         {roles: []Role{Operator}},
	WatchQueue:     {roles: []Role{Operator}},
	AssignTicket:   {roles: []Role{Operator}},
	MergeTicket:    {roles: []Role{Operator}},
	ExportTickets:  {roles: []Role{Operator}},
	ReadQuarantine: {roles: []Role{Operator}},

	ReadArticle:    {roles: []Role{Operator, Editor, Reviewer}, bonds: []bond{reader}},
	WriteArticle:   {roles: []Role{Editor, Reviewer}},
	PublishArticle: {roles: []Role{Reviewer}},

	TakeConversation: {roles: []Role{Operator}},
	ReadInsights:     {roles: []Role{Manager}},
	KeepAccounts:     {roles: []Role{Administrator}},
	ManageHooks:      {roles: []Role{Administrator}},
}

// Can reports whether person may do act to thing. Every check in the program
// ends here. For an act that concerns no particular thing, thing is zero.
func Can(person Person, act Act, thing Thing) bool {
	r := rights[act]
	return slices.ContainsFunc(r.roles, person.Has) ||
		slices.ContainsFunc(r.bonds, func(b bond) bool { return bound(person, b, thing) })
}

func bound(p Person, b bond, t Thing) bool {
	if b == reader {
		return slices.Contains(Audiences(&p), t.Audience)
	}
	if !p.Known() {
		return false
	}
	switch b {
	case author:
		return t.Author == p.ID
	case beneficiary:
		return t.Beneficiary == p.ID
	default:
		return slices.Contains(t.Observers, p.ID)
	}
}

// Audiences lists the audiences whose articles a person finds and reads; nil
// or the zero Person is a stranger.
func Audiences(person *Person) []Audience {
	switch {
	case person == nil || !person.Known():
		return []Audience{All}
	case person.Has(Operator) || person.Has(Editor) || person.Has(Reviewer):
		return []Audience{All, Employees, Operators}
	case person.External:
		return []Audience{All}
	default:
		return []Audience{All, Employees}
	}
}
