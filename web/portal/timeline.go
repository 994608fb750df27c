package portal

import (
	"fmt"
	"slices"
	"time"

	"sportello/account"
	"sportello/tickets"
)

// happening is one line of a ticket's timeline.
type happening struct {
	ID    string // on the page
	Sort  string // message, question, move, note: how it looks
	Mine  bool
	Who   string
	What  string
	When  moment
	Text  string
	Aside string // what was set aside of a mail
	Via   string // the channel a message came by
	Files []attached
	Link  link

	open bool // a question that waits for an answer
}

// timeline tells what happened to a ticket, the oldest first.
func (v view) timeline(history []tickets.Event) []happening {
	rated := -1
	for i, e := range history {
		if e.Kind == tickets.KindRated {
			rated = i
		}
	}
	told := make([]happening, 0, len(history))
	asked := false // the ticket waits for an answer, here in its history
	for i, e := range history {
		h := happening{
			ID: fmt.Sprintf("e%d", e.Seq), Sort: "note", Mine: e.By == v.by.ID, Who: v.who(e.By), When: v.moment(v.l, e.At),
			Text: e.Text, Aside: e.Aside, Files: v.attached(e.Attachments),
		}
		if e.Channel != "" && e.Channel != "portal" {
			h.Via = v.channel(v.l, e.Channel)
		}
		switch e.Kind {
		case tickets.KindOpened:
			h.What, h.Files = v.say("mine.did_opened"), nil // they stand with the request
			if e.By != v.t.Author && e.By != "" {
				h.What = v.say("mine.did_opened_for", "Name", v.called(v.l, v.names, v.t.Author))
			}
		case tickets.KindMessage:
			h.Sort, h.What = "message", v.say("mine.did_message")
			if asked && v.asks(e) {
				h.Sort, h.What, h.open = "question", v.say("mine.did_question"), true
			}
		case tickets.KindAttached:
			h.Sort, h.What = "message", v.say("mine.did_attached")
		case tickets.KindMoved:
			h.Sort, h.What = "move", v.say("mine.did_moved", "Status", v.say(e.To.Phrase()))
			if asked && e.To.Open() && e.By != "" && !v.asks(e) { // who answers need not know of statuses
				h.What = v.say("mine.did_answered", "Status", v.say(e.To.Phrase()))
			}
			if asked = e.To == tickets.Waiting; asked {
				h.Sort, h.What, h.open = "question", v.say("mine.did_question"), true
			} else {
				settle(told)
			}
		case tickets.KindRated:
			h.What = v.say("mine.did_rated_before")
			if i == rated && v.t.Rating != nil {
				h.What = v.say("mine.did_rated", "Score", v.t.Rating.Score)
			}
		case tickets.KindChanged:
			h.What = v.changed(e)
		case tickets.KindLinked:
			h.What, h.Link = v.say("mine.did_merged"), v.other(tickets.Number(e.New))
		case tickets.KindWarned:
			h.What = v.say("mine.did_warned")
			if closing, err := time.Parse(time.RFC3339, e.New); err == nil {
				h.What = v.say("mine.did_warned_until", "Date", v.day(v.l, closing).Text)
			}
		case tickets.KindReminded:
			h.What = v.say("mine.did_reminded")
		default:
			h.What = v.say("ticket.kind." + string(e.Kind))
		}
		told = append(told, h)
	}
	return told
}

// changed tells which field became what.
func (v view) changed(e tickets.Event) string {
	name := func(id string) string { return v.called(v.l, v.names, account.PersonID(id)) }
	switch e.Field {
	case tickets.ChangedTeam:
		team, _ := v.Tickets.Terms.Team(e.New)
		return v.say("mine.did_team", "Team", team.Label.In(v.l))
	case tickets.ChangedObserver:
		if e.New != "" {
			return v.say("mine.did_follow", "Name", name(e.New))
		}
		return v.say("mine.did_unfollow", "Name", name(e.Old))
	case tickets.ChangedBeneficiary:
		if e.New == "" {
			return v.say("mine.did_for_author")
		}
		return v.say("mine.did_for", "Name", e.New)
	case tickets.ChangedSubject:
		return v.say("mine.did_subject", "Subject", e.New)
	case tickets.ChangedApplication:
		a, _ := v.Tickets.Catalogue.Application(e.New)
		return v.say("mine.did_application", "Application", a.Name)
	case tickets.ChangedType:
		kind, _ := v.Tickets.Catalogue.Request(e.New)
		return v.say("mine.did_type", "Type", kind.Label.In(v.l))
	}
	return v.say("ticket.kind.changed")
}

// asks reports whether an event comes from whoever works on the ticket, not
// from the people who have it.
func (v view) asks(e tickets.Event) bool {
	return e.By != "" && e.By != v.t.Author && e.By != v.t.Beneficiary.Person
}

// settle notes that what was asked until now waits for no answer any more.
func settle(told []happening) {
	for i := range told {
		told[i].open = false
	}
}

// questions are those that wait for an answer now, the oldest first.
func (v view) questions(timeline []happening) []happening {
	if v.t.Status != tickets.Waiting {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(timeline), func(h happening) bool { return !h.open })
}
