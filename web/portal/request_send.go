package portal

import (
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
	"sportello/web/ui"
)

// openStatuses are those of tickets that somebody still works on.
var openStatuses = slices.DeleteFunc(slices.Clone(tickets.Statuses), func(s tickets.Status) bool { return !s.Open() })

// sendTries is how often a form is sent whose files change meanwhile.
const sendTries = 3

// send opens the ticket, once for a form. Before, it shows what is wrong with
// the form, then once what may make the ticket unnecessary.
func (p *Portal) send(v *visit, f received) error {
	if v.person == nil {
		return p.showAgain(v, http.StatusForbidden, f, p.understand(v.lang, v.t, f.written, nil).Wrong)
	}
	if number, done, err := p.sentBefore(v, &f); err != nil || done {
		if err == nil {
			p.toTicket(v, number, f.Masked)
		}
		return err
	}
	if err := p.keep(v, &f); err != nil {
		return err
	}
	u := p.understand(v.lang, v.t, f.written, v.person)
	if len(u.Wrong) > 0 || len(f.FileWrong) > 0 {
		if subject := p.proposed(u.Draft); subject != "" {
			f.Values[inputName(tickets.FieldSubject)] = subject
		}
		return p.showAgain(v, http.StatusUnprocessableEntity, f, u.Wrong)
	}
	if shown, err := p.showBefore(v, f, u.Draft); err != nil || shown {
		return err
	}
	for try := 1; ; try++ {
		number, err := p.open(v, f, u)
		if fault.Is(err, fault.Conflict) && try < sendTries {
			if err := p.recall(v); err != nil {
				return err
			}
			continue
		}
		if err == nil {
			p.toTicket(v, number, f.Masked)
		}
		return err
	}
}

// sentBefore finds the ticket that was opened under the form's key: pressed
// twice, or loaded again. A form that says something else under an old key, as
// after going back, gets a new one: the same one for the same words, or
// pressing twice would open two tickets.
func (p *Portal) sentBefore(v *visit, f *received) (tickets.Number, bool, error) {
	written := strings.TrimSpace(f.Values[inputName(tickets.FieldBody)])
	for {
		done, err := p.Tickets.Store.ByKey(v.r.Context(), v.fullKey(f.Key))
		if fault.Is(err, fault.NotFound) {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		if done.Body == written {
			return done.Number, true, nil
		}
		f.Key = keyAfter(f.Key, written)
	}
}

// keyAfter is the key that follows an old one for what is written now; it has
// the shape of others.
func keyAfter(old, written string) string {
	sum := sha256.Sum256([]byte(old + "\n" + written))
	return base32.StdEncoding.EncodeToString(sum[:])[:len(old)]
}

// open opens the ticket and forgets the form, both or neither.
func (p *Portal) open(v *visit, f received, u understood) (tickets.Number, error) {
	ctx := v.r.Context()
	d := u.Draft
	if v.unsent != nil {
		d.Attachments = v.unsent.Attachments
	}
	for _, address := range u.Observers {
		observer, err := p.Accounts.Admit(ctx, account.NewPerson(address, false, v.lang, p.Now()))
		if err != nil {
			return "", err
		}
		if observer.ID != v.person.ID && !slices.Contains(d.Observers, observer.ID) {
			d.Observers = append(d.Observers, observer.ID)
		}
	}
	now := p.Tickets.Now()
	change, err := p.Tickets.Opening(ctx, d, tickets.Stamp{By: *v.person, At: now, Key: v.fullKey(f.Key)})
	if err != nil {
		return "", err
	}
	t, err := p.Forms.Send(ctx, now.In(p.Tickets.Terms.Zone()).Year(), change, v.t.ID)
	if err != nil {
		return "", err
	}
	if p.Tickets.Changed != nil {
		p.Tickets.Changed()
	}
	return t.Number, nil
}

func (p *Portal) ticketURL(l string, n tickets.Number) string {
	return paths[l]["tickets"] + "/" + url.PathEscape(string(n))
}

// The names by which the page of a ticket learns that it was just opened, and
// what was taken out of it: see openedNote.
const (
	queryOpened = "aperto"
	queryMasked = "tolto"
)

// toTicket leads to the new ticket.
func (p *Portal) toTicket(v *visit, n tickets.Number, masked []privacy.Kind) {
	query := url.Values{queryOpened: {"1"}}
	if len(masked) > 0 {
		var kinds []string
		for _, k := range masked {
			kinds = append(kinds, string(k))
		}
		query.Set(queryMasked, strings.Join(kinds, "."))
	}
	http.Redirect(v.w, v.r, p.ticketURL(v.lang, n)+"?"+query.Encode(), http.StatusSeeOther)
}

// opened is what the page of a ticket says that was just opened.
type opened struct {
	Text   string
	Next   string
	Masked []string
}

// openedNote is what the page of a ticket has to say if the request came from
// sending a form, else nil. The template "opened" shows it as .Opened.
func (p *Portal) openedNote(r *http.Request, t tickets.Ticket) *opened {
	if r.URL.Query().Get(queryOpened) == "" {
		return nil
	}
	l := lang(r)
	note := &opened{
		Text: p.Phrases.Say(l, "request.opened", map[string]any{"Number": t.Number, "Subject": t.Subject}),
		Next: p.Phrases.Say(l, "request.opened_next", nil),
	}
	found := map[privacy.Kind]bool{}
	for _, k := range strings.Split(r.URL.Query().Get(queryMasked), ".") {
		found[privacy.Kind(k)] = true
	}
	note.Masked = p.tellMasked(l, inOrder(found))
	return note
}

type beforePage struct {
	ui.Frame
	Services, Self string
	Type           string
	Similar        *similarTo
	Articles       []hit
	Fields         []hidden // the form as it is, to be sent on
	Seen           string
}

// hidden is an input that a page carries on.
type hidden struct{ Name, Value string }

// showBefore shows, before the ticket is opened, articles that may solve the
// problem and a ticket that looks the same, unless the person saw them already.
func (p *Portal) showBefore(v *visit, f received, d tickets.Draft) (bool, error) {
	seen := f.Seen
	page := beforePage{Services: paths[v.lang]["services"], Self: v.self(), Type: v.t.Label.In(v.lang)}
	alike, found, err := p.similar(v, d)
	if err != nil {
		return false, err
	}
	if mark := "ticket:" + string(alike.Number); found && !slices.Contains(seen, mark) {
		page.Similar = &similarTo{string(alike.Number), alike.Subject, p.ticketURL(v.lang, alike.Number)}
		seen = append(seen, mark)
	}
	hits, err := p.mayHelp(v, d)
	if err != nil {
		return false, err
	}
	for _, h := range hits {
		if mark := "article:" + h.ID; !slices.Contains(seen, mark) {
			page.Articles = append(page.Articles, h)
			seen = append(seen, mark)
		}
	}
	if len(hits) > 0 && len(page.Articles) > 0 && page.Articles[0].ID != hits[0].ID {
		page.Articles = nil // the best one was seen: the others stop nobody
	}
	if page.Similar == nil && len(page.Articles) == 0 {
		return false, nil
	}
	if number, done, err := p.sentBefore(v, &f); err != nil || done { // by a press beside this one
		if err == nil {
			p.toTicket(v, number, f.Masked)
		}
		return true, err
	}
	title := "request.before_articles"
	if page.Similar != nil {
		title = "request.before_similar"
	}
	page.Frame = p.requestFrame(v, p.Phrases.Say(v.lang, title, nil))
	page.Fields, page.Seen = p.carried(v, f), strings.Join(seen, " ")
	return true, p.show(v.w, "before", page)
}

// carried is a form as hidden inputs.
func (p *Portal) carried(v *visit, f received) []hidden {
	fields := []hidden{{inputKey, f.Key}}
	for _, name := range inputsOf(v.t) {
		if value := f.Values[name]; value != "" {
			fields = append(fields, hidden{name, value})
		}
	}
	return fields
}

// similar finds an open ticket of the person's own that looks the same.
func (p *Portal) similar(v *visit, d tickets.Draft) (tickets.Ticket, bool, error) {
	if v.person == nil || strings.TrimSpace(d.Subject) == "" {
		return tickets.Ticket{}, false, nil
	}
	mine, err := p.Tickets.Mine(v.r.Context(), *v.person, tickets.Filter{Statuses: openStatuses, Limit: 50})
	if err != nil {
		return tickets.Ticket{}, false, err
	}
	if strings.EqualFold(d.Beneficiary.Email, v.person.Email) {
		d.Beneficiary = tickets.Beneficiary{}
	}
	alike, found := tickets.Similar(mine, d)
	return alike, found, nil
}

// mostHelp is how many articles are shown beside a form.
const mostHelp = 3

// mayHelp finds articles that may solve what a draft is about.
func (p *Portal) mayHelp(v *visit, d tickets.Draft) ([]hit, error) {
	text := strings.TrimSpace(d.Subject + ". " + d.Body)
	if len([]rune(strings.Trim(text, ". "))) < 8 {
		return nil, nil
	}
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest])
	}
	text, _ = privacy.Mask(text)
	return p.find(v.r, text, mostHelp)
}
