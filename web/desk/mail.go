package desk

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"sportello/tickets"
)

type mailPage struct {
	page
	None   bool // there is no mail intake
	Mails  []heldMail
	Shown  *heldMail
	Ticket tickets.Number // that a mail became
	To     string
}

type heldMail struct {
	Mail
	When string
	URL  string
	Act  string // path of what can be done with it
}

// mail lists the mails that were not let in; one of them with its text.
func (v *visit) mail() error {
	shown := mailPage{page: v.frame("mail", v.say("desk.mail_title"), "/mail"), None: v.Quarantine == nil}
	if v.Quarantine == nil {
		return v.show(http.StatusOK, "mail", shown)
	}
	list, err := v.Quarantine.Quarantined(v.r.Context(), v.by, v.lang)
	if err != nil {
		return err
	}
	for _, m := range list {
		shown.Mails = append(shown.Mails, v.held(m))
	}
	if id := v.r.URL.Query().Get("mail"); id != "" {
		m, err := v.Quarantine.Preview(v.r.Context(), v.by, id, v.lang)
		if err != nil {
			return err
		}
		one := v.held(m)
		shown.Shown = &one
	}
	if n := tickets.Number(v.r.URL.Query().Get("ticket")); n.Ordinal() > 0 {
		shown.Ticket, shown.To = n, v.path("/ticket/"+string(n))
	}
	return v.show(http.StatusOK, "mail", shown)
}

func (v *visit) held(m Mail) heldMail {
	id := url.Values{"mail": {m.ID}}
	return heldMail{Mail: m, When: v.moment(m.At), URL: v.path("/mail") + "?" + id.Encode(), Act: v.path("/mail/" + url.PathEscape(m.ID))}
}

// judge makes a mail a ticket after all, or throws it away.
func (v *visit) judge() error {
	if _, err := v.read(); err != nil {
		return err
	}
	if v.Quarantine == nil {
		return notFound()
	}
	id, err := url.PathUnescape(chi.URLParam(v.r, "id"))
	if err != nil {
		return malformed()
	}
	switch chi.URLParam(v.r, "act") {
	case "release":
		number, err := v.Quarantine.Release(v.r.Context(), v.by, id)
		if err != nil {
			return err
		}
		return v.seeOther(v.path("/mail"), url.Values{"done": {"released"}, "ticket": {string(number)}})
	case "discard":
		if err := v.Quarantine.Discard(v.r.Context(), v.by, id); err != nil {
			return err
		}
		return v.seeOther(v.path("/mail"), url.Values{"done": {"discarded"}})
	default:
		return notFound()
	}
}
