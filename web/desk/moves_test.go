package desk_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"sportello/account"
	"sportello/internal/htmlcheck"
	"sportello/tickets"
)

func TestOfTwoOperatorsWhoClaimAtOnceOneGetsTheTicket(t *testing.T) {
	r := newRoom(t)
	for range 10 {
		k := r.opened(t, mario)
		var wait sync.WaitGroup
		answers := make([]answer, 2)
		for i, who := range []account.Person{olga, bruno} {
			wait.Go(func() { answers[i] = r.post(who, path(k, "/claim"), form(k, "claim")) })
		}
		wait.Wait()
		now := r.at(t, k.Number)
		won := map[int]int{}
		for i, who := range []account.Person{olga, bruno} {
			won[answers[i].status]++
			if (answers[i].status == http.StatusSeeOther) != (now.Assignee == who.ID) {
				t.Errorf("%s got %d, and the ticket is with %s", who.Name, answers[i].status, now.Assignee)
			}
			faster := map[account.PersonID]string{"olga": olga.Name, "bruno": bruno.Name}[now.Assignee]
			if answers[i].status == http.StatusConflict && !strings.Contains(answers[i].body, faster+" ha preso in carico") {
				t.Errorf("the slower one is not told who was faster: %.300s", text(answers[i].body))
			}
		}
		if won[http.StatusSeeOther] != 1 || won[http.StatusConflict] != 1 {
			t.Errorf("the answers are %v", won)
		}
	}
}

func TestATextIsKeptWhenTheTicketChangedMeanwhile(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario)
	seen := fmt.Sprint(r.history(t, k)[0].Seq)
	for _, move := range []string{"say", "ask", "finish", "close", "cancel", "transfer"} {
		k = r.at(t, k.Number)
		r.did(t, mario, k.Number, said("Ho risolto <da> solo, grazie.", false))
		f := form(k, move, "text", "Riavvii & riprovi.", "team", "nord")
		f.Set("seen", seen)
		a := r.post(olga, path(k, "/"+move), f)
		if a.status != http.StatusConflict {
			t.Fatalf("%s answers %d", move, a.status)
		}
		htmlcheck.InString(t, a.body,
			htmlcheck.Contains("[role=alert]", "è cambiato mentre scriveva"),
			htmlcheck.Contains("[role=alert] .timeline", "Ho risolto <da> solo, grazie."),
			htmlcheck.Text(fmt.Sprintf("form[action$='/%s'] textarea", move), "Riavvii & riprovi."),
			htmlcheck.Attr(fmt.Sprintf("form[action$='/%s'] input[name=version]", move), "value", fmt.Sprint(k.Version+1)),
		)
		if now := r.at(t, k.Number); now.Status != tickets.Received || now.Version != k.Version+1 {
			t.Errorf("%s was done all the same: %+v", move, now)
		}
	}
	now := r.at(t, k.Number)
	if a := r.post(olga, path(k, "/say"), form(now, "again", "text", "Riavvii & riprovi.")); a.status != http.StatusSeeOther {
		t.Errorf("sent again it answers %d", a.status)
	}
}

func TestAFormThatIsSentTwiceDoesNothingTwice(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario)
	count := func(kind tickets.Kind) (n int) {
		for _, e := range r.history(t, k) {
			if e.Kind == kind {
				n++
			}
		}
		return n
	}
	for range 3 {
		for _, move := range []string{"note", "say"} {
			if a := r.post(olga, path(k, "/"+move), form(k, "same", "text", "Una volta sola.")); a.status != http.StatusSeeOther {
				t.Fatalf("%s answers %d: %.300s", move, a.status, text(a.body))
			}
			k = r.at(t, k.Number)
		}
	}
	if count(tickets.KindNote) != 1 || count(tickets.KindMessage) != 1 {
		t.Errorf("%d notes and %d messages, want one each", count(tickets.KindNote), count(tickets.KindMessage))
	}
	// The page was gone back to, and another text written there: that is another note.
	if a := r.post(olga, path(k, "/note"), form(k, "same", "text", "Un'altra nota.")); a.status != http.StatusSeeOther || count(tickets.KindNote) != 2 {
		t.Errorf("it answers %d, and there are %d notes", a.status, count(tickets.KindNote))
	}
	if a := r.post(olga, path(k, "/note"), url.Values{"text": {"senza chiave"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a key it answers %d", a.status)
	}
}

func TestEveryMoveOfATicketCanBeMadeFromItsPage(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario, func(d *tickets.Draft) { d.Proposed = tickets.Beneficiary{Name: "Maria Rossi", Email: maria.Email} })
	other := r.opened(t, luca)
	n := 0
	do := func(move string, pairs ...string) tickets.Ticket {
		t.Helper()
		n++
		a := r.post(olga, path(k, "/"+move), form(k, fmt.Sprintf("%08d", n), pairs...))
		if a.status != http.StatusSeeOther || a.location != path(k, "?done="+move) {
			t.Fatalf("%s answers %d to %q: %.500s", move, a.status, a.location, text(a.body))
		}
		htmlcheck.InString(t, r.get(t, olga, a.location, http.StatusOK), htmlcheck.Has(".done[role=status]"))
		k = r.at(t, k.Number)
		return k
	}
	page := r.get(t, olga, path(k, ""), http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.Contains(".proposed", "Maria Rossi <maria.rossi@giustizia.it>"), htmlcheck.Attr("a[href^='tel:']", "href", "tel:0805550101"))
	if do("for", "name", "Maria Rossi", "email", maria.Email); k.Beneficiary.Person != maria.ID || k.Proposed.Other() {
		t.Errorf("accepted: %+v", k.Beneficiary)
	}
	if do("for", "whom", "me"); k.Beneficiary.Other() {
		t.Errorf("for the author: %+v", k.Beneficiary)
	}
	if do("claim"); k.Assignee != olga.ID || k.Status != tickets.Taken {
		t.Errorf("claimed: %+v", k)
	}
	if do("release"); k.Assignee != "" {
		t.Errorf("released: %+v", k)
	}
	if do("assign", "to", "bruno"); k.Assignee != bruno.ID {
		t.Errorf("assigned: %+v", k)
	}
	if do("start"); k.Status != tickets.Working {
		t.Errorf("started: %+v", k)
	}
	if do("weigh", "impact", "site", "urgency", "high"); k.Priority != tickets.Critical {
		t.Errorf("weighed: %+v", k)
	}
	if do("describe", "subject", "Rete, cade la VPN", "application", "rete", "type", k.RequestType); k.Subject != "Rete, cade la VPN" || k.Application != "rete" {
		t.Errorf("described: %+v", k)
	}
	if do("observe", "who", "Luca Ferri"); len(k.Observers) != 1 || k.Observers[0] != luca.ID {
		t.Errorf("observed: %+v", k.Observers)
	}
	if do("unobserve", "who", "luca"); len(k.Observers) != 0 {
		t.Errorf("no longer: %+v", k.Observers)
	}
	if do("link", "kind", "caused_by", "other", string(other.Number)); len(k.Links) != 1 || len(r.at(t, other.Number).Links) != 1 {
		t.Errorf("linked: %+v", k.Links)
	}
	if do("unlink", "other", string(other.Number)); len(k.Links) != 0 {
		t.Errorf("unlinked: %+v", k.Links)
	}
	if do("transfer", "team", "nord", "text", "È di Milano."); k.Team != "nord" || k.Assignee != "" {
		t.Errorf("transferred: %+v", k)
	}
	if do("ask", "text", "Da quale stanza?"); k.Status != tickets.Waiting || !k.DueAt.IsZero() {
		t.Errorf("asked: %+v", k)
	}
	htmlcheck.InString(t, r.get(t, olga, path(k, ""), http.StatusOK), htmlcheck.Contains(".head .due", "fermo, restano"), htmlcheck.Contains(".why-still", "si attende la persona"))
	if do("start"); k.Status != tickets.Working || k.DueAt.IsZero() {
		t.Errorf("resumed: %+v", k)
	}
	if do("finish", "text", "Sostituito il cavo."); k.Status != tickets.Solved {
		t.Errorf("finished: %+v", k)
	}
	if do("reopen", "text", "Ancora no."); k.Status != tickets.Reopened {
		t.Errorf("reopened: %+v", k)
	}
	if do("close", "text", "Non serve più."); k.Status != tickets.Closed {
		t.Errorf("closed: %+v", k)
	}
	k = r.opened(t, mario)
	if do("cancel", "text", "Per errore."); k.Status != tickets.Cancelled {
		t.Errorf("cancelled: %+v", k)
	}
}

func TestARefusedMoveSaysWhyAndKeepsWhatWasTyped(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario)
	long := strings.Repeat("x", tickets.MaxMessage+1)
	for name, c := range map[string]struct {
		move   string
		pairs  []string
		status int
		says   string
	}{
		"an empty message":         {"say", []string{"text", " "}, 422, "messaggio è vuoto"},
		"one that is too long":     {"say", []string{"text", long}, 413, "troppo lungo"},
		"a question without words": {"ask", nil, 422, "che cosa deve sapere"},
		"to a person unknown":      {"observe", []string{"who", "Nessuno Mai"}, 422, "Non trovo questa persona"},
		"to a name of several":     {"observe", []string{"who", "Rossi"}, 422, "Più persone"},
		"an application unknown":   {"describe", []string{"subject", "VPN", "application", "x", "type", k.RequestType}, 422, "applicativo"},
		"a type unknown":           {"describe", []string{"subject", "VPN", "application", "vpn", "type", "x"}, 422, "catalogo"},
		"a link to nothing":        {"link", []string{"kind", "related", "other", "boh"}, 422, "numero del ticket"},
		"a link to no ticket":      {"link", []string{"kind", "related", "other", "2026-999999"}, 404, "Non trovo"},
		"a link to itself":         {"link", []string{"kind", "related", "other", string(k.Number)}, 422, "sé stesso"},
		"a transfer to its team":   {"transfer", []string{"team", k.Team}, 422, "diversa"},
		"somebody no operator":     {"assign", []string{"to", "mario"}, 422, "opera all'Help Desk"},
		"a weight there is not":    {"weigh", []string{"impact", "world", "urgency", "high"}, 422, "impatto e urgenza"},
		"another person's address": {"for", []string{"name", "Anna", "email", "anna"}, 422, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.post(olga, path(k, "/"+c.move), form(k, c.move, c.pairs...))
			if a.status != c.status {
				t.Fatalf("it answers %d, want %d: %.300s", a.status, c.status, text(a.body))
			}
			htmlcheck.InString(t, a.body, htmlcheck.Contains("[role=alert]", c.says))
			if now := r.at(t, k.Number); now.Version != k.Version {
				t.Errorf("something changed: %+v", now)
			}
		})
	}
	if a := r.post(olga, path(k, "/explode"), form(k, "x")); a.status != http.StatusNotFound {
		t.Errorf("a move there is not answers %d", a.status)
	}
}

func TestWhatIsMissingBecomesAQuestionInThePersonsLanguage(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, maria)
	page := r.get(t, olga, path(k, ""), http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.Has("#ask input[name=missing][value=error]"), htmlcheck.None("#ask input[value=subject]"))
	a := r.post(olga, path(k, "/ask"), form(k, "ask", "missing", "error", "missing", "since", "text", "Dear Maria,"))
	if a.status != http.StatusSeeOther {
		t.Fatalf("it answers %d: %.300s", a.status, text(a.body))
	}
	k = r.at(t, k.Number)
	asked := ""
	for _, e := range r.history(t, k) {
		if e.Kind == tickets.KindMoved && e.To == tickets.Waiting {
			asked = e.Text
		}
	}
	if !strings.HasPrefix(asked, "Dear Maria,\n\nTo go on, we need this information:\n- ") || strings.Count(asked, "\n- ") != 2 || k.Status != tickets.Waiting {
		t.Errorf("it asks %q, and is %s", asked, k.Status)
	}
}

func TestReadyTextsAndArticlesComeIntoTheMessageWithoutAScript(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario)
	page := r.get(t, olga, path(k, "?quote=vpn"), http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.Text("#say-text", "VPN che cade: https://help.example.it/kb/it/vpn"))
	if len(r.search.asked.Audiences) != 2 {
		t.Errorf("articles were sought for %v, not for those whom an employee may read", r.search.asked.Audiences)
	}
	page = r.get(t, olga, path(k, "?tab=finish&reply=risolto"), http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.Contains("#finish-text", "Gentile Mario Rossi, abbiamo completato l'intervento richiesto con il ticket "+string(k.Number)))
}

func TestANoteIsNoMessage(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario)
	if a := r.post(olga, path(k, "/note"), form(k, "note", "text", "Chiamare <b>il fornitore</b>.")); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	events, err := r.desk.History(t.Context(), mario, r.at(t, k.Number))
	if err != nil || len(events) != 1 {
		t.Errorf("who asked sees %d events, %v", len(events), err)
	}
	page := r.get(t, olga, path(k, "?show=messages"), http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.Text(".timeline .note .text", "Chiamare <b>il fornitore</b>."), htmlcheck.None(".timeline .change"), htmlcheck.None(".timeline b"))
	htmlcheck.InString(t, page,
		htmlcheck.Contains("#say button[type=submit]", "Invia alla persona"), htmlcheck.Contains("#note button[type=submit]", "Salva la nota interna"),
		htmlcheck.None("#note form[action$='/say']"), htmlcheck.None("#say form[action$='/note']"))
	page = r.get(t, olga, path(k, "?show=changes"), http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.None(".timeline .note"), htmlcheck.Has(".timeline .change"))
}

func TestFilesGoWithAMessageAndOpenFromTheirTicketOnly(t *testing.T) {
	r := newRoom(t)
	k, other := r.opened(t, mario), r.opened(t, luca)
	send := func(key, name, content string, version int) answer {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for _, pair := range [][2]string{{"key", key}, {"version", fmt.Sprint(version)}, {"text", "In allegato."}} {
			_ = w.WriteField(pair[0], pair[1])
		}
		part, _ := w.CreateFormFile("files", name)
		_, _ = part.Write([]byte(content))
		_ = w.Close()
		q := httptest.NewRequest(http.MethodPost, path(k, "/say"), &body)
		q.Header.Set("Content-Type", w.FormDataContentType())
		return r.do(olga, q)
	}
	for range 2 {
		if a := send("filekey1", "guida.txt", "Passo uno", k.Version); a.status != http.StatusSeeOther {
			t.Fatalf("it answers %d: %.300s", a.status, text(a.body))
		}
	}
	k = r.at(t, k.Number)
	events := r.history(t, k)
	files := events[len(events)-1].Attachments
	if len(events) != 2 || len(files) != 1 || files[0].Name != "guida.txt" {
		t.Fatalf("%d events, files %+v", len(events), files)
	}
	a := r.do(olga, httptest.NewRequest(http.MethodGet, path(k, "/file/"+files[0].ID), nil))
	if a.status != http.StatusOK || a.body != "Passo uno" || a.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the file: %d %q %v", a.status, a.body, a.header)
	}
	r.get(t, olga, path(other, "/file/"+files[0].ID), http.StatusNotFound)
	if a := send("filekey2", "virus.exe", "MZ\x90\x00", k.Version); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "allegati di nuovo") {
		t.Errorf("a forbidden file: %d", a.status)
	}
}

func TestNothingOfAFileStaysInTheTemporaryFolder(t *testing.T) {
	r := newRoom(t)
	k := r.opened(t, mario)
	t.Setenv("TMPDIR", t.TempDir())
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("key", "filekey1")
	_ = w.WriteField("version", fmt.Sprint(k.Version))
	part, _ := w.CreateFormFile("files", "registro.txt")
	_, _ = part.Write(bytes.Repeat([]byte("una riga\n"), 2<<20/9))
	_ = w.Close()
	q := httptest.NewRequest(http.MethodPost, path(k, "/say"), &body)
	q.Header.Set("Content-Type", w.FormDataContentType())
	if a := r.do(olga, q); a.status != http.StatusSeeOther {
		t.Fatalf("it answers %d: %.300s", a.status, text(a.body))
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func TestTwoTicketsAreComparedBeforeTheyAreMerged(t *testing.T) {
	r := newRoom(t)
	k, other := r.opened(t, mario), r.opened(t, luca, func(d *tickets.Draft) { d.Subject = "VPN, non va a Milano" })
	htmlcheck.InString(t, r.get(t, olga, path(k, "/merge"), http.StatusOK), htmlcheck.Contains(".short", string(other.Number)))
	page := r.get(t, olga, path(k, "/merge?other=2"), http.StatusOK)
	htmlcheck.InString(t, page, htmlcheck.Count(".sides section", 2), htmlcheck.Contains(".sides", "VPN, non va a Milano"), htmlcheck.Contains("button.danger", string(other.Number)))
	for _, bad := range []string{"boh", string(k.Number), "2026-999999"} {
		htmlcheck.InString(t, r.get(t, olga, path(k, "/merge?other="+bad), http.StatusUnprocessableEntity), htmlcheck.Has("[role=alert]"))
	}
	f := form(k, "merge", "other", string(other.Number), "other_version", fmt.Sprint(other.Version))
	other = r.did(t, luca, other.Number, said("Va da sola.", false))
	if a := r.post(olga, path(k, "/merge"), f); a.status != http.StatusConflict || r.at(t, k.Number).Status != tickets.Received {
		t.Errorf("with the other one changed it answers %d", a.status)
	}
	f = form(k, "merge", "other", string(other.Number), "other_version", fmt.Sprint(other.Version))
	a := r.post(olga, path(k, "/merge"), f)
	if a.status != http.StatusSeeOther || a.location != path(other, "?done=merge") {
		t.Fatalf("it answers %d to %q: %.300s", a.status, a.location, text(a.body))
	}
	if r.at(t, k.Number).Status != tickets.Closed || len(r.at(t, other.Number).Observers) != 1 {
		t.Error("they were not merged")
	}
	htmlcheck.InString(t, r.get(t, olga, path(k, ""), http.StatusOK), htmlcheck.Contains(".done", string(other.Number)))
}
