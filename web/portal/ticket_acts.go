package portal

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/tickets"
)

// sheet is a form that is being carried out.
type sheet struct {
	*Portal
	ctx  context.Context
	lang string
	by   account.Person
	t    tickets.Ticket // as it was before
	form ticketForm
}

// rule changes a ticket, see tickets.Desk.Do.
type rule func(tickets.Ticket, tickets.Stamp) (tickets.Change, error)

// ticketAct is what a form on a ticket's page does.
type ticketAct struct {
	may    account.Act
	field  string // where its mistakes are told
	anchor string // where the page goes on
	rule   func(sheet) (rule, error)
}

// ticketActs are the forms of a ticket's page, by the end of their address.
var ticketActs = map[string]ticketAct{
	"message": {account.WriteTicket, "text", "said", sheet.say},
	"close":   {account.CloseTicket, "close-note", "state", sheet.close},
	"reopen":  {account.ReopenTicket, "why", "state", sheet.reopen},
	"rating":  {account.RateTicket, "score-5", "rating", sheet.rate},
	"invite":  {account.FollowTicket, "address", "people", sheet.invite},
	"remove":  {account.FollowTicket, "people", "people", sheet.remove},
	"follow":  {account.FollowTicket, "people", "people", sheet.follow},
	"leave":   {account.ReadTicket, "people", "people", sheet.leave},
}

// ticketPost carries out a form, once however often it is sent, and leads back
// to the page. What was refused is shown with all that was typed.
func (p *Portal) ticketPost(lang, name string) http.HandlerFunc {
	act := ticketActs[name]
	return p.page(lang, func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "private, no-store")
		number, self := ticketNumber(r), paths[lang]["tickets"]+"/"+string(ticketNumber(r))
		by := p.Person(r)
		if by == nil || !by.Known() {
			form, err := p.readForm(w, r, false)
			if err != nil {
				return err
			}
			return p.signedOut(w, r, url.PathEscape(string(number)), form)
		}
		t, err := p.Tickets.Ticket(r.Context(), *by, number)
		if err != nil {
			return err
		}
		form, err := p.readForm(w, r, account.Can(*by, act.may, t.Thing()))
		used := false
		if err == nil {
			used, err = p.carryOut(sheet{p, r.Context(), lang, *by, t, form}, act)
		}
		if !used {
			p.dropFiles(r.Context(), form)
		}
		if err != nil {
			return p.refuse(w, r, *by, t.Number, name, form, err)
		}
		if name == "leave" && !account.Can(*by, account.ReadTicket, without(t, by.ID)) {
			http.Redirect(w, r, paths[lang]["tickets"]+"?unfollowed="+string(t.Number), http.StatusSeeOther)
			return nil
		}
		http.Redirect(w, r, self+"?done="+name+"#"+act.anchor, http.StatusSeeOther)
		return nil
	})
}

// without describes a ticket that somebody no longer observes.
func without(t tickets.Ticket, gone account.PersonID) account.Thing {
	thing := t.Thing()
	thing.Observers = nil
	return thing
}

// carryOut reports whether the files of the form may be in use from now on.
func (p *Portal) carryOut(s sheet, act ticketAct) (used bool, err error) {
	if s.form.wrong != nil {
		return false, s.form.wrong
	}
	key, err := s.form.key(s.by)
	if err != nil {
		return false, err
	}
	change, err := act.rule(s)
	if err != nil {
		return false, err
	}
	_, err = p.Tickets.Do(s.ctx, s.by, s.t.Number, key, func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) {
		c, err := change(t, stamp)
		used = err == nil // from here on it may be kept, even if we do not hear of it
		return c, err
	})
	return used, err
}

// refuse shows the ticket again with the form as it was sent.
func (p *Portal) refuse(w http.ResponseWriter, r *http.Request, by account.Person, number tickets.Number, name string, form ticketForm, err error) error {
	status := httpstatus.Of(err)
	if status == http.StatusNotFound || status == http.StatusInternalServerError && len(form.values) == 0 {
		return err
	}
	if status >= http.StatusInternalServerError {
		p.Log.ErrorContext(r.Context(), "ticket not changed", "ticket", number, "error", err)
	}
	phrase, values := fault.Public(err)
	refused := &refusal{
		Act: name, Message: p.tell(lang(r), phrase, values), Field: ticketActs[name].field, Status: status, Values: form.values, Files: form.chosen,
	}
	if fault.Is(err, fault.Conflict) && phrase == "ticket.changed" {
		refused.Message = p.tell(lang(r), "mine.changed", nil)
	}
	if ticketKey.MatchString(form.get("key")) && phrase != "ticket.key_used" {
		refused.Key = form.get("key")
	}
	return p.ticketShown(w, r, by, number, refused)
}

// seen fails if the ticket is no longer as the page showed it.
func (s sheet) seen(t tickets.Ticket) error {
	version, err := strconv.Atoi(s.form.get("version"))
	if err != nil {
		return fault.New(fault.Invalid, "error.malformed").Because(err)
	}
	return t.Unchanged(version)
}

func (s sheet) say() (rule, error) {
	m := tickets.Message{Text: s.form.get("text"), Attachments: s.form.files}
	return func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) { return t.Say(m, stamp) }, nil
}

func (s sheet) close() (rule, error) {
	return func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) {
		if err := s.seen(t); err != nil {
			return tickets.Change{}, err
		}
		return t.Close(s.form.get("note"), stamp)
	}, nil
}

func (s sheet) reopen() (rule, error) {
	why := strings.TrimSpace(s.form.get("why"))
	if why == "" {
		return nil, fault.New(fault.Invalid, "mine.why_missing")
	}
	window := s.Tickets.Terms.Reopening()
	return func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) {
		if number, merged := t.MergedInto(); merged {
			if _, err := s.Tickets.Ticket(s.ctx, s.by, number); err != nil {
				return tickets.Change{}, fault.New(fault.Invalid, "mine.merged")
			}
			return tickets.Change{}, fault.New(fault.Invalid, "mine.merged_into", fault.Values{"Number": number})
		}
		return t.Reopen(why, window, stamp)
	}, nil
}

// invite lets a colleague follow the ticket. Who was never here is admitted,
// if the address is one of the organisation's: so the answer tells nobody who
// has an account.
func (s sheet) invite() (rule, error) {
	address, external, err := s.Domains.Decide(s.form.get("address"))
	if err != nil {
		return nil, err
	}
	if external {
		return nil, fault.New(fault.Invalid, "mine.invite_external", fault.Values{"Domains": "@" + strings.Join(s.Domains.Employee, ", @")})
	}
	if !account.Can(s.by, account.FollowTicket, s.t.Thing()) {
		return nil, fault.New(fault.Forbidden, "ticket.not_allowed", fault.Values{"Number": s.t.Number}) // and nobody is admitted
	}
	guest, err := s.Accounts.Admit(s.ctx, account.NewPerson(address, false, s.lang, s.Now()))
	if err != nil {
		return nil, err
	}
	if guest.Shared {
		return nil, fault.New(fault.Invalid, "mine.invite_shared")
	}
	return func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) { return t.Observe(guest, stamp) }, nil
}

// follow is for operators who want to hear of a ticket of others.
func (s sheet) follow() (rule, error) {
	return func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) { return t.Observe(s.by, stamp) }, nil
}

func (s sheet) remove() (rule, error) {
	gone := account.PersonID(s.form.get("person"))
	return func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) { return t.Unobserve(gone, stamp) }, nil
}

func (s sheet) leave() (rule, error) {
	return func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) {
		return t.Unobserve(s.by.ID, stamp)
	}, nil
}

// signedOut keeps what somebody wrote in sight whose session is over.
func (p *Portal) signedOut(w http.ResponseWriter, r *http.Request, number string, form ticketForm) error {
	l := lang(r)
	frame := p.frame(r, "", p.tell(l, "mine.signed_out_title", nil), "", nil)
	frame.Hidden = true
	page := signedOutPage{Frame: frame, Enter: p.entrance(r, paths[l]["tickets"]+"/"+number)}
	for _, name := range []string{"text", "why", "note", "suggestion", "address"} {
		if typed := strings.TrimSpace(form.get(name)); typed != "" {
			page.Typed = typed
		}
	}
	return showStatus(w, http.StatusUnauthorized, "signedout", page)
}
