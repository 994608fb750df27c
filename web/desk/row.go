package desk

import (
	"slices"
	"strconv"

	"sportello/account"
	"sportello/tickets"
)

// row is a ticket in a list.
type row struct {
	Number      tickets.Number
	URL         string
	Version     int
	Subject     string
	Who         string
	Office      string
	For         string // whom else the help is for
	Application string
	Type        string
	Priority    mark
	Due         due
	Status      mark
	Team        string
	Assignee    string
	Mine        bool
	Open        bool
	Channel     mark
	Unanswered  bool
	Opened      string
}

// mark is something told by a word and a sign; its colour adds to that only.
type mark struct{ Class, Label, Icon string }

var channelIcons = map[string]string{"phone": "telephone", "email": "mail", "portal": "pa", "api": "link", "terminal": "software"}

func (v *visit) channel(name string) mark {
	icon := channelIcons[name]
	if icon == "" {
		icon = "comment"
	}
	label := v.say("desk.channel_other", "Channel", name)
	if channelKnown(name) {
		label = v.say("desk.channel_" + name)
	}
	return mark{Class: "channel", Label: label, Icon: icon}
}

// channels that a ticket may have come in by.
var channels = []string{"portal", "phone", "email", "widget", "mattermost", "telegram", "terminal", "api"}

func channelKnown(name string) bool { return slices.Contains(channels, name) }

func (v *visit) priority(p tickets.Priority) mark {
	return mark{Class: "p" + strconv.Itoa(int(p)), Label: v.say(p.Phrase())}
}

// status is told as operators see it.
func (v *visit) status(s tickets.Status) mark {
	return mark{Class: "s-" + string(s), Label: v.say("desk.status_" + string(s))}
}

func (v *visit) team(id string) string {
	if team, found := v.Desk.Terms.Team(id); found {
		return team.Label.In(v.lang)
	}
	return id
}

func (v *visit) application(id string) string {
	if a, found := v.Desk.Catalogue.Application(id); found {
		return a.Title()
	}
	return id
}

func (v *visit) requestType(id string) string {
	if r, found := v.Desk.Catalogue.Request(id); found {
		return r.Label.In(v.lang)
	}
	return id
}

// rows tells tickets in a list.
func (v *visit) rows(list []tickets.Ticket) ([]row, error) {
	var people []account.PersonID
	var ids []tickets.ID
	for _, t := range list {
		people, ids = append(people, t.Author, t.Assignee), append(ids, t.ID)
	}
	if err := v.meet(people...); err != nil {
		return nil, err
	}
	last, err := v.Talk.LastWords(v.r.Context(), ids)
	if err != nil {
		return nil, err
	}
	rows := make([]row, len(list))
	for i, t := range list {
		rows[i] = row{
			Number: t.Number, URL: v.path("/ticket/" + string(t.Number)), Version: t.Version, Subject: t.Subject,
			Who: v.name(t.Author), Office: t.Office, Application: v.application(t.Application), Type: v.requestType(t.RequestType),
			Priority: v.priority(t.Priority), Due: v.due(t), Status: v.status(t.Status), Team: v.team(t.Team),
			Assignee: v.name(t.Assignee), Mine: t.Assignee == v.by.ID, Open: t.Status.Open(), Channel: v.channel(t.Channel),
			Unanswered: t.Unanswered(last[t.ID]), Opened: v.moment(t.OpenedAt),
		}
		if rows[i].Office == "" {
			rows[i].Office = v.known[t.Author].Office
		}
		if t.Beneficiary.Other() {
			rows[i].For = t.Beneficiary.Name
			if rows[i].For == "" {
				rows[i].For = t.Beneficiary.Email
			}
		}
	}
	return rows, nil
}
