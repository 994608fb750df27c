package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// refusal is a form that was not done: why, and what was typed into it.
type refusal struct {
	move  string
	typed url.Values
	err   error
	files bool // it brought some, which are gone
}

type ticketPage struct {
	page
	Ticket  row
	Path    string
	Version int
	Seen    int64 // the last line of history that is shown
	Events  string

	Error   string  // why the last form was not done
	Failed  string  // which one it was
	Changes []entry // what happened since the form was shown
	Again   bool    // files have to be attached again
	typed   url.Values
	chosen  url.Values
	Tab     string // the form that is in front

	Body        string
	Attachments []attachment
	Aside       string // of the mail it came by
	Fields      []fact
	Facts       []fact
	Person      card
	Beneficiary *card
	Proposed    *tickets.Beneficiary
	ForName     string // what the form for somebody else begins with
	ForEmail    string
	Observers   []card
	Links       []linked
	LinkKinds   []option
	Merged      tickets.Number
	Transcript  []said
	Timeline    []entry
	Show        string // all, messages or changes
	Shows       []tab
	Articles    []article
	Similar     []row

	Missing   []question
	Opening   string // before the questions, in the language of whoever is asked
	Replies   []Reply
	Teams     []option
	Operators []option
	Impacts   []option
	Urgencies []option
	Apps      []option
	Types     []option
	May       map[string]bool // the moves that the status allows
	Accept    bool            // files can be attached
	Rating    *tickets.Rating
}

// fronts are the forms that lie on one another, the first in front.
var fronts = []string{"say", "note", "ask", "finish"}

// fact is something known, with its label.
type fact struct{ Label, Value string }

type linked struct {
	Kind string
	To   tickets.Number
	URL  string
	Row  row
}

type attachment struct{ Name, URL, Size string }

func (v *visit) ticket() error { return v.showTicket(http.StatusOK, nil) }

// showTicket shows a ticket as it is now, and why a form was not done.
func (v *visit) showTicket(status int, r *refusal) error {
	ctx := v.r.Context()
	t, err := v.Desk.Ticket(ctx, v.by, v.number())
	if err != nil {
		return err
	}
	events, err := v.Desk.History(ctx, v.by, t)
	if err != nil {
		return err
	}
	if err := v.meet(concerned(t, events)...); err != nil {
		return err
	}
	at := "/ticket/" + string(t.Number)
	shown := ticketPage{
		page: v.frame("queue", string(t.Number)+" "+t.Subject, at), Path: v.path(at), Version: t.Version, Body: t.Body, Rating: t.Rating,
		Attachments: v.attachments(t, t.Attachments), Person: v.card(v.known[t.Author]), Accept: v.Files != nil,
	}
	shown.Events = shown.Path + "/events?version=" + strconv.Itoa(t.Version)
	shown.chosen, shown.Tab = v.r.URL.Query(), v.r.URL.Query().Get("tab")
	rows, err := v.rows([]tickets.Ticket{t})
	if err != nil {
		return err
	}
	shown.Ticket = rows[0]
	if n := len(events); n > 0 {
		shown.Seen = events[n-1].Seq
	}
	shown.timeline(v, t, events)
	if r != nil {
		shown.Tab = r.move
		v.refused(&shown, r, t, events)
	}
	v.concerns(&shown, t)
	v.facts(&shown, t)
	if !slices.Contains(fronts, shown.Tab) {
		shown.Tab = fronts[0]
	}
	v.forms(&shown, t)
	if shown.Person.Tickets, err = v.ticketsOf(t); err != nil {
		return err
	}
	if shown.Similar, err = v.similar(t); err != nil {
		return err
	}
	if shown.Links, err = v.links(t); err != nil {
		return err
	}
	if shown.Transcript, err = v.transcript(t); err != nil {
		return err
	}
	if shown.Operators, err = v.operators(t.Assignee); err != nil {
		return err
	}
	shown.Articles = v.articles(t)
	return v.show(status, "ticket", shown)
}

// concerned are all people a page of the ticket names.
func concerned(t tickets.Ticket, events []tickets.Event) []account.PersonID {
	ids := append(t.People(), t.Assignee)
	for _, e := range events {
		ids = append(ids, e.By)
		if e.Field == tickets.ChangedAssignee || e.Field == tickets.ChangedObserver {
			ids = append(ids, account.PersonID(e.Old), account.PersonID(e.New))
		}
	}
	return ids
}

// refused tells why a form was not done, and what happened since it was shown.
func (v *visit) refused(shown *ticketPage, r *refusal, t tickets.Ticket, events []tickets.Event) {
	shown.Error, shown.Failed, shown.typed, shown.Again = v.told(r.err), r.move, r.typed, r.files
	phrase, _ := fault.Public(r.err)
	switch {
	case phrase == "ticket.claimed" && t.Assignee != "":
		shown.Error = v.say("desk.claimed_by", "Name", v.name(t.Assignee))
	case phrase == "ticket.changed":
		shown.Error = v.say("desk.changed_meanwhile")
		seen, _ := strconv.ParseInt(r.typed.Get("seen"), 10, 64)
		for _, e := range slices.Backward(events) {
			if e.Seq > seen {
				shown.Changes = append(shown.Changes, v.entry(t, e))
			}
		}
	}
}

// Typed is what was typed into a field of a form that was not done.
func (p ticketPage) Typed(move, field string) string {
	if p.Failed != move {
		return ""
	}
	return p.typed.Get(field)
}

// Or is what was typed, or what the field holds otherwise.
func (p ticketPage) Or(move, field, otherwise string) string {
	if p.Failed != move || !p.typed.Has(field) {
		return otherwise
	}
	return p.typed.Get(field)
}

// Preset is what a form's text begins as: what was typed, or the reply or the
// link to an article that was chosen without a script.
func (p ticketPage) Preset(move string) string {
	reply, quoted := p.chosen.Get("reply"), p.chosen.Get("quote")
	if typed := p.Typed(move, "text"); typed != "" {
		return typed
	}
	for _, r := range p.Replies {
		if reply != "" && r.ID == reply {
			return r.Text
		}
	}
	for _, a := range p.Articles {
		if quoted != "" && a.ID == quoted {
			return a.Quote
		}
	}
	return ""
}

// concerns tells who has to do with the ticket beside its author.
func (v *visit) concerns(shown *ticketPage, t tickets.Ticket) {
	if t.Beneficiary.Other() {
		b := card{Name: t.Beneficiary.Name, Email: t.Beneficiary.Email}
		if p, known := v.known[t.Beneficiary.Person]; known {
			b = v.card(p)
		}
		if b.Name == "" {
			b.Name = b.Email
		}
		shown.Beneficiary = &b
	}
	if t.Proposed.Other() {
		proposed := t.Proposed
		shown.Proposed, shown.ForName, shown.ForEmail = &proposed, proposed.Name, proposed.Email
	}
	for _, id := range t.Observers {
		p, known := v.known[id]
		if !known {
			p = account.Person{ID: id, Name: v.say("desk.somebody")}
		}
		shown.Observers = append(shown.Observers, v.card(p))
	}
	shown.Merged, _ = t.MergedInto()
}

// facts are what the ticket says, by the fields of its form.
func (v *visit) facts(shown *ticketPage, t tickets.Ticket) {
	r, known := v.Desk.Catalogue.Request(t.RequestType)
	d := draft(t)
	told := map[string]bool{tickets.FieldSubject: true, tickets.FieldBody: true, tickets.FieldBeneficiary: true, tickets.FieldAttachments: true, tickets.FieldImpact: true, tickets.FieldApplication: true}
	add := func(label, value string) {
		if value != "" {
			shown.Fields = append(shown.Fields, fact{label, value})
		}
	}
	if known {
		for _, f := range r.Fields {
			if !told[f.ID] {
				told[f.ID] = true
				add(f.Label.In(v.lang), f.Show(d.Answer(f.ID), v.lang))
			}
		}
	}
	for _, id := range []string{tickets.FieldOffice, tickets.FieldPhone, tickets.FieldError, tickets.FieldSince, tickets.FieldDeadline} {
		if !told[id] { // the request type does not ask for it, and somebody told
			add(v.say("desk.field_"+id), d.Answer(id))
		}
	}
	shown.Facts = []fact{
		{v.say("desk.application"), v.application(t.Application)}, {v.say("desk.type"), v.requestType(t.RequestType)},
		{v.say("desk.team"), v.team(t.Team)}, {v.say("desk.impact"), v.impact(t.Impact)}, {v.say("desk.urgency"), v.urgency(t.Urgency)},
		{v.say("desk.opened"), v.moment(t.OpenedAt)}, {v.say("desk.moved"), v.moment(t.MovedAt)},
	}
	shown.Facts = slices.DeleteFunc(shown.Facts, func(f fact) bool { return f.Value == "" })
}

func (v *visit) impact(i tickets.Impact) string {
	if !slices.Contains(tickets.Impacts, i) {
		return ""
	}
	return v.say(i.Phrase())
}

func (v *visit) urgency(u tickets.Urgency) string {
	if !slices.Contains(tickets.Urgencies, u) {
		return ""
	}
	return v.say(u.Phrase())
}

// forms fills in what the forms of the page offer.
func (v *visit) forms(shown *ticketPage, t tickets.Ticket) {
	lang := v.langOf(t)
	var ticked []string
	if shown.Failed == "ask" {
		ticked = shown.typed["missing"]
	}
	shown.Missing, shown.Opening = v.questions(t, lang, ticked), v.Phrases.Say(lang, "desk.ask_opening", nil)
	shown.Replies = v.Replies.ready(lang, values{Number: string(t.Number), Name: v.name(t.Author)})
	for _, team := range v.Desk.Terms.Teams {
		if team.ID != t.Team {
			shown.Teams = append(shown.Teams, option{team.ID, team.Label.In(v.lang), shown.Typed("transfer", "team") == team.ID})
		}
	}
	impact, urgency := shown.Or("weigh", "impact", string(t.Impact)), shown.Or("weigh", "urgency", string(t.Urgency))
	for _, i := range tickets.Impacts {
		shown.Impacts = append(shown.Impacts, option{string(i), v.say(i.Phrase()), string(i) == impact || impact == "" && i == tickets.Me})
	}
	for _, u := range tickets.Urgencies {
		shown.Urgencies = append(shown.Urgencies, option{string(u), v.say(u.Phrase()), string(u) == urgency || urgency == "" && u == tickets.Normal})
	}
	shown.Apps, shown.Types = v.applications(shown.Or("describe", "application", t.Application)), v.requestTypes(shown.Or("describe", "type", t.RequestType))
	for _, kind := range tickets.LinkKinds {
		shown.LinkKinds = append(shown.LinkKinds, option{string(kind), v.say(kind.Phrase()), shown.Typed("link", "kind") == string(kind)})
	}
	open := t.Status.Open()
	shown.May = map[string]bool{
		"claim": open && t.Assignee != v.by.ID && (t.Assignee == ""), "release": open && t.Assignee != "", "assign": open, "transfer": open,
		"ask": open, "start": t.Status.CanBecome(tickets.Working), "resume": t.Status == tickets.Waiting, "finish": open, "close": t.Status.CanBecome(tickets.Closed),
		"cancel": t.Status.CanBecome(tickets.Cancelled), "reopen": t.Status.CanBecome(tickets.Reopened) && v.Now().Sub(t.MovedAt) <= v.Desk.Terms.Reopening(),
		"say": t.Status != tickets.Closed && t.Status != tickets.Cancelled, "note": t.Status != tickets.Cancelled, "merge": open, "weigh": open,
	}
}

// links tells the tickets this one is tied to.
func (v *visit) links(t tickets.Ticket) ([]linked, error) {
	var all []linked
	for _, l := range t.Links {
		other, err := v.Desk.Ticket(v.r.Context(), v.by, l.To)
		if missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rows, err := v.rows([]tickets.Ticket{other})
		if err != nil {
			return nil, err
		}
		all = append(all, linked{v.say(l.Kind.Phrase()), l.To, rows[0].URL, rows[0]})
	}
	return all, nil
}

// operators are those a ticket can be given to.
func (v *visit) operators(now account.PersonID) ([]option, error) {
	all, err := v.People.Operators(v.r.Context())
	var offered []option
	for _, p := range all {
		offered = append(offered, option{string(p.ID), p.Called(), p.ID == now})
	}
	return offered, err
}
