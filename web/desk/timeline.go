package desk

import (
	"slices"
	"time"

	"sportello/account"
	"sportello/internal/phrases"
	"sportello/tickets"
)

// entry is one line of a ticket's history as an operator reads it.
type entry struct {
	Seq     int64
	Kind    string // message, note or change
	Public  bool
	User    bool // said by one of the people who asked
	Who     string
	What    string
	At      string
	Exact   string
	ISO     string
	Text    string
	Aside   string
	Channel string
	Files   []attachment
}

// shows are ways to narrow the history.
var shows = []string{"all", "messages", "changes"}

// timeline fills in the history, the newest first.
func (p *ticketPage) timeline(v *visit, t tickets.Ticket, events []tickets.Event) {
	p.Show = v.r.URL.Query().Get("show")
	if !slices.Contains(shows, p.Show) {
		p.Show = shows[0]
	}
	for _, name := range shows {
		p.Shows = append(p.Shows, tab{ID: name, Text: v.say("desk.show_" + name), URL: p.Path + "?show=" + name + "#timeline", Current: name == p.Show})
	}
	for _, e := range slices.Backward(events) {
		if e.Kind == tickets.KindOpened {
			p.Aside = e.Aside
		}
		told := v.entry(t, e)
		if p.Show == "all" || (told.Kind == "change") == (p.Show == "changes") {
			p.Timeline = append(p.Timeline, told)
		}
	}
}

// entry tells one event. The people it names were met.
func (v *visit) entry(t tickets.Ticket, e tickets.Event) entry {
	told := entry{
		Seq: e.Seq, Kind: "change", Public: e.Public, User: e.By != "" && slices.Contains(t.People(), e.By), Who: v.name(e.By),
		At: v.moment(e.At), Exact: v.exactly(e.At), ISO: e.At.UTC().Format(time.RFC3339), Text: e.Text, Aside: e.Aside, Files: v.attachments(t, e.Attachments),
	}
	if e.By == "" {
		told.Who = v.say("desk.service")
	}
	if e.Channel != "" && e.Kind != tickets.KindOpened {
		told.Channel = v.channel(e.Channel).Label
	}
	switch e.Kind {
	case tickets.KindOpened:
		told.What, told.Aside, told.Files = v.say("desk.event_opened", "Channel", v.channel(t.Channel).Label), "", nil // above, with the request
	case tickets.KindMessage, tickets.KindAttached:
		told.Kind, told.What = "message", v.say("desk.event_message")
	case tickets.KindNote:
		told.Kind, told.What = "note", v.say("desk.event_note")
	case tickets.KindMoved:
		told.What = v.say("desk.event_moved", "From", v.status(e.From).Label, "To", v.status(e.To).Label)
		if e.Text != "" {
			told.Kind = "message"
		}
	case tickets.KindRated:
		told.Kind, told.What = "message", v.say("desk.event_rated_no_score")
		if t.Rating != nil {
			told.What = v.say("desk.event_rated", "Score", t.Rating.Score)
		}
	case tickets.KindLinked:
		told.What = v.linkedEvent(e)
	case tickets.KindWarned, tickets.KindReminded:
		told.What = v.say("desk.event_" + string(e.Kind))
	case tickets.KindChanged:
		told.What = v.changed(e)
	default:
		told.What = v.say("desk.event_other")
	}
	return told
}

func (v *visit) linkedEvent(e tickets.Event) string {
	if e.New == "" {
		return v.say("desk.event_unlinked", "Number", e.Old)
	}
	return v.say(tickets.LinkKind(e.Field).Phrase()) + " " + e.New
}

// changed tells which field became what.
func (v *visit) changed(e tickets.Event) string {
	value := func(text string) string {
		switch e.Field {
		case tickets.ChangedTeam:
			text = v.team(text)
		case tickets.ChangedAssignee, tickets.ChangedObserver:
			text = v.name(account.PersonID(text))
		case tickets.ChangedImpact:
			text = v.impact(tickets.Impact(text))
		case tickets.ChangedUrgency:
			text = v.urgency(tickets.Urgency(text))
		case tickets.ChangedApplication:
			text = v.application(text)
		case tickets.ChangedType:
			text = v.requestType(text)
		}
		return text
	}
	before, after := value(e.Old), value(e.New)
	if before == "" {
		before = v.say("desk.nothing")
	}
	if after == "" {
		after = v.say("desk.nothing")
	}
	switch {
	case e.Field == tickets.ChangedObserver && e.New != "":
		return v.say("desk.event_observes", "Name", after)
	case e.Field == tickets.ChangedObserver:
		return v.say("desk.event_observes_not", "Name", before)
	case e.Field == tickets.ChangedAssignee && e.New == "":
		return v.say("desk.event_released", "Name", before)
	case e.Field == tickets.ChangedAssignee && e.New == string(e.By):
		return v.say("desk.event_claimed")
	case e.Field == tickets.ChangedAssignee:
		return v.say("desk.event_assigned", "Name", after)
	case knownField[e.Field]:
		return v.say("desk.event_changed", "Field", v.say("desk.changed_"+e.Field), "Old", before, "New", after)
	default:
		return v.say("desk.event_changed", "Field", e.Field, "Old", before, "New", after)
	}
}

var knownField = map[string]bool{
	tickets.ChangedTeam: true, tickets.ChangedImpact: true, tickets.ChangedUrgency: true, tickets.ChangedBeneficiary: true,
	tickets.ChangedSubject: true, tickets.ChangedApplication: true, tickets.ChangedType: true,
}

func (v *visit) attachments(t tickets.Ticket, files []tickets.Attachment) (told []attachment) {
	for _, f := range files {
		told = append(told, attachment{f.Name, v.path("/ticket/" + string(t.Number) + "/file/" + f.ID), phrases.Size(v.lang, f.Size)})
	}
	return told
}
