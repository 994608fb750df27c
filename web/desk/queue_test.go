package desk_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/internal/htmlcheck"
	"sportello/tickets"
)

// listed are the numbers of the tickets on a page, shortened.
func listed(t *testing.T, page string) string {
	t.Helper()
	numbers, err := htmlcheck.Texts(page, ".c-number .number")
	if err != nil {
		t.Fatal(err)
	}
	for i := range numbers {
		numbers[i] = strings.TrimLeft(strings.TrimPrefix(numbers[i], "2026-"), "0")
	}
	return strings.Join(numbers, " ")
}

// busy is a room with tickets in all sorts of states: 1 late and unanswered of
// team south, 2 Olga's of the same, 3 waiting, 4 of the north by phone, 5
// solved, 6 critical of the dispatch.
func busy(t *testing.T) *room {
	r := newRoom(t)
	open := func(change func(*tickets.Draft)) tickets.Number { return r.opened(t, mario, change).Number }
	one := open(func(d *tickets.Draft) {})
	r.did(t, mario, one, said("Ci siete?", false))
	r.now = noon.Add(7 * 24 * time.Hour)
	two := open(func(d *tickets.Draft) { d.Subject = "Stampante, carta inceppata"; d.Application = "stampante" })
	r.did(t, olga, two, tickets.Ticket.Claim)
	three := open(func(d *tickets.Draft) { d.Channel = "email" })
	r.did(t, bruno, three, func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Ask("Quale PC?", s) })
	r.opened(t, luca, func(d *tickets.Draft) { d.Channel = "phone" })
	five := open(func(d *tickets.Draft) {})
	r.did(t, olga, five, func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Finish("Fatto.", s) })
	r.opened(t, maria, func(d *tickets.Draft) { d.Impact, d.Urgency = tickets.Site, tickets.High })
	return r
}

func TestTheQueueShowsWhatAnOperatorChoseToSee(t *testing.T) {
	r := busy(t)
	for query, want := range map[string]string{
		"":                                  "1", // to take, of one's own teams
		"?team=all":                         "6 1 4",
		"?view=mine":                        "2",
		"?view=mine&team=nord":              "2",
		"?view=waiting":                     "3",
		"?view=late&team=all":               "1",
		"?view=open&team=all":               "1 6 2 4 3",
		"?view=open&team=nord":              "4",
		"?view=done&team=all":               "5",
		"?view=open&team=all&sort=newest":   "6 4 3 2 1",
		"?view=open&team=all&priority=1":    "6",
		"?view=open&team=all&app=stampante": "2",
		"?view=open&team=all&channel=phone": "4",
		"?view=open&team=all&status=taken":  "2",
		"?q=carta":                          "2",
		"?q=2026-000005":                    "5",
		"?q=5":                              "5",
		"?q=luca.ferri@giustizia.it":        "4",
		"?person=luca":                      "4",
		"?q=nientedinienteaffatto":          "",
		"?view=sciocchezza&team=x&priority=9&status=boh&after=zzz": "1",
	} {
		got := listed(t, r.get(t, olga, "/desk"+query, http.StatusOK))
		if query == "?team=all" || strings.HasPrefix(query, "?view=open&team=all") && !strings.Contains(query, "sort") { // the order is that of due times
			g, w := strings.Fields(got), strings.Fields(want)
			slices.Sort(g)
			slices.Sort(w)
			got, want = strings.Join(g, " "), strings.Join(w, " ")
		}
		if got != want {
			t.Errorf("%q shows %q, want %q", query, got, want)
		}
	}
	page := r.get(t, olga, "/desk?view=open&team=all", http.StatusOK)
	htmlcheck.InString(t, page,
		htmlcheck.Contains(`[data-number="2026-000001"] .unanswered`, "Attende risposta"), htmlcheck.None(`[data-number="2026-000002"] .unanswered`),
		htmlcheck.Contains(`[data-number="2026-000001"] .due.late`, "in ritardo di"), htmlcheck.Contains(`[data-number="2026-000003"] .due`, "fermo, restano"),
		htmlcheck.Contains(`[data-number="2026-000006"] .weight`, "Critica"), htmlcheck.Contains(`[data-number="2026-000002"] .c-assignee`, "Lei"),
		htmlcheck.Contains(`[data-number="2026-000001"] .c-subject`, "Mario Rossi, Tribunale di Bari"),
		htmlcheck.Contains(".views [data-view=todo]", "3"), htmlcheck.Contains(".views [data-view=late]", "1"), htmlcheck.Contains(".teams li", "Le mie squadre ticket aperti: 3"))
	if names, _ := htmlcheck.Texts(page, ".teams li"); len(names) < 4 || !strings.HasPrefix(names[2], "Area Sud") {
		t.Errorf("the operator's own teams do not come first: %q", names)
	}
	htmlcheck.InString(t, r.get(t, olga, "/desk?q=Luca", http.StatusOK), htmlcheck.Contains(".whose a", "Luca Ferri"))
	htmlcheck.InString(t, r.get(t, olga, "/en/desk?view=late&team=all", http.StatusOK), htmlcheck.Contains(".due.late", "overdue"), htmlcheck.Attr("a.export", "href", "/en/desk/export.csv?team=all&view=late"))
}

func TestALongQueueIsReadPageByPage(t *testing.T) {
	r := newRoom(t)
	for range 120 {
		r.opened(t, mario)
	}
	for _, sort := range []string{"due", "newest"} {
		at, seen, pages := "/desk?view=open&sort="+sort, map[string]bool{}, 0
		for at != "" && pages < 9 {
			page := r.get(t, olga, at, http.StatusOK)
			for _, n := range strings.Fields(listed(t, page)) {
				seen[n] = true
			}
			pages++
			at = ""
			if i := strings.Index(page, `" rel="next"`); i > 0 {
				begin := strings.LastIndex(page[:i], `href="`) + len(`href="`)
				at = strings.ReplaceAll(page[begin:i], "&amp;", "&")
			}
		}
		if len(seen) != 120 || pages != 3 {
			t.Errorf("by %s: %d tickets on %d pages", sort, len(seen), pages)
		}
	}
}

func TestManyTicketsAreChangedAtOnceEachByItself(t *testing.T) {
	r := newRoom(t)
	var all []tickets.Ticket
	f := url.Values{"key": {"bulkkey1"}, "act": {"finish"}, "text": {"Rete ripristinata."}, "back": {"view=open&team=all"}}
	for range 4 {
		k := r.opened(t, mario)
		all = append(all, k)
		f.Add("ticket", fmt.Sprintf("%s:%d", k.Number, k.Version))
	}
	f.Add("ticket", "2026-999999:1")
	r.did(t, mario, all[1].Number, said("Anche la stampante.", false))
	r.did(t, mario, all[2].Number, func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return k.Close("", s) })
	for range 2 { // sent again it tells the same
		a := r.post(olga, "/desk/bulk", f)
		if a.status != http.StatusOK {
			t.Fatalf("it answers %d: %.300s", a.status, text(a.body))
		}
		htmlcheck.InString(t, a.body, htmlcheck.Count(".outcomes .done", 2), htmlcheck.Count(".outcomes .changed", 2), htmlcheck.Count(".outcomes .refused", 1),
			htmlcheck.Contains("[role=status]", "2 ticket cambiati su 5"), htmlcheck.Attr("a.act", "href", "/desk?team=all&view=open"))
	}
	for i, want := range []tickets.Status{tickets.Solved, tickets.Received, tickets.Closed, tickets.Solved} {
		if now := r.at(t, all[i].Number); now.Status != want {
			t.Errorf("ticket %d is %s, want %s", i+1, now.Status, want)
		}
	}
	if n := len(r.history(t, all[0])); n != 5 { // opened, taken, working, solved, and whose it is
		t.Errorf("the first one has %d events", n)
	}
}

func TestEachActionOnManyTicketsDoesWhatItSays(t *testing.T) {
	r := newRoom(t)
	incident := r.opened(t, luca)
	for act, c := range map[string]struct {
		fields url.Values
		want   func(tickets.Ticket) bool
	}{
		"claim":    {nil, func(k tickets.Ticket) bool { return k.Assignee == olga.ID }},
		"assign":   {url.Values{"to": {"bruno"}}, func(k tickets.Ticket) bool { return k.Assignee == bruno.ID }},
		"transfer": {url.Values{"team": {"nord"}, "text": {"Vostro."}}, func(k tickets.Ticket) bool { return k.Team == "nord" }},
		"weigh":    {url.Values{"impact": {"site"}, "urgency": {"high"}}, func(k tickets.Ticket) bool { return k.Priority == tickets.Critical }},
		"close":    {url.Values{"text": {"Doppione."}}, func(k tickets.Ticket) bool { return k.Status == tickets.Closed }},
		"link":     {url.Values{"other": {string(incident.Number)}}, func(k tickets.Ticket) bool { return len(k.Links) == 1 && k.Links[0].Kind == tickets.CausedBy }},
	} {
		one, two := r.opened(t, mario), r.opened(t, mario)
		f := url.Values{"key": {"key-" + act + "-1234"}, "act": {act}, "ticket": {string(one.Number) + ":1", string(two.Number) + ":1"}}
		for name, values := range c.fields {
			f[name] = values
		}
		a := r.post(olga, "/desk/bulk", f)
		if a.status != http.StatusOK || !c.want(r.at(t, one.Number)) || !c.want(r.at(t, two.Number)) {
			t.Errorf("%s answers %d: %.400s", act, a.status, text(a.body))
		}
	}
	if n := len(r.at(t, incident.Number).Links); n != 2 {
		t.Errorf("the incident has %d links", n)
	}
	many := url.Values{"key": {"manykeys"}, "act": {"claim"}}
	for i := range 101 {
		many.Add("ticket", fmt.Sprintf("2026-%06d:1", i+1))
	}
	for name, f := range map[string]url.Values{
		"nothing chosen": {"key": {"12345678"}, "act": {"claim"}}, "nothing to do": {"key": {"12345678"}, "ticket": {"2026-000001:1"}}, "too many": many,
	} {
		if a := r.post(olga, "/desk/bulk", f); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s answers %d", name, a.status)
		}
	}
}

func TestTheExportHoldsTheViewAndNoFormulas(t *testing.T) {
	r := newRoom(t)
	for i := range 230 {
		r.opened(t, mario, func(d *tickets.Draft) {
			if i == 0 {
				d.Subject, d.Office = "=HYPERLINK(\"http://evil.example\";\"Clicchi\")", "@Bari; \"sede\""
			}
		})
	}
	r.opened(t, luca)
	page := r.get(t, olga, "/desk/export.csv?view=open&team=sud", http.StatusOK)
	lines := csv.NewReader(strings.NewReader(strings.TrimPrefix(page, "\ufeff")))
	lines.Comma = ';'
	rows, err := lines.ReadAll()
	if err != nil || len(rows) != 231 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[0][0] != "Numero" || rows[1][0] != "2026-000001" || !strings.HasPrefix(rows[1][3], "'=HYPERLINK") || !strings.HasPrefix(rows[1][6], "'@Bari") || rows[2][4] != "Mario Rossi" {
		t.Errorf("it begins %q, %q", rows[0], rows[1])
	}
	english := r.get(t, olga, "/en/desk/export.csv?view=open&team=nord", http.StatusOK)
	if !strings.HasPrefix(english, "\ufeffNumber,Status,") || strings.Count(english, "\n") != 2 {
		t.Errorf("in English it begins %.60q", english)
	}
}

func TestWhatPeopleWriteIsNoMarkup(t *testing.T) {
	r := newRoom(t)
	bad := `<img src=x onerror=alert(1)>"'`
	k := r.opened(t, mario, func(d *tickets.Draft) {
		d.Subject, d.Body, d.Office, d.Phone = bad, bad, bad, bad
		d.Beneficiary = tickets.Beneficiary{Name: bad, Email: "anna@giustizia.it"}
		d.Proposed = tickets.Beneficiary{Name: bad, Email: "b@giustizia.it"}
	})
	r.did(t, mario, k.Number, said(bad, false))
	for _, at := range []string{"/desk?view=open&team=all", "/desk?q=" + url.QueryEscape(bad), path(k, ""), path(k, "/merge"), path(k, "/merge?other="+url.QueryEscape(bad)), "/desk/call?caller_text=" + url.QueryEscape(bad), "/desk/call?caller=mario&subject=" + url.QueryEscape(bad), "/desk/mail?mail=one/1"} {
		w := r.do(olga, httptestGet(at))
		if strings.Contains(w.body, "<img src=x") || strings.Contains(w.body, "<script>alert") || strings.Contains(w.body, "<b>urgente") {
			t.Errorf("%s shows markup that somebody wrote", at)
		}
	}
}
