package portal

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"sportello/account"
	"sportello/internal/phrases"
	"sportello/tickets"
	"sportello/web/ui"
)

type ticketPage struct {
	ui.Frame
	Self   string // path of the page
	List   string // path of all tickets
	Events string
	After  int64

	Opened          *opened // it was opened just now, by a form
	Number, Subject string
	Version         int
	Status          tickets.Status
	StatusText      string
	Next            string // what happens next, in words
	Into            link   // the ticket that is worked on in place of this one
	Steps           []step

	People     []fact // who has to do with it
	Observers  []observer
	Facts      []fact // where it came by and who works on it
	Body       string
	Details    []fact // what the request says besides
	Files      []attached
	Timeline   []happening
	Questions  []happening // that wait for an answer
	Asked      bool        // the reader may answer them
	Rating     *tickets.Rating
	RatedOn    moment
	Scores     []option
	Limits     fileLimits
	MaxMessage int
	Draft      string // names the draft in the browser

	CanWrite, CanClose, CanReopen, CanRate, CanInvite, CanFollow, CanLeave bool
	Reopening                                                              moment // the last day for that
	Confirm                                                                bool   // it is solved already: closing only confirms

	Key   string   // of whatever is sent from this page, once
	Done  string   // what was just done
	Wrong *refusal // what could not be done, with all that was typed
}

// fact is one thing that is told of a ticket.
type fact struct {
	Label, Value string
	Long         bool
}

// link leads to another page, if its URL is not empty.
type link struct{ Text, URL string }

type observer struct {
	ID, Name string
	You      bool
	Key      string // of the form that removes them
}

// refusal is a form that was refused.
type refusal struct {
	Act     string // whose form
	Message string
	Field   string // its ID on the page
	Status  int
	Key     string
	Values  map[string]string
	Files   bool // files were chosen, which a page cannot choose again
}

// Typed is what stood in a field of the form that was refused.
func (t ticketPage) Typed(act, field string) string {
	if t.Wrong == nil || t.Wrong.Act != act {
		return ""
	}
	return t.Wrong.Values[field]
}

// Lost is what stood in a refused form that the ticket has no more, as it is
// now: a message to one that was closed meanwhile.
func (t ticketPage) Lost() string {
	for _, form := range []struct {
		act, field string
		shown      bool
	}{
		{"message", "text", t.CanWrite}, {"close", "note", t.CanClose && !t.Confirm}, {"reopen", "why", t.CanReopen}, {"rating", "suggestion", t.CanRate}, {"invite", "address", t.CanInvite},
	} {
		if typed := strings.TrimSpace(t.Typed(form.act, form.field)); typed != "" && !form.shown {
			return typed
		}
	}
	return ""
}

// Refused reports whether it was this form.
func (t ticketPage) Refused(act string) bool { return t.Wrong != nil && t.Wrong.Act == act }

// FormKey is the idempotency key of a form: a refused one keeps its own.
func (t ticketPage) FormKey(act string) string {
	if t.Refused(act) && t.Wrong.Key != "" {
		return t.Wrong.Key
	}
	return act + t.Key
}

// done are the things after which a page says so.
var doneWords = []string{"opened", "message", "close", "reopen", "rating", "invite", "remove", "follow", "leave"}

// ticket is the page of one ticket.
func (p *Portal) ticket(w http.ResponseWriter, r *http.Request, by account.Person) error {
	number := ticketNumber(r)
	if whole, is := tickets.ParseNumber(string(number), p.Now().In(p.Tickets.Terms.Zone()).Year()); is && whole != number {
		http.Redirect(w, r, paths[lang(r)]["tickets"]+"/"+string(whole), http.StatusSeeOther) // whether there is one or not
		return nil
	}
	return p.ticketShown(w, r, by, number, nil)
}

// ticketShown shows a ticket, with a form of it that was refused, if any.
func (p *Portal) ticketShown(w http.ResponseWriter, r *http.Request, by account.Person, number tickets.Number, refused *refusal) error {
	l, ctx := lang(r), r.Context()
	after, err := p.Tickets.Store.LastHappening(ctx) // before the ticket: nothing is missed between
	if err != nil {
		return err
	}
	t, err := p.Tickets.Ticket(ctx, by, number)
	if err != nil {
		return err
	}
	history, err := p.Tickets.History(ctx, by, t)
	if err != nil {
		return err
	}
	history = slices.DeleteFunc(history, func(e tickets.Event) bool { return !e.Public }) // notes are read at the desk
	names, err := p.namesOn(r, t, history)
	if err != nil {
		return err
	}
	v := view{Portal: p, r: r, l: l, by: by, t: t, names: names, history: history}
	self := paths[l]["tickets"] + "/" + string(t.Number)
	page := ticketPage{
		Self: self, List: paths[l]["tickets"], Events: paths[l]["tickets"] + "/events?ticket=" + string(t.Number), After: after,
		Opened: p.openedNote(r, t), Number: string(t.Number), Subject: t.Subject, Version: t.Version, Status: t.Status, StatusText: p.statusText(l, t, by),
		Next: v.next(history), Into: v.into(), Steps: v.steps(history), People: v.people(history), Facts: v.facts(),
		Body: t.Body, Details: v.details(), Files: v.attached(t.Attachments), Timeline: v.timeline(history),
		Rating: t.Rating, Key: rand.Text(), Wrong: refused, MaxMessage: tickets.MaxMessage, Limits: p.fileLimits(), Draft: string(by.ID) + "/" + string(t.Number),
	}
	v.allow(&page)
	page.Questions = v.questions(page.Timeline)
	page.Asked = len(page.Questions) > 0 && page.CanWrite
	if t.Rating != nil {
		page.RatedOn = p.day(l, t.Rating.At)
	}
	for score := 5; score >= 1; score-- {
		id := string(rune('0' + score))
		page.Scores = append(page.Scores, option{id, p.tell(l, "mine.score_"+id, nil), page.Typed("rating", "score") == id || page.Wrong == nil && t.Rating != nil && t.Rating.Score == score})
	}
	for _, id := range t.Observers {
		page.Observers = append(page.Observers, observer{string(id), p.called(l, names, id), id == by.ID, rand.Text()})
	}
	if done := r.URL.Query().Get("done"); slices.Contains(doneWords, done) && refused == nil {
		page.Done = p.tell(l, "mine.done_"+done, map[string]any{"Number": t.Number})
	}
	if len(history) > 0 && p.Own.Reads != nil && t.PartOf(by.ID) != "" {
		if err := p.Own.Reads.Read(ctx, by.ID, t.ID, history[len(history)-1].Seq); err != nil {
			p.Log.WarnContext(ctx, "not noted as read", "ticket", t.ID, "error", err) // the page is worth more than its mark
		}
	}
	page.Frame = p.frame(r, "tickets", string(t.Number)+", "+t.Subject, "", map[string]string{
		"it": paths["it"]["tickets"] + "/" + string(t.Number), "en": paths["en"]["tickets"] + "/" + string(t.Number),
	})
	page.Hidden, page.URL, page.Alternates = true, "", nil
	status := http.StatusOK
	if refused != nil {
		status = refused.Status
	}
	return ui.Show(w, status, pages["ticket"], page)
}

// view is a ticket as one person sees it.
type view struct {
	*Portal
	r     *http.Request
	l     string
	by    account.Person
	t     tickets.Ticket
	names map[account.PersonID]account.Person

	history []tickets.Event // what they may know of it
}

// namesOn reads everybody who has to do with a ticket, or did something to it.
func (p *Portal) namesOn(r *http.Request, t tickets.Ticket, history []tickets.Event) (map[account.PersonID]account.Person, error) {
	ids := t.People()
	for _, e := range history {
		ids = append(ids, e.By)
		if e.Field == tickets.ChangedObserver {
			ids = append(ids, account.PersonID(e.Old), account.PersonID(e.New))
		}
	}
	slices.Sort(ids)
	return p.Accounts.People(r.Context(), slices.DeleteFunc(slices.Compact(ids), func(id account.PersonID) bool { return id == "" }))
}

func (v view) say(key string, pairs ...any) string {
	values := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i].(string)] = pairs[i+1]
	}
	return v.tell(v.l, key, values)
}

// who names whoever did something. People on a ticket see each other's names,
// also of those who left it; whoever else worked on it is the help desk, even
// if they do other work now.
func (v view) who(id account.PersonID) string {
	switch {
	case id == "":
		return v.say("mine.who_service")
	case id == v.by.ID:
		return v.say("mine.who_you")
	case v.t.PartOf(id) != "" || !v.names[id].Has(account.Operator) && v.left(id):
		return v.called(v.l, v.names, id)
	default:
		return v.say("mine.who_desk")
	}
}

// left reports whether somebody had a part in the ticket that they gave up:
// the history names them for it.
func (v view) left(id account.PersonID) bool {
	person := v.names[id]
	return slices.ContainsFunc(v.history, func(e tickets.Event) bool {
		switch e.Field {
		case tickets.ChangedObserver:
			return e.Old == string(id)
		case tickets.ChangedBeneficiary:
			return e.Old != "" && (e.Old == person.Called() || person.Email != "" && strings.Contains(e.Old, person.Email))
		}
		return false
	})
}

// ends reports whether nothing more happens to the ticket itself: another one
// took its place.
func (v view) ends() bool {
	_, merged := v.t.MergedInto()
	return merged
}

// allow says what the reader may do now. The rules decide again when they do.
func (v view) allow(page *ticketPage) {
	t, may := v.t, func(act account.Act) bool { return account.Can(v.by, act, v.t.Thing()) }
	open := t.Status != tickets.Closed && t.Status != tickets.Cancelled
	until := t.MovedAt.Add(v.Tickets.Terms.Reopening())
	page.CanWrite = open && may(account.WriteTicket)
	page.CanClose = t.Status.CanBecome(tickets.Closed) && may(account.CloseTicket)
	page.Confirm = t.Status == tickets.Solved
	page.CanReopen = t.Status.CanBecome(tickets.Reopened) && !v.ends() && may(account.ReopenTicket) && !v.Now().After(until)
	page.Reopening = v.day(v.l, until)
	page.CanRate = (t.Status == tickets.Solved || t.Status == tickets.Closed) && !v.ends() && may(account.RateTicket)
	page.CanInvite = open && may(account.FollowTicket)
	page.CanFollow = page.CanInvite && t.PartOf(v.by.ID) == ""
	page.CanLeave = slices.Contains(t.Observers, v.by.ID)
}

// people tells who has which part in the ticket. That somebody else wrote it
// down is said to all of them.
func (v view) people(history []tickets.Event) []fact {
	author := v.called(v.l, v.names, v.t.Author)
	if v.t.Author == v.by.ID {
		author = v.say("mine.you", "Name", author)
	}
	if len(history) > 0 && history[0].By != v.t.Author && history[0].By != "" {
		author = v.say("mine.recorded", "Name", author, "By", v.who(history[0].By))
	}
	told := []fact{{Label: v.say("mine.author"), Value: author}}
	if v.t.Beneficiary.Other() {
		name := v.Portal.beneficiary(v.l, v.t, v.names)
		if v.t.Beneficiary.Person == v.by.ID {
			name = v.say("mine.you", "Name", name)
		}
		told = append(told, fact{Label: v.say("mine.beneficiary"), Value: name})
	}
	return told
}

func (v view) facts() []fact {
	told := []fact{
		{Label: v.say("mine.opened"), Value: v.moment(v.l, v.t.OpenedAt).Text},
		{Label: v.say("mine.channel"), Value: v.channel(v.l, v.t.Channel)},
	}
	if a, known := v.Tickets.Catalogue.Application(v.t.Application); known {
		told = append(told, fact{Label: v.say("mine.application"), Value: a.Name})
	}
	if kind, known := v.Tickets.Catalogue.Request(v.t.RequestType); known {
		told = append(told, fact{Label: v.say("mine.type"), Value: kind.Label.In(v.l)})
	}
	if team, known := v.Tickets.Terms.Team(v.t.Team); known {
		told = append(told, fact{Label: v.say("mine.team"), Value: team.Label.In(v.l)})
	}
	return told
}

// details are the answers of the request's form that stand nowhere else.
func (v view) details() []fact {
	said := tickets.Draft{
		ErrorText: v.t.ErrorText, Since: v.t.Since, Deadline: v.t.Deadline, Impact: v.t.Impact, Office: v.t.Office, Phone: v.t.Phone, Fields: v.t.Fields,
	}
	kind, known := v.Tickets.Catalogue.Request(v.t.RequestType)
	if !known { // as a mail that fits no type
		for _, c := range v.Tickets.Catalogue.Categories {
			if len(c.Types) > 0 {
				kind = tickets.RequestType{Fields: c.Types[0].Fields}
			}
		}
	}
	var told []fact
	seen := map[string]bool{}
	for _, f := range kind.Fields {
		seen[f.ID] = true
		if answer := said.Answer(f.ID); answer != "" && f.ID != tickets.FieldSubject && f.ID != tickets.FieldBody && f.ID != tickets.FieldApplication && f.ID != tickets.FieldBeneficiary {
			told = append(told, fact{f.Label.In(v.l), v.answer(f, answer), f.Kind == tickets.KindLong})
		}
	}
	for _, id := range sortedKeys(v.t.Fields) { // of a type that was put right
		if f, found := v.anyField(id); found && !seen[id] {
			told = append(told, fact{f.Label.In(v.l), v.answer(f, v.t.Fields[id]), f.Kind == tickets.KindLong})
		}
	}
	return told
}

func (v view) anyField(id string) (tickets.Field, bool) {
	for _, c := range v.Tickets.Catalogue.Categories {
		for _, kind := range c.Types {
			if f, found := kind.Field(id); found {
				return f, true
			}
		}
	}
	return tickets.Field{}, false
}

// answer writes a field's value as people read it.
func (v view) answer(f tickets.Field, value string) string {
	switch f.Kind {
	case tickets.KindChoice:
		if c, known := f.Choice(value); known {
			return c.Label.In(v.l)
		}
	case tickets.KindApplication:
		if a, known := v.Tickets.Catalogue.Application(value); known {
			return a.Name
		}
	case tickets.KindDate:
		if day, err := dayOf(value); err == nil {
			return phrases.Date(v.l, day)
		}
	case tickets.KindPerson:
		if value == tickets.ForMe {
			return v.say("mine.for_author")
		}
	}
	return strings.TrimSpace(value)
}

// into is the ticket that is worked on in place of this one.
func (v view) into() link {
	number, merged := v.t.MergedInto()
	if !merged {
		return link{}
	}
	return v.other(number)
}

// other names another ticket to those who may see it, and is empty for others.
func (v view) other(number tickets.Number) link {
	if _, err := v.Tickets.Ticket(v.r.Context(), v.by, number); err != nil {
		return link{}
	}
	return link{string(number), paths[v.l]["tickets"] + "/" + string(number)}
}
