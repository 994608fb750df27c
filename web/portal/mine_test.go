package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"sportello/account"
	"sportello/internal/htmlcheck"
	"sportello/tickets"
)

func TestEveryTicketIsInOneListWhateverChannelOpenedIt(t *testing.T) {
	d := newDesk(t)
	for _, channel := range []string{"portal", "widget", "email", "phone", "api"} {
		d.opened(tickets.Draft{Subject: "Da " + channel, Channel: channel})
	}
	body := d.page(mario, "/ticket", http.StatusOK)
	htmlcheck.InString(t, body, htmlcheck.Count(".card-ticket", 5))
	for _, told := range []string{"da: Portale", "da: Chat del sito", "da: E-mail", "da: Telefono", "da: Altro programma"} {
		if !strings.Contains(body, told) {
			t.Errorf("the list does not tell %q", told)
		}
	}
	htmlcheck.InString(t, d.page(mario, "/ticket?channel=phone", http.StatusOK), htmlcheck.Count(".card-ticket", 1), htmlcheck.Contains(".card-ticket h3", "Da phone"))
	htmlcheck.InString(t, d.page(stranger, "/ticket", http.StatusOK), htmlcheck.Count(".card-ticket", 0), htmlcheck.Contains(".none h2", "Non ha ancora ticket"))
}

func TestTheListTellsWhatSomebodyHasToDoWithATicket(t *testing.T) {
	d := newDesk(t)
	d.opened(tickets.Draft{Subject: "Per un'altra", Beneficiary: tickets.Beneficiary{Name: "Anna Bianchi", Email: anna.Email}, Observers: []account.PersonID{ugo.ID}})
	for _, c := range []struct {
		person account.Person
		told   string
		part   string
	}{
		{mario, "Aperto da Lei per Anna Bianchi", "author"},
		{anna, "Per Lei, aperto da Mario Rossi", "beneficiary"},
		{ugo, "Lo segue, aperto da Mario Rossi", "observer"},
	} {
		htmlcheck.InString(t, d.page(c.person, "/ticket", http.StatusOK), htmlcheck.Contains(".card-ticket .meta", c.told))
		for _, part := range []string{"author", "beneficiary", "observer"} {
			want := 0
			if part == c.part {
				want = 1
			}
			htmlcheck.InString(t, d.page(c.person, "/ticket?part="+part, http.StatusOK), htmlcheck.Count(".card-ticket", want))
		}
	}
}

func TestWhatWaitsForAnAnswerStandsOnTop(t *testing.T) {
	d := newDesk(t)
	old := d.opened(tickets.Draft{Subject: "Il più vecchio", Observers: []account.PersonID{ugo.ID}})
	d.opened(tickets.Draft{Subject: "Il più nuovo"})
	d.move(old, tickets.Waiting, "Qual è il numero di inventario?")
	htmlcheck.InString(t, d.page(mario, "/ticket", http.StatusOK),
		htmlcheck.Contains(".asked h2", "Un ticket aspetta una Sua risposta"),
		htmlcheck.Count(".asked .card-ticket", 1), htmlcheck.Contains(".asked h3", "Il più vecchio"),
		htmlcheck.Count(".card-ticket", 2)) // it is not listed twice
	htmlcheck.InString(t, d.page(mario, "/ticket?status=waiting", http.StatusOK), htmlcheck.Count(".card-ticket", 1), htmlcheck.None(".asked"))
	htmlcheck.InString(t, d.page(ugo, "/ticket", http.StatusOK), htmlcheck.None(".asked"), htmlcheck.Contains(".badge-status", "In attesa di una risposta"))
	htmlcheck.InString(t, d.page(mario, "/", http.StatusOK), htmlcheck.Contains(".own li:nth-child(1) h3", "Il più vecchio"), htmlcheck.Count(".own li", 2))
	htmlcheck.InString(t, d.page(account.Person{}, "/", http.StatusOK), htmlcheck.None(".own"))
}

func TestTheListIsFilteredSearchedAndTurned(t *testing.T) {
	d := newDesk(t)
	for range 24 {
		d.opened(tickets.Draft{})
	}
	solved := d.solved(d.opened(tickets.Draft{Subject: "Fascicoli della Consolle"}))
	first := d.page(mario, "/ticket", http.StatusOK)
	htmlcheck.InString(t, first, htmlcheck.Count(".card-ticket", 20), htmlcheck.Contains(".card-ticket h3", "Fascicoli"), htmlcheck.Attr(".pages a", "href", "/ticket?before=2026-000006"))
	htmlcheck.InString(t, d.page(mario, "/ticket?before=2026-000006", http.StatusOK), htmlcheck.Count(".card-ticket", 5), htmlcheck.None(".pages a[rel=next]"))
	htmlcheck.InString(t, d.page(mario, "/ticket?status=solved", http.StatusOK), htmlcheck.Count(".card-ticket", 1))
	htmlcheck.InString(t, d.page(mario, "/ticket?q=fascicolo", http.StatusOK), htmlcheck.Count(".card-ticket", 1))
	htmlcheck.InString(t, d.page(mario, "/ticket?q="+string(solved.Number), http.StatusOK), htmlcheck.Count(".card-ticket", 1))
	htmlcheck.InString(t, d.page(stranger, "/ticket?q="+string(solved.Number), http.StatusOK), htmlcheck.Count(".card-ticket", 0), htmlcheck.Contains(".none h2", "Nessun ticket"))
	for _, odd := range []string{"?status=boh", "?before=x", "?before=-1", "?part=%00&channel=%ff", "?q=%22%20OR%20*", "?q=" + strings.Repeat("a", 5000)} {
		d.page(mario, "/ticket"+odd, http.StatusOK)
	}
}

func TestAListShowsWhereSomethingIsNew(t *testing.T) {
	d := newDesk(t)
	one := d.opened(tickets.Draft{})
	htmlcheck.InString(t, d.page(mario, "/ticket", http.StatusOK), htmlcheck.None(".badge-new"))
	one = d.move(one, tickets.Taken, "")
	d.says(olga, one, "Passo domattina.")
	htmlcheck.InString(t, d.page(mario, "/ticket", http.StatusOK), htmlcheck.Contains(".badge-new", "2 novità"))
	d.page(mario, at(one), http.StatusOK)
	htmlcheck.InString(t, d.page(mario, "/ticket", http.StatusOK), htmlcheck.None(".badge-new"))
}

func TestWhoIsNotSignedInIsLedToTheSignInAndBack(t *testing.T) {
	d := newDesk(t)
	for path, want := range map[string]string{
		"/ticket?status=open":     "/accedi?ritorno=%2Fticket%3Fstatus%3Dopen",
		"/ticket/2026-000001":     "/accedi?ritorno=%2Fticket%2F2026-000001",
		"/en/ticket":              "/en/sign-in?ritorno=%2Fen%2Fticket",
		"/profilo":                "/accedi?ritorno=%2Fprofilo",
		"/profilo/data.json":      "/accedi?ritorno=%2Fprofilo%2Fdata.json",
		"/ticket/2026-1/file/abc": "/accedi?ritorno=%2Fticket%2F2026-1%2Ffile%2Fabc",
	} {
		w := d.as(account.Person{}, "GET", path, nil)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%s answers %d %s, want %s", path, w.Code, w.Header().Get("Location"), want)
		}
	}
}
