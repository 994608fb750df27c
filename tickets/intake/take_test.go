package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/contacts"
	"sportello/content"
	"sportello/files"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/store"
	"sportello/tickets"
	"sportello/tickets/intake"
)

// noon of a working day.
var noon = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

// house is an intake over a real database and the shipped content.
type house struct {
	*intake.Intake
	t       *testing.T
	tickets *store.Tickets
	people  *store.Account
	letters *store.Conversations
	folder  *files.Folder
	now     time.Time
	reports []string // bounces handed on
}

func opened(t *testing.T) *house {
	t.Helper()
	db, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	folder, err := files.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	sub, err := fs.Sub(content.FS, "phrases")
	if err != nil {
		t.Fatal(err)
	}
	say, err1 := phrases.Read(sub)
	book, err2 := contacts.Read(content.FS)
	catalogue, err3 := tickets.ReadCatalogue(content.FS)
	terms, err4 := tickets.ReadTerms(content.FS, book, catalogue)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, tickets: store.NewTickets(db), people: store.NewAccount(db), letters: store.NewConversations(db), folder: folder, now: noon}
	now := func() time.Time { return h.now }
	c := intake.DefaultConfig()
	c.AuthservID, c.Shared, c.Addresses = "mx.giustizia.it", []string{"prot*@giustizia.it"}, []string{"noreply@giustizia.it"}
	h.Intake = &intake.Intake{
		Config: c, Store: store.NewIntake(db), People: h.people, Domains: account.Domains{Employee: []string{"giustizia.it"}},
		Desk:  &tickets.Desk{Store: h.tickets, Accounts: h.people, Catalogue: catalogue, Terms: terms, Now: now},
		Files: files.New(folder, files.DefaultLimits, nil), Mails: folder, Bounces: h, Phrases: say,
		SiteURL: "https://assistenza.example.it", Phone: book.Number, Log: slog.New(slog.DiscardHandler), Now: now,
	}
	return h
}

// Bounced implements intake.Bounces.
func (h *house) Bounced(_ context.Context, report []byte) error {
	h.reports = append(h.reports, string(report))
	return nil
}

var mails int

// mail writes a mail of Anna's that the relay vouches for; lines replace or
// add to its header.
func mail(text string, lines ...string) []byte {
	mails++
	head := map[string]string{
		"Authentication-Results": "mx.giustizia.it; dmarc=pass header.from=giustizia.it",
		"From":                   "Anna Bianchi <anna.bianchi@giustizia.it>",
		"Subject":                "Consolle: fascicoli fermi",
		"Message-ID":             fmt.Sprintf("<%d@pc.giustizia.it>", mails),
		"Content-Type":           "text/plain; charset=utf-8",
	}
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		head[name] = value
	}
	var b strings.Builder
	for _, name := range []string{"Return-Path", "Authentication-Results", "From", "Subject", "Message-ID", "Content-Type", "Auto-Submitted", "List-Id"} {
		if head[name] != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, head[name])
		}
	}
	return []byte(b.String() + "\r\n" + text + "\r\n")
}

func (h *house) take(raw []byte) intake.Result {
	h.t.Helper()
	r, err := h.Take(h.t.Context(), raw, intake.Envelope{})
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *house) want(r intake.Result, outcome intake.Outcome, reason intake.Reason) {
	h.t.Helper()
	if r.Outcome != outcome || r.Reason != reason {
		h.t.Fatalf("%s %s, not %s %s", r.Outcome, r.Reason, outcome, reason)
	}
}

// opens takes in a mail that has to open a ticket.
func (h *house) opens(raw []byte) tickets.Ticket {
	h.t.Helper()
	r := h.take(raw)
	h.want(r, intake.Opened, "")
	return h.ticket(r.Ticket)
}

func (h *house) ticket(n tickets.Number) tickets.Ticket {
	h.t.Helper()
	k, err := h.tickets.ByNumber(h.t.Context(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	return k
}

func (h *house) history(k tickets.Ticket) []tickets.Event {
	h.t.Helper()
	events, err := h.tickets.History(h.t.Context(), k.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return events
}

// notes are the internal ones of a ticket.
func (h *house) notes(k tickets.Ticket) (texts []string) {
	h.t.Helper()
	for _, e := range h.history(k) {
		if e.Kind == tickets.KindNote {
			if e.Public {
				h.t.Errorf("note %q is public", e.Text)
			}
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// sent are the letters that wait to be sent, delivered then.
func (h *house) sent() (all []bot.Outgoing) {
	h.t.Helper()
	for {
		due, err := h.letters.Due(h.t.Context(), bot.MailChannel, h.now.Add(time.Hour), 100)
		if err != nil {
			h.t.Fatal(err)
		}
		if len(due) == 0 {
			return all
		}
		for _, l := range due {
			all = append(all, l)
			if err := h.letters.Delivered(h.t.Context(), l.ID, "id", h.now); err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

func (h *house) person(email string, change func(*account.Person)) account.Person {
	h.t.Helper()
	p := account.NewPerson(email, false, "it", noon)
	if change != nil {
		change(&p)
	}
	p, err := h.people.Admit(h.t.Context(), p)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (h *house) operator() account.Person {
	return h.person("operatore@giustizia.it", func(p *account.Person) {
		p.Name, p.Roles = "Olga Operatrice", []account.Role{account.User, account.Operator}
	})
}

func (h *house) held() []intake.HeldMail {
	h.t.Helper()
	list, err := h.Quarantined(h.t.Context(), h.operator(), "", 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// bytesKept counts what the store of files holds.
func (h *house) bytesKept() (files int) {
	h.t.Helper()
	held := h.held()
	for _, m := range held {
		if c, err := h.folder.Open(h.t.Context(), m.Raw); err == nil {
			files++
			c.Close()
		}
	}
	return files
}

func TestAMailBecomesATicketOfItsSender(t *testing.T) {
	h := opened(t)
	k := h.opens(mail("Da ieri la Consolle non scarica i fascicoli.\n\nCordiali saluti\nAnna Bianchi\n\n-----Messaggio originale-----\nvecchio"))
	if k.Subject != "Consolle: fascicoli fermi" || k.Body != "Da ieri la Consolle non scarica i fascicoli." || k.Channel != intake.Channel {
		t.Errorf("%+v", k)
	}
	if k.Number != "2026-000001" || k.Application == "" || k.RequestType == "" || k.Team == "" || k.Priority == 0 || k.DueAt.IsZero() {
		t.Errorf("number %q, application %q, type %q, team %q, priority %d, due %v", k.Number, k.Application, k.RequestType, k.Team, k.Priority, k.DueAt)
	}
	anna, err := h.people.PersonByEmail(t.Context(), "anna.bianchi@giustizia.it")
	if err != nil || anna.ID != k.Author || anna.Name != "Anna Bianchi" || anna.External {
		t.Errorf("author %+v, %v", anna, err)
	}
	opened := h.history(k)[0]
	if opened.Channel != intake.Channel || !strings.Contains(opened.Aside, "Cordiali saluti") || !strings.Contains(opened.Aside, "vecchio") {
		t.Errorf("%+v", opened)
	}
	if letters := h.sent(); len(letters) != 0 {
		t.Errorf("letters %+v: the announcer acknowledges, not intake", letters)
	}
}

func TestSubjectAndBodyFollowTheConventions(t *testing.T) {
	h := opened(t)
	for name, one := range map[string]struct{ subject, text, wantSubject, wantBody string }{
		"marks go":                    {"R: I: [EXTERNAL] Fwd: Stampante ferma", "Non stampa.", "Stampante ferma", "Non stampa."},
		"an empty one is proposed":    {"", "SICID non mi fa entrare, dice utenza bloccata.", "SICID: non fa entrare, dice utenza bloccata", "SICID non mi fa entrare, dice utenza bloccata."},
		"so is one that says nothing": {"Richiesta assistenza urgente", "La stampante del piano non stampa", "Stampanti e scanner: stampante piano non stampa", "La stampante del piano non stampa"},
		"the subject is the message":  {"Password ADN scaduta", "", "Password ADN scaduta", "Password ADN scaduta"},
		"secrets go":                  {"password: Pippo!2026 non va", "la mia password è Segreta123!", "password: ‹password› non va", "la mia password è ‹password›"},
	} {
		k := h.opens(mail(one.text, "Subject: "+one.subject))
		if k.Subject != one.wantSubject || k.Body != one.wantBody {
			t.Errorf("%s: %q, %q", name, k.Subject, k.Body)
		}
	}
	long := strings.Repeat("La sincronizzazione della Consolle si ferma ", 5)
	k := h.opens(mail("aiuto", "Subject: "+long))
	if len([]rune(k.Subject)) > tickets.MaxSubject || !strings.Contains(k.Body, strings.TrimSpace(long)) || !strings.HasSuffix(k.Body, "aiuto") {
		t.Errorf("%q, %q", k.Subject, k.Body)
	}
	k = h.opens(mail(strings.Repeat("Riga lunga di testo. ", 3000)))
	if len(k.Attachments) != 1 || k.Attachments[0].Name != "testo-completo.txt" || len([]rune(k.Body)) > tickets.MaxBody {
		t.Errorf("%d characters, %+v", len([]rune(k.Body)), k.Attachments)
	}
}

func TestWhomItIsForIsProposedAndNeverApplied(t *testing.T) {
	h := opened(t)
	k := h.opens(mail("Chiedo per conto della collega dott.ssa Maria Verdi (maria.verdi@giustizia.it): utenza bloccata."))
	if k.Beneficiary.Other() || k.Proposed.Name != "Maria Verdi" || k.Proposed.Email != "maria.verdi@giustizia.it" {
		t.Errorf("for %+v, proposed %+v", k.Beneficiary, k.Proposed)
	}
}

func TestACopyIsTakenOnce(t *testing.T) {
	h := opened(t)
	one, noID := mail("Consolle ferma"), mail("Posta ferma", "Message-ID: ")
	h.opens(one)
	h.opens(noID)
	relayed := append([]byte("Received: from other by mx.giustizia.it\r\n"), noID...)
	for _, raw := range [][]byte{one, noID, relayed} {
		h.want(h.take(raw), intake.Duplicate, "")
	}
	h.now = noon.AddDate(1, 0, 0)
	if _, err := h.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.want(h.take(one), intake.Duplicate, "")
	altered := bytes.Replace(one, []byte("Consolle ferma"), []byte("Altro testo"), 1)
	h.want(h.take(altered), intake.Held, intake.Altered)
	h.want(h.take(altered), intake.Duplicate, "")
}

func TestCopiesThatComeAtOnceMakeOneTicket(t *testing.T) {
	h := opened(t)
	raw := mail("Consolle ferma")
	var all sync.WaitGroup
	var mu sync.Mutex
	count := map[intake.Outcome]int{}
	for range 8 {
		all.Go(func() {
			r, err := h.Take(t.Context(), raw, intake.Envelope{})
			mu.Lock()
			defer mu.Unlock()
			if count[r.Outcome]++; err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if count[intake.Opened] != 1 || count[intake.Duplicate] != 7 {
		t.Error(count)
	}
}

func TestAMailThatQuotesATicketOfItsSenderJoinsIt(t *testing.T) {
	h := opened(t)
	k := h.opens(mail("La Consolle non parte"))
	for _, raw := range [][]byte{
		mail("Ancora ferma", "Subject: Re: Ticket "+string(k.Number)),
		mail("Riguardo al ticket 2026-000001: ancora ferma", "Subject: Consolle"),
		mail("Ancora ferma\n\n> Abbiamo aperto il ticket 2026-000001\n", "Subject: Re: qualcosa"),
	} {
		r := h.take(raw)
		h.want(r, intake.Joined, "")
		if r.Ticket != k.Number {
			t.Errorf("joined %s", r.Ticket)
		}
	}
	history := h.history(k)
	if len(history) != 4 {
		t.Fatalf("%d lines", len(history))
	}
	for _, e := range history[1:] {
		if e.Kind != tickets.KindMessage || e.Channel != intake.Channel || !strings.Contains(e.Text, "ncora ferma") || !e.Public {
			t.Errorf("%+v", e)
		}
	}
	if !strings.Contains(history[3].Aside, "Abbiamo aperto") {
		t.Errorf("aside %q", history[3].Aside)
	}
}

func TestAnAnswerByMailLetsTheWorkGoOn(t *testing.T) {
	h := opened(t)
	k := h.opens(mail("La Consolle non parte"))
	c, err := k.Move(tickets.Waiting, "Quale versione?", tickets.Stamp{By: h.operator(), At: h.now, Key: "ask"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.tickets.Save(t.Context(), h.Desk.Terms.Settle(c)); err != nil {
		t.Fatal(err)
	}
	h.want(h.take(mail("La 4.2", "Subject: Ticket "+string(k.Number))), intake.Joined, "")
	if k = h.ticket(k.Number); k.Status != tickets.Working || k.DueAt.IsZero() {
		t.Errorf("status %s, due %v", k.Status, k.DueAt)
	}
}

func TestSomebodyElsesTicketIsNotRevealed(t *testing.T) {
	h := opened(t)
	of := h.opens(mail("La Consolle non parte"))
	k := h.opens(mail("Anche a me", "From: luca.neri@giustizia.it", "Subject: Ticket "+string(of.Number)))
	for _, e := range h.history(k) {
		if e.Public && strings.Contains(e.Text, "non può scrivere") {
			t.Errorf("told to the sender: %q", e.Text)
		}
	}
	if notes := h.notes(k); len(notes) != 1 || !strings.Contains(notes[0], string(of.Number)) {
		t.Errorf("notes %q", notes)
	}
	if now := h.ticket(of.Number); now.Version != of.Version {
		t.Error("the other ticket changed")
	}
	unknown := h.opens(mail("Il ticket 2026-999999", "Subject: Ticket 2026-999999"))
	if notes := h.notes(unknown); len(notes) != 0 {
		t.Errorf("notes %q", notes)
	}
}

func (h *house) closed(k tickets.Ticket, to ...tickets.Status) tickets.Ticket {
	h.t.Helper()
	for _, status := range to {
		c, err := k.Move(status, "", tickets.Stamp{By: h.operator(), At: h.now})
		if err != nil {
			h.t.Fatal(err)
		}
		if err := h.tickets.Save(h.t.Context(), h.Desk.Terms.Settle(c)); err != nil {
			h.t.Fatal(err)
		}
		k = c.Ticket
	}
	return k
}

func TestAClosedTicketIsTakenUpAgainWithinTheWindow(t *testing.T) {
	h := opened(t)
	k := h.opens(mail("La Consolle non parte"))
	k = h.closed(k, tickets.Taken, tickets.Working, tickets.Solved)
	h.want(h.take(mail("Grazie mille, risolto!", "Subject: Re: Ticket "+string(k.Number))), intake.Joined, "")
	if now := h.ticket(k.Number); now.Status != tickets.Solved {
		t.Errorf("thanks made it %s", now.Status)
	}
	h.want(h.take(mail("Si è fermata di nuovo", "Subject: Re: Ticket "+string(k.Number))), intake.Joined, "")
	now := h.ticket(k.Number)
	if now.Status != tickets.Reopened {
		t.Errorf("a complaint made it %s", now.Status)
	}
	history := h.history(k)
	if last := history[len(history)-1]; last.Text != "Si è fermata di nuovo" || last.Channel != intake.Channel {
		t.Errorf("%+v", last)
	}
	k = h.closed(now, tickets.Closed)
	h.now = h.now.Add(h.Desk.Terms.Reopening() - time.Minute)
	h.want(h.take(mail("E ancora", "Subject: Re: Ticket "+string(k.Number))), intake.Joined, "")
	k = h.closed(h.ticket(k.Number), tickets.Closed)

	h.now = h.now.Add(h.Desk.Terms.Reopening() + time.Minute)
	fresh := h.opens(mail("Dopo mesi di nuovo", "Subject: Re: Ticket "+string(k.Number)))
	old := h.ticket(k.Number)
	if old.Status != tickets.Closed || len(old.Links) != 1 || old.Links[0].To != fresh.Number {
		t.Errorf("old one is %s, linked to %v", old.Status, old.Links)
	}
	if len(fresh.Links) != 1 || fresh.Links[0].To != old.Number {
		t.Errorf("new one is linked to %v", fresh.Links)
	}
}

func TestARefusalIsPoliteAndGoesOutOnceADay(t *testing.T) {
	h := opened(t)
	h.person("tribunale@giustizia.it", func(p *account.Person) { p.Shared = true })
	outside := []string{"From: Avv. Rossi <rossi@studio.example>", "Authentication-Results: mx.giustizia.it; dmarc=pass header.from=studio.example"}
	for range 3 {
		h.want(h.take(mail("Il portale dei servizi non va, potete aiutarmi?", outside...)), intake.Refused, intake.Outside)
	}
	h.want(h.take(mail("Buongiorno, la posta non va", "From: tribunale@giustizia.it")), intake.Refused, intake.Shared)
	h.want(h.take(mail("Buongiorno, la posta non va", "From: prot.bari@giustizia.it")), intake.Refused, intake.Shared)
	letters := h.sent()
	if len(letters) != 3 {
		t.Fatalf("%d letters", len(letters))
	}
	for _, l := range letters {
		if !strings.Contains(l.Markdown, "https://assistenza.example.it") || !strings.Contains(l.Markdown, "800.749.049") || strings.Contains(l.Markdown, "‹") || strings.Contains(l.Subject, "‹") {
			t.Errorf("%s: %s", l.Subject, l.Markdown)
		}
	}
	h.now = h.now.Add(25 * time.Hour)
	h.want(h.take(mail("My account does not work, could you please help me with it?", outside...)), intake.Refused, intake.Outside)
	if letters = h.sent(); len(letters) != 1 || letters[0].To != "rossi@studio.example" || !strings.HasPrefix(letters[0].Markdown, "Dear User") {
		t.Errorf("%+v", letters)
	}
	if _, err := h.people.PersonByEmail(t.Context(), "rossi@studio.example"); !fault.Is(err, fault.NotFound) {
		t.Error("somebody from outside was admitted by mail")
	}
}

func TestNobodyIsAnsweredWhoMayNotHaveWritten(t *testing.T) {
	h := opened(t)
	null := intake.Envelope{Known: true}
	outside := "From: rossi@studio.example"
	for name, one := range map[string]struct {
		raw      []byte
		envelope intake.Envelope
		reason   intake.Reason
	}{
		"no results":            {mail("x", "Authentication-Results: "), intake.Envelope{}, intake.Unauthenticated},
		"outside, not vouched":  {mail("x", outside), intake.Envelope{}, intake.Unauthenticated},
		"a list from outside":   {mail("x", outside, "Authentication-Results: mx.giustizia.it; dmarc=pass header.from=studio.example", "List-Id: <l.studio.example>"), intake.Envelope{}, intake.List},
		"an empty return path":  {mail("x", outside, "Authentication-Results: mx.giustizia.it; dmarc=pass header.from=studio.example"), null, intake.Automatic},
		"a program":             {mail("x", "Auto-Submitted: auto-generated"), intake.Envelope{}, intake.Automatic},
		"several senders":       {mail("x", "From: anna.bianchi@giustizia.it, x@giustizia.it"), intake.Envelope{}, intake.Senders},
		"neither text nor file": {mail("", "Subject: "), intake.Envelope{}, intake.Empty},
	} {
		r, err := h.Take(t.Context(), one.raw, one.envelope)
		if err != nil || r.Outcome != intake.Held || r.Reason != one.reason {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	h.want(h.take(mail("Sono in ferie", "Auto-Submitted: auto-replied")), intake.Ignored, intake.Reply)
	if letters := h.sent(); len(letters) != 0 {
		t.Errorf("letters %+v", letters)
	}
	if n := h.bytesKept(); n != 7 {
		t.Errorf("%d raw mails are kept", n)
	}
}

func TestReportsOnOurLettersAreHandedOn(t *testing.T) {
	h := opened(t)
	raw, err := os.ReadFile("testdata/mails/bounce.eml")
	if err != nil {
		t.Fatal(err)
	}
	h.want(h.take(raw), intake.Bounced, "")
	h.want(h.take(raw), intake.Duplicate, "")
	if len(h.reports) != 1 || h.reports[0] != string(raw) {
		t.Errorf("%d reports", len(h.reports))
	}
}

func TestFilesAreKeptAndWhatIsNotIsNamed(t *testing.T) {
	h := opened(t)
	raw, err := os.ReadFile("testdata/mails/attachment.eml")
	if err != nil {
		t.Fatal(err)
	}
	k := h.opens(raw)
	if len(k.Attachments) != 1 || k.Attachments[0].Name != "schermata.png" || k.Attachments[0].Type != "image/png" {
		t.Errorf("%+v", k.Attachments)
	}
	if raw, err = os.ReadFile("testdata/mails/attachment-exe.eml"); err != nil {
		t.Fatal(err)
	}
	k = h.opens(raw)
	if notes := h.notes(k); len(k.Attachments) != 0 || len(notes) != 1 || !strings.Contains(notes[0], "setup.exe") || strings.Contains(notes[0], "‹") {
		t.Errorf("%+v, notes %q", k.Attachments, notes)
	}
	many := "--b\r\nContent-Type: text/plain\r\n\r\necco\r\n"
	for i := range 8 {
		many += fmt.Sprintf("--b\r\nContent-Type: text/plain; name=\"f%d.txt\"\r\nContent-Disposition: attachment\r\n\r\nfile %d\r\n", i, i)
	}
	k = h.opens(mail(many+"--b--", "Content-Type: multipart/mixed; boundary=b"))
	notes := h.notes(k)
	if len(k.Attachments) != files.DefaultLimits.MaxCount || len(notes) != 1 || strings.Count(notes[0], "\n") != 2 || !strings.Contains(notes[0], "f7.txt") {
		t.Errorf("%d files, notes %q", len(k.Attachments), notes)
	}
}

func TestTooManyMailsOfOneSenderAreHeldWithOneNote(t *testing.T) {
	h := opened(t)
	h.Config.PerHour = 3
	var last tickets.Ticket
	for i := range 3 {
		last = h.opens(mail(fmt.Sprintf("Guasto numero %d", i)))
	}
	for range 3 {
		h.want(h.take(mail("ancora")), intake.Held, intake.Many)
	}
	h.opens(mail("Posta ferma", "From: luca.neri@giustizia.it"))
	if notes := h.notes(last); len(notes) != 1 {
		t.Errorf("notes %q", notes)
	}
	h.now = h.now.Add(time.Hour + time.Minute)
	h.opens(mail("un'ora dopo"))
}

func TestAnOperatorReleasesOrDiscardsWhatIsHeld(t *testing.T) {
	h := opened(t)
	for _, text := range []string{"La Consolle non parte, la password è Segreta123!", "spam"} {
		h.want(h.take(mail(text, "Authentication-Results: ")), intake.Held, intake.Unauthenticated)
		h.now = h.now.Add(time.Second)
	}
	list, operator := h.held(), h.operator()
	if len(list) != 2 || list[1].From != "anna.bianchi@giustizia.it" || list[1].Subject != "Consolle: fascicoli fermi" {
		t.Fatalf("%+v", list)
	}
	p, err := h.Preview(t.Context(), operator, list[1].ID)
	if err != nil || p.Text != "La Consolle non parte, la password è ‹password›" || p.Sender != "Anna Bianchi <anna.bianchi@giustizia.it>" {
		t.Errorf("%+v, %v", p, err)
	}
	number, err := h.Release(t.Context(), operator, list[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	k := h.ticket(number)
	anna := h.person("anna.bianchi@giustizia.it", nil)
	if k.Author != anna.ID || k.Body != "La Consolle non parte, la password è ‹password›" || k.Channel != intake.Channel {
		t.Errorf("%+v", k)
	}
	if notes := h.notes(k); len(notes) != 1 || !strings.Contains(notes[0], "Olga Operatrice") {
		t.Errorf("notes %q", notes)
	}
	if err := h.Discard(t.Context(), operator, list[0].ID); err != nil {
		t.Fatal(err)
	}
	// Pressed twice it is done once, and told alike.
	if again, err := h.Release(t.Context(), operator, list[1].ID); err != nil || again != number {
		t.Errorf("released again: %s, %v", again, err)
	}
	if err := h.Discard(t.Context(), operator, list[0].ID); err != nil {
		t.Errorf("discarded again: %v", err)
	}
	if err := h.Discard(t.Context(), operator, list[1].ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("discarded what was released: %v", err)
	}
	other := h.person("bruno.operatore@giustizia.it", func(p *account.Person) { p.Roles = append(p.Roles, account.Operator) })
	for _, m := range list {
		if _, err := h.Release(t.Context(), other, m.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("released by another: %v", err)
		}
		if err := h.Discard(t.Context(), other, m.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("discarded by another: %v", err)
		}
		if _, err := h.folder.Open(t.Context(), m.Raw); !fault.Is(err, fault.NotFound) {
			t.Errorf("its bytes are kept: %v", err)
		}
	}
	if left := h.held(); len(left) != 0 {
		t.Errorf("%+v", left)
	}
}

func TestWhatComesFromOutsideIsReleasedToTheOperator(t *testing.T) {
	h := opened(t)
	h.want(h.take(mail("Il PST non va", "From: Avv. Rossi <rossi@studio.example>")), intake.Held, intake.Unauthenticated)
	operator := h.operator()
	number, err := h.Release(t.Context(), operator, h.held()[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if k := h.ticket(number); k.Author != operator.ID || k.Beneficiary.Email != "rossi@studio.example" {
		t.Errorf("author %s, for %+v", k.Author, k.Beneficiary)
	}
}

func TestTheQuarantineIsForOperators(t *testing.T) {
	h := opened(t)
	h.take(mail("x", "Authentication-Results: "))
	id := h.held()[0].ID
	for _, by := range []account.Person{{}, h.person("anna.bianchi@giustizia.it", nil)} {
		_, err1 := h.Quarantined(t.Context(), by, "", 10)
		_, err2 := h.Preview(t.Context(), by, id)
		_, err3 := h.Release(t.Context(), by, id)
		err4 := h.Discard(t.Context(), by, id)
		for _, err := range []error{err1, err2, err3, err4} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%v", err)
			}
		}
	}
}

func TestTheQuarantineForgetsAndIsBounded(t *testing.T) {
	h := opened(t)
	h.Config.HeldBytes = 1500
	var err error
	for n := 0; err == nil; n++ {
		_, err = h.Take(t.Context(), mail(strings.Repeat("x", 300), "Authentication-Results: "), intake.Envelope{})
		if n > 20 {
			t.Fatal("it has no end")
		}
	}
	if !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	h.opens(mail("chi è garantito passa"))
	list := h.held()
	h.now = h.now.AddDate(0, 0, h.Config.HeldDays).Add(time.Minute)
	if n, err := h.Expire(t.Context()); n != len(list) || err != nil {
		t.Errorf("forgot %d of %d, %v", n, len(list), err)
	}
	if _, err := h.folder.Open(t.Context(), list[0].Raw); !fault.Is(err, fault.NotFound) {
		t.Errorf("its bytes are kept: %v", err)
	}
}

func TestWhatCannotBeWorkedOnStandsInNobodysWay(t *testing.T) {
	h := opened(t)
	h.Guess = faulty{}
	h.want(h.take(mail("boh", "Subject: Qualcosa")), intake.Held, intake.Unworkable)
}

// faulty is a part with a defect.
type faulty struct{}

func (faulty) Application(context.Context, string, string) string { panic("a defect") }

func TestEveryReasonAndNoteIsToldInBothLanguages(t *testing.T) {
	h := opened(t)
	for _, lang := range []string{"it", "en"} {
		for _, r := range intake.Reasons {
			if said := h.Phrases.Say(lang, "intake.reason."+string(r), nil); strings.Contains(said, "‹") {
				t.Errorf("%s: %s", lang, said)
			}
		}
		for _, r := range []intake.Reason{intake.Outside, intake.Shared, intake.Certified} {
			if said := h.Phrases.Say(lang, "intake.refused."+string(r), map[string]any{"Site": "", "Phone": ""}); strings.Contains(said, "‹") || strings.Contains(said, "no value") {
				t.Errorf("%s: %s", lang, said)
			}
		}
	}
}
