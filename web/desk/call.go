package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sportello/account"
	"sportello/contacts"
	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/tickets"
)

// Sizes of what a call's form shows.
const (
	candidatesShown = 8
	callersTickets  = 8
)

type callPage struct {
	page
	Error    string
	Text     string // of the caller's box
	Caller   *card
	Matches  []card // whom the text may mean
	Open     []row  // the caller's open tickets, to join the call to
	Branches []branchChoice
	Impacts  []option
	Typed    url.Values
	Join     string
	Recorded *row // the call that was recorded last
	Joined   bool
}

type branchChoice struct {
	Path, Keys, Label, Above string
	Chosen                   bool
}

// call is the form for somebody who is on the line.
func (v *visit) call() error {
	q := v.r.URL.Query()
	return v.showCall(http.StatusOK, q, nil)
}

func (v *visit) showCall(status int, typed url.Values, failed error) error {
	shown := callPage{page: v.frame("call", v.say("desk.call_title"), "/call"), Text: oneLine(typed.Get("caller_text")), Typed: typed, Join: typed.Get("join")}
	if failed != nil {
		shown.Error = v.told(failed)
	}
	caller, matches, err := v.caller(account.PersonID(typed.Get("caller")), shown.Text)
	if err != nil {
		return err
	}
	for _, p := range matches {
		shown.Matches = append(shown.Matches, v.card(p))
	}
	if caller.Known() {
		c := v.card(caller)
		shown.Caller = &c
		if shown.Text == "" {
			shown.Text = caller.Called()
		}
		list, err := v.Desk.Queue(v.r.Context(), v.by, tickets.Queue{Person: caller.ID, Open: true, Newest: true, Limit: callersTickets})
		if err != nil {
			return err
		}
		if shown.Open, err = v.rows(list); err != nil {
			return err
		}
	}
	shown.Branches = v.branches(caller, typed.Get("branch"))
	for _, i := range tickets.Impacts {
		chosen := typed.Get("impact")
		shown.Impacts = append(shown.Impacts, option{string(i), v.say(i.Phrase()), string(i) == chosen || chosen == "" && i == tickets.Me})
	}
	if number := tickets.Number(typed.Get("recorded")); number != "" && failed == nil {
		t, err := v.Desk.Ticket(v.r.Context(), v.by, number)
		if err != nil && !missing(err) {
			return err
		}
		if err == nil {
			rows, err := v.rows([]tickets.Ticket{t})
			if err != nil {
				return err
			}
			shown.Recorded, shown.Joined = &rows[0], typed.Has("joined")
		}
	}
	return v.show(status, "call", shown)
}

// caller is who was chosen, or whom the text surely means; else those it may
// mean.
func (v *visit) caller(id account.PersonID, text string) (account.Person, []account.Person, error) {
	ctx := v.r.Context()
	if id != "" {
		p, err := v.People.Person(ctx, id)
		if !missing(err) {
			return p, nil, err
		}
	}
	if text == "" {
		return account.Person{}, nil, nil
	}
	if address, found := account.FindAddress(text); found {
		p, err := v.People.PersonByEmail(ctx, address)
		if missing(err) {
			err = nil
		}
		return p, nil, err
	}
	met, err := v.People.Find(ctx, text, candidatesShown)
	if len(met) == 1 {
		return met[0], nil, err
	}
	return account.Person{}, met, err
}

// branches are the ends of the phone tree. The one of the caller's area is
// chosen beforehand.
func (v *visit) branches(caller account.Person, chosen string) []branchChoice {
	var all []branchChoice
	var walk func(branches []contacts.Branch, above string)
	walk = func(branches []contacts.Branch, above string) {
		for _, b := range branches {
			if len(b.Branches) > 0 {
				walk(b.Branches, b.Label(v.lang))
				continue
			}
			all = append(all, branchChoice{Path: b.Path, Keys: strings.Join(b.Keys(), " "), Label: b.Label(v.lang), Above: above})
		}
	}
	walk(v.Book.Branches, "")
	if chosen == "" && caller.Area != "" {
		for _, team := range v.Desk.Terms.Teams {
			if team.Area == caller.Area {
				chosen = team.Branch
				break
			}
		}
	}
	for i := range all {
		all[i].Chosen = all[i].Path == chosen
	}
	return all
}

// record keeps a call as a ticket, or joins it to one that the caller has.
func (v *visit) record() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	t, joined, err := v.recorded(f)
	if err != nil {
		if httpstatus.Of(err) >= http.StatusInternalServerError {
			return err
		}
		return v.showCall(httpstatus.Of(err), f.Values, err)
	}
	to := url.Values{"recorded": {string(t.Number)}}
	if joined {
		to.Set("joined", "1")
	}
	return v.seeOther(v.path("/call"), to)
}

func (v *visit) recorded(f form) (t tickets.Ticket, joined bool, err error) {
	caller, err := v.calling(f)
	if err != nil {
		return t, false, err
	}
	key := v.key(f, "call")
	if number := f.line("join"); number != "" {
		t, err = v.joinCall(f, caller, tickets.Number(number), key)
		return t, true, err
	}
	d, err := v.callDraft(f, caller)
	if err != nil {
		return t, false, err
	}
	if t, err = v.Desk.Open(v.r.Context(), v.by, d, key); err != nil {
		return t, false, err
	}
	if f.Get("solved") == "" {
		return t, false, nil
	}
	t, err = v.Desk.Do(v.r.Context(), v.by, t.Number, key+"/solved", func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Finish(f.text("answer"), s)
	})
	return t, false, err
}

// calling is who calls: somebody we know, or whoever has the address that was
// typed, who has an account from now on.
func (v *visit) calling(f form) (account.Person, error) {
	text := f.line("caller_text")
	caller, matches, err := v.caller(account.PersonID(f.Get("caller")), text)
	switch {
	case err != nil:
		return account.Person{}, err
	case caller.Known():
		return caller, nil
	case len(matches) > 1:
		return account.Person{}, fault.New(fault.Invalid, "desk.caller_several")
	case text == "":
		return account.Person{}, fault.New(fault.Invalid, "desk.caller_missing")
	}
	written, found := account.FindAddress(text)
	if !found {
		return account.Person{}, fault.New(fault.Invalid, "desk.caller_unknown")
	}
	address, external, err := v.Domains.Decide(written)
	if err != nil {
		return account.Person{}, err
	}
	p := account.NewPerson(address, external, v.lang, v.Now())
	p.Name = cut(nameIn(text), 200)
	return v.People.Admit(v.r.Context(), p)
}

// nameIn is what stands beside an address: "Anna Bianchi <anna@…>".
func nameIn(text string) string {
	words := slices.DeleteFunc(strings.Fields(text), func(w string) bool { return strings.Contains(w, "@") })
	return strings.Trim(strings.Join(words, " "), " ,;<>()-")
}

// callDraft is the request of a caller. What was not said is left out: the
// person is on the line, and can be asked.
func (v *visit) callDraft(f form, caller account.Person) (d tickets.Draft, err error) {
	branch, found := v.Book.Branch(f.Get("branch"))
	if !found || len(branch.Branches) > 0 {
		return d, fault.New(fault.Invalid, "desk.branch_missing")
	}
	d = tickets.Draft{
		Subject: f.line("subject"), Body: f.text("body"), Impact: tickets.Impact(f.Get("impact")), Author: caller.ID, ForMe: true,
		Phone: caller.Phone, Office: caller.Office, Area: caller.Area, Channel: "phone", Team: v.Desk.Terms.TeamOf(branch.Path),
	}
	if phone := f.line("phone"); phone != "" {
		d.Phone = cut(phone, 60)
	}
	if team, found := v.Desk.Terms.Team(d.Team); found && d.Area == "" {
		d.Area = team.Area
	}
	if d.Subject != "" && d.Body == "" {
		d.Body = d.Subject // three fields are enough
	}
	if !slices.Contains(tickets.Impacts, d.Impact) {
		d.Impact = ""
	}
	d.Application = v.about(branch, d.Subject+" "+d.Body)
	if name, email := f.line("for_name"), f.line("for_email"); name != "" || email != "" {
		d.ForMe, d.Beneficiary = false, tickets.Beneficiary{Name: cut(name, 200)}
		if email != "" {
			if d.Beneficiary.Email, err = account.Address(email); err != nil {
				return d, err
			}
		} else if name == "" {
			return d, fault.New(fault.Invalid, "ticket.person_name")
		}
		if d.Beneficiary.Name == "" {
			d.Beneficiary.Name = d.Beneficiary.Email
		}
	}
	return d, nil
}

// about is the application a call is about: one that is named, or the only one
// of the branch.
func (v *visit) about(branch contacts.Branch, text string) string {
	if a, found := v.Desk.Catalogue.FindApplication(text); found {
		return a.ID
	}
	var only []string
	for _, a := range v.Desk.Catalogue.Applications {
		if a.Phone == branch.Path {
			only = append(only, a.ID)
		}
	}
	if len(only) == 1 {
		return only[0]
	}
	return ""
}

// joinCall adds what a caller says to one of their tickets.
func (v *visit) joinCall(f form, caller account.Person, number tickets.Number, key string) (tickets.Ticket, error) {
	text := strings.TrimSpace(f.line("subject") + "\n" + f.text("body"))
	return v.Desk.Do(v.r.Context(), v.by, number, key, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		if !slices.Contains(t.People(), caller.ID) {
			return tickets.Change{}, fault.New(fault.Invalid, "desk.join_other")
		}
		return t.Say(tickets.Message{Text: text, Channel: "phone", Internal: f.Get("internal") != ""}, s)
	})
}
